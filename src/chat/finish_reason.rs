//! Why a model stopped: one vocabulary for the words of all providers.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why a model stopped. Every word of a provider becomes one of these where it enters, so that the
/// rest of the program compares values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinishReason {
    /// The model had finished, or met a stop sequence.
    Stop,
    /// The answer reached `max_tokens`.
    Length,
    /// The model requests tool calls.
    ToolCalls,
    /// The provider withheld the answer, or the rest of it.
    ContentFilter,
    /// The provider failed while the model was writing.
    Error,
    /// Any other word, as the provider sent it.
    Other(String),
}

/// The words of each reason, folded as by [`folded`]; the first is the one that `--json` shows.
/// Sources: the API references of OpenAI, OpenRouter, Anthropic (`end_turn`, `refusal`), Google
/// (`MAX_TOKENS`, `SAFETY`, `content_filter: RECITATION`), Mistral (`model_length`), DeepSeek
/// (`insufficient_system_resource`), Z.ai (`sensitive`, `network_error`), Amazon Bedrock
/// (`guardrail_intervened`), Cohere (`COMPLETE`), vLLM (`abort`), Text Generation Inference (`eos`,
/// `eos_token`).
const WORDS: &[(FinishReason, &[&str])] = &[
    (
        FinishReason::Stop,
        &[
            "stop",
            "end_turn",
            "stop_sequence",
            "eos",
            "eos_token",
            "stop_token",
            "end_of_turn",
            "complete",
            "completed",
        ],
    ),
    (
        FinishReason::Length,
        &[
            "length",
            "max_tokens",
            "max_output_tokens",
            "max_length",
            "model_length",
            // watsonx
            "token_limit",
            "model_context_window_exceeded",
            "context_length_exceeded",
            "context_window_exceeded",
        ],
    ),
    (
        FinishReason::ToolCalls,
        &["tool_calls", "tool_call", "tool_use", "function_call"],
    ),
    (
        FinishReason::ContentFilter,
        &[
            "content_filter",
            "content_filtered",
            "safety",
            "image_safety",
            "recitation",
            "prohibited_content",
            "image_prohibited_content",
            "image_recitation",
            "blocklist",
            "spii",
            "sensitive",
            "refusal",
            "guardrail_intervened",
        ],
    ),
    (
        FinishReason::Error,
        &[
            "error",
            "insufficient_system_resource",
            "network_error",
            "abort",
            "aborted",
            "cancelled",
            "canceled",
            "timeout",
            // Google: the model wrote a tool call that cannot be read
            "function_call_filter",
            "malformed_function_call",
        ],
    ),
];

/// Lower case, without what separates words: `content-filter` and `ContentFilter` are one.
fn folded(word: &str) -> String {
    let letters = word.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

impl FinishReason {
    /// The reason that a provider's word means. Google has two, the general one first:
    /// `content_filter: RECITATION`.
    pub fn of(word: &str) -> Self {
        let parts = word.split_once(':');
        Self::known(word)
            .or_else(|| Self::known(parts?.0))
            .or_else(|| Self::known(parts?.1))
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }

    fn known(word: &str) -> Option<Self> {
        let folded = folded(word);
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|word| self::folded(word) == folded))
            .map(|(reason, _)| reason.clone())
    }

    /// The word that is shown and stored: OpenAI's, or the provider's own where there is none.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(word) => word,
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for FinishReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_reason_in_any_case() {
        for (reason, words) in WORDS {
            assert_eq!(words.first(), Some(&reason.as_str()));
            for word in *words {
                let forms = [
                    (*word).to_owned(),
                    word.to_ascii_uppercase(),
                    word.replace('_', "-"),
                    word.replace('_', ""),
                    word.replace('_', " "),
                ];
                for form in forms {
                    assert_eq!(FinishReason::of(&form), *reason, "{form}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_word_stays_as_it_is() {
        for word in ["REPETITION", "some: thing", ":"] {
            let reason = FinishReason::of(word);
            assert_eq!(reason, FinishReason::Other(word.to_owned()));
            assert_eq!(reason.to_string(), word);
        }
    }

    #[test]
    fn a_word_with_its_reason_is_the_first_that_is_known() {
        let rows = [
            ("content_filter: RECITATION", FinishReason::ContentFilter),
            ("content_filter: OTHER", FinishReason::ContentFilter),
            ("finished: MAX_TOKENS", FinishReason::Length),
            (
                "function_call_filter: MALFORMED_FUNCTION_CALL",
                FinishReason::Error,
            ),
            (
                "function_call_filter: UNEXPECTED_TOOL_CALL",
                FinishReason::Error,
            ),
            ("MALFORMED_FUNCTION_CALL", FinishReason::Error),
        ];
        for (word, reason) in rows {
            assert_eq!(FinishReason::of(word), reason, "{word}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for (reason, _) in WORDS {
            assert_eq!(FinishReason::of(reason.as_str()), *reason);
        }
    }
}
