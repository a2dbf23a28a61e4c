//! Servers that are added or imported on a terminal: what is asked for, and the first list of
//! their tools.

use std::path::Path;

use crate::pty::{SMALL, USUAL};
use crate::stage;
use crate::support::sandbox::Sandbox;

fn server() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    format!("python3 {} --log log", script.display())
}

fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(stage::config_file(sandbox)).unwrap()
}

#[test]
fn a_guided_server_is_started_once_after_a_yes() {
    for (size, answer, is_started) in [(USUAL, "y", true), (SMALL, "y", true), (USUAL, "n", false)]
    {
        let sandbox = stage::bare();
        let terminal = stage::terminal(&sandbox, &["mcp", "add"], size);
        terminal.wait_for_question("Name");
        terminal.answer("stub");
        terminal.wait_for_question("Command that starts it");
        terminal.answer(&server());
        terminal.wait_for_question("Variables with keys");
        terminal.answer("");
        terminal.wait_for_question("Start it once");
        assert!(
            !sandbox.home().join("log").exists(),
            "started without a yes"
        );
        terminal.type_text(answer);
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        let shown = terminal.transcript();
        assert!(shown.contains("Added MCP server 'stub'"), "{shown}");
        assert_eq!(shown.contains("✓ stub: 7 tools"), is_started, "{shown}");
        assert_eq!(shown.contains("amx mcp test stub"), !is_started, "{shown}");
        assert_eq!(sandbox.home().join("log").exists(), is_started);
        assert!(config(&sandbox).contains("command: python3"));
        terminal.assert_restored();
    }
}

#[test]
fn a_server_that_does_not_work_is_added_with_a_warning() {
    let sandbox = stage::bare();
    let add = ["mcp", "add", "gone", "--", "no-such-program"];
    let terminal = stage::terminal(&sandbox, &add, USUAL);
    terminal.wait_for_question("Start it once");
    terminal.type_text("y");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let shown = terminal.transcript();
    assert!(
        shown.contains("program 'no-such-program' not found"),
        "{shown}"
    );
    assert!(shown.contains("amx mcp test gone"), "{shown}");
    assert!(config(&sandbox).contains("no-such-program"));
}

/// Two inputs, one of them needed by two servers.
const INPUTS: &str = r#"{
  "inputs": [
    {"type": "promptString", "id": "team", "description": "Name of the team", "default": "web"},
    {"type": "pickString", "id": "level", "description": "Log level", "options": ["info", "debug"]}
  ],
  "servers": {
    "one": {"type": "stdio", "command": "srv", "args": ["${input:team}", "${input:level}"]},
    "two": {"type": "stdio", "command": "srv", "env": {"TEAM": "${input:team}"}}
  }
}"#;

#[test]
fn the_inputs_of_a_file_are_asked_for_once() {
    let sandbox = stage::bare().file("mcp.json", INPUTS);
    let import = ["mcp", "import", "mcp.json", "--from", "vscode"];
    let terminal = stage::terminal(&sandbox, &import, USUAL);
    terminal.wait_for_question("Import which servers?");
    terminal.press_enter();
    terminal.wait_for_question("Name of the team");
    terminal.answer("");
    terminal.wait_for_question("Log level");
    terminal.press_down();
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let asked = terminal.transcript().matches("Name of the team").count();
    assert!((1..=2).contains(&asked), "{}", terminal.transcript());
    let written = config(&sandbox);
    assert!(
        written.contains("debug") && !written.contains("info"),
        "{written}"
    );
    assert_eq!(written.matches("web").count(), 2, "{written}");
    terminal.assert_restored();
}
