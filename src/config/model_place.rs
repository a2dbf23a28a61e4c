//! Which profile and which provider a written model is asked at, and what holds of the profile
//! there.

use serde_json::{Map, Value};

use super::env::AMX_PROFILE;
use super::error::ConfigError;
use super::file::ConfigFile;
use super::layers::{Setting, ValueSource, built_in, file};
use super::model_choice::{Choice, PrefixTarget};
use super::overrides::Overrides;
use super::profile::Profile;
use super::{defaults, locate};
use crate::chat::reasoning::Effort;
use crate::providers::{self, ProviderEntry};

/// Who answers, and with what of the profile.
pub struct Answering {
    pub provider: Setting<String>,
    pub entry: &'static ProviderEntry,
    /// The model names another provider than the profile's.
    pub is_foreign: bool,
    /// What of the profile holds there.
    pub profile: Profile,
    /// The model that was written, unless it is the one by default.
    pub choice: Option<Choice>,
    pub model: Setting<String>,
}

/// Finds the provider for a profile and the model that was asked for.
pub fn find(
    asked: Option<Choice>,
    mut profile: Profile,
    name: &Setting<String>,
    config: &ConfigFile,
) -> Result<Answering, ConfigError> {
    let label = name.value.as_str();
    let written = profile.model.take();
    let own = written
        .as_deref()
        .map(|text| {
            Choice::read(
                text,
                ValueSource::File {
                    profile: label.to_owned(),
                },
                config,
            )
        })
        .transpose()?;
    let named = |choice: &Choice| match choice.target(config) {
        PrefixTarget::Provider(provider) => Some((provider.to_owned(), choice.source.clone())),
        // The built-in profile is its provider.
        PrefixTarget::Profile(profile) if is_built_in_demo(profile, config) => {
            Some((profile.to_owned(), choice.source.clone()))
        }
        _ => None,
    };
    let by_default = if is_built_in_demo(label, config) {
        defaults::DEMO_PROFILE
    } else {
        defaults::PROVIDER
    };
    // A provider that stands by itself is stronger than the one before the profile's own model.
    let of_profile = [
        file(profile.provider.clone(), label),
        own.as_ref().and_then(named),
        built_in(by_default.to_owned()),
    ];
    let of_profile = Setting::stack(of_profile).ok_or(ConfigError::NoHome)?;
    let layers = std::iter::once(asked.as_ref().and_then(named));
    let layers = layers
        .chain([Some((of_profile.value.clone(), of_profile.source.clone()))])
        .chain(of_profile.hides.iter().cloned().map(Some));
    let provider = Setting::stack(layers).ok_or(ConfigError::NoHome)?;
    let entry = providers::find(&provider.value)
        .ok_or_else(|| unknown_provider(config, label, &provider.value))?;
    let is_foreign = provider.value != of_profile.value;
    if is_foreign {
        profile = without_provider(profile);
    }
    let by_default = match entry.name {
        "openrouter" => Some(defaults::OPENROUTER_MODEL),
        "demo" => Some(entry.suggested_model),
        _ => None,
    };
    let layer = |choice: &Choice| (choice.first().to_owned(), choice.source.clone());
    let hidden = asked.as_ref().and_then(|asked| asked.hides.clone());
    let layers = [
        asked.as_ref().map(layer),
        hidden,
        own.as_ref().map(layer),
        by_default.and_then(|model| built_in(model.to_owned())),
    ];
    let model = Setting::stack(layers);
    let model = model.ok_or_else(|| {
        fault(
            config,
            label,
            "model",
            &format!(
                "missing, and provider {} has no model by default",
                entry.name
            ),
        )
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

/// Without all that belongs to the profile's own provider, so that no key, address, header or field
/// of one provider reaches another.
fn without_provider(profile: Profile) -> Profile {
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
pub fn fallbacks(
    choice: Option<&Choice>,
    profile: &Profile,
    label: &str,
    entry: &ProviderEntry,
    config: &ConfigFile,
) -> Result<Option<Setting<Vec<String>>>, ConfigError> {
    let mut of_profile = Vec::new();
    for written in profile.fallback_models.iter().flatten() {
        let choice = Choice::read(
            written,
            ValueSource::File {
                profile: label.to_owned(),
            },
            config,
        )?;
        // A provider that takes no list is warned of elsewhere, and sent none.
        if entry.is_openrouter {
            choice.check_place(label, entry, config)?;
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
pub fn profile_of(
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

/// Whether this is the profile that is always there.
pub fn is_built_in_demo(name: &str, config: &ConfigFile) -> bool {
    name == defaults::DEMO_PROFILE && !config.profiles.contains_key(defaults::DEMO_PROFILE)
}

fn unknown_provider(config: &ConfigFile, profile: &str, provider: &str) -> ConfigError {
    let known: Vec<&str> = providers::registry::names().collect();
    fault(
        config,
        profile,
        "provider",
        &format!(
            "'{}' is not a provider; known are {}",
            provider.escape_debug(),
            known.join(", ")
        ),
    )
}

/// The error for a key of a profile, with its place.
pub fn fault(config: &ConfigFile, profile: &str, key: &str, what: &str) -> ConfigError {
    let position = locate::position_of(&config.text, &["llm_profiles", profile, key]);
    ConfigError::Invalid {
        path: config.path.clone(),
        position,
        what: format!("llm_profiles.{profile}.{key}: {what}"),
        hint: None,
    }
}

/// The parameters behind the model in force, as layers of the settings that they decide.
pub struct Uri<'a> {
    choice: Option<&'a Choice>,
    /// The model was chosen before the template was named.
    gives_way: bool,
}

impl<'a> Uri<'a> {
    pub fn of(choice: Option<&'a Choice>, gives_way: bool) -> Self {
        Self { choice, gives_way }
    }

    fn layer<T>(&self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<(T, ValueSource)> {
        let value = self.choice?.parameters.get(name).and_then(read)?;
        Some((value, self.source()?))
    }

    fn source(&self) -> Option<ValueSource> {
        let source = &self.choice?.source;
        let weakened = matches!(source, ValueSource::Flag { .. }) && self.gives_way;
        if weakened {
            Some(ValueSource::ModelUri {
                of: source.to_string(),
            })
        } else {
            Some(source.behind_model())
        }
    }

    pub fn number(&self, name: &str) -> Option<(f64, ValueSource)> {
        self.layer(name, Value::as_f64)
    }

    pub fn max_tokens(&self) -> Option<(u32, ValueSource)> {
        self.layer("max_tokens", |value| {
            value.as_u64().and_then(|tokens| u32::try_from(tokens).ok())
        })
    }

    pub fn effort(&self) -> Option<(Effort, ValueSource)> {
        self.layer("reasoning_effort", |value| {
            value.as_str().and_then(|text| text.parse().ok())
        })
    }

    /// Those that are no setting of amx but a field of the body.
    pub fn body(&self) -> Option<(ValueSource, Map<String, Value>)> {
        let fields = ["top_k", "verbosity", "seed"]
            .into_iter()
            .filter_map(|field| {
                Some((
                    field.to_owned(),
                    self.choice?.parameters.get(field)?.clone(),
                ))
            });
        Some((self.source()?, fields.collect()))
    }
}
