//! The fields that amx adds to a body by itself, and those of a profile that not every model has,
//! and which of them a server refused.

use serde_json::{Map, Value};

use super::model_facts::ModelFacts;
use crate::chat::adjustment::Adjustment;
use crate::chat::reasoning::ReasoningMode;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::request::{ChatRequest, LIMIT_FIELDS};
use crate::chat::target::Target;
use crate::config::Settings;
use crate::config::layers::{Setting, ValueSource};
use crate::config::options::path;

/// What is omitted of reasoning.
const EFFORT: &str = "reasoning.effort";

/// Words, in lower case, of a model that calls tools only with reasoning turned off. OpenAI, from
/// gpt-5.4 on: "Function tools with reasoning_effort are not supported for gpt-5.4 in
/// /v1/chat/completions. Please use /v1/responses instead."
const TOOLS_WITHOUT_REASONING: &str = "function tools with reasoning_effort";

/// A field that amx adds to a body by itself.
pub(super) struct OwnField {
    /// Its names in the bodies of the providers.
    pub names: &'static [&'static str],
    /// Words of a refusal, in lower case, that mean it without its name.
    pub words: &'static [&'static str],
    /// What is not sent after a refusal.
    pub omits: &'static str,
}

/// Every field that amx adds to a body by itself and a server may refuse, except those of a schema
/// and of log probabilities, which have other forms to step down to. The first that a refusal names
/// is the one.
pub(super) const OWN: &[OwnField] = &[
    OwnField {
        names: &["stream_options"],
        words: &["include_usage"],
        omits: "stream_options",
    },
    OwnField {
        names: &["reasoning_effort", "reasoning"],
        words: &[
            // Ollama
            "does not support thinking",
            // Ollama: "think value "low" is not supported for this model"
            "think value",
            // Google: "Thinking level LOW is not supported for this model"
            "thinking level",
            "thinking budget",
            "thinking is not enabled",
            "does not support reasoning",
            "thinking is not supported",
            "reasoning is not supported",
            "reasoning effort",
            // xAI: "Argument not supported on this model: reasoningEffort"
            "reasoningeffort",
        ],
        omits: EFFORT,
    },
    // Of a profile, which has them for all the models that are used with it: `add-llm-profile`
    // writes a temperature. Words such as "`temperature` is deprecated for this model."
    OwnField {
        names: &["temperature"],
        words: &["temperature"],
        omits: "temperature",
    },
    OwnField {
        names: &["top_p"],
        words: &["top_p"],
        omits: "top_p",
    },
    OwnField {
        names: &LIMIT_FIELDS,
        words: &[],
        omits: "max_tokens",
    },
    // In the answers that are sent back.
    OwnField {
        names: &["reasoning_details"],
        words: &[],
        omits: "reasoning_details",
    },
    // With the calls of tools.
    OwnField {
        names: &["reasoning_content"],
        words: &[],
        omits: "reasoning_content",
    },
    OwnField {
        names: &["session_id"],
        words: &[],
        omits: "session_id",
    },
    OwnField {
        names: &["trace"],
        words: &[],
        omits: "trace",
    },
    OwnField {
        names: &["annotations"],
        words: &[],
        omits: "annotations",
    },
    // Of scores: amx selects the highest itself.
    OwnField {
        names: &["top_n"],
        words: &[],
        omits: "top_n",
    },
    // Of vectors.
    OwnField {
        names: &["encoding_format"],
        words: &["base64"],
        omits: "encoding_format",
    },
    OwnField {
        names: &["stream"],
        words: &[
            "does not support streaming",
            "streaming is not supported",
            // OpenAI
            "verified to stream",
        ],
        omits: "stream",
    },
];

/// Applies what the server refused before to a request, and what the user removes from it.
pub(super) fn adjust(request: &mut ChatRequest, settings: &Settings, facts: &ModelFacts) {
    for adjustment in facts.adjustments() {
        let is_own = match adjustment {
            Adjustment::Omit(field) => {
                let mut rows = OWN.iter();
                rows.any(|own| own.omits == field && own.is_added(settings))
            }
            Adjustment::NoReasoningWithTools => {
                let mut rows = OWN.iter();
                rows.any(|own| own.omits == EFFORT && own.is_added(settings))
            }
            Adjustment::LimitField(_) => settings.limit_field.is_none(),
            Adjustment::Window(_) | Adjustment::Output(_) => true,
        };
        if is_own {
            adjustment.apply(request);
        }
    }
    for field in &settings.options.omitted {
        request.omit(field);
    }
}

/// Names the field of a refusal whose words mean it without its name, when the request had it.
pub(super) fn name_field(refusal: &mut Refusal, target: &Target) {
    if refusal.kind != (RefusalKind::BadRequest { field: None }) {
        return;
    }
    let body = target.fields();
    let mut rows = OWN.iter().filter(|own| own.is_meant(refusal));
    if let Some(name) = rows.find_map(|own| own.sent_name(&body, target)) {
        let field = Some(name.to_owned());
        refusal.kind = RefusalKind::BadRequest { field };
    }
}

impl OwnField {
    /// Whether amx adds it, and not the user.
    pub(super) fn is_added(&self, settings: &Settings) -> bool {
        if self
            .names
            .iter()
            .any(|name| path::get(&settings.body, name).is_some())
        {
            return false;
        }
        match self.omits {
            EFFORT => settings.effort.is_none() && settings.reasoning.value != ReasoningMode::On,
            "max_tokens" => {
                let has_cap = settings.max_cost.is_some() || settings.max_cost_per_day.is_some();
                settings.max_tokens.is_default() && !has_cap
            }
            "temperature" => settings.temperature.as_ref().is_some_and(is_of_profile),
            "top_p" => settings.top_p.as_ref().is_some_and(is_of_profile),
            _ => true,
        }
    }

    /// Whether a refusal means it only beside tools, and the model reasons by default without it.
    pub(super) fn is_meant_with_tools(&self, refusal: &Refusal) -> bool {
        let words = refusal.message.to_ascii_lowercase();
        self.omits == EFFORT && words.contains(TOOLS_WITHOUT_REASONING)
    }

    /// Its name in a request: in the body of the target, or in the answers that are sent back.
    pub(super) fn sent_name(
        &self,
        body: &Map<String, Value>,
        target: &Target,
    ) -> Option<&'static str> {
        let is_sent = |name: &&&str| body.contains_key(**name) || is_in_messages(target, name);
        self.names.iter().find(is_sent).copied()
    }

    /// Whether the words of a refusal mean it without its name.
    pub(super) fn is_meant(&self, refusal: &Refusal) -> bool {
        let words = refusal.message.to_ascii_lowercase();
        refusal.fields.is_empty() && self.words.iter().any(|phrase| words.contains(phrase))
    }
}

/// Whether a value is a setting of the profile, and of nothing that was chosen for a question.
fn is_of_profile(setting: &Setting<f64>) -> bool {
    matches!(setting.source, ValueSource::File { .. })
}

/// Whether an earlier answer is sent back with the field.
fn is_in_messages(target: &Target, name: &str) -> bool {
    let mut messages = target.request.messages.iter();
    match name {
        "reasoning_details" => messages.any(|message| message.reasoning_details.is_some()),
        "reasoning_content" => messages.any(|message| message.reasoning.is_some()),
        "annotations" => messages.any(|message| !message.annotations.is_empty()),
        _ => false,
    }
}
