//! `doctor models`: sends the cheapest possible request to the model of every profile and reports
//! the response times.

use serde_json::{Value, json};

use crate::ask::trial::{self, Trial};
use crate::config::{ConfigFile, Overrides, Settings, defaults};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::present::time::{millis, seconds};

/// The result for one profile: the trial, or the message and remedy of its error.
struct ModelResult {
    profile: String,
    outcome: Result<Trial, (String, String)>,
}

/// Tries one profile after the other, so that none slows another down.
pub(super) fn run(
    only: Option<&str>,
    as_json: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let config = context.config()?;
    let profiles = profiles(only, &config, context)?;
    if !as_json {
        context.output.note(&format!(
            "sends a one-word request to {}, at a small cost",
            plural(profiles.len(), "model")
        ));
    }
    let mut results = Vec::new();
    for profile in profiles {
        let result = examine(profile, &config, context)?;
        if !as_json {
            for line in lines(&result) {
                context.output.sentence(&line)?;
            }
        }
        results.push(result);
    }
    if as_json {
        context.output.json(&results.iter().map(object).collect())?;
    }
    summary(&results)
}

/// The names of the profiles to try; the profile in force when the file has none.
fn profiles(
    only: Option<&str>,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Vec<String>, CommandError> {
    let names: Vec<String> = config
        .profiles
        .keys()
        .filter(|name| only.is_none_or(|only| only == *name))
        .cloned()
        .collect();
    if !names.is_empty() {
        return Ok(names);
    }
    let overrides = Overrides {
        profile: only.map(str::to_owned),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, config)?;
    Ok(vec![settings.profile.value])
}

fn examine(
    profile: String,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<ModelResult, CommandError> {
    let named = Some(profile.clone()).filter(|name| name != defaults::UNNAMED_PROFILE);
    let outcome = match trial::ask(named, config, &context.equipment) {
        Ok(trial) => {
            if let Some(unbooked) = &trial.ledger_error {
                context.output.warning(&unbooked.message);
            }
            Ok(trial)
        }
        Err(error) if error.kind == ErrorKind::Interrupted => return Err(error),
        Err(error) => {
            let error = error.with_default_hint();
            let remedy = error.hints.first().cloned().unwrap_or_default();
            Err((error.message, remedy))
        }
    };
    Ok(ModelResult { profile, outcome })
}

fn lines(result: &ModelResult) -> Vec<String> {
    let profile = &result.profile;
    match &result.outcome {
        Ok(trial) => vec![format!(
            "✓ {profile}: {} responded in {}",
            trial.model,
            seconds(trial.total)
        )],
        Err((message, remedy)) => {
            vec![format!("✗ {profile}: {message}"), format!("  → {remedy}")]
        }
    }
}

fn object(result: &ModelResult) -> Value {
    let trial = result.outcome.as_ref().ok();
    let error = result.outcome.as_ref().err();
    json!({
        "profile": result.profile,
        "ok": trial.is_some(),
        "model": trial.map(|trial| &trial.model),
        "first_token_ms": trial.and_then(|trial| trial.answer.first_token).map(millis),
        "total_ms": trial.map(|trial| millis(trial.total)),
        "cost_usd": trial.and_then(|trial| trial.answer.cost.usd),
        "error": error.map(|(message, _)| message),
        "remedy": error.map(|(_, remedy)| remedy),
    })
}

/// An error when a model did not respond, with the remedy of the first.
fn summary(results: &[ModelResult]) -> Result<(), CommandError> {
    let failed: Vec<(&str, &str)> = results
        .iter()
        .filter_map(|result| {
            let (_, remedy) = result.outcome.as_ref().err()?;
            Some((result.profile.as_str(), remedy.as_str()))
        })
        .collect();
    let Some((_, remedy)) = failed.first() else {
        return Ok(());
    };
    let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
    Err(CommandError::new(
        ErrorKind::No,
        format!("no response for {}", names.join(", ")),
    )
    .hint(*remedy))
}
