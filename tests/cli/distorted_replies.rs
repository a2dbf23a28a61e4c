//! Replies in which one value is of the wrong kind: an answer or an error that says what and what
//! next, never a panic.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Exit codes that a reply can lead to.
const DOCUMENTED: &[i32] = &[0, 4, 7, 8, 9, 10, 11];

fn strangers() -> [Value; 5] {
    [
        json!(null),
        json!(-1),
        json!("x"),
        json!({}),
        json!([[{"a": null}]]),
    ]
}

/// Every value that has one part replaced by something of another kind.
fn distortions(value: &Value) -> Vec<Value> {
    let mut distorted = strangers().to_vec();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                for strange in distortions(field) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), strange);
                    distorted.push(Value::Object(fields));
                }
            }
        }
        Value::Array(items) => {
            for strange in items.first().map(distortions).unwrap_or_default() {
                distorted.push(json!([strange]));
            }
        }
        _ => {}
    }
    distorted
}

#[track_caller]
fn assert_borne(reply: &Reply, shown: &Value, arguments: &[&str]) {
    // Whether it is tried again is not what is asked here.
    let double = Double::start(vec![reply.clone(); 4]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "5")
        .run(["chat", "hi"].iter().chain(arguments));
    drop(double.take_faults());
    assert!(DOCUMENTED.contains(&outcome.code), "{shown}\n{outcome}");
    if outcome.code != 0 {
        outcome.assert_failure(outcome.code);
    }
}

fn usage() -> Value {
    json!({"prompt_tokens": 1, "cost": 0.5, "completion_tokens_details": {"reasoning_tokens": 1}})
}

#[test]
fn bodies_with_one_value_of_the_wrong_kind() {
    let call = json!({"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}});
    let message = json!({
        "content": "Hello", "reasoning": "hm",
        "reasoning_details": [{"type": "reasoning.text", "text": "hm"}], "tool_calls": [call],
    });
    let choice = json!({
        "index": 0, "finish_reason": "stop", "native_finish_reason": "stop", "message": message,
    });
    let body = json!({
        "id": "gen-1", "model": "a/b", "provider": "P", "choices": [choice], "usage": usage(),
    });
    for body in distortions(&body) {
        assert_borne(&reply::json(body.clone()), &body, &["--no-stream"]);
    }
}

#[test]
fn events_with_one_value_of_the_wrong_kind() {
    let logprobs = json!({"content": [{"token": "Hello", "logprob": -0.1}]});
    let delta = json!({
        "content": "Hello", "reasoning": "hm",
        "reasoning_details": [{"type": "reasoning.encrypted", "data": "AA"}],
    });
    let choice = json!({"index": 0, "finish_reason": "stop", "logprobs": logprobs, "delta": delta});
    let event = json!({
        "id": "gen-1", "model": "a/b", "provider": "P", "choices": [choice], "usage": usage(),
    });
    for event in distortions(&event) {
        let body = format!("data: {event}\n\ndata: [DONE]\n\n");
        assert_borne(&reply::page(200, "text/event-stream", &body), &event, &[]);
    }
}

#[test]
fn refusals_with_one_value_of_the_wrong_kind() {
    let metadata = json!({
        "raw": {"error": {"message": "m"}}, "provider_name": "P", "headers": {"Retry-After": "0"},
        "reasons": ["r"], "error_type": "t",
    });
    let body = json!({
        "error": {
            "code": 400, "message": "m", "metadata": metadata, "availability": {"retry_after": 0},
        },
    });
    for body in distortions(&body) {
        assert_borne(&reply::json(body.clone()).status(400), &body, &[]);
    }
}
