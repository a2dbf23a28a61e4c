//! Whether the results of a step fit into the context window of the model, and how they are
//! shortened until they do. Pure. Sizes are estimates, in tokens.

use super::plan::PlannedTarget;
use super::preflight::context_window::window_of;
use crate::attachments::estimated_tokens;
use crate::chat::message::{ContentPart, Message};
use crate::chat::tool::ToolStep;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::thousands;
use crate::tools::excerpt::excerpt;

/// A shorter result says nothing.
const LEAST: u64 = 32;

/// The part of the window that is left for the answer: one in so many.
const FOR_ANSWER: u64 = 8;

/// Shortens the results of a step, the longest first, until the next request fits into the context
/// window of its first model. Returns how many were shortened.
///
/// # Errors
/// [`ErrorKind::Limit`] when it does not fit even so.
pub(super) fn fit(step: &mut ToolStep, planned: &PlannedTarget) -> Result<usize, CommandError> {
    let Some(window) = window_of(planned) else {
        return Ok(0);
    };
    let request = &planned.target.request;
    let messages = request.messages.iter();
    let before: u64 = messages
        .map(|message| {
            let calls = message.tool_calls.iter();
            let calls: u64 = calls.map(|call| estimated_tokens(&call.arguments)).sum();
            calls + texts(message).map(estimated_tokens).sum::<u64>()
        })
        .sum();
    let declared = request.tools.iter();
    let declared: u64 = declared
        .map(|tool| estimated_tokens(&tool.to_json().to_string()))
        .sum();
    let called = step.calls.iter().map(|call| &call.arguments);
    let own: u64 = called
        .chain([&step.text, &step.reasoning])
        .map(|text| estimated_tokens(text))
        .sum();
    let fixed = before + declared + own;
    let room = (window - window / FOR_ANSWER).saturating_sub(fixed);
    shorten(step, room).ok_or_else(|| {
        let results: u64 = sizes(step).iter().sum();
        let message = format!(
            "the next step has about {} tokens, but the context window of {} is {}",
            thousands(fixed + results),
            request.model,
            thousands(window)
        );
        CommandError::new(ErrorKind::Limit, message)
            .hint("amx models --min-context 1M   (lists models with a larger context window)")
    })
}

fn texts(message: &Message) -> impl Iterator<Item = &str> {
    message.content.iter().filter_map(|part| match part {
        ContentPart::Text(text) => Some(&**text),
        _ => None,
    })
}

fn sizes(step: &ToolStep) -> Vec<u64> {
    let results = step.results.iter();
    results
        .map(|result| estimated_tokens(&result.content))
        .collect()
}

/// Shortens the longest results until all have `room` together. `None` when that leaves too little
/// of them, and nothing is changed.
fn shorten(step: &mut ToolStep, room: u64) -> Option<usize> {
    let sizes = sizes(step);
    if sizes.iter().sum::<u64>() <= room {
        return Some(0);
    }
    // What each may have: the room, shared by those that do not fit into an equal part of it.
    let mut sorted = sizes.clone();
    sorted.sort_unstable();
    let (mut left, mut most) = (room, 0);
    for (index, size) in sorted.iter().enumerate() {
        most = left / (sorted.len() - index) as u64;
        if *size > most {
            break;
        }
        left -= size;
    }
    if most < LEAST {
        return None;
    }
    let mut shortened = 0;
    for (result, size) in step.results.iter_mut().zip(sizes) {
        if size <= most {
            continue;
        }
        // The line between beginning and end counts, too.
        let kept = most.saturating_sub(LEAST / 2).max(1);
        let bytes = result.content.len() as u128 * u128::from(kept) / u128::from(size);
        result.content = excerpt(
            &result.content,
            usize::try_from(bytes).unwrap_or(usize::MAX),
        );
        shortened += 1;
    }
    Some(shortened)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tool::ToolResult;

    fn step(lengths: &[usize]) -> ToolStep {
        let result = |length: &usize| ToolResult {
            content: "word ".repeat(length / 5),
            ..ToolResult::default()
        };
        ToolStep {
            results: lengths.iter().map(result).collect(),
            ..ToolStep::default()
        }
    }

    #[test]
    fn the_longest_results_are_shortened_and_short_ones_stay() {
        let whole = step(&[100, 40_000, 80_000]);
        let mut fitted = whole.clone();
        assert_eq!(shorten(&mut fitted, 4000), Some(2));
        assert!(
            sizes(&fitted).iter().sum::<u64>() <= 4000,
            "{:?}",
            sizes(&fitted)
        );
        assert!(
            sizes(&fitted).iter().sum::<u64>() > 3800,
            "{:?}",
            sizes(&fitted)
        );
        assert_eq!(fitted.results[0], whole.results[0]);
        assert!(fitted.results[1].content.contains("bytes omitted"));
        let mut all = whole.clone();
        assert_eq!(shorten(&mut all, 100_000), Some(0));
        assert_eq!(all, whole);
    }

    #[test]
    fn a_room_for_nothing_is_an_error_and_changes_nothing() {
        let mut full = step(&[400, 400]);
        assert_eq!(shorten(&mut full, 40), None);
        assert_eq!(full, step(&[400, 400]));
    }
}
