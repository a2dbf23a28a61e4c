//! `--loop-guard`: answers that repeat themselves are ended, tools that do are refused.

use serde_json::{Value, json};

use super::gateway::Gateway;
use super::upstream::{Ending, Script, Upstream};

const CHAT: &str = "/v1/chat/completions";

/// Text, and whether it is a loop.
fn texts() -> Vec<(&'static str, String, bool)> {
    let sentence = "I will now read the file again to see what it says about it. Once more, go. \n";
    let rows = "| 2026 | 1 | 2 |\n".repeat(80);
    vec![
        ("a sentence", sentence.repeat(12), true),
        ("words", "again and ".repeat(200), true),
        (
            "a table",
            format!("Here it is:\n\n| year | a | b |\n|---|---|---|\n{rows}"),
            false,
        ),
        (
            "a fence",
            format!("```text\n{}```\n", "0000 0000\n".repeat(150)),
            false,
        ),
        ("a list", "- nothing\n".repeat(150), false),
        (
            "numbers",
            (0..400).map(|number| format!("{number} ")).collect(),
            false,
        ),
    ]
}

/// The provider's answer: a text in small pieces, in the API of the request.
fn speaking(path: &str, text: &str) -> Script {
    let chars: Vec<char> = text.chars().collect();
    let event = |piece: String| match path {
        "/api/v1/messages" => {
            let delta = json!({"type": "text_delta", "text": piece});
            let data = json!({"type": "content_block_delta", "index": 0, "delta": delta});
            format!("event: content_block_delta\ndata: {data}\n\n")
        }
        "/api/v1/responses" => {
            let data = json!({"type": "response.output_text.delta", "delta": piece});
            format!("event: response.output_text.delta\ndata: {data}\n\n")
        }
        _ => format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": {"content": piece}}]})
        ),
    };
    let end = match path {
        "/api/v1/messages" => "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        "/api/v1/responses" => {
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n"
        }
        _ => "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    };
    let pieces = chars.chunks(9).map(|piece| event(piece.iter().collect()));
    let pieces: Vec<String> = pieces.chain([end.to_owned()]).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    Script::stream(&pieces, Ending::Complete)
}

fn by_number(upstream_path: &str, body: &Value) -> Script {
    let number = usize::try_from(body["seed"].as_u64().unwrap()).unwrap();
    speaking(upstream_path, &texts()[number].1)
}

#[test]
fn answers_that_repeat_themselves_end_with_an_error_event() {
    let upstream = Upstream::start(|request| by_number(&request.path, &request.json()));
    for (arguments, is_guarded) in [(&["--loop-guard"][..], true), (&[][..], false)] {
        let gateway = Gateway::with(&upstream, "", arguments);
        for path in [CHAT, "/v1/responses", "/v1/messages"] {
            for (number, (name, _, is_loop)) in texts().into_iter().enumerate() {
                let body = json!({"model": "a/b", "stream": true, "seed": number}).to_string();
                let response = gateway.post(path, &body).assert_status(200);
                let has_error = response.text().contains("the answer repeats itself");
                assert_eq!(
                    has_error,
                    is_loop && is_guarded,
                    "{path} {name} {arguments:?}"
                );
                assert!(response.is_complete, "{path} {name}");
            }
        }
        gateway.stop();
    }
}

#[test]
fn repeated_calls_of_tools_are_refused_before_anything_is_sent() {
    let upstream = Upstream::start(|_| Script::json(200, "{\"id\":\"x\"}"));
    let chat = |count: usize| {
        let function = json!({"name": "read_file", "arguments": "{\"path\":\"a\"}"});
        let call = json!({"role": "assistant", "tool_calls": [{"id": "1", "function": function}]});
        let mut messages = vec![json!({"role": "user", "content": "go"})];
        for number in 0..count {
            messages.push(call.clone());
            messages.push(json!({"role": "tool", "content": number.to_string()}));
        }
        json!({"model": "a/b", "messages": messages}).to_string()
    };
    let gateway = Gateway::with(&upstream, "", &["--loop-guard"]);
    gateway.post(CHAT, &chat(6)).assert_status(200);
    let response = gateway.post(CHAT, &chat(7)).assert_status(508);
    let message = response.json()["error"]["message"].to_string();
    assert!(message.contains("'read_file'"), "{message}");
    let call = json!({"type": "function_call", "name": "shell", "arguments": "{}"});
    let input: Vec<Value> = std::iter::repeat_n(call, 7).collect();
    // Codex repeats a 5xx.
    gateway
        .post("/v1/responses", &json!({"input": input}).to_string())
        .assert_status(429);
    assert_eq!(upstream.request_count(), 1);
    gateway.stop();
    let gateway = Gateway::start(&upstream);
    gateway.post(CHAT, &chat(60)).assert_status(200);
    gateway.stop();
}
