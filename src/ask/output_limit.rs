//! The one decision of `max_tokens`: the request, `--dry-run`, `config explain`, `/profile` and
//! `/set` show its value and its reason.
//!
//! | what | raises or lowers |
//! |---|---|
//! | the setting, or the default | where it starts |
//! | floor of reasoning models | raises |
//! | maximum output of the model | lowers; the user's number too, when the model reasons |
//! | context window without the prompt | lowers what amx asks for, never the user's number |
//! | what a cap affords | lowers what amx raised, down to [`caps::LEAST`] |

use super::model_facts::ModelFacts;
use super::preflight::caps::{self, Cap};
use crate::attachments::estimated_tokens;
use crate::chat::message::{ContentPart, Message};
use crate::config::{Settings, ValueSource, env};
use crate::present::count::thousands;

/// Fewest output tokens beside a long prompt: the server decides whether they fit.
const LEAST_ROOM: u32 = 256;

/// Tokens of a message beyond its text, and of the template around all of them.
const MESSAGE_TOKENS: u64 = 8;
const TEMPLATE_TOKENS: u64 = 64;

/// Tokens of an attachment that is no text.
const ATTACHMENT_TOKENS: u64 = 1500;

/// The space of the prompt is a multiple of this, so that short questions get the same limit.
const STEP: u64 = 256;

/// Why a request has its `max_tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitReason {
    /// As set, or as it is by default.
    Chosen,
    /// The floor of reasoning models is higher than what is set.
    Floor,
    /// The maximum output of the model is lower.
    ModelMaximum,
    /// The context window leaves less beside the prompt.
    Window,
    /// A cap on costs affords less.
    Cap,
}

/// The `max_tokens` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutputLimit {
    pub tokens: u32,
    pub reason: LimitReason,
}

/// What bounds the answer beside the settings and the model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    /// Space for the prompt, see [`prompt_space`].
    pub prompt: u64,
    /// Tokens of prompt and answer together, where known.
    pub window: Option<u64>,
}

impl Bounds {
    /// What the window leaves for the answer.
    pub(crate) fn room(self) -> Option<u32> {
        let room = self.window?.saturating_sub(self.prompt);
        Some(u32::try_from(room).unwrap_or(u32::MAX))
    }
}

/// The space to keep for a prompt, in tokens: its estimate and a quarter more, rounded up.
pub(crate) fn prompt_space(messages: &[Message]) -> u64 {
    let of_part = |part: &ContentPart| match part {
        ContentPart::Text(text) => estimated_tokens(text),
        _ => ATTACHMENT_TOKENS,
    };
    let of_message = |message: &Message| -> u64 {
        let calls = message.tool_calls.iter();
        let calls: u64 = calls.map(|call| estimated_tokens(&call.arguments)).sum();
        message.content.iter().map(of_part).sum::<u64>() + calls + MESSAGE_TOKENS
    };
    let estimate: u64 = messages.iter().map(of_message).sum();
    (estimate + estimate / 4 + TEMPLATE_TOKENS).next_multiple_of(STEP)
}

/// Decides the `max_tokens` of a request.
pub(crate) fn decide(
    settings: &Settings,
    is_reasoning: bool,
    facts: &ModelFacts,
    bounds: Bounds,
) -> OutputLimit {
    let chosen = settings.max_tokens.value;
    let is_by_user = !settings.max_tokens.is_default();
    let mut limit = OutputLimit {
        tokens: chosen,
        reason: LimitReason::Chosen,
    };
    if is_reasoning && settings.floor.value > chosen {
        limit = OutputLimit {
            tokens: settings.floor.value,
            reason: LimitReason::Floor,
        };
    }
    let is_users_number = is_by_user && limit.reason == LimitReason::Chosen;
    if let Some(maximum) = facts.max_output_tokens()
        && (is_reasoning || !is_by_user)
    {
        limit.lower(maximum, LimitReason::ModelMaximum);
    }
    if is_users_number {
        return limit;
    }
    let least = if is_by_user { chosen } else { 1 };
    if let Some(room) = bounds.room() {
        limit.lower(room.max(LEAST_ROOM).max(least), LimitReason::Window);
    }
    limit
}

impl OutputLimit {
    fn lower(&mut self, tokens: u32, reason: LimitReason) {
        if tokens < self.tokens {
            *self = Self { tokens, reason };
        }
    }

    /// The limit under a cap that affords so many tokens: one that amx raised is lowered to it, but
    /// neither below the default of other models nor below the user's number.
    pub(crate) fn under(self, affordable: u32, settings: &Settings) -> Self {
        let least = if settings.max_tokens.is_default() {
            caps::LEAST
        } else {
            caps::LEAST.max(settings.max_tokens.value)
        };
        let mut limit = self;
        if self.reason != LimitReason::Chosen {
            limit.lower(affordable.max(least), LimitReason::Cap);
        }
        limit
    }

    /// Whether it is the number that the user set.
    pub(crate) fn is_users_number(self, settings: &Settings) -> bool {
        !settings.max_tokens.is_default() && self.tokens == settings.max_tokens.value
    }
}

/// A note when the limit that is sent differs from the one that the user set, or a cap lowers the
/// floor.
pub(crate) fn note(settings: &Settings, limit: OutputLimit, cap: Option<Cap>) -> Option<String> {
    let (chosen, sent) = (settings.max_tokens.value, limit.tokens);
    let tokens = thousands(sent.into());
    if let (LimitReason::Cap, Some(cap)) = (limit.reason, cap) {
        return Some(format!(
            "the floor of {} output tokens for a reasoning model is lowered to {tokens}, which {} \
            affords",
            thousands(settings.floor.value.into()),
            caps::words(settings, cap.kind)
        ));
    }
    if sent < chosen {
        let model = &settings.model.value;
        return (!settings.max_tokens.is_default()).then(|| {
            format!(
                "max_tokens {} lowered to {tokens}, the maximum of {model}",
                thousands(chosen.into())
            )
        });
    }
    let ValueSource::Flag { option } = &settings.max_tokens.source else {
        return None;
    };
    (sent > chosen).then(|| {
        format!(
            "{option} {} raised to {tokens} for a reasoning model; {}=0 turns the floor off",
            thousands(chosen.into()),
            env::AMX_LLM_MIN_MAX_TOKENS.name
        )
    })
}
