//! `--max-cost` and `max_cost`: refuses before sending what could cost more.

use crate::chat::cost::{TokenPrice, most_tokens};
use crate::chat::leg::Leg;
use crate::chat::message::ContentPart;
use crate::commands::error::{CommandError, Kind};
use crate::config::{Setting, Settings, Source};

/// Checks the worst case of one profile: every prompt token and all of `max_tokens`, thinking
/// included. A price that is not known cannot be checked, so that is refused too.
pub fn check(settings: &Settings, leg: &Leg) -> Result<(), CommandError> {
    let Some(cap) = &settings.max_cost else { return Ok(()) };
    let model = &leg.request.model;
    if settings.entry.is_demo() {
        return Ok(());
    }
    let Some(price) = leg.price else {
        let error = CommandError::new(Kind::Limit, format!("the price of {model} is not known, so the cap of ${} cannot be kept", cap.value));
        return Err(error.hint("set price: {input: USD, output: USD} in the profile, per million tokens"));
    };
    if leg.request.messages.iter().flat_map(|message| &message.content).any(is_elsewhere) {
        let error = CommandError::new(Kind::Limit, format!("an attachment by address may be of any size, so the cap of ${} cannot be kept", cap.value));
        return Err(error.hint("download the file and attach it by its path"));
    }
    let prompt = prompt_tokens(leg);
    let output = u64::from(leg.request.max_tokens).saturating_mul(answers(leg));
    let worst = price.of(prompt, output);
    if worst <= cap.value {
        return Ok(());
    }
    let error = CommandError::new(Kind::Limit, format!("the answer could cost ${worst:.4}, more than the cap of ${} ({})", cap.value, named(cap)));
    Err(error.caused_by_words(arithmetic(prompt, output, price)).hint("lower --max-tokens, shorten the prompt, or raise --max-cost"))
}

/// Most `max_tokens` that the cap allows, for a request that grows; `None` without a cap.
pub fn affordable_tokens(settings: &Settings, leg: &Leg) -> Option<u32> {
    let (cap, price) = (settings.max_cost.as_ref()?.value, leg.price?);
    // The prompt is paid for twice when the budget is raised.
    let room = cap - price.of(prompt_tokens(leg).saturating_mul(2), 0);
    if price.output <= 0.0 {
        return None;
    }
    let tokens = (room * 1_000_000.0 / price.output).floor().clamp(0.0, f64::from(u32::MAX));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u32")]
    Some(tokens as u32)
}

fn named(cap: &Setting<f64>) -> String {
    match &cap.source {
        Source::Flag { option } => (*option).to_owned(),
        source => format!("max_cost.per_request of {source}"),
    }
}

fn arithmetic(prompt: u64, output: u64, price: TokenPrice) -> String {
    format!("at most {prompt} tokens in x ${}/M + {output} tokens out x ${}/M", price.input, price.output)
}

/// Tokens that one picture may cost, however few its bytes.
const MOST_IMAGE_TOKENS: usize = 8192;

/// Whether a part is fetched by the provider, so that its size is not known here.
fn is_elsewhere(part: &ContentPart) -> bool {
    matches!(part, ContentPart::Image { url } | ContentPart::File { url, .. } if !url.starts_with("data:"))
}

/// How many answers are asked for at once (`n`).
fn answers(leg: &Leg) -> u64 {
    leg.request.extra.get("n").and_then(serde_json::Value::as_u64).unwrap_or(1).max(1)
}

fn prompt_tokens(leg: &Leg) -> u64 {
    let bytes = leg.request.messages.iter().flat_map(|message| &message.content).map(|part| match part {
        ContentPart::Text(text) => text.len(),
        // A small picture may cost as much as a large one.
        ContentPart::Image { url } => url.len().max(MOST_IMAGE_TOKENS),
        ContentPart::File { url, .. } => url.len(),
        ContentPart::Audio { base64, .. } => base64.len(),
    });
    most_tokens(bytes.sum())
}
