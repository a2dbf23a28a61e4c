//! The events of an answer in the making.

use std::time::Duration;

use super::answer::Answer;
use super::attempt_status::AttemptStatus;
use super::tool::EndedCall;

/// An attempt that failed.
#[derive(Debug)]
pub struct FailedAttempt {
    pub profile: String,
    pub model: String,
    pub status: AttemptStatus,
    /// The error in one line.
    pub why: String,
    /// The event before reported the same words.
    pub is_repeated: bool,
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
    /// A piece of the reasoning.
    Reasoning(String),
    /// A piece of the answer.
    Text(String),
    /// The attempt failed; the next one follows after `wait`.
    Retry {
        attempt: u32,
        attempts: u32,
        wait: Duration,
        failed: FailedAttempt,
    },
    /// All tokens were spent on reasoning: sent once more with a larger budget.
    LargerBudget { from: u32, to: u32 },
    /// The next profile follows, with its own model.
    Fallback {
        failed: FailedAttempt,
        to: String,
        model: String,
    },
    /// The answer could not be used, or the form of the request was refused: sent once more in
    /// another form.
    AskAgain { why: String },
    /// The provider refuses log probabilities: sent once more without them.
    WithoutLogprobs { why: String },
    /// The whole answer, a JSON value that matches its schema, in place of its text.
    Structured(String),
    /// The text so far has ended; calls of tools follow it.
    Calls,
    /// These tools run, each named once: reported when they start and whenever one has ended.
    Running(Vec<String>),
    /// A call has ended, whether or not it ran.
    CallEnded(Box<EndedCall>),
    /// So many results of calls were shortened to fit into the context window.
    Shortened { results: usize },
    /// The answer is complete.
    End(Box<Answer>),
}
