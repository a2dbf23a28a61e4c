//! Candidates of `amx logs`: destinations that were listed last, and the fields of their kind.

use super::candidate::{Candidate, TypedWord};
use crate::account::destinations::kinds::{self, DestinationKind};
use crate::config::Home;
use crate::store::{KnownDestination, ReadOnlyStore};

fn listed(home: &Home) -> Vec<KnownDestination> {
    let store = ReadOnlyStore::open(home).ok().flatten();
    store.map(|store| store.destinations()).unwrap_or_default()
}

/// Names with their kinds; the ID where several have one name.
pub(super) fn known(home: &Home) -> Vec<(String, String)> {
    let all = listed(home);
    let is_unique = |name: &str| all.iter().filter(|one| one.name == name).count() == 1;
    let word = |one: &KnownDestination| {
        if is_unique(&one.name) && !one.name.is_empty() {
            (one.name.clone(), one.kind.clone())
        } else {
            (one.id.clone(), format!("{} {}", one.kind, one.name))
        }
    };
    all.iter().map(word).collect()
}

/// `FIELD=` for the kind that is on the line, or the kind of the destination that is.
pub(super) fn fields(word: &TypedWord<'_>, home: &Home) -> Vec<Candidate> {
    let Some(kind) = kind_on_line(word.before, home).filter(|_| !word.text.contains('=')) else {
        return Vec::new();
    };
    let fields = kind
        .all_fields()
        .filter(|field| field.name.starts_with(word.text));
    fields
        .map(|field| {
            let about = if field.is_secret() { "secret" } else { "" };
            Candidate::open(format!("{}=", field.name), about)
        })
        .collect()
}

fn kind_on_line(before: &[String], home: &Home) -> Option<&'static DestinationKind> {
    let after = |verb: &str| {
        let at = before.iter().position(|word| word == verb)?;
        before.get(at + 1)
    };
    if let Some(name) = after("add") {
        return kinds::find(name);
    }
    let wanted = after("set")?;
    let all = listed(home);
    let one = all
        .iter()
        .find(|one| one.name == *wanted || one.id == *wanted)?;
    kinds::find(&one.kind)
}
