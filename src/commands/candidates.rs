//! Names for completion: profiles, models, sessions, templates. Without network and keyring; never
//! fails.

use std::collections::BTreeSet;

use crate::config::template::folder;
use crate::config::{ConfigFile, Environment, Home, defaults};
use crate::store::ReadOnlyStore;

/// Sessions offered.
const MOST_SESSIONS: usize = 100;

/// What kind of name a word completes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Profiles,
    Models,
    Sessions,
    Templates,
}

/// A name and its description.
pub(crate) type Candidate = (String, String);

/// The candidates of a kind. A configuration or a store that cannot be read has none.
pub(crate) fn of(named: Named, environment: &Environment) -> Vec<Candidate> {
    let Ok(home) = Home::find(environment) else {
        return Vec::new();
    };
    match named {
        Named::Profiles => profiles(&home),
        Named::Models => models(&home)
            .into_iter()
            .map(|model| (model, String::new()))
            .collect(),
        Named::Templates => templates(&home),
        Named::Sessions => ReadOnlyStore::open(&home)
            .ok()
            .flatten()
            .map(|store| store.sessions(MOST_SESSIONS))
            .unwrap_or_default(),
    }
}

fn profiles(home: &Home) -> Vec<Candidate> {
    let Ok(config) = ConfigFile::load_for_edit(home) else {
        return Vec::new();
    };
    let of_file = config
        .profiles
        .into_iter()
        .map(|(name, profile)| (name, profile.model.unwrap_or_default()));
    let mut names: Vec<Candidate> = of_file.collect();
    if names.iter().all(|(name, _)| name != defaults::DEMO_PROFILE) {
        names.push((
            defaults::DEMO_PROFILE.to_owned(),
            "scripted answers, no key, no network".to_owned(),
        ));
    }
    names
}

/// Templates with their descriptions.
pub(crate) fn templates(home: &Home) -> Vec<Candidate> {
    let about = |name: &String| {
        folder::load(home, name)
            .ok()
            .and_then(|template| template.settings.description)
            .unwrap_or_default()
    };
    folder::names(home)
        .into_iter()
        .map(|name| (name.clone(), about(&name)))
        .collect()
}

/// Models of profiles and of stored conversations.
fn models(home: &Home) -> BTreeSet<String> {
    let mut models = ReadOnlyStore::open(home)
        .ok()
        .flatten()
        .map(|store| store.models())
        .unwrap_or_default();
    if let Ok(config) = ConfigFile::load_for_edit(home) {
        for profile in config.profiles.into_values() {
            models.extend(profile.model);
            models.extend(profile.fallback_models.into_iter().flatten());
        }
    }
    models
}
