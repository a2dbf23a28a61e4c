//! The server of a profile: its base URL, and where the key for it comes from.

use url::Url;

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
            .filter_map(|(weaker, source)| Some((Url::parse(&weaker).ok()?, source)))
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

/// Checks a base URL: `http` or `https`, no user, query or fragment, not the endpoint itself, and
/// `http` only to this machine.
pub(crate) fn parse_base_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    // The part before an `@` may be a password.
    let shown = shown
        .split_once("://")
        .map_or(shown.clone(), |(scheme, rest)| {
            format!("{scheme}://{}", rest.rsplit('@').next().unwrap_or(rest))
        });
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(format!(
            "'{shown}' has white space or control characters around or in it"
        ));
    }
    let Ok(url) = Url::parse(text) else {
        return Err(format!(
            "'{shown}' is not a URL; it must start with https://"
        ));
    };
    let path = url.path().trim_end_matches('/');
    let problem = if !matches!(url.scheme(), "http" | "https") {
        Some("must start with https://")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("must not have a user or password; use api_key or headers")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("must not have a query or fragment")
    } else if path.ends_with("/chat/completions") || path.ends_with("/completions") {
        Some("must end before /chat/completions, which amx adds")
    } else if url.scheme() == "http" && !allow_insecure && !crate::wire::client::is_loopback(&url) {
        Some(
            "is plain http to another machine, which exposes the key; use https, or set \
            allow_insecure: true in the profile",
        )
    } else {
        None
    };
    problem.map_or(Ok(url), |problem| Err(format!("'{shown}' {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_checked() {
        for good in [
            "https://x.example/v1",
            "http://127.0.0.1:8080/v1",
            "http://localhost:11434/v1/",
            "http://[::1]/v1",
        ] {
            assert!(parse_base_url(good, false).is_ok(), "{good}");
        }
        for bad in [
            "x.example",
            "ftp://x.example",
            "https://user:secret-pw@x.example",
            "https://x.example?key=1",
            "https://x.example/v1/chat/completions",
            "http://x.example/v1",
            " https://x.example",
            "https://x.example/\n",
            "",
        ] {
            let error = parse_base_url(bad, false).unwrap_err();
            assert!(!error.contains("secret-pw"), "{error}");
        }
        assert!(parse_base_url("http://x.example/v1", true).is_ok());
    }
}
