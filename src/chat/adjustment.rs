//! How the requests to a model differ from what amx sends by itself, because its server refused it.

use super::reasoning::Effort;
use super::request::{ChatRequest, LIMIT_FIELDS};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Adjustment {
    /// The field is not sent.
    Omit(String),
    /// `max_tokens` is sent in this field.
    LimitField(&'static str),
    /// A request with tools turns reasoning off: the model calls them only without it.
    NoReasoningWithTools,
    /// Prompt and answer have at most so many tokens.
    Window(u64),
    /// The answer has at most so many tokens.
    Output(u32),
}

/// The name of a size in the store.
const WINDOW: &str = "context_window";
const OUTPUT: &str = "max_output_tokens";

/// The name and value of [`Adjustment::NoReasoningWithTools`] there.
const WITH_TOOLS: (&str, &str) = ("reasoning.effort with tools", "none");

impl Adjustment {
    /// Name and value, as the store has them; the value of a field that is not sent is empty.
    pub(crate) fn to_row(&self) -> (String, String) {
        match self {
            Self::Omit(field) => (field.clone(), String::new()),
            Self::LimitField(field) => (LIMIT_FIELDS[0].to_owned(), (*field).to_owned()),
            Self::NoReasoningWithTools => (WITH_TOOLS.0.to_owned(), WITH_TOOLS.1.to_owned()),
            Self::Window(tokens) => (WINDOW.to_owned(), tokens.to_string()),
            Self::Output(tokens) => (OUTPUT.to_owned(), tokens.to_string()),
        }
    }

    /// Reads [`Self::to_row`]; `None` for a row of another version of amx.
    pub(crate) fn from_row(name: &str, value: &str) -> Option<Self> {
        match (name, value) {
            (WINDOW, tokens) => tokens.parse().ok().map(Self::Window),
            (OUTPUT, tokens) => tokens.parse().ok().map(Self::Output),
            row if row == WITH_TOOLS => Some(Self::NoReasoningWithTools),
            (field, "") => Some(Self::Omit(field.to_owned())),
            (_, field) => LIMIT_FIELDS
                .into_iter()
                .find(|name| *name == field)
                .map(Self::LimitField),
        }
    }

    /// Whether it replaces the other one.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        self.to_row().0 == other.to_row().0
    }

    /// Changes the fields of a request. Sizes are for whoever decides `max_tokens`.
    pub(crate) fn apply(&self, request: &mut ChatRequest) {
        match self {
            Self::Omit(field) => request.omit(field),
            Self::LimitField(field) => request.limit_field = Some(field),
            Self::NoReasoningWithTools if !request.tools.is_empty() => {
                request.effort = Some(Effort::None);
            }
            Self::NoReasoningWithTools | Self::Window(_) | Self::Output(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_back_unchanged() {
        let all = [
            Adjustment::Omit("stream_options".to_owned()),
            Adjustment::Omit("max_tokens".to_owned()),
            Adjustment::LimitField("max_completion_tokens"),
            Adjustment::NoReasoningWithTools,
            Adjustment::Window(32_768),
            Adjustment::Output(8192),
        ];
        for adjustment in all {
            let (name, value) = adjustment.to_row();
            assert_eq!(Adjustment::from_row(&name, &value), Some(adjustment));
        }
        assert_eq!(Adjustment::from_row("max_tokens", "other"), None);
        assert_eq!(Adjustment::from_row("context_window", "many"), None);
    }

    #[test]
    fn an_adjustment_replaces_one_of_the_same_name() {
        let other = Adjustment::LimitField("max_completion_tokens");
        assert!(Adjustment::Omit("max_tokens".to_owned()).replaces(&other));
        assert!(!Adjustment::Omit("stream_options".to_owned()).replaces(&other));
    }
}
