//! The list of alternatives: as text, as menu items, and as JSON.

use serde_json::{Value, json};

use crate::ask::finished_answer::FinishedAnswer;
use crate::chat::cost::{CostSource, Spent};
use crate::chat::usage::{self, Usage};
use crate::ports::answer_report::{AnswerReport, SessionReport, count_words};
use crate::ports::context::Context;
use crate::ports::output::OutputError;
use crate::present::count::{plural, thousands};
use crate::present::money::spent_words;
use crate::present::text::shortened;

/// Columns of an answer in a menu item.
const MAX_ITEM: usize = 60;

/// Shows all answers, numbered from 1.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn show(
    alternatives: &[FinishedAnswer],
    raw: bool,
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    for (index, alternative) in alternatives.iter().enumerate() {
        if index > 0 {
            context.output.line("")?;
        }
        context
            .output
            .heading(&format!("{}. {}", index + 1, rating(alternative)))?;
        let text = alternative.outcome.answer.text.trim_end();
        if text.is_empty() {
            continue;
        }
        if raw || alternative.outcome.structured.is_some() {
            context.output.line(text)?;
        } else {
            context.output.document(text)?;
        }
    }
    if context.output.is_terminal() {
        context
            .output
            .aside(&format!("\n{}", summary(alternatives)));
    }
    Ok(())
}

/// The confidence of an answer, or why it is not complete.
fn rating(alternative: &FinishedAnswer) -> String {
    let outcome = &alternative.outcome;
    match (&outcome.error, &outcome.confidence) {
        _ if outcome.is_signalled() => "stopped".to_owned(),
        (Some(error), _) => format!("failed: {}", error.in_one_line()),
        (None, Some(confidence)) => confidence.words(),
        (None, None) => String::new(),
    }
}

/// A menu item for each complete answer.
pub(super) fn items(alternatives: &[FinishedAnswer]) -> Vec<String> {
    let complete = alternatives
        .iter()
        .filter(|alternative| alternative.is_complete());
    let line = |(index, alternative): (usize, &FinishedAnswer)| {
        let outcome = &alternative.outcome;
        let text = outcome
            .structured
            .as_ref()
            .map_or_else(|| outcome.answer.text.clone(), Value::to_string);
        format!(
            "{}  {}  {}",
            index + 1,
            rating(alternative),
            shortened(&text, MAX_ITEM)
        )
    };
    complete.enumerate().map(line).collect()
}

fn summary(alternatives: &[FinishedAnswer]) -> String {
    let (usage, spent) = totals(alternatives);
    let mut parts = vec![plural(alternatives.len(), "answer")];
    if let Some(usage) = usage {
        let count = |tokens: Option<u64>, what| count_words(tokens.map(thousands), what);
        parts.push(count(usage.prompt_tokens, "in"));
        parts.push(count(usage.completion_tokens, "out"));
    }
    parts.push(spent_words(spent));
    parts.join(" · ")
}

/// Tokens and cost of all answers, including failed ones that may have cost something.
pub(super) fn totals(alternatives: &[FinishedAnswer]) -> (Option<Usage>, Spent) {
    let sent = alternatives
        .iter()
        .flat_map(|ended| &ended.outcome.answer.attempts)
        .filter_map(|attempt| attempt.sent.as_ref())
        .filter(|sent| sent.may_have_cost);
    sent.fold(
        (None, Spent::default()),
        |(usage, spent): (Option<Usage>, Spent), sent| {
            (usage::sum(usage, sent.usage), spent.plus(sent.cost))
        },
    )
}

/// The object of `--json`: the fields of the best answer, tokens and cost of all answers, the
/// complete ones in `alternatives` and the others in `failed`. With `is_brief`, for the last line
/// of `--jsonl`, without texts.
pub(super) fn to_json(
    alternatives: &[FinishedAnswer],
    session: Option<SessionReport>,
    is_brief: bool,
) -> Option<Value> {
    let (complete, failed): (Vec<_>, Vec<_>) = alternatives
        .iter()
        .partition(|alternative| alternative.is_complete());
    let first = alternatives.first()?;
    let report = AnswerReport {
        session,
        ..first.report()
    };
    let mut object = report.to_json();
    let (usage, spent) = totals(alternatives);
    let usd = spent.usd.filter(|_| !spent.has_unknown);
    let source = match (usd, spent.has_estimates) {
        (None, _) => CostSource::Unknown,
        (Some(_), true) => CostSource::Estimate,
        (Some(_), false) => CostSource::Provider,
    };
    (object["usage"], object["cost_usd"], object["cost_source"]) =
        (json!(usage), json!(usd), json!(source));
    let slowest = alternatives
        .iter()
        .map(|alternative| alternative.outcome.answer.total)
        .max()
        .unwrap_or_default();
    object["timing"]["total_ms"] = json!(crate::present::time::millis(slowest));
    if is_brief {
        let numbers = |list: &[&FinishedAnswer]| {
            list.iter()
                .map(|alternative| alternative.number)
                .collect::<Vec<_>>()
        };
        (object["alternatives"], object["failed"]) =
            (json!(numbers(&complete)), json!(numbers(&failed)));
        for field in ["content", "reasoning", "tool_calls"] {
            object.as_object_mut()?.shift_remove(field);
        }
        return Some(object);
    }
    object["alternatives"] = complete
        .iter()
        .map(|alternative| answer_object(alternative))
        .collect();
    if !failed.is_empty() {
        object["failed"] = failed
            .iter()
            .map(|alternative| answer_object(alternative))
            .collect();
    }
    Some(object)
}

/// The object of one answer, with its number and, unless it is complete, its error.
fn answer_object(alternative: &FinishedAnswer) -> Value {
    let mut object = json!({"number": alternative.number});
    let fields = alternative.report().to_json();
    if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
        object.extend(fields);
        object.shift_remove("session");
        if let Some(error) = &alternative.outcome.error {
            object.insert("error".to_owned(), error.to_json());
        }
    }
    object
}
