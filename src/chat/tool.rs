//! Tools that a model may call: their declarations, its calls, and the results sent back.

use serde_json::Value;

use super::answer::ToolCall;

/// A function as it is declared to the model, under the name that is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// At most 64 of `[A-Za-z0-9_-]`.
    pub name: String,
    /// Not sent when `None`.
    pub description: Option<String>,
    /// A JSON Schema, `type: object` at its top.
    pub parameters: Value,
}

/// The result of one call, sent back under role `tool`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The ID of the call.
    pub id: String,
    pub content: String,
    pub is_error: bool,
}

/// One answer with calls, and their results: two or more messages of every later request.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolStep {
    /// The text before the calls; often empty.
    pub text: String,
    /// Plain reasoning, for providers that want `reasoning_content` back.
    pub reasoning: String,
    /// To be sent back unchanged and in order.
    pub reasoning_details: Option<Vec<Value>>,
    /// Each with an ID that no other call of the answer has.
    pub calls: Vec<ToolCall>,
    /// One for each call, in the order of the calls.
    pub results: Vec<ToolResult>,
}
