//! The settings of a conversation: stored with its turns, and restored when it is resumed.

use serde_json::{Value, json};

use super::body_options;
use crate::config::options::Remark;
use crate::config::{
    ConfigFile, GenerationSettings, Overrides, Setting, Settings, ValueSource, defaults,
    model_choice,
};

/// The typed settings, each with its field in the stored settings of a conversation.
const GENERATION: [(&str, &str); 4] = [
    ("temperature", "temperature"),
    ("top_p", "top_p"),
    ("max_tokens", "max_tokens"),
    ("reasoning_effort", "effort"),
];

/// The settings to store with a conversation, as an object: profile, model, and what was chosen for
/// the conversation in addition to the profile.
pub(crate) fn to_json(overrides: &Overrides, settings: &Settings) -> Value {
    let generation = &overrides.generation;
    json!({
        "profile": settings.profile.value,
        // As typed: the ID alone does not name the provider.
        "model": settings.written_model.as_deref().unwrap_or(&settings.model.value),
        "system": with_template(overrides.system.as_ref(), settings.system.as_ref()),
        "temperature": with_template(
            generation.temperature.as_ref(),
            settings.temperature.as_ref(),
        ),
        "top_p": with_template(generation.top_p.as_ref(), settings.top_p.as_ref()),
        "max_tokens": with_template(
            generation.max_tokens.as_ref(),
            Some(&settings.max_tokens),
        ),
        "effort": with_template(generation.effort.as_ref(), settings.effort.as_ref()),
        "options": body_options::to_remember(&overrides.with_template_options(&settings.options)),
    })
}

/// The chosen value, else that of the template. Model parameters after the model ID are stored with
/// the model.
fn with_template<T: Clone>(chosen: Option<&T>, setting: Option<&Setting<T>>) -> Option<T> {
    let of_template = || {
        setting
            .filter(|setting| matches!(setting.source, ValueSource::Template { .. }))
            .map(|setting| setting.value.clone())
    };
    chosen.cloned().or_else(of_template)
}

/// Restores the stored settings of a conversation. Flags and a template override them.
pub(crate) fn restore(
    overrides: &mut Overrides,
    stored: &Value,
    config: &ConfigFile,
    remarks: &mut Vec<Remark>,
) {
    // A template that is named now overrides what was chosen earlier.
    let template = overrides.template.clone().unwrap_or_default();
    let text = |key: &str| stored[key].as_str().map(str::to_owned);
    let profile = text("profile")
        .filter(|profile| profile != defaults::UNNAMED_PROFILE && template.profile.is_none());
    let exists = |profile: &String| {
        config.profiles.contains_key(profile) || profile == defaults::DEMO_PROFILE
    };
    if let Some(gone) = profile
        .as_ref()
        .filter(|profile| !exists(profile) && overrides.profile.is_none())
    {
        remarks.push(Remark::Warning(format!(
            "profile '{gone}' of this conversation no longer exists; using the active profile"
        )));
    }
    let stored_profile = profile.filter(exists);
    let of_model = overrides
        .model
        .as_deref()
        .and_then(|model| model_choice::profile_of(model, config));
    overrides.profile = overrides
        .profile
        .take()
        .or(of_model)
        .or(stored_profile.clone());
    // The provider of another profile may not have the model.
    if stored_profile.is_some() && overrides.profile == stored_profile && overrides.model.is_none()
    {
        overrides.model = text("model").filter(|_| template.model.is_none());
        overrides.model_gives_way = true;
    }
    overrides.system = overrides
        .system
        .take()
        .or(text("system").filter(|_| template.system.is_none()));
    let mut generation = GenerationSettings::default();
    for (name, field) in GENERATION {
        generation.set(name, Some(&stored[field]));
    }
    let generation = generation.without(&template.generation);
    overrides.generation = overrides.generation.or(generation);
    body_options::restore(overrides, &stored["options"]);
}
