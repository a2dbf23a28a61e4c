//! The current values of the slash commands that set something, as the menu shows them.

use super::state::Conversation;
use crate::ask::{explain, model_list};
use crate::config::explained::Explained;
use crate::config::{Settings, defaults};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::wire::redact::cut;
use std::sync::PoisonError;

/// Characters of a system prompt.
const LONGEST: usize = 40;

impl Conversation {
    /// The settings as they are sent with the next message, with their sources.
    ///
    /// # Errors
    /// When no request can be made of them.
    pub(crate) fn explained(&self, context: &Context<'_>) -> Result<Vec<Explained>, CommandError> {
        explain::explain(&self.resolved(), &context.equipment)
    }

    /// Updates what the menu and Tab show.
    pub(crate) fn update_completer(&self, context: &Context<'_>) {
        let allowed = self.tools.gate().permissions.allowed_words();
        let attached = self.attached.len();
        let explained = self.explained(context);
        let explained = explained.unwrap_or_else(|_| self.settings.explain());
        let values = current_values(
            &self.settings,
            &explained,
            attached,
            self.is_multiline,
            &allowed,
        );
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.values = values;
        names.profiles = self
            .config
            .profiles
            .iter()
            .map(|(name, profile)| (name.clone(), profile.model.clone().unwrap_or_default()))
            .collect();
        names.server = model_list::server_name(&self.settings.base_url.value);
        let configured = self
            .config
            .profiles
            .values()
            .filter_map(|profile| profile.model.clone());
        let used = self
            .session
            .path
            .iter()
            .map(|stored| stored.turn.requested_model.clone());
        names.models.extend(
            configured
                .chain(used)
                .chain([self.settings.model.value.clone()]),
        );
    }

    /// Adds model IDs for completion.
    pub(crate) fn add_models(&self, models: impl IntoIterator<Item = String>) {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .models
            .extend(models);
    }

    /// The model IDs of profiles, turns and lists seen in this run.
    pub(crate) fn known_models(&self) -> Vec<String> {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .models
            .iter()
            .cloned()
            .collect()
    }
}

/// Each command with its value; those without one are omitted.
fn current_values(
    settings: &Settings,
    explained: &[Explained],
    attached: usize,
    is_multiline: bool,
    allowed: &str,
) -> Vec<(&'static str, String)> {
    let sent = |key: &str| {
        let line = explained.iter().find(|line| line.key == key);
        line.map(|line| line.value.clone())
    };
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
        ("temperature", sent("temperature")),
        ("max-tokens", sent("max_tokens")),
        ("effort", sent("reasoning_effort")),
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
