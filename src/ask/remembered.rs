//! How a conversation is set up, written beside its turns and taken over again.

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

/// How a conversation is set up, for when it is gone on with: profile and model, and what was
/// chosen for it beyond the profile.
pub fn to_remember(overrides: &Overrides, settings: &Settings) -> Value {
    let generation = &overrides.generation;
    json!({
        "profile": settings.profile.value,
        // As it was written: the id alone would not say who answers.
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

/// What was chosen, else what the template decided. What was behind the model is remembered with
/// it.
fn with_template<T: Clone>(chosen: Option<&T>, setting: Option<&Setting<T>>) -> Option<T> {
    let of_template = || {
        setting
            .filter(|setting| matches!(setting.source, ValueSource::Template { .. }))
            .map(|setting| setting.value.clone())
    };
    chosen.cloned().or_else(of_template)
}

/// Takes over what a conversation was set up with, as far as the flags leave it open.
pub fn restore(
    overrides: &mut Overrides,
    remembered: &Value,
    config: &ConfigFile,
    remarks: &mut Vec<Remark>,
) {
    // A template is named now; what was chosen then gives way to it.
    let template = overrides.template.clone().unwrap_or_default();
    let text = |key: &str| remembered[key].as_str().map(str::to_owned);
    let profile = text("profile")
        .filter(|profile| profile != defaults::UNNAMED_PROFILE && template.profile.is_none());
    let is_there = |profile: &String| {
        config.profiles.contains_key(profile) || profile == defaults::DEMO_PROFILE
    };
    if let Some(gone) = profile
        .as_ref()
        .filter(|profile| !is_there(profile) && overrides.profile.is_none())
    {
        remarks.push(Remark::Warning(format!(
            "profile '{gone}' of this conversation no longer exists; the active one is used"
        )));
    }
    let remembered_profile = profile.filter(is_there);
    let of_model = overrides
        .model
        .as_deref()
        .and_then(|model| model_choice::profile_of(model, config));
    overrides.profile = overrides
        .profile
        .take()
        .or(of_model)
        .or(remembered_profile.clone());
    // A model belongs to its profile: another one's provider need not have it.
    if remembered_profile.is_some()
        && overrides.profile == remembered_profile
        && overrides.model.is_none()
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
        generation.set(name, Some(&remembered[field]));
    }
    let generation = generation.without(&template.generation);
    overrides.generation = overrides.generation.or(generation);
    body_options::restore(overrides, &remembered["options"]);
}
