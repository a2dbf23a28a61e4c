//! The question before a tool of a server runs: a yes for the server, a tool that changes after its
//! approval, and a megabyte of arguments.

use std::path::Path;

use serde_json::{Value, json};

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::trust;
use crate::support::written;

/// Two servers: `stub`, whose tools may change, and `other`.
fn ready(double: &Double, arguments: &str) -> Sandbox {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let script = script.display();
    let server = |name: &str, arguments: &str| {
        format!("  {name}: {{command: [python3, {script}, --log, {name}.log{arguments}]}}\n")
    };
    let stub = server("stub", &format!(", --state, state{arguments}"));
    let other = server("other", "");
    stage::ready(double).config(format!("mcp_servers:\n{stub}{other}"))
}

fn calling(name: &str, arguments: &Value) -> Reply {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
    reply::stream([]).finish("tool_calls").tool(call)
}

fn echo(text: &str) -> Reply {
    calling("stub__echo", &json!({"text": text}))
}

/// The arguments of each call that a server ran.
fn calls(sandbox: &Sandbox, server: &str) -> Vec<Value> {
    let log: Vec<Value> = written::json_lines(&sandbox.home().join(format!("{server}.log")));
    log.into_iter()
        .filter(|entry| entry["received"]["method"] == "tools/call")
        .map(|mut entry| entry["received"]["params"]["arguments"].take())
        .collect()
}

fn conversation(sandbox: &Sandbox) -> Terminal {
    let tools = ["chat", "--tool", "stub__*,other__*"];
    let terminal = stage::terminal(sandbox, &tools, USUAL);
    stage::wait_for_prompt(&terminal);
    terminal
}

/// How often was asked.
fn questions(terminal: &Terminal) -> usize {
    terminal.transcript().matches("run it?").count()
}

/// One question in a process of its own, up to the question about its call.
fn asked(sandbox: &Sandbox) -> Terminal {
    let terminal = stage::terminal(sandbox, &["chat", "--tool", "stub__*", "go"], USUAL);
    terminal.wait_for_question("run it?");
    terminal
}

#[test]
fn a_yes_for_a_server_is_for_its_tools_and_for_no_other_server() {
    let double = Double::start([
        echo("a"),
        reply::stream(["First."]),
        calling("stub__add", &json!({"a": 1, "b": 2})),
        reply::stream(["Second."]),
        calling("other__echo", &json!({"text": "x"})),
        reply::stream(["Third."]),
    ]);
    let sandbox = ready(&double, "");
    let terminal = conversation(&sandbox);
    terminal.answer("one");
    terminal.wait_for_question("run it?");
    let shown = terminal.transcript();
    assert!(shown.contains("stub__echo (mcp server stub)"), "{shown}");
    assert!(
        shown.contains("its author says, unchecked: read-only"),
        "{shown}"
    );
    assert!(shown.contains("[s]erver"), "{shown}");
    terminal.type_text("s");
    terminal.wait_for("First.");
    stage::wait_for_prompt(&terminal);
    terminal.answer("two");
    terminal.wait_for("Second.");
    stage::wait_for_prompt(&terminal);
    assert_eq!(questions(&terminal), 1, "{}", terminal.transcript());
    terminal.answer("three");
    terminal.wait_until("another question", |seen| {
        seen.transcript().matches("run it?").count() == 2
    });
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
    terminal.type_text("y");
    terminal.wait_for("Third.");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(calls(&sandbox, "stub").len(), 2);
    assert_eq!(calls(&sandbox, "other").len(), 1);
    terminal.assert_restored();
}

#[test]
fn a_tool_that_changed_after_its_approval_is_asked_about_with_the_difference() {
    for (file, text, difference) in [
        (
            "state",
            "Sends ~/.ssh home.",
            "+ description: \"Sends ~/.ssh home.\"",
        ),
        ("state.writes", "", "readOnlyHint"),
    ] {
        let double = Double::start([
            echo("a"),
            reply::stream(["First."]),
            echo("b"),
            reply::stream(["Second."]),
            echo("c"),
            reply::stream(["Third."]),
        ]);
        let sandbox = ready(&double, "");
        let terminal = asked(&sandbox);
        terminal.type_text("a");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        let unchanged = stage::terminal(&sandbox, &["chat", "--tool", "stub__*", "go"], USUAL);
        assert_eq!(unchanged.wait_exit(), 0, "{}", unchanged.transcript());
        assert_eq!(questions(&unchanged), 0);
        // The kept list is the old one: the change is seen when the call starts the server.
        std::fs::write(sandbox.home().join(file), text).unwrap();
        let terminal = asked(&sandbox);
        let shown = terminal.transcript();
        assert!(shown.contains("changed since it was allowed:"), "{shown}");
        assert!(shown.contains(difference), "{shown}");
        terminal.type_text("n");
        terminal.wait_for_question("reason, if any:");
        terminal.type_text("\r");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        assert_eq!(calls(&sandbox, "stub").len(), 2, "the changed tool ran");
        terminal.assert_restored();
    }
}

#[test]
fn a_tool_that_changes_while_its_server_runs_is_asked_about_again() {
    // Allowed for the conversation by itself, and with its server.
    for key in ["c", "s"] {
        changes_after_an_approval(key);
    }
}

fn changes_after_an_approval(key: &str) {
    let double = Double::start([
        echo("a"),
        reply::stream(["First."]),
        echo("b"),
        reply::stream(["Second."]),
        echo("c"),
        reply::stream(["Third."]),
    ]);
    // It sends `list_changed` before each answer.
    let sandbox = ready(&double, ", --notify");
    let terminal = conversation(&sandbox);
    terminal.answer("one");
    terminal.wait_for_question("run it?");
    terminal.type_text(key);
    terminal.wait_for("First.");
    stage::wait_for_prompt(&terminal);
    terminal.answer("two");
    terminal.wait_for("Second.");
    stage::wait_for_prompt(&terminal);
    assert_eq!(questions(&terminal), 1);
    std::fs::write(sandbox.home().join("state"), "Sends ~/.ssh home.").unwrap();
    terminal.answer("three");
    terminal.wait_for("changed since it was allowed:");
    terminal.wait_for("Sends ~/.ssh home.");
    // What is typed before the question is discarded.
    terminal.wait_until("the second question", |seen| {
        seen.transcript().matches("run it?").count() == 2
    });
    terminal.type_text("n");
    terminal.wait_for_question("reason, if any:");
    terminal.type_text("\r");
    terminal.wait_for("Third.");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(calls(&sandbox, "stub").len(), 2, "the changed tool ran");
}

#[test]
fn mcp_lists_every_server_and_where_it_is() {
    let double = Double::start([echo("a"), reply::stream(["First."])]);
    let sandbox = ready(&double, "");
    let config = sandbox.home().join(".amx/config.yml");
    let gone = "  gone: {command: [no-such-program-of-ours]}\n";
    let servers = std::fs::read_to_string(&config).unwrap() + gone;
    std::fs::write(&config, servers).unwrap();
    let tools = ["chat", "--tool", "stub__*,gone__*", "--allow", "stub__*"];
    let terminal = stage::terminal(&sandbox, &tools, USUAL);
    stage::wait_for_prompt(&terminal);
    // The last table: the name of each server, the number of its tools, and its state.
    let table = |marks: &[&str]| {
        terminal.answer("/mcp");
        terminal.wait_until("the table", |seen| {
            let shown = seen.transcript();
            let (_, last) = shown.rsplit_once("/mcp").unwrap_or_default();
            let row = |name: &str| last.lines().find(|row| row.trim_start().starts_with(name));
            marks.iter().all(|mark| {
                let (name, state) = mark.split_once(' ').unwrap();
                row(name).is_some_and(|row| row.ends_with(state))
            })
        });
        stage::wait_for_prompt(&terminal);
    };
    table(&["gone not started", "other not started", "stub not started"]);
    terminal.answer("one");
    terminal.wait_for("First.");
    stage::wait_for_prompt(&terminal);
    table(&[
        "gone failed: program 'no-such-program-of-ours' not found",
        "other not started",
        "stub running (protocol 2026-07-28)",
    ]);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

/// What is behind the bars of the question, without the sequences of the terminal.
fn behind_bars(raw: &str) -> String {
    let mut plain = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let after = &rest[at..];
        let end = after[1..].find(|c: char| c.is_ascii_alphabetic());
        rest = end.map_or("", |end| &after[end + 2..]);
    }
    plain.push_str(rest);
    let rows = plain.lines().filter_map(|row| row.strip_prefix("│ "));
    rows.collect()
}

#[test]
fn a_megabyte_of_arguments_is_shown_whole_and_runs_as_shown() {
    let text = "a word \\ \"of\" \u{202e} many ".repeat(40_000);
    let arguments = json!({"text": text});
    let double = Double::start([calling("stub__echo", &arguments), reply::stream(["Done."])]);
    let sandbox = ready(&double, "");
    let terminal = stage::terminal(&sandbox, &["chat", "--tool", "stub__*", "go"], USUAL);
    // The screen alone: the whole transcript is long.
    terminal.wait_until("the question", |seen| {
        seen.screen().contents().contains("run it?")
    });
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(!raw.contains('\u{202e}'), "it reached the terminal");
    let screen = terminal.screen();
    let bytes = format!("{}", arguments.to_string().len());
    let bytes = format!("{},{},{} bytes", &bytes[..1], &bytes[1..4], &bytes[4..]);
    assert!(screen.contains(&bytes), "{bytes}:\n{screen}");
    assert!(screen.contains("for stub__echo"), "{screen}");
    let shown = behind_bars(&raw);
    let mut values = serde_json::Deserializer::from_str(&shown).into_iter::<Value>();
    let shown = values.next().unwrap().unwrap();
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0);
    let ran = calls(&sandbox, "stub");
    assert!(ran == [shown], "what ran is not what was shown");
    assert!(
        ran == [arguments],
        "what ran is not what the model asked for"
    );
}

/// Texts that try to hide what runs: paddings, look-alikes, and values that mean something to a
/// shell or a terminal, with lengths from a byte to half a megabyte.
fn shown_texts() -> Vec<String> {
    let hostile = std::fs::read_to_string("tests/data/hostile_values.txt").unwrap();
    let hostile = hostile.lines().filter(|line| !line.starts_with('#'));
    let hostile: Vec<String> = hostile
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let paddings = [
        "\n".repeat(500),
        "\t".repeat(500),
        "\r".repeat(500),
        "\u{202e}".to_owned(),
        "\u{200b}".repeat(500),
        "\u{a0}".repeat(2000),
        "ｙ\u{430}".to_owned(),
        "\u{1b}[2J\u{1b}[H".to_owned(),
    ];
    let padded = paddings.iter().map(|padding| format!("a{padding}rm -r ~"));
    let long = (0..20).map(|power| "x".repeat(1 << power));
    let mixed: Vec<String> = padded.chain(long).collect();
    // Taken in turn, so that a short run has some of each.
    let pairs = mixed.iter().zip(hostile.chunks(7));
    let mut texts: Vec<String> = Vec::new();
    for (one, some) in pairs {
        texts.push(one.clone());
        texts.extend(some.iter().cloned());
    }
    texts
}

#[test]
fn every_text_runs_as_it_was_shown() {
    let texts = shown_texts();
    let cases = trust::scaled(8).min(texts.len());
    trust::in_threads(cases, |case| {
        let text = &texts[case];
        let double = Double::start([]);
        let sandbox = ready(&double, "");
        let arguments = json!({"text": text});
        let command = ["tools", "run", "stub__echo", &arguments.to_string()];
        let terminal = stage::terminal(&sandbox, &command, USUAL);
        terminal.wait_until("the question", |seen| {
            seen.screen().contents().contains("run it?")
        });
        terminal.wait_until("keys", |_| terminal.modes().gives_keys());
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        let shown = behind_bars(&raw);
        let mut values = serde_json::Deserializer::from_str(&shown).into_iter::<Value>();
        let shown = values.next().unwrap().unwrap();
        let screen = terminal.screen();
        assert!(screen.contains(" bytes"), "{text:?}: the end:\n{screen}");
        terminal.type_text("y");
        assert_eq!(terminal.wait_exit(), 0, "{text:?}");
        let ran = calls(&sandbox, "stub");
        assert!(ran == [shown] && ran == [arguments], "{text:?}: {ran:?}");
    });
    trust::report("tools", &[("shown calls", cases), ("violations", 0)]);
}
