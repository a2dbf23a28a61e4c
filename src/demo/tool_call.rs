//! The tool call of the demo: the first tool of a request is called once, and its result is quoted.

use serde_json::{Map, Value, json};

/// The calls of an answer to a question, in the form of the API; `None` when the request has no
/// tools of its own, forbids calls, or already has the result.
pub(super) fn calls(body: &Value, question: &str) -> Option<Value> {
    let last = body["messages"].as_array()?.last()?;
    if last["role"] != "user" || body["tool_choice"] == "none" {
        return None;
    }
    let tools = body["tools"].as_array()?;
    let function = tools.iter().find(|tool| tool["type"] == "function")?;
    let function = &function["function"];
    let arguments = arguments(&function["parameters"], question);
    Some(json!([{
        "index": 0,
        "id": "call_demo",
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments.to_string()},
    }]))
}

/// Most lines of a result that are quoted, and most characters of each.
const QUOTED_LINES: usize = 12;
const QUOTED_CHARACTERS: usize = 200;

/// The text after a call; `None` when the last message is no result.
pub(super) fn closing_text(body: &Value) -> Option<String> {
    let last = body["messages"].as_array()?.last()?;
    if last["role"] != "tool" {
        return None;
    }
    let result = last["content"].as_str().unwrap_or_default();
    let quoted = quoted(result);
    Some(format!(
        "This answer is **scripted**: the demo calls the first tool that a question has. It \
        returned:\n\n{quoted}"
    ))
}

/// The beginning of a result as a quotation, with a line that says how much follows it.
fn quoted(result: &str) -> String {
    let (mut quoted, mut bytes) = (String::new(), 0);
    for line in result.split_inclusive('\n').take(QUOTED_LINES) {
        let text = line.trim_end_matches(['\r', '\n']);
        let end = text.char_indices().nth(QUOTED_CHARACTERS);
        let kept = end.map_or(text.len(), |(end, _)| end);
        quoted.push_str(&format!("> {}\n", &text[..kept]));
        if kept < text.len() {
            bytes += kept;
            break;
        }
        bytes += line.len();
    }
    if bytes < result.len() {
        quoted.push_str(&format!("> … {} more bytes\n", result.len() - bytes));
    }
    quoted
}

/// A value for each required parameter: the last word of the question where a text is needed.
fn arguments(schema: &Value, question: &str) -> Value {
    let word = question.split_whitespace().next_back().unwrap_or_default();
    let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let required = schema["required"].as_array().into_iter().flatten();
    let value = |name: &str| match schema["properties"][name]["type"].as_str() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!(word),
    };
    let pairs = required.filter_map(Value::as_str);
    let pairs = pairs.map(|name| (name.to_owned(), value(name)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tool_is_called_once_and_its_result_is_quoted() {
        let tools = json!([
            {"type": "openrouter:web_search"},
            {"type": "function", "function": {"name": "weather", "parameters": {
                "type": "object",
                "properties": {"town": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["town"],
            }}},
        ]);
        let question = "What is the weather in Oslo?";
        let mut body = json!({
            "tools": tools,
            "messages": [{"role": "user", "content": question}],
        });
        let call = &calls(&body, question).unwrap()[0]["function"];
        assert_eq!(
            *call,
            json!({"name": "weather", "arguments": "{\"town\":\"Oslo\"}"})
        );
        assert_eq!(closing_text(&body), None);
        body["messages"] = json!([{"role": "tool", "content": "3 °C\ndry"}]);
        assert_eq!(calls(&body, question), None);
        assert!(closing_text(&body).unwrap().ends_with("> 3 °C\n> dry\n"));
        let long = ["x".repeat(100 * 1024), "line\n".repeat(20_000)];
        for (result, rest) in long.iter().zip([102_200, 99_940]) {
            body["messages"] = json!([{"role": "tool", "content": result}]);
            let text = closing_text(&body).unwrap();
            assert!(text.len() < 3000, "{}", text.len());
            assert!(
                text.ends_with(&format!("> … {rest} more bytes\n")),
                "{text}"
            );
        }
        let plain = json!({"messages": [{"role": "user", "content": "hi"}]});
        assert_eq!(calls(&plain, "hi"), None);
    }
}
