//! Responses in the form of the API.

use serde_json::{Value, json};

use crate::wire::loopback::Answer;

/// An error response.
pub(super) fn refusal(status: u16, message: &str) -> Answer {
    json_answer(
        status,
        &json!({"error": {"code": status, "message": message}}),
    )
}

pub(super) fn json_answer(status: u16, value: &Value) -> Answer {
    Answer::whole(status, "application/json", value.to_string())
}
