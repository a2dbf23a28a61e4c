//! Model IDs to suggest when a provider refuses one.

use super::model_list::{ModelSource, cached, current};
use crate::catalog::Model;
use crate::catalog::nearest::nearest;
use crate::config::Settings;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// Maximum number of models in a hint.
const MAX_SUGGESTIONS: usize = 3;

/// Adds the most similar model IDs to a refusal of a model that is not in the model list.
pub(crate) fn suggest(
    mut error: CommandError,
    settings: &Settings,
    equipment: &Equipment,
) -> CommandError {
    let is_about_model =
        error.is_unknown_model || error.kind == ErrorKind::Refused && error.status == Some(404);
    if !is_about_model {
        return error;
    }
    let requested = &settings.model.value;
    let models = known(settings, equipment, error.is_unknown_model).unwrap_or_default();
    if crate::catalog::find(&models, requested).is_none() {
        let ids = models.iter().map(|model| model.id.as_str());
        let near = nearest(requested, ids, MAX_SUGGESTIONS);
        if !near.is_empty() {
            let hint = format!("did you mean {}?", near.join(", "));
            error.hints.insert(0, hint);
        }
    }
    error
}

/// The cached list. Without one, that of the server, which is small where it is not a router's.
fn known(settings: &Settings, equipment: &Equipment, fetches: bool) -> Option<Vec<Model>> {
    let source = ModelSource::of(settings, equipment).ok()?;
    let list = cached(&source, equipment);
    let has_tape = equipment.tape.is_some();
    let list = match list {
        None if fetches && !settings.entry.is_openrouter && !has_tape => {
            current(&source, equipment).ok()
        }
        list => list,
    };
    list.map(|list| list.models)
}
