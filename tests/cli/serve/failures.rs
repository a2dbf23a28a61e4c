//! Failures: before the first byte another attempt or profile, after it the event that the client
//! understands.

use std::time::Duration;

use serde_json::{Value, json};

use super::gateway::{Gateway, usage};
use super::upstream::{Ending, Script, Upstream};

const CHAT: &[&str] = &[
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a/b\",\
    \"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"},\
    \"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\
    \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"cost\":0.0001}}\n\n",
    "data: [DONE]\n\n",
];

const RESPONSES: &[&str] = &[
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\
    \"model\":\"a/b\",\"status\":\"in_progress\",\"output\":[]}}\n\n",
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\
    \"Hello\"}\n\n",
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r1\",\
    \"status\":\"completed\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2,\"cost\":0.0002}}}\n\n",
];

const MESSAGES: &[&str] = &[
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\
    \"a/b\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\
    \"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\
    \"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

/// Route, the stream of the provider, and the text from which on the stream is complete.
const FRONTS: &[(&str, &[&str], &str)] = &[
    ("/v1/chat/completions", CHAT, "\"cost\":0.0001}}\n\n"),
    ("/v1/responses", RESPONSES, "\"cost\":0.0002}}}\n\n"),
    ("/v1/messages", MESSAGES, "\"message_stop\"}\n\n"),
];

/// The events of a stream: name and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let events = text.split("\n\n").filter(|event| event.contains("data: "));
    events
        .map(|event| {
            let name = event.lines().find_map(|line| line.strip_prefix("event: "));
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data = serde_json::from_str(data.unwrap_or_default()).unwrap_or(Value::Null);
            (name.unwrap_or_default().to_owned(), data)
        })
        .collect()
}

/// Whether a text ends with the events of a failure, in the form of a route.
fn ends_in_failure(path: &str, text: &str) -> bool {
    let events = events(text);
    let last = events.last().cloned().unwrap_or_default();
    match path {
        "/v1/messages" => last.0 == "error" && last.1["error"]["type"] == "api_error",
        "/v1/responses" => {
            let before = events.iter().rev().nth(1).cloned().unwrap_or_default();
            before.0 == "response.failed"
                && before.1["response"]["error"]["code"] == "server_is_overloaded"
                && last.1["error"]["message"].is_string()
        }
        _ => {
            last.1["error"]["message"].is_string()
                && last.1["choices"][0]["finish_reason"] == "error"
                && !text.contains("[DONE]")
        }
    }
}

#[test]
fn a_stream_that_is_cut_at_any_byte_ends_with_the_event_of_its_api() {
    for (path, pieces, complete) in FRONTS {
        let whole = pieces.concat();
        let has_end = whole.find(complete).unwrap() + complete.len();
        let (path, text) = (*path, whole.clone());
        let upstream = Upstream::start(move |request| {
            let at: usize = request.json()["user"].as_str().unwrap().parse().unwrap();
            Script::stream(&[&text[..at]], Ending::Cut)
        });
        let gateway = Gateway::start(&upstream);
        let mut cut = 0;
        // Before the first complete event nothing has been sent to the client.
        for at in pieces[0].len()..whole.len() {
            let body = json!({"model": "a/b", "stream": true, "user": at.to_string()}).to_string();
            let response = gateway.post(path, &body).assert_status(200);
            let text = response.text();
            assert!(
                response.is_complete && text.starts_with(&whole[..at]),
                "{path} {at}: {text}"
            );
            assert_eq!(
                ends_in_failure(path, &text),
                at < has_end,
                "{path} {at}: {text}"
            );
            cut += u64::from(at < has_end);
        }
        let usage = usage(&gateway.into_sandbox(), "model");
        let unknown = usage["total"]["unknown"].as_u64();
        assert!(unknown >= Some(cut), "{cut}: {usage}");
    }
}

#[test]
fn an_error_in_the_place_of_an_answer_is_none_whatever_its_form() {
    for (body, status) in [
        (
            r#"{"error": "Unexpected endpoint or method. (POST /v1/x)"}"#,
            404,
        ),
        (
            r#"{"object": "error", "message": "bad input", "code": 400}"#,
            400,
        ),
        (r#"[{"error": {"code": 400, "message": "bad input"}}]"#, 400),
        (
            r#"{"error_type": "validation", "error_message": "bad", "code": 422}"#,
            422,
        ),
    ] {
        let upstream = Upstream::start(move |_| Script::json(200, body));
        let gateway = Gateway::start(&upstream);
        for (path, ..) in FRONTS {
            let body = json!({"model": "a/b", "max_tokens": 9}).to_string();
            let response = gateway.post(path, &body).assert_status(status);
            assert_eq!(response.header("x-should-retry"), "false", "{path}");
        }
        assert_eq!(
            upstream.request_count(),
            FRONTS.len(),
            "{body}: asked again"
        );
        gateway.stop();
    }
}

#[test]
fn a_stream_that_just_ends_is_no_answer() {
    for (path, pieces, _) in FRONTS {
        let upstream = Upstream::start(|_| Script::stream(&pieces[..2], Ending::Complete));
        // Both events of chat are complete with a finish reason.
        let upstream = if *path == "/v1/chat/completions" {
            drop(upstream);
            Upstream::start(|_| Script::stream(&CHAT[..1], Ending::Complete))
        } else {
            upstream
        };
        let gateway = Gateway::start(&upstream);
        let text = gateway.stream(path, "a/b").text();
        assert!(ends_in_failure(path, &text), "{path}: {text}");
        gateway.stop();
    }
}

#[test]
fn an_error_of_the_provider_in_the_stream_passes_alone() {
    const ERROR: &str = "data: {\"id\":\"c1\",\"error\":{\"code\":502,\"message\":\"gone\"},\
        \"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n";
    let upstream = Upstream::start(|_| Script::stream(&[CHAT[0], ERROR], Ending::Complete));
    let gateway = Gateway::start(&upstream);
    let text = gateway.stream("/v1/chat/completions", "a/b").text();
    assert_eq!(text, [CHAT[0], ERROR].concat());
    gateway.stop();
}

/// A profile that falls back to another, whose requests have the model `spare/model`.
fn with_spare(upstream: &Upstream) -> Gateway {
    let more = format!(
        "    fallback_profiles: [spare]\n  spare:\n    provider: openrouter\n    model: \
        spare/model\n    base_url: {}\n",
        upstream.base_url()
    );
    Gateway::with(upstream, &more, &[])
}

#[test]
fn another_profile_answers_when_the_first_fails_before_its_first_byte() {
    for (path, pieces, _) in FRONTS {
        for status in [429, 500, 503, 529] {
            let upstream = Upstream::start(move |request| {
                if request.json()["model"] == "spare/model" {
                    return Script::stream(pieces, Ending::Complete);
                }
                let error = json!({"error": {"code": status, "message": "busy"}});
                // A wait that is longer than any that is kept.
                Script::json(status, &error.to_string()).header("retry-after", "3600")
            });
            let gateway = with_spare(&upstream);
            let response = gateway.stream(path, "a/b").assert_status(200);
            assert_eq!(response.text(), pieces.concat(), "{path} {status}");
            assert_eq!(response.header("x-amx-profile"), "spare");
            assert_eq!(response.header("x-amx-attempts"), "2");
            assert_eq!(upstream.request_count(), 2);
            gateway.stop();
        }
    }
}

#[test]
fn an_error_as_the_first_event_is_a_failure_before_the_first_byte() {
    let upstream = Upstream::start(|request| {
        if request.json()["model"] == "spare/model" {
            return Script::stream(CHAT, Ending::Complete);
        }
        let error = "data: {\"error\":{\"code\":502,\"message\":\"no provider\"}}\n\n";
        Script::stream(&[": OPENROUTER PROCESSING\n\n", error], Ending::Complete)
    });
    let gateway = with_spare(&upstream);
    let response = gateway
        .stream("/v1/chat/completions", "a/b")
        .assert_status(200);
    assert_eq!(response.text(), CHAT.concat());
    gateway.stop();
}

#[test]
fn nothing_is_asked_twice_after_the_first_byte() {
    let upstream = Upstream::start(|_| Script::stream(&CHAT[..1], Ending::Cut));
    let gateway = with_spare(&upstream);
    let text = gateway.stream("/v1/chat/completions", "a/b").text();
    assert!(ends_in_failure("/v1/chat/completions", &text), "{text}");
    assert_eq!(upstream.request_count(), 1);
    gateway.stop();
}

#[test]
fn refusals_pass_and_ask_the_sdk_not_to_retry() {
    let upstream = Upstream::start(|request| {
        let status = request.json()["user"].as_u64().unwrap();
        let body = json!({"error": {"message": "own words", "code": status}, "odd": [1]});
        Script::json(u16::try_from(status).unwrap(), &body.to_string()).header("retry-after", "120")
    });
    let gateway = Gateway::start(&upstream);
    for (path, ..) in FRONTS {
        for status in [400, 401, 402, 403, 404, 413, 422, 429, 503] {
            let body = json!({"model": "a/b", "user": status, "stream": true}).to_string();
            let response = gateway.post(path, &body);
            let expected = match (*path, status) {
                ("/v1/responses", 402 | 503) => 429,
                (_, status) => status,
            };
            assert_eq!(response.status, expected, "{path}");
            assert_eq!(response.json()["odd"], json!([1]));
            assert_eq!(response.header("x-should-retry"), "false");
            assert_eq!(response.header("retry-after"), "120");
        }
    }
    gateway.stop();
}

#[test]
fn an_unreachable_provider_is_named_in_the_form_of_the_api() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let upstream = Upstream::start(|_| Script::json(200, "{}"));
    let more = format!(
        "  down:\n    provider: openrouter\n    model: d/n\n    base_url: http://{address}/api/v1\n"
    );
    let gateway = Gateway::with(&upstream, &more, &["-p", "down"]);
    for (path, status) in [
        ("/v1/chat/completions", 502),
        ("/v1/responses", 429),
        ("/v1/messages", 502),
        ("/v1/embeddings", 502),
    ] {
        let response = gateway.stream(path, "a/b").assert_status(status);
        let message = &response.json()["error"]["message"];
        assert!(
            message.as_str().unwrap().contains("could not connect"),
            "{message}"
        );
        assert_eq!(response.header("x-should-retry"), "false");
    }
    gateway.stop();
}

#[test]
fn a_profile_without_the_api_says_which_it_offers() {
    let upstream = Upstream::start(|_| Script::json(200, "{}"));
    let more = format!(
        "  seek:\n    provider: deepseek\n    model: deepseek-chat\n    base_url: {}\n    api_key: \
        ${{OPENROUTER_API_KEY}}\n",
        upstream.base_url()
    );
    let gateway = Gateway::with(&upstream, &more, &["-p", "seek"]);
    let response = gateway.stream("/v1/responses", "x").assert_status(404);
    let expected = "profile 'seek' (deepseek) has no /v1/responses; it offers /v1/chat/completions";
    assert_eq!(response.json()["error"]["message"], json!(expected));
    assert_eq!(upstream.request_count(), 0);
    gateway.chat("x").assert_status(200);
    gateway.stop();
}

#[test]
fn silence_is_bridged_and_then_ended() {
    for (path, pieces, _) in FRONTS {
        let upstream = Upstream::start(|_| {
            Script::stream(&pieces[..1], Ending::Silence).after(Duration::from_millis(900))
        });
        let arguments = ["--keep-alive", "250ms", "--idle", "2s"];
        let gateway = Gateway::with(&upstream, "", &arguments);
        let text = gateway.stream(path, "a/b").assert_status(200).text();
        let comment = if *path == "/v1/messages" {
            "event: ping\ndata: {\"type\": \"ping\"}\n\n"
        } else {
            ": amx\n\n"
        };
        // Three before the head, and seven in the two seconds after the first event.
        let count = text.matches(comment).count();
        assert!((8..=11).contains(&count), "{count}: {text}");
        assert!(
            text.starts_with(comment) && text.contains(pieces[0]),
            "{text}"
        );
        assert!(ends_in_failure(path, &text), "{text}");
        gateway.stop();
    }
}

#[test]
fn a_refusal_after_the_first_comment_is_an_event() {
    for (path, ..) in FRONTS {
        let upstream = Upstream::start(|_| {
            let body = json!({"error": {"message": "own words", "code": 400}}).to_string();
            Script::json(400, &body).after(Duration::from_millis(600))
        });
        let gateway = Gateway::with(&upstream, "", &["--keep-alive", "250ms"]);
        let text = gateway.stream(path, "a/b").assert_status(200).text();
        assert!(
            text.contains("own words") && ends_in_failure(path, &text),
            "{text}"
        );
        gateway.stop();
    }
}

#[test]
fn a_silent_provider_is_504() {
    let upstream = Upstream::start(|_| Script::json(200, "{}").after(Duration::from_secs(15)));
    let gateway = Gateway::with(&upstream, "", &["--idle", "300ms"]);
    let response = gateway.chat("a/b").assert_status(504);
    assert_eq!(response.json()["error"]["code"], json!("provider_silent"));
    let body = json!({"model": "a/b"}).to_string();
    gateway.post("/v1/responses", &body).assert_status(429);
    assert_eq!(upstream.request_count(), 2);
    gateway.stop();
}
