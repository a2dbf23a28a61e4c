//! Servers that are older than `server/discover` and show it in other ways than by an error.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::mcp_over_http::McpOverHttp;
use crate::support::outcome::Outcome;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// How a server takes `server/discover`.
const MODES: [&str; 3] = ["silent_discover", "odd_discover", "ends_at_discover"];

/// How long a server is silent before it is older.
const DISCOVER_WAIT: Duration = Duration::from_secs(10);

fn config(server: &str) -> String {
    format!("mcp_servers:\n  stub: {{{server}}}\n")
}

/// The test of a server over stdio. Its revision is kept, so the next one does not negotiate.
fn over_stdio(mode: &str) -> Outcome {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let script = script.display();
    let arguments = format!("--era, legacy, --mode, {mode}, --log, log");
    let command = format!("command: [python3, {script}, {arguments}]");
    let sandbox = Sandbox::new().config(config(&command));
    let log = || written::json_lines::<Value>(&sandbox.home().join("log"));
    let outcome = sandbox.run(["mcp", "test", "--json"]);
    let starts = log()
        .iter()
        .filter(|entry| entry["event"] == "start")
        .count();
    // One that ended is started again.
    assert_eq!(
        starts,
        if mode == "ends_at_discover" { 2 } else { 1 },
        "{mode}"
    );
    sandbox.run(["mcp", "test"]).assert_code(0);
    let is_discover = |entry: &&Value| entry["received"]["method"] == "server/discover";
    assert_eq!(log().iter().filter(is_discover).count(), 1, "{mode}");
    outcome
}

fn over_http(mode: &str) -> Outcome {
    let sandbox = Sandbox::new();
    let server = McpOverHttp::start(&sandbox, &["--era", "legacy", "--mode", mode]);
    let url = format!("url: \"{}\"", server.url());
    sandbox.config(config(&url)).run(["mcp", "test", "--json"])
}

/// Fails unless the server was tested in the older era, a silent one after the wait.
fn check(mode: &str, outcome: &Outcome) {
    outcome.assert_code(0);
    let tested = outcome.json();
    assert_eq!(tested[0]["era"], "2025-11-25", "{mode}: {tested}");
    assert_eq!(tested[0]["tools"].as_array().map(Vec::len), Some(7));
    let took = Duration::from_millis(tested[0]["ms"].as_u64().unwrap());
    if mode == "silent_discover" {
        assert!(took >= DISCOVER_WAIT, "{mode}: {took:?}");
    }
}

#[test]
fn a_server_that_does_not_answer_discover_is_of_the_older_era() {
    std::thread::scope(|scope| {
        for mode in MODES {
            scope.spawn(|| check(mode, &over_stdio(mode)));
            scope.spawn(|| check(mode, &over_http(mode)));
        }
    });
}
