//! Tools of MCP servers in questions: started when they are called, from kept lists, within bounds.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::trust;
use crate::support::written;

/// The stub server with these arguments, as a server of config.yml.
fn server(name: &str, arguments: &str, settings: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let script = script.display();
    format!(
        "  {name}:\n    command: [python3, {script}, --log, {name}.log, --state, state{arguments}]\n\
        {settings}"
    )
}

/// A profile that names these tools, and servers that need no question.
fn sandbox(double: &Double, tools: &str, servers: &[String]) -> Sandbox {
    let servers: String = servers.concat();
    Sandbox::with(double).config(format!(
        "mcp_servers:\n{servers}llm_profiles:\n  work: {{model: a/b, tools: {tools}}}\n\
        active_llm_profile: work\n"
    ))
}

fn calling(name: &str, arguments: &Value) -> Reply {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
    reply::stream([]).finish("tool_calls").tool(call)
}

const ALLOWED: &str = "    approve: allow\n";

fn log(sandbox: &Sandbox, server: &str) -> Vec<Value> {
    written::json_lines(&sandbox.home().join(format!("{server}.log")))
}

/// How often a server started.
fn starts(sandbox: &Sandbox, server: &str) -> usize {
    let is_start = |entry: &&Value| entry["event"] == "start";
    log(sandbox, server).iter().filter(is_start).count()
}

/// The content of the result in the last request.
fn result(double: &Double) -> String {
    let body = double.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().clone();
    let result = messages.iter().rfind(|message| message["role"] == "tool");
    result.unwrap()["content"].as_str().unwrap().to_owned()
}

#[test]
fn a_tool_of_a_server_is_called_and_an_idle_server_is_not_started() {
    let double = Double::start([
        reply::stream(["hi"]),
        calling("stub__add", &json!({"a": 1, "b": 2})),
        reply::stream(["It is 3."]),
        reply::stream(["hi"]),
    ]);
    let servers = [server("stub", "", ALLOWED), server("other", "", ALLOWED)];
    let sandbox = sandbox(&double, "[\"stub__*\", other__echo]", &servers);
    sandbox.run(["chat", "hi"]).assert_answer("hi\n");
    assert_eq!(
        (starts(&sandbox, "stub"), starts(&sandbox, "other")),
        (1, 1)
    );
    let outcome = sandbox.run(["chat", "1+2?"]);
    outcome.assert_code(0).assert_stdout("It is 3.\n");
    outcome.assert_stderr_has("ran stub__add {\"a\":1,\"b\":2} (");
    assert_eq!(result(&double), "3");
    // The lists are kept: only the server that was called is started.
    assert_eq!(
        (starts(&sandbox, "stub"), starts(&sandbox, "other")),
        (2, 1)
    );
    let plain = sandbox.run(["chat", "--no-tools", "hi"]);
    plain.assert_answer("hi\n");
    assert_eq!(starts(&sandbox, "stub"), 2);
    let tools = double.requests()[0].json()["tools"].clone();
    let names: Vec<&str> = tools
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"stub__add") && names.contains(&"other__echo"),
        "{names:?}"
    );
    assert!(!names.contains(&"other__add"), "{names:?}");
}

#[test]
fn a_server_that_is_lost_costs_its_tools_and_the_question_only_when_nothing_is_left() {
    let double = Double::start([reply::stream(["hi"])]);
    let gone = "  gone:\n    command: [no-such-program]\n".to_owned();
    let sandbox = sandbox(&double, "[\"*\"]", &[gone, server("stub", "", ALLOWED)]);
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("hi\n");
    outcome.assert_stderr_has("no tools of MCP server gone: program 'no-such-program' not found");
    let only = sandbox.run(["chat", "--tool", "gone__get", "hi"]);
    only.assert_failure(11).assert_mentions("no-such-program");
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn a_tool_that_changed_since_it_was_allowed_is_denied_without_a_terminal() {
    let echo = || calling("stub__echo", &json!({"text": "x"}));
    let double = Double::start([echo(), reply::stream(["x"]), echo()]);
    let sandbox = sandbox(&double, "[stub__echo]", &[server("stub", "", ALLOWED)]);
    sandbox
        .run(["chat", "go"])
        .assert_code(0)
        .assert_stdout("x\n");
    fs::write(sandbox.home().join("state"), "Sends ~/.ssh home.").unwrap();
    let outcome = sandbox.run(["chat", "go"]);
    outcome.assert_failure(11).assert_mentions("stub__echo");
    let called = log(&sandbox, "stub");
    let called = called
        .iter()
        .filter(|entry| entry["received"]["method"] == "tools/call");
    assert_eq!(called.count(), 1);
}

#[test]
fn tools_of_servers_are_listed_and_run_by_hand() {
    let double = Double::start([]);
    let gone = "  gone:\n    command: [no-such-program]\n".to_owned();
    let sandbox = sandbox(&double, "[]", &[gone, server("stub", "", ALLOWED)]);
    let listed = || sandbox.run(["tools", "list", "--json"]).json();
    let of_stub = |tools: &Value| {
        let tools = tools.as_array().unwrap().iter();
        let of_stub = tools.filter(|tool| tool["source"] == "server stub");
        of_stub.cloned().collect::<Vec<Value>>()
    };
    assert!(of_stub(&listed()).is_empty());
    let run = sandbox.run(["tools", "run", "stub__add", "{\"a\":1,\"b\":2}"]);
    run.assert_code(0).assert_stdout("3\n");
    let tools = of_stub(&listed());
    assert_eq!(tools.len(), 7);
    let is_add = |tool: &&Value| tool["name"] == "stub__add" && tool["approve"] == "allow";
    assert!(tools.iter().any(|tool| is_add(&tool)), "{tools:?}");
    assert_eq!(starts(&sandbox, "stub"), 1);
    let lost = sandbox.run(["tools", "run", "gone__get"]);
    lost.assert_failure(11)
        .assert_mentions("program 'no-such-program' not found");
}

#[test]
fn a_list_says_which_tools_are_not_offered_and_why() {
    let double = Double::start([]);
    let stub = server("stub", ", --mode, collides", ALLOWED);
    let config = "tools:\n  gone: {command: [no-such-program]}\n";
    let sandbox = Sandbox::with(&double).config(format!("{config}mcp_servers:\n{stub}"));
    sandbox
        .run(["tools", "run", "stub__add", "{\"a\":1,\"b\":2}"])
        .assert_code(0);
    let listed = sandbox.run(["tools", "list", "--json"]).json();
    let why = |name: &str| -> Vec<(Value, Value)> {
        let tools = listed.as_array().unwrap().iter();
        let named = tools.filter(|tool| tool["name"] == name);
        named
            .map(|tool| (tool["own_name"].clone(), tool["not_offered"].clone()))
            .collect()
    };
    let several = "several tools have this name (server stub: get_image, get.image)";
    assert_eq!(
        why("stub__get_image"),
        [
            (json!("get_image"), json!(several)),
            (json!("get.image"), json!(several))
        ]
    );
    assert_eq!(why("stub__add"), [(json!("add"), Value::Null)]);
    assert_eq!(why("now"), [(json!("now"), Value::Null)]);
    let gone = json!("program 'no-such-program' was not found");
    assert_eq!(why("gone"), [(json!("gone"), gone)]);
    sandbox
        .run(["tools", "list"])
        .assert_code(0)
        .assert_stderr_has(&format!("stub__get_image is not offered: {several}"))
        .assert_stderr_has("gone is not offered: program 'no-such-program' was not found");
    sandbox
        .run(["tools", "run", "stub__get_image"])
        .assert_failure(11)
        .assert_stderr_has(several);
}

/// What the model is told of a broken server, and the most memory of amx, in bytes.
fn broken(mode: &str) -> (String, u64) {
    let gate = Gate::default();
    let double = Double::start([
        calling("stub__echo", &json!({"text": "x"})),
        reply::stream(["end"]).gate_after(0, &gate),
    ]);
    let arguments = format!(", --mode, {mode}");
    let settings = "    approve: allow\n    timeout: 2s\n    start_timeout: 3s\n";
    let good = server("good", "", ALLOWED);
    let servers = [server("stub", &arguments, settings), good];
    let sandbox = sandbox(&double, "[\"*\"]", &servers);
    let start = Instant::now();
    let running = sandbox.spawn(["chat", "go"]);
    double.wait_for_requests(2);
    let memory = running.peak_memory();
    gate.open();
    let outcome = running.wait();
    outcome.assert_code(0);
    let told = result(&double);
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{mode}: {:?}",
        start.elapsed()
    );
    (told, memory)
}

#[test]
fn no_broken_server_takes_much_memory_or_time() {
    let modes = [
        ("gigabyte", "x"),
        ("endless_line", "no tool"),
        ("flood", "no tool"),
        ("huge_list", "no tool"),
        ("giant_list", "no tool"),
        ("many_values", "no tool"),
        ("large_result", "no answer within 2 s"),
        ("asks", "x"),
    ];
    for (mode, told) in modes {
        let (result, memory) = broken(mode);
        assert!(result.contains(told), "{mode}: {result}");
        assert!(memory < 64 * 1024 * 1024, "{mode}: {memory}");
    }
    let counts = [("broken servers", modes.len()), ("violations", 0)];
    trust::report("tools", &counts);
}

/// Servers that never bring a list.
const BROKEN: &[&str] = &[
    "only_garbage",
    "dies",
    "dies_in_list",
    "silent",
    "silent_list",
    "deaf",
    "closes_output",
    "no_newline",
    "endless_line",
    "flood",
    "wrong_id",
    "string_id",
    "null_id",
    "no_method",
    "odd_error",
    "odd_result",
    "giant_list",
    "many_values",
];

#[test]
fn many_broken_servers_in_one_question_cost_only_their_own_tools() {
    let double = Double::start([
        calling("good__echo", &json!({"text": "x"})),
        reply::stream(["end"]),
    ]);
    let name = |mode: &str| mode.replace('_', "-");
    let mut servers: Vec<String> = BROKEN
        .iter()
        .map(|mode| server(&name(mode), &format!(", --mode, {mode}"), ALLOWED))
        .collect();
    for number in BROKEN.len()..25 {
        servers.push(format!("  gone-{number}: {{command: [no-such-program]}}\n"));
    }
    servers.push(server("good", "", ALLOWED));
    let sandbox = sandbox(&double, "[\"*\"]", &servers);
    let outcome = sandbox.run(["chat", "go"]);
    outcome.assert_code(0).assert_stdout("end\n");
    assert_eq!(result(&double), "x");
    let tools = double.requests()[0].json()["tools"].clone();
    let declared = tools.as_array().unwrap().iter();
    let foreign = declared
        .filter_map(|tool| tool["function"]["name"].as_str())
        .find(|name| name.contains("__") && !name.starts_with("good__"));
    assert_eq!(foreign, None);
    for mode in BROKEN {
        let warning = format!("no tools of MCP server {}: ", name(mode));
        assert!(outcome.stderr().contains(&warning), "{warning}\n{outcome}");
    }
}

/// Whether a process exists and is no zombie.
fn is_running(process: &Value) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    !state.is_empty() && !state.trim_start().starts_with('Z')
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_amx_ends_before_it_answers_is_not_started_again() {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["hi"]).gate_after(0, &gate)]);
    let names = ["leaves", "stays"];
    let servers = names.map(|name| format!("  {name}: {{command: [./{name}]}}\n"));
    // One that ends with its stdin, and one that has to be ended.
    let sandbox = sandbox(&double, "[\"*\"]", &servers)
        .script("leaves", "echo $$ >>leaves-pids; cat >/dev/null")
        .script("stays", "echo $$ >>stays-pids; exec sleep 600");
    let pids = |name: &str| {
        let file = sandbox.home().join(format!("{name}-pids"));
        let lines = written::whole_lines(&file).into_iter();
        lines
            .map(|pid| json!(pid.parse::<u32>().unwrap()))
            .collect::<Vec<Value>>()
    };
    let running = sandbox.spawn(["chat", "go"]);
    double.wait_for_requests(1);
    let start = Instant::now();
    while names.iter().any(|name| pids(name).is_empty()) {
        assert!(start.elapsed() < Duration::from_secs(60), "no start");
        std::thread::yield_now();
    }
    gate.open();
    running.wait().assert_code(0).assert_stdout("hi\n");
    for name in names {
        let started = pids(name);
        assert_eq!(started.len(), 1, "{name}");
        assert!(!started.iter().any(is_running), "{name}: {started:?}");
    }
}

/// Longest time in which servers are ended. The bound of the contract is 2.5 s: a second to leave,
/// a second to obey, and the end by force; the rest is for a machine that is busy with other tests.
#[cfg(target_os = "linux")]
const LONGEST_END: Duration = Duration::from_secs(10);

/// Fails unless a signal during a call ends the server and all that it started.
#[cfg(target_os = "linux")]
fn end_by(signal: &str, mode: &str, processes: usize) {
    let double = Double::start([calling("stub__wait", &json!({"seconds": 600}))]);
    let stub = server("stub", &format!(", --mode, {mode}"), ALLOWED);
    let sandbox = sandbox(&double, "[stub__wait]", &[stub]);
    let running = sandbox.spawn(["chat", "go"]);
    let is_called = |entry: &Value| entry["received"]["method"] == "tools/call";
    let start = Instant::now();
    while !log(&sandbox, "stub").iter().any(is_called) {
        let took = start.elapsed();
        assert!(took < Duration::from_secs(30), "the tool was not called");
        std::thread::yield_now();
    }
    let started: Vec<Value> = log(&sandbox, "stub")
        .iter()
        .flat_map(|entry| [entry["pid"].clone(), entry["child"].clone()])
        .filter(|process| !process.is_null())
        .collect();
    assert!(started.len() == processes && started.iter().all(is_running));
    let start = Instant::now();
    running.signal(signal);
    while started.iter().any(is_running) {
        let took = start.elapsed();
        assert!(took < LONGEST_END, "{signal} {mode}: {started:?}");
        std::thread::yield_now();
    }
    running.wait();
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_survives_a_signal() {
    for signal in ["INT", "TERM", "HUP"] {
        // One that ignores SIGTERM, as its child does; one that is busy and obeys it.
        for (mode, processes) in [("stubborn", 2), ("\"\"", 1)] {
            end_by(signal, mode, processes);
        }
    }
}
