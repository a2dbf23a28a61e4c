//! Refuses a request whose messages are calls of tools that repeat themselves.

use std::collections::HashMap;

use serde_json::Value;

use super::client_body::ClientBody;
use super::front::Front;
use super::problem::Problem;

/// Equal calls, or equal results, since the last text of the user.
const MOST_EQUAL: usize = 7;

/// Calls since the last text of the user.
const MOST_CALLS: usize = 50;

/// What a conversation holds, in order.
enum Step {
    UserText,
    Call { name: String, arguments: String },
    Result(String),
}

/// Checks the calls since the last text of the user.
///
/// # Errors
/// 508, naming the call.
pub(super) fn check(front: Front, body: &ClientBody) -> Result<(), Problem> {
    let steps = match front {
        Front::Chat => body.value("messages").map(|messages| of_chat(&messages)),
        Front::Messages => body
            .value("messages")
            .map(|messages| of_messages(&messages)),
        Front::Responses => body.value("input").map(|input| of_responses(&input)),
        Front::Embeddings => None,
    };
    let steps = steps.unwrap_or_default();
    let start = steps
        .iter()
        .rposition(|step| matches!(step, Step::UserText));
    let since = &steps[start.map_or(0, |at| at + 1)..];
    let (mut calls, mut results, mut count) = (HashMap::new(), HashMap::new(), 0);
    let mut last = "";
    for step in since {
        match step {
            Step::UserText => {}
            Step::Call { name, arguments } => {
                count += 1;
                last = name;
                let equal: &mut usize = calls.entry((name, arguments)).or_default();
                *equal += 1;
                if *equal >= MOST_EQUAL {
                    return Err(looping(
                        name,
                        &format!("was called {equal} times with the same arguments"),
                    ));
                }
            }
            Step::Result(text) => {
                let equal: &mut usize = results.entry(text).or_default();
                *equal += 1;
                if *equal >= MOST_EQUAL {
                    return Err(looping(
                        last,
                        &format!("returned the same result {equal} times"),
                    ));
                }
            }
        }
    }
    if count >= MOST_CALLS {
        return Err(looping(
            last,
            &format!("is the last of {count} calls without a text of the user"),
        ));
    }
    Ok(())
}

fn looping(name: &str, what: &str) -> Problem {
    let name = crate::wire::redact::cut(name, 100);
    Problem::new(508, "loop_detected", format!("tool '{name}' {what}")).made_final()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn call(name: &Value, arguments: &Value) -> Step {
    Step::Call {
        name: text(name),
        arguments: text(arguments),
    }
}

fn of_chat(messages: &Value) -> Vec<Step> {
    let mut steps = Vec::new();
    for message in list(messages) {
        match message["role"].as_str() {
            Some("user") => steps.push(Step::UserText),
            Some("tool") => steps.push(Step::Result(text(&message["content"]))),
            _ => steps.extend(list(&message["tool_calls"]).iter().map(|one| {
                let function = &one["function"];
                call(&function["name"], &function["arguments"])
            })),
        }
    }
    steps
}

fn of_messages(messages: &Value) -> Vec<Step> {
    let mut steps = Vec::new();
    for message in list(messages) {
        if message["role"] == "user" && message["content"].is_string() {
            steps.push(Step::UserText);
        }
        for block in list(&message["content"]) {
            match block["type"].as_str() {
                Some("tool_use") => steps.push(call(&block["name"], &block["input"])),
                Some("tool_result") => steps.push(Step::Result(text(&block["content"]))),
                Some("text") if message["role"] == "user" => steps.push(Step::UserText),
                _ => {}
            }
        }
    }
    steps
}

fn of_responses(input: &Value) -> Vec<Step> {
    let step = |item: &Value| match item["type"].as_str() {
        Some("function_call" | "custom_tool_call") => Some(call(
            &item["name"],
            item.get("arguments").unwrap_or(&item["input"]),
        )),
        Some("function_call_output" | "custom_tool_call_output") => {
            Some(Step::Result(text(&item["output"])))
        }
        _ if item["role"] == "user" => Some(Step::UserText),
        _ => None,
    };
    list(input).iter().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn checked(front: Front, body: &Value) -> Result<(), String> {
        let body = ClientBody::read(Bytes::from(body.to_string())).unwrap();
        check(front, &body).map_err(|problem| problem.message)
    }

    fn chat(steps: impl Iterator<Item = (usize, usize)>) -> Value {
        let mut messages = vec![json!({"role": "user", "content": "go"})];
        for (arguments, result) in steps {
            let function = json!({"name": "read", "arguments": arguments.to_string()});
            messages.push(json!({"role": "assistant", "tool_calls": [{"function": function}]}));
            messages.push(json!({"role": "tool", "content": result.to_string()}));
        }
        json!({"messages": messages})
    }

    #[test]
    fn equal_calls_and_results_are_counted_since_the_last_text_of_the_user() {
        let same = |count| chat((0..count).map(|number| (1, number)));
        assert_eq!(checked(Front::Chat, &same(6)), Ok(()));
        let expected = "tool 'read' was called 7 times with the same arguments";
        assert_eq!(checked(Front::Chat, &same(7)), Err(expected.to_owned()));
        let results = chat((0..7).map(|number| (number, 1)));
        let expected = "tool 'read' returned the same result 7 times";
        assert_eq!(checked(Front::Chat, &results), Err(expected.to_owned()));
        let many = |count| chat((0..count).map(|number| (number, number)));
        assert_eq!(checked(Front::Chat, &many(49)), Ok(()));
        assert!(checked(Front::Chat, &many(50)).is_err());
        let mut answered = same(7);
        let user = json!({"role": "user", "content": "go on"});
        answered["messages"].as_array_mut().unwrap().push(user);
        assert_eq!(checked(Front::Chat, &answered), Ok(()));
    }

    #[test]
    fn the_other_apis_are_read_in_their_own_form() {
        let block = json!({"type": "tool_use", "name": "read", "input": {"a": 1}});
        let mut messages = vec![json!({"role": "user", "content": "go"})];
        for number in 0..7 {
            messages.push(json!({"role": "assistant", "content": [block]}));
            let result = json!({"type": "tool_result", "content": number.to_string()});
            messages.push(json!({"role": "user", "content": [result]}));
        }
        assert!(checked(Front::Messages, &json!({"messages": messages})).is_err());
        let call = json!({"type": "function_call", "name": "read", "arguments": "{}"});
        let input: Vec<Value> = std::iter::repeat_n(call, 7).collect();
        assert!(checked(Front::Responses, &json!({"input": input})).is_err());
        assert_eq!(checked(Front::Responses, &json!({"input": "text"})), Ok(()));
    }
}
