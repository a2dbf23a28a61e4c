//! What holds for one request: profile, environment and flags resolved, each value with its source.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::env::{self, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::{Setting, ValueSource, built_in, environment, file, flag};
use super::model_choice::{Choice, PrefixTarget};
use super::model_place::{self, Answering, Uri, fault};
use super::options::{self, MergedOptions};
use super::overrides::Overrides;
use super::profile::{MaxCost, Price, Profile, ReasoningMode};
use super::schema_choice::SchemaChoice;
use super::template::TemplateLayer;
use super::{defaults, provider_header};
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning::Effort;
use crate::providers::ProviderEntry;
use crate::secrets::{ApiKey, KeySource, Reference};

/// The flag that chooses who reads PDFs.
pub const PDF_ENGINE_FLAG: &str = "--pdf-engine";

/// Everything a request needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    pub profile: Setting<String>,
    pub provider: Setting<String>,
    pub entry: &'static ProviderEntry,
    pub model: Setting<String>,
    /// The model as it was written, with prefix, list and parameters; `None` for the one by
    /// default.
    pub written_model: Option<String>,
    /// The aliases that led to the model, the written name first; empty without any.
    pub aliases: Vec<String>,
    /// The model names another provider than the profile's: nothing of the profile that belongs to
    /// a provider holds.
    pub is_foreign: bool,
    pub base_url: Setting<Url>,
    pub temperature: Option<Setting<f64>>,
    pub top_p: Option<Setting<f64>>,
    pub max_tokens: Setting<u32>,
    /// Most tokens that the model takes, where it is known.
    pub context_window: Option<u64>,
    pub system: Option<Setting<String>>,
    pub schema: Option<Setting<SchemaChoice>>,
    pub reasoning: Setting<ReasoningMode>,
    pub effort: Option<Setting<Effort>>,
    pub show_reasoning: Option<Setting<bool>>,
    /// Who reads PDFs, where somebody decided.
    pub pdf_engine: Option<Setting<PdfEngine>>,
    /// Least `max_tokens` on a reasoning route; 0 turns it off.
    pub floor: Setting<u32>,
    pub silence: Setting<Duration>,
    pub alternatives: Setting<u8>,
    pub logprob_high: Setting<f64>,
    pub logprob_medium: Setting<f64>,
    /// What OpenRouter tries by itself after the model.
    pub fallback_models: Option<Setting<Vec<String>>>,
    pub fallback_profiles: Vec<String>,
    pub referer: Setting<String>,
    pub title: Setting<String>,
    pub categories: Option<Setting<Vec<String>>>,
    pub user_agent: Setting<String>,
    pub headers: Vec<(String, String)>,
    /// Fields laid over the body: the profile's `openrouter` map, those behind the model, then
    /// `-o`.
    pub body: Map<String, Value>,
    /// Where those came from, and what is to be said of them.
    pub options: MergedOptions,
    pub price: Option<Price>,
    pub max_cost: Option<Setting<f64>>,
    pub max_cost_per_day: Option<f64>,
    pub key: KeySource,
}

/// One line of `config explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub key: String,
    pub value: String,
    pub source: String,
    pub hides: Vec<(String, String)>,
}

impl Settings {
    /// Resolves the profile that flags, environment or file choose, and everything in it.
    pub fn resolve(
        overrides: &Overrides,
        environment: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let asked = Choice::asked(overrides, environment, config)?;
        let name = choose_profile(asked.as_ref(), overrides, environment, config)?;
        Self::of_choice(name, asked, overrides, environment, config)
    }

    /// Resolves a given profile, such as one to fall back to.
    pub fn of_profile(
        name: Setting<String>,
        overrides: &Overrides,
        environ: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let asked = Choice::asked(overrides, environ, config)?;
        Self::of_choice(name, asked, overrides, environ, config)
    }

    /// The profile with the model that was asked for, if one was. One that names another profile is
    /// not meant.
    #[expect(clippy::too_many_lines, reason = "a table: the layers of each setting")]
    fn of_choice(
        name: Setting<String>,
        asked: Option<Choice>,
        overrides: &Overrides,
        environ: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let asked = asked.filter(
            |asked| !matches!(asked.target(config), PrefixTarget::Profile(other) if other != name.value),
        );
        let label = name.value.as_str();
        let profile = load_profile(&name, environ, config)?;
        let Answering {
            provider,
            entry,
            is_foreign,
            profile,
            choice,
            model,
        } = model_place::find(asked, profile, &name, config)?;
        let profile = if entry.is_openrouter {
            provider_header::lift(profile)
                .map_err(|why| fault(config, label, "headers", &format!("X-Provider {why}")))?
        } else {
            profile
        };
        let misfit = profile
            .openrouter
            .as_ref()
            .and_then(|body| options::check::misfit(body, |_| false));
        if let Some(misfit) = misfit {
            return Err(fault(
                config,
                label,
                "openrouter",
                &format!("{} {}", misfit.name, misfit.what),
            ));
        }
        let profile = profile
            .lifted()
            .map_err(|found| fault(config, label, "openrouter", &found.what))?;
        let uri = Uri::of(choice.as_ref(), overrides.model_gives_way);
        let template = overrides.template.as_ref();
        let app = profile.app.clone().unwrap_or_default();
        let options = options::merged::lay(
            entry,
            &profile,
            between(&uri, template),
            &overrides.body,
            &overrides.spellings,
        );
        Ok(Self {
            model,
            fallback_models: options.fallbacks(
                model_place::fallbacks(choice.as_ref(), &profile, label, entry, config)?,
                label,
            ),
            aliases: choice
                .as_ref()
                .map(|choice| choice.chain.clone())
                .unwrap_or_default(),
            written_model: choice.as_ref().map(|choice| choice.text.clone()),
            is_foreign,
            base_url: resolve_base_url(
                label,
                environ,
                config,
                &profile,
                entry,
                choice.as_ref().filter(|_| is_foreign),
            )?,
            temperature: Setting::stack([
                flag(overrides.temperature, "--temperature"),
                uri.number("temperature"),
                template.and_then(|layer| layer.setting(layer.temperature)),
                file(profile.temperature, label),
            ]),
            top_p: Setting::stack([
                flag(overrides.top_p, "--top-p"),
                uri.number("top_p"),
                template.and_then(|layer| layer.setting(layer.top_p)),
                file(profile.top_p, label),
            ]),
            max_tokens: stack([
                flag(overrides.max_tokens, "--max-tokens"),
                uri.max_tokens(),
                template.and_then(|layer| layer.setting(layer.max_tokens)),
                file(profile.max_tokens, label),
                built_in(defaults::MAX_TOKENS),
            ])?,
            context_window: profile.context_window,
            system: Setting::stack([
                flag(overrides.system.clone(), "--system"),
                template.and_then(|layer| layer.setting(layer.system.clone())),
                file(profile.system.clone(), label),
            ]),
            schema: Setting::stack([
                flag(
                    overrides.schema.clone(),
                    if overrides
                        .schema
                        .as_ref()
                        .is_some_and(|schema| schema.is_many)
                    {
                        "--schema-many"
                    } else {
                        "--schema"
                    },
                ),
                template.and_then(|layer| layer.setting(layer.schema.clone())),
                file(profile.schema.clone().map(SchemaChoice::one), label),
            ]),
            reasoning: stack([
                file(profile.reasoning, label),
                built_in(ReasoningMode::Auto),
            ])?,
            effort: Setting::stack([
                flag(overrides.effort, "--reasoning-effort"),
                uri.effort(),
                template.and_then(|layer| layer.setting(layer.effort)),
                environment(effort(environ)?, env::AMX_REASONING_EFFORT.name),
                file(profile.reasoning_effort, label),
            ]),
            show_reasoning: Setting::stack([
                flag(overrides.show_reasoning, "--show-reasoning"),
                file(profile.show_reasoning, label),
            ]),
            pdf_engine: Setting::stack([
                flag(overrides.pdf_engine, PDF_ENGINE_FLAG),
                file(profile.pdf_engine, label),
            ]),
            floor: stack([
                environment(floor(environ)?, env::AMX_LLM_MIN_MAX_TOKENS.name),
                built_in(defaults::REASONING_FLOOR),
            ])?,
            silence: stack([
                environment(silence(environ)?, env::AMX_LLM_TIMEOUT_SEC.name),
                built_in(defaults::SILENCE),
            ])?,
            alternatives: stack([
                file(profile.n_alternatives, label),
                built_in(defaults::ALTERNATIVES),
            ])?,
            logprob_high: stack([
                file(profile.logprob_high, label),
                built_in(defaults::LOGPROB_HIGH),
            ])?,
            logprob_medium: stack([
                file(profile.logprob_medium, label),
                built_in(defaults::LOGPROB_MEDIUM),
            ])?,
            fallback_profiles: profile.fallback_profiles.clone().unwrap_or_default(),
            referer: stack([
                file(app.referer, label),
                built_in(defaults::APP_REFERER.to_owned()),
            ])?,
            title: stack([
                file(app.title, label),
                built_in(defaults::APP_TITLE.to_owned()),
            ])?,
            categories: Setting::stack([file(
                app.categories.filter(|categories| !categories.is_empty()),
                label,
            )]),
            user_agent: stack([
                file(profile.user_agent.clone(), label),
                built_in(defaults::USER_AGENT.to_owned()),
            ])?,
            headers: profile
                .headers
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
            body: options.body.clone(),
            options,
            price: profile.price,
            max_cost: Setting::stack([
                flag(overrides.max_cost, "--max-cost"),
                file(profile.max_cost.unwrap_or_default().per_request, label),
            ]),
            max_cost_per_day: profile.max_cost.and_then(|MaxCost { per_day, .. }| per_day),
            key: resolve_key(label, environ, config, &profile, entry)?,
            provider,
            entry,
            profile: name,
        })
    }

    /// Every setting as it is sent, with its source, for `config explain`, in the order of the
    /// documentation.
    pub fn explain(&self) -> Vec<Explained> {
        let mut lines = vec![
            explained("profile", &self.profile, ToString::to_string),
            explained("provider", &self.provider, ToString::to_string),
            self.explained_model(),
            explained("base_url", &self.base_url, ToString::to_string),
            self.explained_max_tokens(),
            explained("reasoning", &self.reasoning, |mode| {
                format!("{mode:?}").to_lowercase()
            }),
            explained("floor", &self.floor, ToString::to_string),
            explained("silence_timeout", &self.silence, |silence| {
                format!("{} s", silence.as_secs())
            }),
            explained("n_alternatives", &self.alternatives, ToString::to_string),
            explained("logprob_high", &self.logprob_high, ToString::to_string),
            explained("logprob_medium", &self.logprob_medium, ToString::to_string),
            explained("app.referer", &self.referer, ToString::to_string),
            explained("app.title", &self.title, ToString::to_string),
            explained("user_agent", &self.user_agent, ToString::to_string),
        ];
        lines.extend(self.explained_identity());
        lines.extend(
            self.temperature
                .as_ref()
                .map(|setting| explained("temperature", setting, ToString::to_string)),
        );
        lines.extend(
            self.top_p
                .as_ref()
                .map(|setting| explained("top_p", setting, ToString::to_string)),
        );
        lines.extend(
            self.system.as_ref().map(|setting| {
                explained("system", setting, |text| text.chars().take(60).collect())
            }),
        );
        lines.extend(
            self.schema
                .as_ref()
                .map(|setting| explained("schema", setting, ToString::to_string)),
        );
        lines.extend(
            self.effort
                .as_ref()
                .map(|setting| explained("reasoning_effort", setting, ToString::to_string)),
        );
        lines.extend(self.explained_fallbacks());
        lines.extend(self.explained_private());
        lines.extend(self.explained_body());
        lines.extend(
            self.show_reasoning
                .as_ref()
                .map(|setting| explained("show_reasoning", setting, ToString::to_string)),
        );
        lines.extend(
            self.pdf_engine
                .as_ref()
                .map(|setting| explained("pdf_engine", setting, ToString::to_string)),
        );
        lines.extend(
            self.max_cost
                .as_ref()
                .map(|setting| explained("max_cost.per_request", setting, ToString::to_string)),
        );
        let (value, source) = match &self.key {
            KeySource::NotNeeded => ("not needed".to_owned(), ValueSource::Default.to_string()),
            KeySource::Missing => ("missing".to_owned(), ValueSource::Default.to_string()),
            KeySource::Environment { variable, .. } => {
                ("set".to_owned(), format!("environment, {variable}"))
            }
            KeySource::Reference { reference, .. } => (
                reference.to_string(),
                format!("config.yml, profile '{}'", self.profile.value),
            ),
        };
        lines.push(Explained {
            key: "api_key".to_owned(),
            value,
            source,
            hides: Vec::new(),
        });
        lines
    }

    /// Whether nothing at all is configured, so that a first run can be offered a way in.
    pub fn is_unconfigured(&self) -> bool {
        self.profile.is_default() && !self.is_foreign && matches!(self.key, KeySource::Missing)
    }
}

fn explained<T>(key: &'static str, setting: &Setting<T>, show: impl Fn(&T) -> String) -> Explained {
    Explained {
        key: key.to_owned(),
        value: show(&setting.value),
        source: setting.source.to_string(),
        hides: setting
            .hides
            .iter()
            .map(|(value, source)| (show(value), source.to_string()))
            .collect(),
    }
}

/// What stands between the profile's fields of the body and the flags', the weakest first: the
/// template's, and those behind the model.
fn between(
    uri: &Uri<'_>,
    template: Option<&TemplateLayer>,
) -> Vec<(ValueSource, Map<String, Value>)> {
    let of_template = template.map(|layer| (layer.source(), layer.body.clone()));
    let mut layers: Vec<_> = uri.body().into_iter().chain(of_template).collect();
    layers.sort_by(|(left, _), (right, _)| left.cmp(right));
    layers
}

/// Stacks layers of which the last is built in, so that there always is a value.
fn stack<T, const N: usize>(
    layers: [Option<(T, ValueSource)>; N],
) -> Result<Setting<T>, ConfigError> {
    Setting::stack(layers).ok_or(ConfigError::NoHome)
}

fn choose_profile(
    asked: Option<&Choice>,
    overrides: &Overrides,
    environ: &Environment,
    config: &ConfigFile,
) -> Result<Setting<String>, ConfigError> {
    let only = if config.profiles.len() == 1 {
        config.profiles.keys().next()
    } else {
        None
    };
    let from_file = config.active.clone().or_else(|| only.cloned());
    let from_file = from_file.map(|name| (name.clone(), ValueSource::File { profile: name }));
    let from_environment = environ.get(&env::AMX_PROFILE)?.map(str::to_owned);
    let of_model = model_place::profile_of(asked, overrides, from_environment.as_deref(), config)?;
    let of_template = overrides
        .template
        .as_ref()
        .and_then(|layer| layer.setting(layer.profile.clone()));
    let of_environment = environment(from_environment, env::AMX_PROFILE.name);
    let chosen = Setting::stack([
        flag(overrides.profile.clone(), "--profile"),
        of_model,
        of_template,
        of_environment,
        from_file,
    ]);
    match chosen {
        Some(chosen) => Ok(chosen),
        None if config.profiles.is_empty() => {
            Ok(Setting::default(defaults::UNNAMED_PROFILE.to_owned()))
        }
        None => Err(ConfigError::Invalid {
            path: config.path.clone(),
            position: None,
            what: format!(
                "there are {} profiles and none is active",
                config.profiles.len()
            ),
            hint: Some("amx profiles use NAME".to_owned()),
        }),
    }
}

fn load_profile(
    name: &Setting<String>,
    environ: &Environment,
    config: &ConfigFile,
) -> Result<Profile, ConfigError> {
    if name.is_default() || model_place::is_built_in_demo(&name.value, config) {
        return Ok(Profile::default());
    }
    if !config.profiles.contains_key(&name.value) {
        return Err(config.no_profile(&name.value, &name.source.to_string()));
    }
    config.expanded(&name.value, environ)
}

fn bad_variable(variable: &env::Variable, environ: &Environment, what: &str) -> ConfigError {
    let value: String = environ
        .named(variable.name)
        .ok()
        .flatten()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect();
    ConfigError::Variable {
        variable: variable.name.to_owned(),
        what: format!("is '{}': it {what}", value.escape_debug()),
    }
}

fn effort(environ: &Environment) -> Result<Option<Effort>, ConfigError> {
    let asked = environ
        .get(&env::AMX_REASONING_EFFORT)?
        .map(str::parse::<Effort>)
        .transpose();
    asked.map_err(|error| bad_variable(&env::AMX_REASONING_EFFORT, environ, &error.to_string()))
}

fn floor(environ: &Environment) -> Result<Option<u32>, ConfigError> {
    environ.parsed(
        &env::AMX_LLM_MIN_MAX_TOKENS,
        "it must be a whole number, 0 turns the floor off",
    )
}

fn silence(environ: &Environment) -> Result<Option<Duration>, ConfigError> {
    let expected = "it must be a number of seconds above 0";
    let seconds: Option<f64> = environ.parsed(&env::AMX_LLM_TIMEOUT_SEC, expected)?;
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    let duration = Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero() && duration.as_secs() <= 86_400);
    duration.map(Some).ok_or_else(|| {
        bad_variable(
            &env::AMX_LLM_TIMEOUT_SEC,
            environ,
            "must be a number of seconds above 0 and at most a day",
        )
    })
}

fn resolve_base_url(
    label: &str,
    environ: &Environment,
    config: &ConfigFile,
    profile: &Profile,
    entry: &ProviderEntry,
    foreign: Option<&Choice>,
) -> Result<Setting<Url>, ConfigError> {
    let variable = env::OPENROUTER_BASE_URL;
    let from_environment = if entry.name == "openrouter" {
        environ.get(&variable)?.map(str::to_owned)
    } else {
        None
    };
    let layers = [
        environment(from_environment, variable.name),
        file(profile.base_url.clone(), label),
        entry.base_url.and_then(|url| built_in(url.to_owned())),
    ];
    let Some(text) = Setting::stack(layers) else {
        if let Some(choice) = foreign {
            return Err(choice.fault(
                config,
                format!(
                    "provider {} has no base URL of its own: set \
                up a profile for it, and name that",
                    entry.name
                ),
            ));
        }
        return Err(fault(
            config,
            label,
            "base_url",
            &format!("missing, and provider {} has none by default", entry.name),
        ));
    };
    let allow_insecure = profile.allow_insecure.unwrap_or(false);
    let url = parse_base_url(&text.value, allow_insecure).map_err(|why| match &text.source {
        ValueSource::Environment { variable } => ConfigError::Variable {
            variable: variable.clone(),
            what: why,
        },
        _ => fault(config, label, "base_url", &why),
    })?;
    let hides = text
        .hides
        .into_iter()
        .filter_map(|(hidden, source)| Some((Url::parse(&hidden).ok()?, source)))
        .collect();
    Ok(Setting {
        value: url,
        source: text.source,
        hides,
    })
}

/// Checks a base URL: a scheme we speak, no user, query or fragment, not the endpoint itself, and
/// plain `http` only where nobody can listen in.
pub fn parse_base_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    // What stands before an `@` may be a password.
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
            "'{shown}' is not a URL; it must begin with https://"
        ));
    };
    let path = url.path().trim_end_matches('/');
    let problem = if !matches!(url.scheme(), "http" | "https") {
        Some("must begin with https://")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("must not hold a user or password; use api_key or headers")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("must not have a query or fragment")
    } else if path.ends_with("/chat/completions") || path.ends_with("/completions") {
        Some("must end before /chat/completions, which amx adds itself")
    } else if url.scheme() == "http" && !allow_insecure && !crate::wire::client::is_loopback(&url) {
        Some(
            "is plain http to another machine, where anyone between could read the key; use https, \
            or set allow_insecure: true in the profile",
        )
    } else {
        None
    };
    problem.map_or(Ok(url), |problem| Err(format!("'{shown}' {problem}")))
}

fn resolve_key(
    label: &str,
    environ: &Environment,
    config: &ConfigFile,
    profile: &Profile,
    entry: &ProviderEntry,
) -> Result<KeySource, ConfigError> {
    if entry.is_demo() {
        return Ok(KeySource::NotNeeded);
    }
    for variable in [entry.key_variable, env::AMX_LLM_API_KEY.name] {
        let Some(text) = environ.named(variable)? else {
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
    let Some(text) = &profile.api_key else {
        return Ok(if entry.works_without_key {
            KeySource::NotNeeded
        } else {
            KeySource::Missing
        });
    };
    let reference = Reference::parse(text).map_err(|why| fault(config, label, "api_key", why))?;
    Ok(KeySource::Reference {
        reference,
        place: config.place(label, "api_key"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const CONFIG: &str = "llm_profiles:\n  work:\n    model: a/b\n    temperature: 0.2\n    max_tokens: 100\n    reasoning_effort: high\n    api_key: keyring://amx/work/api_key\n  here:\n    provider: ollama\n    model: llama3.2\nactive_llm_profile: work\n";

    fn resolve(
        config: &str,
        variables: &[(&str, &str)],
        overrides: &Overrides,
    ) -> Result<Settings, ConfigError> {
        let config = ConfigFile::parse(PathBuf::from("config.yml"), config.to_owned()).unwrap();
        Settings::resolve(
            overrides,
            &Environment::from_pairs(variables.iter().copied()),
            &config,
        )
    }

    #[test]
    fn a_key_in_the_environment_is_enough() {
        let settings = resolve(
            "",
            &[("OPENROUTER_API_KEY", "sk-or-v1-12345678")],
            &Overrides::default(),
        )
        .unwrap();
        assert_eq!(
            (settings.model.value.as_str(), settings.entry.name),
            ("openrouter/auto", "openrouter")
        );
        assert!(
            matches!(&settings.key, KeySource::Environment { variable, .. } if variable == "OPENROUTER_API_KEY")
        );
        assert!(!settings.is_unconfigured());
        assert!(
            resolve("", &[], &Overrides::default())
                .unwrap()
                .is_unconfigured()
        );
    }

    #[test]
    fn precedence_is_the_same_everywhere() {
        let file = resolve(CONFIG, &[], &Overrides::default()).unwrap();
        assert_eq!(
            (
                file.model.value.as_str(),
                file.effort.map(|effort| effort.value)
            ),
            ("a/b", Some(Effort::High))
        );
        let variables = [("AMX_MODEL", "c/d"), ("AMX_REASONING_EFFORT", "medium")];
        let environment = resolve(CONFIG, &variables, &Overrides::default()).unwrap();
        assert_eq!(
            (
                environment.model.value.as_str(),
                environment.effort.map(|effort| effort.value)
            ),
            ("c/d", Some(Effort::Medium))
        );
        let overrides = Overrides {
            model: Some("e/f".to_owned()),
            effort: Some(Effort::None),
            max_tokens: Some(7),
            ..Overrides::default()
        };
        let flags = resolve(CONFIG, &variables, &overrides).unwrap();
        assert_eq!(
            (
                flags.model.value.as_str(),
                flags.effort.map(|effort| effort.value),
                flags.max_tokens.value
            ),
            ("e/f", Some(Effort::None), 7)
        );
        let hidden: Vec<&str> = flags
            .model
            .hides
            .iter()
            .map(|(model, _)| model.as_str())
            .collect();
        assert_eq!(hidden, ["c/d", "a/b", "openrouter/auto"]);
    }

    #[test]
    fn profiles_are_chosen_by_flag_variable_or_file() {
        let here = Overrides {
            profile: Some("here".to_owned()),
            ..Overrides::default()
        };
        let settings = resolve(CONFIG, &[("AMX_PROFILE", "work")], &here).unwrap();
        assert_eq!(
            (settings.entry.name, settings.base_url.value.as_str()),
            ("ollama", "http://localhost:11434/v1")
        );
        assert!(matches!(settings.key, KeySource::NotNeeded));
        let demo = resolve(
            CONFIG,
            &[
                ("AMX_PROFILE", "demo"),
                ("AMX_LLM_API_KEY", "sk-anything-1"),
            ],
            &Overrides::default(),
        )
        .unwrap();
        assert_eq!(
            (demo.entry.name, matches!(demo.key, KeySource::NotNeeded)),
            ("demo", true)
        );
        let missing = Overrides {
            profile: Some("wrok".to_owned()),
            ..Overrides::default()
        };
        let error = resolve(CONFIG, &[], &missing).unwrap_err();
        assert!(
            matches!(error, ConfigError::NoProfile { nearest: Some(nearest), .. } if nearest == "work")
        );
    }

    #[test]
    fn values_of_the_environment_are_checked() {
        for (name, value) in [
            ("AMX_REASONING_EFFORT", "extreme"),
            ("AMX_REASONING_EFFORT", "High"),
            ("AMX_LLM_MIN_MAX_TOKENS", "-1"),
            ("AMX_LLM_MIN_MAX_TOKENS", "1e3"),
            ("AMX_LLM_TIMEOUT_SEC", "0"),
            ("AMX_LLM_TIMEOUT_SEC", "soon"),
            ("AMX_LLM_TIMEOUT_SEC", "NaN"),
            ("AMX_MODEL", "a b"),
            ("OPENROUTER_BASE_URL", "openrouter.ai"),
            ("OPENROUTER_API_KEY", "sk or"),
        ] {
            let error = resolve(CONFIG, &[(name, value)], &Overrides::default()).unwrap_err();
            assert!(
                matches!(&error, ConfigError::Variable { variable, .. } if variable == name),
                "{name}={value}: {error}"
            );
        }
    }

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
