//! Commands and built-in tools as a model calls them: what is executed, and with which environment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// An answer with these calls, each a name and arguments.
fn calls(calls: &[(&str, Value)]) -> Reply {
    let mut answer = reply::stream([]);
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        let id = format!("call_{index}");
        answer = answer.tool(json!({
            "index": index, "id": id, "type": "function", "function": function,
        }));
    }
    answer.finish("tool_calls")
}

/// What the stub has recorded.
fn recorded(record: &Path) -> Vec<Value> {
    written::json_lines(record)
}

/// The values of the list. `MARKER` is a file in the folder where the tool runs.
fn hostile_values() -> Vec<String> {
    let lines = include_str!("../data/hostile_values.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| serde_json::from_str::<String>(line).unwrap())
        .collect()
}

/// A sandbox with the tool `probe`, which records how it is called: what stands after the stub in
/// its command, and its other settings.
fn probe(double: &Double, arguments: &str, settings: &str) -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::with(double);
    let record = sandbox.home().join("record");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tool_stub.py");
    let (script, file) = (script.display(), record.display());
    let config = format!(
        "tools:\n  probe:\n    command: [python3, {script}, {file}{arguments}]\n    {settings}\n"
    );
    (sandbox.config(config), record)
}

const OF_VALUE: (&str, &str) = (", --, '{value}'", "parameters: {value: string}");

#[test]
fn two_hundred_hostile_values_arrive_as_they_are() {
    let all = hostile_values();
    assert_eq!(all.len(), 200);
    for values in all.chunks(100) {
        let answers = values.chunks(16).map(|values| {
            let call = |value: &String| ("probe", json!({"value": value}));
            calls(&values.iter().map(call).collect::<Vec<_>>())
        });
        let double = Double::start(answers.chain([reply::stream(["over"])]));
        let (sandbox, record) = probe(&double, OF_VALUE.0, OF_VALUE.1);
        sandbox
            .run([
                "chat", "-m", "a/b", "--tool", "probe", "--allow", "probe", "hi",
            ])
            .assert_code(0)
            .assert_stdout("over\n");
        let mut arrived: Vec<Value> = recorded(&record)
            .into_iter()
            .map(|line| line["arguments"].clone())
            .collect();
        let passed = values.iter().filter(|value| !value.contains('\0'));
        let mut expected: Vec<Value> = passed.map(|value| json!(["--", value])).collect();
        arrived.sort_by_key(Value::to_string);
        expected.sort_by_key(Value::to_string);
        assert_eq!(arrived, expected);
        let marker = sandbox.home().join("MARKER");
        assert!(!marker.exists(), "a value was executed");
    }
}

#[test]
fn without_a_rule_nothing_runs_in_a_pipe() {
    for values in hostile_values().chunks(16) {
        let call = |value: &String| ("probe", json!({"value": value}));
        let double = Double::start([calls(&values.iter().map(call).collect::<Vec<_>>())]);
        let (sandbox, record) = probe(&double, OF_VALUE.0, OF_VALUE.1);
        sandbox
            .run(["chat", "-m", "a/b", "--tool", "probe", "hi"])
            .assert_code(11)
            .assert_stderr_has("--allow probe");
        assert!(recorded(&record).is_empty() && sandbox.home().exists());
    }
}

#[test]
fn a_command_gets_the_allowed_variables_and_its_own() {
    let double = Double::start([calls(&[("probe", json!({}))]), reply::stream(["ok"])]);
    let settings = "approve: allow\n    env: {TOKEN: 'x ${SOME}'}";
    let (sandbox, record) = probe(&double, "", settings);
    let sandbox = sandbox
        .env("SOME", "thing")
        .env("LC_TIME", "C")
        .env("TZ", "UTC")
        .env("ANTHROPIC_API_KEY", "sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaa")
        .env("LD_LIBRARY_PATH", "/nowhere")
        .env("AWS_SECRET_ACCESS_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    sandbox
        .run(["chat", "-m", "a/b", "--tool", "probe", "hi"])
        .assert_code(0)
        .assert_stdout("ok\n");
    let lines = recorded(&record);
    let found = lines[0]["environment"].as_object().unwrap();
    let names: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    let expected = ["HOME", "LANG", "LC_TIME", "PATH", "TERM", "TOKEN", "TZ"];
    // Python adds it for its own locale.
    let names: Vec<&str> = names
        .into_iter()
        .filter(|name| *name != "LC_CTYPE")
        .collect();
    assert_eq!(names, expected);
    assert_eq!(found["TOKEN"], "x thing");
    assert!(!lines[0].to_string().contains(KEY));
}

#[test]
fn arguments_that_do_not_match_are_not_run() {
    let asked = calls(&[
        ("probe", json!({"n": "one"})),
        ("probe", json!({"n": 1, "m": 2})),
    ]);
    let double = Double::start([asked, reply::stream(["ok"])]);
    let settings = "parameters: {n: int}\n    approve: allow";
    let (sandbox, record) = probe(&double, ", '{n}'", settings);
    sandbox
        .run(["chat", "-m", "a/b", "--tool", "probe", "hi"])
        .assert_code(0)
        .assert_stdout("ok\n");
    assert!(recorded(&record).is_empty());
    let sent = double.requests()[1].json();
    let results: Vec<&str> = sent["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert!(
        results[0].contains("/n: \"one\" is not of type \"integer\""),
        "{results:?}"
    );
    assert!(
        results[1].contains("do not match the parameters"),
        "{results:?}"
    );
}

#[test]
fn files_are_read_below_the_root_alone() {
    let asked = calls(&[
        ("read_file", json!({"path": "notes.txt"})),
        ("read_file", json!({"path": "../secret.txt"})),
        ("list_files", json!({})),
    ]);
    let double = Double::start([asked, reply::stream(["ok"])]);
    let sandbox = Sandbox::with(&double).file("secret.txt", "secret");
    std::fs::create_dir(sandbox.home().join("project")).unwrap();
    let outcome = sandbox.file("project/notes.txt", "remember").run([
        "chat",
        "-m",
        "a/b",
        "--tool",
        "read_file,list_files",
        "--root",
        "project",
        "hi",
    ]);
    outcome.assert_code(0).assert_stdout("ok\n");
    let sent = double.requests()[1].json();
    let results: Vec<&Value> = sent["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| &message["content"])
        .collect();
    assert_eq!(results[0], "remember");
    assert!(
        results[1].as_str().unwrap().contains("outside the folders"),
        "{results:?}"
    );
    assert_eq!(results[2], "notes.txt");
}

/// As many tools as need a search.
fn many_tools() -> String {
    let tool = |index: usize| {
        format!(
            "  tool_{index}: {{command: [echo, 'ran {index}'], description: Does topic{index} \
             things., approve: allow}}\n"
        )
    };
    format!("tools:\n{}", (0..120).map(tool).collect::<String>())
}

#[test]
fn many_tools_are_searched_and_found_ones_are_added_behind() {
    let query = "topic7 topic11 topic22 topic33 topic44 topic55";
    let double = Double::start([
        calls(&[("find_tools", json!({"query": query}))]),
        calls(&[("tool_22", json!({}))]),
        reply::stream(["ok"]),
    ]);
    Sandbox::with(&double)
        .config(many_tools())
        .run(["chat", "-m", "a/b", "--tool", "tool_*", "hi"])
        .assert_code(0)
        .assert_stdout("ok\n");
    let declared = |index: usize| -> Vec<Value> {
        let body = double.requests()[index].json();
        body["tools"].as_array().unwrap().clone()
    };
    let (first, second) = (declared(0), declared(1));
    assert_eq!((first.len(), second.len()), (1, 6));
    assert_eq!(first[0]["function"]["name"], "find_tools");
    assert_eq!(second[0], first[0]);
    assert_eq!(declared(2), second);
    let sent = double.requests()[2].json();
    let result = sent["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(result["content"], "ran 22");
}

#[test]
fn a_model_of_google_gets_schemas_that_it_accepts() {
    let config = "tools:\n  good:\n    command: [echo]\n    stdin: json\n    parameters:\n      \
                  type: object\n      additionalProperties: false\n      properties:\n        \
                  when: {$ref: '#/$defs/day'}\n        kind: {const: x}\n      \
                  $defs: {day: {type: [string, 'null'], format: date}}\n  bad:\n    \
                  command: [echo]\n    stdin: json\n    parameters:\n      type: object\n      \
                  properties: {a: {allOf: [{type: string}, {type: number}]}}\n";
    let double = Double::start([reply::stream(["ok"])]);
    let outcome = Sandbox::with(&double).config(config).run([
        "chat",
        "-m",
        "google/gemini-2.5-flash",
        "--tool",
        "good,bad",
        "hi",
    ]);
    outcome
        .assert_code(0)
        .assert_stdout("ok\n")
        .assert_stderr_has("bad is not offered to the model");
    let body = double.request().json();
    assert_eq!(
        body["tools"],
        json!([{"type": "function", "function": {"name": "good", "parameters": {
            "type": "object",
            "properties": {
                "when": {"type": "string", "nullable": true},
                "kind": {"enum": ["x"], "type": "string"},
            },
        }}}])
    );
}

#[test]
fn a_tool_whose_schema_is_refused_is_omitted_and_the_question_asked_again() {
    let config = "tools:\n  one: {command: [echo, 'ran one'], approve: allow}\n  \
                  two: {command: [echo, 'ran two'], approve: allow}\n";
    for words in [
        "tools.0.custom.input_schema: oneOf is not supported",
        "Invalid schema for function 'one': schema must have type 'object'",
    ] {
        let double = Double::start([
            reply::refusal(400, words),
            calls(&[("two", json!({}))]),
            reply::stream(["ok"]),
        ]);
        let outcome = Sandbox::with(&double)
            .config(config)
            .run(["chat", "-m", "a/b", "--tool", "one,two", "hi"]);
        outcome.assert_code(0).assert_stdout("ok\n");
        outcome.assert_stderr_has("a/b does not accept the tool one");
        for request in &double.requests()[1..] {
            let tools = request.json()["tools"].clone();
            assert_eq!(tools.as_array().map(Vec::len), Some(1), "{tools}");
            assert_eq!(tools[0]["function"]["name"], "two");
        }
    }
}

#[test]
fn a_missing_program_costs_its_tool() {
    let config = "tools:\n  gone: {command: [no-such-program]}\n  here: {command: [echo]}\n";
    let double = Double::start([reply::stream(["ok"])]);
    let sandbox = Sandbox::with(&double).config(config);
    let outcome = sandbox.run(["chat", "-m", "a/b", "--tool", "gone,here", "hi"]);
    outcome.assert_code(0).assert_stdout("ok\n");
    outcome.assert_stderr_has("gone is not offered to the model: program 'no-such-program'");
    assert_eq!(
        double.request().json()["tools"].as_array().map(Vec::len),
        Some(1)
    );
    let double = Double::start([]);
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "-m", "a/b", "--tool", "gone", "hi"])
        .assert_failure(11)
        .assert_stderr_has("program 'no-such-program' was not found");
}
