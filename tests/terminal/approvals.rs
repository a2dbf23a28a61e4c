//! The question before a tool runs: what is shown is what runs, and one key decides.

use std::path::Path;

use serde_json::json;

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::sandbox::Sandbox;
use crate::support::written;

const CONFIG: &str = "\
tools:
  weather:
    description: Current weather of a town.
    command: [./stub.py, --, '{town}']
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

fn ready() -> Sandbox {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = stage::bare().config(CONFIG).file("stub.py", STUB);
    let stub = sandbox.home().join("stub.py");
    std::fs::set_permissions(stub, std::fs::Permissions::from_mode(0o700)).unwrap();
    sandbox
}

fn asked(sandbox: &Sandbox, town: &str, size: Size) -> Terminal {
    let arguments = json!({"town": town}).to_string();
    let command = ["tools", "run", "weather", &arguments];
    let terminal = stage::terminal(sandbox, &command, size);
    terminal.wait_for_question("run it?");
    terminal
}

/// The arguments of each run of the stub.
fn runs(home: &Path) -> Vec<Vec<String>> {
    written::json_lines(&home.join("calls.log"))
}

/// How the calls in the log were decided.
fn decided(sandbox: &Sandbox) -> Vec<String> {
    let log = sandbox.run(["tools", "log", "--json"]).json();
    let words = log.as_array().unwrap().iter();
    words
        .map(|call| call["by"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn yes_runs_what_was_shown() {
    let sandbox = ready();
    let terminal = asked(&sandbox, "Oslo", USUAL);
    let shown = terminal.transcript();
    assert!(
        shown.contains("the model wants to run weather (command)"),
        "{shown}"
    );
    assert!(shown.contains("│ ./stub.py -- Oslo  17 bytes"), "{shown}");
    assert_eq!(runs(sandbox.home()).len(), 0);
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(runs(sandbox.home()), [["--", "Oslo"]]);
    assert!(terminal.transcript().contains("[?] yes\n3 degrees"));
    terminal.assert_restored();
    assert_eq!(decided(&sandbox), ["once"]);
}

#[test]
fn no_enter_and_esc_run_nothing() {
    for keys in ["n\r", "nnot now\r", "n\x1b", "\r", "\x1b", "N\r"] {
        let sandbox = ready();
        let terminal = asked(&sandbox, "Oslo", USUAL);
        for key in keys.chars() {
            if key != keys.chars().next().unwrap() {
                terminal.wait_for_question("reason, if any:");
            }
            terminal.type_text(&key.to_string());
        }
        assert_eq!(
            terminal.wait_exit(),
            1,
            "{keys:?}: {}",
            terminal.transcript()
        );
        assert_eq!(runs(sandbox.home()).len(), 0, "{keys:?}");
        terminal.assert_restored();
        assert_eq!(decided(&sandbox), ["denied"], "{keys:?}");
    }
}

#[test]
fn ctrl_c_ends_with_130_and_runs_nothing() {
    for keys in ["", "n", "nbecause"] {
        let sandbox = ready();
        let terminal = asked(&sandbox, "Oslo", USUAL);
        terminal.type_text(keys);
        if keys.len() > 1 {
            terminal.wait_for("reason, if any: because");
        } else if !keys.is_empty() {
            terminal.wait_for_question("reason, if any:");
        }
        terminal.press_ctrl_c();
        assert_eq!(
            terminal.wait_exit(),
            130,
            "{keys:?}: {}",
            terminal.transcript()
        );
        assert_eq!(runs(sandbox.home()).len(), 0, "{keys:?}");
        terminal.assert_restored();
    }
}

#[test]
fn keys_without_a_meaning_decide_nothing_and_a_question_mark_explains() {
    let sandbox = ready();
    let terminal = asked(&sandbox, "Oslo", USUAL);
    // A paste, an arrow, keys that are not offered, and with Alt and Ctrl.
    terminal.type_text("\x1b[200~y\x1b[201~\x1b[Axsqe \x1by\x19?");
    terminal.wait_for("run this tool without asking from now on");
    terminal.wait_until("the question again", |seen| {
        seen.transcript().matches("run it?").count() == 2
    });
    assert_eq!(runs(sandbox.home()).len(), 0);
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(runs(sandbox.home()).len(), 1);
    terminal.assert_restored();
}

#[test]
fn function_keys_of_the_linux_console_decide_nothing() {
    let sandbox = ready();
    let terminal = asked(&sandbox, "Oslo", USUAL);
    // F1 to F5, Ctrl-Right, then a question mark, after which the question is shown again.
    terminal.type_text("\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[E\x1bO1;5C?");
    terminal.wait_until("the question again", |seen| {
        seen.transcript().matches("run it?").count() == 2
    });
    assert_eq!(runs(sandbox.home()).len(), 0);
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    assert_eq!(decided(&sandbox), Vec::<String>::new());
}

#[test]
fn always_is_stored_until_the_command_changes_or_it_is_forgotten() {
    let sandbox = ready();
    let again = ["tools", "run", "weather", "{\"town\": \"Bergen\"}"];
    let terminal = asked(&sandbox, "Oslo", USUAL);
    terminal.type_text("a");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    sandbox.run(again).assert_code(0);
    assert_eq!(decided(&sandbox), ["always", "always"]);
    let changed = CONFIG.replace("Current", "Present");
    let sandbox = sandbox.config(changed);
    let refused = sandbox.run(again);
    refused.assert_code(11);
    assert!(
        refused.stderr().contains("changed since it was allowed"),
        "{refused}"
    );
    let terminal = asked(&sandbox, "Oslo", USUAL);
    let shown = terminal.transcript();
    for line in [
        "changed since it was allowed:",
        "- description: \"Current weather of a town.\"",
        "+ description: \"Present weather of a town.\"",
    ] {
        assert!(shown.contains(line), "{line} in:\n{shown}");
    }
    terminal.type_text("a");
    assert_eq!(terminal.wait_exit(), 0);
    sandbox.run(again).assert_code(0);
    sandbox.run(["tools", "forget", "weather"]).assert_code(0);
    sandbox.run(again).assert_code(11);
    assert_eq!(runs(sandbox.home()).len(), 4);
}

#[test]
fn what_is_shown_is_what_runs_at_any_length() {
    let long = "word ".repeat(12_000);
    let blank = format!("a{}rm -r ~", "\n".repeat(500));
    for town in [
        "O",
        "a b'c\"d$(e)`f`\\g",
        "x\u{202e}y\u{200f}z\r\u{1b}[2J\t\u{7}",
        &blank,
        &long,
    ] {
        for size in [USUAL, SMALL] {
            let sandbox = ready();
            let terminal = asked(&sandbox, town, size);
            let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
            for sequence in ["\u{1b}[2J", "\u{202e}", "\u{7}"] {
                assert!(!raw.contains(sequence), "{sequence:?} reached the terminal");
            }
            let screen = terminal.screen();
            assert!(
                screen.contains(" bytes"),
                "the end is not visible:\n{screen}"
            );
            let rows = raw.lines().filter(|row| row.contains("│ ")).count();
            assert!(rows * usize::from(size.columns) >= town.trim_matches('\n').len() / 60);
            terminal.type_text("y");
            assert_eq!(terminal.wait_exit(), 0);
            assert_eq!(runs(sandbox.home()), [["--", town]]);
        }
    }
}

#[test]
fn a_terminal_that_cannot_draw_asks_the_same() {
    let sandbox = ready().env("TERM", "dumb").env("LANG", "C");
    let terminal = asked(&sandbox, "Oslo", USUAL);
    assert!(terminal.transcript().contains("| ./stub.py -- Oslo"));
    terminal.type_text("n");
    terminal.wait_for_question("reason, if any:");
    terminal.type_text("no\x7feed\r");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.transcript());
    assert_eq!(runs(sandbox.home()).len(), 0);
    terminal.assert_restored();
}

#[test]
fn a_small_terminal_has_the_call_and_every_key() {
    let sandbox = ready();
    let terminal = asked(&sandbox, "Oslo", SMALL);
    let screen = terminal.screen();
    for part in ["│ ./stub.py -- Oslo", "[y]es", "[a]lways, [?]"] {
        assert!(screen.contains(part), "{part} in:\n{screen}");
    }
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

/// Writes to the terminal by the name that every process has for its own.
const SPOOF: &str = "\
tools:
  spoof:
    command: (echo spoofed > /dev/tty) 2> /dev/null || echo no terminal
    shell: true
";

#[test]
fn a_tool_has_no_terminal_to_write_to() {
    let sandbox = stage::bare().config(SPOOF);
    let command = ["tools", "run", "spoof", "{}", "--allow", "spoof"];
    let terminal = stage::terminal(&sandbox, &command, USUAL);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let shown = terminal.transcript();
    assert!(!shown.contains("spoofed"), "{shown}");
    assert!(shown.contains("no terminal"), "{shown}");
}
