//! What OpenRouter reports of a model that no provider can serve, in each place where it has
//! errors: with a status, in a body with 200, in a stream.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// The whole error of one question.
const ERROR: &str = "\
error: no provider matches the routing options (404)
  caused by: No endpoints found for a/b. (provider.only: acme is unknown)

hint: the provider offers instead: -m a/c, -m a/d
hint: the account's settings exclude every provider of this model: \
https://openrouter.ai/settings/preferences
";

const OFFER: &str = "the provider offers instead: -m a/c, -m a/d";

fn error() -> Value {
    json!({
        "code": 404, "message": "No endpoints found for a/b.",
        "availability": {
            "code": "no_endpoints", "retryable": false, "excluded_by": ["allowed_providers"],
            "constraint": {"field": "provider.only", "detail": "acme is unknown"},
            "fallback_models": ["a/c", "a/d"],
        },
    })
}

/// The error in each place.
fn places() -> [Reply; 3] {
    [
        reply::json(json!({"error": error()})).status(404),
        reply::json(json!({"error": error()})),
        reply::stream([]).error_event(&error()),
    ]
}

fn ask(reply: Reply, arguments: &[&str]) -> (Sandbox, Outcome) {
    let double = Double::start([reply]);
    let sandbox = Sandbox::with(&double).file("rows.jsonl", "{\"text\":\"x\"}\n");
    let outcome = sandbox.run(arguments);
    (sandbox, outcome)
}

#[test]
fn a_model_that_nobody_serves_is_refused_once_with_what_is_offered() {
    for reply in places() {
        let (_, outcome) = ask(reply, &["chat", "-m", "a/b", "hi"]);
        outcome.assert_code(7);
        assert_eq!(outcome.stderr(), ERROR);
    }
    // Without a stream there are two places.
    for reply in places().into_iter().take(2) {
        let (_, outcome) = ask(reply, &["chat", "--no-stream", "-m", "a/b", "hi"]);
        outcome.assert_code(7);
        assert_eq!(outcome.stderr(), ERROR);
    }
}

#[test]
fn programs_have_the_same() {
    for reply in places() {
        let (_, outcome) = ask(reply, &["chat", "--json", "-m", "a/b", "hi"]);
        let error = outcome.json_failure(7);
        assert_eq!(error["hint"], OFFER);
        assert_eq!(error["retryable"], false);
    }
}

#[test]
fn answers_side_by_side_have_it_for_the_model_that_is_refused() {
    for reply in places() {
        let double = Double::start([
            reply.only_for("a/b"),
            reply::stream(["Hello"]).only_for("b/two"),
        ]);
        let sandbox = Sandbox::with(&double);
        let outcome = sandbox.run(["compare", "-m", "a/b", "-m", "b/two", "hi"]);
        outcome.assert_code(13);
        assert!(outcome.stdout().contains("Hello"), "{outcome}");
        outcome.assert_stderr_has("acme is unknown");
        outcome.assert_stderr_has(OFFER);
    }
}

#[test]
fn a_batch_that_no_endpoint_takes_ends_with_it() {
    for reply in places() {
        let command = [
            "batch",
            "rows.jsonl",
            "{{text}}",
            "-o",
            "o.jsonl",
            "-m",
            "a/b",
        ];
        let (sandbox, outcome) = ask(reply, &command);
        outcome.assert_code(7);
        outcome.assert_stderr_has(OFFER);
        let output = std::fs::read_to_string(sandbox.home().join("o.jsonl"));
        assert_eq!(output.unwrap_or_default(), "", "the row is not asked");
    }
}
