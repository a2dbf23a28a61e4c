//! Questions with servers beyond the first call: replays, several calls at once, strict schemas,
//! and what is kept of a server that did not start.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// The stub server with these arguments, which needs no question.
fn config(arguments: &str, model: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let script = script.display();
    format!(
        "mcp_servers:\n  stub:\n    command: [python3, {script}, --log, log{arguments}]\n    \
         approve: allow\nllm_profiles:\n  work: {{model: {model}, tools: [\"stub__*\"]}}\n\
         active_llm_profile: work\n"
    )
}

fn sandbox(double: &Double, arguments: &str) -> Sandbox {
    Sandbox::with(double).config(config(arguments, "a/b"))
}

fn calling<'a>(calls: impl IntoIterator<Item = (&'a str, Value)>) -> Reply {
    let reply = reply::stream([]).finish("tool_calls");
    calls
        .into_iter()
        .enumerate()
        .fold(reply, |reply, (index, (name, arguments))| {
            let function = json!({"name": name, "arguments": arguments.to_string()});
            let id = format!("call_{index}");
            reply.tool(json!({
                "index": index, "id": id, "type": "function", "function": function,
            }))
        })
}

fn log(sandbox: &Sandbox) -> Vec<Value> {
    written::json_lines(&sandbox.home().join("log"))
}

/// The contents of the results in the last request.
fn results(double: &Double) -> Vec<String> {
    let body = double.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().iter();
    let results = messages.filter(|message| message["role"] == "tool");
    results
        .map(|result| result["content"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_replay_starts_no_server_and_offers_what_was_recorded() {
    let double = Double::start([
        calling([("stub__add", json!({"a": 1, "b": 2}))]),
        reply::stream(["It is 3."]),
    ]);
    let recording = sandbox(&double, "");
    let recorded = recording.run(["chat", "1+2?", "--record", "run.jsonl"]);
    recorded.assert_code(0).assert_stdout("It is 3.\n");
    let tape = std::fs::read(recording.home().join("run.jsonl")).unwrap();
    drop(double);
    // Another machine, where the server never ran and cannot run.
    let replaying = Sandbox::new()
        .config(config("", "a/b").replace("python3", "no-such-program"))
        .env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
        .file("run.jsonl", tape);
    let replayed = replaying.run(["chat", "1+2?", "--replay", "run.jsonl", "--strict"]);
    replayed.assert_code(0).assert_stdout("It is 3.\n");
    replayed.assert_stderr_lacks("no tools of MCP server");
    assert!(!replaying.home().join("log").exists());
}

#[test]
fn calls_to_one_process_run_one_after_another_and_keep_their_order() {
    let waits = json!({"seconds": 0.2});
    let double = Double::start([
        calling([
            ("stub__wait", waits),
            ("stub__echo", json!({"text": "b"})),
            ("stub__add", json!({"a": 1, "b": 2})),
        ]),
        reply::stream(["done"]),
    ]);
    let sandbox = sandbox(&double, "");
    sandbox
        .run(["chat", "go"])
        .assert_code(0)
        .assert_stdout("done\n");
    assert_eq!(results(&double), ["waited", "b", "3"]);
    let log = log(&sandbox);
    let starts = log.iter().filter(|entry| entry["event"] == "start");
    assert_eq!(starts.count(), 1, "{log:?}");
    let ids: Vec<u64> = log
        .iter()
        .filter(|entry| entry["received"]["method"] == "tools/call")
        .map(|entry| entry["received"]["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), 3, "{log:?}");
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}

#[test]
fn google_gets_every_tool_of_the_reference_server_but_one_that_cannot_be_rewritten() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/everything_tools.json");
    let text = std::fs::read_to_string(data).unwrap();
    let mut tools: Vec<Value> = serde_json::from_str(&text).unwrap();
    let count = tools.len();
    let both = json!({"allOf": [{"type": "string"}, {"type": "number"}]});
    let schema = json!({"type": "object", "properties": {"a": both}});
    tools.push(json!({"name": "impossible", "inputSchema": schema}));
    let double = Double::start([reply::stream(["hi"])]);
    let sandbox = Sandbox::with(&double)
        .config(config(", --tools, tools.json", "google/gemini-2.5-flash"))
        .file("tools.json", Value::from(tools).to_string());
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("hi\n");
    outcome.assert_stderr_has("stub__impossible is not offered to the model");
    let sent = double.request().json()["tools"].clone();
    assert_eq!(sent.as_array().map(Vec::len), Some(count), "{sent}");
}

#[test]
fn a_server_that_did_not_start_is_listed_as_failed_until_it_does() {
    let double = Double::start([]);
    let broken = sandbox(&double, ", --no-such-option");
    let state = |sandbox: &Sandbox| sandbox.run(["mcp", "list", "--json"]).json()[0].clone();
    assert_eq!(state(&broken)["state"], "unknown");
    broken.run(["mcp", "test"]).assert_failure(11);
    let failed = state(&broken);
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["since"].is_string(), "{failed}");
    assert!(
        failed["error"]
            .as_str()
            .unwrap()
            .contains("the server ended")
    );
    let listed = broken.run(["mcp", "list"]);
    assert!(listed.stdout().contains("failed "), "{listed}");
    let report = broken.run(["doctor", "--offline"]);
    let words = "MCP server stub: did not start";
    assert!(report.stdout().contains(words), "{report}");
    assert!(report.stdout().contains("amx mcp test stub"), "{report}");
    // The same server, as far as amx can see, that starts again.
    let script = broken.home().join("server.sh");
    let command = format!(
        "mcp_servers:\n  stub: {{command: [{}]}}\n",
        script.display()
    );
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let repaired = broken.config(command).script("server.sh", "exit 3");
    repaired.run(["mcp", "test"]).assert_failure(11);
    assert_eq!(state(&repaired)["state"], "failed");
    let repaired = repaired.script("server.sh", &format!("exec python3 {}", server.display()));
    repaired.run(["mcp", "test"]).assert_code(0);
    let listed = state(&repaired);
    assert_eq!(
        (&listed["state"], &listed["tools"]),
        (&json!("listed"), &json!(7))
    );
    assert_eq!(listed["error"], Value::Null);
}

#[test]
fn a_server_that_does_not_start_is_reported_with_the_lines_that_say_why() {
    let npm = "npm warn exec The following package was not found: @x/y
npm error code E404
npm error 404 Not Found - GET https://registry.npmjs.org/@x%2fy
npm error 404
npm error 404 Note that you can also install from a
npm error 404 tarball, folder, http url, or git folder.
npm notice New major version of npm available! 10.8.2 -> 11.6.0
npm notice To update run: npm install -g npm@11.6.0
npm error A complete log of this run can be found in: /x/debug-0.log";
    let node = "node:internal/modules/cjs/loader:1143
  throw err;
  ^
Error: Cannot find module '/srv/index.js'
    at Module._load (node:internal/modules/cjs/loader:984:27)
  code: 'MODULE_NOT_FOUND',
}
Node.js v20.11.0";
    for (stderr, shown) in [
        (npm, "npm error code E404 · npm error 404 Not Found - GET"),
        (
            node,
            "Error: Cannot find module '/srv/index.js' · at Module._load",
        ),
        ("npm notice a\nb\nc\nd\ne", "c · d · e"),
        ("one\n\ntwo", "one · two"),
    ] {
        let sandbox = Sandbox::new()
            .file("stderr", stderr)
            .script("server", "cat stderr >&2; exit 1")
            .config("mcp_servers:\n  stub: {command: ./server}\n");
        let tested = sandbox.run(["mcp", "test"]);
        tested.assert_failure(11).assert_stderr_has(shown);
        tested
            .assert_stderr_lacks("notice")
            .assert_stderr_lacks("warn");
    }
}
