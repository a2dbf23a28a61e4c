//! What a request may lead to and cost: no model and no price gets past the limits of a key.

use serde_json::{Value, json};

use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Script, Upstream};

/// A USD for each token of the prompt, and for each of the output.
const PRICE: &str = "    price: {input: 1000000, output: 1000000}\n";

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, "{\"id\":\"c\",\"usage\":{\"cost\":0.25}}"))
}

#[track_caller]
fn refused(gateway: &Gateway, status: u16, body: &Value, words: &str) {
    let response = gateway.post("/v1/chat/completions", &body.to_string());
    let message = response.text();
    assert_eq!(response.status, status, "{body}: {message}");
    assert!(message.contains(words), "{body}: {message}");
}

#[test]
fn each_model_that_a_client_names_needs_a_pattern_of_its_key() {
    let upstream = answering();
    let sandbox = sandbox(&config(&upstream, ""));
    let key = add_key(&sandbox, "ci", &["--models", "anthropic/*"]);
    let gateway = Gateway::run(sandbox, key, &[]);
    for body in [
        json!({"model": "anthropic/a,openai/b"}),
        json!({"model": "anthropic/a?top_p=1, openai/b"}),
        json!({"model": "anthropic/a", "models": ["anthropic/b", "openai/c"]}),
    ] {
        refused(&gateway, 403, &body, "may not use model 'openai/");
    }
    let body = json!({"model": "anthropic/a", "models": [1]});
    refused(&gateway, 400, &body, "'models' must be a list of texts");
    assert_eq!(upstream.request_count(), 0);
    for body in [
        json!({"model": "anthropic/a,anthropic/b"}),
        json!({"model": "anthropic/a", "models": ["anthropic/b"]}),
        json!({"model": "anthropic/a", "models": null}),
    ] {
        let response = gateway.post("/v1/chat/completions", &body.to_string());
        response.assert_status(200);
    }
    gateway.stop();
}

#[test]
fn a_server_with_one_model_asks_no_other() {
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "", &["--force-model", "author/model"]);
    let body = json!({"model": "x/y", "models": ["openai/b"]});
    refused(&gateway, 400, &body, "one model for all requests");
    gateway.chat("x/y,z/w").assert_status(200);
    assert_eq!(upstream.request_count(), 1);
    gateway.stop();
}

#[test]
fn what_a_limit_on_money_cannot_bound_is_refused() {
    let upstream = answering();
    let gateway = Gateway::limited(&upstream, PRICE, &["--per-day", "10000"]);
    let part = |part: Value| json!({"max_tokens": 1, "messages": [{"content": [part]}]});
    let url = "https://example.org/a";
    for body in [
        part(json!({"type": "image_url", "image_url": {"url": url}})),
        part(json!({"type": "file", "file": {"file_id": "file-1"}})),
    ] {
        refused(&gateway, 429, &body, "content by URL or ID is unknown");
    }
    let body = json!({"max_tokens": 1, "models": ["openai/b"]});
    refused(&gateway, 429, &body, "prices of the models in 'models'");
    let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}});
    // Each costs 8,192 tokens at least.
    let two = json!({"max_tokens": 1, "messages": [{"content": [image, image]}]});
    let too_much = "could exceed the daily limit";
    refused(&gateway, 429, &two, too_much);
    for body in [
        json!({"max_completion_tokens": 1, "max_tokens": 20_000}),
        json!({"max_tokens": null}),
        json!({"max_tokens": 1, "n": 20_000}),
        json!({"max_tokens": 1, "n": 20000.0}),
        json!({"max_tokens": u64::MAX}),
        json!({"max_tokens": 1e300}),
    ] {
        refused(&gateway, 429, &body, too_much);
    }
    assert_eq!(upstream.request_count(), 0);
    let one = json!({"max_tokens": 1, "messages": [{"content": [image]}]});
    let response = gateway.post("/v1/chat/completions", &one.to_string());
    response.assert_status(200);
    gateway.stop();
}

#[test]
fn nothing_is_asked_again_under_a_limit_after_what_may_be_billed() {
    for (limits, asked) in [(&["--per-day", "10000"][..], 1), (&[], 4)] {
        let upstream = Upstream::start(|_| Script::json(200, " "));
        let gateway = Gateway::limited(&upstream, PRICE, limits);
        let body = json!({"max_tokens": 1}).to_string();
        let response = gateway.post("/v1/chat/completions", &body);
        response.assert_status(502);
        assert_eq!(upstream.request_count(), asked, "{limits:?}");
        gateway.stop();
    }
}

#[test]
fn a_refusal_that_reports_its_cost_is_in_the_ledger() {
    let error = json!({
        "error": {"code": 400, "message": "too long"},
        "usage": {"prompt_tokens": 7, "completion_tokens": 0, "cost": 0.25},
    });
    let upstream = Upstream::start(move |_| Script::json(200, &error.to_string()));
    let gateway = Gateway::limited(&upstream, PRICE, &["--per-day", "100"]);
    let body = json!({"max_tokens": 1}).to_string();
    let response = gateway.post("/v1/chat/completions", &body);
    response.assert_status(400);
    let sandbox = gateway.into_sandbox();
    let usage = super::gateway::usage(&sandbox, "day");
    assert_eq!(usage["total"]["cost_usd"], json!(0.25), "{usage}");
}
