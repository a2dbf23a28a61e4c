//! The question before a tool runs, while an answer is on its way: single answers, several calls,
//! the conversation with and without the footer.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "\
tools:
  weather:
    description: Current weather of a town.
    command: [./stub.py, --, '{town}']
    parameters: {town: string}
  delete_all:
    description: Deletes everything.
    command: [./stub.py, '--delete', --, '{town}']
    parameters: {town: string}
";

/// Appends its arguments as a line of JSON to `calls.log`.
const STUB: &str = "\
#!/usr/bin/env python3
import json, sys
with open('calls.log', 'a') as log:
    log.write(json.dumps(sys.argv[1:]) + '\\n')
print('3 degrees')
";

fn ready(double: &Double) -> Sandbox {
    let sandbox = stage::ready(double).config(CONFIG).file("stub.py", STUB);
    let stub = sandbox.home().join("stub.py");
    std::fs::set_permissions(stub, std::fs::Permissions::from_mode(0o700)).unwrap();
    sandbox
}

/// Adds calls to an answer: names and towns.
fn calling<'a>(mut reply: Reply, calls: impl IntoIterator<Item = (&'a str, &'a str)>) -> Reply {
    for (index, (name, town)) in calls.into_iter().enumerate() {
        let arguments = json!({"town": town}).to_string();
        reply = reply.tool(json!({
            "index": index,
            "id": format!("call_{index}_{town}"),
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }));
    }
    reply.finish("tool_calls")
}

fn weather(town: &str) -> Reply {
    calling(reply::stream([]), [("weather", town)])
}

const ASK: &[&str] = &["chat", "--tool", "weather", "how is the weather?"];

/// The towns that the stub was run with, sorted.
fn towns(home: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(home.join("calls.log")).unwrap_or_default();
    let arguments = log
        .lines()
        .map(|line| serde_json::from_str::<Vec<String>>(line).unwrap());
    let mut towns: Vec<String> = arguments.filter_map(|mut words| words.pop()).collect();
    towns.sort_unstable();
    towns
}

/// The results in the last request.
fn results(double: &Double) -> Vec<String> {
    let requests = double.requests();
    let body = requests.last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().iter();
    let results = messages.filter(|message| message["role"] == "tool");
    let text = |message: &Value| message["content"].as_str().unwrap().to_owned();
    results.map(text).collect()
}

#[test]
fn a_yes_runs_the_tool_and_the_answer_goes_on() {
    let first = calling(reply::stream(["Let me look."]), [("weather", "Oslo")]);
    let double = Double::start([first, reply::stream(["It is cold."])]);
    let sandbox = ready(&double);
    let terminal = stage::terminal(&sandbox, ASK, USUAL);
    terminal.wait_for_question("run it?");
    let shown = terminal.transcript();
    let text = shown.find("Let me look.").unwrap();
    assert!(text < shown.find("the model wants to run weather").unwrap());
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert!(terminal.transcript().contains("It is cold."));
    assert_eq!(towns(sandbox.home()), ["Oslo"]);
    assert_eq!(results(&double)[0].trim(), "3 degrees");
    terminal.assert_restored();
}

#[test]
fn a_no_is_a_result_with_the_reason() {
    let double = Double::start([weather("Oslo"), reply::stream(["As you like."])]);
    let sandbox = ready(&double);
    let terminal = stage::terminal(&sandbox, ASK, USUAL);
    terminal.wait_for_question("run it?");
    terminal.type_text("n");
    terminal.wait_for_question("reason, if any:");
    terminal.type_text("ask about Bergem\x7fn\r");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(towns(sandbox.home()).len(), 0);
    assert!(
        results(&double)[0].contains("ask about Bergen"),
        "{:?}",
        results(&double)
    );
    terminal.assert_restored();
}

#[test]
fn ctrl_c_at_the_question_ends_the_answer() {
    let double = Double::start([weather("Oslo")]);
    let sandbox = ready(&double);
    let terminal = stage::terminal(&sandbox, ASK, USUAL);
    terminal.wait_for_question("run it?");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    assert_eq!(towns(sandbox.home()).len(), 0);
    terminal.assert_restored();
}

#[test]
fn what_was_typed_before_the_question_does_not_answer_it() {
    let gate = Gate::default();
    let first = reply::stream(["Let me look.\n\n", "Now."]).gate_after(1, &gate);
    let first = calling(first, [("weather", "Oslo")]);
    let double = Double::start([first, reply::stream(["As you like."])]);
    let sandbox = ready(&double);
    let terminal = stage::terminal(&sandbox, ASK, USUAL);
    terminal.wait_for("Let me look.");
    terminal.type_text("yyyy\ry");
    gate.open();
    terminal.wait_for_question("run it?");
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(towns(sandbox.home()).len(), 0);
}

#[test]
fn several_calls_are_one_question_or_one_after_the_other() {
    let both = &["chat", "--tool", "weather,delete_all", "hi"];
    for (keys, expected) in [
        ("y", vec!["Bergen", "Narvik", "Oslo"]),
        ("\r", vec![]),
        ("ey\ry", vec!["Narvik", "Oslo"]),
        ("ec\r", vec!["Narvik", "Oslo"]),
    ] {
        let calls = [
            ("weather", "Oslo"),
            ("delete_all", "Bergen"),
            ("weather", "Narvik"),
        ];
        let first = calling(reply::stream([]), calls);
        let double = Double::start([first, reply::stream(["Done."])]);
        let sandbox = ready(&double);
        let terminal = stage::terminal(&sandbox, both, USUAL);
        terminal.wait_for_question("run all 3?");
        let shown = terminal.transcript();
        assert!(shown.contains("2. delete_all (command)"), "{shown}");
        for (number, key) in keys.chars().enumerate() {
            if number > 0 {
                terminal.wait_until("the next question", |seen| {
                    seen.transcript().matches("run it?").count() == number
                });
            }
            terminal.type_text(&key.to_string());
        }
        assert_eq!(
            terminal.wait_exit(),
            0,
            "{keys:?}: {}",
            terminal.transcript()
        );
        assert_eq!(towns(sandbox.home()), expected, "{keys:?}");
        assert_eq!(results(&double).len(), 3);
    }
}

fn conversation(sandbox: &Sandbox, size: Size) -> Terminal {
    let terminal = stage::terminal(sandbox, &["chat", "--tool", "weather"], size);
    stage::wait_for_prompt(&terminal);
    terminal
}

#[test]
fn a_conversation_remembers_a_yes_until_it_ends() {
    for (has_footer, size) in [(false, USUAL), (true, USUAL), (true, SMALL)] {
        let double = Double::start([
            weather("Oslo"),
            reply::stream(["Cold."]),
            weather("Bergen"),
            reply::stream(["Wet."]),
        ]);
        let mut sandbox = ready(&double);
        if has_footer {
            sandbox = sandbox.without("AMX_NO_FOOTER");
        }
        let terminal = conversation(&sandbox, size);
        terminal.answer("and in Oslo?");
        terminal.wait_for_question("run it?");
        terminal.wait_for("[?]");
        terminal.type_text("c");
        terminal.wait_for("Cold.");
        stage::wait_for_prompt(&terminal);
        terminal.answer("and in Bergen?");
        terminal.wait_for("Wet.");
        stage::wait_for_prompt(&terminal);
        let asked = terminal.transcript().matches("run it?").count();
        assert_eq!(asked, 1, "{}", terminal.transcript());
        terminal.type_text("\x04");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        assert_eq!(towns(sandbox.home()), ["Bergen", "Oslo"]);
        terminal.assert_restored();
    }
}

/// The conversation goes on, and ends well.
#[track_caller]
fn ask_again_and_leave(terminal: &Terminal) {
    terminal.answer("how are you?");
    terminal.wait_for("Fine.");
    stage::wait_for_prompt(terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

#[test]
fn ctrl_c_at_the_question_returns_to_the_prompt() {
    for has_footer in [false, true] {
        let double = Double::start([weather("Oslo"), reply::stream(["Fine."])]);
        let mut sandbox = ready(&double);
        if has_footer {
            sandbox = sandbox.without("AMX_NO_FOOTER");
        }
        let terminal = conversation(&sandbox, USUAL);
        terminal.answer("and in Oslo?");
        terminal.wait_for_question("run it?");
        terminal.press_ctrl_c();
        stage::wait_for_prompt(&terminal);
        ask_again_and_leave(&terminal);
        assert_eq!(towns(sandbox.home()).len(), 0);
        terminal.assert_restored();
    }
}

/// Runs until it is ended.
const ENDLESS: &str = "#!/bin/sh\nexec sleep 600\n";

#[test]
fn a_tool_that_runs_is_named_with_its_time_and_esc_ends_it() {
    for size in [USUAL, SMALL] {
        let double = Double::start([weather("Oslo"), reply::stream(["Fine."])]);
        let sandbox = ready(&double)
            .file("stub.py", ENDLESS)
            .without("AMX_NO_FOOTER");
        let terminal = conversation(&sandbox, size);
        terminal.answer("and in Oslo?");
        terminal.wait_for_question("run it?");
        terminal.type_text("y");
        terminal.wait_until("name and time, and nothing about data", |seen| {
            let screen = seen.screen().contents();
            screen.contains("running weather 3 s") && !screen.contains("no data")
        });
        terminal.type_text("\x1b");
        terminal.wait_for("note: stopped");
        stage::wait_for_prompt(&terminal);
        ask_again_and_leave(&terminal);
        terminal.assert_restored();
        assert!(!terminal.transcript().contains("running weather"));
    }
}

#[test]
fn a_draft_in_the_footer_does_not_answer_the_question() {
    let gate = Gate::default();
    let first = reply::stream(["Let me look.\n\n", "Now."]).gate_after(1, &gate);
    let first = calling(first, [("weather", "Oslo")]);
    let double = Double::start([first, reply::stream(["Cold."])]);
    let sandbox = ready(&double).without("AMX_NO_FOOTER");
    let terminal = conversation(&sandbox, USUAL);
    terminal.answer("and in Oslo?");
    terminal.wait_for("Let me look.");
    terminal.type_text("yyy and so on");
    terminal.wait_until("the draft", |seen| {
        seen.screen().contents().contains("amx › yyy and so on")
    });
    gate.open();
    terminal.wait_for_question("run it?");
    assert_eq!(towns(sandbox.home()).len(), 0);
    terminal.type_text("y");
    terminal.wait_for("Cold.");
    terminal.wait_until("the draft is back", |seen| {
        seen.screen().contents().contains("amx › yyy and so on")
    });
    assert_eq!(towns(sandbox.home()), ["Oslo"]);
    stage::wait_for_prompt(&terminal);
    terminal.press_ctrl_c();
    terminal.wait_until("an empty draft", |seen| {
        !seen.screen().contents().contains("amx › yyy")
    });
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn tools_are_chosen_and_allowed_in_the_conversation() {
    let double = Double::start([
        weather("Oslo"),
        reply::stream(["Cold."]),
        reply::stream(["No tools."]),
    ]);
    let sandbox = ready(&double);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    stage::wait_for_prompt(&terminal);
    terminal.answer("/tools on wether");
    terminal.wait_for("did you mean weather?");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/tools on weather");
    terminal.wait_for("Tools: weather");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/allow *");
    terminal.wait_for("there is no yes to every tool");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/allow weather");
    terminal.wait_for("Allowed: weather");
    stage::wait_for_prompt(&terminal);
    terminal.answer("and in Oslo?");
    terminal.wait_for("Cold.");
    stage::wait_for_prompt(&terminal);
    assert_eq!(towns(sandbox.home()), ["Oslo"]);
    terminal.answer("/tools off");
    terminal.wait_for("Tools: none");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/allow off");
    terminal.wait_for("Allowed: none");
    stage::wait_for_prompt(&terminal);
    terminal.answer("hi");
    terminal.wait_for("No tools.");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let requests = double.requests();
    assert_eq!(
        requests[0].json()["tools"][0]["function"]["name"],
        "weather"
    );
    assert!(requests[2].json().get("tools").is_none());
}

/// A question with an answer that calls a tool, whose stdout and stderr go there.
fn redirected(double: &Double, arguments: &str, redirections: &str) -> (Sandbox, Terminal) {
    let sandbox = ready(double);
    let script = format!("exec \"$AMX\" chat --tool weather {arguments} go {redirections}");
    let terminal = stage::terminal_of(&sandbox, &["/bin/sh", "-c", &script], USUAL);
    (sandbox, terminal)
}

#[test]
fn json_asks_on_stderr_and_lines_of_json_ask_nobody() {
    let double = Double::start([weather("Oslo"), reply::stream(["It is 3 degrees."])]);
    let (sandbox, terminal) = redirected(&double, "--json", ">answer");
    terminal.wait_for_question("run it?");
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let answer = std::fs::read_to_string(sandbox.home().join("answer")).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["content"], "It is 3 degrees.");
    assert_eq!(answer["steps"][0]["calls"][0]["decision"], "once");
    assert_eq!(towns(sandbox.home()), ["Oslo"]);
    terminal.assert_restored();
    // Nobody is there to ask, or could see the question.
    for (arguments, redirections) in [
        ("--jsonl", ">answer"),
        ("--jsonl", ""),
        ("--json", ">answer 2>errors"),
        ("--json", "</dev/null"),
    ] {
        let double = Double::start([weather("Oslo")]);
        let (sandbox, terminal) = redirected(&double, arguments, redirections);
        let code = terminal.wait_exit();
        assert_eq!(code, 11, "{arguments} {}", terminal.transcript());
        assert!(!terminal.transcript().contains("run it?"), "{arguments}");
        assert!(towns(sandbox.home()).is_empty(), "{arguments}");
        terminal.assert_restored();
    }
}
