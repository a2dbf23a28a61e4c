//! The worst case of a request. Costs are in USD.

use crate::chat::cost::{MAX_IMAGE_TOKENS, TokenPrice, WorstCase, count, most_tokens};
use crate::chat::hidden_content::HiddenContent;
use crate::chat::message::ContentPart;
use crate::chat::pdf::{self, PdfEngine};
use crate::chat::request::ChatRequest;
use crate::chat::target::Target;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::thousands;
use crate::providers::is_paid_parser;

/// The worst case of a request under a cap of `cap` USD.
///
/// # Errors
/// [`ErrorKind::Limit`] when it cannot be computed, so that the cap cannot be enforced.
pub(crate) fn bounded_worst_case(target: &Target, cap: f64) -> Result<WorstCase, CommandError> {
    let Some(worst) = target.worst_case else {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "the price of {} is unknown, so the cap of ${cap} cannot be enforced",
                target.request.model
            ),
        );
        return Err(
            error.hint("set price: {input: USD, output: USD} in the profile, per million tokens")
        );
    };
    if !target.request.is_limited() {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!("without max_tokens the cap of ${cap} cannot be enforced"),
        );
        return Err(error.hint("omit max_tokens=null, or set --max-tokens"));
    }
    if target
        .request
        .messages
        .iter()
        .flat_map(|message| &message.content)
        .any(is_remote)
    {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "the size of an attachment by URL is unknown, so the cap of ${cap} cannot be \
                enforced"
            ),
        );
        return Err(error.hint("download the file and attach it by its path"));
    }
    if uses_paid_parser(target) {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "the cost of OCR depends on the pages of the PDF, so the cap of ${cap} cannot be \
                enforced"
            ),
        );
        return Err(error.hint("--pdf-engine free   (extracts the text of the PDF at no cost)"));
    }
    Ok(worst)
}

/// Whether a document goes to the parser that is billed per page.
fn uses_paid_parser(target: &Target) -> bool {
    let request = &target.request;
    let plugins = request
        .extra
        .get("plugins")
        .and_then(|plugins| plugins.as_array())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_paid = match request.pdf_engine {
        Some(engine) => engine == PdfEngine::Ocr,
        None => plugins.iter().any(is_paid_parser),
    };
    is_paid && pdf::has_unparsed(&request.messages)
}

/// The worst case of a target's request at the highest price of a token.
pub(crate) fn worst_case(target: &Target, price: TokenPrice) -> WorstCase {
    WorstCase {
        prompt: price.of(prompt_tokens(target), 0),
        token: price.of(0, choice_count(target)),
    }
}

/// The arithmetic of the worst case at the highest price of a token, for an error.
pub(crate) fn arithmetic(target: &Target, price: Option<TokenPrice>) -> String {
    let prompt = prompt_tokens(target);
    let output = u64::from(target.request.max_tokens).saturating_mul(choice_count(target));
    let price = price.unwrap_or(TokenPrice {
        input: 0.0,
        output: 0.0,
    });
    format!(
        "at most {} input tokens x ${}/M + {} output tokens x ${}/M",
        thousands(prompt),
        price.input,
        thousands(output),
        price.output
    )
}

/// Whether the provider fetches the part, so that its size is unknown.
fn is_remote(part: &ContentPart) -> bool {
    match part {
        ContentPart::Image { url } | ContentPart::File { url, .. } | ContentPart::Video { url } => {
            !url.starts_with("data:")
        }
        ContentPart::Text(_) | ContentPart::Audio { .. } => false,
    }
}

/// The number of choices in one request (`n`).
fn choice_count(target: &Target) -> u64 {
    target
        .request
        .extra
        .get("n")
        .and_then(count)
        .unwrap_or(1)
        .max(1)
}

/// Maximum tokens of the prompt.
pub(crate) fn prompt_tokens(target: &Target) -> u64 {
    let bytes = target
        .request
        .messages
        .iter()
        .flat_map(|message| &message.content)
        .map(|part| match part {
            ContentPart::Text(text) => text.len(),
            // A small image may cost as much as a large one.
            ContentPart::Image { url } => url.len().max(MAX_IMAGE_TOKENS),
            ContentPart::File { url, .. } => url.len(),
            // A video is split into images.
            ContentPart::Video { url } => url.len().max(MAX_IMAGE_TOKENS),
            ContentPart::Audio { base64, .. } => base64.len(),
        });
    // The parsed text of a file may be longer than the file.
    let parsed = target
        .request
        .messages
        .iter()
        .flat_map(|message| &message.annotations)
        .map(|annotation| annotation.to_string().len());
    most_tokens(
        bytes
            .sum::<usize>()
            .saturating_add(parsed.sum())
            .saturating_add(field_bytes(target))
            .saturating_add(image_bytes(target))
            .saturating_add(tool_bytes(&target.request)),
    )
}

/// Bytes of declared tools, and of calls with their reasoning.
fn tool_bytes(request: &ChatRequest) -> usize {
    let declared = request.tools.iter();
    let declared = declared.map(|tool| tool.to_json().to_string().len());
    let answers = request.messages.iter();
    let answers = answers.filter(|message| !message.tool_calls.is_empty());
    let called = answers.map(|message| {
        let calls = message.tool_calls.iter();
        let calls: usize = calls.map(|call| call.to_json().to_string().len()).sum();
        let details = message.reasoning_details.iter().flatten();
        let details: usize = details.map(|detail| detail.to_string().len()).sum();
        calls + details + message.reasoning.as_ref().map_or(0, String::len)
    });
    declared.sum::<usize>().saturating_add(called.sum())
}

/// Bytes that the images of a whole body count as.
fn image_bytes(target: &Target) -> usize {
    let images = HiddenContent::of_fields(&target.request.extra).images;
    images.saturating_mul(MAX_IMAGE_TOKENS)
}

/// Fields of the body that count as part of the prompt.
const PROMPT_FIELDS: &[&str] = &["response_format", "tools"];

/// Bytes of these fields.
fn field_bytes(target: &Target) -> usize {
    PROMPT_FIELDS
        .iter()
        .filter_map(|field| target.request.extra.get(*field))
        .map(|value| value.to_string().len())
        .sum()
}
