//! Where model names lead, and the model list.

use serde_json::{Value, json};

use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Script, Upstream};

const ALIASES: &str = "  other:\n    provider: openrouter\n    model: other/own\n    base_url: \
    BASE/other\nmodel_aliases:\n  - {pattern: fast, replacement: google/gemini-flash}\n  - \
    {pattern: \"^gpt-(.*)\", replacement: \"openrouter:openai/gpt-\\\\1\"}\n  - {pattern: cool, \
    replacement: \"fast?temperature=0.2\"}\n  - {pattern: both, replacement: \"a/b,c/d\"}\n  - \
    {pattern: elsewhere, replacement: \"other:x/y\"}\n";

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, r#"{"id":"c1","choices":[]}"#))
}

fn gateway(upstream: &Upstream, arguments: &[&str]) -> Gateway {
    let more = ALIASES.replace("BASE", &upstream.base_url());
    Gateway::with(upstream, &more, arguments)
}

/// The path and the model that a request leads to.
fn lead(gateway: &Gateway, upstream: &Upstream, body: &str) -> (String, Value) {
    gateway
        .post("/v1/chat/completions", body)
        .assert_status(200);
    let request = upstream.requests().pop().unwrap();
    let path = request.path.trim_start_matches("/api/v1").to_owned();
    (path, request.json())
}

#[test]
fn names_lead_to_models_of_profiles() {
    let upstream = answering();
    let gateway = gateway(&upstream, &[]);
    let here = "/chat/completions";
    let there = "/other/chat/completions";
    for (body, path, model) in [
        (r#"{"model":"author/model"}"#, here, "author/model"),
        (r#"{"model":"x/y"}"#, here, "x/y"),
        (r#"{"model":"X/Y:free"}"#, here, "X/Y:free"),
        (r#"{"model":"fast"}"#, here, "google/gemini-flash"),
        (r#"{"model":"FAST"}"#, here, "FAST"),
        (r#"{"model":"gpt-4o"}"#, here, "openai/gpt-4o"),
        (r#"{"model":"cool"}"#, here, "google/gemini-flash"),
        (r#"{"model":"both"}"#, here, "a/b"),
        (r#"{"model":"a/b,c/d"}"#, here, "a/b"),
        (r#"{"model":"openrouter:a/b"}"#, here, "a/b"),
        (
            r#"{"model":"openrouter:anthropic/claude?temperature=0.7"}"#,
            here,
            "anthropic/claude",
        ),
        (r#"{"model":"work:"}"#, here, "author/model"),
        (r#"{"model":"work:x/y"}"#, here, "x/y"),
        (r#"{"model":"other:"}"#, there, "other/own"),
        (r#"{"model":"other:x/y"}"#, there, "x/y"),
        (r#"{"model":"elsewhere"}"#, there, "x/y"),
        (
            r#"{"model":"fast?temperature=0.9"}"#,
            here,
            "google/gemini-flash",
        ),
        (r#"{"model":"x/y","temperature":1}"#, here, "x/y"),
        ("{}", here, "author/model"),
        (r#"{"model":null}"#, here, "author/model"),
        (r#"{"model":""}"#, here, "author/model"),
    ] {
        let (found, sent) = lead(&gateway, &upstream, body);
        assert_eq!(
            (found.as_str(), &sent["model"]),
            (path, &json!(model)),
            "{body}"
        );
    }
    let (_, sent) = lead(&gateway, &upstream, r#"{"model":"cool"}"#);
    assert_eq!(sent["temperature"], json!(0.2));
    let (_, sent) = lead(&gateway, &upstream, r#"{"model":"both"}"#);
    assert_eq!(sent["models"], json!(["c/d"]));
    gateway.stop();
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let upstream = answering();
    let gateway = gateway(&upstream, &[]);
    for model in [
        json!("a b"),
        json!("/"),
        json!("x/y?nothing=1"),
        json!(7),
        json!(["a/b"]),
    ] {
        let body = json!({"model": model}).to_string();
        let response = gateway
            .post("/v1/chat/completions", &body)
            .assert_status(400);
        assert_eq!(
            response.json()["error"]["type"],
            json!("invalid_request_error")
        );
        assert_eq!(response.header("x-should-retry"), "false");
    }
    assert_eq!(upstream.request_count(), 0);
    gateway.stop();
}

#[test]
fn a_forced_model_answers_every_request() {
    let upstream = answering();
    let gateway = gateway(&upstream, &["--force-model", "cool"]);
    for body in [r#"{"model":"x/y"}"#, r#"{"model":"other:"}"#, "{}"] {
        let (_, sent) = lead(&gateway, &upstream, body);
        assert_eq!(sent["model"], json!("google/gemini-flash"), "{body}");
        assert_eq!(sent["temperature"], json!(0.2));
    }
    gateway.stop();
}

#[test]
fn a_default_model_answers_requests_without_one() {
    let upstream = answering();
    let gateway = gateway(&upstream, &["-m", "fast"]);
    assert_eq!(
        lead(&gateway, &upstream, "{}").1["model"],
        json!("google/gemini-flash")
    );
    assert_eq!(
        lead(&gateway, &upstream, r#"{"model":"x/y"}"#).1["model"],
        json!("x/y")
    );
    gateway.stop();
}

#[test]
fn the_list_has_aliases_and_profiles_in_both_forms() {
    let upstream = answering();
    let gateway = gateway(&upstream, &[]);
    let ids = [
        "author/model",
        "both",
        "cool",
        "elsewhere",
        "fast",
        "other:",
        "work:",
    ];
    let list = gateway.get("/v1/models").assert_status(200).json();
    let found: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        (found.as_slice(), &list["object"]),
        (&ids[..], &json!("list"))
    );
    assert_eq!(list["data"][1]["object"], json!("model"));
    let more = [("anthropic-version", "2023-06-01")];
    let request = gateway.request("GET", "/v1/models?limit=1000", &more, "");
    let list = gateway.send(&request).assert_status(200).json();
    assert_eq!(list["data"][1]["type"], json!("model"));
    assert_eq!(list["data"][1]["display_name"], json!("both"));
    assert_eq!(
        (&list["first_id"], &list["last_id"], &list["has_more"]),
        (&json!("author/model"), &json!("work:"), &json!(false))
    );
    let one = gateway
        .get("/v1/models/author/model")
        .assert_status(200)
        .json();
    assert_eq!(one["id"], json!("author/model"));
    assert_eq!(
        gateway.get("/v1/models/author%2Fmodel").json()["id"],
        json!("author/model")
    );
    gateway.get("/v1/models/unknown").assert_status(404);
    gateway.stop();
}

#[test]
fn a_key_may_use_the_models_of_its_patterns() {
    let upstream = answering();
    let more = ALIASES.replace("BASE", &upstream.base_url());
    let sandbox = sandbox(&config(&upstream, &more));
    let key = add_key(&sandbox, "ci", &["--models", "anthropic/*,fast,google/*"]);
    let gateway = Gateway::run(sandbox, key, &[]);
    for (model, status) in [
        ("anthropic/claude-x", 200),
        ("anthropic/claude-x?temperature=1", 200),
        ("fast", 200),
        ("cool", 200),
        ("openai/gpt", 403),
        ("author/model", 403),
    ] {
        let response = gateway.chat(model).assert_status(status);
        if status == 403 {
            assert_eq!(response.json()["error"]["code"], json!("model_not_allowed"));
        }
    }
    assert_eq!(upstream.request_count(), 4);
    let list = gateway.get("/v1/models").json();
    let found: Vec<&Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["id"])
        .collect();
    assert_eq!(found, ["cool", "fast"]);
    gateway.stop();
}
