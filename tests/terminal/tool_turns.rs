//! Turns with calls of tools in a conversation: asked again, taken back, summarised and continued
//! by a later run.

use serde_json::{Value, json};

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::{Double, Recorded};
use crate::support::reply::{self, Reply};

const CONFIG: &str = "\
tools:
  weather:
    command: [printf, '%s is cold', '{town}']
    parameters: {town: string}
    approve: allow
";

/// A call whose ID is the same in every answer, as some models have it.
fn weather(town: &str) -> Reply {
    let arguments = json!({"town": town}).to_string();
    let call = json!({
        "index": 0,
        "id": "call_0",
        "type": "function",
        "function": {"name": "weather", "arguments": arguments},
    });
    reply::stream([]).finish("tool_calls").tool(call)
}

/// Types a line, and waits for what it brings and for the next prompt.
fn say(terminal: &Terminal, line: &str, expected: &str) {
    terminal.answer(line);
    terminal.wait_for(expected);
    stage::wait_for_prompt(terminal);
}

fn messages(body: &Value) -> &Vec<Value> {
    body["messages"].as_array().unwrap()
}

fn roles(body: &Value) -> Vec<&str> {
    let messages = messages(body).iter();
    messages
        .map(|message| message["role"].as_str().unwrap())
        .collect()
}

/// Each call of a request has one ID, and its result the same.
fn assert_answered(body: &Value) {
    let calls = messages(body)
        .iter()
        .flat_map(|message| message["tool_calls"].as_array().into_iter().flatten());
    let calls: Vec<&Value> = calls.map(|call| &call["id"]).collect();
    let results = messages(body)
        .iter()
        .filter(|message| message["role"] == "tool");
    let results: Vec<&Value> = results.map(|result| &result["tool_call_id"]).collect();
    assert_eq!(calls, results, "{body}");
}

#[test]
fn turns_with_steps_are_asked_again_taken_back_summarised_and_continued() {
    let double = Double::start([
        weather("Oslo"),
        reply::stream(["First."]),
        weather("Oslo"),
        reply::stream(["Retried."]),
        weather("Bern"),
        reply::stream(["Second."]),
        weather("Rome"),
        reply::stream(["Branched."]),
        reply::stream(["Third."]),
        reply::stream(["A summary."]),
        reply::stream(["Fourth."]),
        weather("Lima"),
        reply::stream(["Fifth."]),
    ]);
    let sandbox = stage::ready(&double).config(CONFIG);
    let terminal = stage::terminal(&sandbox, &["chat", "--tool", "weather"], USUAL);
    stage::wait_for_prompt(&terminal);
    say(&terminal, "one", "First.");
    say(&terminal, "/retry", "Retried.");
    say(&terminal, "two", "Second.");
    say(&terminal, "/undo", "Undid 1 turn");
    say(&terminal, "two again", "Branched.");
    say(&terminal, "three", "Third.");
    say(&terminal, "/compact", "Summarised 1 turn");
    say(&terminal, "four", "Fourth.");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    sandbox
        .run(["chat", "-c", "--tool", "weather", "five"])
        .assert_code(0)
        .assert_stdout("Fifth.\n");
    let bodies: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    bodies.iter().for_each(assert_answered);
    let step = ["user", "assistant", "tool"];
    let turn = [&step[..], &["assistant"]].concat();
    assert_eq!(
        roles(&bodies[2]),
        ["user"],
        "/retry asks without the answer"
    );
    assert_eq!(roles(&bodies[3]), step);
    assert_eq!(roles(&bodies[5]), [&turn[..], &step[..]].concat());
    let branched = roles(&bodies[7]);
    assert_eq!(branched, [&turn[..], &step[..]].concat());
    assert_eq!(messages(&bodies[7])[6]["content"], "Rome is cold");
    let summarised = messages(&bodies[9])[0]["content"].to_string();
    assert!(summarised.contains("[tool weather {"), "{summarised}");
    assert!(summarised.contains("Oslo is cold"), "{summarised}");
    assert!(bodies[9].get("tools").is_none());
    assert_eq!(messages(&bodies[10])[0]["role"], "system");
    assert!(!bodies[10].to_string().contains("Oslo is cold"));
    assert!(bodies[12].to_string().contains("Rome is cold"));
}
