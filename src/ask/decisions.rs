//! Values that more than one setting decides: `max_tokens` and the effort of a reasoning model.
//! The request is made from them, and `config explain` shows them.

use super::model_facts::ModelFacts;
use crate::chat::reasoning::Effort;
use crate::chat::route::{self, Route};
use crate::config::{Settings, ValueSource, env};
use crate::present::count::thousands;

/// Why a request has its `max_tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReason {
    /// As set, or as it is by default.
    Chosen,
    /// The floor of reasoning models is higher than what is set.
    Floor,
    /// The catalogue says that the model gives no more.
    ModelMaximum,
}

/// The `max_tokens` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputLimit {
    pub tokens: u32,
    pub reason: LimitReason,
}

/// How a request asks for reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffortDecision {
    /// `None` where no effort is sent.
    pub route: Option<Route>,
    /// Of the profile, the environment or a flag.
    pub chosen: Option<Effort>,
}

/// What was decided for one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decisions {
    pub limit: OutputLimit,
    pub effort: EffortDecision,
}

impl Decisions {
    /// Decides by the settings and what the catalogue says of the model. What differs from what the
    /// user chose is noted.
    pub fn of(settings: &Settings, facts: &ModelFacts, notes: &mut Vec<String>) -> Self {
        let mode = settings.reasoning.value;
        let chosen = settings.effort.as_ref().map(|effort| effort.value);
        let (route, note) = route::decide(&settings.model.value, mode, chosen, facts.thinking());
        notes.extend(note);
        let limit = output_limit(settings, route.is_some(), facts);
        notes.extend(limit_note(settings, limit));
        Self {
            limit,
            effort: EffortDecision { route, chosen },
        }
    }
}

/// What is set; for a reasoning model at least the floor, and no more than the model gives.
fn output_limit(settings: &Settings, is_reasoning: bool, facts: &ModelFacts) -> OutputLimit {
    let asked = settings.max_tokens.value;
    let (mut tokens, mut reason) = (asked, LimitReason::Chosen);
    if !is_reasoning {
        return OutputLimit { tokens, reason };
    }
    if settings.floor.value > tokens {
        (tokens, reason) = (settings.floor.value, LimitReason::Floor);
    }
    if let Some(most) = facts.most_tokens().filter(|most| *most < tokens) {
        (tokens, reason) = (most, LimitReason::ModelMaximum);
    }
    OutputLimit { tokens, reason }
}

/// Said where a limit that somebody chose for this question is not the one that is sent.
fn limit_note(settings: &Settings, limit: OutputLimit) -> Option<String> {
    let (asked, sent) = (settings.max_tokens.value, limit.tokens);
    if sent < asked {
        let model = &settings.model.value;
        return Some(format!(
            "max_tokens {} lowered to {}, the maximum of {model}",
            thousands(asked.into()),
            thousands(sent.into())
        ));
    }
    let ValueSource::Flag { option } = &settings.max_tokens.source else {
        return None;
    };
    (sent > asked).then(|| {
        format!(
            "{option} {} raised to {} for a reasoning model; {}=0 turns the floor off",
            thousands(asked.into()),
            thousands(sent.into()),
            env::AMX_LLM_MIN_MAX_TOKENS.name
        )
    })
}
