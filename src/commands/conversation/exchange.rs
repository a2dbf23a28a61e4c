//! One exchange of the conversation: a question goes out, the answer is shown as it comes, both are
//! kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::state::Conversation;
use crate::ask::outcome::Outcome;
use crate::ask::preflight::{FailedCheck, capabilities};
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::schema_source;
use crate::ask::session::SessionTurn;
use crate::ask::sink::{AnswerSink, TurnPlace};
use crate::chat::event::ChatEvent;
use crate::chat::message::ContentPart;
use crate::chat::turn::{Turn, TurnState};
use crate::chat::usage::Usage;
use crate::commands::{answer_screen, key_binding};
use crate::config::options::Remark;
use crate::config::{Overrides, Settings};
use crate::ports::answer_report::{ContextUse, SessionReport};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, Output, OutputError, ReasoningDisplay};
use crate::secrets::redact::redacted;

/// How often the answer so far is stored while it comes.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// Percents of the context from which on it is worth a warning.
const NEARLY_FULL: u64 = 80;

/// What makes room for a question that is too long.
const ROOM: [&str; 3] = [
    "/file off   (takes attachments back)",
    "/compact   (summarises the oldest turns)",
    "/model ID   (asks one with a larger context)",
];

impl Conversation {
    /// Asks with the settings of the conversation; gives how the answer ended. A failure is an
    /// error, with the turn stored all the same.
    pub fn ask(
        &mut self,
        parts: Vec<ContentPart>,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        let overrides = self.overrides.clone();
        self.exchange(parts, 0, &overrides, context)
    }

    /// Asks with overrides for this question alone.
    pub fn ask_with(
        &mut self,
        parts: Vec<ContentPart>,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        self.exchange(parts, 0, overrides, context)
    }

    /// Asks in place of the last turn, which stays as a branch: it is taken off only once the
    /// question is about to be sent. The overrides are for this question alone.
    pub fn ask_instead(
        &mut self,
        parts: Vec<ContentPart>,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        self.exchange(parts, 1, overrides, context)
    }

    fn exchange(
        &mut self,
        parts: Vec<ContentPart>,
        replaced: usize,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        let environment = &context.equipment.environment;
        let settings = Settings::resolve(overrides, environment, &self.config)?;
        let schema = schema_source::of(&settings, &context.equipment)?.map(Arc::new);
        let question = Question {
            parts,
            past: self.past_without(replaced),
            stream: self.form.streams,
            schema,
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &settings,
            overrides,
            config: &self.config,
        };
        let prepared = prepare(&resolved, question, self.form.checks(), &context.equipment)?;
        let prepared = self.allowed(prepared, context)?;
        let window = prepared.context_window();
        let show = settings.show_reasoning.as_ref().map(|show| show.value);
        let form = AnswerForm::Text {
            raw: self.form.raw,
            reasoning: ReasoningDisplay::of(show),
        };
        let options = RunOptions {
            limit: self.form.limit,
            strict: self.form.strict,
            is_conversation: true,
            indents: context.output.is_terminal(),
            ..RunOptions::default()
        };
        let mut sink = Exchange {
            turn: prepared.turn(&settings),
            conversation: self,
            output: &mut *context.output,
            form,
            replaced,
            stored_at: Instant::now(),
        };
        let mut outcome = run(prepared, options, &context.equipment, &mut sink)?;
        self.show_end(&outcome, window, context)?;
        context.remark(&self.session.take_remark());
        let unbooked = outcome.unbooked.take().map(|error| error.message);
        if let Some(unstored) = self.session.failure_for_now().or(unbooked) {
            context.output.warning(&unstored);
        }
        match outcome.error {
            Some(error) if error.kind != ErrorKind::Interrupted => Err(in_conversation(
                capabilities::suggest(error, &settings, &context.equipment),
            )),
            _ => Ok(outcome.state),
        }
    }

    /// The turns so far, without so many at the end.
    pub fn past_without(&self, replaced: usize) -> &[SessionTurn] {
        let path = &self.session.path;
        &path[..path.len().saturating_sub(replaced)]
    }

    /// Shows what the user should read, once, and gives the question when it may be sent.
    pub fn allowed(
        &mut self,
        prepared: Prepared,
        context: &mut Context<'_>,
    ) -> Result<Prepared, CommandError> {
        self.remark(prepared.remarks.clone(), context);
        let is_too_long = prepared.failed_check() == Some(FailedCheck::ContextWindow);
        let prepared = prepared.allowed().map_err(|error| {
            if is_too_long {
                CommandError {
                    hints: ROOM.map(str::to_owned).into(),
                    ..error
                }
            } else {
                error
            }
        })?;
        key_binding::confirm_first(&prepared, context)?;
        Ok(prepared)
    }

    /// Shows what was not shown before: the next question would repeat it.
    pub fn remark(&mut self, remarks: impl IntoIterator<Item = Remark>, context: &mut Context<'_>) {
        for remark in remarks {
            match remark {
                Remark::Note(text) if self.warned.insert(text.clone()) => {
                    context.output.note(&text);
                }
                Remark::Warning(text) if self.warned.insert(text.clone()) => {
                    context.output.warning(&text);
                }
                _ => {}
            }
        }
    }

    fn show_end(
        &mut self,
        outcome: &Outcome,
        window: Option<u64>,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let last = self.session.path.last().map(|kept| &kept.turn);
        let used = last
            .and_then(|turn| turn.usage)
            .and_then(Usage::tokens)
            .map(|(prompt, completion)| prompt.saturating_add(completion));
        let fill = used
            .zip(window)
            .map(|(used, window)| ContextUse { used, window });
        let label = self.session.label().unwrap_or_default();
        let session = SessionReport {
            label,
            spent: Some(self.spent()),
            context: fill,
        };
        answer_screen::show_end(outcome, Some(session), context)?;
        if let Some(fill) = fill.filter(|fill| fill.percent() >= NEARLY_FULL) {
            let words = format!(
                "{} % of the model's context of {} tokens is used; /compact summarises the oldest \
                turns",
                fill.percent(),
                fill.window
            );
            context.output.warning(&words);
        }
        Ok(())
    }

    /// The last turn, if there is one.
    pub fn last_turn(&self) -> Result<&Turn, CommandError> {
        let nothing = || CommandError::usage("nothing has been asked yet").hint("type a question");
        self.session
            .path
            .last()
            .map(|kept| &kept.turn)
            .ok_or_else(nothing)
    }
}

/// A failure inside the conversation: what to type next is typed here.
pub fn in_conversation(mut error: CommandError) -> CommandError {
    if error.is_quiet() {
        return error;
    }
    error
        .hints
        .retain(|hint| !hint.starts_with("run the same command again"));
    match error.kind {
        ErrorKind::Network | ErrorKind::TryLater | ErrorKind::Cut | ErrorKind::Content => {
            error.hints.insert(
                0,
                "/retry   (asks again; /retry MODEL asks another)".to_owned(),
            );
        }
        ErrorKind::Refused => error.hints.push("/retry MODEL   (asks another)".to_owned()),
        _ => {}
    }
    error
}

/// Shows the answer while it arrives, and stores question and answer.
struct Exchange<'a> {
    conversation: &'a mut Conversation,
    output: &'a mut dyn Output,
    form: AnswerForm,
    turn: Turn,
    /// Turns that this one takes the place of.
    replaced: usize,
    stored_at: Instant,
}

impl AnswerSink for Exchange<'_> {
    fn sending(&mut self) -> Result<(), CommandError> {
        let conversation = &mut *self.conversation;
        for _ in 0..self.replaced {
            conversation.session.undo()?;
        }
        let remembered = conversation.remembered();
        conversation.session.remember(remembered);
        conversation.session.begin(self.turn.clone());
        conversation.attached.clear();
        conversation.editor().hold_typing();
        self.stored_at = Instant::now();
        Ok(())
    }

    fn begin(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        self.output.answer_event(event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.output.flush_answer()
    }

    /// Stores the answer so far, now and then, so that a kill costs little of it.
    fn draft(&mut self, text: &str, reasoning: &str) {
        if self.stored_at.elapsed() >= CHECKPOINT {
            let session = &mut self.conversation.session;
            session.progress(&redacted(text), &redacted(reasoning));
            self.stored_at = Instant::now();
        }
    }

    fn end(&mut self, outcome: &Outcome) -> Option<TurnPlace> {
        let mut turn = self.turn.clone();
        turn.answered(&outcome.answer, outcome.state, outcome.error_words());
        self.conversation.session.finish(turn);
        self.conversation.session.place_of_last()
    }
}
