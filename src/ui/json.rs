//! Answers for programs: one line of JSON for each event.

use serde_json::{Value, json};

use crate::chat::answer::ToolCall;
use crate::chat::event::ChatEvent;
use crate::commands::chat::report::{AnswerReport, millis, named};

/// An event with its type first.
pub fn event(kind: &str, fields: &Value) -> Value {
    let mut event = json!({"type": kind});
    if let (Some(event), Some(fields)) = (event.as_object_mut(), fields.as_object()) {
        event.extend(fields.clone());
    }
    event
}

/// The line of an event; `None` for those that are told at the end.
pub fn event_line(chat_event: &ChatEvent) -> Option<String> {
    let value = match chat_event {
        ChatEvent::Start { profile, provider, model } => event("start", &json!({"profile": named(profile), "provider": provider, "model": model})),
        ChatEvent::Reasoning(text) => event("reasoning", &json!({"text": text})),
        ChatEvent::Text(text) => event("text", &json!({"text": text})),
        ChatEvent::Retry { attempt, attempts, wait, why } => {
            event("retry", &json!({"attempt": attempt, "attempts": attempts, "wait_ms": millis(*wait), "why": why}))
        }
        ChatEvent::LargerBudget { from, to } => event("retry", &json!({"why": "all tokens went into thinking", "max_tokens": to, "previous_max_tokens": from})),
        ChatEvent::Fallback { from, to, why } => event("retry", &json!({"why": why, "profile": to, "previous_profile": from})),
        ChatEvent::End(_) => return None,
    };
    Some(format!("{value}\n"))
}

/// Tool calls, usage and the end of an answer. An incomplete one has no end: its error follows.
pub fn end_lines(report: &AnswerReport) -> Vec<String> {
    let answer = &report.answer;
    let call = |call: &ToolCall| event("tool_call", &json!({"id": call.id, "name": call.name, "arguments": call.arguments}));
    // Calls of a stream that broke must not be run.
    let calls = if report.is_incomplete { &[] } else { answer.tool_calls.as_slice() };
    let mut lines: Vec<Value> = calls.iter().map(call).collect();
    if let Some(usage) = answer.usage {
        lines.push(event("usage", &json!({"usage": usage, "cost_usd": answer.cost.usd, "cost_source": answer.cost.source})));
    }
    if !report.is_incomplete {
        let mut end = report.to_json();
        // Their text has been told already.
        if let Some(fields) = end.as_object_mut() {
            fields.shift_remove("content");
            fields.shift_remove("reasoning");
        }
        lines.push(event("end", &end));
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}
