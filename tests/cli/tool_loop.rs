//! The loop of tools: the calls of an answer run, their results go back, and the model is asked
//! again.

use std::fs;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// What the tools below write down of each run.
const RUNS: &str = "runs";

/// Tools that run without a question. `weather` writes the town down; `broken` fails.
fn config(profile: &str) -> String {
    format!(
        "tools:\n  weather:\n    command: [./weather, '{{town}}']\n    parameters: {{town: string}}\n    \
        approve: allow\n  broken:\n    command: [./broken]\n    approve: allow\n  poll:\n    \
        command: [./weather, Oslo]\n    approve: allow\n    repeat: true\n  asked:\n    command: \
        [./weather, Asked]\n  slow:\n    command: [./slow]\n    approve: allow\nllm_profiles:\n  work: \
        {{model: a/b, tools: [weather, broken, poll, asked, slow]{profile}}}\nactive_llm_profile: work\n"
    )
}

fn sandbox(double: &Double) -> Sandbox {
    with_profile(double, "")
}

/// With further settings of the profile, after a comma.
fn with_profile(double: &Double, profile: &str) -> Sandbox {
    Sandbox::with(double)
        .config(config(profile))
        .script("weather", "echo \"$1\" >>runs; printf '%s: 3 °C' \"$1\"")
        .script(
            "broken",
            "echo broken >>runs; echo 'no such town' >&2; exit 3",
        )
        .script("slow", "echo slow >>runs; exec sleep 1000")
}

/// How often a tool ran.
fn runs(sandbox: &Sandbox) -> usize {
    let runs = fs::read_to_string(sandbox.home().join(RUNS)).unwrap_or_default();
    runs.lines().count()
}

/// A whole call in one fragment.
fn call(index: u64, id: &str, name: &str, arguments: &Value) -> Value {
    let function = json!({"name": name, "arguments": arguments.to_string()});
    json!({"index": index, "id": id, "type": "function", "function": function})
}

fn weather(index: u64, id: &str, town: &str) -> Value {
    call(index, id, "weather", &json!({"town": town}))
}

/// An answer with these calls.
fn calling(calls: impl IntoIterator<Item = Value>) -> Reply {
    let reply = reply::stream([]).finish("tool_calls");
    calls.into_iter().fold(reply, Reply::tool)
}

/// The messages of each request, without the system prompt.
fn messages(double: &Double) -> Vec<Vec<Value>> {
    let of = |body: Value| body["messages"].as_array().cloned().unwrap_or_default();
    let requests = double.requests().into_iter();
    requests.map(|request| of(request.json())).collect()
}

fn steps(outcome: &Outcome) -> Vec<Value> {
    let object = outcome.json();
    object["steps"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_call_is_run_and_its_result_is_sent_with_the_next_request() {
    let double = Double::start([
        calling([weather(0, "call_7", "Oslo")]),
        reply::stream(["It is 3 °C."]),
    ]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "Oslo?"]);
    outcome
        .assert_code(0)
        .assert_stdout("It is 3 °C.\n")
        .assert_stderr_has("ran weather {\"town\":\"Oslo\"} (0.");
    assert_eq!(runs(&sandbox), 1);
    let requests = double.requests();
    let [first, second] = [requests[0].json(), requests[1].json()];
    assert_eq!(first["tool_choice"], "auto");
    assert_eq!(first["tools"], second["tools"]);
    assert_eq!(first["tools"][0]["function"]["name"], "asked");
    assert!(first["tools"][0]["function"].get("description").is_none());
    assert!(first["tools"][0]["function"].get("strict").is_none());
    let sent = second["messages"].as_array().unwrap();
    let function = json!({"name": "weather", "arguments": "{\"town\":\"Oslo\"}"});
    let called = json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_7", "type": "function", "function": function}]});
    assert_eq!(sent[sent.len() - 2]["tool_calls"], called["tool_calls"]);
    assert_eq!(sent[sent.len() - 2]["content"], Value::Null);
    let result = json!({"role": "tool", "tool_call_id": "call_7", "content": "Oslo: 3 °C"});
    assert_eq!(sent[sent.len() - 1], result);
}

#[test]
fn without_named_tools_the_body_is_as_ever_and_nothing_runs() {
    let calls = (0..50).map(|index| weather(index, &format!("c{index}"), "Oslo"));
    let double = Double::start([calling(calls), reply::stream(["hi"])]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "-m", "a/b", "--profile", "none", "hi"]);
    // A profile of that name does not exist; the plain question needs none.
    outcome.assert_code(3);
    let plain = Sandbox::with(&double);
    plain
        .run(["chat", "-m", "a/b", "hi"])
        .assert_failure(11)
        .assert_mentions("weather");
    plain.run(["chat", "-m", "a/b", "hi"]).assert_answer("hi\n");
    assert_eq!((runs(&sandbox), runs(&plain)), (0, 0));
    for request in double.requests() {
        let body = request.json();
        assert!(body.get("tools").is_none() && body.get("tool_choice").is_none());
    }
}

#[test]
fn parallel_calls_have_their_results_in_order_and_each_an_id_of_its_own() {
    let double = Double::start([
        calling([
            weather(0, "a", "Oslo"),
            call(1, "b", "broken", &json!({})),
            weather(2, "", "Bern"),
        ]),
        calling([weather(0, "x", "Rome"), weather(1, "y", "Paris")]),
        reply::stream(["done"]),
    ]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "--json", "go"]);
    outcome.assert_code(0);
    let sent = messages(&double);
    let results: Vec<(String, String)> = sent[2]
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(|message| {
            let text = |field: &str| message[field].as_str().unwrap().to_owned();
            (text("tool_call_id"), text("content"))
        })
        .collect();
    assert_eq!(results.len(), 5, "{results:?}");
    assert_eq!(results[0], ("a".to_owned(), "Oslo: 3 °C".to_owned()));
    assert!(
        results[1].0 == "b" && results[1].1.contains("no such town"),
        "{results:?}"
    );
    assert!(results[2].0.starts_with("call_") && results[2].1.starts_with("Bern"));
    assert_eq!(results[2].0.len(), "call_".len() + 24);
    let steps = steps(&outcome);
    assert_eq!(steps[0]["calls"][2]["id"], results[2].0.as_str());
    assert_eq!(steps[0]["calls"][1]["is_error"], true);
    let second = &steps[1]["calls"][1];
    assert_eq!(
        [&second["decision"], &second["is_error"], &second["bytes"]],
        [&json!("config"), &json!(false), &json!(12)]
    );
    assert!(second["ms"].is_u64());
    assert!(outcome.json().get("tool_calls").is_none());
    assert_eq!(runs(&sandbox), 5);
}

#[test]
fn two_calls_with_one_id_are_both_answered() {
    let first = weather(0, "same", "Oslo");
    let double = Double::start([
        calling([first, weather(1, "same", "Bern")]),
        reply::stream(["done"]),
    ]);
    sandbox(&double).run(["chat", "go"]).assert_stdout("done\n");
    let last = messages(&double).pop().unwrap();
    let ids: Vec<&Value> = last
        .iter()
        .filter_map(|one| one.get("tool_call_id"))
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[0] == "same" && ids[1] != "same", "{ids:?}");
}

#[test]
fn what_cannot_run_is_a_result_and_the_loop_continues() {
    let bad = json!({"index": 2, "id": "c", "type": "function", "function": {"name": "weather",
        "arguments": "{\"town\":"}});
    let double = Double::start([
        calling([
            call(0, "a", "whether", &json!({})),
            call(1, "b", "weather", &json!({"town": 7})),
            bad,
        ]),
        reply::stream(["sorry"]),
    ]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "go"]);
    outcome
        .assert_code(0)
        .assert_stdout("sorry\n")
        .assert_stderr_has("did not run whether");
    let sent = messages(&double).pop().unwrap();
    let contents: Vec<&str> = sent[sent.len() - 3..]
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert!(contents[0].contains("no tool 'whether'") && contents[0].contains("weather"));
    assert!(contents[1].contains("town"), "{contents:?}");
    assert!(contents[2].contains("not JSON"), "{contents:?}");
    assert_eq!(runs(&sandbox), 0);
}

#[test]
fn a_finish_reason_of_stop_and_missing_arguments_are_calls() {
    let bare = json!({"index": 0, "id": "a", "type": "function", "function": {"name": "poll"}});
    let double = Double::start([calling([bare]).finish("stop"), reply::stream(["done"])]);
    let sandbox = sandbox(&double);
    sandbox.run(["chat", "go"]).assert_stdout("done\n");
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn text_before_the_calls_is_shown_and_stays_apart() {
    let double = Double::start([
        reply::stream(["Let me look."])
            .tool(weather(0, "a", "Oslo"))
            .finish("tool_calls"),
        reply::stream(["It is 3 °C."]),
    ]);
    let sandbox = sandbox(&double);
    sandbox
        .run(["chat", "Oslo?"])
        .assert_stdout("Let me look.\n\nIt is 3 °C.\n");
    let sent = messages(&double).pop().unwrap();
    assert_eq!(sent[sent.len() - 2]["content"], "Let me look.");
}

#[test]
fn reasoning_goes_back_unchanged_in_every_later_request() {
    let details = [
        json!({"type": "reasoning.text", "text": "first", "format": "anthropic-claude-v1",
            "index": 0, "signature": "c2lnMQ=="}),
        json!({"type": "reasoning.encrypted", "data": "QUJD\u{e9}", "format": "openai-responses-v1",
            "id": "rs_1", "index": 0}),
        json!({"type": "reasoning.summary", "summary": "short", "format": "openai-responses-v1",
            "index": 0}),
    ];
    let step = |index: usize, town: &str| {
        calling([weather(0, &format!("c{index}"), town)]).late_detail(details[index].clone())
    };
    let double = Double::start([
        step(0, "Oslo"),
        step(1, "Bern"),
        step(2, "Rome"),
        reply::stream(["done"]),
    ]);
    let sandbox = with_profile(&double, ", openrouter: {reasoning: {effort: high}}");
    sandbox.run(["chat", "go"]).assert_stdout("done\n");
    let requests = double.requests();
    assert_eq!(requests.len(), 4);
    for (number, request) in requests.iter().enumerate() {
        let body = request.json();
        assert_eq!(
            body["reasoning"],
            requests[0].json()["reasoning"],
            "{number}"
        );
        let sent: Vec<&Value> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|message| message.get("reasoning_details"))
            .collect();
        let expected: Vec<Value> = details[..number].iter().map(|one| json!([one])).collect();
        assert_eq!(sent, expected.iter().collect::<Vec<_>>());
        for text in expected.iter().map(ToString::to_string) {
            assert!(request.text().contains(&text), "{text}");
        }
    }
}

#[test]
fn after_a_fallback_the_reasoning_of_the_other_model_is_omitted() {
    let detail = json!({"type": "reasoning.encrypted", "data": "QUJD", "index": 0});
    let overloaded = || reply::refusal(503, "overloaded");
    let double = Double::start([
        calling([weather(0, "a", "Oslo")]).late_detail(detail),
        overloaded(),
        overloaded(),
        overloaded(),
        overloaded(),
        reply::stream(["done"]),
    ]);
    let yaml = config(", fallback_profiles: [back]")
        .replace("llm_profiles:\n", "llm_profiles:\n  back: {model: c/d}\n");
    let sandbox = sandbox(&double).config(yaml);
    let outcome = sandbox.run(["chat", "go"]);
    outcome.assert_stdout("done\n");
    let last = double.requests().pop().unwrap();
    assert_eq!(last.json()["model"], "c/d");
    assert!(
        !last.text().contains("reasoning_details"),
        "{}",
        last.text()
    );
    assert!(last.text().contains("\"tool_call_id\":\"a\""));
}

#[test]
fn the_same_call_for_ever_ends_after_four_requests() {
    let same = || calling([weather(0, "a", "Oslo")]);
    let double = Double::start([same(), same(), same(), same()]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "go"]);
    outcome.assert_failure(11).assert_mentions("weather");
    assert_eq!(runs(&sandbox), 2);
    let told = messages(&double).pop().unwrap().pop().unwrap();
    let told = told["content"].as_str().unwrap().to_owned();
    assert!(told.contains("the same call"), "{told}");
}

#[test]
fn a_tool_that_may_repeat_is_asked_until_the_last_step_which_has_no_calls() {
    let mut script: Vec<Reply> = (0..25)
        .map(|_| calling([call(0, "p", "poll", &json!({}))]))
        .collect();
    script.push(reply::stream(["still 3 °C"]));
    let double = Double::start(script);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "--json", "go"]);
    outcome.assert_code(14);
    assert_eq!(outcome.json()["content"], "still 3 °C");
    assert_eq!(steps(&outcome).len(), 25);
    assert_eq!(runs(&sandbox), 25);
    let choices: Vec<Value> = double
        .requests()
        .iter()
        .map(|request| request.json()["tool_choice"].clone())
        .collect();
    assert_eq!(choices.len(), 26);
    assert!(choices[..25].iter().all(|choice| choice == "auto"));
    assert_eq!(choices[25], "none");
}

#[test]
fn a_call_that_nobody_allows_runs_nothing_of_its_answer() {
    let double = Double::start([reply::stream(["I will ask."])
        .tool(weather(0, "a", "Oslo"))
        .tool(call(1, "b", "asked", &json!({})))
        .finish("tool_calls")]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "--json", "go"]);
    outcome
        .assert_code(11)
        .assert_stderr_has("asked")
        .assert_stderr_has("--allow asked");
    let object = outcome.json();
    assert_eq!(object["content"], "I will ask.");
    assert_eq!(object["tool_calls"][1]["function"]["name"], "asked");
    assert_eq!((steps(&outcome).len(), runs(&sandbox)), (0, 0));
}

#[test]
fn the_lines_of_jsonl_have_each_result_and_the_end_has_the_steps() {
    let double = Double::start([
        reply::stream(["Let me "])
            .tool(weather(0, "a", "Oslo"))
            .finish("tool_calls"),
        reply::stream(["see."]),
    ]);
    let outcome = sandbox(&double).run(["chat", "--jsonl", "go"]);
    outcome.assert_code(0);
    let lines = outcome.json_lines();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["start", "text", "tool_result", "text", "usage", "end"]
    );
    let result = &lines[2];
    assert_eq!(
        [
            &result["id"],
            &result["name"],
            &result["decision"],
            &result["is_error"]
        ],
        [
            &json!("a"),
            &json!("weather"),
            &json!("config"),
            &json!(false)
        ]
    );
    assert_eq!(result["bytes"], 11);
    let end = lines.last().unwrap();
    assert_eq!(
        end["steps"][0]["calls"][0]["arguments"],
        "{\"town\":\"Oslo\"}"
    );
}

#[test]
fn usage_and_cost_are_those_of_all_steps() {
    let double = Double::start([
        calling([weather(0, "a", "Oslo")]).usage(10, 5, 0, 0.002),
        reply::stream(["done"]).usage(30, 7, 0, 0.003),
    ]);
    let sandbox = sandbox(&double);
    let outcome = sandbox.run(["chat", "--json", "go"]);
    let object = outcome.json();
    assert_eq!(object["usage"]["prompt_tokens"], 40);
    assert_eq!(object["cost_usd"], 0.005);
    let usage = sandbox.run(["usage", "--json"]).json();
    assert!(usage.to_string().contains("0.005"), "{usage}");
}

#[test]
fn a_cap_ends_the_answer_between_two_steps() {
    let price = ", max_tokens: 1000, price: {input: 0, output: 100}, max_cost: {per_request: 0.15}";
    let double = Double::start([calling([weather(0, "a", "Oslo")]).usage(10, 900, 0, 0.09)]);
    let sandbox = with_profile(&double, price);
    let outcome = sandbox.run(["chat", "--json", "go"]);
    outcome.assert_code(14).assert_stderr_has("the next step");
    assert_eq!(runs(&sandbox), 1);
    assert_eq!(steps(&outcome).len(), 1);
}
