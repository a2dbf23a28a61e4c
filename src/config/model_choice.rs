//! A written model, resolved: who answers, which models are tried, with which parameters.

use super::aliases::Followed;
use super::env::{self, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::ValueSource;
use super::model_spec::{self, Values, is_model_id};
use super::overrides::Overrides;
use super::{defaults, locate};
use crate::providers::{self, ProviderEntry};
use crate::secrets::reference::looks_like_a_key;
use crate::wire::control_characters::visible_name;
use crate::wire::redact::cut;

/// The flag.
const OPTION: &str = "--model";

/// What the prefix of a model names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrefixTarget<'a> {
    /// No profile and no provider: the prefix, if there is one, is part of the ID.
    None,
    Provider(&'static str),
    Profile(&'a str),
}

/// A model as it was written, with aliases and prefixes resolved.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// As it was written.
    pub text: String,
    pub source: ValueSource,
    /// A model of the environment that this one overrides.
    pub overridden: Option<(String, ValueSource)>,
    /// The first is used, the others are the provider's fallbacks.
    models: Vec<Named>,
    /// Of all models of the list together: they share one request.
    pub parameters: Values,
    /// The aliases of the first model, the written name first; empty without any.
    pub chain: Vec<String>,
}

/// A model ID, and its prefix.
#[derive(Debug, Clone)]
struct Named {
    prefix: Option<String>,
    id: String,
}

impl Choice {
    /// The model of the flags, else of the environment. Both are parsed, so that an error in either
    /// is found.
    pub(crate) fn asked(
        overrides: &Overrides,
        environ: &Environment,
        config: &ConfigFile,
    ) -> Result<Option<Self>, ConfigError> {
        let variable = environ.get(&env::AMX_MODEL)?;
        let of_variable = variable
            .map(|text| {
                Self::read(
                    text,
                    ValueSource::Environment {
                        variable: env::AMX_MODEL.name.to_owned(),
                    },
                    config,
                )
            })
            .transpose()?;
        let of_flag = overrides
            .model
            .as_deref()
            .map(|text| {
                let option = overrides.name_of(OPTION);
                Self::read(text, ValueSource::Flag { option }, config)
            })
            .transpose()?;
        let profile = overrides.profile.as_deref();
        let of_template = overrides.template.as_ref().and_then(|layer| {
            let profile = profile.or(layer.profile.as_deref()).unwrap_or_default();
            Some((layer.model_for(profile)?, layer.source()))
        });
        let of_template = of_template
            .map(|(text, source)| Self::read(&text, source, config))
            .transpose()?;
        Ok(match (of_flag.or(of_template), of_variable) {
            (Some(of_flag), Some(hidden)) => Some(Self {
                overridden: Some((hidden.first().to_owned(), hidden.source)),
                ..of_flag
            }),
            (of_flag, of_variable) => of_flag.or(of_variable),
        })
    }

    /// A model of the command line.
    pub(crate) fn of_flag(text: &str, config: &ConfigFile) -> Result<Self, ConfigError> {
        Self::read(text, ValueSource::Flag { option: OPTION }, config)
    }

    /// Parses a text, replaces aliases and finds prefixes.
    pub(crate) fn read(
        text: &str,
        source: ValueSource,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        Self::parse(text, source.clone(), config).map_err(|what| fault(&source, text, config, what))
    }

    /// The same; an error is what is wrong with the text, wherever it is written.
    pub(super) fn parse(
        text: &str,
        source: ValueSource,
        config: &ConfigFile,
    ) -> Result<Self, String> {
        let mut choice = Self {
            text: text.to_owned(),
            source,
            overridden: None,
            models: Vec::new(),
            parameters: Values::new(),
            chain: Vec::new(),
        };
        for element in model_spec::parse(text)? {
            for Followed { element, chain } in config.aliases.follow(&element)? {
                if choice.models.is_empty() {
                    choice.chain = chain;
                }
                for (name, value) in element.parameters {
                    let before = choice.parameters.insert(name.clone(), value.clone());
                    if before.is_some_and(|before| before != value) {
                        return Err(format!(
                            "{name} has two values; all models of a list share one request"
                        ));
                    }
                }
                choice.add(&element.name, config)?;
            }
        }
        if choice.models.len() > model_spec::MOST_MODELS {
            return Err(format!(
                "a list has at most {} models",
                model_spec::MOST_MODELS
            ));
        }
        Ok(choice)
    }

    fn add(&mut self, name: &str, config: &ConfigFile) -> Result<(), String> {
        let named = match (target(name, config), name.split_once(':')) {
            (PrefixTarget::Profile(profile), Some((_, tag))) if has_tag(profile, tag, config) => {
                Named {
                    prefix: Some(profile.to_owned()),
                    id: name.to_owned(),
                }
            }
            (PrefixTarget::Provider(_) | PrefixTarget::Profile(_), Some((prefix, id))) => Named {
                prefix: Some(prefix.to_owned()),
                id: id.to_owned(),
            },
            _ => Named {
                prefix: None,
                id: name.to_owned(),
            },
        };
        if !is_model_id(&named.id) {
            return Err(format!(
                "no model ID after '{}:'",
                named.prefix.unwrap_or_default()
            ));
        }
        if named.id.starts_with([':', '/']) && !named.id[1..].contains('/')
            || named.id.ends_with(':')
        {
            return Err("not a model ID: nothing stands before or after a ':'".to_owned());
        }
        self.models.push(named);
        Ok(())
    }

    /// What the prefix of the first model names; the others follow it.
    pub(crate) fn target<'a>(&'a self, config: &ConfigFile) -> PrefixTarget<'a> {
        let prefix = self
            .models
            .first()
            .and_then(|first| first.prefix.as_deref());
        prefix.map_or(PrefixTarget::None, |prefix| named_by(prefix, config))
    }

    /// The ID of the model that is used.
    pub(crate) fn first(&self) -> &str {
        self.models.first().map_or("", |first| first.id.as_str())
    }

    /// The models after the first, each once.
    pub(crate) fn rest(&self) -> Vec<String> {
        let mut rest: Vec<String> = Vec::new();
        for model in self.models.iter().skip(1) {
            if model.id != self.first() && !rest.contains(&model.id) {
                rest.push(model.id.clone());
            }
        }
        rest
    }

    /// An error when one of the models names another profile or provider than those that answer.
    pub(crate) fn check_place(
        &self,
        profile: &str,
        entry: &ProviderEntry,
        config: &ConfigFile,
    ) -> Result<(), ConfigError> {
        self.fits(profile, entry, config)
            .map_err(|what| self.fault(config, what))
    }

    /// The same; an error is what is wrong with the models, wherever they are written.
    pub(super) fn fits(
        &self,
        profile: &str,
        entry: &ProviderEntry,
        config: &ConfigFile,
    ) -> Result<(), String> {
        let is_in_place = |named: &Named| match named
            .prefix
            .as_deref()
            .map_or(PrefixTarget::None, |prefix| named_by(prefix, config))
        {
            PrefixTarget::None => true,
            PrefixTarget::Provider(name) => name == entry.name,
            PrefixTarget::Profile(name) => {
                name == profile || (name == entry.name && !config.profiles.contains_key(name))
            }
        };
        if let Some(Named {
            prefix: Some(prefix),
            id,
        }) = self.models.iter().find(|named| !is_in_place(named))
        {
            return Err(format!(
                "'{prefix}:' is not provider {} of profile '{profile}', which answers; write \
                {}:{prefix}:{id} if it is part of the ID",
                entry.name, entry.name
            ));
        }
        if self.models.len() > 1 && !entry.is_openrouter {
            return Err(format!(
                "provider {} does not support a list of models; use fallback_profiles",
                entry.name
            ));
        }
        Ok(())
    }

    /// The error for a model that cannot be used.
    pub(crate) fn fault(&self, config: &ConfigFile, what: String) -> ConfigError {
        fault(&self.source, &self.text, config, what)
    }
}

/// What the prefix of a model names.
fn target<'a>(name: &'a str, config: &ConfigFile) -> PrefixTarget<'a> {
    name.split_once(':')
        .map_or(PrefixTarget::None, |(prefix, _)| named_by(prefix, config))
}

/// Whether `profile:tag` is a model of the profile's server and not a model named `tag`: local
/// servers name models so, and a profile is often named after its model (`qwen3.6`,
/// `qwen3.6:35b`).
pub(super) fn has_tag(profile: &str, tag: &str, config: &ConfigFile) -> bool {
    let provider = config
        .profiles
        .get(profile)
        .and_then(|profile| profile.provider.as_deref());
    provider.is_some_and(|provider| LOCAL_PROVIDERS.contains(&provider)) && is_tag(tag)
}

/// Providers whose models have tags.
const LOCAL_PROVIDERS: &[&str] = &["ollama", "local"];

/// Tags that say no size.
const TAGS: &[&str] = &[
    "latest", "cloud", "instruct", "chat", "text", "base", "code", "vision", "tools", "thinking",
    "fp16", "bf16", "it", "mini", "small", "medium", "large",
];

/// Whether a text is the tag of a model: a size such as `35b`, `1.5b`, `8x7b`, `e4b` or `1t-cloud`,
/// a quantisation such as `q4_K_M`, or a word of [`TAGS`].
fn is_tag(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let first = text.split('-').next().unwrap_or_default();
    let is_size = || {
        let amount = first
            .strip_suffix(['b', 'm', 'k', 't'])
            .unwrap_or_default()
            .trim_start_matches('e');
        amount.starts_with(|c: char| c.is_ascii_digit())
            && amount
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'x')
    };
    let is_quantisation = || {
        first
            .strip_prefix('q')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    !text.contains('/') && (TAGS.contains(&first) || is_size() || is_quantisation())
}

/// A profile overrides a provider of the same name: the user chose its name, and it has the key.
fn named_by<'a>(prefix: &'a str, config: &ConfigFile) -> PrefixTarget<'a> {
    if config.profiles.contains_key(prefix) || prefix == defaults::DEMO_PROFILE {
        return PrefixTarget::Profile(prefix);
    }
    providers::find(prefix).map_or(PrefixTarget::None, |entry| {
        PrefixTarget::Provider(entry.name)
    })
}

/// The provider of a profile of the file: the one that it names, else the one before its model.
pub(crate) fn provider_of(name: &str, config: &ConfigFile) -> String {
    let profile = config.profiles.get(name);
    let named = profile.and_then(|profile| profile.provider.clone());
    let before_model = || {
        let text = profile?.model.as_deref()?;
        let choice = Choice::read(
            text,
            ValueSource::File {
                profile: name.to_owned(),
            },
            config,
        )
        .ok()?;
        match choice.target(config) {
            PrefixTarget::Provider(provider) => Some(provider.to_owned()),
            _ => None,
        }
    };
    named
        .or_else(before_model)
        .unwrap_or_else(|| defaults::PROVIDER.to_owned())
}

/// The profile that a written model names, when it names one.
pub(crate) fn profile_of(text: &str, config: &ConfigFile) -> Option<String> {
    let choice = Choice::of_flag(text, config).ok()?;
    match choice.target(config) {
        PrefixTarget::Profile(name) => Some(name.to_owned()),
        _ => None,
    }
}

impl Overrides {
    /// Sets the model, as it is written, and the profile if it names one.
    pub fn choose_model(&mut self, text: String, config: &ConfigFile) {
        self.profile = profile_of(&text, config).or(self.profile.take());
        self.model = Some(text);
        self.model_gives_way = false;
    }
}

/// An error where the text was written: on the command line, in a variable, in a profile.
fn fault(source: &ValueSource, text: &str, config: &ConfigFile, what: String) -> ConfigError {
    let has_key = text.split([',', ':', '?', '=', '&']).any(looks_like_a_key);
    let shown: String = if has_key {
        "(a key)".to_owned()
    } else {
        visible_name(&cut(text, 80))
    };
    match source {
        ValueSource::Environment { variable } => ConfigError::Variable {
            variable: variable.clone(),
            what: format!("is '{shown}': {what}"),
        },
        ValueSource::File { profile } => ConfigError::Invalid {
            path: config.path.clone(),
            position: locate::position_of(&config.text, &["llm_profiles", profile, "model"]),
            what: format!("llm_profiles.{profile}.model: {what}"),
            hint: None,
        },
        _ => ConfigError::Option {
            option: OPTION,
            what: format!("'{shown}': {what}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GenerationSettings, Setting, Settings};
    use std::path::PathBuf;

    const CONFIG: &str = "\
llm_profiles:
  work: {model: 'a/b?temperature=0.5&seed=3', temperature: 0.1, fallback_models: [fast], api_key: 'file:/k', headers: {X-A: a}, openrouter: {top_k: 5, seed: 4}}
  direct: {model: 'openai:gpt-5', api_key: 'file:/direct'}
  box: {provider: local, base_url: 'http://127.0.0.1:1/v1', model: 'x:1'}
  openai: {provider: ollama, model: m}
active_llm_profile: work
model_aliases:
- {pattern: fast, replacement: 'openrouter:q/fast'}
- {pattern: 'gpt-(.*)', replacement: 'openrouter:openai/gpt-$1'}
- {pattern: pair, replacement: 'a/1?top_p=0.5,a/2'}
- {pattern: loop, replacement: loop2}
- {pattern: loop2, replacement: loop}
";

    fn config() -> ConfigFile {
        ConfigFile::parse(PathBuf::from("config.yml"), CONFIG.to_owned()).unwrap()
    }

    fn resolve(
        profile: &str,
        model: &str,
        variables: &[(&str, &str)],
    ) -> Result<Settings, ConfigError> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let overrides = Overrides {
            profile: some(profile),
            model: some(model),
            ..Overrides::default()
        };
        Settings::resolve(
            &overrides,
            &Environment::from_pairs(variables.iter().copied()),
            &config(),
        )
    }

    /// Profile, provider, model and what it falls back to.
    fn who(settings: &Settings) -> String {
        let fallbacks = settings
            .fallback_models
            .as_ref()
            .map_or(String::new(), |models| {
                format!(" then {}", models.value.join(", "))
            });
        format!(
            "{}/{}: {}{fallbacks}",
            settings.profile.value, settings.entry.name, settings.model.value
        )
    }

    #[test]
    fn every_form_resolves_to_profile_provider_and_model() {
        for (profile, model, expected) in [
            ("", "", "work/openrouter: a/b then q/fast"),
            ("", "c/d:free", "work/openrouter: c/d:free then q/fast"),
            ("", "c/d,e/f,c/d,e/f", "work/openrouter: c/d then e/f"),
            ("", "pair", "work/openrouter: a/1 then a/2"),
            (
                "",
                "openrouter:c/d,openrouter:e/f,fast",
                "work/openrouter: c/d then e/f, q/fast",
            ),
            ("", "c/d,gpt-4o", "work/openrouter: c/d then openai/gpt-4o"),
            ("", "deepseek:deepseek-chat", "work/deepseek: deepseek-chat"),
            ("", "ollama:llama3.2:3b", "work/ollama: llama3.2:3b"),
            ("", "openai:m2", "openai/ollama: m2"),
            ("", "box:openai:m", "box/local: openai:m"),
            ("box", "local:y", "box/local: y"),
            ("box", "llama3.2:3b", "box/local: llama3.2:3b"),
            ("", "demo:demo/cut", "demo/demo: demo/cut then "),
            ("work", "work:c/d", "work/openrouter: c/d then q/fast"),
            ("", "gpt-4o", "work/openrouter: openai/gpt-4o then q/fast"),
        ] {
            let settings = resolve(profile, model, &[]).unwrap();
            assert_eq!(
                who(&settings),
                expected.trim_end_matches(" then "),
                "-p '{profile}' -m '{model}'"
            );
        }
    }

    #[test]
    fn the_prefix_of_its_model_is_the_provider_of_a_profile() {
        // The profile `openai` beats the provider, and is another profile.
        assert!(
            resolve("direct", "", &[])
                .unwrap_err()
                .to_string()
                .contains("config.yml:3:19: llm_profiles.direct.model")
        );
        let text = "llm_profiles: {direct: {model: 'openai:gpt-5', api_key: 'file:/direct'}}\n";
        let config = ConfigFile::parse(PathBuf::new(), text.to_owned()).unwrap();
        let settings =
            Settings::resolve(&Overrides::default(), &Environment::default(), &config).unwrap();
        assert_eq!(
            (who(&settings), settings.is_foreign),
            ("direct/openai: gpt-5".to_owned(), false)
        );
        assert!(matches!(
            settings.key,
            crate::secrets::KeySource::Reference { .. }
        ));
        let text = "llm_profiles: {p: {provider: ollama, model: 'openai:gpt-5'}}\n";
        let config = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        let error = Settings::resolve(&Overrides::default(), &Environment::default(), &config)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("config.yml:1:45") && error.contains("write ollama:openai:gpt-5"),
            "{error}"
        );
    }

    #[test]
    fn settings_of_a_provider_do_not_reach_another() {
        let settings = resolve(
            "",
            "deepseek:deepseek-chat?seed=1",
            &[("OPENROUTER_BASE_URL", "https://proxy.example/v1")],
        )
        .unwrap();
        assert!(settings.is_foreign);
        assert_eq!(
            settings.base_url.value.as_str(),
            "https://api.deepseek.com/v1"
        );
        assert!(
            matches!(settings.key, crate::secrets::KeySource::Missing)
                && settings.headers.is_empty()
                && settings.fallback_models.is_none()
        );
        assert_eq!(
            serde_json::to_string(&settings.body).unwrap(),
            r#"{"seed":1}"#
        );
        // Settings that belong to no provider apply.
        assert_eq!(
            settings.temperature.map(|temperature| temperature.value),
            Some(0.1)
        );
        assert!(
            resolve("", "local:m", &[])
                .unwrap_err()
                .to_string()
                .contains("no default base URL")
        );
    }

    #[test]
    fn parameters_have_the_precedence_of_their_model() {
        let shown = |setting: Option<Setting<f64>>| {
            setting.map(|setting| (setting.value, setting.source.to_string()))
        };
        let own = resolve("", "", &[]).unwrap();
        assert_eq!(
            shown(own.temperature),
            Some((0.5, "model URI (config.yml, profile 'work')".to_owned()))
        );
        assert_eq!(
            serde_json::to_string(&own.body).unwrap(),
            r#"{"top_k":5,"seed":3}"#
        );
        let variables = [
            ("AMX_MODEL", "c/d?temperature=0.7&reasoning_effort=high"),
            ("AMX_REASONING_EFFORT", "low"),
        ];
        let environment = resolve("", "", &variables).unwrap();
        assert_eq!(
            shown(environment.temperature),
            Some((0.7, "model URI (environment, AMX_MODEL)".to_owned()))
        );
        assert_eq!(
            environment.effort.map(|effort| effort.value.as_str()),
            Some("high")
        );
        let flag = resolve("", "c/d?temperature=0.9", &variables).unwrap();
        assert_eq!(
            shown(flag.temperature.clone()),
            Some((0.9, "model URI (flag --model)".to_owned()))
        );
        assert_eq!(flag.effort.map(|effort| effort.value.as_str()), Some("low"));
        let overrides = Overrides {
            generation: GenerationSettings {
                temperature: Some(1.1),
                ..GenerationSettings::default()
            },
            model: Some("c/d?temperature=0.9&max_tokens=7".to_owned()),
            ..Overrides::default()
        };
        let both = Settings::resolve(&overrides, &Environment::default(), &config()).unwrap();
        assert_eq!(
            (
                both.temperature.map(|temperature| temperature.value),
                both.max_tokens.value
            ),
            (Some(1.1), 7)
        );
    }

    #[test]
    fn contradictions_are_errors_of_their_source() {
        let usage = |profile, model| {
            matches!(
                resolve(profile, model, &[]),
                Err(ConfigError::Option { .. })
            )
        };
        assert!(
            usage("work", "box:x")
                && usage("", "loop")
                && usage("", "openrouter:")
                && usage("", "c/d,box:x")
                && usage("box", "a,b")
        );
        assert!(usage("", "c/d?seed=1,e/f?seed=2") && !usage("", "c/d?seed=1,e/f?seed=1"));
        let variable = |variables: &[(&str, &str)]| matches!(resolve("", "", variables), Err(ConfigError::Variable { variable, .. }) if variable == "AMX_MODEL");
        assert!(
            variable(&[("AMX_MODEL", "loop")])
                && variable(&[("AMX_MODEL", "box:x"), ("AMX_PROFILE", "work")])
        );
        // A profile on the command line is stronger than a model of the environment that names
        // another.
        assert_eq!(
            who(&resolve("work", "", &[("AMX_MODEL", "box:x")]).unwrap()),
            "work/openrouter: a/b then q/fast"
        );
        assert_eq!(
            who(&resolve("", "", &[("AMX_MODEL", "box:x")]).unwrap()),
            "box/local: x"
        );
        assert!(
            resolve("", "loop", &[])
                .unwrap_err()
                .to_string()
                .contains("loop → loop2 → loop")
        );
    }

    #[test]
    fn a_model_of_another_profile_sets_that_profile() {
        let mut overrides = Overrides {
            profile: Some("work".to_owned()),
            ..Overrides::default()
        };
        overrides.choose_model("box:y".to_owned(), &config());
        assert_eq!(overrides.profile.as_deref(), Some("box"));
        overrides.choose_model("c/d".to_owned(), &config());
        assert_eq!(
            (overrides.profile.as_deref(), overrides.model.as_deref()),
            (Some("box"), Some("c/d"))
        );
    }
}
