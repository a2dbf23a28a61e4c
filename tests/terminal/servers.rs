//! MCP servers beside a terminal: what they write to stderr is neither shown nor obeyed.

use std::path::Path;

use serde_json::{Value, json};

use crate::pty::USUAL;
use crate::stage;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// What the stub writes and a terminal would obey: a title, the other screen, a colour.
const OBEYED: [&str; 3] = ["\x1b]0;owned", "\x1b[?1049h", "\x1b[31mLOUD"];

/// A server that is loud, in this way.
fn loud(sandbox: Sandbox, mode: &str) -> Sandbox {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    sandbox.config(format!(
        "mcp_servers:\n  stub:\n    command: [python3, {}, --log, log, --mode, {mode}]\n    \
         approve: allow\n",
        script.display()
    ))
}

/// Fails when the server had a terminal to write to.
fn assert_no_terminal(sandbox: &Sandbox) {
    let log: Vec<Value> = written::json_lines(&sandbox.home().join("log"));
    assert!(!log.is_empty() && log.iter().all(|entry| entry["wrote"].is_null()));
}

#[test]
fn the_stderr_of_a_server_is_not_shown_in_a_conversation() {
    let arguments = json!({"a": 1, "b": 2}).to_string();
    let function = json!({"name": "stub__add", "arguments": arguments});
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
    let double = Double::start([
        reply::stream([]).finish("tool_calls").tool(call),
        reply::stream(["It is 3."]),
    ]);
    let sandbox = loud(stage::ready(&double), "loud");
    let terminal = stage::terminal(&sandbox, &["chat", "--tool", "stub__*"], USUAL);
    stage::wait_for_prompt(&terminal);
    terminal.answer("one and two?");
    terminal.wait_for("It is 3.");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/mcp");
    terminal.wait_for("running (protocol");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(!raw.contains("LOUD") && !raw.contains("owned"), "{raw}");
    assert_no_terminal(&sandbox);
    terminal.assert_restored();
}

#[test]
fn a_test_of_a_server_shows_what_it_wrote_and_no_terminal_obeys_it() {
    for mode in ["loud_and_dies", "loud_refusal"] {
        let sandbox = loud(stage::bare(), mode);
        let terminal = stage::terminal(&sandbox, &["mcp", "test"], USUAL);
        assert_eq!(terminal.wait_exit(), 11, "{}", terminal.transcript());
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert!(raw.contains("LOUD"), "{mode}: {raw}");
        for sequence in OBEYED {
            assert!(!raw.contains(sequence), "{mode}: {raw:?}");
        }
        let tested = sandbox.run(["mcp", "test", "--json"]);
        assert!(!tested.stdout().contains('\x1b'), "{tested}");
        let stderr = tested.json()[0]["stderr"].clone();
        assert!(stderr.as_str().unwrap().contains("LOUD"), "{stderr}");
        assert_no_terminal(&sandbox);
        terminal.assert_restored();
    }
}
