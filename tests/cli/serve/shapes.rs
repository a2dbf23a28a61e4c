//! The requests of real clients, as `tests/data/serve` has them: written anew in the shape that was
//! recorded. Each has the smallest answer that its client accepts.

use serde_json::json;

use super::gateway::{Gateway, config, sandbox};
use super::upstream::{Ending, Script, Upstream};
use crate::support::double::KEY;

const CHAT: &[&str] = &[
    ": OPENROUTER PROCESSING\n\n",
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a/b\",\
    \"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello\"},\
    \"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a/b\",\
    \"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\
    \"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"cost\":0.0001}}\n\n",
    "data: [DONE]\n\n",
];

const RESPONSES: &[&str] = &[
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\
    \"object\":\"response\",\"created_at\":1,\"status\":\"in_progress\",\"model\":\"a/b\",\
    \"output\":[],\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[]}}\n\n",
    "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\
    \"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"m1\",\"status\":\"in_progress\",\
    \"role\":\"assistant\",\"content\":[]}}\n\n",
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\
    \"item_id\":\"m1\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hello\"}\n\n",
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r1\",\
    \"object\":\"response\",\"created_at\":1,\"status\":\"completed\",\"model\":\"a/b\",\
    \"output\":[],\"usage\":{\"input_tokens\":3,\"input_tokens_details\":{\"cached_tokens\":0},\
    \"output_tokens\":2,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":5}}}\n\n",
];

const MESSAGES: &[&str] = &[
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\
    \"type\":\"message\",\"role\":\"assistant\",\"model\":\"a/b\",\"content\":[],\"stop_reason\":\
    null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\
    \"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\
    \"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\
    \"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

const WHOLE: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.0001}}"#;

/// A recorded request.
struct Recorded {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn recorded(text: &str) -> Recorded {
    let (head, body) = text.split_once("\n\n").unwrap();
    let (first, headers) = head.split_once('\n').unwrap();
    let headers = headers.lines().map(|line| line.split_once(": ").unwrap());
    Recorded {
        path: first.strip_prefix("POST ").unwrap().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

fn stream_of(path: &str) -> &'static [&'static str] {
    match path.rsplit('/').next().unwrap() {
        "responses" => RESPONSES,
        "messages" => MESSAGES,
        _ => CHAT,
    }
}

/// Client, its request, and the model that the provider gets.
const CLIENTS: &[(&str, &str, &str)] = &[
    (
        "codex",
        include_str!("../../data/serve/codex.http"),
        "openai/gpt-5.1-codex",
    ),
    (
        "Claude Code",
        include_str!("../../data/serve/claude_code.http"),
        "anthropic/claude-sonnet-4.5",
    ),
    (
        "openai-python",
        include_str!("../../data/serve/openai_python.http"),
        "a/b",
    ),
    (
        "anthropic-python",
        include_str!("../../data/serve/anthropic_python.http"),
        "a/b",
    ),
    (
        "langchain",
        include_str!("../../data/serve/langchain.http"),
        "a/b",
    ),
];

/// Headers that no provider gets from a client.
const WITHHELD: &[&str] = &[
    "originator",
    "session-id",
    "x-codex-turn-metadata",
    "x-claude-code-session-id",
    "x-app",
    "x-stainless-lang",
    "anthropic-dangerous-direct-browser-access",
    "x-api-key",
    "cookie",
];

/// Sends a recorded request, and compares what the provider gets and what comes back.
#[track_caller]
fn passes(gateway: &Gateway, upstream: &Upstream, client: &str, request: &Recorded, model: &str) {
    let bearer = format!("Bearer {}", gateway.key);
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| match name.as_str() {
            "authorization" => ("authorization", bearer.as_str()),
            name => (name, value.as_str()),
        })
        .collect();
    let response = gateway.send(&gateway.request("POST", &request.path, &headers, &request.body));
    let sent = upstream.requests().pop().unwrap();
    let expected =
        if request.body.contains("\"stream\": true") || request.body.contains("\"stream\":true") {
            assert_eq!(
                response.header("content-type"),
                "text/event-stream",
                "{client}"
            );
            stream_of(&sent.path).concat()
        } else {
            WHOLE.to_owned()
        };
    assert_eq!(
        (response.status, response.text()),
        (200, expected),
        "{client}"
    );
    let own: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let body = request
        .body
        .replace(&own["model"].to_string(), &json!(model).to_string());
    assert_eq!(
        String::from_utf8(sent.body.clone()).unwrap(),
        body,
        "{client}"
    );
    let header = |name: &str| sent.header(name).unwrap_or_default().to_owned();
    assert_eq!(header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(header("user-agent"), "amx/0.1.0", "{client}");
    for name in ["anthropic-version", "anthropic-beta"] {
        let own = headers.iter().find(|(other, _)| *other == name);
        assert_eq!(header(name), own.map_or("", |(_, value)| value), "{client}");
    }
    for name in WITHHELD {
        assert_eq!(header(name), "", "{client}: {name}");
    }
}

#[test]
fn the_requests_of_real_clients_pass_and_their_answers_come_back_as_they_are() {
    let upstream = Upstream::start(|request| {
        if request.json()["stream"] == true {
            return Script::stream(stream_of(&request.path), Ending::Complete);
        }
        Script::json(200, WHOLE)
    });
    let more = "model_aliases:\n  - {pattern: claude-sonnet-4-5, replacement: \
        anthropic/claude-sonnet-4.5}\n";
    let gateway = Gateway::with(&upstream, more, &[]);
    for (client, text, model) in CLIENTS {
        passes(&gateway, &upstream, client, &recorded(text), model);
    }
    // What Claude Code asks before.
    let bare = gateway.request("HEAD", "/", &[("authorization", "")], "");
    gateway.send(&bare).assert_status(401);
    gateway
        .post("/v1/messages/count_tokens?beta=true", "{}")
        .assert_status(404);
    gateway.stop();
}

#[test]
fn the_curl_of_the_seed_reaches_its_model_with_its_parameters() {
    let upstream = Upstream::start(|_| Script::json(200, WHOLE));
    let more = "model_aliases:\n  - {pattern: \"^gpt-(.*)\", replacement: \
        \"openrouter:openai/gpt-\\\\1\"}\n";
    let gateway = Gateway::with(&upstream, more, &[]);
    let request = recorded(include_str!("../../data/serve/curl.http"));
    let response = gateway
        .post(&request.path, &request.body)
        .assert_status(200);
    assert_eq!(response.text(), WHOLE);
    assert_eq!(
        upstream.requests().pop().unwrap().json(),
        json!({"model": "anthropic/claude-3-5-sonnet", "temperature": 0.7, "top_p": 0.9,
            "messages": [{"role": "user", "content": "Write a story"}]})
    );
    for (asked, model) in [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("anthropic/claude-3-opus", "anthropic/claude-3-opus"),
        (
            "meta-llama/llama-3-70b-instruct",
            "meta-llama/llama-3-70b-instruct",
        ),
        ("gpt-4o", "openai/gpt-4o"),
    ] {
        gateway.chat(asked).assert_status(200);
        let sent = upstream.requests().pop().unwrap().json();
        assert_eq!(sent["model"], json!(model));
    }
    gateway.stop();
    // `--force-model` of the seed.
    let sandbox = sandbox(&config(&upstream, ""));
    let key = super::gateway::add_key(&sandbox, "laptop", &[]);
    let forced = ["--force-model", "anthropic/claude-3-5-sonnet"];
    let gateway = Gateway::run(sandbox, key, &forced);
    gateway.chat("gpt-4o").assert_status(200);
    let sent = upstream.requests().pop().unwrap().json();
    assert_eq!(sent["model"], json!("anthropic/claude-3-5-sonnet"));
    gateway.stop();
}
