//! Messages and the parts they are made of.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum ContentPart {
    Text(String),
    /// An image by `https:` or `data:` URL.
    Image {
        url: String,
    },
    /// A document by `https:` or `data:` URL.
    File {
        name: String,
        url: String,
    },
    /// A film by `https:` or `data:` URL.
    Video {
        url: String,
    },
    /// Sound, in base64, with the format's short name such as `wav`.
    Audio {
        base64: String,
        format: &'static str,
    },
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub role: Role,
    pub content: Vec<ContentPart>,
    /// What the model thought, as it must be sent back on the next turn of the same model:
    /// unchanged and in order. `None` when the model sent none; an empty list is sent back too.
    pub reasoning_details: Option<Vec<Value>>,
    /// What a router added to an answer and wants back: the parse of the files in the question.
    pub annotations: Vec<Value>,
}

impl Message {
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: vec![ContentPart::Text(text.into())],
            reasoning_details: None,
            annotations: Vec::new(),
        }
    }

    /// The answer of an earlier turn, ready to be sent back.
    pub fn answer(text: impl Into<String>, reasoning_details: Option<Vec<Value>>) -> Self {
        Self {
            reasoning_details,
            ..Self::text(Role::Assistant, text)
        }
    }
}
