//! The settings of one request: profile, environment and flags merged, each value with its source.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::command_tool::ToolSearch;
use super::defaults;
use super::env::{AMX_LLM_MIN_MAX_TOKENS, AMX_LLM_TIMEOUT_SEC, AMX_REASONING_EFFORT, Environment};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::generation::GenerationLayers;
use super::layers::{Setting, ValueSource, environment, file, flag};
use super::model_choice::{Choice, PrefixTarget};
use super::model_place::{self, Answering, ModelParameters};
use super::options::{self, MergedOptions};
use super::overrides::Overrides;
use super::profile::{MaxCost, Price};
use super::profile_choice;
use super::schema_choice::SchemaChoice;
use super::server::Server;
use super::services::Services;
use super::template::TemplateLayer;
use super::tool_settings::ToolLayers;
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning::{Effort, ReasoningMode};
use crate::platform::system::System;
use crate::providers::ProviderEntry;
use crate::secrets::KeySource;

/// The flag that chooses the engine for PDFs.
pub(crate) const PDF_ENGINE_FLAG: &str = "--pdf-engine";

/// Everything a request takes from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    pub profile: Setting<String>,
    pub provider: Setting<String>,
    pub entry: &'static ProviderEntry,
    pub model: Setting<String>,
    /// The model as it was written, with prefix, list and parameters; `None` for the default.
    pub written_model: Option<String>,
    /// The aliases that were replaced, the written name first; empty without any.
    pub aliases: Vec<String>,
    /// The model names another provider than the profile's, so the settings that belong to the
    /// profile's provider do not apply.
    pub is_foreign: bool,
    pub base_url: Setting<Url>,
    pub temperature: Option<Setting<f64>>,
    pub top_p: Option<Setting<f64>>,
    pub max_tokens: Setting<u32>,
    /// The field of `max_tokens` in the body, when the user set it by that name.
    pub limit_field: Option<&'static str>,
    /// Maximum tokens of prompt and answer together, where it is set.
    pub context_window: Option<u64>,
    pub system: Option<Setting<String>>,
    /// The system prompt as the profile has it, with `${NAME}`; `None` when it is not from there.
    pub written_system: Option<String>,
    pub schema: Option<Setting<SchemaChoice>>,
    pub reasoning: Setting<ReasoningMode>,
    pub effort: Option<Setting<Effort>>,
    pub show_reasoning: Option<Setting<bool>>,
    /// The engine for PDFs, where it is set.
    pub pdf_engine: Option<Setting<PdfEngine>>,
    /// What the provider does beside the model.
    pub services: Services,
    /// Least `max_tokens` of a reasoning model; 0 turns it off.
    pub floor: Setting<u32>,
    pub silence: Setting<Duration>,
    pub alternatives: Setting<u8>,
    pub logprob_high: Setting<f64>,
    pub logprob_medium: Setting<f64>,
    /// Models that OpenRouter tries after the first.
    pub fallback_models: Option<Setting<Vec<String>>>,
    pub fallback_profiles: Vec<String>,
    pub referer: Setting<String>,
    pub title: Setting<String>,
    pub categories: Option<Setting<Vec<String>>>,
    pub user_agent: Setting<String>,
    pub headers: Vec<(String, String)>,
    /// Fields of the body, merged: the profile's `openrouter` map, model parameters, template,
    /// `-o`.
    pub body: Map<String, Value>,
    /// Where those came from, with notes and warnings.
    pub options: MergedOptions,
    /// Names and patterns of the tools that the model may call.
    pub tools: Option<Setting<Vec<String>>>,
    /// How often the model may be asked again after results of tools.
    pub max_steps: Setting<u32>,
    pub tool_search: Setting<ToolSearch>,
    pub price: Option<Price>,
    pub max_cost: Option<Setting<f64>>,
    pub max_cost_per_day: Option<f64>,
    pub key: KeySource,
}

impl Settings {
    /// Resolves the profile that flags, environment or file choose, and everything in it.
    pub fn resolve(
        overrides: &Overrides,
        environment: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let asked = Choice::asked(overrides, environment, config)?;
        let name = profile_choice::choose(asked.as_ref(), overrides, environment, config)?;
        Self::of_choice(name, asked, overrides, environment, config)
    }

    /// Resolves a given profile, such as a fallback profile.
    pub fn of_profile(
        name: Setting<String>,
        overrides: &Overrides,
        environ: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let asked = Choice::asked(overrides, environ, config)?;
        Self::of_choice(name, asked, overrides, environ, config)
    }

    /// The profile with the chosen model, if there is one and it does not name another profile.
    fn of_choice(
        name: Setting<String>,
        asked: Option<Choice>,
        overrides: &Overrides,
        environ: &Environment,
        config: &ConfigFile,
    ) -> Result<Self, ConfigError> {
        let names_another = |asked: &Choice| {
            let target = asked.target(config);
            matches!(target, PrefixTarget::Profile(other) if other != name.value)
        };
        let asked = asked.filter(|asked| !names_another(asked));
        let profile = profile_choice::load(&name, environ, config)?;
        let mut found = model_place::find(asked, profile, &name, config)?;
        found.profile = profile_choice::usable(found.profile, &name.value, found.entry, config)?;
        let layers = Layers {
            label: &name.value,
            found: &found,
            overrides,
            environ,
            config,
        };
        layers.resolve(name.clone())
    }

    /// The flag that chooses this profile, after a blank; nothing without a profile.
    pub(crate) fn profile_flag(&self) -> String {
        let name = Some(&*self.profile.value).filter(|name| *name != defaults::UNNAMED_PROFILE);
        name.map_or_else(String::new, |name| {
            format!(" -p {}", System::CURRENT.quoted(name))
        })
    }

    /// Whether nothing at all is configured, so that a first run can offer the setup.
    pub fn is_unconfigured(&self) -> bool {
        self.profile.is_default() && !self.is_foreign && matches!(self.key, KeySource::Missing)
    }
}

/// All layers of the settings of one request.
struct Layers<'a> {
    /// The name of the profile.
    label: &'a str,
    found: &'a Answering,
    overrides: &'a Overrides,
    environ: &'a Environment,
    config: &'a ConfigFile,
}

impl Layers<'_> {
    fn resolve(&self, name: Setting<String>) -> Result<Settings, ConfigError> {
        let (found, choice) = (self.found, self.found.choice.as_ref());
        let profile = &found.profile;
        let app = profile.app.clone().unwrap_or_default();
        let generation = self.generation()?;
        let options = self.options();
        let server = self.server();
        let own = |text: &str| text.to_owned();
        let named = |option| self.overrides.name_of(option);
        Ok(Settings {
            profile: name,
            provider: found.provider.clone(),
            entry: found.entry,
            model: found.model.clone(),
            written_model: choice.map(|choice| choice.text.clone()),
            aliases: choice.map_or_else(Vec::new, |choice| choice.chain.clone()),
            is_foreign: found.is_foreign,
            base_url: server.base_url()?,
            temperature: generation.setting(named("--temperature"), |layer| layer.temperature),
            top_p: generation.setting(named("--top-p"), |layer| layer.top_p),
            max_tokens: Setting::or_default(
                generation.setting(named("--max-tokens"), |layer| layer.max_tokens),
                defaults::MAX_TOKENS,
            ),
            limit_field: self.overrides.limit_field,
            context_window: profile.context_window,
            system: self.system(),
            written_system: self.written_system(),
            schema: self.schema(),
            reasoning: self.of_file(profile.reasoning, ReasoningMode::Auto),
            effort: generation.setting(named("--reasoning-effort"), |layer| layer.effort),
            show_reasoning: self.show_reasoning(),
            pdf_engine: self.pdf_engine(),
            services: Services::resolve(self.overrides, profile, self.label),
            floor: self.floor()?,
            silence: self.silence()?,
            alternatives: self.of_file(profile.n_alternatives, defaults::ALTERNATIVES),
            logprob_high: self.of_file(profile.logprob_high, defaults::LOGPROB_HIGH),
            logprob_medium: self.of_file(profile.logprob_medium, defaults::LOGPROB_MEDIUM),
            fallback_models: options.fallbacks(self.written_fallbacks()?, self.label),
            fallback_profiles: profile.fallback_profiles.clone().unwrap_or_default(),
            referer: self.of_file(app.referer, own(defaults::APP_REFERER)),
            title: self.of_file(app.title, own(defaults::APP_TITLE)),
            categories: self.categories(app.categories),
            user_agent: self.of_file(profile.user_agent.clone(), own(defaults::USER_AGENT)),
            headers: profile.headers.clone().into_iter().flatten().collect(),
            body: options.body.clone(),
            options,
            tools: self.tools().tools(),
            max_steps: self.tools().max_steps(),
            tool_search: self.tools().search(),
            price: profile.price,
            max_cost: self.max_cost(),
            max_cost_per_day: profile.max_cost.and_then(|MaxCost { per_day, .. }| per_day),
            key: server.key()?,
        })
    }

    /// A setting of the profile that has a default.
    fn of_file<T>(&self, value: Option<T>, default: T) -> Setting<T> {
        Setting::or_default(Setting::stack([file(value, self.label)]), default)
    }

    fn template(&self) -> Option<&TemplateLayer> {
        self.overrides.template.as_ref()
    }

    fn parameters(&self) -> ModelParameters<'_> {
        ModelParameters::of(self.found.choice.as_ref(), self.overrides.model_gives_way)
    }

    fn generation(&self) -> Result<GenerationLayers, ConfigError> {
        let of_template = self
            .template()
            .map(|layer| (layer.generation, layer.source()));
        let of_environment =
            environment(Some(self.environ.generation()?), AMX_REASONING_EFFORT.name);
        let of_file = file(Some(self.found.profile.generation()), self.label);
        let below = [
            self.parameters().generation(),
            of_template,
            of_environment,
            of_file,
        ];
        Ok(GenerationLayers {
            flags: self.overrides.generation,
            below: below.into_iter().flatten().collect(),
        })
    }

    /// The fields of the body. Between profile and flags are the template's and those of the model
    /// parameters, the weakest first.
    fn options(&self) -> MergedOptions {
        let of_template = self
            .template()
            .map(|layer| (layer.source(), layer.body.clone()));
        let mut between: Vec<(ValueSource, Map<String, Value>)> = self
            .parameters()
            .body()
            .into_iter()
            .chain(of_template)
            .collect();
        between.sort_by(|(left, _), (right, _)| left.cmp(right));
        options::merged::merge(
            self.found.entry,
            &self.found.profile,
            between,
            &self.overrides.body,
            &self.overrides.spellings,
        )
    }

    fn server(&self) -> Server<'_> {
        let found = self.found;
        Server {
            label: self.label,
            profile: &found.profile,
            entry: found.entry,
            foreign: found.choice.as_ref().filter(|_| found.is_foreign),
            environ: self.environ,
            config: self.config,
        }
    }

    fn system(&self) -> Option<Setting<String>> {
        Setting::stack([
            flag(
                self.overrides.system.clone(),
                self.overrides.name_of("--system"),
            ),
            self.template()
                .and_then(|layer| layer.setting(layer.system.clone())),
            file(self.found.profile.system.clone(), self.label),
        ])
    }

    fn written_system(&self) -> Option<String> {
        let system = self.system()?;
        let profile = self.config.profiles.get(self.label)?;
        matches!(system.source, ValueSource::File { .. })
            .then(|| profile.system.clone())
            .flatten()
    }

    fn schema(&self) -> Option<Setting<SchemaChoice>> {
        let of_flag = self.overrides.schema.clone();
        let option = if of_flag.as_ref().is_some_and(|schema| schema.is_many) {
            "--schema-many"
        } else {
            "--schema"
        };
        let of_file = self.found.profile.schema.clone();
        Setting::stack([
            flag(of_flag, self.overrides.name_of(option)),
            self.template()
                .and_then(|layer| layer.setting(layer.schema.clone())),
            file(of_file.map(SchemaChoice::one), self.label),
        ])
    }

    fn show_reasoning(&self) -> Option<Setting<bool>> {
        Setting::stack([
            flag(
                self.overrides.show_reasoning,
                self.overrides.name_of("--show-reasoning"),
            ),
            file(self.found.profile.show_reasoning, self.label),
        ])
    }

    fn pdf_engine(&self) -> Option<Setting<PdfEngine>> {
        Setting::stack([
            flag(self.overrides.pdf_engine, PDF_ENGINE_FLAG),
            file(self.found.profile.pdf_engine, self.label),
        ])
    }

    fn max_cost(&self) -> Option<Setting<f64>> {
        let caps = self.found.profile.max_cost.unwrap_or_default();
        Setting::stack([
            flag(self.overrides.max_cost, "--max-cost"),
            file(caps.per_request, self.label),
        ])
    }

    fn tools(&self) -> ToolLayers<'_> {
        ToolLayers {
            overrides: self.overrides,
            profile: &self.found.profile,
            label: self.label,
        }
    }

    fn floor(&self) -> Result<Setting<u32>, ConfigError> {
        let floor = self.environ.reasoning_floor()?;
        Ok(Setting::or_default(
            Setting::stack([environment(floor, AMX_LLM_MIN_MAX_TOKENS.name)]),
            defaults::REASONING_FLOOR,
        ))
    }

    fn silence(&self) -> Result<Setting<Duration>, ConfigError> {
        let silence = self.environ.silence()?;
        Ok(Setting::or_default(
            Setting::stack([environment(silence, AMX_LLM_TIMEOUT_SEC.name)]),
            defaults::SILENCE,
        ))
    }

    fn categories(&self, categories: Option<Vec<String>>) -> Option<Setting<Vec<String>>> {
        let categories = categories.filter(|categories| !categories.is_empty());
        Setting::stack([file(categories, self.label)])
    }

    /// The fallback models of the model's list, else of the profile.
    fn written_fallbacks(&self) -> Result<Option<Setting<Vec<String>>>, ConfigError> {
        model_place::fallbacks(
            self.found.choice.as_ref(),
            &self.found.profile,
            self.label,
            self.found.entry,
            self.config,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GenerationSettings;
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
        let variables = [("AMX_MODEL", "c/d"), ("AMX_REASONING_EFFORT", " MEDIUM")];
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
            generation: GenerationSettings {
                effort: Some(Effort::None),
                max_tokens: Some(7),
                ..GenerationSettings::default()
            },
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
            .overridden
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
}
