//! Another profile takes over when one is out of reach, each with its own model, and only then.

use serde_json::{Value, json};

use crate::nowhere::Nowhere;
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Two profiles at two servers, of which the first falls back to the second.
fn run(first: &Double, second: &Double, arguments: &[&str]) -> Outcome {
    let config = format!(
        "llm_profiles:\n  a: {{model: a/one, base_url: '{}', fallback_profiles: [b], api_key: '${{TEST_KEY}}'}}\n  b: {{model: b/two, base_url: '{}', api_key: \
         '${{TEST_KEY}}'}}\nactive_llm_profile: a\n",
        first.base_url(),
        second.base_url()
    );
    Sandbox::new()
        .env("TEST_KEY", KEY)
        .config(config)
        .run(["chat", "hi"].iter().chain(arguments))
}

fn busy(times: usize) -> Vec<Reply> {
    vec![reply::refusal(503, "overloaded").header("retry-after", "0"); times]
}

#[test]
fn the_next_profile_answers_when_all_attempts_failed() {
    let (first, second) = (
        Double::start(busy(4)),
        Double::start([reply::stream(["Hello"])]),
    );
    let outcome = run(&first, &second, &[]);
    outcome
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("note: profile 'a' failed (")
        .assert_stderr_has("); trying profile 'b'");
    outcome.assert_stderr_has("overloaded");
    assert_eq!([first.requests().len(), second.requests().len()], [4, 1]);
    assert_eq!(second.request().json()["model"], "b/two");
}

#[test]
fn the_next_profile_has_attempts_of_its_own() {
    let mut script = busy(3);
    script.push(reply::stream(["Hello"]));
    let (first, second) = (Double::start(busy(4)), Double::start(script));
    run(&first, &second, &[])
        .assert_code(0)
        .assert_stdout("Hello\n");
    let (first, second) = (Double::start(busy(4)), Double::start(busy(4)));
    run(&first, &second, &[]).assert_failure(8);
}

#[test]
fn a_server_that_is_not_there_lets_the_next_profile_answer() {
    let gone = Nowhere::new();
    let second = Double::start([reply::stream(["Hello"])]);
    let config = format!(
        "llm_profiles:\n  a: {{model: a/one, base_url: '{}', fallback_profiles: [b]}}\n  b: {{model: b/two, base_url: '{}'}}\nactive_llm_profile: a\n",
        gone.base_url(),
        second.base_url()
    );
    let outcome = Sandbox::new()
        .env("OPENROUTER_API_KEY", KEY)
        .config(config)
        .run(["chat", "hi"]);
    outcome
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("trying profile 'b'");
}

#[test]
fn a_wait_that_is_too_long_lets_the_next_profile_answer() {
    let first = Double::start([reply::refusal(429, "slow down").header("retry-after", "300")]);
    let second = Double::start([reply::stream(["Hello"])]);
    run(&first, &second, &[])
        .assert_code(0)
        .assert_stdout("Hello\n");
}

#[test]
fn failures_that_need_the_user_do_not_fall_back() {
    for (status, code) in [(400, 7), (401, 4), (402, 7), (403, 4)] {
        let (first, second) = (
            Double::start([reply::refusal(status, "no")]),
            Double::start([]),
        );
        let outcome = run(&first, &second, &[]);
        outcome
            .assert_failure(code)
            .assert_stderr_lacks("trying profile");
        assert!(second.requests().is_empty());
    }
}

#[test]
fn no_other_profile_is_asked_after_visible_text() {
    let failing =
        reply::stream(["partial"]).error_event(&json!({"code": 503, "message": "overloaded"}));
    for (scripted, code) in [
        (failing.clone(), 8),
        (failing.split_every(40), 8),
        (reply::stream(["partial", "x"]).cut_after(1), 9),
    ] {
        let (first, second) = (Double::start([scripted]), Double::start([]));
        let outcome = run(&first, &second, &[]);
        outcome
            .assert_failure(code)
            .assert_stderr_lacks("trying profile");
        assert_eq!(outcome.stdout().trim_end(), "partial");
    }
}

#[test]
fn json_names_the_profile_that_answered_and_every_attempt() {
    let (first, second) = (
        Double::start(busy(4)),
        Double::start([reply::stream(["Hello"])]),
    );
    let outcome = run(&first, &second, &["--json"]);
    outcome.assert_code(0);
    let object = outcome.json();
    assert_eq!(
        [
            &object["profile"],
            &object["model"],
            &object["requested_model"]
        ],
        ["b", "b/two", "a/one"]
    );
    let profiles: Vec<&Value> = object["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["profile"])
        .collect();
    assert_eq!(profiles, ["a", "a", "a", "a", "b"]);
}

#[test]
fn a_fallback_that_does_not_exist_is_found_before_anything_is_sent() {
    let double = Double::start([]);
    let config = "llm_profiles:\n  a: {model: a/one, fallback_profiles: [nowhere]}\n";
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("nowhere");
}

/// Two profiles of which the first falls back to the second, each with a key and headers of its
/// own.
fn with_keys_of_their_own(first: &Double, second: &Double) -> Sandbox {
    let config = format!(
        "llm_profiles:\n  a: {{model: a/one, base_url: '{}', fallback_profiles: [b], api_key: '${{KEY_A}}', headers: {{X-Team: first}}, user_agent: \
         'one/1'}}\n  b: {{model: 'b/two?seed=7', base_url: '{}', api_key: '${{KEY_B}}', headers: {{X-Team: second}}}}\nactive_llm_profile: a\n",
        first.base_url(),
        second.base_url()
    );
    Sandbox::new()
        .env("KEY_A", "sk-or-v1-of-the-first-profile")
        .env("KEY_B", KEY)
        .config(config)
}

#[test]
fn each_profile_is_asked_with_its_own_key_headers_and_model() {
    let (first, second) = (
        Double::start(busy(4))
            .agent("one/1")
            .accepting("sk-or-v1-of-the-first-profile"),
        Double::start([reply::stream(["Hello"])]),
    );
    let sandbox = with_keys_of_their_own(&first, &second);
    sandbox
        .run(["chat", "-m", "c/d?temperature=1.5", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n");
    let (one, two) = (first.requests().remove(0), second.request());
    assert_eq!(
        [one.header("x-team"), two.header("x-team")],
        ["first", "second"]
    );
    assert_eq!(
        [one.header("authorization"), two.header("authorization")],
        [
            "Bearer sk-or-v1-of-the-first-profile",
            &format!("Bearer {KEY}")
        ]
    );
    // What stood behind the model of the first is not asked of the second.
    assert_eq!(
        [&one.json()["temperature"], &two.json()["temperature"]],
        [&json!(1.5), &Value::Null]
    );
    assert_eq!(
        [&two.json()["model"], &two.json()["seed"]],
        [&json!("b/two"), &json!(7)]
    );
}

#[test]
fn json_says_why_each_attempt_failed() {
    let (first, second) = (
        Double::start(busy(4)),
        Double::start([reply::stream(["Hello"])]),
    );
    let outcome = run(&first, &second, &["--json"]);
    let attempts = outcome.json()["attempts"].clone();
    for attempt in &attempts.as_array().unwrap()[..4] {
        assert_eq!(
            [&attempt["model"], &attempt["status"]],
            [&json!("a/one"), &json!(503)]
        );
        assert!(
            attempt["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("overloaded")),
            "{outcome}"
        );
    }
    assert_eq!(
        [
            &attempts[4]["model"],
            &attempts[4]["status"],
            &attempts[4]["reason"]
        ],
        [&json!("b/two"), &json!("ok"), &Value::Null]
    );
}

#[test]
fn events_report_the_failed_profile_the_reason_and_the_next_one() {
    let (first, second) = (
        Double::start(busy(4)),
        Double::start([reply::stream(["Hello"])]),
    );
    let outcome = run(&first, &second, &["--jsonl"]);
    let retries: Vec<Value> = outcome
        .json_lines()
        .into_iter()
        .filter(|line| line["type"] == "retry")
        .collect();
    assert_eq!(retries.len(), 4, "{outcome}");
    assert!(
        retries.iter().all(|line| line["status"] == 503
            && line["why"]
                .as_str()
                .is_some_and(|why| why.contains("overloaded"))),
        "{outcome}"
    );
    let last = &retries[3];
    assert_eq!(
        [
            &last["previous_profile"],
            &last["previous_model"],
            &last["profile"],
            &last["model"]
        ],
        ["a", "a/one", "b", "b/two"]
    );
}

#[test]
fn provider_messages_are_bounded_and_inert_everywhere() {
    let words = format!("\u{1b}[31moverloaded {}", "x".repeat(5000));
    let script = || vec![reply::refusal(503, &words).header("retry-after", "300")];
    for form in ["--json", "--jsonl"] {
        let (first, second) = (
            Double::start(script()),
            Double::start([reply::stream(["Hello"])]),
        );
        let outcome = run(&first, &second, &[form]);
        outcome.assert_code(0);
        assert!(
            outcome.stdout().len() < 4000 && !outcome.stdout().contains('\u{1b}'),
            "{outcome}"
        );
    }
}

#[test]
fn models_that_failed_at_openrouter_are_reported() {
    let attempts = json!([{"model": "a/one", "provider": "First Cloud", "status": 429}, {"model": "c/d", "provider": "Second", "status": 200}]);
    let routed = || {
        reply::stream(["Hello"])
            .served_by("c/d", "Second")
            .event(json!({"choices": [], "openrouter_metadata": {"attempts": attempts}}))
    };
    let double = Double::start([routed(), routed()]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["chat", "-m", "a/one,c/d", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    outcome.assert_stderr_has(
        "note: answered by c/d (asked for a/one); not a/one at First Cloud: 429",
    );
    let json = sandbox
        .run(["chat", "-m", "a/one,c/d", "--json", "hi"])
        .json();
    assert_eq!(
        json["attempts"][0]["passed_over"],
        json!([{"model": "a/one", "provider": "First Cloud", "status": 429}])
    );
    assert_eq!(
        [&json["requested_model"], &json["model"], &json["served_by"]],
        ["a/one", "c/d", "Second"]
    );
    for request in double.requests() {
        assert_eq!(
            [&request.json()["model"], &request.json()["models"]],
            [&json!("a/one"), &json!(["c/d"])]
        );
        assert_eq!(request.header("x-openrouter-metadata"), "enabled");
    }
}

#[test]
fn the_ledger_names_the_model_that_answered() {
    let double = Double::start([reply::stream(["Hello"]).served_by("c/d", "Second")]);
    let sandbox = Sandbox::with(&double).config("llm_profiles: {p: {model: 'a/one,c/d'}}\n");
    sandbox.run(["chat", "hi"]).assert_code(0);
    let usage = sandbox.run(["usage", "--by", "model"]);
    assert!(
        usage.stdout().contains("c/d") && !usage.stdout().contains("a/one"),
        "{usage}"
    );
}

#[test]
fn a_fallback_that_is_not_private_is_reported() {
    let double = Double::start([
        reply::refusal(503, "overloaded").header("retry-after", "99"),
        reply::stream(["Hello"]),
    ]);
    let config = "llm_profiles: {work: {model: a/one, private: true, fallback_profiles: [back]}, back: {model: b/two}}\nactive_llm_profile: work\n";
    let sandbox = Sandbox::with(&double).config(config);
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stderr_has(
        "warning: profile 'work' is private, but profile 'back' of the same request is not",
    );
    assert_eq!(double.requests().len(), 2);
    sandbox
        .run(["chat", "--strict", "hi"])
        .assert_failure(2)
        .assert_stderr_has("profile 'back' of the same request may retain prompts");
    let both = sandbox.run(["chat", "--private", "--dry-run", "hi"]);
    both.assert_code(0).assert_stderr_lacks("private holds");
}
