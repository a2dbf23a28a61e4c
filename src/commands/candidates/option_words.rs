//! The names of request options, and the words of their values.

use super::candidate::{Candidate, TypedWord};
use crate::config::options::{OPTIONS, RequestOption};

/// The options whose name, or the part after its dot, starts like the word.
pub(super) fn named(word: &str) -> impl Iterator<Item = &'static RequestOption> {
    OPTIONS.iter().filter(move |option| {
        let last = option.name.rsplit('.').next();
        option.name.starts_with(word) || last.is_some_and(|last| last.starts_with(word))
    })
}

/// The words of an option; of a list, those of its last item.
pub(super) fn values(option: &RequestOption, word: &TypedWord<'_>) -> Vec<Candidate> {
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
