//! What a request may lead to and cost: no model and no price gets past the limits of a key.

use serde_json::{Value, json};

use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Ending, Script, Upstream};

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
    let pdf = json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}});
    for plugin in [
        json!({"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}),
        json!({"id": "file-parser"}),
    ] {
        let mut body = part(pdf.clone());
        body["plugins"] = json!([plugin]);
        refused(&gateway, 429, &body, "cost of OCR depends on the pages");
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
        json!({"max_tokens": -1}),
        json!({"max_tokens": 0}),
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

/// An error in place of an answer that reports what it cost, whole or as the first event.
fn billed_error(code: u16, is_stream: bool) -> Script {
    let error = json!({
        "error": {"code": code, "message": "too long"},
        "usage": {"prompt_tokens": 7, "completion_tokens": 0, "cost": 0.25},
    });
    if is_stream {
        return Script::stream(&[&format!("data: {error}\n\n")], Ending::Complete);
    }
    Script::json(200, &error.to_string())
}

#[test]
fn what_may_be_billed_is_asked_again_only_without_a_limit() {
    let unreadable = || Script::json(200, " ");
    for script in [unreadable, || billed_error(502, false)] {
        for (limits, asked) in [(&["--per-day", "10000"][..], 1), (&[], 4)] {
            let upstream = Upstream::start(move |_| script());
            let gateway = Gateway::limited(&upstream, PRICE, limits);
            let body = json!({"max_tokens": 1}).to_string();
            let response = gateway.post("/v1/chat/completions", &body);
            response.assert_status(502);
            assert_eq!(upstream.request_count(), asked, "{limits:?}");
            gateway.stop();
        }
    }
}

#[test]
fn a_refusal_that_reports_its_cost_is_in_the_ledger() {
    let upstream = Upstream::start(|_| billed_error(400, false));
    let gateway = Gateway::limited(&upstream, PRICE, &["--per-day", "100"]);
    let body = json!({"max_tokens": 1}).to_string();
    let response = gateway.post("/v1/chat/completions", &body);
    response.assert_status(400);
    let sandbox = gateway.into_sandbox();
    let usage = super::gateway::usage(&sandbox, "day");
    assert_eq!(usage["total"]["cost_usd"], json!(0.25), "{usage}");
}

#[test]
fn an_error_that_reports_its_cost_counts_against_every_limit() {
    for is_stream in [false, true] {
        let upstream = Upstream::start(move |_| billed_error(400, is_stream));
        let price = "    price: {input: 1, output: 1}\n";
        let gateway = Gateway::limited(&upstream, price, &["--per-day", "0.5"]);
        let body = json!({"max_tokens": 1, "stream": is_stream});
        for _ in 0..2 {
            let response = gateway.post("/v1/chat/completions", &body.to_string());
            response.assert_status(400);
        }
        refused(&gateway, 429, &body, "could exceed the daily limit");
        assert_eq!(upstream.request_count(), 2);
        let usage = super::gateway::usage(&gateway.into_sandbox(), "day");
        assert_eq!(usage["total"]["cost_usd"], json!(0.5), "{usage}");
        assert_eq!(usage["total"]["refused"], json!(0), "{usage}");
    }
}

#[test]
fn a_request_that_always_searches_is_refused_under_a_limit() {
    let upstream = answering();
    let gateway = Gateway::limited(&upstream, PRICE, &["--per-day", "10000"]);
    let with = |name: &str, value: Value| json!({"max_tokens": 1, name: value});
    for body in [
        with("plugins", json!([{"id": "web"}])),
        with("web_search_options", json!({})),
        with("model", json!("author/model:online")),
    ] {
        refused(&gateway, 429, &body, "the cost of a web search is unknown");
    }
    for model in [
        "author/model@preset/x",
        "@preset/x",
        "author/model:online@preset/x",
    ] {
        let body = with("model", json!(model));
        refused(&gateway, 429, &body, "what a preset adds is unknown");
    }
    assert_eq!(upstream.request_count(), 0);
    for body in [
        with("plugins", json!([{"id": "web", "enabled": false}])),
        with("web_search_options", Value::Null),
        // Coding agents declare it with every request.
        with("tools", json!([{"type": "web_search"}])),
    ] {
        let response = gateway.post("/v1/chat/completions", &body.to_string());
        response.assert_status(200);
    }
    gateway.stop();
}

#[test]
fn what_a_profile_adds_is_bounded_too() {
    let upstream = answering();
    let price = format!("{PRICE}    openrouter: {{plugins: [{{id: web}}]}}\n");
    let gateway = Gateway::limited(&upstream, &price, &["--per-day", "10000"]);
    let words = "the cost of a web search is unknown";
    refused(&gateway, 429, &json!({"max_tokens": 1}), words);
    let body = json!({"max_tokens": 1, "plugins": []}).to_string();
    let response = gateway.post("/v1/chat/completions", &body);
    response.assert_status(200);
    gateway.stop();
    let price = format!("{PRICE}    openrouter: {{preset: x}}\n");
    let gateway = Gateway::limited(&upstream, &price, &["--per-day", "10000"]);
    let words = "what a preset adds is unknown";
    refused(&gateway, 429, &json!({"max_tokens": 1}), words);
    gateway.stop();
}

#[test]
fn an_answer_that_is_cut_counts_as_the_worst_case() {
    const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\
        \"id\":\"m\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n";
    const CHUNK: &str = "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"x\"}}],\
        \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";
    const ERROR: &str = "data: {\"id\":\"c\",\"error\":{\"code\":502,\"message\":\"before the \
        answer was complete\"}}\n\n";
    let chat = "/v1/chat/completions";
    for (path, pieces) in [
        ("/v1/messages", vec![START]),
        (chat, vec![CHUNK]),
        (chat, vec![CHUNK, ERROR]),
    ] {
        let upstream = Upstream::start(move |_| Script::stream(&pieces, Ending::Complete));
        // A thousand tokens and the prompt cost more than half of it.
        let gateway = Gateway::limited(&upstream, PRICE, &["--per-day", "1900"]);
        let body = json!({"model": "a/b", "max_tokens": 1000, "stream": true}).to_string();
        let response = gateway.post(path, &body).assert_status(200);
        assert!(
            response.text().contains("before the answer was complete"),
            "{response:?}"
        );
        let response = gateway.post(path, &body).assert_status(429);
        assert!(response.text().contains("daily limit"), "{response:?}");
        let usage = super::gateway::usage(&gateway.into_sandbox(), "day");
        assert_eq!(usage["total"]["cost_usd"], Value::Null, "{usage}");
    }
}
