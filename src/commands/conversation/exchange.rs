//! One turn of the conversation: sends a question, shows the answer while it arrives, and saves
//! both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hints;
use super::state::Conversation;
use crate::ask::answer_media;
use crate::ask::outcome::Outcome;
use crate::ask::preflight::caps;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::schema_source;
use crate::ask::session::SessionTurn;
use crate::ask::sink::{AnswerSink, TurnPlace};
use crate::ask::suggestion;
use crate::ask::tools::start_servers;
use crate::chat::event::ChatEvent;
use crate::chat::message::ContentPart;
use crate::chat::tool::ToolStep;
use crate::chat::turn::{Turn, TurnState};
use crate::commands::{answer_screen, approval, key_origin};
use crate::config::options::Remark;
use crate::config::{Overrides, Settings};
use crate::ports::answer_report::{ContextUse, SessionReport};
use crate::ports::approval::{Approver, CallToApprove, Decision};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::Input;
use crate::ports::output::{AnswerForm, Output, OutputError, ReasoningDisplay};
use crate::present::count::thousands;
use crate::wire::redact::stored;

/// Interval at which the answer so far is saved.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// Use of the context window from which on a warning is shown, in percent.
const NEARLY_FULL: u64 = 80;

impl Conversation {
    /// Sends a question with the settings of the conversation. Returns the state of the answer.
    ///
    /// # Errors
    /// Why the answer failed; the turn is saved all the same. Also when the question was not sent.
    pub(crate) fn ask(
        &mut self,
        parts: Vec<ContentPart>,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        let overrides = self.overrides.clone();
        self.exchange(parts, 0, &overrides, context)
    }

    /// Sends a question with overrides for it alone.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn ask_with(
        &mut self,
        parts: Vec<ContentPart>,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        self.exchange(parts, 0, overrides, context)
    }

    /// Sends a question in place of the last turn, which stays as a branch. The turn is removed
    /// only when the question is about to be sent. The overrides are for this question alone.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn ask_instead(
        &mut self,
        parts: Vec<ContentPart>,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        self.exchange(parts, 1, overrides, context)
    }

    fn run_options(&self, context: &Context<'_>) -> RunOptions {
        RunOptions {
            limit: self.form.limit,
            strict: self.form.strict,
            is_conversation: true,
            is_saved: self.session.is_saved(),
            indents: context.output.is_terminal(),
            ..RunOptions::default()
        }
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
            tools: Some(&self.tools),
            session: self.session.key(&settings),
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &settings,
            overrides,
            config: &self.config,
        };
        start_servers(&resolved, &self.tools, context)?;
        let prepared = prepare(&resolved, question, self.form.checks(), &context.equipment)?;
        let prepared = self.allowed(prepared, context)?;
        let window = prepared.context_window();
        let show = settings.show_reasoning.as_ref().map(|show| show.value);
        let form = AnswerForm::Text {
            raw: self.form.raw,
            reasoning: ReasoningDisplay::of(show),
        };
        let options = self.run_options(context);
        let mut sink = TurnSink {
            turn: prepared.turn(&settings),
            conversation: self,
            output: &mut *context.output,
            input: &mut *context.input,
            form,
            replaced,
            checkpoint_at: Instant::now(),
        };
        let mut outcome = run(prepared, options, &context.equipment, &mut sink)?;
        answer_media::save(&mut outcome, None);
        self.show_end(&outcome, window, context)?;
        context.remark(&self.session.take_remarks());
        let unbooked = outcome.ledger_error.take().map(|error| error.message);
        if let Some(unstored) = self.session.store_warning().or(unbooked) {
            context.output.warning(&unstored);
        }
        match outcome.error {
            Some(error) if error.kind != ErrorKind::Interrupted => Err(hints::of_answer(
                suggestion::suggest(error, &settings, &context.equipment),
            )),
            _ => Ok(outcome.state),
        }
    }

    /// The turns so far, without the last `replaced`.
    pub(crate) fn past_without(&self, replaced: usize) -> &[SessionTurn] {
        let path = &self.session.path;
        &path[..path.len().saturating_sub(replaced)]
    }

    /// Shows the remarks of a question. Returns it when every check passed.
    ///
    /// # Errors
    /// The error of the failed check.
    pub(crate) fn allowed(
        &mut self,
        prepared: Prepared,
        context: &mut Context<'_>,
    ) -> Result<Prepared, CommandError> {
        self.remark(prepared.remarks.clone(), context);
        let prepared = prepared.allowed()?;
        key_origin::confirm_first(&prepared, context)?;
        Ok(prepared)
    }

    /// Shows the remarks that were not shown before in this conversation.
    pub(crate) fn remark(
        &mut self,
        remarks: impl IntoIterator<Item = Remark>,
        context: &mut Context<'_>,
    ) {
        for remark in remarks {
            match remark {
                Remark::Note(text) if self.shown_remarks.insert(text.clone()) => {
                    context.output.note(&text);
                }
                Remark::Warning(text) if self.shown_remarks.insert(text.clone()) => {
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
        let last = self.session.path.last().map(|stored| &stored.turn);
        let fill = last
            .and_then(Turn::context_tokens)
            .zip(window)
            .map(|(used, window)| ContextUse { used, window });
        let label = self.session.label().unwrap_or_default();
        let session = SessionReport {
            label,
            branch: self.session.branch().map(str::to_owned),
            spent: Some(self.spent()),
            today: caps::day_words(&self.settings, &context.equipment),
            context: fill,
        };
        answer_screen::show_end(outcome, Some(session), context)?;
        self.ask_for_title(outcome.state, context);
        if let Some(fill) = fill.filter(|fill| fill.percent() >= NEARLY_FULL) {
            let words = format!(
                "context window {} % full ({} of {} tokens); /compact summarises the oldest turns",
                fill.percent(),
                thousands(fill.used),
                thousands(fill.window)
            );
            context.output.warning(&words);
        }
        Ok(())
    }

    /// The last turn.
    ///
    /// # Errors
    /// When the conversation has none.
    pub(crate) fn last_turn(&self) -> Result<&Turn, CommandError> {
        let none = || CommandError::usage("no question asked yet").hint("type a question");
        self.session
            .path
            .last()
            .map(|stored| &stored.turn)
            .ok_or_else(none)
    }
}

/// Shows the answer while it arrives, and saves question and answer.
struct TurnSink<'a> {
    conversation: &'a mut Conversation,
    output: &'a mut dyn Output,
    input: &'a mut dyn Input,
    form: AnswerForm,
    turn: Turn,
    /// The number of turns at the end of the branch that this one replaces.
    replaced: usize,
    checkpoint_at: Instant,
}

impl AnswerSink for TurnSink<'_> {
    fn sending(&mut self) -> Result<(), CommandError> {
        let conversation = &mut *self.conversation;
        for _ in 0..self.replaced {
            conversation.session.undo()?;
        }
        let settings = conversation.session_settings();
        conversation.session.save_settings(settings);
        conversation.session.add(self.turn.clone());
        conversation.sent += 1;
        let remarks = conversation.session.take_remarks();
        // A turn that is sent again keeps its own attachments, and the others are for the next one.
        if self.replaced == 0 {
            conversation.attached.clear();
        }
        conversation.editor().hold_typing();
        self.checkpoint_at = Instant::now();
        for remark in remarks {
            match remark {
                Remark::Note(text) => self.output.note(&text),
                Remark::Warning(text) => self.output.warning(&text),
            }
        }
        Ok(())
    }

    fn start(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        self.output.answer_event(event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.output.flush_answer()
    }

    /// Saves the answer so far at intervals, so that little of it is lost when the process is
    /// killed.
    fn draft(&mut self, text: &str, reasoning: &str) {
        if self.checkpoint_at.elapsed() >= CHECKPOINT {
            let session = &mut self.conversation.session;
            session.checkpoint(&stored(text), &stored(reasoning));
            self.checkpoint_at = Instant::now();
        }
    }

    fn step(&mut self, step: &ToolStep) {
        self.turn.add_step(step);
        let session = &mut self.conversation.session;
        session.checkpoint_steps(&self.turn.steps);
    }

    fn approver(&mut self) -> Option<&mut dyn Approver> {
        self.input.can_ask().then_some(self)
    }

    fn end(&mut self, outcome: &Outcome) -> Option<TurnPlace> {
        let mut turn = self.turn.clone();
        turn.answered(&outcome.answer, outcome.state, outcome.error_message());
        self.conversation.session.finish(turn);
        self.conversation.session.last_place()
    }
}

impl Approver for TurnSink<'_> {
    fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError> {
        let decisions = approval::ask(calls, self.output, self.input);
        // The prompt gets the keyboard and the screen back, also after Ctrl-C.
        self.conversation.editor().hold_typing();
        decisions
    }
}
