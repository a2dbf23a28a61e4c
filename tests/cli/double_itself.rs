//! The double is tested too: what the real server refuses it refuses, in the same words, and a test
//! that it should fail fails.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::{reply, routes};

const HEADERS: &[(&str, &str)] = &[
    ("user-agent", "amx/0.1.0"),
    ("http-referer", "https://example.org"),
    ("x-openrouter-title", "amx"),
    ("x-title", "amx"),
    ("content-type", "application/json"),
    ("connection", "close"),
];

/// Sends one request with the headers of a good client; gives status and body.
fn ask(double: &Double, place: &str, key: Option<&str>, body: &str) -> (u16, String) {
    let authorization = key.map(|key| format!("Bearer {key}"));
    let more = authorization
        .iter()
        .map(|value| ("authorization", value.as_str()));
    let headers: Vec<(&str, &str)> = HEADERS.iter().copied().chain(more).collect();
    ask_with(double, place, &headers, body)
}

fn ask_with(double: &Double, place: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut connection = TcpStream::connect(double.address()).unwrap();
    let mut request = format!(
        "{place} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n",
        body.len()
    );
    headers
        .iter()
        .for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    connection
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    // The double keeps connections open, so the end of the body is what ends the answer.
    while !answer.ends_with(b"0\r\n\r\n") {
        match connection.read(&mut piece).unwrap_or(0) {
            0 => break,
            read => answer.extend_from_slice(&piece[..read]),
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    (status, answer)
}

fn chat(double: &Double, body: &Value) -> (u16, String) {
    ask(
        double,
        "POST /api/v1/chat/completions",
        Some(KEY),
        &body.to_string(),
    )
}

fn question(more: &Value) -> Value {
    let mut body =
        json!({"model": "a/b", "messages": [{"role": "user", "content": "hi"}], "stream": true});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

/// Fields of a question that the server refuses, the status, and words of the refusal.
type RefusedFields = (Value, u16, &'static str);

fn refused_models_and_options() -> Vec<RefusedFields> {
    let no_input = "Input required: specify \\\"prompt\\\" or \\\"messages\\\"";
    vec![
        (json!({"messages": []}), 400, no_input),
        (
            json!({"model": "nobody/nothing"}),
            400,
            "nobody/nothing is not a valid model ID",
        ),
        (
            json!({"model": "gpt-4o"}),
            400,
            "gpt-4o is not a valid model ID",
        ),
        (
            json!({"provider": {"oder": []}}),
            400,
            "Unrecognized key: \\\"oder\\\"",
        ),
        (json!({"temperature": 3}), 400, "temperature: Invalid input"),
        (
            json!({"max_tokens": "many"}),
            400,
            "max_tokens: Invalid input",
        ),
        (
            json!({"tools": [{"type": "function"}], "model": "google/gemma-2-9b-it"}),
            404,
            "No endpoints found that support tool use",
        ),
    ]
}

fn refused_reasoning() -> Vec<RefusedFields> {
    let too_small = json!({
        "reasoning": {"effort": "high"}, "model": "anthropic/claude-sonnet-4", "max_tokens": 1024,
    });
    vec![
        (
            json!({"reasoning": {"effort": "huge"}}),
            400,
            "reasoning.effort: Invalid option: expected one of",
        ),
        (
            json!({"reasoning": {"effort": "low", "max_tokens": 5}}),
            400,
            "Only one of \\\"reasoning.effort\\\" and",
        ),
        (
            json!({"reasoning": {"effort": "low"}, "reasoning_effort": "high"}),
            400,
            "Only one of \\\"reasoning\\\" and",
        ),
        (
            json!({"reasoning": {"effort": "none"}, "model": "openai/gpt-5-mini"}),
            400,
            "Reasoning is mandatory",
        ),
        (too_small, 400, "thinking.budget_tokens"),
    ]
}

/// Parts of a message, each beside a text that is accepted.
fn refused_parts() -> Vec<RefusedFields> {
    let audio = |data: &str, format: &str| json!({"type": "input_audio", "input_audio": {"data": data, "format": format}});
    let unnamed_file = json!({"filename": "", "file_data": "data:application/pdf;base64,AAAA"});
    let parts = [
        json!({"type": "image_url", "image_url": {"url": "data:image/heic;base64,AAAA"}}),
        json!({"type": "image_url", "image_url": {"url": "http://example.org/a.png"}}),
        audio("https://example.org/a.mp3", "mp3"),
        audio("AAAA", "midi"),
        json!({"type": "video_url", "video_url": {"url": "data:video/avi;base64,AAAA"}}),
        json!({"type": "file", "file": unnamed_file}),
        json!({"type": "text", "text": ""}),
        json!({"type": "hologram"}),
    ];
    let text = json!({"type": "text", "text": "hi"});
    parts
        .into_iter()
        .map(|part| json!({"messages": [{"role": "user", "content": [text, part]}]}))
        .map(|fields| (fields, 400, "messages.0.content.1: Invalid input"))
        .collect()
}

fn refused_plugins_and_annotations() -> Vec<RefusedFields> {
    let twice = json!([{"id": "file-parser"}, {"id": "file-parser"}]);
    let annotated = json!([
        {"role": "assistant", "content": "a", "annotations": [{"type": "file"}]},
        {"role": "user", "content": "hi"},
    ]);
    vec![
        (
            json!({"plugins": [{"id": "file-parser", "pdf": {"engine": "free"}}]}),
            400,
            "plugins.0: Invalid input",
        ),
        (json!({"plugins": twice}), 400, "plugins.1: Invalid input"),
        (
            json!({"plugins": [{"id": "unheard-of"}]}),
            400,
            "plugins.0: Invalid input",
        ),
        (
            json!({"messages": annotated}),
            400,
            "messages.0.annotations: Invalid input",
        ),
    ]
}

#[test]
fn requests_that_the_real_server_refuses_get_its_refusal() {
    let cases = [
        refused_models_and_options(),
        refused_reasoning(),
        refused_parts(),
        refused_plugins_and_annotations(),
    ];
    for (more, status, words) in cases.into_iter().flatten() {
        let double = Double::start([]);
        let (seen, answer) = chat(&double, &question(&more));
        assert!(seen == status && answer.contains(words), "{more}: {answer}");
        assert_eq!(double.take_refusals().len(), 1, "{more}");
        assert_eq!(
            double.take_faults(),
            ["nobody expected POST /api/v1/chat/completions"],
            "{more}"
        );
    }
}

#[test]
fn a_missing_key_an_unknown_key_and_a_body_that_is_no_json_are_refused() {
    let double = Double::start([]);
    let place = "POST /api/v1/chat/completions";
    let body = question(&json!({})).to_string();
    assert!(
        ask(&double, place, None, &body)
            .1
            .contains("No cookie auth credentials found")
    );
    assert!(
        ask(&double, place, Some("sk-or-v1-other"), &body)
            .1
            .contains("User not found.")
    );
    assert!(
        ask(&double, place, Some(KEY), "{model")
            .1
            .contains("Input must have at least 1 token.")
    );
    assert_eq!(double.take_refusals().len(), 3);
    assert_eq!(double.take_faults().len(), 3);
}

#[test]
fn a_client_that_forgets_a_header_fails_the_test() {
    for (name, _) in &HEADERS[..5] {
        let double = Double::start([reply::stream(["Hi"])]);
        let authorization = format!("Bearer {KEY}");
        let kept = HEADERS.iter().copied().filter(|(kept, _)| kept != name);
        let headers: Vec<(&str, &str)> = kept
            .chain([("authorization", authorization.as_str())])
            .collect();
        ask_with(
            &double,
            "POST /api/v1/chat/completions",
            &headers,
            &question(&json!({})).to_string(),
        );
        let faults = double.take_faults();
        assert!(
            faults.len() == 1 && faults[0].to_lowercase().contains(name),
            "{name}: {faults:?}"
        );
    }
}

#[test]
fn a_script_that_is_not_followed_fails_the_test() {
    let unused = Double::start([reply::stream(["Hi"])]).also(routes::key());
    assert_eq!(
        unused.take_faults(),
        [
            "nobody came for a scripted POST /api/v1/chat/completions",
            "nobody asked GET /api/v1/key"
        ]
    );
    let unexpected = Double::start([]);
    assert_eq!(
        ask(&unexpected, "GET /api/v1/nowhere", Some(KEY), "").0,
        404
    );
    assert_eq!(
        unexpected.take_faults(),
        ["nobody expected GET /api/v1/nowhere"]
    );
    for (scripted, streams) in [(reply::whole("Hi"), true), (reply::stream(["Hi"]), false)] {
        let double = Double::start([scripted]);
        chat(&double, &question(&json!({"stream": streams})));
        assert_eq!(double.take_faults().len(), 1);
    }
    let caught = std::panic::catch_unwind(|| drop(Double::start([reply::empty()])));
    assert!(caught.is_err(), "dropping the double did not fail");
}

#[test]
fn an_answer_comes_in_the_pieces_that_were_scripted() {
    let double = Double::start([
        reply::stream(["Hé"]).split_every(1),
        reply::whole("Hi").padding(2),
        reply::stream(["a", "b"]).cut_after(1),
    ]);
    let (_, answer) = chat(&double, &question(&json!({})));
    assert!(
        answer.contains("\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n1\r\n:\r\n")
            && answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
    let (_, answer) = chat(&double, &question(&json!({"stream": false})));
    assert!(
        answer
            .contains("\n         \n\n         \n{\"id\":\"gen-1779760224-Scripted000000000002\""),
        "{answer}"
    );
    let (_, answer) = chat(&double, &question(&json!({})));
    assert!(
        answer.contains("\"content\":\"a\"")
            && !answer.contains("\"content\":\"b\"")
            && !answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
}

#[test]
fn reasoning_must_come_back_byte_for_byte() {
    let details = json!([{"type": "reasoning.encrypted", "data": "AAAA", "id": null}]);
    let with = |details: &Value| {
        question(
            &json!({"messages": [{"role": "assistant", "content": "a", "reasoning_details": details}]}),
        )
    };
    let double = Double::start([
        reply::stream(["Hi"]).requires_details(details.clone()),
        reply::stream(["Hi"]).requires_details(details.clone()),
    ]);
    assert_eq!(chat(&double, &with(&details)).0, 200);
    assert_eq!(
        chat(
            &double,
            &with(&json!([{"data": "AAAA", "type": "reasoning.encrypted"}]))
        )
        .0,
        400
    );
}

#[test]
fn a_client_that_leaves_in_the_middle_is_noticed() {
    for scripted in [
        reply::silence(),
        reply::stream(["a"]).stall_after(1),
        reply::stream([]).trickle(Duration::from_millis(5)),
    ] {
        let double = Double::start([scripted]);
        let mut connection = TcpStream::connect(double.address()).unwrap();
        let body = question(&json!({})).to_string();
        let mut head = format!(
            "POST /api/v1/chat/completions HTTP/1.1\r\ncontent-length: {}\r\nauthorization: Bearer {KEY}\r\n",
            body.len()
        );
        HEADERS
            .iter()
            .for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        connection
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .unwrap();
        assert_eq!(double.disconnects(), 0);
        drop(connection);
        double.wait_for_disconnect();
    }
}

#[test]
fn the_other_endpoints_answer_as_documented() {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned();
    let login = routes::login("code-1", challenge, KEY);
    let double = Double::start([])
        .also(routes::key())
        .also(routes::models())
        .also(routes::generation(2))
        .also(login);
    assert_eq!(ask(&double, "GET /api/v1/key", None, "").0, 401);
    assert_eq!(
        double.take_refusals(),
        ["GET /api/v1/key: 401 No cookie auth credentials found"]
    );
    assert!(
        ask(&double, "GET /api/v1/key", Some(KEY), "")
            .1
            .contains("limit_remaining")
    );
    assert!(
        ask(&double, "GET /api/v1/models", None, "")
            .1
            .contains("\"overrides\"")
    );
    let statuses: Vec<u16> = (0..3)
        .map(|_| ask(&double, "GET /api/v1/generation?id=gen-1", Some(KEY), "").0)
        .collect();
    assert_eq!(statuses, [404, 404, 200]);
    let place = "POST /api/v1/auth/keys";
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let exchange = |verifier: &str| {
        json!({"code": "code-1", "code_verifier": verifier, "code_challenge_method": "S256"})
            .to_string()
    };
    assert!(ask(&double, place, None, "{}").1.contains("ZodError"));
    assert_eq!(
        ask(&double, place, None, &exchange(&verifier.to_lowercase())).0,
        403
    );
    assert!(
        ask(&double, place, None, &exchange(verifier))
            .1
            .contains(KEY)
    );
    assert_eq!(ask(&double, place, None, &exchange(verifier)).0, 403);
}
