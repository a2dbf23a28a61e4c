//! The rules of messages with tool calls: each call is answered once, in order, and at once.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reply::{Reply, refusal};

/// The refusal of messages in which a call is not answered, or a result has no call.
pub fn refused(body: &Value) -> Option<Reply> {
    let messages = body["messages"].as_array()?;
    let mut open: Vec<&str> = Vec::new();
    let mut taken = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        let fault = |what: &str| Some(refusal(400, &format!("messages.{index}: {what}")));
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            if open.first() != Some(&id) {
                return fault("unexpected `tool_call_id`: each result follows its call, in order");
            }
            if !message["content"].is_string() {
                return fault("the content of a result must be a text");
            }
            open.remove(0);
            continue;
        }
        if !open.is_empty() {
            return fault("`tool_calls` without results before it");
        }
        let Some(calls) = message.get("tool_calls") else {
            continue;
        };
        if message["content"] == "" {
            return fault("content must not be empty");
        }
        for call in calls.as_array().into_iter().flatten() {
            let id = call["id"].as_str().unwrap_or_default();
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            let is_object =
                |text| serde_json::from_str::<Value>(text).is_ok_and(|it| it.is_object());
            if id.is_empty() || !taken.insert(id) {
                return fault("`tool_calls` ids must be unique");
            }
            if call["type"] != "function" || !is_object(arguments) {
                return fault("Invalid input: tool_calls");
            }
            open.push(id);
        }
        if open.is_empty() || message["role"] != "assistant" {
            return fault("tool_calls: Invalid input");
        }
    }
    if !open.is_empty() {
        return Some(refusal(400, "`tool_calls` without results at the end"));
    }
    let declares = body["tools"]
        .as_array()
        .is_some_and(|tools| !tools.is_empty());
    (!taken.is_empty() && !declares)
        .then(|| refusal(400, "tools must be resent with the calls of tools"))
}
