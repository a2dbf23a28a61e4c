//! `/models` and `/doctor`, and the models of `/model`.

use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::nearest::search;
use crate::catalog::{Model, find};
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::doctor::{self, DoctorArgs};
use crate::commands::model_picker::{self, ModelQuestion};
use crate::commands::model_table;
use crate::config::{Settings, defaults, model_spec};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Maximum number of models in the list.
const SHOWN: usize = 40;

/// Runs `/models [QUERY]`.
///
/// # Errors
/// When there is no list, or no model matches.
pub(super) fn list(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let models = catalogue(conversation, context)?;
    let mut matching = search(&models, argument);
    if matching.is_empty() {
        return Err(model_picker::nothing_like(&models, argument));
    }
    let found = matching.len();
    matching.truncate(SHOWN);
    model_table::show(&matching, context)?;
    if found > SHOWN {
        context.output.aside(&format!(
            "{SHOWN} of {found} models; /models QUERY filters them, /model picks one"
        ));
    }
    Ok(Next::Prompt)
}

/// Lets the user pick a model of the provider; without its list, a model of a profile or turn.
/// `None` for no change.
///
/// # Errors
/// When the user cancels.
pub(super) fn choose(
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let current = conversation.settings.model.value.clone();
    let mut is_listed = true;
    let models = match catalogue(conversation, context) {
        Ok(models) => models,
        Err(error) if error.is_quiet() => return Err(error),
        Err(error) => {
            context.output.note(&format!(
                "the model catalogue could not be fetched: {}",
                error.message
            ));
            is_listed = false;
            conversation
                .known_models()
                .into_iter()
                .map(|id| Model {
                    id,
                    ..Model::default()
                })
                .collect()
        }
    };
    let check = |text: &str| model_spec::check(text);
    let question = ModelQuestion {
        current: Some(&current),
        typed: Some(&check),
        ..ModelQuestion::of(&models)
    };
    let id = model_picker::pick(&question, context)?;
    let is_typo = is_listed && find(&models, &id).is_none();
    // The list is that of the current provider, which may not be the profile's.
    let written = if conversation.settings.is_foreign {
        format!("{}:{id}", conversation.settings.entry.name)
    } else {
        id
    };
    if is_typo {
        return confirmed(&written, conversation, context);
    }
    Ok(Some(written))
}

/// The model to switch to for one that was typed: the same if the catalogue has it or there is
/// none, else what the user chooses; `None` for no change.
///
/// # Errors
/// When the model is invalid, or the user cancels.
pub(super) fn confirmed(
    written: &str,
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let (settings, source) = typed(written, conversation, context)?;
    let wanted = settings.model.value.as_str();
    let has = |list: &ModelList| find(&list.models, wanted).is_some();
    // A model may be newer than a cached list.
    let list = match model_list::cached(&source, &context.equipment).filter(has) {
        Some(list) => Ok(list),
        None => model_picker::listed(&source, context),
    };
    let list = match list {
        Ok(list) => list,
        Err(error) if error.is_quiet() => return Err(error),
        Err(error) => {
            context
                .output
                .note(&format!("{wanted} could not be checked: {}", error.message));
            return Ok(Some(written.to_owned()));
        }
    };
    conversation.add_models(list.models.iter().map(|model| model.id.clone()));
    if has(&list) {
        return Ok(Some(written.to_owned()));
    }
    let question = format!("{} does not list {wanted}. Switch to", source.entry.name);
    ask_instead(written, wanted, &list.models, &question, context)
}

/// The model to ask once for one that was typed: the same unless a cached catalogue lacks it, else
/// what the user chooses; `None` for no answer. Nothing is fetched for it.
///
/// # Errors
/// When the model is invalid, or the user cancels.
pub(super) fn confirmed_once(
    written: &str,
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let (settings, source) = typed(written, conversation, context)?;
    let wanted = settings.model.value.as_str();
    let list = model_list::cached(&source, &context.equipment)
        .filter(|list| find(&list.models, wanted).is_none());
    let Some(list) = list else {
        return Ok(Some(written.to_owned()));
    };
    let question = format!("{} does not list {wanted}. Retry with", source.entry.name);
    ask_instead(written, wanted, &list.models, &question, context)
}

/// The settings of the conversation with a model that was typed, and the list that may have it.
fn typed(
    written: &str,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<(Settings, ModelSource), CommandError> {
    let mut overrides = conversation.overrides.clone();
    overrides.choose_model(written.to_owned(), &conversation.config);
    let environment = &context.equipment.environment;
    let settings = Settings::resolve(&overrides, environment, &conversation.config)?;
    let source = ModelSource::of(&settings, &context.equipment)?;
    Ok((settings, source))
}

/// Offers the nearest models.
fn ask_instead(
    written: &str,
    wanted: &str,
    models: &[Model],
    question: &str,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let near = model_picker::nearest_ids(models, wanted);
    let items: Vec<String> = near
        .iter()
        .map(|id| (*id).to_owned())
        .chain([format!("{wanted} anyway"), "no other model".to_owned()])
        .collect();
    // Without a suggestion Enter changes nothing.
    let default = usize::from(near.is_empty());
    let chosen = context.input.choose(question, &items, default)?;
    Ok(match near.get(chosen) {
        // What stands before or after the ID stays.
        Some(id) => Some(written.replacen(wanted, id, 1)),
        None => (chosen == near.len()).then(|| written.to_owned()),
    })
}

/// The cached catalogue, of any age; fetched only when there is none.
fn catalogue(
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Vec<Model>, CommandError> {
    let source = ModelSource::of(&conversation.settings, &context.equipment)?;
    let list = match model_list::cached(&source, &context.equipment) {
        Some(list) => list,
        None => model_picker::listed(&source, context)?,
    };
    conversation.add_models(list.models.iter().map(|model| model.id.clone()));
    Ok(list.models)
}

/// Runs `/doctor` for the current profile.
///
/// # Errors
/// When a check failed.
pub(super) fn doctor(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let profile = Some(conversation.settings.profile.value.clone())
        .filter(|name| name != defaults::UNNAMED_PROFILE);
    doctor::run(
        &DoctorArgs {
            profile,
            ..DoctorArgs::default()
        },
        context,
    )?;
    Ok(Next::Prompt)
}
