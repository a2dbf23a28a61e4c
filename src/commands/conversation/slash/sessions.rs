//! Commands for conversations as a whole: new, rename, list, search, resume.

use crate::ask::session::Session;
use crate::ask::{body_options, session_settings};
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::session_picker;
use crate::commands::sessions as stored;
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::check_name;

/// Maximum number of conversations in a list.
const MAX_LISTED: usize = 20;

/// Runs `/new [NAME]`.
///
/// # Errors
/// When the name is invalid or taken, or the current conversation cannot be saved.
pub(super) fn start(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let name = Some(argument.to_owned()).filter(|name| !name.is_empty());
    if let Some(name) = &name {
        check(name, context)?;
    }
    let storage = conversation.storage(context);
    conversation.replace(Session::new(storage, name))?;
    context.output.aside("New conversation");
    Ok(Next::Prompt)
}

/// Runs `/rename NAME`.
///
/// # Errors
/// When the name is invalid or taken.
pub(super) fn rename(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/rename requires a name").hint("/rename holidays"));
    }
    if conversation.session.name.as_deref() != Some(argument) {
        check(argument, context)?;
    }
    conversation.session.rename(argument)?;
    context
        .output
        .aside(&format!("Conversation renamed to '{argument}'"));
    Ok(Next::Prompt)
}

/// Checks that a conversation can have this name.
///
/// # Errors
/// When it is invalid or taken.
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
            CommandError::usage(format!("conversation '{name}' already exists"))
                .hint(format!("/resume {name}")),
        );
    }
    Ok(())
}

/// Runs `/sessions`.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn list(
    _: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    stored::run(
        stored::SessionsCommand::List(stored::ListArgs {
            json: false,
            limit: Some(MAX_LISTED),
        }),
        context,
    )?;
    let store = stored::opened(context)?;
    let is_any =
        store.is_some_and(|store| store.sessions(Some(1)).is_ok_and(|any| !any.is_empty()));
    if is_any {
        context
            .output
            .aside("/resume picks one; /search WORDS finds one by what was said");
    }
    Ok(Next::Prompt)
}

/// Runs `/search WORDS`.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn search(
    argument: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    if argument.is_empty() {
        return Err(CommandError::usage("/search requires words").hint("/search sourdough"));
    }
    stored::run(
        stored::SessionsCommand::Search(stored::SearchArgs {
            words: vec![argument.to_owned()],
            json: false,
            limit: MAX_LISTED,
        }),
        context,
    )?;
    Ok(Next::Prompt)
}

/// Runs `/resume [NAME|NUMBER]`: continues another conversation with its own settings.
///
/// # Errors
/// When there is no such conversation, or the current one cannot be saved.
pub(super) fn resume(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let none = || CommandError::usage("no saved conversations").hint("type a question");
    let mut store = stored::opened(context)?.ok_or_else(none)?;
    let current = conversation.session.session();
    let found = if argument.is_empty() {
        session_picker::pick(&mut store, current, context)?.ok_or_else(none)?
    } else {
        stored::find(argument, &store)?
    };
    if conversation.session.session() == Some(found.id) {
        context.output.aside("This is the current conversation");
        return Ok(Next::Prompt);
    }
    // Values that were chosen in the current conversation do not apply to the other.
    let current = &conversation.overrides;
    let mut overrides = Overrides {
        show_reasoning: current.show_reasoning,
        max_cost: current.max_cost,
        ..body_options::of_flags(current)
    };
    let stored_settings = store.settings(found.id)?;
    let mut remarks = Vec::new();
    session_settings::restore(
        &mut overrides,
        &stored_settings,
        &conversation.config,
        &mut remarks,
    );
    context.remark(&remarks);
    overrides.changed_in_conversation(&Overrides::default());
    let settings = Settings::resolve(
        &overrides,
        &context.equipment.environment,
        &conversation.config,
    )?;
    let storage = conversation.storage(context);
    let session = Session::resume(storage, store, &found)?;
    conversation.replace(session)?;
    (conversation.overrides, conversation.settings) = (overrides, settings);
    context.output.aside(&conversation.target_label());
    conversation.show_last(context)?;
    Ok(Next::Prompt)
}
