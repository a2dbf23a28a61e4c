//! Facts of the cached model catalogue about the models of a request. Without a readable catalogue
//! every fact is unknown.

use super::adjustments;
use super::model_list::server_name;
use crate::catalog::{Capability, Model};
use crate::chat::adjustment::Adjustment;
use crate::chat::cost::TokenPrice;
use crate::chat::route::Thinking;
use crate::config::Settings;
use crate::ports::equipment::Equipment;
use crate::store::CatalogReader;

/// The catalogue entries of a profile's model and of its `fallback_models`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelFacts {
    model: Option<Model>,
    /// Whether the entry has exactly the requested ID; otherwise the ID is a variant of it.
    is_exact: bool,
    /// `None` for those that are not in the catalogue.
    fallbacks: Vec<Option<Model>>,
    /// What its server refused before.
    adjustments: Vec<Adjustment>,
}

impl ModelFacts {
    /// Reads the store and what was fetched before, never the network.
    pub(crate) fn of(settings: &Settings, equipment: &Equipment) -> Self {
        let home = equipment.home().ok();
        let reader = home.and_then(|home| CatalogReader::open(&home));
        Self {
            adjustments: adjustments::known(settings, reader.as_ref(), equipment),
            ..Self::read(settings, reader.as_ref(), equipment).unwrap_or_default()
        }
    }

    fn read(
        settings: &Settings,
        reader: Option<&CatalogReader>,
        equipment: &Equipment,
    ) -> Option<Self> {
        if settings.entry.is_demo() {
            return None;
        }
        let server = server_name(&settings.base_url.value);
        let find = |id: &str| {
            let fetched = equipment.fetched.model(&server, id);
            fetched.or_else(|| reader?.model(&server, id))
        };
        let (model, is_exact) = find(&settings.model.value)?;
        let fallback = |id: &String| {
            find(id)
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
            adjustments: Vec::new(),
        })
    }

    /// What the server refused of the requests for this model before.
    pub(crate) fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    /// What the server has just refused holds for the next requests, too.
    pub(super) fn learn(&mut self, adjustment: &Adjustment) {
        self.adjustments.retain(|other| !adjustment.replaces(other));
        self.adjustments.push(adjustment.clone());
    }

    pub(crate) fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Whether neither the model nor any of its fallback models supports the parameter. A model
    /// that is not in the catalogue may support it.
    pub(crate) fn lacks(&self, parameter: &str) -> bool {
        self.all_lack(|model| model.takes(parameter) == Some(false))
    }

    /// The same for a capability.
    pub(crate) fn lacks_capability(&self, capability: Capability) -> bool {
        self.all_lack(|model| model.can(capability) == Some(false))
    }

    fn all_lack(&self, lacks: impl Fn(&Model) -> bool) -> bool {
        self.model.as_ref().is_some_and(&lacks)
            && self
                .fallbacks
                .iter()
                .all(|fallback| fallback.as_ref().is_some_and(&lacks))
    }

    /// Reasoning support of the model.
    pub(crate) fn thinking(&self) -> Thinking<'_> {
        self.model
            .as_ref()
            .map_or(Thinking::Unknown, Model::thinking)
    }

    /// Maximum tokens of an answer, by the catalogue and by what the server refused before.
    pub(crate) fn max_output_tokens(&self) -> Option<u32> {
        let listed = self.model.as_ref().and_then(|model| {
            model
                .max_completion_tokens
                .and_then(|tokens| u32::try_from(tokens).ok())
        });
        let refused = self
            .adjustments
            .iter()
            .find_map(|adjustment| match adjustment {
                Adjustment::Output(tokens) => Some(*tokens),
                _ => None,
            });
        listed.into_iter().chain(refused).min()
    }

    /// The context window that a refusal of the server named, in tokens.
    pub(crate) fn refused_window(&self) -> Option<u64> {
        self.adjustments
            .iter()
            .find_map(|adjustment| match adjustment {
                Adjustment::Window(tokens) => Some(*tokens),
                _ => None,
            })
    }

    /// Whether the catalogue lists file input for the model and for each of its fallback models.
    pub(crate) fn accepts_documents(&self) -> bool {
        let can = |model: &Model| model.can(Capability::Files) == Some(true);
        self.model.as_ref().is_some_and(can)
            && self
                .fallbacks
                .iter()
                .all(|fallback| fallback.as_ref().is_some_and(can))
    }

    /// The highest price per token of the model and its fallback models for a prompt of at most
    /// `prompt_tokens`; `None` when the price of any of them is unknown.
    pub(crate) fn price(&self, prompt_tokens: u64) -> Option<TokenPrice> {
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
