//! Tools that a model may call: their declarations, its calls, and the results sent back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

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

impl Declaration {
    /// The declaration in the form of the OpenAI API.
    pub fn to_json(&self) -> Value {
        let mut function = json!({"name": self.name});
        if let Some(description) = &self.description {
            function["description"] = json!(description);
        }
        function["parameters"] = self.parameters.clone();
        json!({"type": "function", "function": function})
    }
}

/// Whether the model may call the declared tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    Auto,
    /// It must answer without calls.
    None,
}

/// A complete tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// JSON text; `{}` when the model sent none.
    pub arguments: String,
    /// What Google attaches to a call, such as the signature of its reasoning; sent back unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<Value>,
}

impl ToolCall {
    /// The call in the form of the OpenAI API.
    pub fn to_json(&self) -> Value {
        let function = json!({"name": self.name, "arguments": self.arguments});
        json!({"id": self.id, "type": "function", "function": function})
    }
}

/// Gives each call an ID of its own: one without gets a new one, and so does one whose ID an
/// earlier call has, here or in `steps`. A new ID follows from `seed`, such as the ID of the
/// generation, so that a replay sends the same.
pub(crate) fn identify(calls: &mut [ToolCall], seed: &str, steps: &[ToolStep]) {
    let earlier = steps.iter().flat_map(|step| &step.calls);
    let mut taken: BTreeSet<String> = earlier.map(|call| call.id.clone()).collect();
    for (number, call) in calls.iter_mut().enumerate() {
        let mut salt = 0_usize;
        while call.id.is_empty() || taken.contains(&call.id) {
            let text = json!([seed, steps.len(), number, call.name, call.arguments, salt]);
            let digest = Sha256::digest(text.to_string().as_bytes());
            let digits = digest.iter().take(ID_BYTES);
            call.id = digits.fold("call_".to_owned(), |id, byte| format!("{id}{byte:02x}"));
            salt += 1;
        }
        taken.insert(call.id.clone());
    }
}

/// Bytes of a new ID, two digits each.
const ID_BYTES: usize = 12;

/// What decided whether a call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// A yes to this call.
    Once,
    /// A yes to its tool or server until the conversation ends, or `/allow`.
    Conversation,
    /// A stored *always*.
    Always,
    /// `--allow`, or a built-in tool, which at most reads below a folder of `--root`.
    Flag,
    /// `approve: allow` in config.yml.
    Config,
    /// Refused by the user, or nobody was there to ask.
    Denied,
}

impl DecidedBy {
    /// Its name in JSON and in the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Conversation => "conversation",
            Self::Always => "always",
            Self::Flag => "flag",
            Self::Config => "config",
            Self::Denied => "denied",
        }
    }
}

/// The result of one call, sent back under role `tool`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The ID of the call.
    pub id: String,
    pub content: String,
    pub is_error: bool,
    /// It was executed, at least in part.
    pub has_run: bool,
    /// `None` for a call that could not run in any case, such as one with invalid arguments.
    pub decision: Option<DecidedBy>,
    /// Bytes that the tool wrote, before anything was omitted; 0 when it did not run.
    pub bytes: u64,
    /// How long it ran, in milliseconds; 0 when it did not run.
    pub ms: u64,
}

/// One answer with calls, and their results: two or more messages of every later request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolStep {
    /// The text before the calls; often empty.
    pub text: String,
    /// Plain reasoning, for providers that require it back.
    pub reasoning: String,
    /// To be sent back unchanged and in order.
    pub reasoning_details: Option<Vec<Value>>,
    /// The provider and the model that answered, which reasoning is sent back to.
    pub provider: String,
    pub model: String,
    /// Each with an ID that no other call of the turn has.
    pub calls: Vec<ToolCall>,
    /// One for each call, in the order of the calls.
    pub results: Vec<ToolResult>,
}

impl ToolStep {
    /// Each call with its result.
    pub fn pairs(&self) -> impl Iterator<Item = (&ToolCall, &ToolResult)> {
        self.calls.iter().zip(&self.results)
    }

    /// The step as `--json` has it.
    pub fn to_json(&self) -> Value {
        let calls = self.pairs().map(|(call, result)| {
            json!({
                "id": call.id,
                "name": call.name,
                "arguments": call.arguments,
                "decision": result.decision,
                "is_error": result.is_error,
                "bytes": result.bytes,
                "ms": result.ms,
            })
        });
        let calls: Vec<Value> = calls.collect();
        let mut step = json!({"calls": calls});
        if !self.text.is_empty() {
            step["content"] = json!(self.text);
        }
        step
    }
}

/// A call that has ended, for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedCall {
    pub call: ToolCall,
    pub result: ToolResult,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(id: &str) -> ToolCall {
        ToolCall {
            id: id.to_owned(),
            name: "now".to_owned(),
            arguments: "{}".to_owned(),
            extra_content: None,
        }
    }

    fn identified(ids: &[&str], steps: &[ToolStep]) -> Vec<String> {
        let mut calls: Vec<ToolCall> = ids.iter().map(|id| call(id)).collect();
        identify(&mut calls, "gen-1", steps);
        calls.into_iter().map(|call| call.id).collect()
    }

    #[test]
    fn a_missing_or_taken_id_is_replaced_and_the_others_stay() {
        let ids = identified(&["a", "a", "", "b"], &[]);
        assert_eq!([ids[0].as_str(), ids[3].as_str()], ["a", "b"]);
        for new in &ids[1..3] {
            let digits = new.strip_prefix("call_").unwrap();
            let is_digit = |c: char| c.is_ascii_hexdigit();
            assert!(digits.len() == 24 && digits.chars().all(is_digit), "{new}");
        }
        let earlier = ToolStep {
            calls: vec![call("b")],
            ..ToolStep::default()
        };
        assert_ne!(identified(&["b"], &[earlier]), ["b"]);
    }

    proptest! {
        #[test]
        fn ids_are_unique_and_the_same_again(
            ids in proptest::collection::vec("[ab]{0,1}", 0..12),
        ) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let first = identified(&ids, &[]);
            let distinct: BTreeSet<&String> = first.iter().collect();
            prop_assert_eq!(distinct.len(), ids.len());
            prop_assert!(first.iter().all(|id| !id.is_empty()));
            prop_assert_eq!(&identified(&ids, &[]), &first);
        }
    }
}
