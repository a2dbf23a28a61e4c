//! Another profile takes over when one is out of reach, each with its own model, and only then.

use serde_json::{Value, json};

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
    Sandbox::new().env("TEST_KEY", KEY).config(config).run(["chat", "hi"].iter().chain(arguments))
}

fn busy(times: usize) -> Vec<Reply> {
    vec![reply::refusal(503, "overloaded").header("retry-after", "0"); times]
}

#[test]
fn the_next_profile_answers_when_all_attempts_failed() {
    let (first, second) = (Double::start(busy(4)), Double::start([reply::stream(["Hello"])]));
    let outcome = run(&first, &second, &[]);
    outcome.assert_code(0).assert_stdout("Hello\n").assert_stderr_has("note: profile 'a' failed (").assert_stderr_has("); asking profile 'b'");
    outcome.assert_stderr_has("overloaded");
    assert_eq!([first.requests().len(), second.requests().len()], [4, 1]);
    assert_eq!(second.request().json()["model"], "b/two");
}

#[test]
fn the_next_profile_has_attempts_of_its_own() {
    let mut script = busy(3);
    script.push(reply::stream(["Hello"]));
    let (first, second) = (Double::start(busy(4)), Double::start(script));
    run(&first, &second, &[]).assert_code(0).assert_stdout("Hello\n");
    let (first, second) = (Double::start(busy(4)), Double::start(busy(4)));
    run(&first, &second, &[]).assert_failure(8);
}

#[test]
fn a_server_that_is_not_there_lets_the_next_profile_answer() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let gone = format!("http://{}/api/v1", listener.local_addr().unwrap());
    drop(listener);
    let second = Double::start([reply::stream(["Hello"])]);
    let config = format!(
        "llm_profiles:\n  a: {{model: a/one, base_url: '{gone}', fallback_profiles: [b]}}\n  b: {{model: b/two, base_url: '{}'}}\nactive_llm_profile: a\n",
        second.base_url()
    );
    let outcome = Sandbox::new().env("OPENROUTER_API_KEY", KEY).config(config).run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n").assert_stderr_has("asking profile 'b'");
}

#[test]
fn a_wait_that_is_too_long_lets_the_next_profile_answer() {
    let first = Double::start([reply::refusal(429, "slow down").header("retry-after", "300")]);
    let second = Double::start([reply::stream(["Hello"])]);
    run(&first, &second, &[]).assert_code(0).assert_stdout("Hello\n");
}

#[test]
fn what_the_user_must_see_to_is_not_hidden_by_a_fallback() {
    for (status, code) in [(400, 7), (401, 4), (402, 7), (403, 4)] {
        let (first, second) = (Double::start([reply::refusal(status, "no")]), Double::start([]));
        let outcome = run(&first, &second, &[]);
        outcome.assert_failure(code).assert_stderr_lacks("asking profile");
        assert!(second.requests().is_empty());
    }
}

#[test]
fn no_other_profile_is_asked_after_visible_text() {
    let cut: [Reply; 2] =
        [reply::stream(["partial"]).error_event(&json!({"code": 503, "message": "overloaded"})), reply::stream(["partial", "x"]).cut_after(1)];
    for scripted in cut {
        let (first, second) = (Double::start([scripted]), Double::start([]));
        let outcome = run(&first, &second, &[]);
        outcome.assert_failure(9).assert_stderr_lacks("asking profile");
        assert_eq!(outcome.stdout().trim_end(), "partial");
    }
}

#[test]
fn json_names_the_profile_that_answered_and_every_attempt() {
    let (first, second) = (Double::start(busy(4)), Double::start([reply::stream(["Hello"])]));
    let outcome = run(&first, &second, &["--json"]);
    outcome.assert_code(0);
    let object = outcome.json();
    assert_eq!([&object["profile"], &object["model"], &object["requested_model"]], ["b", "b/two", "a/one"]);
    let profiles: Vec<&Value> = object["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["profile"]).collect();
    assert_eq!(profiles, ["a", "a", "a", "a", "b"]);
}

#[test]
fn a_fallback_that_does_not_exist_is_found_before_anything_is_sent() {
    let double = Double::start([]);
    let config = "llm_profiles:\n  a: {model: a/one, fallback_profiles: [nowhere]}\n";
    Sandbox::with(&double).config(config).run(["chat", "hi"]).assert_failure(3).assert_stderr_has("nowhere");
}
