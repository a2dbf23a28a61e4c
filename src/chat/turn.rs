//! One turn of a conversation: the question, the answer, and how it ended.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::answer::Answer;
use super::cost::Cost;
use super::finish_reason::FinishReason;
use super::keep::{Keep, MOST_STORED};
use super::message::ContentPart;
use super::tool::ToolStep;
use super::usage::Usage;
use crate::wire::redact::stored;
use crate::wire::scrub;

/// How far a turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TurnState {
    /// No answer yet, or not all of it. What a killed program leaves behind.
    #[default]
    Pending,
    Complete,
    /// The user stopped the answer; its text is what had arrived.
    Stopped,
    /// The answer failed or is incomplete; its text is what had arrived.
    Failed,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    pub asked_at: SystemTime,
    pub question: Vec<ContentPart>,
    /// The system prompt.
    pub system: Option<String>,
    pub state: TurnState,
    /// The answer, as far as it arrived.
    pub text: String,
    pub reasoning: String,
    /// To be sent back unchanged to the same family of models, and to no other.
    pub reasoning_details: Option<Vec<Value>>,
    /// The parses of the files in the question, to be sent back to the router.
    pub annotations: Vec<Value>,
    /// The answers with tool calls before the text, and the results of their calls.
    pub steps: Vec<ToolStep>,
    pub profile: String,
    pub provider: String,
    pub requested_model: String,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    pub served_by: Option<String>,
    pub generation_id: Option<String>,
    pub finish_reason: Option<FinishReason>,
    /// Of all requests.
    pub usage: Option<Usage>,
    /// Of the last request; `None` in a turn from the store.
    pub last_usage: Option<Usage>,
    pub cost: Cost,
    pub first_token: Option<Duration>,
    pub total: Duration,
    /// Why it failed, in one line.
    pub error: Option<String>,
}

impl Turn {
    /// A turn without an answer yet.
    pub fn new(
        question: Vec<ContentPart>,
        system: Option<String>,
        profile: &str,
        provider: &str,
        model: &str,
    ) -> Self {
        Self {
            asked_at: SystemTime::now(),
            question,
            system,
            state: TurnState::Pending,
            text: String::new(),
            reasoning: String::new(),
            reasoning_details: None,
            annotations: Vec::new(),
            steps: Vec::new(),
            profile: profile.to_owned(),
            provider: provider.to_owned(),
            requested_model: model.to_owned(),
            model: None,
            served_by: None,
            generation_id: None,
            finish_reason: None,
            usage: None,
            last_usage: None,
            cost: Cost::default(),
            first_token: None,
            total: Duration::ZERO,
            error: None,
        }
    }

    /// Stores the answer. A key that a provider repeats is redacted: a turn outlives the program,
    /// and a later reader cannot recognise the key.
    pub fn answered(&mut self, answer: &Answer, state: TurnState, error: Option<String>) {
        self.state = state;
        let clean = |text: &Option<String>| text.as_deref().map(|text| stored(text).into_owned());
        self.error = clean(&error);
        let bounded = |text| stored(Keep::UpTo(MOST_STORED).part_of(text, 0)).into_owned();
        (self.text, self.reasoning) = (bounded(&answer.text), bounded(&answer.reasoning));
        self.reasoning_details = answer
            .reasoning_details
            .as_ref()
            .map(|details| details.iter().map(without_secrets).collect());
        self.annotations = answer.annotations.iter().map(without_secrets).collect();
        self.steps = answer.steps.iter().map(stored_step).collect();
        if !answer.profile.is_empty() {
            self.profile.clone_from(&answer.profile);
            self.provider.clone_from(&answer.provider);
        }
        self.model = clean(&answer.model);
        self.served_by = clean(&answer.served_by);
        self.generation_id = clean(&answer.generation_id);
        self.finish_reason.clone_from(&answer.finish_reason);
        self.usage = answer.usage;
        let requests = answer.attempts.iter().rev();
        self.last_usage = requests
            .filter_map(|attempt| attempt.sent.as_ref())
            .find_map(|sent| sent.usage);
        self.cost = answer.cost;
        self.first_token = answer.first_token;
        self.total = answer.total;
    }

    /// Adds an answer with calls, while the whole answer is not there.
    pub fn add_step(&mut self, step: &ToolStep) {
        self.steps.push(stored_step(step));
    }

    /// Whether it may have been billed: something arrived, or the outcome is unknown.
    pub fn may_have_cost(&self) -> bool {
        self.cost.usd.is_some()
            || self.usage.is_some()
            || self.first_token.is_some()
            || self.state == TurnState::Pending
    }

    /// The tokens that it fills of the context: the prompt of its last request and the answer to
    /// that. Unknown for several requests in a turn from the store, which has only their sum.
    pub fn context_tokens(&self) -> Option<u64> {
        let only = self.usage.filter(|_| self.steps.is_empty());
        let (prompt, completion) = self.last_usage.or(only)?.tokens()?;
        Some(prompt.saturating_add(completion))
    }

    /// The text of the question, without what was attached.
    pub fn question_text(&self) -> String {
        let texts = self.question.iter().filter_map(|part| match part {
            ContentPart::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// The model that answered, else the one that was asked.
    pub fn answering_model(&self) -> &str {
        self.model.as_deref().unwrap_or(&self.requested_model)
    }
}

/// A step as it is stored.
fn stored_step(step: &ToolStep) -> ToolStep {
    let mut step = step.clone();
    let texts = [&mut step.text, &mut step.reasoning];
    for text in texts {
        if let Cow::Owned(clean) = stored(text) {
            *text = clean;
        }
    }
    let arguments = step.calls.iter_mut().map(|call| &mut call.arguments);
    let contents = step.results.iter_mut().map(|result| &mut result.content);
    for text in arguments.chain(contents) {
        if let Cow::Owned(clean) = scrub::json(text) {
            *text = clean;
        }
    }
    for details in step.reasoning_details.iter_mut().flatten() {
        *details = without_secrets(details);
    }
    step
}

/// A JSON value without secrets.
fn without_secrets(value: &Value) -> Value {
    let mut clean = value.clone();
    scrub::value(&mut clean);
    clean
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chat::tool::ToolCall;
    use crate::wire::api_key::remember;

    #[test]
    fn a_key_that_the_provider_repeats_is_redacted() {
        remember("sk-or-v1-kept-in-a-turn-0123");
        let said = "your key: sk-or-v1-kept-in-a-turn-0123".to_owned();
        let signed = json!({"type": "reasoning.text", "text": "hm", "signature": "c2ln"});
        let other = "ghp_0123456789abcdefghijKLMN";
        let in_lines = json!({"text": format!("one\n{other}\n{said}")});
        let details = Some(vec![json!({"text": said}), in_lines, signed.clone()]);
        let calls = vec![ToolCall {
            arguments: json!({"text": format!("\n{other}")}).to_string(),
            id: "c".to_owned(),
            name: "write".to_owned(),
            extra_content: None,
        }];
        let answer = Answer {
            text: said.clone(),
            reasoning: said.clone(),
            reasoning_details: details,
            steps: vec![ToolStep {
                calls,
                ..ToolStep::default()
            }],
            ..Answer::default()
        };
        let mut turn = Turn::new(Vec::new(), None, "p", "openrouter", "a/b");
        turn.answered(&answer, TurnState::Complete, Some(said));
        assert_eq!(turn.text, "your key: [redacted]");
        assert_eq!(
            (turn.text.as_str(), turn.error.as_deref()),
            (turn.reasoning.as_str(), Some("your key: [redacted]"))
        );
        assert_eq!(
            turn.reasoning_details.unwrap(),
            [
                json!({"text": "your key: [redacted]"}),
                json!({"text": "one\n[redacted]\nyour key: [redacted]"}),
                signed
            ]
        );
        assert_eq!(
            turn.steps[0].calls[0].arguments,
            r#"{"text":"\n[redacted]"}"#
        );
    }
}
