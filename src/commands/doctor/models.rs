//! Checks of each profile's model against what its provider offers.

use serde_json::Value;

use super::check::{Finding, or_ok};
use super::dates;
use super::profiles::each;
use super::subject::{Patient, ServerState, Subject};
use crate::account::inspection::ListedModel;
use crate::catalog::nearest::closest;
use crate::chat::reasoning::{ReasoningMode, is_reasoning_model};
use crate::config::options::{OPTIONS, path};

/// Days before the end of a model that it is said.
const SOON_DAYS: i64 = 60;

/// Endings that choose among the providers of a model and name no other model.
const ROUTING_ENDINGS: &[&str] = &[":nitro", ":floor", ":online", ":exacto"];

/// The models that the provider of a profile offers. This is the one place that knows where the
/// list comes from.
fn offered(patient: &Patient) -> Result<&[ListedModel], &'static str> {
    match &patient.server {
        ServerState::NotAsked(why) => Err(why),
        ServerState::InspectionError(_) => Err("the server was not reached"),
        ServerState::ServerInspection(answered) => answered
            .models
            .as_deref()
            .filter(|models| !models.is_empty())
            .ok_or("the server gives no list of models"),
    }
}

/// The row of a model in the list. Lists leave out what an id may begin or end with.
fn find<'a>(models: &'a [ListedModel], id: &str) -> Option<&'a ListedModel> {
    let plain = ROUTING_ENDINGS
        .iter()
        .find_map(|ending| id.strip_suffix(ending))
        .unwrap_or(id);
    let is_meant = |listed: &&ListedModel| {
        let known = listed.id.strip_prefix("models/").unwrap_or(&listed.id);
        // Ollama ends names with a tag, others with a date.
        known == plain
            || known
                .strip_prefix(plain)
                .is_some_and(|rest| rest == ":latest" || is_date(rest))
    };
    models.iter().find(is_meant)
}

/// `-20250929` or `-2025-08-07`.
fn is_date(ending: &str) -> bool {
    let digits: String = ending.chars().filter(|c| *c != '-').collect();
    ending.starts_with('-') && digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn row(patient: &Patient) -> Result<&ListedModel, Vec<Finding>> {
    let models = offered(patient).map_err(|why| vec![Finding::skipped(why)])?;
    find(models, &patient.settings.model.value)
        .ok_or_else(|| vec![Finding::skipped("the model is not in the list")])
}

pub fn known(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let models = match offered(patient) {
            Ok(models) => models,
            Err(why) => return vec![Finding::skipped(why)],
        };
        let settings = &patient.settings;
        let mut findings = Vec::new();
        if find(models, &settings.model.value).is_none() {
            findings.push(unknown(patient, models));
        }
        let missing = settings
            .fallback_models
            .iter()
            .flat_map(|models| &models.value)
            .filter(|id| settings.entry.is_openrouter && find(models, id).is_none());
        findings.extend(missing.map(|id| {
            let words = format!(
                "the provider offers no model '{}', to fall back to{}",
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

fn unknown(patient: &Patient, models: &[ListedModel]) -> Finding {
    let settings = &patient.settings;
    let id = &settings.model.value;
    let words = format!(
        "the provider offers no model '{}'{}",
        id.escape_debug(),
        suggestion(id, models)
    );
    let remedy = format!(
        "amx config explain model -p {}   (ids are case-sensitive)",
        patient.name
    );
    // A server of one's own may have one model and take any name for it.
    if settings.entry.works_without_key {
        Finding::warning(words, remedy)
    } else {
        Finding::failure(words, remedy)
    }
}

pub fn retiring(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let row = match row(patient) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        let Some(day) = &row.expires else {
            return vec![Finding::ok("no end is announced")];
        };
        let Some(days) = dates::days_until(day, subject.now) else {
            return vec![Finding::note(format!(
                "its end is told as '{}'",
                day.escape_debug()
            ))];
        };
        let remedy = format!(
            "amx config edit   (another model for profile {})",
            patient.name
        );
        vec![match days {
            ..0 => Finding::failure(format!("{} was retired on {day}", row.id), remedy),
            0..=SOON_DAYS => Finding::warning(format!("{} is retired on {day}", row.id), remedy),
            _ => Finding::note(format!("{} is retired on {day}", row.id)),
        }]
    })
}

/// What the profile asks of the model, by the names of the provider's parameters.
fn asked(patient: &Patient) -> Vec<(&'static str, &'static str)> {
    let settings = &patient.settings;
    let mut asked = Vec::new();
    if settings.temperature.is_some() {
        asked.push(("temperature", "temperature"));
    }
    if settings.top_p.is_some() {
        asked.push(("top_p", "top_p"));
    }
    if settings.reasoning.value == ReasoningMode::On
        || (settings.effort.is_some() && settings.reasoning.value != ReasoningMode::Off)
    {
        asked.push(("reasoning", "reasoning"));
    }
    // `logprobs` that is off asks for nothing, and what `top_logprobs` turns on is named by that.
    let is_asked = |name: &str, value: &Value| {
        name != "logprobs" || (*value == true && !settings.body.contains_key("top_logprobs"))
    };
    let set =
        |name: &str| path::get(&settings.body, name).is_some_and(|value| is_asked(name, value));
    asked.extend(
        OPTIONS
            .iter()
            .filter(|option| set(option.name))
            .filter_map(|option| Some((option.name, option.parameter?))),
    );
    asked.extend(Some(("tools", "tools")).filter(|_| set("tools")));
    asked
}

pub fn supports(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let row = match row(patient) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        if row.parameters.is_empty() {
            return vec![Finding::skipped(
                "the provider does not tell what the model takes",
            )];
        }
        let takes = |parameter: &str| row.parameters.iter().any(|known| known == parameter);
        let refused = asked(patient)
            .into_iter()
            .filter(|(_, parameter)| !takes(parameter));
        let finding = |(setting, _)| {
            Finding::warning(
                format!(
                    "{} takes no {setting}: it is passed over, or refused",
                    row.id
                ),
                "amx config edit",
            )
        };
        or_ok(
            refused.map(finding).collect(),
            "everything that the profile sets",
        )
    })
}

pub fn room(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let row = match row(patient) {
            Ok(row) => row,
            Err(findings) => return findings,
        };
        let settings = &patient.settings;
        let asked = u64::from(settings.max_tokens.value);
        let mut findings = Vec::new();
        if let Some(most) = row
            .max_completion_tokens
            .or(row.context_length)
            .filter(|most| asked > *most)
        {
            findings.push(Finding::warning(
                format!(
                    "max_tokens is {asked}, and {} writes at most {most}",
                    row.id
                ),
                "amx config edit",
            ));
        }
        if let (Some(stated), Some(length)) = (settings.context_window, row.context_length)
            && stated > length
        {
            findings.push(Finding::warning(
                format!("context_window is {stated}, and {} takes {length}", row.id),
                "amx config edit",
            ));
        }
        let thinks = is_reasoning_model(&row.id) && settings.reasoning.value != ReasoningMode::Off;
        or_ok(
            findings,
            if thinks {
                "enough, on a reasoning route"
            } else {
                "enough"
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_as_lists_write_them() {
        let listed = |id: &str| ListedModel {
            id: id.to_owned(),
            ..ListedModel::default()
        };
        let models = [
            listed("a/b"),
            listed("models/gemini-2.5-flash"),
            listed("llama3.2:latest"),
            listed("claude-sonnet-4-5-20250929"),
        ];
        for id in [
            "a/b",
            "a/b:nitro",
            "gemini-2.5-flash",
            "llama3.2",
            "claude-sonnet-4-5",
        ] {
            assert!(find(&models, id).is_some(), "{id}");
        }
        for id in ["A/b", "a/b:free", "gemini", "llama3", "claude-sonnet-4"] {
            assert!(find(&models, id).is_none(), "{id}");
        }
    }
}
