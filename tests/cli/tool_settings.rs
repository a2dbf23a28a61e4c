//! What flags and the profile say about tools: which there are, how they are declared, and how
//! often they may be called.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const POLL: &str = "tools: {poll: {command: [echo, still], approve: allow, repeat: true}}\n";

/// An answer that calls a tool as often.
fn calls(name: &str, count: u64) -> Reply {
    let function = json!({"name": name, "arguments": "{}"});
    (0..count).fold(reply::stream([]).finish("tool_calls"), |reply, index| {
        let id = format!("call_{index}");
        reply.tool(json!({"index": index, "id": id, "type": "function", "function": function}))
    })
}

/// What each request says of this field.
fn sent(double: &Double, field: &str) -> Vec<Value> {
    let requests = double.requests().into_iter();
    requests
        .map(|request| request.json()[field].clone())
        .collect()
}

/// The names of the functions that the request declares, and the types of other tools.
fn declared(body: &Value) -> Vec<String> {
    let name = |tool: &Value| {
        let name = tool["function"]["name"].as_str().or(tool["type"].as_str());
        name.unwrap_or_default().to_owned()
    };
    let tools = body["tools"].as_array();
    tools.into_iter().flatten().map(name).collect()
}

#[test]
fn a_tool_that_does_not_exist_is_an_error_with_the_nearest_name() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config(POLL);
    for (names, named, near) in [("poll,pole", "pole", "poll"), ("nowe", "nowe", "now")] {
        sandbox
            .run(["chat", "-m", "a/b", "--tool", names, "hi"])
            .assert_failure(2)
            .assert_stderr_has(&format!("there is no tool '{named}'"))
            .assert_stderr_has(&format!("did you mean {near}?"));
    }
    let profile = "llm_profiles: {p: {model: a/b, tools: [pol]}}\nactive_llm_profile: p\n";
    Sandbox::with(&double)
        .config(format!("{POLL}{profile}"))
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("llm_profiles.p.tools: there is no tool 'pol'; did you mean 'poll'?");
    assert_eq!(double.requests().len(), 0);
}

#[test]
fn the_last_step_is_the_one_that_is_set_also_for_a_provider_that_calls_all_the_same() {
    let double = Double::start([
        calls("poll", 1),
        calls("poll", 1),
        calls("poll", 1),
        calls("poll", 1),
    ]);
    let sandbox = Sandbox::with(&double).config(POLL);
    let question = ["chat", "-m", "a/b", "--tool", "poll", "--json", "hi"];
    let outcome = sandbox.run(question.iter().chain(&["--max-steps", "3"]).copied());
    outcome.assert_code(14).assert_stderr_has("--max-steps");
    assert_eq!(outcome.json()["steps"].as_array().unwrap().len(), 3);
    assert_eq!(
        sent(&double, "tool_choice"),
        ["auto", "auto", "auto", "none"]
    );
}

#[test]
fn two_hundred_calls_are_the_end_of_an_answer() {
    // Sixteen of an answer run: twelve answers make 192 of them, the next one eight.
    let answers = (0..13).map(|_| calls("poll", 17));
    let double = Double::start(answers.chain([reply::stream(["enough"])]));
    let sandbox = Sandbox::with(&double).config(POLL);
    let question = ["chat", "-m", "a/b", "--tool", "poll", "--json", "hi"];
    let outcome = sandbox.run(question);
    outcome.assert_code(14);
    assert_eq!(outcome.json()["content"], "enough");
    let steps = outcome.json()["steps"].clone();
    let all = steps.as_array().unwrap().iter();
    let ran = all.map(|step| {
        let calls = step["calls"].as_array().unwrap().iter();
        calls.filter(|call| call["is_error"] == false).count()
    });
    assert_eq!(ran.collect::<Vec<_>>(), [&[16; 12][..], &[8]].concat());
    assert_eq!(sent(&double, "tool_choice").last().unwrap(), "none");
    let hint = "ask again   (the results are part of the conversation)";
    let error: Value = serde_json::from_str(&outcome.stderr()).unwrap();
    assert_eq!(error["error"]["hint"], hint);
}

#[test]
fn a_search_of_tools_can_be_forced_and_turned_off() {
    let config = |search: &str| {
        format!(
            "tools: {{one: {{command: [echo]}}, two: {{command: [echo]}}}}\n\
            llm_profiles: {{p: {{model: a/b, tools: [one, two]{search}}}}}\nactive_llm_profile: p\n"
        )
    };
    for (search, expected) in [
        ("", &["one", "two"][..]),
        (", tool_search: off", &["one", "two"]),
        (", tool_search: on", &["find_tools"]),
    ] {
        let double = Double::start([reply::stream(["ok"])]);
        let sandbox = Sandbox::with(&double).config(config(search));
        sandbox.run(["chat", "hi"]).assert_code(0);
        assert_eq!(declared(&double.request().json()), expected, "{search}");
    }
}

#[test]
fn tools_go_with_those_of_the_provider_and_with_a_choice_of_the_users() {
    let double = Double::start([reply::stream(["ok"]), reply::stream(["ok"])]);
    let sandbox = Sandbox::with(&double).config(POLL);
    let base = ["chat", "-m", "a/b", "--tool", "poll", "hi"];
    sandbox
        .run(base.iter().chain(&["--web"]).copied())
        .assert_code(0);
    let required = "tool_choice=required";
    sandbox
        .run(base.iter().chain(&["-o", required]).copied())
        .assert_code(0);
    let tools = declared(&double.requests()[0].json());
    assert_eq!(tools[0], "poll");
    assert!(
        tools.iter().any(|tool| tool == "openrouter:web_search"),
        "{tools:?}"
    );
    assert_eq!(sent(&double, "tool_choice"), ["auto", "required"]);
}
