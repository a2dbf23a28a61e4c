//! `/models` and `/doctor`, and the menu of `/model`.

use crate::ask::model_list::{self, ModelSource};
use crate::catalog::Model;
use crate::catalog::nearest::search;
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::doctor::{self, DoctorArgs};
use crate::commands::model_picker;
use crate::config::defaults;
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
    let matching = search(&models, argument);
    if matching.is_empty() {
        return Err(model_picker::nothing_like(&models, argument));
    }
    for model in matching.iter().take(SHOWN) {
        context.output.say(&model.id);
    }
    if matching.len() > SHOWN {
        context.output.aside(&format!(
            "{} of {} models; /models QUERY filters them",
            SHOWN,
            matching.len()
        ));
    }
    Ok(Next::Prompt)
}

/// Lets the user choose a model of the provider; without its list, a model of a profile or turn.
///
/// # Errors
/// When the user cancels.
pub(super) fn choose(
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let current = conversation.settings.model.value.clone();
    let models = match catalogue(conversation, context) {
        Ok(models) => models,
        Err(error) if error.is_quiet() => return Err(error),
        Err(error) => {
            context.output.note(&format!(
                "the model catalogue could not be fetched: {}",
                error.message
            ));
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
    model_picker::pick(&models, "", Some(&current), context)
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
