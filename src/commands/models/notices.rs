//! Warnings about the models that profiles use, and the changes of a catalogue in lines.

use std::time::SystemTime;

use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::changes::CatalogChanges;
use crate::catalog::find;
use crate::catalog::nearest::nearest;
use crate::config::layers::Setting;
use crate::config::{ConfigFile, Overrides, Settings, ValueSource, env};
use crate::ports::context::Context;
use crate::present::time;

/// Models shown of those added, removed and changed.
const MOST_NAMES: usize = 20;

/// Warns about deprecated models of profiles.
pub(super) fn deprecations(
    listing: &ModelList,
    source: &ModelSource,
    config: &ConfigFile,
    context: &mut Context<'_>,
) {
    let today = time::day(SystemTime::now());
    for (profile, model) in used(source, config, context) {
        let Some(day) =
            find(&listing.models, &model).and_then(|(model, _)| model.expires.as_deref())
        else {
            continue;
        };
        // Dates of this form are ordered as texts.
        let verb = if day < today.as_str() {
            "was removed"
        } else {
            "will be removed"
        };
        context.output.warning(&format!(
            "profile '{profile}' uses {model}, which {verb} on {day}; amx models lists others"
        ));
    }
}

/// Warns about models of profiles that are not in the catalogue.
pub(super) fn missing(
    listing: &ModelList,
    source: &ModelSource,
    config: &ConfigFile,
    context: &mut Context<'_>,
) {
    for (profile, model) in used(source, config, context) {
        if find(&listing.models, &model).is_some() {
            continue;
        }
        let near = nearest(
            &model,
            listing.models.iter().map(|model| model.id.as_str()),
            3,
        )
        .join(", ");
        let near = if near.is_empty() {
            String::new()
        } else {
            format!("; similar: {near}")
        };
        context.output.warning(&format!(
            "profile '{profile}' uses {model}, which is not in the catalogue{near}"
        ));
    }
}

/// Each profile of this server with each of its models.
fn used(source: &ModelSource, config: &ConfigFile, context: &Context<'_>) -> Vec<(String, String)> {
    let environment = context.equipment.environment.without(&env::AMX_MODEL);
    let mut used = Vec::new();
    for name in config.profiles.keys() {
        let setting = Setting {
            value: name.clone(),
            source: ValueSource::File {
                profile: name.clone(),
            },
            overridden: Vec::new(),
        };
        // An invalid profile is reported by the commands that use it.
        let Ok(settings) =
            Settings::of_profile(setting, &Overrides::default(), &environment, config)
        else {
            continue;
        };
        if model_list::server_name(&settings.base_url.value) == source.server() {
            used.extend(
                [settings.model.value]
                    .into_iter()
                    .chain(
                        settings
                            .fallback_models
                            .into_iter()
                            .flat_map(|models| models.value),
                    )
                    .map(|model| (name.clone(), model)),
            );
        }
    }
    used
}

/// The changes, one a line.
pub(super) fn change_lines(changes: &CatalogChanges) -> Vec<String> {
    let mut lines = some("+", &changes.added);
    lines.extend(some("-", &changes.removed));
    let different: Vec<String> = changes
        .changed
        .iter()
        .map(|changed| format!("{}: {}", changed.id, changed.what.join("; ")))
        .collect();
    lines.extend(some("~", &different));
    lines
}

fn some(mark: &str, texts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = texts
        .iter()
        .take(MOST_NAMES)
        .map(|text| format!("  {mark} {text}"))
        .collect();
    if texts.len() > MOST_NAMES {
        lines.push(format!(
            "  {mark} and {} more (--json has them all)",
            texts.len() - MOST_NAMES
        ));
    }
    lines
}
