//! What one call of the program decides, above everything that is configured.

use serde_json::{Map, Value};

use super::options::merged::{MergedOptions, Origin, Spellings};
use super::options::{self, path};
use super::schema_choice::SchemaChoice;
use super::template::TemplateLayer;
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning::Effort;

/// What the command line decides. `None` means that the flag was not given.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub profile: Option<String>,
    pub model: Option<String>,
    /// The model was chosen before the template was named, which its parameters give way to.
    pub model_gives_way: bool,
    pub system: Option<String>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
    pub show_reasoning: Option<bool>,
    pub pdf_engine: Option<PdfEngine>,
    pub max_cost: Option<f64>,
    pub schema: Option<SchemaChoice>,
    /// Fields of the body by their own names (`-o`, their flags, `/set`).
    pub body: Map<String, Value>,
    /// How each of them was chosen.
    pub spellings: Spellings,
    /// The layer below the flags.
    pub template: Option<TemplateLayer>,
}

impl Overrides {
    /// The options with those of a template among them, as if they stood on the command line; what
    /// is stronger than the template stays as it is.
    #[must_use]
    pub fn with_template_options(&self, laid: &MergedOptions) -> Self {
        let mut flags = self.clone();
        let Some(layer) = flags.template.take() else {
            return flags;
        };
        let is_beaten = |name: &str| matches!(laid.origin(name), Some(Origin::Model(source)) if source > layer.source());
        let mut body = layer.body.clone();
        for name in layer.spellings.keys().filter(|name| is_beaten(name)) {
            path::remove(&mut body, name);
        }
        options::overlay(&mut body, &flags.body);
        flags.body = body;
        for (name, how) in layer.spellings {
            flags.spellings.entry(name).or_insert(how);
        }
        flags
    }

    /// Takes a template that is named after everything else was chosen, which gives way to it.
    pub fn give_way_to(&mut self, layer: TemplateLayer) {
        if layer.profile.is_some() {
            (self.profile, self.model) = (None, None);
        }
        self.model = self.model.take().filter(|_| layer.model.is_none());
        self.system = self.system.take().filter(|_| layer.system.is_none());
        self.temperature = self.temperature.filter(|_| layer.temperature.is_none());
        self.top_p = self.top_p.filter(|_| layer.top_p.is_none());
        self.max_tokens = self.max_tokens.filter(|_| layer.max_tokens.is_none());
        self.effort = self.effort.filter(|_| layer.effort.is_none());
        options::give_way(&mut self.body, &layer.body);
        self.spellings
            .retain(|name, _| path::get(&self.body, name).is_some());
        self.model_gives_way = true;
        self.template = Some(layer);
    }
}
