//! Candidates for completion: models, profiles, sessions, settings and other values of arguments.
//! Without network and keyring; never fails.

mod candidate;
mod destinations;
mod models;
mod option_words;
mod options;
mod saved;
mod tools;

use crate::config::mcp_server::McpServer;
use crate::config::options::RequestOption;
use crate::config::profile::{KEYS, NESTED_KEYS};
use crate::config::{ConfigFile, Environment, Home, defaults};
use crate::providers::registry::PROVIDERS;
use crate::store::ReadOnlyStore;
use crate::wire::redact::without_keys;

pub(crate) use candidate::{Candidate, TypedWord};
pub(crate) use saved::templates;
pub(crate) use tools::tools;

/// Sessions offered.
const MOST_SESSIONS: usize = 100;

/// What `config explain` prints beside the settings of a profile.
const DERIVED_SETTINGS: &[&str] = &["profile", "floor", "silence_timeout"];

/// What the value of an argument is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Completes {
    /// One of these words.
    Words(&'static [&'static str]),
    Providers,
    Profiles,
    McpServers,
    /// The log destinations that were listed last.
    LogDestinations,
    /// `FIELD=` for the kind of destination on the line.
    LogFields,
    /// Models as `--model` takes them: with prefixes, lists and parameters.
    Models,
    /// Models, as soon as a part of an ID is typed.
    ModelQuery,
    /// The authors of the models.
    Authors,
    Sessions,
    /// The commands of config.yml and the built-in tools.
    Tools,
    /// The name of a template; of a file too.
    Templates,
    /// `NAME=` for the variables of the template on the line.
    TemplateVariables,
    /// The name of a saved schema; of a file too.
    Schemas,
    /// The names of settings.
    Settings,
    /// `KEY=VALUE` for the options of a request.
    Options,
    /// The value of one option.
    OptionValue(&'static RequestOption),
}

/// The candidates of a word. A configuration or a store that cannot be read has none.
pub(crate) fn of(
    completes: Completes,
    word: &TypedWord<'_>,
    environment: &Environment,
) -> Vec<Candidate> {
    let text = word.text;
    match completes {
        Completes::Words(words) => starting(text, words.iter().map(|word| (*word, ""))),
        Completes::Providers => starting(
            text,
            PROVIDERS.iter().map(|entry| (entry.name, entry.title)),
        ),
        Completes::Settings => settings(text),
        Completes::Options => options::assignments(word, environment),
        Completes::OptionValue(option) => options::values(option, word, environment),
        _ => Home::find(environment)
            .map(|home| of_home(completes, word, environment, &home))
            .unwrap_or_default(),
    }
}

/// What is read from files.
fn of_home(
    completes: Completes,
    word: &TypedWord<'_>,
    environment: &Environment,
    home: &Home,
) -> Vec<Candidate> {
    let text = word.text;
    match completes {
        Completes::Profiles => starting_with(text, profiles(home)),
        Completes::McpServers => starting_with(text, mcp_servers(home)),
        Completes::LogDestinations => starting_with(text, destinations::known(home)),
        Completes::LogFields => destinations::fields(word, home),
        Completes::Models => models::specifications(word, environment, home),
        Completes::ModelQuery if text.is_empty() => Vec::new(),
        Completes::ModelQuery => models::matching(word, environment, home),
        Completes::Authors => models::authors(word, environment, home),
        Completes::Templates => starting_with(text, templates(home)),
        Completes::TemplateVariables => saved::variables(word, home),
        Completes::Schemas => starting_with(text, saved::schemas(home)),
        Completes::Sessions => starting_with(text, sessions(home)),
        Completes::Tools => tools::of_list(text, home),
        _ => Vec::new(),
    }
}

fn starting<'a>(text: &str, known: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Candidate> {
    known
        .into_iter()
        .filter(|(name, _)| name.starts_with(text))
        .map(|(name, about)| Candidate::new(name, about))
        .collect()
}

fn starting_with(text: &str, known: Vec<(String, String)>) -> Vec<Candidate> {
    known
        .into_iter()
        .filter(|(name, _)| name.starts_with(text))
        .map(|(name, about)| Candidate::new(name, about))
        .collect()
}

fn sessions(home: &Home) -> Vec<(String, String)> {
    ReadOnlyStore::open(home)
        .ok()
        .flatten()
        .map(|store| store.sessions(MOST_SESSIONS))
        .unwrap_or_default()
}

/// Each profile with its model.
fn profiles(home: &Home) -> Vec<(String, String)> {
    let Ok(config) = ConfigFile::load_for_edit(home) else {
        return Vec::new();
    };
    let of_file = config
        .profiles
        .into_iter()
        .map(|(name, profile)| (name, profile.model.unwrap_or_default()));
    let mut names: Vec<(String, String)> = of_file.collect();
    if names.iter().all(|(name, _)| name != defaults::DEMO_PROFILE) {
        names.push((
            defaults::DEMO_PROFILE.to_owned(),
            "scripted answers, no key, no network".to_owned(),
        ));
    }
    names
}

/// Each MCP server with its command or URL.
fn mcp_servers(home: &Home) -> Vec<(String, String)> {
    let config = ConfigFile::load_for_edit(home);
    let servers = config.map(|config| config.mcp_servers).unwrap_or_default();
    let row = |server: &McpServer| (server.name.clone(), without_keys(&server.target()));
    servers.values().map(row).collect()
}

/// The settings of a profile; the options of a request once a part of their name is typed.
fn settings(text: &str) -> Vec<Candidate> {
    let nested = |key: &&str| NESTED_KEYS.iter().find(|(name, _)| name == key);
    let mut names: Vec<String> = Vec::new();
    for key in KEYS.iter().chain(DERIVED_SETTINGS) {
        match nested(key) {
            Some((_, keys)) => names.extend(keys.iter().map(|inner| format!("{key}.{inner}"))),
            None => names.push((*key).to_owned()),
        }
    }
    names.retain(|name| name.starts_with(text));
    let mut candidates: Vec<Candidate> = names
        .into_iter()
        .map(|name| Candidate::new(name, ""))
        .collect();
    if !text.is_empty() {
        let (before, name) = text
            .strip_prefix("body.")
            .map_or(("", text), |name| ("body.", name));
        for option in option_words::named(name) {
            let candidate = Candidate::new(option.name, option.meaning).after(before);
            if candidates
                .iter()
                .all(|other| other.value != candidate.value)
            {
                candidates.push(candidate);
            }
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(completes: Completes, text: &str) -> Vec<String> {
        let word = TypedWord { text, before: &[] };
        of(completes, &word, &Environment::default())
            .into_iter()
            .map(|candidate| candidate.value)
            .collect()
    }

    #[test]
    fn settings_are_offered_with_their_parts_and_options_once_begun() {
        let all = values(Completes::Settings, "");
        for name in ["model", "max_cost.per_day", "app.title", "floor"] {
            assert!(all.iter().any(|key| key == name), "{name}");
        }
        assert!(all.iter().all(|key| key != "provider.sort"));
        assert_eq!(
            values(Completes::Settings, "provider.so"),
            ["provider.sort"]
        );
        assert_eq!(values(Completes::Settings, "body.see"), ["body.seed"]);
        assert_eq!(
            values(Completes::Settings, "temp"),
            ["temperature"],
            "once, though it is an option too"
        );
    }

    #[test]
    fn options_are_completed_up_to_their_values() {
        let word = TypedWord {
            text: "sor",
            before: &[],
        };
        let found = of(Completes::Options, &word, &Environment::default());
        assert_eq!(found[0].value, "provider.sort=");
        assert!(found[0].is_open);
        assert_eq!(
            values(Completes::Options, "provider.sort=th"),
            ["provider.sort=throughput"]
        );
        assert_eq!(
            values(Completes::Options, "private="),
            ["private=true", "private=false"]
        );
        assert_eq!(
            values(Completes::Options, "modalities=text,im"),
            ["modalities=text,image"]
        );
        assert_eq!(values(Completes::Options, "nosuch=x"), Vec::<String>::new());
    }
}
