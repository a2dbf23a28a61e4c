//! Candidates for models: the cached catalogue of the server in use, the models of profiles and of
//! saved conversations, prefixes, lists and parameters.

use std::collections::BTreeSet;

use super::candidate::{Candidate, TypedWord};
use super::option_words;
use crate::ask::model_list::server_name;
use crate::config::model_spec::PARAMETERS;
use crate::config::options::table;
use crate::config::{ConfigFile, Environment, Home, Overrides, Settings};
use crate::providers;
use crate::providers::registry::PROVIDERS;
use crate::store::ReadOnlyStore;

/// A model that no server has: only where it would be sent is of interest.
const ANY_MODEL: &str = "model";

/// `ID`, `PREFIX:ID`, `ID,ID` and `ID?NAME=VALUE`.
pub(super) fn specifications(
    word: &TypedWord<'_>,
    environment: &Environment,
    home: &Home,
) -> Vec<Candidate> {
    let (before, element) = split_after(word.text, ',');
    let element = TypedWord {
        text: element,
        ..*word
    };
    let found = match element.text.split_once('?') {
        Some((id, parameters)) => parameters_of(id, parameters, &element),
        None => ids(&element, environment, home),
    };
    found
        .into_iter()
        .map(|candidate| candidate.after(before))
        .collect()
}

/// The part of the text up to the last `separator`, and what follows it.
fn split_after(text: &str, separator: char) -> (&str, &str) {
    text.split_at(text.rfind(separator).map_or(0, |at| at + 1))
}

/// `ID?NAME=`, then the words of the value.
fn parameters_of(id: &str, parameters: &str, word: &TypedWord<'_>) -> Vec<Candidate> {
    let (before, last) = split_after(parameters, '&');
    let before = format!("{id}?{before}");
    let Some((name, value)) = last.split_once('=') else {
        return PARAMETERS
            .iter()
            .filter(|name| name.starts_with(last))
            .map(|name| {
                let meaning = table::find(name).map_or("", |option| option.meaning);
                Candidate::open(format!("{before}{name}="), meaning)
            })
            .collect();
    };
    let Some(option) = table::find(name).filter(|option| PARAMETERS.contains(&option.name)) else {
        return Vec::new();
    };
    let value = TypedWord {
        text: value,
        ..*word
    };
    option_words::values(option, &value)
        .into_iter()
        .map(|candidate| candidate.after(&format!("{before}{name}=")))
        .collect()
}

/// IDs that start with the word, else those that contain it and the prefixes that start with it.
fn ids(word: &TypedWord<'_>, environment: &Environment, home: &Home) -> Vec<Candidate> {
    let text = word.text;
    let config = ConfigFile::load_for_edit(home).ok();
    let mut known = models(word, environment, home, config.as_ref());
    if let Some((prefix, _)) = text.split_once(':').filter(|(prefix, _)| {
        providers::find(prefix).is_some() || profile(prefix, config.as_ref()).is_some()
    }) {
        let of_prefix = models_behind(prefix, environment, home, config.as_ref());
        known.extend(of_prefix.into_iter().map(|id| format!("{prefix}:{id}")));
    }
    let starting = plain(known.iter().filter(|id| id.starts_with(text)));
    if !starting.is_empty() || text.is_empty() {
        return starting;
    }
    let mut found = prefixes(text, config.as_ref());
    found.extend(plain(known.iter().filter(|id| id.contains(text))));
    found
}

fn plain<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<Candidate> {
    ids.map(|id| Candidate::new(id.as_str(), "")).collect()
}

/// `PROVIDER:` and `PROFILE:`.
fn prefixes(text: &str, config: Option<&ConfigFile>) -> Vec<Candidate> {
    let profiles = config.into_iter().flat_map(|config| config.profiles.keys());
    let names: BTreeSet<&str> = profiles
        .map(String::as_str)
        .chain(PROVIDERS.iter().map(|entry| entry.name))
        .collect();
    names
        .into_iter()
        .filter(|name| name.starts_with(text))
        .map(|name| Candidate::open(format!("{name}:"), "models of it"))
        .collect()
}

fn profile<'a>(
    name: &str,
    config: Option<&'a ConfigFile>,
) -> Option<&'a crate::config::profile::Profile> {
    config.and_then(|config| config.profiles.get(name))
}

/// IDs that contain the word.
pub(super) fn matching(
    word: &TypedWord<'_>,
    environment: &Environment,
    home: &Home,
) -> Vec<Candidate> {
    let known = known(word, environment, home);
    plain(known.iter().filter(|id| id.contains(word.text)))
}

/// What stands before the `/` of the IDs.
pub(super) fn authors(
    word: &TypedWord<'_>,
    environment: &Environment,
    home: &Home,
) -> Vec<Candidate> {
    let known = known(word, environment, home);
    let authors: BTreeSet<&str> = known
        .iter()
        .filter_map(|id| Some(id.split_once('/')?.0))
        .filter(|author| author.starts_with(word.text))
        .collect();
    authors
        .into_iter()
        .map(|author| Candidate::new(author, ""))
        .collect()
}

/// The models that a word may mean, by the configuration as it is.
fn known(word: &TypedWord<'_>, environment: &Environment, home: &Home) -> BTreeSet<String> {
    let config = ConfigFile::load_for_edit(home).ok();
    models(word, environment, home, config.as_ref())
}

/// The catalogue of the server that the line would ask, models of profiles and of saved
/// conversations.
fn models(
    word: &TypedWord<'_>,
    environment: &Environment,
    home: &Home,
    config: Option<&ConfigFile>,
) -> BTreeSet<String> {
    let store = ReadOnlyStore::open(home).ok().flatten();
    let mut models = store
        .as_ref()
        .map(ReadOnlyStore::models)
        .unwrap_or_default();
    for profile in config
        .into_iter()
        .flat_map(|config| config.profiles.values())
    {
        models.extend(profile.model.clone());
        models.extend(profile.fallback_models.iter().flatten().cloned());
    }
    let Some(store) = store else {
        return models;
    };
    let provider = word.flag(&["--provider"]);
    let overrides = Overrides {
        profile: word.flag(&["-p", "--profile"]).map(str::to_owned),
        model: provider.map(|provider| format!("{provider}:{ANY_MODEL}")),
        ..Overrides::default()
    };
    // Without a server, who would be asked is not decided: any cached model may be meant.
    let server = config.and_then(|config| server(overrides, environment, config));
    models.extend(store.catalogue(server.as_deref()));
    models
}

/// The models of the provider or profile of a prefix.
fn models_behind(
    prefix: &str,
    environment: &Environment,
    home: &Home,
    config: Option<&ConfigFile>,
) -> BTreeSet<String> {
    let mut models = BTreeSet::new();
    models.extend(profile(prefix, config).and_then(|profile| profile.model.clone()));
    let overrides = Overrides {
        model: Some(format!("{prefix}:{ANY_MODEL}")),
        ..Overrides::default()
    };
    let server = config.and_then(|config| server(overrides, environment, config));
    let store = ReadOnlyStore::open(home).ok().flatten();
    if let (Some(server), Some(store)) = (server, store) {
        models.extend(store.catalogue(Some(&server)));
    }
    models
}

/// The server that these overrides lead to, as the catalogue names it.
fn server(overrides: Overrides, environment: &Environment, config: &ConfigFile) -> Option<String> {
    let overrides = Overrides {
        model: overrides.model.or_else(|| Some(ANY_MODEL.to_owned())),
        ..overrides
    };
    let settings = Settings::resolve(&overrides, environment, config).ok()?;
    Some(server_name(&settings.base_url.value))
}
