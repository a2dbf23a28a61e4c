//! The result of one answer, and the judgement of whether it is usable.

use serde_json::Value;

use super::adjustments::Learned;
use super::failure;
use super::plan::PlannedTarget;
use super::preflight::context_window;
use crate::chat::answer::Answer;
use crate::chat::confidence::{Confidence, Thresholds};
use crate::chat::declaration::Declared;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::finish_reason::FinishReason;
use crate::chat::media::described;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::turn::TurnState;
use crate::config::options::Remark;
use crate::config::{Settings, defaults};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::ports::output::OutputError;
use crate::ports::saved_media::SavedMedia;
use crate::present::count::token_words;

/// How the stream of one answer ended.
pub(crate) enum Ending {
    Complete(Box<Answer>),
    Failed(Box<ChatFailure>),
    Signalled(Signal, Box<Answer>),
    /// The output failed while the answer was arriving.
    OutputFailed(OutputError, Box<Answer>),
}

impl Ending {
    /// What has arrived of the answer.
    pub(crate) fn answer(&mut self) -> &mut Answer {
        match self {
            Self::Complete(answer) | Self::Signalled(_, answer) | Self::OutputFailed(_, answer) => {
                answer
            }
            Self::Failed(failure) => &mut failure.partial,
        }
    }
}

/// The result of one answer.
pub(crate) struct Outcome {
    pub answer: Answer,
    pub state: TurnState,
    /// Why the answer is missing, incomplete or unusable.
    pub error: Option<CommandError>,
    /// The provider's refusal, when that is the error.
    pub refusal: Option<Refusal>,
    /// The value of an answer that matches its schema.
    pub structured: Option<Value>,
    /// The command of an answer to `-e`, as `--json` has it.
    pub command: Option<Value>,
    /// A note about the answer, for the user.
    pub note: Option<String>,
    /// The confidence that the model declared, when that was requested.
    pub declared: Option<Declared>,
    /// From the log probabilities, or from the declared confidence.
    pub confidence: Option<Confidence>,
    /// The provider returned no visible text.
    pub is_empty: bool,
    /// The output is closed, so the end of the answer cannot be shown either.
    pub is_output_closed: bool,
    /// Why its requests could not be written to the ledger.
    pub ledger_error: Option<CommandError>,
    /// What servers refused of what amx sends by itself.
    pub learned: Vec<Learned>,
    /// Further notes and warnings for the user.
    pub remarks: Vec<Remark>,
    /// Its images, audio and video, once they are saved.
    pub saved: Vec<SavedMedia>,
}

impl Outcome {
    pub(crate) fn new(answer: Answer, state: TurnState, error: Option<CommandError>) -> Self {
        Self {
            answer,
            state,
            error,
            refusal: None,
            structured: None,
            command: None,
            note: None,
            declared: None,
            confidence: None,
            is_empty: false,
            is_output_closed: false,
            ledger_error: None,
            learned: Vec::new(),
            remarks: Vec::new(),
            saved: Vec::new(),
        }
    }

    /// The outcome when the output failed.
    pub(crate) fn output_failed(answer: Answer, error: OutputError) -> Self {
        Self {
            is_output_closed: true,
            ..Self::new(answer, TurnState::Stopped, Some(error.into()))
        }
    }

    /// The message of its error.
    pub(crate) fn error_message(&self) -> Option<String> {
        self.error.as_ref().map(|error| error.message.clone())
    }

    /// Whether a signal ended it.
    pub(crate) fn is_signalled(&self) -> bool {
        self.error.as_ref().is_some_and(CommandError::is_signal)
    }
}

/// The settings and options by which an answer is judged.
#[derive(Clone)]
pub(crate) struct Judge {
    /// Of each target, in order.
    settings: Vec<Settings>,
    has_attachments: bool,
    thresholds: Thresholds,
    /// An answer that reached `max_tokens` is an error.
    pub strict: bool,
    /// Hints name slash commands instead of shell commands.
    pub is_conversation: bool,
    /// The answer is shown as text, so that no program can run a tool call in it.
    pub is_text: bool,
    /// Its tool calls are run.
    pub runs_tools: bool,
}

impl Judge {
    pub(crate) fn new(targets: &[PlannedTarget]) -> Self {
        let first = targets.first().map(|planned| &planned.settings);
        let thresholds = Thresholds {
            high: first.map_or(defaults::LOGPROB_HIGH, |first| first.logprob_high.value),
            medium: first.map_or(defaults::LOGPROB_MEDIUM, |first| first.logprob_medium.value),
        };
        let settings = targets.iter().map(|planned| planned.settings.clone());
        Self {
            settings: settings.collect(),
            has_attachments: targets.first().is_some_and(context_window::has_attachments),
            thresholds,
            strict: false,
            is_conversation: false,
            is_text: true,
            runs_tools: false,
        }
    }

    /// The outcome of an ending. A complete answer with a schema is judged against it afterwards.
    pub(crate) fn judge(&self, ending: Ending, has_schema: bool) -> Outcome {
        match ending {
            Ending::Complete(answer) => {
                let media = media_remark(&answer);
                let mut outcome = if has_schema {
                    Outcome::new(*answer, TurnState::Complete, None)
                } else {
                    self.judge_complete(*answer)
                };
                outcome.remarks.extend(media);
                outcome
            }
            Ending::Failed(failure) => self.judge_failure(*failure),
            Ending::Signalled(signal, partial) => {
                let note = match (signal, partial.first_token) {
                    (Signal::Interrupt, Some(_)) => {
                        Some("stopped; some providers bill the full answer anyway".to_owned())
                    }
                    (Signal::Interrupt, None) => self.stop_note(),
                    _ => None,
                };
                Outcome {
                    note,
                    ..Outcome::new(*partial, TurnState::Stopped, Some(signal.into()))
                }
            }
            Ending::OutputFailed(error, partial) => Outcome::output_failed(*partial, error),
        }
    }

    /// The note for an answer that was stopped before its text. Outside a conversation the exit
    /// code says it.
    pub(crate) fn stop_note(&self) -> Option<String> {
        self.is_conversation.then(|| "stopped".to_owned())
    }

    /// A complete answer may still be a tool call, or have reached `max_tokens`.
    fn judge_complete(&self, answer: Answer) -> Outcome {
        let mut outcome = Outcome::new(answer, TurnState::Complete, None);
        let answer = &outcome.answer;
        if self.runs_tools && !answer.tool_calls.is_empty() {
            return outcome;
        }
        if let Some(call) = answer.tool_calls.first().filter(|_| self.is_text) {
            let name = call.name.escape_debug();
            let message =
                format!("the model called tool '{name}', but amx chat does not run tools");
            let error = CommandError::new(ErrorKind::Tool, message);
            outcome.error =
                Some(error.hint("amx chat --json …   (prints the tool call for your program)"));
        } else if answer.finish_reason == Some(FinishReason::Length) {
            let (message, raise) = self.limit_reached(answer);
            if self.strict {
                outcome.error = Some(CommandError::new(ErrorKind::Content, message).hint(raise));
            } else {
                outcome.note = Some(format!("{message}; {raise}"));
            }
        }
        outcome
    }

    /// The message for an answer that reached `max_tokens`, and the hint.
    pub(crate) fn limit_reached(&self, answer: &Answer) -> (String, &'static str) {
        let raise = if self.is_conversation {
            "raise it with /max-tokens"
        } else {
            "raise it with --max-tokens"
        };
        let message = format!(
            "the answer is incomplete: it reached the limit of {}",
            token_words(answer.max_tokens.into())
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
            None => CommandError::new(ErrorKind::Bug, "no target was planned"),
        };
        explained.generation_id = explained
            .generation_id
            .or_else(|| partial.generation_id.clone());
        let is_prompt_too_long = refusal
            .as_ref()
            .is_some_and(|refusal| refusal.kind == RefusalKind::ContextLength);
        if self.is_conversation && is_prompt_too_long {
            explained.hints.clear();
            explained = explained.hints(context_window::in_conversation(self.has_attachments));
        }
        // An answer with visible text is incomplete, whatever ended it.
        let has_started = partial.has_visible_text && explained.status.is_none();
        if has_started && explained.kind == ErrorKind::TryLater {
            explained.kind = ErrorKind::Cut;
        }
        Outcome {
            refusal,
            is_empty,
            ..Outcome::new(*partial, TurnState::Failed, Some(explained))
        }
    }

    /// The confidence of an answer: from its log probabilities, or from the declared confidence if
    /// one was requested (`is_rated`). Only complete answers are rated.
    pub(crate) fn confidence(&self, outcome: &Outcome, is_rated: bool) -> Option<Confidence> {
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

/// The note about parts of an answer that are neither shown nor saved.
fn media_remark(answer: &Answer) -> Option<Remark> {
    let parts = answer.media.iter().filter(|part| !part.kind.is_saved());
    let parts = described(&parts.cloned().collect::<Vec<_>>());
    (!parts.is_empty()).then(|| {
        Remark::Note(format!(
            "the answer also has {parts}, which amx cannot show"
        ))
    })
}
