//! Answers for programs: one line of JSON for each event.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::chat::answer::ToolCall;
use crate::chat::event::ChatEvent;
use crate::ports::answer_report::{AnswerReport, millis, named};
use crate::secrets::redact::Redactor;

/// An event with its type first.
pub fn event(kind: &str, fields: &Value) -> Value {
    let mut event = json!({"type": kind});
    if let (Some(event), Some(fields)) = (event.as_object_mut(), fields.as_object()) {
        event.extend(fields.clone());
    }
    event
}

/// The lines of one answer. Text is told when it is certain not to be the beginning of a secret:
/// readers join the lines, so that a secret cut in two would be whole again.
#[derive(Debug, Default)]
pub struct JsonLines {
    /// Which of several answers it is.
    number: Option<usize>,
    /// The profiles that have been told of: asked again for a better answer, they do not start
    /// anew.
    started: BTreeSet<String>,
    text: Redactor,
    reasoning: Redactor,
}

impl JsonLines {
    /// Those of one of several answers: each tells which.
    pub fn numbered(number: usize) -> Self {
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

    /// The lines of an event; none for what is told at the end.
    pub fn event(&mut self, chat_event: &ChatEvent) -> Vec<String> {
        let mut lines = Vec::new();
        match chat_event {
            ChatEvent::Reasoning(more) => lines.extend(told("reasoning", |out| self.reasoning.push(more, out))),
            ChatEvent::Text(more) | ChatEvent::Structured(more) => {
                lines.extend(told("reasoning", |out| self.reasoning.finish(out)));
                lines.extend(told("text", |out| self.text.push(more, out)));
            }
            ChatEvent::Start { profile, .. } if !self.started.insert(profile.clone()) => {}
            ChatEvent::Start { profile, provider, model } => {
                lines.push(event("start", &json!({"profile": named(profile), "provider": provider, "model": model})));
            }
            ChatEvent::Retry { attempt, attempts, wait, failed } => {
                lines.push(event("retry", &json!({"attempt": attempt, "attempts": attempts, "wait_ms": millis(*wait), "status": failed.status, "why": failed.why})));
            }
            ChatEvent::LargerBudget { from, to } => {
                lines.push(event("retry", &json!({"why": "all tokens went into thinking", "max_tokens": to, "previous_max_tokens": from})));
            }
            ChatEvent::Fallback { failed, to, model } => lines.push(event(
                "retry",
                &json!({
                    "status": failed.status, "why": failed.why, "profile": to, "model": model, "previous_profile": named(&failed.profile),
                    "previous_model": failed.model,
                }),
            )),
            ChatEvent::AskAgain { why } => lines.push(event("retry", &json!({"why": why}))),
            ChatEvent::WithoutLogprobs { why } => lines.push(event("retry", &json!({"why": why, "logprobs": false}))),
            ChatEvent::End(_) => {}
        }
        self.written(lines)
    }

    /// Tool calls, usage and the end of an answer. An incomplete one has no end: its error follows,
    /// and its calls must not be run.
    pub fn end(&mut self, report: &AnswerReport<'_>, warnings: &[String]) -> Vec<String> {
        let answer = &report.answer;
        let mut lines: Vec<Value> = Vec::new();
        lines.extend(told("reasoning", |out| self.reasoning.finish(out)));
        lines.extend(told("text", |out| self.text.finish(out)));
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
            lines.push(event("usage", &json!({"usage": usage, "cost_usd": answer.cost.usd, "cost_source": answer.cost.source})));
        }
        if !report.is_incomplete() {
            let mut end = report.to_json();
            // Their text has been told already.
            if let Some(fields) = end.as_object_mut() {
                fields.shift_remove("content");
                fields.shift_remove("reasoning");
                fields.shift_remove("tool_calls");
                if !warnings.is_empty() {
                    fields.insert("warnings".to_owned(), json!(warnings));
                }
            }
            lines.push(event("end", &end));
        }
        self.written(lines)
    }
}

/// An event of text, when there is any to tell.
fn told(kind: &str, fill: impl FnOnce(&mut String)) -> Option<Value> {
    let mut text = String::new();
    fill(&mut text);
    (!text.is_empty()).then(|| event(kind, &json!({"text": text})))
}
