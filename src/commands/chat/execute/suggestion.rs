//! Asks a model for a command, and saves the turn.

use std::sync::Arc;

use crate::ask::outcome::Outcome;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Question, Resolved};
use crate::ask::run::{RunOptions, run as ask};
use crate::ask::session::Session;
use crate::ask::shell_command::{self, ShellCommand};
use crate::ask::suggestion as model_suggestion;
use crate::chat::finish_reason::FinishReason;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::schema::Way;
use crate::chat::turn::TurnState;
use crate::commands::answer_screen::show_end;
use crate::commands::chat::args::ChatArgs;
use crate::commands::chat::once_sink::{self, OnceSink};
use crate::commands::chat_setup::ChatSetup;
use crate::commands::key_origin;
use crate::config::Settings;
use crate::platform::shell::{CommandShell, system_words};
use crate::ports::answer_report::SessionReport;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;

/// The answer to a request for a command.
pub(super) struct Suggestion {
    outcome: Outcome,
    /// `None` when the answer has none; the outcome has the reason.
    pub command: Option<ShellCommand>,
    pub form: AnswerForm,
    is_stored: bool,
}

impl Suggestion {
    /// Asks for a command. `None` after `--dry-run`, which prints the body.
    ///
    /// # Errors
    /// When nothing could be sent.
    pub(super) fn ask(
        parts: Vec<ContentPart>,
        shell: &CommandShell,
        args: &ChatArgs,
        setup: &mut ChatSetup,
        context: &mut Context<'_>,
    ) -> Result<Option<Self>, CommandError> {
        let prepared = prepared(&parts, shell, args, setup, context)?;
        context.remark(&prepared.remarks);
        if args.dry_run {
            crate::commands::chat::once::dry_run(&prepared, context)?;
            return Ok(None);
        }
        let prepared = prepared.allowed()?;
        key_origin::confirm_first(&prepared, context)?;
        let show = setup.settings.show_reasoning.as_ref();
        let form = args.form(show.map(|show| show.value));
        let options = RunOptions {
            keep: Keep::Everything,
            limit: args.ask.timeout,
            is_saved: setup.session.as_ref().is_some_and(Session::is_saved),
            strict: args.ask.strict,
            is_text: matches!(form, AnswerForm::Text { .. }),
            // Another form of the answer is read as well, without a second request.
            repairs: false,
            ..RunOptions::default()
        };
        let markdown = |outcome: &Outcome| {
            let command = read(outcome).filter(|command| !command.text.is_empty())?;
            Some(command.to_markdown(shell.language()))
        };
        let mut sink = OnceSink {
            turn: Some(prepared.turn(&setup.settings)),
            output: &mut *context.output,
            input: &mut *context.input,
            form,
            // Its progress is shown, and its text is not.
            withholds_text: matches!(form, AnswerForm::Text { .. }),
            stored_text: Some(&markdown),
            setup,
            is_stored: false,
        };
        let mut outcome = ask(prepared, options, &context.equipment, &mut sink)?;
        let is_stored = sink.is_stored;
        let command = settle(&mut outcome, shell);
        Ok(Some(Self {
            outcome,
            command,
            form,
            is_stored,
        }))
    }

    /// Shows the end of the answer, and returns the first error.
    ///
    /// # Errors
    /// Why there is no command, or why the turn could not be saved.
    pub(super) fn end(
        mut self,
        setup: &mut ChatSetup,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let session = setup.session.as_ref().filter(|_| self.is_stored);
        let report = session.and_then(Session::label).map(SessionReport::named);
        show_end(&self.outcome, report, context)?;
        let unstored = once_sink::unstored(&mut self.outcome, setup, context);
        let failed = self
            .outcome
            .error
            .map(|error| model_suggestion::suggest(error, &setup.settings, &context.equipment));
        context.first_of(failed, unstored)
    }
}

/// The request: with the schema, or as text where the model supports neither schemas nor tools.
fn prepared(
    parts: &[ContentPart],
    shell: &CommandShell,
    args: &ChatArgs,
    setup: &ChatSetup,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    let system = system_words();
    let in_form = |has_schema: bool| {
        let mut overrides = setup.overrides.clone();
        let more = overrides.system.take().filter(|more| !more.is_empty());
        let instructions = shell_command::instructions(shell, &system, has_schema, more.as_deref());
        overrides.system = Some(instructions);
        let environment = &context.equipment.environment;
        let settings = Settings::resolve(&overrides, environment, &setup.config)?;
        let question = Question {
            parts: parts.to_vec(),
            past: setup.past(),
            stream: !args.ask.no_stream,
            schema: shell_command::schema().filter(|_| has_schema).map(Arc::new),
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &settings,
            overrides: &overrides,
            config: &setup.config,
        };
        prepare(&resolved, question, args.checks(), &context.equipment)
    };
    let with_schema = in_form(true)?;
    let way = with_schema.first().and_then(|first| first.form.as_ref());
    if way.is_some_and(|form| form.way == Way::Instructions) {
        return in_form(false);
    }
    Ok(with_schema)
}

/// The command of an answer. What the schema says against an answer counts only when there is no
/// command in it.
fn read(outcome: &Outcome) -> Option<ShellCommand> {
    let answer = &outcome.answer;
    if let Some(value) = &outcome.structured {
        return shell_command::from_value(value);
    }
    let is_whole = answer.finish_reason != Some(FinishReason::Length) && !outcome.is_empty;
    let is_mismatch = outcome
        .error
        .as_ref()
        .is_none_or(|error| error.kind == ErrorKind::Content);
    (is_whole && is_mismatch)
        .then(|| shell_command::from_text(&answer.text))
        .flatten()
}

/// Makes of the outcome what the command in it says: complete, or that there is none.
fn settle(outcome: &mut Outcome, shell: &CommandShell) -> Option<ShellCommand> {
    let found = read(outcome);
    match found {
        Some(command) if !command.text.trim().is_empty() => {
            (outcome.error, outcome.note) = (None, None);
            outcome.state = TurnState::Complete;
            outcome.command = Some(command.to_json(&shell.name));
            Some(command)
        }
        Some(command) => {
            outcome.error = Some(without_command(&command.explanation));
            None
        }
        None => {
            if outcome.error.is_none() {
                outcome.error = Some(without_command(&outcome.answer.text));
            }
            None
        }
    }
}

fn without_command(why: &str) -> CommandError {
    CommandError::new(ErrorKind::Content, "the answer has no command")
        .caused_by_words(crate::wire::redact::cut(why.trim(), 300))
        .hint("describe what the command should do, or choose another model with -m")
}
