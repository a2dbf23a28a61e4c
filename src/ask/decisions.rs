//! Values that depend on more than one setting: `max_tokens` and the reasoning effort. The request
//! and `config explain` use the same decision.

use super::model_facts::ModelFacts;
use super::output_limit::{self, Bounds, OutputLimit};
use crate::chat::reasoning::Effort;
use crate::chat::route::{self, Route};
use crate::config::Settings;

/// How a request asks for reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EffortDecision {
    /// `None` where no effort is sent.
    pub route: Option<Route>,
    /// From the profile, the environment or a flag.
    pub chosen: Option<Effort>,
}

/// The decisions for one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decisions {
    pub limit: OutputLimit,
    pub effort: EffortDecision,
}

impl Decisions {
    /// Decides by the settings and the model's catalogue entry. An effort that differs from the one
    /// the user chose adds a note; for the limit see [`output_limit::note`].
    pub(crate) fn of(
        settings: &Settings,
        facts: &ModelFacts,
        bounds: Bounds,
        notes: &mut Vec<String>,
    ) -> Self {
        let mode = settings.reasoning.value;
        let chosen = settings.effort.as_ref().map(|effort| effort.value);
        let (route, note) = route::decide(&settings.model.value, mode, chosen, facts.thinking());
        notes.extend(note);
        let limit = output_limit::decide(settings, route.is_some(), facts, bounds);
        Self {
            limit,
            effort: EffortDecision { route, chosen },
        }
    }
}
