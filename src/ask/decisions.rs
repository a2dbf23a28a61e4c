//! Values that depend on more than one setting: `max_tokens` and the reasoning effort. The request
//! and `config explain` use the same decision.

use super::model_facts::ModelFacts;
use super::preflight::caps::{self, Cap};
use crate::chat::reasoning::Effort;
use crate::chat::route::{self, Route};
use crate::config::{Settings, ValueSource, env};
use crate::present::count::thousands;

/// Why a request has its `max_tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitReason {
    /// As set, or as it is by default.
    Chosen,
    /// The floor of reasoning models is higher than what is set.
    Floor,
    /// The maximum output of the model, by the catalogue, is lower.
    ModelMaximum,
    /// A cap does not afford the floor of reasoning models.
    Cap,
}

/// The `max_tokens` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutputLimit {
    pub tokens: u32,
    pub reason: LimitReason,
}

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
    /// the user chose adds a note; for the limit see [`limit_note`].
    pub(crate) fn of(settings: &Settings, facts: &ModelFacts, notes: &mut Vec<String>) -> Self {
        let mode = settings.reasoning.value;
        let chosen = settings.effort.as_ref().map(|effort| effort.value);
        let (route, note) = route::decide(&settings.model.value, mode, chosen, facts.thinking());
        notes.extend(note);
        let limit = output_limit(settings, route.is_some(), facts);
        Self {
            limit,
            effort: EffortDecision { route, chosen },
        }
    }
}

impl OutputLimit {
    /// The limit under a cap that affords so many tokens: one that amx raised is lowered to it, but
    /// neither below the default of other models nor below the user's number.
    pub(crate) fn under(self, affordable: u32, settings: &Settings) -> Self {
        let least = if settings.max_tokens.is_default() {
            caps::LEAST
        } else {
            caps::LEAST.max(settings.max_tokens.value)
        };
        let most = affordable.max(least);
        if self.reason == LimitReason::Chosen || most >= self.tokens {
            return self;
        }
        Self {
            tokens: most,
            reason: LimitReason::Cap,
        }
    }
}

/// The configured limit; for a reasoning model at least the floor and at most the model's maximum.
fn output_limit(settings: &Settings, is_reasoning: bool, facts: &ModelFacts) -> OutputLimit {
    let (mut tokens, mut reason) = (settings.max_tokens.value, LimitReason::Chosen);
    if !is_reasoning {
        return OutputLimit { tokens, reason };
    }
    if settings.floor.value > tokens {
        (tokens, reason) = (settings.floor.value, LimitReason::Floor);
    }
    if let Some(maximum) = facts
        .max_output_tokens()
        .filter(|maximum| *maximum < tokens)
    {
        (tokens, reason) = (maximum, LimitReason::ModelMaximum);
    }
    OutputLimit { tokens, reason }
}

/// A note when the limit that is sent differs from the one chosen for this question, or a cap
/// lowers the floor.
pub(crate) fn limit_note(
    settings: &Settings,
    limit: OutputLimit,
    cap: Option<Cap>,
) -> Option<String> {
    let (chosen, sent) = (settings.max_tokens.value, limit.tokens);
    if let (LimitReason::Cap, Some(cap)) = (limit.reason, cap) {
        return Some(format!(
            "the floor of {} output tokens for a reasoning model is lowered to {}, which {} \
            affords",
            thousands(settings.floor.value.into()),
            thousands(sent.into()),
            caps::words(settings, cap.kind)
        ));
    }
    if sent < chosen {
        let model = &settings.model.value;
        return Some(format!(
            "max_tokens {} lowered to {}, the maximum of {model}",
            thousands(chosen.into()),
            thousands(sent.into())
        ));
    }
    let ValueSource::Flag { option } = &settings.max_tokens.source else {
        return None;
    };
    (sent > chosen).then(|| {
        format!(
            "{option} {} raised to {} for a reasoning model; {}=0 turns the floor off",
            thousands(chosen.into()),
            thousands(sent.into()),
            env::AMX_LLM_MIN_MAX_TOKENS.name
        )
    })
}
