//! Failures that pass: at most four attempts, waits that the provider asked for, and never again
//! after visible text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::nowhere::Nowhere;
use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

const UPSTREAM: &str = "Provider returned error";

#[track_caller]
fn ask(script: impl IntoIterator<Item = Reply>) -> Outcome {
    let double = Double::start(script);
    Sandbox::with(&double).run(["chat", "hi"])
}

/// One refusal, then an answer: it must be retried after at least this long, and said.
#[track_caller]
fn assert_waits(refusal: Reply, least: Duration) -> Outcome {
    let outcome = ask([refusal, reply::stream(["Hello"])]);
    outcome
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("(2 of 4)");
    assert_eq!(outcome.lines_starting("note: retrying in "), 1, "{outcome}");
    assert!(
        (least..least + Duration::from_secs(6)).contains(&outcome.elapsed),
        "{outcome}"
    );
    outcome
}

/// One refusal that must end it at once.
#[track_caller]
fn assert_gives_up(refusal: Reply) -> Outcome {
    let outcome = ask([refusal]);
    outcome.assert_failure(8).assert_stderr_lacks("retrying");
    assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
    outcome
}

fn epoch_millis(from_now: Duration) -> String {
    (SystemTime::now() + from_now)
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis()
        .to_string()
}

#[test]
fn every_status_that_passes_is_tried_again() {
    for status in [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529] {
        let outcome = assert_waits(
            reply::refusal(status, "busy").header("retry-after", "0"),
            Duration::ZERO,
        );
        outcome
            .assert_stderr_has(&status.to_string())
            .assert_stderr_has("busy");
    }
}

#[test]
fn four_attempts_are_all() {
    let outcome = ask((0..4).map(|_| reply::refusal(503, "overloaded").header("retry-after", "0")));
    outcome
        .assert_failure(8)
        .assert_stderr_has("overloaded")
        .assert_stderr_has("(4 of 4)");
    assert_eq!(outcome.lines_starting("note: retrying in "), 3, "{outcome}");
}

#[test]
fn the_words_of_a_failure_are_shown_once() {
    let refused = |words: &str| reply::refusal(503, words).header("retry-after", "0");
    let words = "the cluster is overloaded";
    let outcome = ask([
        refused(words),
        refused(words),
        refused("something else"),
        reply::stream(["Hello"]),
    ]);
    outcome.assert_code(0);
    let notes: Vec<String> = outcome.stderr().lines().map(str::to_owned).collect();
    let expected = [
        "note: retrying in 0.3 s (2 of 4): the provider failed (503): the cluster is overloaded",
        "note: retrying in 0.3 s (3 of 4)",
        "note: retrying in 0.3 s (4 of 4): the provider failed (503): something else",
    ];
    assert_eq!(notes, expected, "{outcome}");
    // Three times a quarter of a second.
    assert!(outcome.elapsed >= Duration::from_millis(750), "{outcome}");
}

#[test]
fn alternatives_show_the_words_of_a_failure_once() {
    let refused = || reply::refusal(503, "overloaded").header("retry-after", "0");
    let double = Double::start((0..8).map(|_| refused()));
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "2", "hi"]);
    outcome.assert_code(8);
    let stderr = outcome.stderr();
    let notes = stderr.lines().filter(|line| line.contains("retrying in"));
    let with_words = notes.filter(|line| line.contains("overloaded")).count();
    assert_eq!(with_words, 1, "{outcome}");
}

#[test]
fn without_a_hint_the_waits_are_short_and_bounded() {
    let outcome = ask((0..4).map(|_| reply::refusal(500, "Internal Server Error")));
    outcome.assert_failure(8);
    assert!(outcome.elapsed < Duration::from_secs(6), "{outcome}");
}

#[test]
fn retry_after_is_obeyed_wherever_it_stands() {
    let second = Duration::from_secs(1);
    let upstream = |metadata: Value| reply::refusal_with(429, UPSTREAM, metadata);
    let outcome = assert_waits(
        reply::refusal(429, "slow down").header("retry-after", "1"),
        second,
    );
    outcome.assert_stderr_has("note: retrying in 1.0 s (2 of 4): ");
    assert_waits(
        upstream(
            json!({"limit_source": "upstream_provider_shared_pool", "retry_after_seconds": 1, "provider_name": "P"}),
        ),
        second,
    );
    assert_waits(
        upstream(json!({"headers": {"Retry-After": "1"}, "provider_name": "P"})),
        second,
    );
    let capacity = json!({"error": {"code": 429, "message": "full", "availability": {"code": "capacity_exhausted", "retryable": true, "retry_after": 1}}});
    assert_waits(reply::json(capacity).status(429), second);
}

#[test]
fn the_header_wins_over_what_the_body_says() {
    let scripted = reply::refusal_with(429, UPSTREAM, json!({"retry_after_seconds": 300}))
        .header("retry-after", "0");
    assert_waits(scripted, Duration::ZERO);
}

#[test]
fn a_reset_in_milliseconds_is_obeyed() {
    let reset = epoch_millis(Duration::from_millis(1500));
    let words = "Rate limit exceeded: new-account-rpm/some-model";
    let scripted = reply::refusal_with(
        429,
        words,
        json!({"limit_source": "openrouter_new_account"}),
    )
    .header("x-ratelimit-reset", &reset);
    assert_waits(scripted, Duration::from_secs(1)).assert_stderr_has("new-account-rpm");
}

#[test]
fn a_wait_beyond_a_minute_is_left_to_the_user() {
    let outcome = assert_gives_up(reply::refusal(429, "slow down").header("retry-after", "300"));
    let says_when = ["300", "5 min", "5m"]
        .iter()
        .any(|form| outcome.stderr().contains(form));
    assert!(says_when, "it does not say when to come back\n{outcome}");
    assert_gives_up(reply::refusal(503, "maintenance").header("retry-after", "61"));
    assert_gives_up(
        reply::refusal(503, "maintenance").header("retry-after", "99999999999999999999999"),
    );
    assert_gives_up(
        reply::refusal(429, "tomorrow").header("retry-after", "Thu, 31 Dec 2099 23:59:59 GMT"),
    );
}

#[test]
fn a_wait_of_a_minute_is_accepted() {
    let double = Double::start([reply::refusal(429, "slow down").header("retry-after", "60")]);
    let sandbox = Sandbox::with(&double);
    let mut running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stderr, "note: retrying in 60");
    assert!(running.is_running());
    running.signal("INT");
    running.wait().assert_code(130);
}

#[test]
fn a_wait_that_makes_no_sense_is_replaced_by_our_own() {
    for value in [
        "-5",
        "",
        "soon",
        "NaN",
        "1e999",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ] {
        assert_waits(
            reply::refusal(503, "busy").header("retry-after", value),
            Duration::ZERO,
        );
    }
}

#[test]
fn the_daily_limit_of_free_models_is_not_waited_for() {
    let words = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free \
        model requests per day";
    let reset = epoch_millis(Duration::from_secs(20));
    let metadata = json!({"limit_source": "openrouter_free_tier_daily",
        "headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}});
    assert_gives_up(reply::refusal_with(429, words, metadata))
        .assert_stderr_has("free-models-per-day");
    let outcome = assert_waits(
        reply::refusal(429, "Rate limit exceeded: free-models-per-min.").header("retry-after", "1"),
        Duration::from_secs(1),
    );
    outcome.assert_stderr_has("free-models-per-min");
}

#[test]
fn credits_held_by_requests_in_flight_are_waited_for() {
    let words = "This request would exceed your available credits given your current in-flight \
        requests. Please retry shortly.";
    let metadata = json!({"limit_source": "openrouter_in_flight_budget", "reason": "in_flight_budget_exhausted"});
    assert_waits(
        reply::refusal_with(402, words, metadata).header("retry-after", "1"),
        Duration::from_secs(1),
    )
    .assert_stderr_has("in-flight");
}

#[test]
fn a_page_of_a_gateway_is_one_readable_line() {
    let page = "<!DOCTYPE html>\n<html><head><title>openrouter.ai | 502: Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>";
    let outcome =
        ask((0..4).map(|_| reply::page(502, "text/html", page).header("retry-after", "0")));
    outcome
        .assert_failure(8)
        .assert_stderr_has("openrouter.ai | 502: Bad gateway")
        .assert_stderr_lacks("<h1>");
}

#[test]
fn nothing_is_asked_again_after_visible_text() {
    let double = Double::start([
        reply::stream(["partial"]).error_event(&json!({"code": 429, "message": "later"}))
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "hi"]);
    outcome
        .assert_failure(8)
        .assert_stdout("partial\n")
        .assert_stderr_lacks("retrying");
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn a_request_whose_outcome_is_unknown_is_not_repeated() {
    let double = Double::start([reply::hang_up()]);
    let outcome = Sandbox::with(&double).run(["chat", "hi"]);
    assert!([8, 9].contains(&outcome.code), "{outcome}");
    outcome
        .assert_failure(outcome.code)
        .assert_stderr_has("may have been billed");
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn json_lists_every_attempt() {
    let double = Double::start([
        reply::refusal(503, "busy").header("retry-after", "0"),
        reply::refusal(429, "busy").header("retry-after", "1"),
        reply::stream(["Hello"]),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--json", "-m", "a/b", "hi"]);
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "");
    let object = outcome.json();
    let attempts: Vec<[String; 2]> = object["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| [plain(&attempt["status"]), plain(&attempt["model"])])
        .collect();
    assert_eq!(
        attempts
            .iter()
            .map(|[status, _]| status.as_str())
            .collect::<Vec<_>>()[..2],
        ["503", "429"]
    );
    assert!(
        attempts.len() == 3 && attempts.iter().all(|[_, model]| model == "a/b"),
        "{outcome}"
    );
    assert!(
        object["attempts"][2]["waited_ms"]
            .as_u64()
            .is_some_and(|waited| waited >= 1000),
        "{outcome}"
    );
    assert_eq!(object["generation_id"], double.requests()[2].generation_id);
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn a_server_that_is_not_there_is_tried_and_then_named() {
    let gone = Nowhere::new();
    let address = gone.address().to_string();
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", gone.base_url())
        .env("OPENROUTER_API_KEY", "sk-or-v1-x");
    let outcome = sandbox.run(["chat", "hi"]);
    outcome
        .assert_failure(6)
        .assert_stderr_has(&address)
        .assert_stderr_lacks("may have been billed");
    assert_eq!(outcome.lines_starting("note: retrying in "), 3, "{outcome}");
    let error = sandbox.run(["chat", "--json", "hi"]).json_failure(6);
    assert_eq!(error["status"], Value::Null);
}
