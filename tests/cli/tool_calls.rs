//! Calls of tools that the user asked for by `-o tools=…`: put together from fragments in every
//! form that providers send.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const TOOLS: &str = r#"tools=[{"type":"function","function":{"name":"weather"}}]"#;

/// Name, arguments and id of each call that the program reports.
#[track_caller]
fn calls(scripted: Reply) -> Vec<[String; 3]> {
    let double = Double::start([scripted]);
    let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "-m", "a/b", "-o", TOOLS, "hi"]);
    outcome.assert_code(0);
    let lines = outcome.json_lines();
    let end = lines.last().unwrap_or(&Value::Null);
    assert_eq!(
        [&end["type"], &end["finish_reason"]],
        ["end", "tool_calls"],
        "{outcome}"
    );
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let calls = lines.iter().filter(|line| line["type"] == "tool_call");
    calls
        .map(|call| {
            [
                text(&call["name"]),
                text(&call["arguments"]),
                text(&call["id"]),
            ]
        })
        .collect()
}

/// A fragment of a call; `null` values are omitted.
fn fragment(index: u64, id: Value, name: Value, arguments: Value) -> Value {
    let mut function = json!({"name": name, "arguments": arguments});
    let mut fragment = json!({"index": index, "id": id, "type": "function"});
    for object in [&mut function, &mut fragment] {
        object
            .as_object_mut()
            .into_iter()
            .for_each(|object| object.retain(|_, value| !value.is_null()));
    }
    fragment["function"] = function;
    fragment
}

#[test]
fn missing_and_empty_arguments_are_an_empty_object() {
    let scripted = reply::stream([])
        .tool(fragment(0, json!("c1"), json!("now"), Value::Null))
        .tool(fragment(1, json!("c2"), json!("today"), json!("")))
        .finish("tool_calls");
    assert_eq!(
        calls(scripted),
        [["now", "{}", "c1"], ["today", "{}", "c2"]]
    );
}

#[test]
fn arguments_in_pieces_are_joined_and_blanks_after_them_dropped() {
    let more = |arguments: &str| fragment(0, Value::Null, Value::Null, json!(arguments));
    let scripted = reply::stream([])
        .tool(fragment(0, json!("c1"), json!("weather"), json!("{\"ci")))
        .tool(more("ty\":\"Oslo\"}"))
        .tool(more(" "))
        .finish("tool_calls");
    assert_eq!(calls(scripted), [["weather", "{\"city\":\"Oslo\"}", "c1"]]);
}

#[test]
fn a_repeated_id_is_the_same_call_and_a_new_id_at_the_same_index_another() {
    let scripted = reply::stream([])
        .tool(fragment(0, json!("c1"), json!("weather"), json!("{\"a\":")))
        .tool(fragment(0, json!("c1"), Value::Null, json!("1}")))
        .tool(fragment(
            0,
            json!("c2"),
            json!("weather"),
            json!("{\"a\":2}"),
        ))
        .finish("tool_calls");
    assert_eq!(
        calls(scripted),
        [
            ["weather", "{\"a\":1}", "c1"],
            ["weather", "{\"a\":2}", "c2"]
        ]
    );
}

#[test]
fn a_call_without_id_is_given_one() {
    for id in [Value::Null, json!("")] {
        let called = calls(
            reply::stream([])
                .tool(fragment(0, id, json!("weather"), json!("{}")))
                .finish("tool_calls"),
        );
        assert_eq!(called.len(), 1);
        assert!(
            !called[0][2].is_empty() && called[0][2] != "null",
            "{called:?}"
        );
    }
}

#[test]
fn calls_in_parallel_without_ids_are_calls_of_their_own() {
    let arguments = ["{\"city\":\"Oslo\"}", "{\"city\":\"Bern\"}"];
    let streamed = arguments.iter().fold(reply::stream([]), |reply, text| {
        reply.tool(fragment(0, json!(""), json!("weather"), json!(text)))
    });
    let called = arguments.map(|text| {
        let function = json!({"name": "weather", "arguments": text});
        json!({"type": "function", "function": function})
    });
    // A part of a tool of the provider's own is no reason to refuse the answer.
    let message =
        json!({"content": [{"type": "server_tool_use", "id": "x"}], "tool_calls": called});
    let choice = json!({"index": 0, "message": message, "finish_reason": "tool_calls"});
    let whole = reply::json(json!({"id": "g", "model": "a/b", "choices": [choice]}));
    for scripted in [streamed.finish("stop"), whole] {
        let called = calls(scripted);
        let texts: Vec<&str> = called.iter().map(|call| call[1].as_str()).collect();
        assert_eq!(texts, arguments);
        assert_ne!(called[0][2], called[1][2]);
    }
}

#[test]
fn calls_with_the_finish_reason_stop_are_calls() {
    let scripted = reply::stream([])
        .tool(fragment(0, json!("c1"), json!("weather"), json!("{}")))
        .finish("stop");
    assert_eq!(calls(scripted), [["weather", "{}", "c1"]]);
}

#[test]
fn calls_of_a_stream_that_broke_are_not_reported_as_asked() {
    let scripted =
        reply::stream(["let me see"]).tool(fragment(0, json!("c1"), json!("weather"), json!("{}")));
    let double =
        Double::start([scripted.error_event(&json!({"code": 502, "message": "upstream died"}))]);
    let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "-m", "a/b", "-o", TOOLS, "hi"]);
    outcome.json_failure(8);
    assert!(
        outcome
            .json_lines()
            .iter()
            .all(|line| line["type"] != "end"),
        "{outcome}"
    );
    assert!(
        !outcome.stdout().contains("weather"),
        "a program that reads this might run the call\n{outcome}"
    );
}

#[test]
fn a_model_without_tools_is_named_as_the_reason() {
    let double = Double::start([reply::refused_by_rule()]);
    let outcome =
        Sandbox::with(&double).run(["chat", "-m", "google/gemma-2-9b-it", "-o", TOOLS, "hi"]);
    outcome.assert_failure(7).assert_mentions("tool");
}

#[test]
fn a_call_is_an_error_for_people_because_nobody_runs_it() {
    let double = Double::start([reply::stream([])
        .tool(fragment(0, json!("c1"), json!("weather"), json!("{}")))
        .finish("tool_calls")]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "a/b", "-o", TOOLS, "hi"]);
    outcome.assert_failure(11).assert_stderr_has("weather");
}
