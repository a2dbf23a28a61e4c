//! Asks: pulls the events of one answer and shows them, until it is complete, fails or is stopped.

use std::time::Duration;

use serde_json::Value;

use super::plan::Planned;
use super::{failure, preflight};
use crate::chat::answer::Answer;
use crate::chat::attempts::ChatStream;
use crate::chat::confidence::Thresholds;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::finish_reason::FinishReason;
use crate::chat::keep::Keep;
use crate::chat::refusal::Refusal;
use crate::chat::target::{AskOptions, Target};
use crate::chat::turn::TurnState;
use crate::config::{Settings, defaults};
use crate::ports::answer_report::{AnswerReport, SessionReport};
use crate::ports::context::{Context, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::{Interrupt, Signal};
use crate::ports::output::{AnswerForm, OutputError};

/// Most that is kept in memory of a text, and of its thoughts, when only the store wants them; in
/// bytes.
pub const MOST_STORED: usize = 16 * 1024 * 1024;

/// Time for a signal to arrive after what it ended.
const SIGNAL_GRACE: Duration = Duration::from_millis(100);

/// How to ask, and how to show what comes.
pub struct Asking {
    pub form: AnswerForm,
    pub options: AskOptions,
    pub thresholds: Thresholds,
    pub strict: bool,
    /// What to type next is typed at the prompt, not in a shell.
    pub is_conversation: bool,
    /// Text is not shown while it comes, and what was asked for is judged by whoever asks.
    pub withholds_text: bool,
    /// Of each profile that may be asked, the first first.
    settings: Vec<Settings>,
}

/// What came of it.
pub struct Asked {
    pub answer: Answer,
    pub state: TurnState,
    /// Why it is not what was asked for.
    pub error: Option<CommandError>,
    /// The refusal that the error tells of.
    pub refusal: Option<Refusal>,
    /// The value of an answer that keeps to its schema.
    pub structured: Option<Value>,
    /// Something worth knowing of the answer.
    pub note: Option<String>,
    /// Nobody reads any more: the end cannot be shown.
    pub is_unwatched: bool,
}

impl Asked {
    pub fn new(answer: Answer, state: TurnState, error: Option<CommandError>) -> Self {
        Self {
            answer,
            state,
            error,
            refusal: None,
            structured: None,
            note: None,
            is_unwatched: false,
        }
    }

    /// What has arrived could not be shown.
    pub fn unshown(answer: Answer, error: OutputError) -> Self {
        Self {
            is_unwatched: true,
            ..Self::new(answer, TurnState::Stopped, Some(error.into()))
        }
    }
}

/// How the pulling of events ended.
pub enum Ending {
    Complete(Box<Answer>),
    Failed(ChatFailure),
    Signalled(Signal, Box<Answer>),
    /// What arrived could not be shown.
    Unshown(OutputError, Box<Answer>),
}

impl Asking {
    pub fn new(form: AnswerForm, keep: Keep, limit: Option<Duration>, planned: &[Planned]) -> Self {
        let settings: Vec<Settings> = planned
            .iter()
            .map(|planned| planned.settings.clone())
            .collect();
        let silence = settings
            .first()
            .map_or(defaults::SILENCE, |settings| settings.silence.value);
        let high = settings.first().map_or(defaults::LOGPROB_HIGH, |settings| {
            settings.logprob_high.value
        });
        let medium = settings
            .first()
            .map_or(defaults::LOGPROB_MEDIUM, |settings| {
                settings.logprob_medium.value
            });
        let options = AskOptions {
            silence,
            limit,
            used: Duration::ZERO,
            keep,
        };
        let thresholds = Thresholds { high, medium };
        Self {
            form,
            options,
            thresholds,
            strict: false,
            is_conversation: false,
            withholds_text: false,
            settings,
        }
    }

    /// Asks, and shows what comes while it comes. `observe` sees what has arrived after each event.
    /// The end is shown by [`show_end`](Self::show_end).
    pub fn ask(
        &self,
        targets: Vec<Target>,
        context: &mut Context<'_>,
        observe: &mut dyn FnMut(&ChatStream),
    ) -> Result<Asked, CommandError> {
        context.output.begin_answer(self.form);
        context.interrupt.arm();
        let interrupt = context.interrupt.clone();
        let ending = block_on(self.pull(targets, context, observe));
        interrupt.disarm();
        Ok(self.judge(ending??))
    }

    async fn pull(
        &self,
        targets: Vec<Target>,
        context: &mut Context<'_>,
        observe: &mut dyn FnMut(&ChatStream),
    ) -> Result<Ending, CommandError> {
        let mut stream = preflight::start(targets, self.options).await?;
        let interrupt = context.interrupt.clone();
        loop {
            if !stream.has_event_ready()
                && let Err(error) = context.output.flush_answer()
            {
                return Ok(Ending::Unshown(error, Box::new(stream.into_partial())));
            }
            let event = tokio::select! {
                biased;
                signal = interrupt.wait() => return Ok(Ending::Signalled(signal, Box::new(stream.into_partial()))),
                event = stream.next() => event,
            };
            match event {
                Ok(Some(ChatEvent::End(answer))) => return Ok(Ending::Complete(answer)),
                Ok(Some(event)) => {
                    observe(&stream);
                    if self.withholds_text && matches!(event, ChatEvent::Text(_)) {
                        continue;
                    }
                    if let Err(error) = context.output.answer_event(&event) {
                        return Ok(Ending::Unshown(error, Box::new(stream.into_partial())));
                    }
                }
                Ok(None) => return Ok(Ending::Complete(Box::default())),
                Err(failure) => return Ok(Self::ending_of(failure, &interrupt).await),
            }
        }
    }

    /// A signal to the whole group also ends the program that was asked for a key: then the signal
    /// is the reason.
    pub async fn ending_of(failure: ChatFailure, interrupt: &Interrupt) -> Ending {
        use crate::secrets::SecretError;
        if !matches!(
            failure.error,
            ChatError::Secret(SecretError::Command { .. } | SecretError::Invalid { .. })
        ) {
            return Ending::Failed(failure);
        }
        match tokio::time::timeout(SIGNAL_GRACE, interrupt.wait()).await {
            Ok(signal) => Ending::Signalled(signal, failure.partial),
            Err(_) => Ending::Failed(failure),
        }
    }

    /// What an ending means, and why an answer is not what was asked for.
    pub fn judge(&self, ending: Ending) -> Asked {
        match ending {
            Ending::Complete(answer) => self.judge_complete(*answer),
            Ending::Failed(failure) => self.judge_failure(failure),
            Ending::Signalled(signal, partial) => {
                let has_arrived = partial.first_token.is_some();
                let note = (has_arrived && signal == Signal::Interrupt).then(|| {
                    "stopped; some providers bill the whole answer all the same".to_owned()
                });
                Asked {
                    note,
                    ..Asked::new(*partial, TurnState::Stopped, Some(signal.into()))
                }
            }
            Ending::Unshown(error, partial) => Asked::unshown(*partial, error),
        }
    }

    /// A complete answer may still not be what was asked for.
    fn judge_complete(&self, answer: Answer) -> Asked {
        let mut asked = Asked::new(answer, TurnState::Complete, None);
        if self.withholds_text {
            return asked;
        }
        let answer = &asked.answer;
        if let Some(call) = answer.tool_calls.first()
            && matches!(self.form, AnswerForm::Text { .. })
        {
            let name = call.name.escape_debug();
            let error = CommandError::new(
                ErrorKind::Tool,
                format!("the model asked to call the tool '{name}', and amx chat runs no tools"),
            );
            asked.error =
                Some(error.hint("amx chat --json …   (gives the call to a program that runs it)"));
        } else if answer.finish_reason == Some(FinishReason::Length) {
            let (message, raise) = self.cut_at_limit(answer);
            if self.strict {
                asked.error = Some(CommandError::new(ErrorKind::Content, message).hint(raise));
            } else {
                asked.note = Some(format!("{message}; {raise}"));
            }
        }
        asked
    }

    /// What is to be said of an answer that `max_tokens` has cut, and what helps.
    pub fn cut_at_limit(&self, answer: &Answer) -> (String, &'static str) {
        let raise = if self.is_conversation {
            "/max-tokens raises it"
        } else {
            "raise --max-tokens"
        };
        (
            format!(
                "the answer stops at the limit of {} tokens",
                answer.max_tokens
            ),
            raise,
        )
    }

    fn judge_failure(&self, failure: ChatFailure) -> Asked {
        let ChatFailure { error, partial } = failure;
        let settings = self
            .settings
            .iter()
            .find(|settings| settings.profile.value == partial.profile)
            .or(self.settings.first());
        let refusal = if let ChatError::Refused(refusal) = &error {
            Some(refusal.clone())
        } else {
            None
        };
        let mut explained = match settings {
            Some(settings) => failure::explain(error, settings),
            None => CommandError::new(ErrorKind::Bug, "no profile was asked"),
        };
        explained.generation_id = explained
            .generation_id
            .or_else(|| partial.generation_id.clone());
        // An answer that was under way has been cut, whatever made it stop.
        if partial.has_visible_text
            && explained.kind == ErrorKind::TryLater
            && explained.status.is_none()
        {
            explained.kind = ErrorKind::Cut;
        }
        Asked {
            refusal,
            ..Asked::new(*partial, TurnState::Failed, Some(explained))
        }
    }

    /// Shows how it ended: the status line, or the object; then what is worth knowing.
    pub fn show_end(
        &self,
        asked: &Asked,
        session: Option<SessionReport>,
        context: &mut Context<'_>,
    ) -> Result<(), OutputError> {
        if asked.is_unwatched {
            return Ok(());
        }
        let mut report = AnswerReport::new(&asked.answer, self.thresholds, asked.state, session);
        report.is_replayed = context.is_replaying();
        report.structured = asked.structured.as_ref();
        context.output.end_answer(&report)?;
        if let Some(note) = &asked.note {
            context.output.note(note);
        }
        Ok(())
    }
}
