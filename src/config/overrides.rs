//! What the command line decides, above everything that is configured.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::generation::GenerationSettings;
use super::options::{self, path};
use super::options::{MergedOptions, Origin, Spellings};
use super::response_cache::CacheChoice;
use super::schema_choice::SchemaChoice;
use super::template::TemplateLayer;
use crate::chat::pdf::PdfEngine;

/// The values of the flags. `None` means that the flag was not given.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub profile: Option<String>,
    pub model: Option<String>,
    /// The model was chosen before the template, whose settings override the model's parameters.
    pub model_gives_way: bool,
    pub system: Option<String>,
    pub generation: GenerationSettings,
    pub show_reasoning: Option<bool>,
    pub pdf_engine: Option<PdfEngine>,
    pub web: Option<bool>,
    pub cache: Option<CacheChoice>,
    pub max_cost: Option<f64>,
    /// The names of `--tool`; empty for `--no-tools`.
    pub tools: Option<Vec<String>>,
    pub max_steps: Option<u32>,
    pub schema: Option<SchemaChoice>,
    /// Fields of the body by their own names (`-o`, their flags, `/set`).
    pub body: Map<String, Value>,
    /// The field of `max_tokens` in the body, when it was set by that name.
    pub limit_field: Option<&'static str>,
    /// How each of them was set.
    pub spellings: Spellings,
    /// The layer below the flags.
    pub template: Option<TemplateLayer>,
    /// The options whose values were set in the conversation, not on the command line.
    pub set_in_conversation: BTreeSet<&'static str>,
}

/// Options with the slash commands that set them in a conversation.
const SLASH_COMMANDS: &[(&str, &str)] = &[
    ("--profile", "/profile"),
    ("--model", "/model"),
    ("--system", "/system"),
    ("--schema", "/schema"),
    ("--schema-many", "/schema"),
    ("--temperature", "/temperature"),
    ("--top-p", "/set top_p"),
    ("--max-tokens", "/max-tokens"),
    ("--reasoning-effort", "/effort"),
    ("--show-reasoning", "/reasoning"),
    ("--web", "/web"),
];

impl Overrides {
    /// What set the value of an option: its flag, or a slash command.
    pub(crate) fn name_of(&self, option: &'static str) -> &'static str {
        let slash = SLASH_COMMANDS
            .iter()
            .find(|(flag, _)| *flag == option && self.set_in_conversation.contains(flag));
        slash.map_or(option, |(_, command)| *command)
    }

    /// Records that what differs from `before` was set in the conversation.
    pub(crate) fn changed_in_conversation(&mut self, before: &Self) {
        let (now, then) = (&self.generation, &before.generation);
        let changes = [
            ("--profile", self.profile != before.profile),
            ("--model", self.model != before.model),
            ("--system", self.system != before.system),
            ("--schema", self.schema != before.schema),
            ("--schema-many", self.schema != before.schema),
            ("--temperature", now.temperature != then.temperature),
            ("--top-p", now.top_p != then.top_p),
            ("--web", self.web != before.web),
            ("--max-tokens", now.max_tokens != then.max_tokens),
            ("--reasoning-effort", now.effort != then.effort),
            (
                "--show-reasoning",
                self.show_reasoning != before.show_reasoning,
            ),
        ];
        let set = changes.into_iter().filter(|(_, is_set)| *is_set);
        self.set_in_conversation
            .extend(set.map(|(option, _)| option));
    }

    /// The options with those of the template among them, as if they had been given on the command
    /// line. What overrides the template is unchanged.
    #[must_use]
    pub fn with_template_options(&self, merged: &MergedOptions) -> Self {
        let mut flags = self.clone();
        let Some(layer) = flags.template.take() else {
            return flags;
        };
        let is_overridden = |name: &str| {
            let origin = merged.origin(name);
            matches!(origin, Some(Origin::Model(source)) if source > layer.source())
        };
        let mut body = layer.body.clone();
        for name in layer.spellings.keys().filter(|name| is_overridden(name)) {
            path::remove(&mut body, name);
        }
        options::overlay(&mut body, &flags.body);
        flags.body = body;
        for (name, how) in layer.spellings {
            flags.spellings.entry(name).or_insert(how);
        }
        flags
    }

    /// Adds a template that is chosen last, so that it overrides what was set before.
    pub fn give_way_to(&mut self, layer: TemplateLayer) {
        if layer.profile.is_some() {
            (self.profile, self.model) = (None, None);
        }
        self.model = self.model.take().filter(|_| layer.model.is_none());
        self.system = self.system.take().filter(|_| layer.system.is_none());
        self.generation = self.generation.without(&layer.generation);
        options::give_way(&mut self.body, &layer.body);
        self.spellings
            .retain(|name, _| path::get(&self.body, name).is_some());
        self.model_gives_way = true;
        self.template = Some(layer);
    }
}
