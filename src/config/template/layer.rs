//! The settings of a template: a layer between the environment and the flags.

use serde_json::{Map, Value};

use crate::config::generation::GenerationSettings;
use crate::config::layers::ValueSource;
use crate::config::options::Spellings;
use crate::config::schema_choice::SchemaChoice;

/// The settings of a template with its variables filled in. `None` leaves one unset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TemplateLayer {
    /// The name of the template in messages.
    pub name: String,
    pub profile: Option<String>,
    pub model: Option<String>,
    pub system: Option<String>,
    pub generation: GenerationSettings,
    /// The schema of the answer.
    pub schema: Option<SchemaChoice>,
    /// Names and patterns of tools that the model may call.
    pub tools: Option<Vec<String>>,
    /// Fields of the body by their own names.
    pub body: Map<String, Value>,
    /// How each of them is written in the template.
    pub spellings: Spellings,
}

impl TemplateLayer {
    /// A value of this layer with its source.
    pub fn setting<T>(&self, value: Option<T>) -> Option<(T, ValueSource)> {
        value.map(|value| {
            (
                value,
                ValueSource::Template {
                    name: self.name.clone(),
                },
            )
        })
    }

    pub fn source(&self) -> ValueSource {
        ValueSource::Template {
            name: self.name.clone(),
        }
    }

    /// The model for a profile. A model beside a profile is for that profile: the provider of
    /// another may not have it.
    pub fn model_for(&self, profile: &str) -> Option<String> {
        let is_meant = self.profile.as_deref().is_none_or(|own| own == profile);
        self.model.clone().filter(|_| is_meant)
    }

    /// The same for a fallback profile, which uses its own model.
    #[must_use]
    pub fn for_fallback(&self) -> Self {
        Self {
            profile: None,
            model: None,
            ..self.clone()
        }
    }
}
