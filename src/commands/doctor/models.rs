//! Checks of each profile's model against its provider's catalogue.

use serde_json::Value;

use super::check::{Finding, or_ok};
use super::profiles::each;
use super::subject::{ExaminedProfile, ServerState, Subject};
use crate::account::inspection::ListedModel;
use crate::catalog::nearest::{closest, is_listed_as};
use crate::chat::reasoning::{ReasoningMode, is_reasoning_model};
use crate::config::ValueSource;
use crate::config::options::{OPTIONS, path};
use crate::platform::commands::SET_VARIABLE;
use crate::present::count::thousands;
use crate::present::time;

/// A removal within this many days is a warning.
const SOON_DAYS: i64 = 60;

/// The models that the provider of a profile offers.
fn offered(profile: &ExaminedProfile) -> Result<&[ListedModel], &'static str> {
    match &profile.server {
        ServerState::NotAsked(why) => Err(why),
        ServerState::Unreached(_) => Err("the server was not reached"),
        ServerState::Answered(answered) => answered
            .models
            .as_deref()
            .filter(|models| !models.is_empty())
            .ok_or("the server lists no models"),
    }
}

/// The row of a model.
fn find<'a>(models: &'a [ListedModel], id: &str) -> Option<&'a ListedModel> {
    let is_it =
        |listed: &&ListedModel| is_listed_as(&listed.id, listed.canonical_slug.as_deref(), id);
    models.iter().find(is_it)
}

fn row(profile: &ExaminedProfile) -> Result<&ListedModel, Vec<Finding>> {
    let models = offered(profile).map_err(|why| vec![Finding::skipped(why)])?;
    find(models, &profile.settings.model.value)
        .ok_or_else(|| vec![Finding::skipped("the model is not in the catalogue")])
}

pub(super) fn known(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let models = match offered(profile) {
            Ok(models) => models,
            Err(why) => return vec![Finding::skipped(why)],
        };
        let settings = &profile.settings;
        let mut findings = Vec::new();
        if find(models, &settings.model.value).is_none() {
            findings.push(unknown(subject, profile, models));
        }
        let missing = settings
            .fallback_models
            .iter()
            .flat_map(|models| &models.value)
            .filter(|id| settings.entry.is_openrouter && find(models, id).is_none());
        findings.extend(missing.map(|id| {
            let words = format!(
                "unknown fallback model '{}'{}",
                id.escape_debug(),
                suggestion(id, models)
            );
            Finding::failure(words, "amx config edit")
        }));
        or_ok(findings, &settings.model.value)
    })
}

fn suggestion(id: &str, models: &[ListedModel]) -> String {
    closest(id, models.iter().map(|listed| listed.id.as_str()))
        .map_or_else(String::new, |near| format!("; did you mean '{near}'?"))
}

fn unknown(subject: &Subject, profile: &ExaminedProfile, models: &[ListedModel]) -> Finding {
    let settings = &profile.settings;
    let id = &settings.model.value;
    let words = format!(
        "unknown model '{}'{}",
        id.escape_debug(),
        suggestion(id, models)
    );
    let near = closest(id, models.iter().map(|listed| listed.id.as_str()));
    let remedy = match (&settings.model.source, near) {
        (ValueSource::Environment { variable }, Some(near)) => {
            subject.command(SET_VARIABLE, [variable, near])
        }
        _ => format!(
            "amx config explain model{}   (IDs are case-sensitive)",
            settings.profile_flag()
        ),
    };
    // A local server may have one model and accept any name for it.
    if settings.entry.works_without_key {
        Finding::warning(words, remedy)
    } else {
        Finding::failure(words, remedy)
    }
}

pub(super) fn deprecated(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let row = match row(profile) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        let Some(day) = &row.expires else {
            return vec![Finding::ok("no deprecation announced")];
        };
        let Some(days) = time::days_until(day, subject.now) else {
            return vec![Finding::note(format!(
                "removal announced as '{}'",
                day.escape_debug()
            ))];
        };
        let remedy = format!(
            "amx config edit   (another model for profile {})",
            profile.name
        );
        vec![match days {
            ..0 => Finding::failure(format!("{} was removed on {day}", row.id), remedy),
            0..=SOON_DAYS => {
                Finding::warning(format!("{} will be removed on {day}", row.id), remedy)
            }
            _ => Finding::note(format!("{} will be removed on {day}", row.id)),
        }]
    })
}

/// The settings of the profile with the provider's parameter of each.
fn requested(profile: &ExaminedProfile) -> Vec<(&'static str, &'static str)> {
    let settings = &profile.settings;
    let mut requested = Vec::new();
    if settings.temperature.is_some() {
        requested.push(("temperature", "temperature"));
    }
    if settings.top_p.is_some() {
        requested.push(("top_p", "top_p"));
    }
    if settings.reasoning.value == ReasoningMode::On
        || (settings.effort.is_some() && settings.reasoning.value != ReasoningMode::Off)
    {
        requested.push(("reasoning", "reasoning"));
    }
    // `logprobs: false` requests nothing, and `top_logprobs` implies it.
    let is_asked = |name: &str, value: &Value| {
        name != "logprobs" || (*value == true && !settings.body.contains_key("top_logprobs"))
    };
    let set =
        |name: &str| path::get(&settings.body, name).is_some_and(|value| is_asked(name, value));
    requested.extend(
        OPTIONS
            .iter()
            .filter(|option| set(option.name))
            .filter_map(|option| Some((option.name, option.parameter?))),
    );
    requested.extend(Some(("tools", "tools")).filter(|_| set("tools")));
    requested
}

pub(super) fn supports(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let row = match row(profile) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        if row.parameters.is_empty() {
            return vec![Finding::skipped("supported parameters are not listed")];
        }
        let supports = |parameter: &str| row.parameters.iter().any(|known| known == parameter);
        let unsupported = requested(profile)
            .into_iter()
            .filter(|(_, parameter)| !supports(parameter));
        let finding = |(setting, _)| {
            Finding::warning(
                format!(
                    "{} does not support {setting}: it is ignored or rejected",
                    row.id
                ),
                "amx config edit",
            )
        };
        or_ok(
            unsupported.map(finding).collect(),
            "all settings of the profile",
        )
    })
}

pub(super) fn limits(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let row = match row(profile) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        let settings = &profile.settings;
        let asked = u64::from(settings.max_tokens.value);
        let mut findings = Vec::new();
        if let Some(most) = row
            .max_completion_tokens
            .or(row.context_length)
            .filter(|most| asked > *most)
        {
            findings.push(Finding::warning(
                format!(
                    "max_tokens is {}; {} supports {}",
                    thousands(asked),
                    row.id,
                    thousands(most)
                ),
                "amx config edit",
            ));
        }
        if let (Some(stated), Some(length)) = (settings.context_window, row.context_length)
            && stated > length
        {
            findings.push(Finding::warning(
                format!(
                    "context_window is {}; {} supports {}",
                    thousands(stated),
                    row.id,
                    thousands(length)
                ),
                "amx config edit",
            ));
        }
        let is_reasoning =
            is_reasoning_model(&row.id) && settings.reasoning.value != ReasoningMode::Off;
        or_ok(
            findings,
            if is_reasoning {
                "within limits; a reasoning model"
            } else {
                "within limits"
            },
        )
    })
}
