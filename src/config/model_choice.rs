//! What a written model comes to: who answers, which models are asked, with which parameters.

use super::aliases::Followed;
use super::defaults;
use super::env::{self, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::Source;
use super::locate;
use super::model_spec::{self, Values};
use super::profile::is_model_id;
use super::settings::Overrides;
use crate::providers::{self, ProviderEntry};
use crate::secrets::reference::looks_like_a_key;

/// The option of the command line.
const OPTION: &str = "--model";

/// Whom the prefix of a model names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// There is no prefix, or none that names somebody: it is part of the id.
    Unsaid,
    Provider(&'static str),
    Profile(&'a str),
}

/// A model as it was written, read to the end.
#[derive(Debug, Clone)]
pub struct Choice {
    /// As it was written.
    pub text: String,
    pub source: Source,
    /// The first is asked, the others are what the provider falls back to.
    models: Vec<Named>,
    /// Of all models of the list together: they share one request.
    pub parameters: Values,
    /// The aliases on the way to the first model, the written name first; empty without any.
    pub chain: Vec<String>,
}

/// A model id, and what stood before it.
#[derive(Debug, Clone)]
struct Named {
    prefix: Option<String>,
    id: String,
}

impl Choice {
    /// The model of the flags, else of the environment. Both are read, so that a mistake in either is found.
    pub fn asked(overrides: &Overrides, environ: &Environment, config: &ConfigFile) -> Result<Option<Self>, ConfigError> {
        let read = |text: &str, source: Source| Self::read(text, source, config);
        let variable = environ.get(&env::AMX_MODEL)?;
        let of_variable = variable.map(|text| read(text, Source::Environment { variable: env::AMX_MODEL.name.to_owned() })).transpose()?;
        let of_flag = overrides.model.as_deref().map(|text| read(text, Source::Flag { option: OPTION })).transpose()?;
        Ok(of_flag.or(of_variable))
    }

    /// Reads a text, replaces its aliases and finds its prefixes.
    pub fn read(text: &str, source: Source, config: &ConfigFile) -> Result<Self, ConfigError> {
        let fault = |what: String| fault(&source, text, config, what);
        let mut choice = Self { text: text.to_owned(), source: source.clone(), models: Vec::new(), parameters: Values::new(), chain: Vec::new() };
        for element in model_spec::parse(text).map_err(fault)? {
            for Followed { element, chain } in config.aliases.follow(&element).map_err(fault)? {
                if choice.models.is_empty() {
                    choice.chain = chain;
                }
                for (name, value) in element.parameters {
                    let before = choice.parameters.insert(name.clone(), value.clone());
                    if before.is_some_and(|before| before != value) {
                        return Err(fault(format!("{name} has two values, and all models of a list share one request")));
                    }
                }
                choice.add(&element.name, config).map_err(fault)?;
            }
        }
        if choice.models.len() > model_spec::MOST_MODELS {
            return Err(fault(format!("a list has at most {} models", model_spec::MOST_MODELS)));
        }
        Ok(choice)
    }

    fn add(&mut self, name: &str, config: &ConfigFile) -> Result<(), String> {
        let named = match (target(name, config), name.split_once(':')) {
            (Target::Provider(_) | Target::Profile(_), Some((prefix, id))) => Named { prefix: Some(prefix.to_owned()), id: id.to_owned() },
            _ => Named { prefix: None, id: name.to_owned() },
        };
        if !is_model_id(&named.id) {
            return Err(format!("no model stands behind '{}:'", named.prefix.unwrap_or_default()));
        }
        self.models.push(named);
        Ok(())
    }

    /// Whom the first model names; the others follow it.
    pub fn target<'a>(&'a self, config: &ConfigFile) -> Target<'a> {
        let prefix = self.models.first().and_then(|first| first.prefix.as_deref());
        prefix.map_or(Target::Unsaid, |prefix| named_by(prefix, config))
    }

    /// The model that is asked, by the id that its provider knows.
    pub fn first(&self) -> &str {
        self.models.first().map_or("", |first| first.id.as_str())
    }

    /// The models after the first, each once.
    pub fn rest(&self) -> Vec<String> {
        let mut rest: Vec<String> = Vec::new();
        for model in self.models.iter().skip(1) {
            if model.id != self.first() && !rest.contains(&model.id) {
                rest.push(model.id.clone());
            }
        }
        rest
    }

    /// An error when one of the models belongs to somebody else than the profile and provider that answer.
    pub fn check_place(&self, profile: &str, entry: &ProviderEntry, config: &ConfigFile) -> Result<(), ConfigError> {
        let fits = |named: &Named| match named.prefix.as_deref().map_or(Target::Unsaid, |prefix| named_by(prefix, config)) {
            Target::Unsaid => true,
            Target::Provider(name) => name == entry.name,
            Target::Profile(name) => name == profile || (name == entry.name && !config.profiles.contains_key(name)),
        };
        if let Some(Named { prefix: Some(prefix), id }) = self.models.iter().find(|named| !fits(named)) {
            let what = format!(
                "'{prefix}:' names another than provider {} of profile '{profile}', which answers; write {}:{prefix}:{id} if it is part of the id",
                entry.name, entry.name
            );
            return Err(self.fault(config, what));
        }
        if self.models.len() > 1 && !entry.is_openrouter {
            let what = format!("provider {} takes one model and no list; fallback_profiles asks several", entry.name);
            return Err(self.fault(config, what));
        }
        Ok(())
    }

    /// The error for something that is wrong with what was written.
    pub fn fault(&self, config: &ConfigFile, what: String) -> ConfigError {
        fault(&self.source, &self.text, config, what)
    }
}

/// Whom the prefix before a model names.
fn target<'a>(name: &'a str, config: &ConfigFile) -> Target<'a> {
    name.split_once(':').map_or(Target::Unsaid, |(prefix, _)| named_by(prefix, config))
}

/// A profile beats a provider of the same name: it is the user's own word, and has the key.
fn named_by<'a>(prefix: &'a str, config: &ConfigFile) -> Target<'a> {
    if config.profiles.contains_key(prefix) || prefix == defaults::DEMO_PROFILE {
        return Target::Profile(prefix);
    }
    providers::find(prefix).map_or(Target::Unsaid, |entry| Target::Provider(entry.name))
}

/// The profile that a written model names, when it names one.
pub fn profile_of(text: &str, config: &ConfigFile) -> Option<String> {
    let choice = Choice::read(text, Source::Flag { option: OPTION }, config).ok()?;
    match choice.target(config) {
        Target::Profile(name) => Some(name.to_owned()),
        _ => None,
    }
}

/// An error where the text was written: on the command line, in a variable, in a profile.
fn fault(source: &Source, text: &str, config: &ConfigFile, what: String) -> ConfigError {
    let has_key = text.split([',', ':', '?', '=', '&']).any(looks_like_a_key);
    let shown: String = if has_key { "(a key)".to_owned() } else { text.chars().take(80).collect() };
    let shown = shown.escape_debug();
    match source {
        Source::Environment { variable } => ConfigError::Variable { variable: variable.clone(), what: format!("is '{shown}': {what}") },
        Source::File { profile } => ConfigError::Invalid {
            path: config.path.clone(),
            position: locate::position_of(&config.text, &["llm_profiles", profile, "model"]),
            what: format!("llm_profiles.{profile}.model: {what}"),
            hint: None,
        },
        _ => ConfigError::Option { option: OPTION, what: format!("'{shown}': {what}") },
    }
}
