//! Commands about the provider: which models there are, and whether this profile works.

use crate::ask::model_list::{self, ModelSource};
use crate::catalog::Model;
use crate::catalog::nearest::search;
use crate::commands::conversation::state::{Conversation, Next};
use crate::commands::doctor::{self, DoctorArgs};
use crate::commands::model_picker;
use crate::config::defaults;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Models shown at once.
const SHOWN: usize = 40;

pub fn list(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let models = known(conversation, context)?;
    let matching = search(&models, argument);
    if matching.is_empty() {
        return Err(model_picker::nothing_like(&models, argument));
    }
    for model in matching.iter().take(SHOWN) {
        context.output.say(&model.id);
    }
    if matching.len() > SHOWN {
        context.output.aside(&format!(
            "{} of {}; /models WORD narrows them down",
            SHOWN,
            matching.len()
        ));
    }
    Ok(Next::Prompt)
}

/// Lets the user choose among the models of the provider; among those of profiles and turns, when
/// the provider cannot be asked.
pub fn choose(
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let current = conversation.settings.model.value.clone();
    let models = match known(conversation, context) {
        Ok(models) => models,
        Err(error) if error.is_quiet() => return Err(error),
        Err(error) => {
            context.output.note(&format!(
                "the provider's list is not there: {}",
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

/// The list in the cache, however old; the provider is asked only when there is none.
fn known(
    conversation: &Conversation,
    context: &mut Context<'_>,
) -> Result<Vec<Model>, CommandError> {
    let place = ModelSource::of(&conversation.settings, &context.equipment)?;
    let listing = match model_list::cached(&place, &context.equipment) {
        Some(listing) => listing,
        None => model_picker::listed(&place, context)?,
    };
    conversation.learn_models(listing.models.iter().map(|model| model.id.clone()));
    Ok(listing.models)
}

pub fn doctor(
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
