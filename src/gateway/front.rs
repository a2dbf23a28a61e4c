//! The APIs that the gateway offers, one row each: its route, the path at the provider, and how a
//! failure looks in it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::problem::Problem;

/// An API that clients speak. A request goes to the provider in the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Front {
    Chat,
    Responses,
    Messages,
    Embeddings,
}

/// One API.
pub(super) struct FrontRow {
    pub front: Front,
    /// In logs and metrics.
    pub name: &'static str,
    pub route: &'static str,
    /// Below the provider's base URL.
    pub path: &'static str,
    /// `gen_ai.operation.name` in telemetry.
    pub operation: &'static str,
    /// What keeps a stream open that has nothing to send.
    pub keep_alive: &'static str,
    /// The field that limits the output.
    pub limit_fields: &'static [&'static str],
    /// The member of every whole answer, as JSON has it.
    pub answer_member: &'static str,
}

const COMMENT: &str = ": amx\n\n";

const PING: &str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

pub(super) const FRONTS: &[FrontRow] = &[
    FrontRow {
        front: Front::Chat,
        name: "chat",
        route: "/v1/chat/completions",
        path: "chat/completions",
        operation: "chat",
        keep_alive: COMMENT,
        limit_fields: &["max_completion_tokens", "max_tokens"],
        answer_member: "\"choices\"",
    },
    FrontRow {
        front: Front::Responses,
        name: "responses",
        route: "/v1/responses",
        path: "responses",
        operation: "chat",
        keep_alive: COMMENT,
        limit_fields: &["max_output_tokens"],
        answer_member: "\"output\"",
    },
    FrontRow {
        front: Front::Messages,
        name: "messages",
        route: "/v1/messages",
        path: "messages",
        operation: "chat",
        keep_alive: PING,
        limit_fields: &["max_tokens"],
        answer_member: "\"content\"",
    },
    FrontRow {
        front: Front::Embeddings,
        name: "embeddings",
        route: "/v1/embeddings",
        path: "embeddings",
        operation: "embeddings",
        keep_alive: COMMENT,
        limit_fields: &[],
        answer_member: "\"data\"",
    },
];

/// What is known of the answer that a stream started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StreamIdentity {
    pub id: Option<String>,
    pub model: Option<String>,
    pub created: Option<u64>,
}

impl Front {
    pub(super) fn row(self) -> &'static FrontRow {
        FRONTS
            .iter()
            .find(|row| row.front == self)
            .unwrap_or(&FRONTS[0])
    }

    /// The API of a path.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        FRONTS
            .iter()
            .find(|row| row.route == path)
            .map(|row| row.front)
    }

    /// The form of errors for a path, which may be none of ours.
    pub(super) fn form_of(path: &str) -> Self {
        if path.starts_with("/v1/messages") {
            Self::Messages
        } else {
            Self::of_path(path).unwrap_or(Self::Chat)
        }
    }

    /// The body of a refusal.
    pub(super) fn refusal(self, problem: &Problem, request_id: &str) -> Bytes {
        let value = if self == Self::Messages {
            json!({
                "type": "error",
                "error": {"type": problem.anthropic_type(), "message": problem.message},
                "request_id": request_id,
            })
        } else {
            json!({"error": {
                "message": problem.message,
                "type": problem.openai_type(),
                "param": null,
                "code": problem.code,
            }})
        };
        format!("{value}\n").into()
    }

    /// The status of a failure at the provider. Codex sends a request 30 times after a 503 and 6
    /// times after a 402, and once after a 429.
    pub(super) fn status_of_failure(self, status: u16) -> u16 {
        match (self, status) {
            (Self::Responses, 402 | 500..) => 429,
            _ => status,
        }
    }

    /// The events that end a stream which failed.
    pub(super) fn failure_events(self, problem: &Problem, identity: &StreamIdentity) -> Bytes {
        let error = json!({
            "message": problem.message,
            "type": problem.openai_type(),
            "code": problem.code,
        });
        let model = identity.model.as_deref().unwrap_or_default();
        let id = identity.id.as_deref();
        match self {
            Self::Messages => {
                let error = json!({"type": "api_error", "message": problem.message});
                named_event("error", &json!({"type": "error", "error": error}))
            }
            Self::Responses => {
                let failed = json!({
                    "type": "response.failed",
                    "sequence_number": 0,
                    "response": failed_response(problem, identity),
                });
                // Codex reads the first, the SDKs of OpenAI the second.
                let both = [
                    named_event("response.failed", &failed),
                    event(&json!({"error": error})),
                ];
                both.concat().into()
            }
            Self::Chat | Self::Embeddings => event(&json!({
                "id": id.unwrap_or("amx"),
                "object": "chat.completion.chunk",
                "created": identity.created.unwrap_or_default(),
                "model": model,
                "error": error,
                "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
            })),
        }
    }
}

/// The object of a response that failed. With `server_is_overloaded` codex sends no further
/// request; it shows words of its own.
fn failed_response(problem: &Problem, identity: &StreamIdentity) -> Value {
    let code = if problem.code == "insufficient_quota" {
        problem.code
    } else {
        "server_is_overloaded"
    };
    json!({
        "id": identity.id.as_deref().unwrap_or("amx"),
        "object": "response",
        "created_at": identity.created.unwrap_or_default(),
        "status": "failed",
        "model": identity.model.as_deref().unwrap_or_default(),
        "output": [],
        "parallel_tool_calls": true,
        "tool_choice": "auto",
        "tools": [],
        "error": {"code": code, "message": problem.message},
    })
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

fn named_event(name: &str, data: &Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Bytes) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn each_api_has_its_form_of_a_refusal() {
        let problem = Problem::new(429, "rate_limited", "too many requests");
        let chat = json!({"error": {"message": "too many requests", "type": "rate_limit_error",
            "param": null, "code": "rate_limited"}});
        for front in [Front::Chat, Front::Responses, Front::Embeddings] {
            let body: Value = serde_json::from_slice(&front.refusal(&problem, "r1")).unwrap();
            assert_eq!(body, chat);
        }
        let body: Value = serde_json::from_slice(&Front::Messages.refusal(&problem, "r1")).unwrap();
        let expected = json!({"type": "error", "request_id": "r1",
            "error": {"type": "rate_limit_error", "message": "too many requests"}});
        assert_eq!(body, expected);
    }

    #[test]
    fn a_stream_that_failed_ends_in_the_form_of_its_api() {
        let problem = Problem::new(502, "stream_cut", "cut");
        let identity = StreamIdentity {
            id: Some("c1".to_owned()),
            model: Some("a/b".to_owned()),
            created: Some(1),
        };
        assert_eq!(
            text(Front::Chat.failure_events(&problem, &identity)),
            "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\
            \"a/b\",\"error\":{\"message\":\"cut\",\"type\":\"server_error\",\"code\":\
            \"stream_cut\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\
            \"finish_reason\":\"error\"}]}\n\n"
        );
        assert_eq!(
            text(Front::Messages.failure_events(&problem, &identity)),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\
            \"message\":\"cut\"}}\n\n"
        );
        let responses = text(Front::Responses.failure_events(&problem, &identity));
        let events: Vec<&str> = responses.split_terminator("\n\n").collect();
        assert_eq!(events.len(), 2);
        assert!(events[0].starts_with("event: response.failed\ndata: {\"type\":\"response.failed"));
        assert!(events[0].contains("\"code\":\"server_is_overloaded\",\"message\":\"cut\""));
        assert!(events[1].starts_with("data: {\"error\":{\"message\":\"cut\""));
    }

    #[test]
    fn outages_and_credits_are_429_on_responses_only() {
        for (status, expected) in [(402, 429), (503, 429), (529, 429), (400, 400), (401, 401)] {
            assert_eq!(Front::Responses.status_of_failure(status), expected);
            assert_eq!(Front::Chat.status_of_failure(status), status);
        }
    }
}
