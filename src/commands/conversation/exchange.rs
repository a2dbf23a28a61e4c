//! One exchange of the conversation: a question goes out, the answer is shown as it comes, both are
//! kept.

use super::state::Conversation;
use crate::ask::plan::{self, Planned, Question};
use crate::ask::preflight::parameters::{self, Fitting};
use crate::ask::preflight::{self, capabilities, context_window};
use crate::ask::run::{Asked, Asking, MOST_STORED};
use crate::ask::session::Session;
use crate::ask::spend::SpendGuard;
use crate::ask::{remembered, rounds, schema_source};
use crate::chat::attempts::ChatStream;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::turn::{Turn, TurnState};
use crate::chat::usage::Usage;
use crate::commands::arguments::settings::reasoning_display;
use crate::config::options::Remark;
use crate::config::{Overrides, Settings};
use crate::ports::answer_report::{ContextUse, SessionReport};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;
use crate::secrets::redact::redacted;
use std::time::{Duration, Instant};

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
    /// Asks with the settings that hold; gives how the answer ended. A failure is an error, with
    /// the turn kept all the same.
    pub fn ask(
        &mut self,
        parts: Vec<ContentPart>,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        let overrides = self.overrides.clone();
        self.exchange(parts, 0, &overrides, context)
    }

    /// Asks with overrides that hold for this question alone.
    pub fn ask_with(
        &mut self,
        parts: Vec<ContentPart>,
        overrides: &Overrides,
        context: &mut Context<'_>,
    ) -> Result<TurnState, CommandError> {
        self.exchange(parts, 0, overrides, context)
    }

    /// Asks in place of the last turn, which stays as a branch. It is taken off only when nothing
    /// stands against the question any more. The overrides hold for this question alone.
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
        let settings = Settings::resolve(overrides, &context.environment, &self.config)?;
        let schema = schema_source::of(&settings, context)?;
        let before = self.keeper.path.len().saturating_sub(replaced);
        let question = Question {
            parts: parts.clone(),
            past: &self.keeper.path[..before],
            stream: self.form.streams,
            schema: schema.as_ref(),
        };
        let mut planned = plan::targets(
            settings.clone(),
            overrides,
            &question,
            &self.config,
            context,
        )?;
        self.check(&mut planned, context)?;
        preflight::refuse(&planned, context)?;
        let window = planned
            .first()
            .and_then(|planned| planned.settings.context_window);
        let form = AnswerForm::Text {
            raw: self.form.raw,
            reasoning: reasoning_display(settings.show_reasoning.as_ref().map(|show| show.value)),
        };
        let books = SpendGuard::open(&mut planned, self.form.limit, context)?;
        let mut asking = Asking::new(form, Keep::UpTo(MOST_STORED), books.limit, &planned);
        (asking.strict, asking.is_conversation) = (self.form.strict, true);
        if replaced > 0 {
            self.keeper.undo()?;
        }
        let mut turn = preflight::turn(parts, &settings);
        self.keeper
            .remember(remembered::to_remember(&self.overrides, &self.settings));
        self.keeper.begin(turn.clone());
        self.attached.clear();
        self.editor().hold_typing();
        let mut progress = Progress::new(&mut self.keeper);
        let asked = rounds::ask(
            &mut asking,
            planned,
            schema.as_ref(),
            context,
            &mut |stream| progress.see(stream),
        )?;
        turn.answered(
            &asked.answer,
            asked.state,
            asked.error.as_ref().map(|error| error.message.clone()),
        );
        self.keeper.finish(turn);
        let shown = self.show_end(&asking, &asked, window, context);
        let booked = books.close(&asked.answer.attempts, self.keeper.place_of_last(), context);
        shown?;
        if let Some(unstored) = preflight::storing_failed_for_now(&mut self.keeper, context)
            .or(booked.err().map(|error| error.message))
        {
            context.output.warning(&unstored);
        }
        match asked.error {
            Some(error) if error.kind != ErrorKind::Interrupted => Err(in_conversation(
                capabilities::suggest(error, &settings, context),
            )),
            _ => Ok(asked.state),
        }
    }

    /// Says, once, what is worth saying of the settings; an error for what the model cannot do.
    pub fn check(
        &mut self,
        planned: &mut [Planned],
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let unsupported = parameters::fit(
            planned,
            Fitting {
                strict: self.form.strict,
                force: self.form.force,
            },
            context,
        )?;
        let notes = planned
            .iter()
            .flat_map(|planned| &planned.notes)
            .cloned()
            .map(Remark::Note);
        let warnings = planned
            .iter()
            .flat_map(|planned| &planned.warnings)
            .chain(&unsupported)
            .cloned()
            .map(Remark::Warning);
        self.remark(notes.chain(warnings), context);
        capabilities::check(planned, self.form.force, context)?;
        context_window::check(planned, self.form.force, context).map_err(|error| CommandError {
            hints: ROOM.map(str::to_owned).into(),
            ..error
        })?;
        let is_new = self.warned.insert(self.settings.profile.value.clone());
        if is_new {
            preflight::warn(planned, context);
        }
        Ok(())
    }

    /// Says what was not said before: the next question would say the same.
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
        asking: &Asking,
        asked: &Asked,
        window: Option<u64>,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let last = self.keeper.path.last().map(|kept| &kept.turn);
        let used = last
            .and_then(|turn| turn.usage)
            .and_then(Usage::tokens)
            .map(|(prompt, completion)| prompt.saturating_add(completion));
        let fill = used
            .zip(window)
            .map(|(used, window)| ContextUse { used, window });
        let label = self.keeper.label().unwrap_or_default();
        let session = SessionReport {
            label,
            spent: Some(self.spent()),
            context: fill,
        };
        asking.show_end(asked, Some(session), context)?;
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
        self.keeper
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

/// Stores the answer so far, now and then, so that a kill costs little of it.
struct Progress<'a> {
    keeper: &'a mut Session,
    stored_at: Instant,
}

impl<'a> Progress<'a> {
    fn new(keeper: &'a mut Session) -> Self {
        Self {
            keeper,
            stored_at: Instant::now(),
        }
    }

    fn see(&mut self, stream: &ChatStream) {
        if self.stored_at.elapsed() >= CHECKPOINT
            && let Some((text, reasoning)) = stream.draft()
        {
            self.keeper.progress(&redacted(text), &redacted(reasoning));
            self.stored_at = Instant::now();
        }
    }
}
