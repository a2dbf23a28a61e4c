//! `/alternatives`: answers the last question several times in parallel, shows how confident the model is of
//! each, and continues with the one that is picked.

use std::sync::Arc;

use crate::ask::ended::{Ended, verdict};
use crate::ask::parallel::{Order, Together, run_all};
use crate::ask::preflight::capabilities;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::Question;
use crate::ask::run::RunOptions;
use crate::ask::session::SessionTurn;
use crate::ask::sink::{AnswersSink, TurnPlace};
use crate::ask::{alternatives, schema_source};
use crate::chat::event::ChatEvent;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::commands::alternatives_list;
use crate::commands::answer_screen::AnswersScreen;
use crate::commands::conversation::exchange::in_conversation;
use crate::commands::conversation::state::{Conversation, Next, question_words};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::{AnswerForm, OutputError, ReasoningDisplay};
use crate::store::TurnId;

pub fn run(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let count = count(argument, conversation.settings.alternatives.value)?;
    let parts = conversation.last_turn()?.question.clone();
    let question_line = question_words(&parts);
    let prepared = prepared(parts, count, conversation, context)?;
    let prepared = conversation.allowed(prepared, context)?;
    context.output.aside(&question_line);
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
        indents: context.output.is_terminal(),
        repairs: false,
        ..RunOptions::default()
    };
    let original = conversation.session.path.last().and_then(SessionTurn::id);
    let mut sink = Branches {
        screen: AnswersScreen {
            output: &mut *context.output,
            form,
        },
        turn: prepared.turn(&conversation.settings),
        conversation: &mut *conversation,
        leaves: None,
    };
    let answers = prepared.numbered(count);
    let together = run_all(
        answers,
        options,
        Order::ByConfidence,
        &context.equipment,
        &mut sink,
    )?;
    let leaves = sink.leaves;
    finish(together, leaves, original, conversation, context)
}

/// The requests for the last question as it was asked: what stands before it, and not its answer.
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
    };
    let checks = conversation.form.checks();
    prepare(
        &conversation.resolved(),
        question,
        checks,
        &context.equipment,
    )
}

/// Shows the list, lets the user pick one of it, and gives the error when none is complete.
fn finish(
    together: Together,
    leaves: Option<Vec<Option<TurnId>>>,
    original: Option<TurnId>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    context.remark(&together.remarks);
    let ended = together.ended;
    let has_answer = ended.iter().any(Ended::is_complete);
    match together.unshown {
        Some(error) => return Err(error.into()),
        None if has_answer => {
            alternatives_list::show(&ended, conversation.form.raw, context)?;
        }
        None => {}
    }
    context.remark(&conversation.session.take_remark());
    let unbooked = together.unbooked.map(|error| error.message);
    if let Some(unstored) = conversation.session.failure_for_now().or(unbooked) {
        context.output.warning(&unstored);
    }
    let is_stopped = ended.iter().any(|ended| ended.outcome.is_signalled());
    if let Some(leaves) = leaves.filter(|_| has_answer) {
        // The Ctrl-C that stopped the others is done with; what has arrived can be picked.
        context.equipment.interrupt.acknowledge();
        pick(&ended, &leaves, original, conversation, context)?;
    }
    conclude(ended, is_stopped, has_answer, conversation, context)
}

/// Stores each answer as a branch in place of the answer before, once there is one.
struct Branches<'a> {
    screen: AnswersScreen<'a>,
    turn: Turn,
    conversation: &'a mut Conversation,
    /// Where each answer is stored; `None` when none took the place of the answer before.
    leaves: Option<Vec<Option<TurnId>>>,
}

impl AnswersSink for Branches<'_> {
    fn begin(&mut self) {
        self.screen.begin();
    }

    fn event(&mut self, number: usize, event: &ChatEvent) -> Result<(), OutputError> {
        self.screen.event(number, event)
    }

    fn end_of(&mut self, number: usize, ended: &Ended) -> Result<(), OutputError> {
        self.screen.end_of(number, ended)
    }

    fn progress(&mut self, lines: &dyn Fn() -> Vec<String>) {
        self.screen.progress(lines);
    }

    fn end(&mut self, ended: &[Ended]) -> Vec<Option<TurnPlace>> {
        let has_answer = ended.iter().any(Ended::is_complete);
        let session = &mut self.conversation.session;
        // The answer before makes room only when it is stored, so that it can be recovered.
        match has_answer.then(|| session.undo()) {
            Some(Ok(_)) => {
                let places = alternatives::store(&self.turn, ended, session);
                let leaves = places.iter().map(|place| place.map(|(_, leaf)| leaf));
                self.leaves = Some(leaves.collect());
                return places;
            }
            Some(Err(error)) => self.screen.output.warning(&format!(
                "no answer can take the place of the one before, which is not stored: {error}"
            )),
            None => {}
        }
        // They are no turns; what they cost is counted all the same.
        let spent = alternatives_list::totals(ended).1;
        self.conversation.spent_beside = self.conversation.spent_beside.and(spent);
        ended.iter().map(|_| None).collect()
    }
}

/// Continues with one of them, or with the answer before.
fn pick(
    ended: &[Ended],
    leaves: &[Option<TurnId>],
    original: Option<TurnId>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut items = alternatives_list::items(ended);
    let none = items.len();
    items.push("None: keep the answer before".to_owned());
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
        "Continuing with the answer before".to_owned()
    } else {
        format!("Continuing with answer {}", chosen + 1)
    };
    context
        .output
        .aside(&format!("{words}; /branch lists the others"));
    Ok(())
}

/// Why there is no answer, or not all of them.
fn conclude(
    mut ended: Vec<Ended>,
    is_stopped: bool,
    has_answer: bool,
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if is_stopped && !has_answer {
        context
            .output
            .aside("No answer is complete; continuing with the one before");
    }
    if is_stopped || has_answer {
        return Ok(Next::Prompt);
    }
    let error = verdict(&mut ended, "alternatives").map(|error| {
        let settings = &conversation.settings;
        in_conversation(capabilities::suggest(error, settings, &context.equipment))
    });
    error.map_or(Ok(Next::Prompt), Err)
}

/// How many are asked for.
fn count(argument: &str, default: u8) -> Result<usize, CommandError> {
    if argument.is_empty() {
        return Ok(usize::from(default));
    }
    let number = argument
        .parse::<usize>()
        .ok()
        .filter(|number| (1..=5).contains(number));
    number.ok_or_else(|| {
        CommandError::usage("one to five answers can be asked for").hint("/alternatives 3")
    })
}
