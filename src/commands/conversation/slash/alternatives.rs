//! `/alternatives`: answers the last question several times at once, shows how sure the model is of
//! each, and goes on with the one that is picked.

use std::sync::Arc;

use crate::ask::alternatives::{self, Alternative, Alternatives, Wanted, booked, keep};
use crate::ask::parallel::pool;
use crate::ask::plan::{self, Planned, Question};
use crate::ask::preflight::{self, capabilities};
use crate::ask::schema_source;
use crate::ask::session::SessionTurn;
use crate::chat::schema::Schema;
use crate::commands::alternatives_list;
use crate::commands::arguments::settings::reasoning_display;
use crate::commands::conversation::exchange::in_conversation;
use crate::commands::conversation::state::{Conversation, Next, question_words};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;
use crate::store::TurnId;

pub fn run(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let number = number(argument, conversation.settings.alternatives.value)?;
    let question = conversation.last_turn()?.question.clone();
    let schema = schema_source::of(&conversation.settings, context)?.map(Arc::new);
    let planned = plan(conversation, schema.as_deref(), context)?;
    context.output.aside(&question_words(&question));
    conversation.editor().hold_typing();
    let show = conversation
        .settings
        .show_reasoning
        .as_ref()
        .map(|show| show.value);
    let form = AnswerForm::Text {
        raw: conversation.form.raw,
        reasoning: reasoning_display(show),
    };
    let wanted = Wanted {
        number,
        form,
        limit: conversation.form.limit,
        strict: conversation.form.strict,
        schema,
        is_conversation: true,
    };
    let Alternatives {
        mut ended,
        books,
        unshown,
    } = alternatives::ask(planned, &wanted, context)?;
    let turn = preflight::turn(question, &conversation.settings);
    let has_come = ended.iter().any(Alternative::is_complete);
    let original = conversation.keeper.path.last().and_then(SessionTurn::id);
    // The answer that stands makes room only when it is stored, so that it can be gone back to.
    let places = match has_come.then(|| conversation.keeper.undo()) {
        Some(Ok(_)) => Some(keep(&turn, &mut ended, &mut conversation.keeper)),
        unkept => {
            if let Some(Err(error)) = unkept {
                context.output.warning(&format!(
                    "none of them can take the place of the answer \
                    before, which is not stored: {error}"
                ));
            }
            // They are no turns; what they cost is counted all the same.
            conversation.spent_beside = conversation
                .spent_beside
                .and(alternatives_list::totals(&ended).1);
            None
        }
    };
    let shown = match unshown {
        Some(error) => Err(error),
        None if has_come => alternatives_list::show(&ended, conversation.form.raw, context),
        None => Ok(()),
    };
    let booked = books.close_all(
        &booked(&ended, places.as_ref(), Some(&conversation.keeper)),
        context,
    );
    shown?;
    if let Some(unstored) = preflight::storing_failed_for_now(&mut conversation.keeper, context)
        .or(booked.err().map(|error| error.message))
    {
        context.output.warning(&unstored);
    }
    let is_stopped = ended
        .iter()
        .any(|one| pool::is_signalled(one.ended.asked.error.as_ref()));
    if has_come && places.is_some() {
        // A Ctrl-C that stopped the others is done with; what has come can be picked.
        context.interrupt.forgive();
        let items = alternatives_list::items(&ended);
        let leaves = (0..items.len())
            .map(|index| places.as_ref().and_then(|places| places.of(index)))
            .collect();
        pick(items, leaves, original, conversation, context)?;
    }
    tell(ended, is_stopped, has_come, conversation, context)
}

/// The requests for the last question as it was asked: what stands before it, and not its answer.
fn plan(
    conversation: &mut Conversation,
    schema: Option<&Schema>,
    context: &mut Context<'_>,
) -> Result<Vec<Planned>, CommandError> {
    let last = conversation.last_turn()?.question.clone();
    let before = conversation.keeper.path.len().saturating_sub(1);
    let question = Question {
        parts: last,
        past: &conversation.keeper.path[..before],
        stream: conversation.form.streams,
        schema,
    };
    let mut planned = plan::targets(
        conversation.settings.clone(),
        &conversation.overrides,
        &question,
        &conversation.config,
        context,
    )?;
    conversation.check(&mut planned, context)?;
    alternatives::prepare(&mut planned);
    Ok(planned)
}

/// Goes on with one of them, or with the answer that stood before.
fn pick(
    mut items: Vec<String>,
    leaves: Vec<Option<TurnId>>,
    original: Option<TurnId>,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let none = items.len();
    items.push("none: the answer before stays".to_owned());
    let chosen = match context
        .input
        .choose("Which one goes on?", &items, 0)
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
        conversation.keeper.switch(leaf)?;
    }
    let words = if chosen == none {
        "the answer before goes on".to_owned()
    } else {
        format!("{} goes on", chosen + 1)
    };
    context
        .output
        .aside(&format!("{words}; /branch finds the others"));
    Ok(())
}

/// Why nothing came, or not everything.
fn tell(
    mut ended: Vec<Alternative>,
    is_stopped: bool,
    has_come: bool,
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if is_stopped && !has_come {
        context
            .output
            .aside("none of them is complete; the answer before goes on");
    }
    if is_stopped || has_come {
        return Ok(Next::Prompt);
    }
    ended.sort_by_key(|alternative| alternative.number);
    let mut ended: Vec<_> = ended
        .into_iter()
        .map(|alternative| alternative.ended)
        .collect();
    let error = pool::verdict(&mut ended, "alternatives").map(|error| {
        in_conversation(capabilities::suggest(
            error,
            &conversation.settings,
            context,
        ))
    });
    error.map_or(Ok(Next::Prompt), Err)
}

/// How many are asked for.
fn number(argument: &str, default: u8) -> Result<usize, CommandError> {
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
