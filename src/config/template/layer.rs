//! The settings of a template: a layer between the environment and the flags.

use serde_json::{Map, Value};

use crate::chat::reasoning::Effort;
use crate::config::layers::ValueSource;
use crate::config::options::merged::Spellings;
use crate::config::schema_choice::SchemaChoice;

/// What a template decides, its variables filled in. `None` leaves a setting open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TemplateLayer {
    /// What the template is called in messages.
    pub name: String,
    pub profile: Option<String>,
    pub model: Option<String>,
    pub system: Option<String>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
    /// What the answer must keep to.
    pub schema: Option<SchemaChoice>,
    /// Fields of the body by their own names.
    pub body: Map<String, Value>,
    /// The names by which they are written.
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

    /// The model for a profile: one that comes with a profile is for that one, as another's
    /// provider need not have it.
    pub fn model_for(&self, profile: &str) -> Option<String> {
        let is_meant = self.profile.as_deref().is_none_or(|own| own == profile);
        self.model.clone().filter(|_| is_meant)
    }

    /// The same for a profile to fall back to, which is asked with its own model.
    #[must_use]
    pub fn for_fallback(&self) -> Self {
        Self {
            profile: None,
            model: None,
            ..self.clone()
        }
    }
}
