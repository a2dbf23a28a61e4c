//! What a caller sees while an answer comes about.

use std::time::Duration;

use super::answer::Answer;

/// One event of an answer, in the order in which they happen.
#[derive(Debug)]
pub enum ChatEvent {
    /// A request is about to be sent.
    Start { profile: String, provider: &'static str, model: String },
    /// Some of what the model thinks.
    Reasoning(String),
    /// Some of the answer.
    Text(String),
    /// The attempt failed and is made again after `wait`.
    Retry { attempt: u32, attempts: u32, wait: Duration, why: String },
    /// All tokens went into thinking: asked once more with a larger budget.
    LargerBudget { from: u32, to: u32 },
    /// The provider refuses log probabilities: asked once more without them.
    WithoutLogprobs { why: String },
    /// Another profile takes over.
    Fallback { from: String, to: String, why: String },
    /// The answer is complete.
    End(Box<Answer>),
}
