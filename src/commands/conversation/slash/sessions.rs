//! Commands about conversations as a whole: begin, name, list, find, go on.

use crate::ask::session::Session;
use crate::ask::{body_options, remembered};
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::sessions as stored;
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::{SessionSummary, Store, check_name, shortened};

/// Conversations offered to choose from.
const OFFERED: usize = 20;

pub fn begin(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let name = Some(argument.to_owned()).filter(|name| !name.is_empty());
    if let Some(name) = &name {
        check(name, context)?;
    }
    let place = conversation.place(context);
    conversation.replace(Session::new(place, name))?;
    context.output.aside("a new conversation");
    Ok(Next::Prompt)
}

pub fn rename(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/rename needs a name").hint("/rename holidays"));
    }
    if conversation.session.name.as_deref() != Some(argument) {
        check(argument, context)?;
    }
    conversation.session.rename(argument)?;
    context
        .output
        .aside(&format!("this conversation is '{argument}' now"));
    Ok(Next::Prompt)
}

/// An error unless a conversation may get this name.
fn check(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    check_name(name)
        .map_err(|why| CommandError::usage(format!("'{}': {why}", name.escape_debug())))?;
    let is_taken = stored::opened(context)?
        .map(|store| store.find(name))
        .transpose()?
        .flatten()
        .is_some();
    if is_taken {
        return Err(
            CommandError::usage(format!("there is a conversation '{name}' already"))
                .hint(format!("/resume {name}")),
        );
    }
    Ok(())
}

pub fn list(
    _: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    stored::run(
        stored::SessionsCommand::List(stored::ListArgs {
            json: false,
            limit: Some(OFFERED),
        }),
        context,
    )?;
    Ok(Next::Prompt)
}

pub fn search(
    argument: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/search needs words").hint("/search sourdough"));
    }
    stored::run(
        stored::SessionsCommand::Search(stored::SearchArgs {
            words: vec![argument.to_owned()],
            json: false,
            limit: OFFERED,
        }),
        context,
    )?;
    Ok(Next::Prompt)
}

pub fn resume(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let none = || CommandError::usage("no conversation is stored yet").hint("type a question");
    let store = stored::opened(context)?.ok_or_else(none)?;
    let found = if argument.is_empty() {
        choose(&store, context)?
    } else {
        stored::find(argument, &store)?
    };
    if conversation.session.session() == Some(found.id) {
        context.output.aside("that is this conversation");
        return Ok(Next::Prompt);
    }
    // What was chosen for the conversation that is left does not hold for the other.
    let held = &conversation.overrides;
    let mut overrides = Overrides {
        show_reasoning: held.show_reasoning,
        max_cost: held.max_cost,
        ..body_options::of_flags(held)
    };
    let remembered = store.settings(found.id)?;
    let mut remarks = Vec::new();
    remembered::restore(
        &mut overrides,
        &remembered,
        &conversation.config,
        &mut remarks,
    );
    context.remark(&remarks);
    let settings = Settings::resolve(
        &overrides,
        &context.equipment.environment,
        &conversation.config,
    )?;
    let place = conversation.place(context);
    let session = Session::resume(place, store, &found)?;
    conversation.replace(session)?;
    (conversation.overrides, conversation.settings) = (overrides, settings);
    context.output.aside(&conversation.who());
    conversation.show_last(context)?;
    Ok(Next::Prompt)
}

fn choose(store: &Store, context: &mut Context<'_>) -> Result<SessionSummary, CommandError> {
    let mut sessions = store.sessions(Some(OFFERED))?;
    if sessions.is_empty() {
        return Err(CommandError::usage("no conversation is stored yet").hint("type a question"));
    }
    let item = |session: &SessionSummary| {
        format!(
            "{}  {}",
            session.id,
            shortened(session.name.as_deref().unwrap_or(&session.title), 60)
        )
    };
    let items: Vec<String> = sessions.iter().map(item).collect();
    let chosen = context.input.choose("Which conversation?", &items, 0)?;
    Ok(sessions.swap_remove(chosen))
}
