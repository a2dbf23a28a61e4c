//! Resolves a written model to profile, provider and model ID.

use serde_json::{Map, Value};

use super::env::AMX_PROFILE;
use super::error::ConfigError;
use super::file::ConfigFile;
use super::generation::GenerationSettings;
use super::layers::{Setting, ValueSource, built_in, file};
use super::model_choice::{Choice, PrefixTarget};
use super::options::table;
use super::overrides::Overrides;
use super::profile::Profile;
use super::profile_faults::with_path;
use super::{defaults, locate};
use crate::providers::{self, ProviderEntry};

/// The provider and model that answer, with the settings of the profile that apply to them.
pub(super) struct Answering {
    pub provider: Setting<String>,
    pub entry: &'static ProviderEntry,
    /// The model names another provider than the profile's.
    pub is_foreign: bool,
    /// The settings of the profile that apply.
    pub profile: Profile,
    /// The model as it was written, unless it is the default.
    pub choice: Option<Choice>,
    pub model: Setting<String>,
}

/// Finds the provider for a profile and the chosen model.
pub(super) fn find(
    asked: Option<Choice>,
    mut profile: Profile,
    name: &Setting<String>,
    config: &ConfigFile,
) -> Result<Answering, ConfigError> {
    let label = name.value.as_str();
    let source = ValueSource::File {
        profile: label.to_owned(),
    };
    let written = profile.model.take();
    let own = written
        .as_deref()
        .map(|text| Choice::read(text, source, config))
        .transpose()?;
    let of_profile = provider_of_profile(own.as_ref(), &profile, label, config);
    let layers = std::iter::once(asked.as_ref().and_then(|choice| named(choice, config)))
        .chain([Some((of_profile.value.clone(), of_profile.source.clone()))])
        .chain(of_profile.overridden.iter().cloned().map(Some));
    let provider = Setting::stack(layers).unwrap_or_else(|| of_profile.clone());
    let entry = providers::find(&provider.value)
        .ok_or_else(|| unknown_provider(config, label, &provider.value))?;
    let is_foreign = provider.value != of_profile.value;
    if is_foreign {
        profile = without_provider(profile);
    }
    let model = model(asked.as_ref(), own.as_ref(), entry).ok_or_else(|| {
        let what = format!("missing; provider {} has no default model", entry.name);
        fault(config, label, "model", &what)
    })?;
    let choice = asked.or(own);
    if let Some(choice) = &choice {
        choice.check_place(label, entry, config)?;
    }
    Ok(Answering {
        provider,
        entry,
        is_foreign,
        profile,
        choice,
        model,
    })
}

/// The provider that the prefix of a model names.
fn named(choice: &Choice, config: &ConfigFile) -> Option<(String, ValueSource)> {
    match choice.target(config) {
        PrefixTarget::Provider(provider) => Some((provider.to_owned(), choice.source.clone())),
        // The built-in profile has the name of its provider.
        PrefixTarget::Profile(profile) if is_built_in_demo(profile, config) => {
            Some((profile.to_owned(), choice.source.clone()))
        }
        _ => None,
    }
}

/// The provider of a profile. Its `provider` overrides the prefix of its model.
fn provider_of_profile(
    own: Option<&Choice>,
    profile: &Profile,
    label: &str,
    config: &ConfigFile,
) -> Setting<String> {
    let default = if is_built_in_demo(label, config) {
        defaults::DEMO_PROFILE
    } else {
        defaults::PROVIDER
    };
    let layers = [
        file(profile.provider.clone(), label),
        own.and_then(|choice| named(choice, config)),
    ];
    Setting::or_default(Setting::stack(layers), default.to_owned())
}

/// The model that is used; `None` when none is set and the provider has no default.
fn model(
    asked: Option<&Choice>,
    own: Option<&Choice>,
    entry: &ProviderEntry,
) -> Option<Setting<String>> {
    let default = match entry.name {
        "openrouter" => Some(defaults::OPENROUTER_MODEL),
        "demo" => Some(entry.suggested_model),
        _ => None,
    };
    let layer = |choice: &Choice| (choice.first().to_owned(), choice.source.clone());
    Setting::stack([
        asked.map(layer),
        asked.and_then(|asked| asked.overridden.clone()),
        own.map(layer),
        default.and_then(|model| built_in(model.to_owned())),
    ])
}

/// The settings of a profile that belong to its provider: they are not used with another one, and
/// removed when the profile changes to another one. A test compares them with `without_provider`.
pub(crate) const OF_PROVIDER: &[&str] = &[
    "provider",
    "api_key",
    "base_url",
    "allow_insecure",
    "openrouter",
    "headers",
    "fallback_models",
    "price",
    "context_window",
];

/// The profile without the settings that belong to its provider, so that no key, URL, header or
/// field of one provider reaches another.
pub(crate) fn without_provider(profile: Profile) -> Profile {
    Profile {
        provider: None,
        api_key: None,
        base_url: None,
        allow_insecure: None,
        openrouter: None,
        headers: None,
        fallback_models: None,
        price: None,
        context_window: None,
        ..profile
    }
}

/// The models after the first: of the list that was written, else of the profile. Each may be an
/// alias.
pub(super) fn fallbacks(
    choice: Option<&Choice>,
    profile: &Profile,
    label: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<Option<Setting<Vec<String>>>, ConfigError> {
    let source = ValueSource::File {
        profile: label.to_owned(),
    };
    let wrong = |what: String| fault(config, label, "fallback_models", &what);
    let mut of_profile = Vec::new();
    for written in profile.fallback_models.iter().flatten() {
        let choice = Choice::parse(written, source.clone(), config).map_err(wrong)?;
        // Other providers support no list: they get none, and a warning elsewhere.
        if entry.is_openrouter {
            choice.fits(label, entry, config).map_err(wrong)?;
        }
        of_profile.extend(std::iter::once(choice.first().to_owned()).chain(choice.rest()));
    }
    let listed = |models: Vec<String>| Some(models).filter(|models| !models.is_empty());
    let of_list =
        choice.and_then(|choice| listed(choice.rest()).map(|rest| (rest, choice.source.clone())));
    Ok(Setting::stack([of_list, file(listed(of_profile), label)]))
}

/// The profile that the model names, as a layer of that choice.
///
/// # Errors
/// Another profile is named as strongly.
pub(super) fn profile_of(
    asked: Option<&Choice>,
    overrides: &Overrides,
    of_environment: Option<&str>,
    config: &ConfigFile,
) -> Result<Option<(String, ValueSource)>, ConfigError> {
    let Some(asked) = asked else { return Ok(None) };
    let PrefixTarget::Profile(named) = asked.target(config) else {
        return Ok(None);
    };
    let is_flag = matches!(asked.source, ValueSource::Flag { .. });
    let other = match (&overrides.profile, of_environment) {
        (Some(other), _) if is_flag => Some(("--profile", other.as_str())),
        (None, Some(other)) if !is_flag => Some((AMX_PROFILE.name, other)),
        _ => None,
    };
    match other.filter(|(_, other)| *other != named) {
        Some((place, other)) => Err(asked.fault(
            config,
            format!("the model names profile '{named}', and {place} names '{other}'"),
        )),
        // A profile on the command line is stronger than a model of the environment.
        None if overrides.profile.is_some() => Ok(None),
        None => Ok(Some((named.to_owned(), asked.source.clone()))),
    }
}

/// Whether this is the built-in demo profile.
pub(super) fn is_built_in_demo(name: &str, config: &ConfigFile) -> bool {
    name == defaults::DEMO_PROFILE && !config.profiles.contains_key(defaults::DEMO_PROFILE)
}

fn unknown_provider(config: &ConfigFile, profile: &str, provider: &str) -> ConfigError {
    let known: Vec<&str> = providers::registry::names().collect();
    fault(
        config,
        profile,
        "provider",
        &format!(
            "'{}' is not a provider; use one of {}",
            provider.escape_debug(),
            known.join(", ")
        ),
    )
}

/// The error for a setting of a profile, with its place.
pub(crate) fn fault(config: &ConfigFile, profile: &str, key: &str, what: &str) -> ConfigError {
    let position = locate::position_of(&config.text, &["llm_profiles", profile, key]);
    ConfigError::Invalid {
        path: config.path.clone(),
        position,
        what: with_path(&format!("llm_profiles.{profile}.{key}"), what),
        hint: None,
    }
}

/// The model parameters, as layers of the settings that they decide.
pub(super) struct ModelParameters<'a> {
    choice: Option<&'a Choice>,
    /// The model was chosen before the template.
    gives_way: bool,
}

impl<'a> ModelParameters<'a> {
    pub(super) fn of(choice: Option<&'a Choice>, gives_way: bool) -> Self {
        Self { choice, gives_way }
    }

    fn source(&self) -> Option<ValueSource> {
        let source = &self.choice?.source;
        let weakened = matches!(source, ValueSource::Flag { .. }) && self.gives_way;
        if weakened {
            Some(ValueSource::ModelUri {
                of: source.to_string(),
            })
        } else {
            Some(source.of_model_parameter())
        }
    }

    /// Those that are typed settings.
    pub(super) fn generation(&self) -> Option<(GenerationSettings, ValueSource)> {
        let settings = GenerationSettings::from_fields(&self.choice?.parameters);
        Some((settings, self.source()?))
    }

    /// Those that are fields of the body.
    pub(super) fn body(&self) -> Option<(ValueSource, Map<String, Value>)> {
        let is_field = |name: &str| table::find(name).is_some_and(|option| !option.is_setting());
        let parameters = self.choice?.parameters.iter();
        let fields = parameters
            .filter(|(name, _)| is_field(name))
            .map(|(name, value)| (name.clone(), value.clone()));
        Some((self.source()?, fields.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_provider_are_those_that_another_one_does_not_get() {
        let own = "provider: openai\napi_key: ${K}\nbase_url: https://a.example/v1\n\
            allow_insecure: true\nopenrouter: {route: fallback}\nheaders: {X-A: b}\n\
            fallback_models: [a/b]\nprice: {input: 1, output: 2}\ncontext_window: 8192\n";
        let others = "model: m\ntemperature: 0.5\nsystem: s\nprivate: true\n";
        let all: Profile = serde_yaml::from_str(&format!("{own}{others}")).unwrap();
        let expected: Profile = serde_yaml::from_str(others).unwrap();
        assert_eq!(without_provider(all), expected);
        let written: serde_yaml::Mapping = serde_yaml::from_str(own).unwrap();
        let written: Vec<&str> = written.keys().filter_map(|key| key.as_str()).collect();
        assert_eq!(written, OF_PROVIDER);
    }
}
