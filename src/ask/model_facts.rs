//! What the kept list of models knows of the models that are asked. Where there is no list, or none
//! that can be read, nothing.

use super::model_list::server_name;
use crate::catalog::{Capability, Model};
use crate::chat::cost::TokenPrice;
use crate::chat::route::Thinking;
use crate::config::Settings;
use crate::ports::equipment::Equipment;
use crate::store::CatalogReader;

/// The model of one profile, and those that its provider falls back to by itself.
#[derive(Debug, Clone, Default)]
pub struct ModelFacts {
    model: Option<Model>,
    /// Whether the model has the very id that is asked; else the id is a variant of it.
    is_exact: bool,
    /// `None` for those that the list does not have.
    fallbacks: Vec<Option<Model>>,
}

impl ModelFacts {
    /// Looks into the store; the network is never asked.
    pub fn of(settings: &Settings, equipment: &Equipment) -> Self {
        Self::read(settings, equipment).unwrap_or_default()
    }

    fn read(settings: &Settings, equipment: &Equipment) -> Option<Self> {
        if settings.entry.is_demo() {
            return None;
        }
        let reader = CatalogReader::open(&equipment.home().ok()?)?;
        let server = server_name(&settings.base_url.value);
        let (model, is_exact) = reader.model(&server, &settings.model.value)?;
        let fallback = |id: &String| {
            reader
                .model(&server, id)
                .filter(|(_, is_exact)| *is_exact)
                .map(|(model, _)| model)
        };
        let sent = settings
            .fallback_models
            .as_ref()
            .filter(|_| settings.entry.is_openrouter)
            .map_or(&[][..], |models| &models.value);
        Some(Self {
            model: Some(model),
            is_exact,
            fallbacks: sent.iter().map(fallback).collect(),
        })
    }

    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Whether neither the model nor any that its provider falls back to takes the parameter. What
    /// is not known may take it.
    pub fn lacks(&self, parameter: &str) -> bool {
        self.none_of_them(|model| model.takes(parameter) == Some(false))
    }

    /// Likewise for what a model can do.
    pub fn cannot(&self, capability: Capability) -> bool {
        self.none_of_them(|model| model.can(capability) == Some(false))
    }

    fn none_of_them(&self, lacks: impl Fn(&Model) -> bool) -> bool {
        self.model.as_ref().is_some_and(&lacks)
            && self
                .fallbacks
                .iter()
                .all(|fallback| fallback.as_ref().is_some_and(&lacks))
    }

    pub fn thinking(&self) -> Thinking<'_> {
        self.model
            .as_ref()
            .map_or(Thinking::Unknown, Model::thinking)
    }

    /// Most tokens of an answer.
    pub fn most_tokens(&self) -> Option<u32> {
        self.model
            .as_ref()?
            .max_completion_tokens
            .and_then(|most| u32::try_from(most).ok())
    }

    /// Whether the model, and each that its provider falls back to, is known to read documents
    /// itself.
    pub fn takes_documents(&self) -> bool {
        let can = |model: &Model| model.can(Capability::Files) == Some(true);
        self.model.as_ref().is_some_and(can)
            && self
                .fallbacks
                .iter()
                .all(|fallback| fallback.as_ref().is_some_and(can))
    }

    /// The most that a token costs with a prompt of at most so many tokens, whichever of the models
    /// answers; `None` when that is not known of all of them.
    pub fn price(&self, prompt_tokens: u64) -> Option<TokenPrice> {
        let model = self.model.as_ref().filter(|_| self.is_exact)?;
        let mut price = model.price.at_most(prompt_tokens)?;
        for fallback in &self.fallbacks {
            let other = fallback.as_ref()?.price.at_most(prompt_tokens)?;
            price = TokenPrice {
                input: price.input.max(other.input),
                output: price.output.max(other.output),
            };
        }
        Some(price)
    }
}
