//! The spans and metrics of answers.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::collector::{Collector, attributes};
use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::written;

fn calling(name: &str, id: &str, arguments: &Value) -> Reply {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    let call = json!({"index": 0, "id": id, "type": "function", "function": function});
    reply::stream([]).finish("tool_calls").tool(call)
}

fn names(spans: &[Value]) -> Vec<&str> {
    spans
        .iter()
        .filter_map(|span| span["name"].as_str())
        .collect()
}

/// Every span is in the trace of the root, and below it.
#[track_caller]
fn assert_below_root(spans: &[Value]) {
    let root = &spans[0];
    assert!(root["parentSpanId"].is_null(), "{root}");
    for (index, span) in spans.iter().enumerate().skip(1) {
        assert_eq!(span["traceId"], root["traceId"]);
        assert_eq!(span["parentSpanId"], root["spanId"]);
        let id = &span["spanId"];
        assert!(spans[..index].iter().all(|other| other["spanId"] != *id));
    }
}

#[test]
fn an_answer_is_a_trace_of_its_request() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert_below_root(&spans);
    let (root, chat) = (&spans[0], &spans[1]);
    assert_eq!(root["name"], "amx chat");
    assert_eq!((&root["kind"], &chat["kind"]), (&json!(1), &json!(3)));
    let found = attributes(chat);
    assert_eq!(found["gen_ai.provider.name"], "openrouter");
    assert_eq!(
        found["gen_ai.conversation.id"],
        attributes(root)["gen_ai.conversation.id"]
    );
    assert_eq!(collector.posted("/v1/traces").len(), 1);
    assert_eq!(collector.posted("/v1/metrics").len(), 1);
}

#[test]
fn a_retry_is_the_same_span() {
    let busy = reply::refusal(503, "overloaded").header("retry-after", "0");
    let double = Double::start([busy, reply::stream(["Hello"])]);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["chat", "hi"]).assert_code(0);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let chat = attributes(&spans[1]);
    assert_eq!(chat["amx.attempts"], 2);
    assert!(!chat.contains_key("error.type") && spans[1]["status"].is_null());
}

#[test]
fn a_fallback_profile_is_a_span_of_its_own() {
    let busy = reply::refusal(503, "overloaded").header("retry-after", "0");
    let first = Double::start(vec![busy; 4]);
    let second = Double::start([reply::stream(["Hello"])]);
    let collector = Collector::start();
    let profile = |model: &str, double: &Double, more: &str| {
        let url = double.base_url();
        format!("{{model: {model}, base_url: '{url}', api_key: '${{TEST_KEY}}'{more}}}")
    };
    let config = format!(
        "{}llm_profiles:\n  a: {}\n  b: {}\nactive_llm_profile: a\n",
        collector.config(""),
        profile("a/one", &first, ", fallback_profiles: [b]"),
        profile("b/two", &second, "")
    );
    let sandbox = Sandbox::new().env("TEST_KEY", KEY).config(config);
    sandbox.run(["chat", "hi"]).assert_code(0);
    let spans = collector.spans();
    assert_eq!(names(&spans), ["amx chat", "chat a/one", "chat b/two"]);
    assert_below_root(&spans);
    let (failed, answered) = (attributes(&spans[1]), attributes(&spans[2]));
    assert_eq!(
        (&failed["amx.profile"], &failed["amx.attempts"]),
        (&json!("a"), &json!(4))
    );
    assert_eq!(failed["error.type"], "try_later");
    assert_eq!(
        spans[1]["status"],
        json!({"code": 2, "message": "try_later"})
    );
    assert_eq!(answered["amx.profile"], "b");
    assert_eq!(failed["server.port"], first.address().port());
    assert_eq!(answered["server.port"], second.address().port());
}

#[test]
fn an_error_has_its_kind() {
    let double = Double::start([reply::refusal(402, "no credits")]);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["chat", "hi"]).assert_failure(7);
    for span in collector.spans() {
        assert_eq!(span["status"], json!({"code": 2, "message": "refused"}));
        assert_eq!(attributes(&span)["error.type"], "refused");
    }
}

const TOOLS: &str = "\
tools:
  weather: {command: [./weather, '{town}'], parameters: {town: string}, approve: allow}
  broken: {command: [./broken], approve: allow}
llm_profiles:
  work: {model: a/b, tools: [weather, broken]}
active_llm_profile: work
";

#[test]
fn a_loop_of_tools_is_a_tree() {
    let double = Double::start([
        calling("weather", "call_1", &json!({"town": "Oslo"})),
        calling("broken", "call_2", &json!({})),
        calling("weather", "call_3", &json!({"town": 7})),
        reply::stream(["done"]),
    ]);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double)
        .config(collector.config(TOOLS))
        .script("weather", "printf '%s: 3' \"$1\"")
        .script("broken", "exit 3");
    sandbox
        .run(["chat", "go"])
        .assert_code(0)
        .assert_stdout("done\n");
    let spans = collector.spans();
    let request = "chat a/b";
    let expected = [
        "amx chat",
        request,
        "execute_tool weather",
        request,
        "execute_tool broken",
        request,
        "execute_tool weather",
        request,
    ];
    assert_eq!(names(&spans), expected);
    assert_below_root(&spans);
    let tools: Vec<_> = [2, 4, 6].map(|index| attributes(&spans[index])).into();
    assert_eq!(tools[0]["gen_ai.tool.call.id"], "call_1");
    assert_eq!(tools[0]["amx.tool.decision"], "config");
    assert!(!tools[0].contains_key("error.type"));
    assert_eq!(tools[1]["error.type"], "tool_error");
    assert_eq!(spans[4]["status"]["code"], 2);
    assert!(
        !tools[2].contains_key("amx.tool.decision"),
        "it did not run"
    );
}

#[test]
fn a_server_can_continue_the_trace() {
    let double = Double::start([
        calling("stub__add", "call_1", &json!({"a": 1, "b": 2})),
        reply::stream(["3"]),
    ]);
    let collector = Collector::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let config = format!(
        "{}mcp_servers:\n  stub:\n    command: [python3, {}, --log, log]\n    approve: allow\n\
        llm_profiles:\n  work: {{model: a/b, tools: [\"stub__*\"]}}\nactive_llm_profile: work\n",
        collector.config(""),
        script.display()
    );
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run(["chat", "1+2?"])
        .assert_code(0)
        .assert_stdout("3\n");
    let spans = collector.spans();
    let (span, tool) = (&spans[2], attributes(&spans[2]));
    assert_eq!(span["name"], "execute_tool stub__add");
    assert_eq!(tool["mcp.method.name"], "tools/call");
    assert_eq!(tool["mcp.protocol.version"], "2026-07-28");
    assert_eq!(tool["network.transport"], "pipe");
    let log = json!(written::json_lines::<Value>(&sandbox.home().join("log"))).to_string();
    let trace = span["traceId"].as_str().unwrap();
    let id = span["spanId"].as_str().unwrap();
    let traceparent = format!("\"traceparent\":\"00-{trace}-{id}-01\"");
    assert!(log.contains(&traceparent), "{traceparent} is not in {log}");
}

#[test]
fn answers_side_by_side_are_traces_in_one_export() {
    let answers = [
        reply::stream(["one"]).only_for("a/one"),
        reply::stream(["two"]).only_for("b/two"),
    ];
    let (double, collector) = (Double::start(answers), Collector::start());
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    let outcome = sandbox.run(["compare", "-m", "a/one", "-m", "b/two", "hi"]);
    outcome.assert_code(0);
    let spans = collector.spans();
    assert_eq!(collector.posted("/v1/traces").len(), 1);
    assert_eq!(
        names(&spans),
        ["amx compare", "chat a/one", "amx compare", "chat b/two"]
    );
    assert_below_root(&spans[..2]);
    assert_below_root(&spans[2..]);
    assert_ne!(spans[0]["traceId"], spans[2]["traceId"]);
}

#[test]
fn the_name_of_a_template_is_an_attribute() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
    let sandbox = sandbox.file(".amx/templates/greet.md", "Say hello.\n");
    sandbox.run(["chat", "-t", "greet"]).assert_code(0);
    for span in collector.spans() {
        assert_eq!(attributes(&span)["gen_ai.prompt.name"], "greet");
    }
}

#[test]
fn the_measurements_count_what_the_ledger_counts() {
    let busy = reply::refusal(503, "overloaded").header("retry-after", "0");
    let double = Double::start([
        reply::stream(["a"]).usage(10, 100, 0, 0.25),
        busy,
        reply::stream(["b"]).usage(20, 200, 50, 0.5),
        calling("weather", "c", &json!({"town": "Oslo"})).usage(1, 2, 0, 0.01),
        reply::stream(["c"]).usage(3, 4, 0, 0.02),
    ]);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double)
        .config(collector.config(TOOLS))
        .script("weather", "echo 3");
    for _ in 0..3 {
        sandbox.run(["chat", "hi"]).assert_code(0);
    }
    let mut sums = [0.0, 0.0];
    let mut requests = 0;
    for metric in collector.metrics() {
        for point in metric["histogram"]["dataPoints"].as_array().unwrap() {
            match attributes(point)
                .get("gen_ai.token.type")
                .and_then(Value::as_str)
            {
                Some("input") => sums[0] += point["sum"].as_f64().unwrap(),
                Some("output") => sums[1] += point["sum"].as_f64().unwrap(),
                _ => requests += point["count"].as_str().unwrap().parse::<u64>().unwrap(),
            }
        }
    }
    let database = rusqlite::Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let ledger: (f64, f64) = database
        .query_row(
            "SELECT sum(prompt_tokens) * 1.0, sum(completion_tokens) * 1.0 FROM ledger",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!((sums[0], sums[1]), ledger);
    assert_eq!(ledger, (34.0, 306.0));
    assert_eq!(requests, 4, "a retry is no request of its own");
}
