//! What the command line decides, above everything that is configured.

use serde_json::{Map, Value};

use super::generation::GenerationSettings;
use super::options::{self, path};
use super::options::{MergedOptions, Origin, Spellings};
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
    pub max_cost: Option<f64>,
    pub schema: Option<SchemaChoice>,
    /// Fields of the body by their own names (`-o`, their flags, `/set`).
    pub body: Map<String, Value>,
    /// The field of `max_tokens` in the body, when it was set by that name.
    pub limit_field: Option<&'static str>,
    /// How each of them was set.
    pub spellings: Spellings,
    /// The layer below the flags.
    pub template: Option<TemplateLayer>,
}

impl Overrides {
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
