//! Every call has exactly one result with its ID, whatever becomes of it: random sequences of calls
//! that run, fail, take too long, cannot run, are denied or interrupted.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::trust;
use crate::support::written;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Runs,
    Fails,
    TakesTooLong,
    IsUnknown,
    IsNoJson,
    BreaksItsSchema,
    RunsOnServer,
    FailsOnServer,
    TakesTooLongOnServer,
    IsDenied,
    IsInterrupted,
}

/// What may be beside each other in any step.
const FATES: [Fate; 9] = [
    Fate::Runs,
    Fate::Fails,
    Fate::TakesTooLong,
    Fate::IsUnknown,
    Fate::IsNoJson,
    Fate::BreaksItsSchema,
    Fate::RunsOnServer,
    Fate::FailsOnServer,
    Fate::TakesTooLongOnServer,
];

impl Fate {
    /// The tool and the arguments of a call with this number.
    fn call(self, number: usize) -> (&'static str, String) {
        let town = json!({"town": format!("town-{number}")}).to_string();
        let text = json!({"text": format!("town-{number}")}).to_string();
        match self {
            Self::Runs => ("runs", town),
            Self::Fails => ("fails", town),
            Self::TakesTooLong => ("sleeps", town),
            Self::IsUnknown => ("no_such_tool", town),
            Self::IsNoJson => ("runs", format!("{{\"town\": town-{number}")),
            Self::BreaksItsSchema => ("runs", json!({"town": number}).to_string()),
            Self::RunsOnServer => ("stub__echo", text),
            Self::FailsOnServer => ("stub__delete_all", town),
            Self::TakesTooLongOnServer => {
                let seconds = json!({"seconds": 600 + number}).to_string();
                ("stub__wait", seconds)
            }
            Self::IsDenied => ("asks", town),
            Self::IsInterrupted => ("hangs", town),
        }
    }
}

fn sandbox(double: &Double) -> Sandbox {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
    let tool = |name: &str, settings: &str| {
        let command = format!("command: [./{name}, '{{town}}'], parameters: {{town: string}}");
        format!("  {name}: {{{command}{settings}}}\n")
    };
    let allowed = ", approve: allow";
    let tools = [
        tool("runs", allowed),
        tool("fails", allowed),
        tool("sleeps", ", approve: allow, timeout: 500ms"),
        tool("hangs", allowed),
        tool("asks", ""),
    ];
    Sandbox::with(double)
        .config(format!(
            "tools:\n{}mcp_servers:\n  stub:\n    command: [python3, {}]\n    approve: allow\n    \
             timeout: 500ms\nllm_profiles:\n  work: {{model: a/b, tools: [\"*\"]}}\n\
             active_llm_profile: work\n",
            tools.concat(),
            script.display()
        ))
        .script("runs", "echo \"$1: fine\"")
        .script("fails", "echo \"$1 is gone\" >&2; exit 3")
        .script("sleeps", "exec sleep 1000")
        .script("hangs", "echo >has-started; exec sleep 1000")
        .script("asks", "echo >asked")
}

/// An answer with these calls. Some have no ID, and some that of another call.
fn answer(random: &mut fastrand::Rng, calls: &Step) -> Reply {
    let mut reply = reply::stream([]).finish("tool_calls");
    for (index, (number, fate)) in calls.iter().enumerate() {
        let (name, arguments) = fate.call(*number);
        let mut call = json!({
            "index": index,
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        });
        match random.u8(0..6) {
            0 => {}
            1 => call["id"] = json!("the_same"),
            _ => call["id"] = json!(format!("call_{number}")),
        }
        reply = reply.tool(call);
    }
    reply
}

/// Fails unless each call of each message is answered once, in order, before anything else. Returns
/// the contents of the results.
#[track_caller]
fn results(messages: &[Value]) -> Vec<String> {
    let (mut open, mut ids, mut results) = (Vec::new(), BTreeSet::new(), Vec::new());
    for message in messages {
        if message["role"] == "tool" {
            assert!(!open.is_empty(), "a result without a call: {messages:#?}");
            assert_eq!(message["tool_call_id"], open.remove(0), "{messages:#?}");
            results.push(message["content"].as_str().unwrap().to_owned());
            continue;
        }
        assert!(open.is_empty(), "a call without a result: {messages:#?}");
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let id = call["id"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice: {messages:#?}");
            open.push(call["id"].clone());
        }
    }
    assert!(open.is_empty(), "a call without a result: {messages:#?}");
    results
}

/// Fails unless a result says what became of its call.
#[track_caller]
fn assert_told((number, fate): (usize, Fate), result: &str, last: Option<Fate>) {
    let town = format!("town-{number}");
    // A server that waits answers no other call either.
    let late = "no answer within 0.5 s";
    let told: &[&str] = match fate {
        Fate::Runs => &[&format!("{town}: fine")],
        Fate::RunsOnServer => &[&town, late],
        Fate::Fails => &[&format!("{town} is gone")],
        Fate::TakesTooLong => &["0.5 s"],
        Fate::TakesTooLongOnServer => &[late],
        Fate::FailsOnServer => &["Unknown tool", late],
        Fate::IsUnknown => &["no_such_tool"],
        Fate::IsNoJson | Fate::BreaksItsSchema => &["arguments"],
        Fate::IsDenied | Fate::IsInterrupted => &[],
    };
    let is_told = told.iter().any(|words| result.contains(words));
    let may_be = last == Some(Fate::IsInterrupted);
    let is_interrupted = may_be && result.contains("interrupted");
    assert!(is_told || is_interrupted, "{fate:?} {number}: {result}");
}

/// Calls, each with its number.
type Step = Vec<(usize, Fate)>;

/// Some steps, the last of which has a call of this fate too.
fn sequence(random: &mut fastrand::Rng, last: Option<Fate>) -> Vec<Step> {
    let mut number = 0;
    let mut steps: Vec<Step> = Vec::new();
    for _ in 0..random.usize(1..=3) {
        let mut step = Step::new();
        for _ in 0..random.usize(1..=6) {
            number += 1;
            step.push((number, FATES[random.usize(..FATES.len())]));
        }
        steps.push(step);
    }
    if let Some(fate) = last {
        let step = steps.last_mut().unwrap();
        step.insert(random.usize(..=step.len().min(3)), (number + 1, fate));
    }
    steps
}

fn check(case: usize) {
    let mut random = fastrand::Rng::with_seed(case as u64);
    let last = [None, Some(Fate::IsDenied), Some(Fate::IsInterrupted)][case % 3];
    let mut steps = sequence(&mut random, last);
    let mut script: Vec<Reply> = Vec::new();
    for calls in &steps {
        script.push(answer(&mut random, calls));
    }
    script.extend(last.is_none().then(|| reply::stream(["done"])));
    script.push(reply::stream(["fine"]));
    let double = Double::start(script);
    let sandbox = sandbox(&double);
    // The list is kept: a question waits 5 s for one that is not, which a busy machine may need.
    sandbox.run(["mcp", "test"]).assert_code(0);
    let running = sandbox.spawn(["chat", "--session", "s", "go"]);
    if last == Some(Fate::IsInterrupted) {
        written::wait(&sandbox.home().join("has-started"));
        running.signal("INT");
    }
    let code = match last {
        None => 0,
        Some(Fate::IsDenied) => 11,
        Some(_) => 130,
    };
    running.wait().assert_code(code);
    let next = sandbox.run(["chat", "--session", "s", "and now?"]);
    next.assert_code(0).assert_stdout("fine\n");
    let requests = double.requests();
    for request in &requests {
        results(request.json()["messages"].as_array().unwrap());
    }
    // Of a step in which a call is denied nothing runs, and nothing is stored.
    if last == Some(Fate::IsDenied) {
        steps.pop();
    }
    let calls = steps.concat();
    let sent = requests.last().unwrap().json()["messages"].clone();
    let told = results(sent.as_array().unwrap());
    assert_eq!(told.len(), calls.len(), "{case}: {sent:#}");
    for (call, result) in calls.into_iter().zip(&told) {
        assert_told(call, result, last);
    }
    assert!(!sandbox.home().join("asked").exists(), "a denied call ran");
}

#[test]
fn every_call_has_one_result_whatever_becomes_of_it() {
    let cases = trust::scaled(12);
    trust::in_threads(cases, check);
    trust::report("tools", &[("answered sequences", cases), ("violations", 0)]);
}
