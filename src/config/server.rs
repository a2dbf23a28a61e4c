//! The server of a profile: its base URL, and where the key for it comes from.

use url::Url;

use super::base_url::parse_base_url;
use super::env::{self, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::{Setting, ValueSource, built_in, environment, file};
use super::model_choice::Choice;
use super::model_place::fault;
use super::profile::Profile;
use crate::providers::ProviderEntry;
use crate::secrets::{KeySource, Reference};
use crate::wire::api_key::ApiKey;

/// What decides the server of one profile.
pub(crate) struct Server<'a> {
    /// The name of the profile.
    pub label: &'a str,
    pub profile: &'a Profile,
    pub entry: &'a ProviderEntry,
    /// The model that names another provider than the profile's.
    pub foreign: Option<&'a Choice>,
    pub environ: &'a Environment,
    pub config: &'a ConfigFile,
}

impl Server<'_> {
    /// The base URL, from the environment, the profile or the provider.
    pub(crate) fn base_url(&self) -> Result<Setting<Url>, ConfigError> {
        let variable = env::OPENROUTER_BASE_URL;
        let from_environment = if self.entry.name == "openrouter" {
            self.environ.get(&variable)?.map(str::to_owned)
        } else {
            None
        };
        let text = Setting::stack([
            environment(from_environment, variable.name),
            file(self.profile.base_url.clone(), self.label),
            self.entry.base_url.and_then(|url| built_in(url.to_owned())),
        ]);
        let text = text.ok_or_else(|| self.no_base_url())?;
        let allow_insecure = self.profile.allow_insecure.unwrap_or(false);
        let url =
            parse_base_url(&text.value, allow_insecure).map_err(|why| match &text.source {
                ValueSource::Environment { variable } => ConfigError::Variable {
                    variable: variable.clone(),
                    what: why,
                },
                _ => fault(self.config, self.label, "base_url", &why),
            })?;
        let overridden = text
            .overridden
            .into_iter()
            .filter_map(|(weaker, source)| Some((without_secrets(&weaker)?, source)))
            .collect();
        Ok(Setting {
            value: url,
            source: text.source,
            overridden,
        })
    }

    fn no_base_url(&self) -> ConfigError {
        let name = self.entry.name;
        match self.foreign {
            Some(choice) => choice.fault(
                self.config,
                format!("provider {name} has no default base URL; add a profile for it"),
            ),
            None => fault(
                self.config,
                self.label,
                "base_url",
                &format!("missing; provider {name} has no default"),
            ),
        }
    }

    /// Where the key comes from; neither keyring nor file nor program is used yet.
    pub(crate) fn key(&self) -> Result<KeySource, ConfigError> {
        if self.entry.is_demo() {
            return Ok(KeySource::NotNeeded);
        }
        for variable in [self.entry.key_variable, env::AMX_LLM_API_KEY.name] {
            let Some(text) = self.environ.named(variable)? else {
                continue;
            };
            let key = ApiKey::parse(text).map_err(|error| ConfigError::Variable {
                variable: variable.to_owned(),
                what: format!("cannot be used: {error}"),
            })?;
            return Ok(KeySource::Environment {
                variable: variable.to_owned(),
                key,
            });
        }
        let Some(text) = &self.profile.api_key else {
            return Ok(if self.entry.works_without_key {
                KeySource::NotNeeded
            } else {
                KeySource::Missing
            });
        };
        let reference =
            Reference::parse(text).map_err(|why| fault(self.config, self.label, "api_key", why))?;
        Ok(KeySource::Reference {
            reference,
            place: self.config.place(self.label, "api_key"),
        })
    }
}

/// A URL that is not used, for a person: without user, password and query.
fn without_secrets(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    url.set_password(None).ok()?;
    url.set_username("").ok()?;
    Some(url)
}

/// Checks the base URL that a profile has itself, also where a variable overrides it.
///
/// # Errors
/// It is no base URL, or a variable in the profile is not set.
pub(crate) fn check_own_url(
    name: &str,
    config: &ConfigFile,
    environ: &Environment,
) -> Result<(), ConfigError> {
    let profile = config.expanded(name, environ)?;
    let Some(text) = &profile.base_url else {
        return Ok(());
    };
    parse_base_url(text, profile.allow_insecure.unwrap_or(false))
        .map(drop)
        .map_err(|why| fault(config, name, "base_url", &why))
}
