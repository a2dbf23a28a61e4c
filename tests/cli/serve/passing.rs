//! What passes: the body of a request byte for byte, its headers, and the answer.

use std::time::Duration;

use serde_json::json;

use super::gateway::{Gateway, usage};
use super::upstream::{Ending, Script, Upstream};
use crate::support::double::KEY;

const ANSWER: &str = r#"{"id":"c1","object":"chat.completion","model":"author/model","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.0001}}"#;

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, ANSWER).header("x-generation-id", "gen-7"))
}

const PATHS: &[&str] = &[
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/embeddings",
];

/// Bodies as no two programs write them. The model of each is `author/model`.
const BODIES: &[&str] = &[
    r#"{"model":"author/model"}"#,
    r#"{ "model" : "author/model" }"#,
    "{\n\t\"model\":\r\n\"author/model\"\n}\n",
    r#"{"z":1,"a":2,"model":"author/model","b":3}"#,
    r#"{"model":"author/model","n":1.0}"#,
    r#"{"model":"author/model","n":1e3,"m":-0.0,"o":1E+2}"#,
    r#"{"model":"author/model","big":123456789012345678901234567890}"#,
    r#"{"model":"author/model","exact":0.1000000000000000055511151231257827}"#,
    r#"{"model":"author/model","text":"\u00e9\/\ud83d\ude00\b\f"}"#,
    r#"{"model":"author/model","text":"é/😀"}"#,
    r#"{"model":"author/model","text":"a \"model\": \"x\" }"}"#,
    r#"{"model":"author/model","nested":{"model":"other","a":[{"model":null}]}}"#,
    r#"{"model":"author/model","unknown_member":true,"and":null}"#,
    r#"{"model":"author/model","":0," ":1}"#,
    r#"{"m\u006fdel":"author/model"}"#,
    r#"{"model":"author\/model"}"#,
    r#"{"model":"author/model","a":[],"b":{},"c":[[]],"d":[{}]}"#,
    r#"{"model":"author/model","tools":[{"type":"namespace","name":"x","tools":[]}]}"#,
    r#"{"model":"author/model","tools":[{"type":"web_search"}],"tool_choice":"auto"}"#,
    r#"{"model":"author/model","thinking":{"type":"adaptive"},"context_management":{}}"#,
    r#"{"model":"author/model","include":["reasoning.encrypted_content"],"store":false}"#,
    r#"{"model":"author/model","user":"me","session_id":"s","models":["a/b"]}"#,
    r#"{"model":"author/model","stop":["\n\n","END"]}"#,
    r#"{"model":"author/model","stream":false}"#,
    r#"{"model":"author/model","image_url":"http://169.254.169.254/latest/meta-data"}"#,
    r#"{"model":"author/model","max_tokens":7,"max_completion_tokens":7}"#,
    r#"{"model":"author/model","provider":{"order":["a"],"sort":"price"}}"#,
    r#"{"model":"author/model","stream_options":{"include_usage":false}}"#,
    r#"{"model":"author/model","seed":18446744073709551615}"#,
    r#"{"model":"author/model","temperature":1.00}"#,
    r#"{"messages":[{"role":"user","content":"hi"}],"model":"author/model"}"#,
    r#"{"model":"author/model","a":"\u0000\u001f"}"#,
    r#"{"model":"author/model","a":"'single' `back` <html>&amp;"}"#,
    r#"{"model":"author/model","logit_bias":{"50256":-100}}"#,
    r#"{"model":"author/model","metadata":{"a":"b"},"service_tier":"flex"}"#,
    r#"{"model":"author/model","response_format":{"type":"json_schema"}}"#,
    r#"{"model":"author/model","Model":"x","MODEL":"y"}"#,
    r#"{"model":"author/model","a":[1,2,[3,[4,[5]]]]}"#,
    r#"{"model":"author/model","prompt_cache_key":"k","client_metadata":{"x":1}}"#,
    r#"{"model":"author/model","input":"x","output_config":{"effort":"high"}}"#,
];

#[test]
fn a_body_without_a_change_passes_byte_for_byte() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    assert_eq!(BODIES.len(), 40);
    for path in PATHS {
        for body in BODIES {
            gateway.post(path, body).assert_status(200);
            // The name of the model is written anew, in its plainest form.
            let expected = body.replace(r"author\/model", "author/model");
            assert_eq!(upstream.last_body(), expected, "{path}");
        }
    }
    let paths = upstream.requests().into_iter().map(|request| request.path);
    let counts = paths.filter(|path| path == "/api/v1/messages").count();
    assert_eq!((upstream.request_count(), counts), (160, 40));
    gateway.stop();
}

#[test]
fn only_the_named_members_are_added_below_those_of_the_client() {
    let upstream = answering();
    let more = "    openrouter: {provider: {data_collection: deny, sort: price}}\n    \
        fallback_models: [c/d]\n";
    let gateway = Gateway::with(&upstream, more, &[]);
    let sent = |body: &str| {
        gateway
            .post("/v1/chat/completions", body)
            .assert_status(200);
        upstream.last_body()
    };
    assert_eq!(
        sent(r#"{"model":"a/b?temperature=0.7&seed=2","seed":1}"#),
        r#"{"model":"a/b","seed":1,"temperature":0.7,"provider":{"data_collection":"deny","sort":"price"},"models":["c/d"]}"#
    );
    assert_eq!(
        sent(
            r#"{"provider":{"sort":"latency"},"models":[],"temperature":1,"model":"a/b?temperature=0.7"}"#
        ),
        r#"{"provider":{"sort":"latency","data_collection":"deny"},"models":[],"temperature":1,"model":"a/b"}"#
    );
    gateway.post("/v1/embeddings", r#"{"model":"a/b","input":"x"}"#);
    assert_eq!(
        upstream.last_body(),
        r#"{"model":"a/b","input":"x","provider":{"data_collection":"deny","sort":"price"}}"#
    );
    gateway.stop();
}

#[test]
fn headers_of_the_profile_replace_those_of_the_client() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let beta = "fine-grained-tool-streaming-2025-05-14,interleaved-thinking-2025-05-14";
    let more = [
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", beta),
        ("x-session-id", "s-1"),
        ("cookie", "a=b"),
        ("x-title", "mine"),
        ("user-agent", "client/1"),
        ("x-stainless-lang", "python"),
    ];
    let body = r#"{"model":"author/model"}"#;
    let response = gateway.send(&gateway.request("POST", "/v1/messages?beta=true", &more, body));
    assert_eq!(response.status, 200);
    let request = upstream.requests().pop().unwrap();
    let header = |name| request.header(name).unwrap_or_default();
    assert_eq!(header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(header("anthropic-beta"), beta);
    assert_eq!(
        (header("anthropic-version"), header("x-session-id")),
        ("2023-06-01", "s-1")
    );
    assert_eq!((header("cookie"), header("x-stainless-lang")), ("", ""));
    assert_eq!(
        (header("x-title"), header("user-agent")),
        ("amx", "amx/0.1.0")
    );
    assert_eq!(response.header("x-generation-id"), "gen-7");
    assert_eq!(response.header("x-amx-profile"), "work");
    assert!(response.header("x-request-id").starts_with("req-"));
    assert_eq!(response.header("access-control-allow-origin"), "");
    gateway.stop();
}

#[test]
fn the_identity_of_the_client_passes_where_that_is_wanted() {
    let upstream = answering();
    for (mode, agent, title) in [
        ("override", "amx/0.1.0", "amx"),
        ("default", "client/1", "amx"),
        ("pass", "client/1", ""),
    ] {
        let gateway = Gateway::with(&upstream, "", &["--identity", mode]);
        let body = r#"{"model":"author/model"}"#;
        let more = [("user-agent", "client/1")];
        gateway.send(&gateway.request("POST", "/v1/responses", &more, body));
        let request = upstream.requests().pop().unwrap();
        let header = |name| request.header(name).unwrap_or_default().to_owned();
        assert_eq!(
            (header("user-agent"), header("x-title")),
            (agent.to_owned(), title.to_owned())
        );
        gateway.stop();
    }
}

#[test]
fn the_answer_passes_as_it_came_and_its_cost_is_in_the_ledger() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    assert_eq!(gateway.chat("author/model").text(), ANSWER);
    let sandbox = gateway.into_sandbox();
    let usage = usage(&sandbox, "model");
    assert_eq!(usage["total"]["cost_usd"], json!(0.0001), "{usage}");
    assert_eq!(usage["total"]["requests"], json!(1), "{usage}");
}

#[test]
fn an_echoed_key_is_taken_out_of_every_answer() {
    let upstream = Upstream::start(|request| {
        let key = request
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        let (start, end) = key.split_at(20);
        match request.path.as_str() {
            "/api/v1/chat/completions" => Script::stream(
                &[
                    &format!("data: {{\"id\":\"{start}"),
                    &format!("{end}\",\"choices\":[{{\"finish_reason\":\"stop\"}}]}}\n\n"),
                    "data: [DONE]\n\n",
                ],
                Ending::Complete,
            ),
            "/api/v1/responses" => Script::json(400, &format!("{{\"error\":\"{key}\"}}")),
            _ => {
                Script::json(200, &format!("{{\"key\":\"{key}\"}}")).header("x-generation-id", &key)
            }
        }
    });
    let gateway = Gateway::start(&upstream);
    for path in PATHS {
        let response = gateway.stream(path, "author/model");
        let text = format!("{response:?}{}", response.text());
        assert!(text.contains("[redacted]"), "{path}: {text}");
        assert!(
            !text.contains(KEY.trim_start_matches("sk-or-v1-")),
            "{path}: {text}"
        );
    }
    gateway.stop();
}

#[test]
fn usage_that_amx_asks_for_is_taken_out_again() {
    const CHUNKS: &[&str] = &[
        "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    ];
    let upstream = Upstream::start(|_| Script::stream(CHUNKS, Ending::Complete));
    let more = format!(
        "  own:\n    provider: local\n    model: m\n    base_url: {}\n    price: {{input: 1000000, \
        output: 1000000}}\n",
        upstream.base_url()
    );
    let gateway = Gateway::with(&upstream, &more, &["-p", "own"]);
    let stream = |body: &str| gateway.post("/v1/chat/completions", body).text();
    assert_eq!(
        stream(r#"{"model":"m","stream":true}"#),
        [CHUNKS[0], CHUNKS[1], CHUNKS[3]].concat()
    );
    assert_eq!(
        upstream.last_body(),
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
    );
    let own = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#;
    assert_eq!(stream(own), CHUNKS.concat());
    assert_eq!(upstream.last_body(), own);
    let usage = usage(&gateway.into_sandbox(), "profile");
    assert_eq!(usage["total"]["cost_usd"], json!(6.0), "{usage}");
}

#[test]
fn answers_name_the_model_as_the_client_did_where_that_is_wanted() {
    let upstream = Upstream::start(|request| {
        if request.json()["stream"] == true {
            return Script::stream(
                &[
                    "data: {\"id\":\"c\",\"model\":\"au",
                    "thor/model\",\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n",
                ],
                Ending::Complete,
            );
        }
        Script::json(200, ANSWER)
    });
    let more = "model_aliases:\n  - {pattern: fast, replacement: author/model}\n";
    let gateway = Gateway::with(&upstream, more, &["--echo-model"]);
    assert_eq!(gateway.chat("fast").json()["model"], json!("fast"));
    let streamed = gateway.stream("/v1/chat/completions", "fast").text();
    assert!(streamed.contains("\"model\":\"fast\""), "{streamed}");
    for unnamed in ["{}", r#"{"model":""}"#, r#"{"stream":true}"#] {
        let answer = gateway.post("/v1/chat/completions", unnamed).text();
        assert!(answer.contains("author/model"), "{unnamed}: {answer}");
    }
    gateway.stop();
}

#[test]
fn what_identifies_a_client_is_added_where_that_is_wanted() {
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "serve:\n  attribution: key\n", &[]);
    let sent = |path: &str, header: (&str, &str), body: &str| {
        let response = gateway.send(&gateway.request("POST", path, &[header], body));
        let id = response.header("x-request-id").to_owned();
        (upstream.requests().pop().unwrap().json(), id)
    };
    let body = r#"{"model":"author/model"}"#;
    let (sent_body, id) = sent("/v1/responses", ("session-id", "codex-1"), body);
    let trace = json!({"trace_id": id, "trace_name": "laptop"});
    assert_eq!(
        sent_body,
        json!({"model": "author/model", "user": "laptop", "session_id": "codex-1", "trace": trace})
    );
    let header = ("x-claude-code-session-id", "claude-1");
    let (sent_body, _) = sent("/v1/messages", header, body);
    assert_eq!(
        (&sent_body["user"], &sent_body["session_id"]),
        (&json!(null), &json!("claude-1"))
    );
    let own = r#"{"model":"author/model","user":"me","session_id":"s","trace":{"trace_id":"t"}}"#;
    let (sent_body, _) = sent("/v1/chat/completions", ("session-id", "x"), own);
    assert_eq!(
        sent_body,
        json!({"model": "author/model", "user": "me", "session_id": "s",
            "trace": {"trace_id": "t", "trace_name": "laptop"}})
    );
    let (sent_body, _) = sent("/v1/embeddings", ("session-id", "x"), body);
    assert_eq!(sent_body, json!({"model": "author/model"}));
    gateway.stop();
}

#[test]
fn a_slow_answer_is_whole_while_its_bytes_arrive() {
    let mut script = Script::json(200, ANSWER);
    for _ in 0..8 {
        script.pieces.insert(0, b" ".to_vec());
    }
    let script = script.slow(Duration::from_millis(400));
    let upstream = Upstream::start(move |_| script.clone());
    let gateway = Gateway::with(&upstream, "", &["--idle", "2s"]);
    let answer = gateway.chat("author/model").assert_status(200);
    assert_eq!(answer.text().trim_start(), ANSWER);
    gateway.stop();
}
