//! Messages and the parts they are made of.

use serde_json::Value;

use super::tool::{ToolCall, ToolResult};
use crate::wire::shared_text::SharedText;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
    /// The result of a tool call.
    Tool,
}

/// One part of a message. Clones share its text, which may be tens of MiB of base64.
#[derive(Debug, Clone, PartialEq)]
pub enum ContentPart {
    Text(SharedText),
    /// An image by `https:` or `data:` URL.
    Image {
        url: SharedText,
    },
    /// A document by `https:` or `data:` URL.
    File {
        name: String,
        url: SharedText,
    },
    /// A video by `https:` or `data:` URL.
    Video {
        url: SharedText,
    },
    /// Audio in base64, with the short name of its format such as `wav`.
    Audio {
        base64: SharedText,
        format: &'static str,
    },
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub role: Role,
    pub content: Vec<ContentPart>,
    /// The reasoning of the model, which must be sent back unchanged and in order on the next turn
    /// with the same model. `None` when the model sent none; an empty list is sent back too.
    pub reasoning_details: Option<Vec<Value>>,
    /// Annotations of a router to be sent back with the answer: the parsed files of the question.
    pub annotations: Vec<Value>,
    /// The calls of an answer, each of which a message with its result follows.
    pub tool_calls: Vec<ToolCall>,
    /// The call whose result this is.
    pub tool_call_id: Option<String>,
    /// Plain reasoning, for providers that require it back with calls.
    pub reasoning: Option<String>,
}

impl Message {
    pub fn text(role: Role, text: impl Into<SharedText>) -> Self {
        Self {
            role,
            content: vec![ContentPart::Text(text.into())],
            reasoning_details: None,
            annotations: Vec::new(),
            tool_calls: Vec::new(),
            tool_call_id: None,
            reasoning: None,
        }
    }

    /// The result of a call.
    pub fn tool_result(result: &ToolResult) -> Self {
        Self {
            tool_call_id: Some(result.id.clone()),
            ..Self::text(Role::Tool, result.content.clone())
        }
    }

    /// The answer of an earlier turn, ready to be sent back.
    pub fn answer(text: impl Into<SharedText>, reasoning_details: Option<Vec<Value>>) -> Self {
        Self {
            reasoning_details,
            ..Self::text(Role::Assistant, text)
        }
    }
}
