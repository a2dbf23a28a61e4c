//! Answers for programs: one line of JSON for each event.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::chat::event::ChatEvent;
use crate::chat::tool::{EndedCall, ToolCall};
use crate::ports::answer_report::{AnswerReport, named};
use crate::ports::error::CommandError;
use crate::present::time::millis;
use crate::wire::redact::Redactor;

/// An event with its type first.
pub(super) fn event(kind: &str, fields: &Value) -> Value {
    let mut event = json!({"type": kind});
    if let (Some(event), Some(fields)) = (event.as_object_mut(), fields.as_object()) {
        event.extend(fields.clone());
    }
    event
}

/// The lines of one answer. Text is printed when it is certain not to be the beginning of a secret:
/// readers join the lines, so that a secret cut in two would be whole again.
#[derive(Debug, Default)]
pub(super) struct JsonLines {
    /// Which of several answers it is.
    number: Option<usize>,
    /// The profiles that have started: a second request to one of them is no second start.
    started: BTreeSet<String>,
    text: Redactor,
    reasoning: Redactor,
}

impl JsonLines {
    /// The lines of one of several answers: each holds its number.
    pub(super) fn numbered(number: usize) -> Self {
        Self {
            number: Some(number),
            ..Self::default()
        }
    }

    fn written(&self, lines: Vec<Value>) -> Vec<String> {
        let numbered = |mut line: Value| {
            if let (Some(fields), Some(number)) = (line.as_object_mut(), self.number) {
                fields.shift_insert(1, "alternative".to_owned(), json!(number));
            }
            format!("{line}\n")
        };
        lines.into_iter().map(numbered).collect()
    }

    /// The lines of an event; none for what is reported at the end.
    pub(super) fn event(&mut self, chat_event: &ChatEvent) -> Vec<String> {
        let lines = match chat_event {
            ChatEvent::Reasoning(more) => text_event("reasoning", |out| {
                self.reasoning.push(more, out);
            })
            .into_iter()
            .collect(),
            ChatEvent::Text(more) | ChatEvent::Structured(more) => {
                let reasoning = text_event("reasoning", |out| self.reasoning.finish(out));
                let text = text_event("text", |out| self.text.push(more, out));
                reasoning.into_iter().chain(text).collect()
            }
            ChatEvent::Start {
                profile,
                provider,
                model,
            } => {
                let is_new = self.started.insert(profile.clone());
                let fields = json!({
                    "profile": named(profile),
                    "provider": provider,
                    "model": model,
                });
                is_new
                    .then(|| event("start", &fields))
                    .into_iter()
                    .collect()
            }
            ChatEvent::CallEnded(ended) => vec![tool_result(ended)],
            ChatEvent::Calls => {
                let reasoning = text_event("reasoning", |out| self.reasoning.finish(out));
                let text = text_event("text", |out| self.text.finish(out));
                reasoning.into_iter().chain(text).collect()
            }
            ChatEvent::End(_) => Vec::new(),
            other => retry(other)
                .map(|fields| event("retry", &fields))
                .into_iter()
                .collect(),
        };
        self.written(lines)
    }

    /// Tool calls, usage and the end of an answer. An incomplete one has no end: its error follows,
    /// and its calls must not be run.
    pub(super) fn end(&mut self, report: &AnswerReport<'_>, warnings: &[String]) -> Vec<String> {
        let answer = &report.answer;
        let mut lines: Vec<Value> = Vec::new();
        lines.extend(text_event("reasoning", |out| self.reasoning.finish(out)));
        lines.extend(text_event("text", |out| self.text.finish(out)));
        let call = |call: &ToolCall| {
            event(
                "tool_call",
                &json!({"id": call.id, "name": call.name, "arguments": call.arguments}),
            )
        };
        if !report.is_incomplete() {
            lines.extend(answer.tool_calls.iter().map(call));
        }
        if let Some(usage) = answer.usage {
            let fields = json!({
                "usage": usage,
                "cost_usd": answer.cost.usd,
                "cost_source": answer.cost.source,
            });
            lines.push(event("usage", &fields));
        }
        if !report.is_incomplete() {
            lines.push(event("end", &report.without_texts(warnings)));
        }
        self.written(lines)
    }
}

/// The event of a call that has ended.
fn tool_result(ended: &EndedCall) -> Value {
    let EndedCall { call, result } = ended;
    let fields = json!({
        "id": call.id,
        "name": call.name,
        "decision": result.decision,
        "is_error": result.is_error,
        "bytes": result.bytes,
        "ms": result.ms,
    });
    event("tool_result", &fields)
}

/// The fields of an event that is another attempt.
fn retry(chat_event: &ChatEvent) -> Option<Value> {
    Some(match chat_event {
        ChatEvent::Retry {
            attempt,
            attempts,
            wait,
            failed,
        } => json!({
            "attempt": attempt,
            "attempts": attempts,
            "wait_ms": millis(*wait),
            "status": failed.status,
            "why": failed.why,
        }),
        ChatEvent::LargerBudget { from, to } => json!({
            "why": "all tokens went into reasoning",
            "max_tokens": to,
            "previous_max_tokens": from,
        }),
        ChatEvent::Fallback { failed, to, model } => json!({
            "status": failed.status,
            "why": failed.why,
            "profile": to,
            "model": model,
            "previous_profile": named(&failed.profile),
            "previous_model": failed.model,
        }),
        ChatEvent::AskAgain { why } => json!({"why": why}),
        ChatEvent::WithoutLogprobs { why } => json!({"why": why, "logprobs": false}),
        ChatEvent::Reasoning(_)
        | ChatEvent::Text(_)
        | ChatEvent::Structured(_)
        | ChatEvent::Start { .. }
        | ChatEvent::Calls
        | ChatEvent::Running(_)
        | ChatEvent::CallEnded(_)
        | ChatEvent::Shortened { .. }
        | ChatEvent::End(_) => return None,
    })
}

/// An event of text; `None` where the text is empty.
fn text_event(kind: &str, fill: impl FnOnce(&mut String)) -> Option<Value> {
    let mut text = String::new();
    fill(&mut text);
    (!text.is_empty()).then(|| event(kind, &json!({"text": text})))
}

/// The lines of several answers, by number.
#[derive(Debug, Default)]
pub(super) struct NumberedLines(BTreeMap<usize, JsonLines>);

impl NumberedLines {
    fn of(&mut self, number: usize) -> &mut JsonLines {
        self.0
            .entry(number)
            .or_insert_with(|| JsonLines::numbered(number))
    }

    /// The lines of an event of one answer.
    pub(super) fn event(&mut self, number: usize, chat_event: &ChatEvent) -> Vec<String> {
        self.of(number).event(chat_event)
    }

    /// The last lines of one answer; its error is the last of them.
    pub(super) fn end(
        &mut self,
        number: usize,
        report: &AnswerReport<'_>,
        error: Option<&CommandError>,
    ) -> Vec<String> {
        let mut lines = self.of(number).end(report, &[]);
        lines.extend(error.map(|error| {
            let fields = json!({"alternative": number, "error": error.to_json()});
            format!("{}\n", event("error", &fields))
        }));
        lines
    }
}

/// An object with the warnings, which are those of the first.
pub(super) fn with_warnings(mut object: Value, warnings: &mut Vec<String>) -> Value {
    if !warnings.is_empty() {
        object["warnings"] = warnings.drain(..).collect();
    }
    object
}
