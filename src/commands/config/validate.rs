//! `amx config validate`: the file, and what its profiles and aliases lead to when they are used.

use crate::ask::schema_source;
use crate::ask::texts::with_model;
use crate::chat::endpoint::Endpoint;
use crate::config::{ConfigError, ConfigFile, Overrides, Settings, ValueSource, server};
use crate::ports::context::Context;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

pub(super) fn run(context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = ConfigFile::load(&context.home()?)?;
    if !config.exists {
        note_missing(&config, context);
        return Ok(());
    }
    if let Some(warning) = config.warnings.first() {
        return Err(CommandError::new(ErrorKind::Config, warning.clone()).hint("amx config edit"));
    }
    config.check_served_profile()?;
    for name in config.profiles.keys() {
        check_profile(name, &config, &context.equipment)?;
    }
    check_aliases(&config, &context.equipment)?;
    context.equipment.open_telemetry(&config)?;
    Ok(context.output.sentence(&format!(
        "✓ {} is valid ({})",
        config.path.display(),
        plural(config.profiles.len(), "profile")
    ))?)
}

/// Says that there is no file, and what makes one.
pub(super) fn note_missing(config: &ConfigFile, context: &mut Context<'_>) {
    context.output.note(&format!(
        "{} does not exist yet: amx add-llm-profile",
        config.path.display()
    ));
}

/// Checks that a profile can be used for questions, and for texts where it names models for them.
fn check_profile(
    name: &str,
    config: &ConfigFile,
    equipment: &Equipment,
) -> Result<(), CommandError> {
    server::check_own_url(name, config, &equipment.environment)?;
    let overrides = Overrides {
        profile: Some(name.to_owned()),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &equipment.environment, config)?;
    check_schema(name, &settings, config, equipment)?;
    let profile = &config.profiles[name];
    for (model, endpoint) in [
        (&profile.embedding_model, Endpoint::Embeddings),
        (&profile.rerank_model, Endpoint::Rerank),
    ] {
        if model.is_none() {
            continue;
        }
        let resolved = with_model(endpoint, &mut overrides.clone(), config, equipment);
        // Not one of use: a provider without the endpoint may merge the setting of another.
        if let Err(fault) = resolved
            && fault.kind == ErrorKind::Config
        {
            return Err(fault);
        }
    }
    Ok(())
}

fn check_schema(
    name: &str,
    settings: &Settings,
    config: &ConfigFile,
    equipment: &Equipment,
) -> Result<(), CommandError> {
    let of_file = settings.schema.as_ref().filter(|schema| {
        matches!(schema.source, ValueSource::File { .. }) && !schema.value.is_off()
    });
    let Some(schema) = of_file else { return Ok(()) };
    schema_source::load_as(&config.place(name, "schema"), schema, equipment)
        .map(drop)
        .map_err(|error| CommandError {
            kind: ErrorKind::Config,
            ..error
        })
}

/// Checks that a profile can answer what each alias leads to. An alias for several names leads
/// nowhere without one of them.
fn check_aliases(config: &ConfigFile, equipment: &Equipment) -> Result<(), CommandError> {
    for (index, name) in config.aliases.plain_names() {
        let mut overrides = Overrides::default();
        overrides.choose_model(name.to_owned(), config);
        let profiles = profiles_for(overrides.profile.take(), config);
        let mut faults = Vec::new();
        let is_usable = profiles.into_iter().any(|profile| {
            overrides.profile = profile;
            Settings::resolve(&overrides, &equipment.environment, config)
                .map_err(|fault| faults.push(fault))
                .is_ok()
        });
        if let Some(fault) = faults.into_iter().next().filter(|_| !is_usable) {
            let what = match fault {
                ConfigError::Option { what, .. } => what,
                other => other.to_string(),
            };
            return Err(config.alias_fault(index, &what).into());
        }
    }
    Ok(())
}

/// The profiles that may answer a model that names this one, or none: then any, the active one
/// first, since its error is the one to show.
fn profiles_for(named: Option<String>, config: &ConfigFile) -> Vec<Option<String>> {
    if named.is_some() || config.profiles.is_empty() {
        return vec![named];
    }
    let active = config.active.iter();
    active
        .chain(config.profiles.keys())
        .cloned()
        .map(Some)
        .collect()
}
