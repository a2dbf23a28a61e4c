//! Web search: the tools that run at OpenRouter, OpenAI's search models, and refusals elsewhere.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// The body of one question with these settings of an OpenRouter profile and these arguments.
#[track_caller]
fn body(settings: &str, arguments: &[&str]) -> Value {
    let double = Double::start([reply::stream(["Hi."])]);
    let profile =
        format!("llm_profiles:\n  p: {{model: a/b, price: {{input: 1, output: 1}}{settings}}}\n");
    let sandbox = Sandbox::with(&double).config(profile);
    let outcome = sandbox.run([&["chat", "-p", "p"], arguments, &["hi"]].concat());
    outcome.assert_code(0);
    double.request().json()
}

fn server_tools() -> Value {
    json!([
        {"type": "openrouter:web_search"},
        {"type": "openrouter:web_fetch"},
        {"type": "openrouter:datetime"},
    ])
}

#[test]
fn search_is_sent_as_tools_that_run_at_openrouter() {
    let found = body("", &["--web"]);
    assert_eq!(found["tools"], server_tools());
    assert!(found.get("stop_server_tools_when").is_none(), "{found}");
    assert_eq!(body(", web: true", &[])["tools"], server_tools());
    for unasked in [body("", &[]), body(", web: true", &["--no-web"])] {
        assert!(unasked.get("tools").is_none(), "{unasked}");
    }
}

#[test]
fn the_cap_of_the_request_holds_for_the_tools_too() {
    let found = body("", &["--web", "--max-cost", "0.25"]);
    let stop = json!([{"type": "max_cost", "max_cost_in_dollars": 0.25}]);
    assert_eq!(found["stop_server_tools_when"], stop);
    let own = body(
        "",
        &[
            "--web",
            "--max-cost",
            "0.25",
            "-o",
            r#"stop_server_tools_when=[{"type":"step_count_is","step_count":2}]"#,
        ],
    );
    assert_eq!(own["stop_server_tools_when"][0]["type"], "step_count_is");
}

/// Where the tools of each request stop, in USD.
fn stops(double: &Double) -> Vec<f64> {
    let mut stops = Vec::new();
    for request in double.requests() {
        let condition = request.json()["stop_server_tools_when"][0].clone();
        stops.extend(condition["max_cost_in_dollars"].as_f64());
    }
    stops
}

#[test]
fn the_tools_stop_at_what_is_left_of_each_cap() {
    let found = body(", max_cost: {per_day: 0.5}", &["--web"]);
    let stop = json!([{"type": "max_cost", "max_cost_in_dollars": 0.5}]);
    assert_eq!(found["stop_server_tools_when"], stop);
    let config = "llm_profiles:\n  p: {model: a/b, price: {input: 1, output: 1}}\n";
    // Several answers share the cap.
    let double = Double::start([(); 3].map(|()| reply::stream(["Hi."])));
    let sandbox = Sandbox::with(&double).config(config);
    let asked = "chat -p p --web --max-cost 1 --alternatives 3 hi";
    sandbox.run(asked.split(' ')).assert_code(0);
    let third = stops(&double);
    assert!(
        third.len() == 3 && third.iter().all(|stop| *stop <= 0.3334),
        "{third:?}"
    );
    // Each step has what the steps before left.
    let call = json!({"index": 0, "id": "c", "type": "function",
        "function": {"name": "now", "arguments": "{}"}});
    let calling = reply::stream([]).finish("tool_calls").tool(call);
    let double = Double::start([calling.usage(10, 10, 0, 0.25), reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(config);
    let asked = "chat -p p --web --max-cost 1 --tool now --allow now hi";
    sandbox.run(asked.split(' ')).assert_code(0);
    assert_eq!(stops(&double), [1.0, 0.75]);
}

#[test]
fn a_dry_run_shows_the_stop_of_the_day_in_whole_cents() {
    let call = reply::stream(["Hi."]).usage(10, 10, 0, 0.123_456);
    let double = Double::start([call, reply::stream(["Hi."])]);
    let config = "llm_profiles:\n  p: {model: a/b, price: {input: 1, output: 1}, \
        max_cost: {per_day: 0.5}}\n";
    let sandbox = Sandbox::with(&double).config(config);
    let asked = ["chat", "-p", "p", "--web", "hi"];
    sandbox.run(asked).assert_code(0);
    let outcome = sandbox.run(asked.into_iter().chain(["--dry-run"]));
    outcome.assert_code(0);
    let shown: Value = serde_json::from_str(&outcome.stdout()).unwrap();
    sandbox.run(asked).assert_code(0);
    assert_eq!(stops(&double), [0.5, 0.37]);
    let sent = double.requests().pop().unwrap().json();
    assert_eq!(
        shown["stop_server_tools_when"],
        sent["stop_server_tools_when"]
    );
}

#[test]
fn tools_of_the_user_stay_and_none_is_sent_twice() {
    let own = r#"tools=[{"type":"openrouter:web_search","parameters":{"max_results":2}}]"#;
    let found = body("", &["--web", "-o", own]);
    let expected = json!([
        {"type": "openrouter:web_search", "parameters": {"max_results": 2}},
        {"type": "openrouter:web_fetch"},
        {"type": "openrouter:datetime"},
    ]);
    assert_eq!(found["tools"], expected);
}

#[test]
fn models_of_openai_that_search_are_asked_to_and_others_are_refused() {
    let double = Double::compatible([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(format!(
        "llm_profiles:\n  o: {{provider: openai, model: gpt-5-search-api, base_url: '{0}', \
         allow_insecure: true, api_key: k}}\n  n: {{provider: openai, model: gpt-5-mini, \
         base_url: '{0}', allow_insecure: true, api_key: k}}\n",
        double.base_url()
    ));
    sandbox
        .run(["chat", "-p", "o", "--web", "hi"])
        .assert_code(0);
    assert_eq!(double.request().json()["web_search_options"], json!({}));
    let refused = sandbox.run(["chat", "-p", "n", "--web", "hi"]);
    refused.assert_code(2);
    refused.assert_stderr_has("gpt-5-mini of provider openai does not search the web");
    refused.assert_stderr_has("hint: -m MODEL");
    assert_eq!(double.requests().len(), 1, "nothing is sent");
}

#[test]
fn a_profile_of_another_provider_is_only_warned() {
    let double = Double::compatible([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(format!(
        "llm_profiles:\n  l: {{provider: local, model: m, base_url: '{}', web: true, cache: true}}\n",
        double.base_url()
    ));
    let outcome = sandbox.run(["chat", "-p", "l", "hi"]);
    outcome.assert_code(0);
    outcome.assert_stderr_has("warning: m of provider local does not search the web");
    outcome.assert_stderr_has("warning: provider local has no response cache");
    assert!(double.request().json().get("tools").is_none());
}
