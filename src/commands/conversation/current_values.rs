//! The current values of the slash commands that set something, as the menu shows them.

use crate::config::{Settings, defaults};
use crate::wire::redact::cut;

/// Characters of a system prompt.
const LONGEST: usize = 40;

/// Each command with its value; those without one are omitted.
pub(super) fn current_values(
    settings: &Settings,
    attached: usize,
    is_multiline: bool,
    allowed: &str,
) -> Vec<(&'static str, String)> {
    let profile = &settings.profile.value;
    let values = [
        ("model", Some(settings.model.value.clone())),
        (
            "profile",
            (profile != defaults::UNNAMED_PROFILE).then(|| profile.clone()),
        ),
        (
            "system",
            settings
                .system
                .as_ref()
                .map(|system| first_line(&system.value)),
        ),
        (
            "temperature",
            settings
                .temperature
                .as_ref()
                .map(|set| set.value.to_string()),
        ),
        ("max-tokens", Some(settings.max_tokens.value.to_string())),
        (
            "effort",
            settings
                .effort
                .as_ref()
                .map(|set| set.value.as_str().to_owned()),
        ),
        (
            "reasoning",
            settings
                .show_reasoning
                .as_ref()
                .map(|show| if show.value { "show" } else { "hide" }.to_owned()),
        ),
        ("web", settings.services.searches().then(|| "on".to_owned())),
        ("tools", chosen_tools(settings)),
        ("allow", listed(allowed)),
        ("schema", settings.schema.as_ref().map(|_| "on".to_owned())),
        ("multiline", is_multiline.then(|| "on".to_owned())),
        (
            "file",
            (attached > 0).then(|| format!("{attached} attached")),
        ),
    ];
    values
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn chosen_tools(settings: &Settings) -> Option<String> {
    let tools = settings.tools.as_ref()?;
    listed(&tools.value.join(", "))
}

fn listed(names: &str) -> Option<String> {
    (!names.is_empty()).then(|| cut(names, LONGEST))
}

fn first_line(text: &str) -> String {
    cut(text.lines().next().unwrap_or_default(), LONGEST)
}
