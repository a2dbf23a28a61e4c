//! What happens between the steps of an answer with tools: caps that follow them, results that do
//! not fit, a program that is killed, and what the next question is sent of them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// `page` prints 80,000 bytes.
const TOOLS: &str = "\
tools:
  weather: {command: [./weather, '{town}'], parameters: {town: string}, approve: allow}
  page: {command: [./page], approve: allow}
  slow: {command: [./slow], approve: allow}
active_llm_profile: work
";

/// A profile with these further settings, after a comma.
fn sandbox(double: &Double, profile: &str) -> Sandbox {
    let tools = "tools: [weather, page, slow]";
    Sandbox::with(double)
        .config(format!(
            "{TOOLS}llm_profiles:\n  work: {{model: a/b, {tools}{profile}}}\n"
        ))
        .script("weather", "printf '%s: 3 °C' \"$1\"")
        .script("page", "yes 'one more line' | head -c 80000")
        .script("slow", "echo slow >running; exec sleep 1000")
}

fn call(id: &str, name: &str, arguments: &Value) -> Value {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    json!({"index": 0, "id": id, "type": "function", "function": function})
}

fn calling(call: Value) -> Reply {
    reply::stream([]).finish("tool_calls").tool(call)
}

fn weather(town: &str) -> Reply {
    calling(call(
        &format!("call_{town}"),
        "weather",
        &json!({"town": town}),
    ))
}

fn messages(double: &Double) -> Vec<Value> {
    let body = double.requests().last().unwrap().json();
    body["messages"].as_array().unwrap().clone()
}

fn roles(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect()
}

/// A request costs at most a little more than 0.1 USD.
const PRICE: &str = ", max_tokens: 1000, price: {input: 0.000001, output: 100}";

#[test]
fn a_daily_cap_follows_the_steps_as_long_as_it_has_room() {
    let profile = format!("{PRICE}, max_cost: {{per_day: 0.25}}");
    let towns = ["Oslo", "Bern", "Rome", "Lima", "Kyiv"];
    let steps = towns.map(|town| weather(town).usage(10, 100, 0, 0.01));
    let answer = reply::stream(["done"]).usage(10, 100, 0, 0.01);
    let double = Double::start(steps.into_iter().chain([answer]));
    let sandbox = sandbox(&double, &profile);
    sandbox
        .run(["chat", "go"])
        .assert_code(0)
        .assert_stdout("done\n");
    // 0.06 USD are spent: after a request of 0.095, another of 0.1 exceeds the cap.
    let double = Double::start([weather("Oslo").usage(10, 900, 0, 0.095)]);
    let sandbox = sandbox.double(&double);
    let outcome = sandbox.run(["chat", "--json", "again"]);
    outcome.assert_code(14).assert_stderr_has("the next step");
    assert_eq!(outcome.json()["steps"].as_array().map(Vec::len), Some(1));
}

/// What each request had of `max_tokens`.
fn limits(double: &Double) -> Vec<u64> {
    let mut limits = Vec::new();
    for request in double.requests() {
        let body = request.json();
        let limit = ["max_completion_tokens", "max_tokens"].map(|field| body[field].as_u64());
        limits.extend(limit.into_iter().flatten());
    }
    limits
}

#[test]
fn a_cap_lowers_the_floor_of_each_step() {
    let profile = ", reasoning: on, price: {input: 1, output: 10}";
    let answer = || {
        [
            weather("Oslo").usage(50, 500, 400, 0.012),
            reply::stream(["done"]),
        ]
    };
    let double = Double::start(answer());
    let capped = sandbox(&double, profile);
    let outcome = capped.run(["chat", "--max-cost", "0.1", "go"]);
    outcome.assert_code(0).assert_stdout("done\n");
    assert_eq!(limits(&double), [9216, 8192], "{outcome}");
    // Below the least, the hint names a cap that is enough.
    let [first, _] = answer();
    let double = Double::start([first]);
    let capped = capped.double(&double);
    let outcome = capped.run(["chat", "--max-cost", "0.045", "go"]);
    outcome
        .assert_code(14)
        .assert_stderr_has("the next step could cost $0.04")
        .assert_stderr_has("raise --max-cost to $0.06");
    let double = Double::start(answer());
    let raised = capped.double(&double);
    let outcome = raised.run(["chat", "--max-cost", "0.06", "go"]);
    outcome.assert_code(0).assert_stdout("done\n");
    // A daily cap, too: what is reserved follows.
    let double = Double::start(answer());
    let daily = sandbox(&double, &format!("{profile}, max_cost: {{per_day: 0.1}}"));
    let outcome = daily.run(["chat", "go"]);
    outcome.assert_code(0).assert_stdout("done\n");
    assert_eq!(limits(&double), [9216, 8192], "{outcome}");
}

#[test]
fn the_repair_of_an_answer_fits_what_is_left_of_a_cap() {
    let double = Double::start([
        reply::stream(["{}"]).usage(50, 500, 400, 0.012),
        reply::stream([r#"{"a": 1}"#]),
    ]);
    let sandbox = sandbox(&double, ", reasoning: on, price: {input: 1, output: 10}");
    let schema = r#"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"#;
    let capped = [
        "chat",
        "--no-tools",
        "--schema",
        schema,
        "--max-cost",
        "0.1",
        "go",
    ];
    let outcome = sandbox.run(capped);
    outcome.assert_code(0);
    assert_eq!(limits(&double), [9216, 8192], "{outcome}");
}

#[test]
fn the_answer_of_the_last_step_is_shown_with_a_schema_too() {
    let schema = r#"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"#;
    for (answer, shown) in [
        (r#"{"a":   1}"#, "{\"a\":1}\n"),
        ("no object", "no object\n"),
    ] {
        let double = Double::start([weather("Oslo"), reply::stream([answer])]);
        let sandbox = sandbox(&double, "");
        let outcome = sandbox.run(["chat", "--max-steps", "1", "--schema", schema, "go"]);
        outcome
            .assert_code(14)
            .assert_stdout(shown)
            .assert_stderr_has("the limit of tool calls after 1 step");
    }
}

#[test]
fn what_is_no_answer_of_the_last_step_is_not_shown_with_a_schema() {
    let again = reply::stream(["I look again."]).finish("tool_calls");
    let again = again.tool(call("b", "weather", &json!({"town": "Bergen"})));
    let failed = reply::stream(["half an"]).error_event(&json!({"code": 400, "message": "no"}));
    for last in [again, failed] {
        let double = Double::start([weather("Oslo"), last]);
        let sandbox = sandbox(&double, "");
        let asked = [
            "chat",
            "--max-steps",
            "1",
            "--schema",
            "{\"type\":\"object\"}",
            "go",
        ];
        sandbox.run(asked).assert_stdout("");
    }
}

#[test]
fn the_limit_of_each_step_fits_beside_the_longer_prompt() {
    let page = || calling(call("a", "page", &json!({})));
    let double = Double::start([page(), reply::stream(["short"])]);
    let known = sandbox(&double, ", context_window: 8192");
    known.run(["chat", "go"]).assert_code(0);
    let sent = limits(&double);
    assert!(sent[0] == 4096 && sent[1] < 1100, "{sent:?}");
    // A window that only refusals name: each step may be refused once.
    let refused = |prompt: u64, limit: u64| {
        let words = format!(
            "This model's maximum context length is 4000 tokens. However, you requested {} tokens \
            ({prompt} in the messages, {limit} in the completion). Please reduce the length of the \
            messages or completion.",
            prompt + limit
        );
        reply::refusal(400, &words)
    };
    let double = Double::start([
        refused(200, 4096),
        weather("Oslo"),
        refused(900, 3744),
        reply::stream(["fits"]),
    ]);
    let unknown = sandbox(&double, "");
    let outcome = unknown.run(["chat", "go"]);
    outcome.assert_code(0).assert_stdout("fits\n");
    let sent = limits(&double);
    assert!(sent.windows(2).all(|two| two[1] <= two[0]), "{sent:?}");
    assert!(sent[3] <= 3100, "{sent:?}");
}

#[test]
fn a_result_that_does_not_fit_is_shortened_and_one_that_cannot_ends_the_answer() {
    let double = Double::start([
        calling(call("a", "page", &json!({}))),
        reply::stream(["short"]),
    ]);
    let fitting = sandbox(&double, ", context_window: 4000, max_tokens: 100");
    let outcome = fitting.run(["chat", "--session", "s", "go"]);
    outcome.assert_code(0).assert_stdout("short\n");
    outcome.assert_stderr_has("1 result shortened to fit the context window");
    let sent = messages(&double);
    let result = sent.last().unwrap()["content"].as_str().unwrap();
    assert!(result.contains("bytes omitted …]"), "{result}");
    assert!((6000..14_000).contains(&result.len()), "{}", result.len());
    // What was sent is what is saved: the next question fits as well.
    let double = Double::start([reply::stream(["fine"])]);
    let next = fitting.double(&double);
    next.run(["chat", "-c", "and?"]).assert_answer("fine\n");

    let long = "word ".repeat(700);
    let double = Double::start([calling(call("a", "page", &json!({})))]);
    let full = sandbox(&double, ", context_window: 1024, max_tokens: 100");
    let outcome = full.run(["chat", &long]);
    outcome
        .assert_code(14)
        .assert_stderr_has("but the context window of a/b is 1,024");
}

#[test]
fn the_steps_of_a_killed_program_are_saved() {
    let double = Double::start([
        weather("Oslo"),
        calling(call("b", "slow", &json!({}))),
        reply::stream(["and now"]),
    ]);
    let sandbox = sandbox(&double, "");
    let running = sandbox.spawn(["chat", "--session", "s", "go"]);
    running.wait_for(&Stream::Stderr, "ran weather");
    written::wait(&sandbox.home().join("running"));
    running.signal("KILL");
    running.wait();
    sandbox
        .run(["chat", "-c", "next"])
        .assert_answer("and now\n");
    let sent = messages(&double);
    assert_eq!(
        roles(&sent),
        ["user", "assistant", "tool", "assistant", "user"]
    );
    assert_eq!(sent[2]["content"], "Oslo: 3 °C");
    assert_eq!(sent[3]["content"], "[no answer]");
}

#[test]
fn a_question_never_follows_a_result() {
    let double = Double::start([
        calling(call("a", "slow", &json!({}))),
        reply::stream(["fine"]),
    ]);
    let sandbox = sandbox(&double, "");
    let running = sandbox.spawn(["chat", "--session", "s", "go"]);
    written::wait(&sandbox.home().join("running"));
    running.signal("INT");
    running.wait().assert_code(130);
    sandbox
        .run(["chat", "-c", "and now?"])
        .assert_answer("fine\n");
    let sent = messages(&double);
    assert_eq!(
        roles(&sent),
        ["user", "assistant", "tool", "assistant", "user"]
    );
}

#[test]
fn a_dry_run_names_the_servers_that_never_ran() {
    let double = Double::start([]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let script = script.display();
    let config = format!("mcp_servers:\n  stub: {{command: [python3, {script}, --log, log]}}\n");
    let sandbox = Sandbox::with(&double).config(config);
    let dry = [
        "chat",
        "-m",
        "a/b",
        "--tool",
        "now,stub__*",
        "--dry-run",
        "hi",
    ];
    sandbox
        .run(dry)
        .assert_code(0)
        .assert_stderr_has("no tools of MCP server stub: it has never run here")
        .assert_stderr_has("amx mcp test stub");
    assert!(!sandbox.home().join("log").exists(), "a dry run started it");
}
