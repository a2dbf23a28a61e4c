//! Deadlines and caps: silence, the whole answer, and money.

use std::time::Duration;

use crate::support::double::Double;
use crate::support::reply;
use crate::support::routes;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// The end by a limit of one second, on a machine that may be busy.
const ABOUT_ONE_SECOND: std::ops::Range<Duration> = Duration::from_secs(1)..Duration::from_secs(15);

#[test]
fn silence_before_the_answer_ends_it() {
    for flags in [&["chat", "hi"][..], &["chat", "--no-stream", "hi"]] {
        let double = Double::start([reply::silence()]);
        let outcome = Sandbox::with(&double)
            .env("AMX_LLM_TIMEOUT_SEC", "1")
            .run(flags);
        outcome
            .assert_failure(8)
            .assert_stderr_has("may have been billed")
            .assert_stdout("");
        assert!(ABOUT_ONE_SECOND.contains(&outcome.elapsed), "{outcome}");
        assert_eq!(double.requests().len(), 1);
        double.wait_for_disconnect();
    }
}

#[test]
fn silence_in_the_middle_keeps_the_text() {
    let double = Double::start([reply::stream(["partial ", "never"]).stall_after(1)]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "hi"]);
    outcome.assert_failure(9);
    assert_eq!(outcome.stdout().trim_end(), "partial");
    assert!(ABOUT_ONE_SECOND.contains(&outcome.elapsed), "{outcome}");
}

#[test]
fn silence_while_thinking_is_no_answer() {
    let double = Double::start([reply::stream(["never"]).reasoning(["hm"]).stall_after(0)]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "hi"]);
    outcome
        .assert_failure(8)
        .assert_stderr_has("may have been billed")
        .assert_stdout("");
}

#[test]
fn the_time_limit_covers_every_phase() {
    let double = Double::start([reply::silence()]);
    let outcome = Sandbox::with(&double).run(["chat", "--timeout", "1s", "hi"]);
    outcome
        .assert_failure(8)
        .assert_stderr_has("may have been billed");
    assert!(ABOUT_ONE_SECOND.contains(&outcome.elapsed), "{outcome}");
    let double = Double::start([reply::stream(["partial", "never"]).stall_after(1)]);
    let outcome = Sandbox::with(&double).run(["chat", "--timeout", "1s", "hi"]);
    outcome.assert_failure(9);
    assert_eq!(outcome.stdout().trim_end(), "partial");
    let double = Double::start([reply::refusal(503, "busy").header("retry-after", "30")]);
    let outcome = Sandbox::with(&double).run(["chat", "--timeout", "1s", "hi"]);
    outcome.assert_failure(8);
    assert!(outcome.elapsed < Duration::from_secs(15), "{outcome}");
}

#[test]
fn a_time_limit_that_is_not_reached_changes_nothing() {
    for limit in ["90s", "5m", "30"] {
        let double = Double::start([reply::stream(["Hello"])]);
        Sandbox::with(&double)
            .run(["chat", "--timeout", limit, "hi"])
            .assert_answer("Hello\n");
    }
}

#[test]
fn a_signal_while_waiting_ends_it_at_once() {
    for scripted in [
        reply::silence(),
        reply::refusal(503, "busy").header("retry-after", "50"),
    ] {
        let waits_for_retry = scripted.status == 503;
        let double = Double::start([scripted]);
        let sandbox = Sandbox::with(&double);
        let running = sandbox.spawn(["chat", "hi"]);
        if waits_for_retry {
            running.wait_for(&Stream::Stderr, "retrying in");
        } else {
            double.wait_for_requests(1);
        }
        running.signal("INT");
        let outcome = running.wait();
        outcome.assert_code(130).assert_stdout("");
        assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
    }
}

#[test]
fn a_request_that_may_cost_too_much_is_not_sent() {
    let config = "llm_profiles:\n  p:\n    model: a/b\n    max_tokens: 10000\n    price: {input: 1, output: 100}\n";
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run(["chat", "--max-cost", "0.5", "hi"])
        .assert_failure(14)
        .assert_mentions("max-cost");
    assert!(double.requests().is_empty());
    sandbox
        .run(["chat", "--max-cost", "1.5", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_cap_gets_the_price_of_a_model_by_its_slug() {
    let double = Double::start([reply::stream(["Hello"])]).also(routes::models());
    let words = ["chat", "--max-cost", "0.5", "-m"];
    Sandbox::with(&double)
        .run(words.iter().chain(&["openai/gpt-5-mini-2025-08-07", "hi"]))
        .assert_code(0)
        .assert_stdout("Hello\n");
}

#[test]
fn the_profile_cap_applies_and_the_flag_overrides_it() {
    let config = "llm_profiles:\n  p: {model: a/b, max_tokens: 10000, price: {input: 1, output: 100}, max_cost: {per_request: 0.5}}\n";
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run(["chat", "hi"])
        .assert_failure(14)
        .assert_stderr_has("profile 'p'");
    sandbox
        .run(["chat", "--max-tokens", "100", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn one_catalogue_is_that_of_each_profile_of_its_server() {
    let config = "active_llm_profile: a\nllm_profiles:\n  a: {model: meta-llama/llama-3.1-70b-instruct, \
        fallback_profiles: [b]}\n  b: {model: nobody/unknown}\n";
    let double = Double::start([]).also(routes::models());
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "--max-cost", "1", "hi"])
        .assert_failure(14)
        .assert_stderr_has("the price of nobody/unknown is unknown")
        .assert_stderr_has("hint: check the model ID: the provider does not list nobody/unknown")
        .assert_stderr_lacks("models sync");
}

#[test]
fn a_raised_limit_stays_under_the_cap() {
    let spent = reply::stream([""])
        .reasoning(["hm"])
        .finish("length")
        .usage(10, 32768, 32768, 0.33);
    let double = Double::start([spent]);
    let config = "llm_profiles:\n  p: {model: openai/o3, price: {input: 1, output: 10}}\n";
    let outcome = Sandbox::with(&double)
        .config(config)
        .run(["chat", "--max-cost", "0.5", "hi"]);
    assert_eq!(
        double.requests().len(),
        1,
        "a request of up to 131072 tokens for $10/M was sent\n{outcome}"
    );
    assert!([10, 14].contains(&outcome.code), "{outcome}");
    outcome
        .assert_failure(outcome.code)
        .assert_mentions("max-cost");
}
