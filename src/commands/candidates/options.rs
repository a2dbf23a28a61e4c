//! Candidates for the options of a request and their values.

use super::candidate::{Candidate, TypedWord};
use super::{models, option_words};
use crate::config::options::{RequestOption, table};
use crate::config::{Environment, Home};

/// The option whose items are models.
const MODELS: &str = "models";

/// `KEY=` for a name, then `KEY=VALUE`.
pub(super) fn assignments(word: &TypedWord<'_>, environment: &Environment) -> Vec<Candidate> {
    let Some((name, text)) = word.text.split_once('=') else {
        return option_words::named(word.text)
            .map(|option| Candidate::open(format!("{}=", option.name), option.meaning))
            .collect();
    };
    let Some(option) = table::find(name) else {
        return Vec::new();
    };
    let value = TypedWord { text, ..*word };
    values(option, &value, environment)
        .into_iter()
        .map(|candidate| candidate.after(&format!("{name}=")))
        .collect()
}

/// The words of an option, or models.
pub(super) fn values(
    option: &RequestOption,
    word: &TypedWord<'_>,
    environment: &Environment,
) -> Vec<Candidate> {
    if option.name != MODELS {
        return option_words::values(option, word);
    }
    Home::find(environment)
        .map(|home| models::specifications(word, environment, &home))
        .unwrap_or_default()
}
