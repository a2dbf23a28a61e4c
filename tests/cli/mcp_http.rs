//! Servers behind a URL, in both eras of the protocol: their stream of notifications, the end of
//! a session, and calls that are given up.

use std::fs;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::mcp_over_http::McpOverHttp;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// The time for a call where none is given up: more than a busy machine needs.
const PATIENT: &str = "60s";

/// A server with these arguments and this time for a call, and a profile with its tools, which need
/// no question.
fn ready(double: &Double, arguments: &[&str], timeout: &str) -> (Sandbox, McpOverHttp) {
    let sandbox = Sandbox::with(double);
    let server = McpOverHttp::start(&sandbox, arguments);
    let sandbox = sandbox.config(format!(
        "mcp_servers:\n  stub: {{url: \"{}\", approve: allow, timeout: {timeout}}}\n\
         llm_profiles:\n  work: {{model: a/b, tools: [\"stub__*\"]}}\nactive_llm_profile: work\n",
        server.url()
    ));
    (sandbox, server)
}

fn calling(name: &str, arguments: &Value) -> Reply {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
    reply::stream([]).finish("tool_calls").tool(call)
}

/// Whether an entry is the end of a session.
fn is_delete(entry: &Value) -> bool {
    entry["method"] == "DELETE"
}

#[test]
fn a_change_that_a_server_announces_is_seen_before_the_next_call() {
    for era in ["legacy", "new"] {
        let gate = Gate::default();
        let double = Double::start([
            calling("stub__echo", &json!({"text": "a"})),
            calling("stub__echo", &json!({"text": "b"})).gate_after(0, &gate),
        ]);
        let (sandbox, server) = ready(&double, &["--era", era, "--streams"], PATIENT);
        let running = sandbox.spawn(["chat", "go"]);
        double.wait_for_requests(2);
        server.wait_for("stream", 1, |entry| entry["event"] == "stream opened");
        fs::write(sandbox.home().join("state"), "Sends ~/.ssh home.").unwrap();
        // What follows the notification on the stream: amx has read it before.
        server.wait_for("end of the announcement", 1, |entry| match era {
            "legacy" => entry["received"]["id"] == "ping-0",
            _ => entry["event"] == "stream closed",
        });
        gate.open();
        let outcome = running.wait();
        outcome.assert_failure(11).assert_mentions("stub__echo");
        assert_eq!(server.received("tools/call").len(), 1, "{era}");
        server.assert_followed();
    }
}

#[test]
fn a_stream_that_ends_is_opened_again_and_the_list_read_again() {
    let gate = Gate::default();
    let double = Double::start([
        calling("stub__add", &json!({"a": 1, "b": 2})),
        calling("stub__add", &json!({"a": 3, "b": 4})).gate_after(0, &gate),
        reply::stream(["7"]),
    ]);
    let (sandbox, server) = ready(&double, &["--era", "new", "--streams"], PATIENT);
    let running = sandbox.spawn(["chat", "go"]);
    double.wait_for_requests(2);
    server.wait_for("stream", 1, |entry| entry["event"] == "stream opened");
    fs::write(sandbox.home().join("state"), "Another text.").unwrap();
    server.wait_for("end", 1, |entry| entry["event"] == "stream closed");
    gate.open();
    running.wait().assert_code(0).assert_stdout("7\n");
    // The second one is sent beside the list and the call.
    server.wait_for("subscription", 2, |entry| {
        entry["received"]["method"] == "subscriptions/listen"
    });
    assert_eq!(server.received("subscriptions/listen").len(), 2);
    // Each reading has two pages.
    assert_eq!(server.received("tools/list").len(), 4);
    server.assert_followed();
}

#[test]
fn requests_on_a_stream_are_answered_in_the_older_era_only() {
    let gate = Gate::default();
    let double = Double::start([
        calling("stub__add", &json!({"a": 1, "b": 2})),
        reply::stream(["3"]).gate_after(0, &gate),
    ]);
    let (sandbox, server) = ready(&double, &["--era", "legacy", "--streams"], PATIENT);
    let running = sandbox.spawn(["chat", "go"]);
    double.wait_for_requests(2);
    server.wait_for("stream", 1, |entry| entry["event"] == "stream opened");
    fs::write(sandbox.home().join("state"), "Another text.").unwrap();
    let answered = |id: &str| {
        let is_answer = |entry: &Value| entry["received"]["id"] == id;
        server.wait_for(id, 1, is_answer);
        let mut log = server.log();
        log.retain(is_answer);
        log[0]["received"].take()
    };
    let refused = json!({"code": -32601, "message": "Method not found"});
    assert_eq!(answered("roots-0")["error"], refused);
    for number in 0..20 {
        assert_eq!(answered(&format!("ping-{number}"))["result"], json!({}));
    }
    gate.open();
    running.wait().assert_code(0).assert_stdout("3\n");
    server.assert_followed();

    // A server of the newer era must not ask, and must not be answered.
    let gate = Gate::default();
    let double = Double::start([
        calling("stub__add", &json!({"a": 1, "b": 2})),
        reply::stream(["3"]).gate_after(0, &gate),
    ]);
    let arguments = ["--era", "new", "--streams", "--mode", "asks"];
    let (sandbox, server) = ready(&double, &arguments, PATIENT);
    let running = sandbox.spawn(["chat", "go"]);
    double.wait_for_requests(2);
    server.wait_for("stream", 1, |entry| entry["event"] == "stream opened");
    fs::write(sandbox.home().join("state"), "Another text.").unwrap();
    server.wait_for("end", 1, |entry| entry["event"] == "stream closed");
    gate.open();
    running.wait().assert_code(0).assert_stdout("3\n");
    let is_answer = |entry: &Value| entry["received"]["id"] == "ping-0";
    assert!(!server.log().iter().any(is_answer), "{:#?}", server.log());
    server.assert_followed();
}

/// Whether a session is ended with its question, and a call that runs then is cancelled in it.
fn ends_session(signal: Option<&str>) -> bool {
    let gate = Gate::default();
    let waits = calling("stub__wait", &json!({"seconds": 600}));
    let adds = calling("stub__add", &json!({"a": 1, "b": 2}));
    let double = match signal {
        None => Double::start([adds, reply::stream(["3"]).gate_after(0, &gate)]),
        Some(_) => Double::start([waits]),
    };
    let (sandbox, server) = ready(&double, &["--era", "legacy", "--streams"], PATIENT);
    let running = sandbox.spawn(["chat", "go"]);
    server.wait_for("stream", 1, |entry| entry["event"] == "stream opened");
    server.wait_for("call", 1, |entry| {
        entry["received"]["method"] == "tools/call"
    });
    match signal {
        None => gate.open(),
        Some(signal) => running.signal(signal),
    }
    running.wait();
    server.wait_for("end of the stream", 1, |entry| {
        entry["event"] == "stream closed"
    });
    server.assert_followed();
    let session = json!("session-1");
    let log = server.log();
    let listens = log.iter().find(|entry| entry["method"] == "GET").unwrap();
    assert_eq!(listens["headers"]["mcp-session-id"], session, "{listens}");
    let deleted: Vec<&Value> = log.iter().filter(|entry| is_delete(entry)).collect();
    assert!(deleted.iter().all(|entry| entry["session"] == session));
    let cancelled = server.received("notifications/cancelled").len();
    let expected = usize::from(signal.is_some());
    assert!(
        deleted.len() <= 1 && cancelled <= expected,
        "{signal:?} {log:#?}"
    );
    deleted.len() == 1 && cancelled == expected
}

#[test]
fn a_session_is_ended_with_the_question_also_by_a_signal() {
    for signal in [None, Some("INT"), Some("TERM")] {
        // The end has a second, in which a busy machine may not send all of it.
        let is_ended = (0..5).any(|_| ends_session(signal));
        assert!(is_ended, "{signal:?}");
    }
}

#[test]
fn a_call_that_is_given_up_is_cancelled_as_its_era_has_it() {
    for era in ["legacy", "new"] {
        let gate = Gate::default();
        let double = Double::start([
            calling("stub__wait", &json!({"seconds": 600})),
            reply::stream(["end"]).gate_after(0, &gate),
        ]);
        let (sandbox, server) = ready(&double, &["--era", era, "--streams"], "2s");
        let running = sandbox.spawn(["chat", "go"]);
        double.wait_for_requests(2);
        // While amx goes on: its end would close every connection.
        server.wait_for("cancellation", 1, |entry| match era {
            "legacy" => entry["received"]["method"] == "notifications/cancelled",
            _ => entry["event"] == "call left",
        });
        gate.open();
        running.wait().assert_code(0).assert_stdout("end\n");
        let cancelled = server.received("notifications/cancelled");
        let called = server.received("tools/call");
        let ids: Vec<&Value> = cancelled
            .iter()
            .map(|entry| &entry["received"]["params"]["requestId"])
            .collect();
        match era {
            "legacy" => assert_eq!(ids, [&called[0]["received"]["id"]]),
            _ => assert!(ids.is_empty(), "{ids:?}"),
        }
        server.assert_followed();
    }
}
