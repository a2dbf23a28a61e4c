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
