//! What a caller sees while an answer comes about.

use std::time::Duration;

use super::answer::Answer;

/// An attempt that failed: who was asked, and why it failed.
#[derive(Debug)]
pub struct Failed {
    pub profile: String,
    pub model: String,
    /// A status or a word, as in the list of attempts.
    pub status: String,
    pub why: String,
}

/// One event of an answer, in the order in which they happen.
#[derive(Debug)]
pub enum ChatEvent {
    /// A request is about to be sent.
    Start {
        profile: String,
        provider: &'static str,
        model: String,
    },
    /// Some of what the model thinks.
    Reasoning(String),
    /// Some of the answer.
    Text(String),
    /// The attempt failed and is made again after `wait`.
    Retry {
        attempt: u32,
        attempts: u32,
        wait: Duration,
        failed: Failed,
    },
    /// All tokens went into thinking: asked once more with a larger budget.
    LargerBudget { from: u32, to: u32 },
    /// Another profile takes over, with its own model.
    Fallback {
        failed: Failed,
        to: String,
        model: String,
    },
    /// The answer could not be used, or the request was refused for its form: asked once more in
    /// another way.
    AskAgain { why: String },
    /// The provider refuses log probabilities: asked once more without them.
    WithoutLogprobs { why: String },
    /// The whole answer, a JSON value that keeps to its schema. Told in place of its text.
    Structured(String),
    /// The answer is complete.
    End(Box<Answer>),
}
