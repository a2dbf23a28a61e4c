//! OpenRouter's response cache: what is asked of it, and what its answers cost.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// The headers of the cache in one request with these arguments.
#[track_caller]
fn headers(arguments: &[&str]) -> [String; 3] {
    let double = Double::start([reply::stream(["Hi."])]);
    let outcome = Sandbox::with(&double).run([&["chat", "-m", "a/b"], arguments, &["hi"]].concat());
    outcome.assert_code(0);
    let request = double.request();
    ["", "-ttl", "-clear"].map(|end| {
        request
            .header(&format!("x-openrouter-cache{end}"))
            .to_owned()
    })
}

/// A reply from the cache has a new ID and no usage to pay for.
fn hit() -> Reply {
    reply::stream(["Hi."])
        .usage(0, 0, 0, 0.0)
        .header("X-OpenRouter-Cache-Status", "HIT")
        .header("X-OpenRouter-Cache-Age", "12")
}

#[test]
fn the_cache_is_asked_by_headers_and_only_on_request() {
    assert_eq!(headers(&[]), ["", "", ""]);
    assert_eq!(headers(&["--cache"]), ["true", "", ""]);
    assert_eq!(headers(&["--cache=5m"]), ["true", "300", ""]);
    assert_eq!(headers(&["--cache=86400"]), ["true", "86400", ""]);
    assert_eq!(headers(&["--cache=refresh"]), ["true", "", "true"]);
    assert_eq!(headers(&["--cache=off"]), ["false", "", ""]);
}

#[test]
fn a_cached_answer_costs_nothing_and_says_so() {
    for cached in [hit(), hit().no_usage()] {
        let double = Double::start([cached]);
        let outcome = Sandbox::with(&double).run(["chat", "-m", "a/b", "--cache", "--json", "hi"]);
        outcome.assert_code(0);
        let report = outcome.json();
        assert_eq!(report["cached"], true, "{report}");
        assert_eq!(
            [&report["cost_usd"], &report["cost_source"]],
            [&json!(0.0), &json!("provider")]
        );
    }
}

#[test]
fn a_cached_answer_is_a_free_row_of_the_ledger() {
    for cached in [hit(), hit().no_usage()] {
        let double = Double::start([cached]);
        let sandbox = Sandbox::with(&double).config("{}");
        let outcome = sandbox.run(["chat", "-m", "a/b", "--cache", "--usage", "hi"]);
        outcome.assert_code(0).assert_stderr_has("from the cache");
        let rows = sandbox.run(["usage", "export", "--csv"]);
        rows.assert_code(0);
        let table = rows.stdout();
        let mut lines = table.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let row: Vec<&str> = lines.next().unwrap().split(',').collect();
        let of = |name: &str| row[names.iter().position(|one| *one == name).unwrap()];
        assert_eq!(of("cost_usd").parse(), Ok(0.0), "{rows}");
        assert_eq!(of("cost_source"), "provider");
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn an_answer_that_was_not_cached_is_billed_as_ever() {
    let miss = reply::stream(["Hi."])
        .usage(10, 5, 0, 0.25)
        .header("X-OpenRouter-Cache-Status", "MISS");
    let double = Double::start([miss]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "a/b", "--cache", "--json", "hi"]);
    let report = outcome.json();
    assert_eq!(report.get("cached"), None);
    assert_eq!(report["cost_usd"], 0.25);
}

#[test]
fn the_same_question_is_the_same_body() {
    let double = Double::start([reply::stream(["Hi."]), hit()]);
    let sandbox = Sandbox::with(&double);
    for _ in 0..2 {
        let arguments = [
            "chat",
            "-m",
            "a/b",
            "--cache",
            "-o",
            "top_k=2",
            "--max-tokens",
            "9000",
            "hi",
        ];
        sandbox.run(arguments).assert_code(0);
    }
    let bodies: Vec<String> = double
        .requests()
        .iter()
        .map(crate::support::double::Recorded::text)
        .collect();
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn bad_times_and_other_providers_are_refused_before_anything_is_sent() {
    let double = Double::compatible([]);
    let sandbox = Sandbox::with(&double).config(format!(
        "llm_profiles:\n  l: {{provider: local, model: m, base_url: '{}'}}\n",
        double.base_url()
    ));
    for bad in ["0", "25h", "always"] {
        let outcome = sandbox.run(["chat", "-p", "l", &format!("--cache={bad}"), "hi"]);
        outcome.assert_code(2);
        outcome.assert_stderr_has("must be on, off, refresh, or a time from 1s to 24h");
    }
    let outcome = sandbox.run(["chat", "-p", "l", "--cache", "hi"]);
    outcome.assert_code(2);
    outcome.assert_stderr_has("provider local has no response cache");
    let outcome = sandbox
        .config("llm_profiles:\n  p: {model: a/b, cache: 2d}\n")
        .run(["chat", "-p", "p", "hi"]);
    outcome.assert_code(3);
    outcome.assert_stderr_has("must be on, off, refresh");
    assert_eq!(Value::from(double.requests().len()), 0);
}
