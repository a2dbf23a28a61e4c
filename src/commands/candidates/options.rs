//! Candidates for the options of a request and their values.

use super::{Candidate, Completes, TypedWord};
use crate::config::Environment;
use crate::config::options::{OPTIONS, RequestOption, table};

/// The option whose items are models.
const MODELS: &str = "models";

/// The options whose name, or the part after its dot, starts like the word.
pub(super) fn named(word: &str) -> impl Iterator<Item = &'static RequestOption> {
    OPTIONS.iter().filter(move |option| {
        let last = option.name.rsplit('.').next();
        option.name.starts_with(word) || last.is_some_and(|last| last.starts_with(word))
    })
}

/// `KEY=` for a name, then `KEY=VALUE`.
pub(super) fn assignments(word: &TypedWord<'_>, environment: &Environment) -> Vec<Candidate> {
    let Some((name, text)) = word.text.split_once('=') else {
        return named(word.text)
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

/// The words of an option; of a list, those of its last item.
pub(super) fn values(
    option: &'static RequestOption,
    word: &TypedWord<'_>,
    environment: &Environment,
) -> Vec<Candidate> {
    if option.name == MODELS {
        return super::of(Completes::Models, word, environment);
    }
    let item = word.text.rfind(',').filter(|_| option.kind.is_list());
    let (before, text) = word.text.split_at(item.map_or(0, |comma| comma + 1));
    option
        .kind
        .words()
        .into_iter()
        .filter(|value| value.starts_with(text))
        .map(|value| Candidate::new(value, "").after(before))
        .collect()
}
