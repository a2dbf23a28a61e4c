//! `/alternatives`: several answers to the last question, ranked by confidence. The conversation
//! continues with the one that the user chooses.

use std::sync::Arc;

use crate::ask::finished_answer::{FinishedAnswer, verdict};
use crate::ask::parallel::{Order, ParallelOutcome, run_all};
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::Question;
use crate::ask::run::RunOptions;
use crate::ask::session::SessionTurn;
use crate::ask::sink::{AnswersSink, TurnPlace};
use crate::ask::suggestion;
use crate::ask::{alternatives, schema_source};
use crate::chat::event::ChatEvent;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::commands::alternatives_list;
use crate::commands::answer_screen::AnswersScreen;
use crate::commands::conversation::hints;
use crate::commands::conversation::state::{Conversation, Next, question_words};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, OutputError, ReasoningDisplay};
use crate::store::TurnId;

/// Runs `/alternatives [NUMBER]`.
///
/// # Errors
/// When nothing was sent, or no answer is complete.
pub(super) fn run(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let count = count(argument, conversation.settings.alternatives.value)?;
    let parts = conversation.last_turn()?.question.clone();
    let line = question_words(&parts);
    let prepared = prepared(parts, count, conversation, context)?;
    let prepared = conversation.allowed(prepared, context)?;
    context.output.question(&line);
    conversation.editor().hold_typing();
    let show = conversation.settings.show_reasoning.as_ref();
    let form = AnswerForm::Text {
        raw: conversation.form.raw,
        reasoning: ReasoningDisplay::of(show.map(|show| show.value)),
    };
    let options = RunOptions {
        keep: Keep::Everything,
        limit: conversation.form.limit,
        strict: conversation.form.strict,
        is_conversation: true,
        is_saved: conversation.session.is_saved(),
        indents: context.output.is_terminal(),
        repairs: false,
        ..RunOptions::default()
    };
    let original = conversation.session.path.last().and_then(SessionTurn::id);
    let mut sink = ReplacingSink {
        screen: AnswersScreen {
            output: &mut *context.output,
            form,
        },
        turn: prepared.turn(&conversation.settings),
        conversation: &mut *conversation,
        leaves: None,
    };
    let answers = prepared.numbered(count);
    let parallel = run_all(
        answers,
        options,
        Order::ByConfidence,
        &context.equipment,
        &mut sink,
    )?;
    let leaves = sink.leaves;
    finish(parallel, leaves, original, conversation, context)
}

/// The request for the last question, without its answer.
fn prepared(
    parts: Vec<ContentPart>,
    count: usize,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    let schema = schema_source::of(&conversation.settings, &context.equipment)?;
    let question = Question {
        parts,
        past: conversation.past_without(1),
        stream: conversation.form.streams,
        schema: schema.map(Arc::new),
        rated: Some(count),
        answers: count,
        session: conversation.session.key(&conversation.settings),
        ..Question::default()
    };
    let checks = conversation.form.checks();
    prepare(
        &conversation.resolved(),
        question,
        checks,
        &context.equipment,
    )
}

/// Shows the answers, lets the user choose one, and returns the error when none is complete.
fn finish(
    parallel: ParallelOutcome,
    leaves: Option<Vec<Option<TurnId>>>,
    original: Option<TurnId>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    context.remark(&parallel.remarks);
    let ended = parallel.ended;
    let has_answer = ended.iter().any(FinishedAnswer::is_complete);
    match parallel.output_error {
        Some(error) => return Err(error.into()),
        None if has_answer => {
            alternatives_list::show(&ended, conversation.form.raw, context)?;
        }
        None => {}
    }
    context.remark(&conversation.session.take_remarks());
    let ledger_error = parallel.ledger_error.map(|error| error.message);
    if let Some(unstored) = conversation.session.store_warning().or(ledger_error) {
        context.output.warning(&unstored);
    }
    let is_stopped = ended.iter().any(|ended| ended.outcome.is_signalled());
    if let Some(leaves) = leaves.filter(|_| has_answer) {
        // The Ctrl-C that stopped some answers must not stop the menu.
        context.equipment.interrupt.acknowledge();
        choose(&ended, &leaves, original, conversation, context)?;
    }
    conclude(ended, is_stopped, has_answer, conversation, context)
}

/// Shows the answers, and saves each as a branch in place of the previous answer, if one is
/// complete.
struct ReplacingSink<'a> {
    screen: AnswersScreen<'a>,
    turn: Turn,
    conversation: &'a mut Conversation,
    /// The stored turn of each answer; `None` when the previous answer was not replaced.
    leaves: Option<Vec<Option<TurnId>>>,
}

impl AnswersSink for ReplacingSink<'_> {
    fn start(&mut self) {
        self.screen.start();
    }

    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.screen.event(number, event)
    }

    fn end_one(&mut self, number: usize, ended: &FinishedAnswer) -> Result<(), OutputError> {
        self.screen.end_one(number, ended)
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        self.screen.progress(lines);
    }

    fn end(&mut self, ended: &[FinishedAnswer]) -> Vec<Option<TurnPlace>> {
        let has_answer = ended.iter().any(FinishedAnswer::is_complete);
        let session = &mut self.conversation.session;
        // The previous answer is replaced only when it is saved, so that it can be recovered.
        match has_answer.then(|| session.undo()) {
            Some(Ok(_)) => {
                let places = alternatives::store(&self.turn, ended, session);
                let leaves = places.iter().map(|place| place.map(|(_, leaf)| leaf));
                self.leaves = Some(leaves.collect());
                return places;
            }
            Some(Err(error)) => self.screen.output.warning(&format!(
                "the previous answer could not be saved and is not replaced: {error}"
            )),
            None => {}
        }
        // Rejected answers are not turns, but their cost counts.
        let spent = alternatives_list::totals(ended).1;
        self.conversation.extra_spent = self.conversation.extra_spent.and(spent);
        ended.iter().map(|_| None).collect()
    }
}

/// Lets the user choose an answer, or keep the previous one.
fn choose(
    ended: &[FinishedAnswer],
    leaves: &[Option<TurnId>],
    original: Option<TurnId>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut items = alternatives_list::items(ended);
    let none = items.len();
    items.push("None: keep the previous answer".to_owned());
    let chosen = match context
        .input
        .choose("Continue with which answer?", &items, 0)
        .map_err(CommandError::from)
    {
        Err(error) if error.kind == ErrorKind::Interrupted => none,
        other => other?,
    };
    let leaf = if chosen == none {
        original
    } else {
        leaves.get(chosen).copied().flatten()
    };
    if let Some(leaf) = leaf {
        conversation.session.switch(leaf)?;
    }
    let words = if chosen == none {
        "Continuing with the previous answer".to_owned()
    } else {
        format!("Continuing with answer {}", chosen + 1)
    };
    context
        .output
        .aside(&format!("{words}; /branch lists the others"));
    Ok(())
}

/// The error when no answer is complete. A signal is not an error.
fn conclude(
    mut ended: Vec<FinishedAnswer>,
    is_stopped: bool,
    has_answer: bool,
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if is_stopped && !has_answer {
        context
            .output
            .aside("No answer is complete; continuing with the previous one");
    }
    if is_stopped || has_answer {
        return Ok(Next::Prompt);
    }
    let error = verdict(&mut ended, "alternatives").map(|error| {
        let settings = &conversation.settings;
        hints::of_answer(suggestion::suggest(error, settings, &context.equipment))
    });
    error.map_or(Ok(Next::Prompt), Err)
}

/// The number of answers.
fn count(argument: &str, default: u8) -> Result<usize, CommandError> {
    if argument.is_empty() {
        return Ok(usize::from(default));
    }
    let number = argument
        .parse::<usize>()
        .ok()
        .filter(|number| (1..=5).contains(number));
    number.ok_or_else(|| {
        let what = format!("'{}' is not a number from 1 to 5", argument.escape_debug());
        CommandError::usage(what).hint("/alternatives 3")
    })
}
