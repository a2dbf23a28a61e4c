//! What came of one answer, and whether it is what was asked for.

use serde_json::Value;

use super::failure;
use super::plan::PlannedTarget;
use crate::chat::answer::Answer;
use crate::chat::confidence::{Confidence, Thresholds};
use crate::chat::declaration::Declared;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::finish_reason::FinishReason;
use crate::chat::refusal::Refusal;
use crate::chat::turn::TurnState;
use crate::config::options::Remark;
use crate::config::{Settings, defaults};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::ports::output::OutputError;

/// How the stream of one answer ended.
pub enum Ending {
    Complete(Box<Answer>),
    Failed(ChatFailure),
    Signalled(Signal, Box<Answer>),
    /// What arrived could not be shown.
    Unshown(OutputError, Box<Answer>),
}

impl Ending {
    /// What has arrived.
    pub fn answer(&mut self) -> &mut Answer {
        match self {
            Self::Complete(answer) | Self::Signalled(_, answer) | Self::Unshown(_, answer) => {
                answer
            }
            Self::Failed(failure) => &mut failure.partial,
        }
    }
}

/// What came of an answer.
pub struct Outcome {
    pub answer: Answer,
    pub state: TurnState,
    /// Why it is not what was asked for.
    pub error: Option<CommandError>,
    /// The refusal behind the error.
    pub refusal: Option<Refusal>,
    /// The value of an answer that matches its schema.
    pub structured: Option<Value>,
    /// Something worth knowing of the answer.
    pub note: Option<String>,
    /// How confident the model is, where it was asked to declare that.
    pub declared: Option<Declared>,
    /// By its log probabilities, or by what it declared.
    pub confidence: Option<Confidence>,
    /// The provider answered without visible text.
    pub is_empty: bool,
    /// Nobody reads any more: the end cannot be shown.
    pub is_unwatched: bool,
    /// Why its requests are not in the ledger, if they are not.
    pub unbooked: Option<CommandError>,
    /// What else the user should read.
    pub remarks: Vec<Remark>,
}

impl Outcome {
    pub fn new(answer: Answer, state: TurnState, error: Option<CommandError>) -> Self {
        Self {
            answer,
            state,
            error,
            refusal: None,
            structured: None,
            note: None,
            declared: None,
            confidence: None,
            is_empty: false,
            is_unwatched: false,
            unbooked: None,
            remarks: Vec::new(),
        }
    }

    /// What has arrived could not be shown.
    pub fn unshown(answer: Answer, error: OutputError) -> Self {
        Self {
            is_unwatched: true,
            ..Self::new(answer, TurnState::Stopped, Some(error.into()))
        }
    }

    /// Why it failed, in the words of its error.
    pub fn error_words(&self) -> Option<String> {
        self.error.as_ref().map(|error| error.message.clone())
    }

    /// Whether a signal ended it.
    pub fn is_signalled(&self) -> bool {
        self.error.as_ref().is_some_and(CommandError::is_signal)
    }
}

/// What an answer is judged by.
#[derive(Clone)]
pub struct Judge {
    /// Of each profile that may be asked, the first first.
    settings: Vec<Settings>,
    thresholds: Thresholds,
    /// An answer that `max_tokens` has cut is an error.
    pub strict: bool,
    /// What to type next is typed at the prompt of the conversation, not in a shell.
    pub is_conversation: bool,
    /// The answer is shown as text, so that a tool call in it has nobody to run it.
    pub is_text: bool,
}

impl Judge {
    pub fn new(targets: &[PlannedTarget]) -> Self {
        let first = targets.first().map(|planned| &planned.settings);
        let thresholds = Thresholds {
            high: first.map_or(defaults::LOGPROB_HIGH, |first| first.logprob_high.value),
            medium: first.map_or(defaults::LOGPROB_MEDIUM, |first| first.logprob_medium.value),
        };
        let settings = targets.iter().map(|planned| planned.settings.clone());
        Self {
            settings: settings.collect(),
            thresholds,
            strict: false,
            is_conversation: false,
            is_text: true,
        }
    }

    /// What an ending means, and why an answer is not what was asked for. An answer with a schema
    /// is judged by that afterwards.
    pub fn judge(&self, ending: Ending, has_schema: bool) -> Outcome {
        match ending {
            Ending::Complete(answer) if has_schema => {
                Outcome::new(*answer, TurnState::Complete, None)
            }
            Ending::Complete(answer) => self.judge_complete(*answer),
            Ending::Failed(failure) => self.judge_failure(failure),
            Ending::Signalled(signal, partial) => {
                let has_arrived = partial.first_token.is_some();
                let note = (has_arrived && signal == Signal::Interrupt)
                    .then(|| "stopped; some providers bill the whole answer anyway".to_owned());
                Outcome {
                    note,
                    ..Outcome::new(*partial, TurnState::Stopped, Some(signal.into()))
                }
            }
            Ending::Unshown(error, partial) => Outcome::unshown(*partial, error),
        }
    }

    /// A complete answer may still not be what was asked for.
    fn judge_complete(&self, answer: Answer) -> Outcome {
        let mut outcome = Outcome::new(answer, TurnState::Complete, None);
        let answer = &outcome.answer;
        if let Some(call) = answer.tool_calls.first().filter(|_| self.is_text) {
            let name = call.name.escape_debug();
            let message = format!("the model called the tool '{name}', and amx chat runs no tools");
            let error = CommandError::new(ErrorKind::Tool, message);
            outcome.error =
                Some(error.hint("amx chat --json …   (gives the call to a program that runs it)"));
        } else if answer.finish_reason == Some(FinishReason::Length) {
            let (message, raise) = self.cut_at_limit(answer);
            if self.strict {
                outcome.error = Some(CommandError::new(ErrorKind::Content, message).hint(raise));
            } else {
                outcome.note = Some(format!("{message}; {raise}"));
            }
        }
        outcome
    }

    /// What to say of an answer that `max_tokens` has cut, and what helps.
    pub fn cut_at_limit(&self, answer: &Answer) -> (String, &'static str) {
        let raise = if self.is_conversation {
            "/max-tokens raises it"
        } else {
            "raise --max-tokens"
        };
        let message = format!(
            "the answer stops at the limit of {} tokens",
            answer.max_tokens
        );
        (message, raise)
    }

    fn judge_failure(&self, failure: ChatFailure) -> Outcome {
        let ChatFailure { error, partial } = failure;
        let settings = self
            .settings
            .iter()
            .find(|settings| settings.profile.value == partial.profile)
            .or(self.settings.first());
        let is_empty = matches!(error, ChatError::Empty { .. });
        let refusal = match &error {
            ChatError::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        };
        let mut explained = match settings {
            Some(settings) => failure::explain(error, settings),
            None => CommandError::new(ErrorKind::Bug, "no profile was asked"),
        };
        explained.generation_id = explained
            .generation_id
            .or_else(|| partial.generation_id.clone());
        // An answer that was under way is incomplete, whatever made it stop.
        let is_under_way = partial.has_visible_text && explained.status.is_none();
        if is_under_way && explained.kind == ErrorKind::TryLater {
            explained.kind = ErrorKind::Cut;
        }
        Outcome {
            refusal,
            is_empty,
            ..Outcome::new(*partial, TurnState::Failed, Some(explained))
        }
    }

    /// How confident the model is of an answer: by its log probabilities, and where a declaration
    /// was asked for (`is_rated`), by that. Only what is complete is rated.
    pub fn confidence(&self, outcome: &Outcome, is_rated: bool) -> Option<Confidence> {
        let logprobs = &outcome.answer.logprobs;
        match (&outcome.error, is_rated) {
            (None, true) => Some(Confidence::judge(
                logprobs,
                outcome.declared.as_ref(),
                self.thresholds,
            )),
            (Some(_), true) => None,
            (_, false) => logprobs.confidence(self.thresholds),
        }
    }
}
