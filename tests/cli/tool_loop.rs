//! The loop of tools: the calls of an answer run, their results go back, and the model is asked
//! again.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// What the tools below write down of each run.
const RUNS: &str = "runs";

/// `weather` writes the town down; `broken` fails; `asked` runs only if somebody allows it.
const TOOLS: &str = "\
tools:
  weather:
    command: [./weather, '{town}']
    parameters: {town: string}
    approve: allow
  broken: {command: [./broken], approve: allow}
  poll: {command: [./weather, Oslo], approve: allow, repeat: true}
  asked: {command: [./weather, Asked]}
  slow: {command: [./slow], approve: allow}
active_llm_profile: work
";

/// A profile with all tools and these further settings, after a comma.
fn config(profile: &str) -> String {
    let tools = "tools: [weather, broken, poll, asked, slow]";
    format!("{TOOLS}llm_profiles:\n  work: {{model: a/b, {tools}{profile}}}\n")
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

#[test]
fn the_ledger_has_a_row_for_each_request_of_a_turn() {
    let double = Double::start([
        calling([weather(0, "a", "Oslo")]).usage(10, 5, 0, 0.002),
        calling([weather(0, "b", "Bern")]).usage(20, 5, 0, 0.004),
        reply::stream(["done"]).usage(30, 7, 0, 0.003),
    ]);
    let sandbox = sandbox(&double);
    sandbox.run(["chat", "--session", "s", "go"]).assert_code(0);
    let sum: f64 = rows(&sandbox, "counted_usd")
        .iter()
        .map(|row| row.as_f64().unwrap())
        .sum();
    assert!((sum - 0.009).abs() < 1e-12, "{sum}");
    let turns = rows(&sandbox, "turn");
    assert_eq!(turns.len(), 3);
    assert!(
        turns.iter().all(|turn| turn.is_i64() && *turn == turns[0]),
        "{turns:?}"
    );
}

/// A column of the ledger.
fn rows(sandbox: &Sandbox, column: &str) -> Vec<Value> {
    let path = sandbox.home().join(".amx/amx.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut select = connection
        .prepare(&format!("SELECT {column} FROM ledger"))
        .unwrap();
    let rows = select.query_map([], |row| {
        Ok(match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => json!(number),
            rusqlite::types::ValueRef::Real(number) => json!(number),
            _ => Value::Null,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn after_ctrl_c_during_a_tool_the_next_question_is_valid() {
    let double = Double::start([
        calling([weather(0, "a", "Oslo"), call(1, "b", "slow", &json!({}))]),
        reply::stream(["fine"]),
        reply::stream(["without tools"]),
    ]);
    let sandbox = sandbox(&double);
    let running = sandbox.spawn(["chat", "--session", "s", "go"]);
    running.wait_for(&Stream::Stderr, "ran weather");
    let started = Instant::now();
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130);
    assert!(started.elapsed() < Duration::from_secs(10), "{outcome}");
    sandbox
        .run(["chat", "-c", "and now?"])
        .assert_answer("fine\n");
    let sent = messages(&double).pop().unwrap();
    let contents: Vec<&str> = sent
        .iter()
        .filter_map(|one| one["content"].as_str())
        .collect();
    assert!(contents.contains(&"Oslo: 3 °C"), "{sent:?}");
    assert!(
        contents.contains(&"interrupted by the user; it may have run in part"),
        "{sent:?}"
    );
    // Without tools some providers refuse messages with calls: they are sent as text.
    let plain = sandbox.config("llm_profiles:\n  p: {model: a/b}\n");
    plain
        .run(["chat", "-c", "-m", "a/b", "-p", "p", "again"])
        .assert_code(0);
    let last = double.requests().pop().unwrap();
    assert!(last.json().get("tools").is_none() && !last.text().contains("tool_call"));
    assert!(last.text().contains("[tool weather"), "{}", last.text());
}

#[test]
fn a_conversation_shows_and_sends_the_steps_of_its_turns() {
    let detail = json!({"type": "reasoning.encrypted", "data": "QUJD", "index": 0});
    let double = Double::start([
        reply::stream(["Let me look."])
            .tool(weather(0, "a", "Oslo"))
            .late_detail(detail)
            .finish("tool_calls"),
        reply::stream(["3 °C"]),
        reply::stream(["yes"]),
    ]);
    let sandbox = sandbox(&double);
    sandbox
        .run(["chat", "--session", "s", "Oslo?"])
        .assert_code(0);
    sandbox.run(["chat", "-c", "sure?"]).assert_answer("yes\n");
    let sent = messages(&double).pop().unwrap();
    let roles: Vec<&Value> = sent.iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "user"]);
    assert_eq!(sent[1]["reasoning_details"][0]["data"], "QUJD");
    let shown = sandbox.run(["sessions", "show", "s"]).stdout();
    let lines = "Let me look.\n\n[ran weather {\"town\":\"Oslo\"} (0.";
    assert!(shown.contains(lines) && shown.contains("3 °C\n"), "{shown}");
    let exported = sandbox
        .run(["sessions", "export", "s", "--format", "json"])
        .json();
    let made = &exported["turns"][0]["steps"][0];
    assert_eq!(made["content"], "Let me look.");
    assert_eq!(made["calls"][0]["content"], "Oslo: 3 °C");
    let markdown = sandbox.run(["sessions", "export", "s"]).stdout();
    assert!(markdown.contains("[ran weather"), "{markdown}");
}

#[test]
fn a_replay_runs_no_tool_and_needs_no_permission() {
    let double = Double::start([
        reply::stream(["Let me look."])
            .tool(weather(0, "", "Oslo"))
            .tool(call(1, "b", "broken", &json!({})))
            .finish("tool_calls"),
        reply::stream(["3 °C"]),
    ]);
    let sandbox = sandbox(&double);
    let recorded = sandbox.run(["chat", "go", "--record", "run.jsonl"]);
    recorded.assert_code(0);
    assert_eq!(runs(&sandbox), 2);
    drop(double);
    let asks = config("")
        .replace("    approve: allow\n", "")
        .replace(", approve: allow", "");
    let sandbox = sandbox
        .env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
        .without("OPENROUTER_API_KEY")
        .config(asks);
    for program in ["weather", "broken"] {
        fs::remove_file(sandbox.home().join(program)).unwrap();
    }
    let replayed = sandbox.run(["chat", "go", "--replay", "run.jsonl", "--strict"]);
    replayed.assert_code(0).assert_stdout(&recorded.stdout());
    replayed.assert_stderr_has("ran weather");
    assert_eq!(runs(&sandbox), 2);
}

#[test]
fn a_call_that_nobody_allowed_is_refused_in_its_replay_too() {
    let double = Double::start([calling([call(0, "a", "asked", &json!({}))])]);
    let sandbox = sandbox(&double);
    sandbox
        .run(["chat", "go", "--record", "run.jsonl"])
        .assert_code(11);
    drop(double);
    let sandbox = sandbox
        .env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
        .without("OPENROUTER_API_KEY");
    sandbox
        .run(["chat", "go", "--replay", "run.jsonl", "--strict"])
        .assert_failure(11)
        .assert_mentions("asked");
}

#[test]
fn the_time_limit_holds_for_the_tools_as_well() {
    let double = Double::start([calling([call(0, "a", "slow", &json!({}))])]);
    let sandbox = sandbox(&double);
    let started = Instant::now();
    let outcome = sandbox.run(["chat", "--timeout", "1s", "--json", "go"]);
    assert!(started.elapsed() < Duration::from_secs(10), "{outcome}");
    outcome.assert_stderr_has("time limit of 1 s");
    assert!(outcome.code != 0);
    assert_eq!(steps(&outcome).len(), 1);
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn plain_reasoning_goes_back_where_the_provider_requires_it() {
    let double = Double::compatible([
        calling([weather(0, "a", "Oslo")]).reasoning(["I should look."]),
        reply::stream(["done"]),
    ]);
    let profile = format!(
        ", provider: deepseek, base_url: '{}', api_key: '${{OPENROUTER_API_KEY}}'",
        double.base_url()
    );
    let sandbox = with_profile(&double, &profile);
    sandbox.run(["chat", "go"]).assert_stdout("done\n");
    let last = messages(&double).pop().unwrap();
    assert_eq!(last[last.len() - 2]["reasoning_content"], "I should look.");
}
