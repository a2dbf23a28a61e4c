//! `--max-cost` and `max_cost`: refuses before sending what could cost more.

use crate::chat::cost::{TokenPrice, WorstCase, most_tokens};
use crate::chat::message::ContentPart;
use crate::chat::pdf::{self, PdfEngine};
use crate::chat::target::Target;
use crate::config::{Setting, Settings, ValueSource};
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::is_paid_parser;

/// Checks the worst case of one profile: every prompt token and all of `max_tokens`, thinking
/// included. A price that is not known cannot be checked, so that is refused too.
pub fn check(settings: &Settings, target: &Target) -> Result<(), CommandError> {
    let Some(cap) = &settings.max_cost else {
        return Ok(());
    };
    if settings.entry.is_demo() {
        return Ok(());
    }
    let worst = checkable(target, cap.value)?.of(target.request.max_tokens);
    if worst <= cap.value {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::Limit,
        format!(
            "the answer could cost ${worst:.4}, more than the cap of ${} ({})",
            cap.value,
            named(cap)
        ),
    );
    Err(error
        .caused_by_words(arithmetic(target))
        .hint("lower --max-tokens, shorten the prompt, or raise --max-cost"))
}

/// The worst case of a request, or why a cap cannot be held against it.
pub fn checkable(target: &Target, cap: f64) -> Result<WorstCase, CommandError> {
    let Some(worst) = target.worst_case else {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "the price of {} is not known, so the cap of ${cap} cannot be kept",
                target.request.model
            ),
        );
        return Err(
            error.hint("set price: {input: USD, output: USD} in the profile, per million tokens")
        );
    };
    if target
        .request
        .messages
        .iter()
        .flat_map(|message| &message.content)
        .any(is_elsewhere)
    {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "an attachment by address may be of any size, so the cap of ${cap} cannot be kept"
            ),
        );
        return Err(error.hint("download the file and attach it by its path"));
    }
    if reads_pages_for_money(target) {
        let error = CommandError::new(
            ErrorKind::Limit,
            format!(
                "what ocr costs depends on the pages of the PDF, so the cap of ${cap} cannot be \
                kept"
            ),
        );
        return Err(error.hint("--pdf-engine free   (reads the text of a PDF for nothing)"));
    }
    Ok(worst)
}

/// Whether a document is about to be read by the parser that is paid by the page.
fn reads_pages_for_money(target: &Target) -> bool {
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

/// What a request of the target may cost, where the price is known.
pub fn worst_case(target: &Target) -> Option<WorstCase> {
    let price = target.price?;
    Some(WorstCase {
        prompt: price.of(prompt_tokens(target), 0),
        token: price.of(0, answers(target)),
    })
}

fn named(cap: &Setting<f64>) -> String {
    match &cap.source {
        ValueSource::Flag { option } => (*option).to_owned(),
        source => format!("max_cost.per_request of {source}"),
    }
}

/// How the worst case comes about.
pub fn arithmetic(target: &Target) -> String {
    let prompt = prompt_tokens(target);
    let output = u64::from(target.request.max_tokens).saturating_mul(answers(target));
    let price = target.price.unwrap_or(TokenPrice {
        input: 0.0,
        output: 0.0,
    });
    format!(
        "at most {prompt} tokens in x ${}/M + {output} tokens out x ${}/M",
        price.input, price.output
    )
}

/// Tokens that one picture may cost, however few its bytes.
const MOST_IMAGE_TOKENS: usize = 8192;

/// Whether a part is fetched by the provider, so that its size is not known here.
fn is_elsewhere(part: &ContentPart) -> bool {
    matches!(part, ContentPart::Image { url } | ContentPart::File { url, .. } | ContentPart::Video { url } if !url.starts_with("data:"))
}

/// How many answers are asked for at once (`n`).
fn answers(target: &Target) -> u64 {
    target
        .request
        .extra
        .get("n")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(1)
        .max(1)
}

/// Most tokens that the prompt can make.
pub fn prompt_tokens(target: &Target) -> u64 {
    let bytes = target
        .request
        .messages
        .iter()
        .flat_map(|message| &message.content)
        .map(|part| match part {
            ContentPart::Text(text) => text.len(),
            // A small picture may cost as much as a large one.
            ContentPart::Image { url } => url.len().max(MOST_IMAGE_TOKENS),
            ContentPart::File { url, .. } => url.len(),
            // A film is taken apart into pictures.
            ContentPart::Video { url } => url.len().max(MOST_IMAGE_TOKENS),
            ContentPart::Audio { base64, .. } => base64.len(),
        });
    // What was parsed of a file may be longer than the file.
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
            .saturating_add(described(target)),
    )
}

/// Fields of the body that a model reads as a part of the prompt.
const READ_BY_MODEL: &[&str] = &["response_format", "tools"];

/// Bytes of them.
fn described(target: &Target) -> usize {
    READ_BY_MODEL
        .iter()
        .filter_map(|field| target.request.extra.get(*field))
        .map(|value| value.to_string().len())
        .sum()
}
