//! IDs of calls that are unique in a request: some models count from zero in each answer, and some
//! providers refuse an ID that comes twice. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::message::Message;

/// Renames each call whose ID an earlier one has, with its result and the reasoning that names it.
/// The same messages get the same names every time, so that a cached beginning stays one.
pub(crate) fn make_unique(messages: &mut [Message]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // Of the calls of the last answer, whose results follow it.
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    for message in messages {
        if let Some(new) = message.tool_call_id.as_ref().and_then(|id| renamed.get(id)) {
            message.tool_call_id = Some(new.clone());
        }
        if message.tool_calls.is_empty() {
            continue;
        }
        renamed.clear();
        for call in &mut message.tool_calls {
            if taken.insert(call.id.clone()) {
                continue;
            }
            let mut number = 2_usize;
            let mut id = format!("{}_{number}", call.id);
            while !taken.insert(id.clone()) {
                number += 1;
                id = format!("{}_{number}", call.id);
            }
            renamed.insert(std::mem::replace(&mut call.id, id.clone()), id);
        }
        for detail in message.reasoning_details.iter_mut().flatten() {
            let new = detail["id"].as_str().and_then(|id| renamed.get(id));
            if let Some(new) = new {
                detail["id"] = Value::from(new.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::conversation::step_messages;
    use crate::chat::tool::{ToolCall, ToolResult, ToolStep};
    use serde_json::json;

    fn step(ids: &[&str]) -> Vec<Message> {
        let call = |id: &&str| ToolCall {
            id: (*id).to_owned(),
            name: "weather".to_owned(),
            arguments: "{}".to_owned(),
            extra_content: None,
        };
        let result = |id: &&str| ToolResult {
            id: (*id).to_owned(),
            ..ToolResult::default()
        };
        let step = ToolStep {
            reasoning_details: Some(vec![json!({"id": ids[0]}), json!({"text": "hm"})]),
            calls: ids.iter().map(call).collect(),
            results: ids.iter().map(result).collect(),
            ..ToolStep::default()
        };
        step_messages(&step, true, true).collect()
    }

    #[test]
    fn a_repeated_id_is_renamed_with_its_result_and_its_reasoning() {
        let answers: [&[&str]; 4] = [
            &["call_0", "call_1"],
            &["call_0"],
            &["call_0_2"],
            &["call_0"],
        ];
        let mut messages: Vec<Message> = answers.iter().flat_map(|ids| step(ids)).collect();
        make_unique(&mut messages);
        let calls = messages.iter().flat_map(|message| &message.tool_calls);
        let calls: Vec<&str> = calls.map(|call| call.id.as_str()).collect();
        assert_eq!(
            calls,
            ["call_0", "call_1", "call_0_2", "call_0_2_2", "call_0_3"]
        );
        let results = messages
            .iter()
            .filter_map(|message| message.tool_call_id.as_deref());
        assert_eq!(results.collect::<Vec<_>>(), calls);
        let last = messages
            .iter()
            .rfind(|message| !message.tool_calls.is_empty());
        let details = last.unwrap().reasoning_details.as_ref().unwrap();
        assert_eq!(details[0]["id"], "call_0_3");
        let again = messages.clone();
        make_unique(&mut messages);
        assert_eq!(messages, again);
    }
}
