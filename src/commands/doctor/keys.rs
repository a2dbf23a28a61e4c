//! Checks of keys: where they come from, whether they can be had, and what the provider says of
//! them. Never the keys.

use super::check::{Finding, or_ok};
use super::configuration::of_fault;
use super::dates;
use super::profiles::each;
use super::subject::{KeyState, Patient, ServerState, Subject, SubjectFault};
use crate::account::inspection::ServerInspection;
use crate::ask::failure::no_key;
use crate::secrets::{KeySource, Reference};

/// A key with less than this to spend will not last.
const LITTLE_LEFT_USD: f64 = 0.5;

/// Days before the end of a key that it is said.
const SOON_DAYS: i64 = 14;

pub fn source(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        vec![match &patient.settings.key {
            KeySource::NotNeeded => Finding::ok("none is needed"),
            KeySource::Environment { variable, .. } => {
                Finding::ok(format!("the environment, {variable}"))
            }
            KeySource::Reference { reference, .. } => Finding::ok(reference.to_string()),
            KeySource::Missing => {
                let fault = SubjectFault::from(no_key(&patient.settings));
                of_fault(&fault)
            }
        }]
    })
}

pub fn keyring(subject: &Subject) -> Vec<Finding> {
    let is_kept_there = |patient: &&Patient| {
        matches!(
            &patient.settings.key,
            KeySource::Reference {
                reference: Reference::Keyring { .. },
                ..
            }
        )
    };
    let mut kept = subject.patients.iter().filter(is_kept_there).peekable();
    if kept.peek().is_none() {
        return vec![Finding::skipped("no profile keeps its key there")];
    }
    let unreachable = kept.find_map(|patient| match &patient.key {
        KeyState::Unreachable(fault) => Some(of_fault(fault)),
        _ => None,
    });
    vec![unreachable.unwrap_or_else(|| Finding::ok("it answers"))]
}

pub fn readable(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        vec![match &patient.key {
            KeyState::Found(_) => Finding::ok("found"),
            KeyState::NotNeeded => Finding::ok("none is needed"),
            KeyState::Unreadable(fault) => of_fault(fault),
            KeyState::Elsewhere(_) => Finding::ok("found, for another server"),
            KeyState::Unreachable(_) => Finding::skipped("the keyring cannot be used"),
            KeyState::Missing => Finding::skipped("no key is named"),
            KeyState::NotAsked(why) => Finding::skipped(*why),
        }]
    })
}

pub fn binding(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        vec![match (&patient.key, &patient.settings.key) {
            (KeyState::Elsewhere(fault), _) => of_fault(fault),
            (
                KeyState::Found(_),
                KeySource::Reference {
                    reference: Reference::Keyring { .. },
                    ..
                },
            ) => Finding::ok("the key is for this server"),
            _ => Finding::skipped("the key is in no keyring"),
        }]
    })
}

pub fn form(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let KeyState::Found(key) = &patient.key else {
            return vec![Finding::skipped("no key was found")];
        };
        let entry = patient.settings.entry;
        vec![match entry.key_prefix {
            Some(prefix) if !key.expose().starts_with(prefix) => {
                let words = format!(
                    "it does not begin with {prefix}, as the keys of {} do",
                    entry.name
                );
                Finding::warning(words, format!("amx add-llm-profile {}", patient.name))
            }
            Some(prefix) => Finding::ok(format!("begins with {prefix}")),
            None => Finding::ok("any form is fine"),
        }]
    })
}

/// What the server said, or why it said nothing.
fn answered(patient: &Patient, needs_key: bool) -> Result<&ServerInspection, Vec<Finding>> {
    match &patient.server {
        ServerState::ServerInspection(_)
            if needs_key && !matches!(patient.key, KeyState::Found(_)) =>
        {
            Err(vec![Finding::skipped("no key was sent")])
        }
        ServerState::ServerInspection(answered) => Ok(answered),
        ServerState::NotAsked(why) => Err(vec![Finding::skipped(*why)]),
        ServerState::InspectionError(_) => {
            Err(vec![Finding::skipped("the server was not reached")])
        }
    }
}

pub fn accepted(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let answered = match answered(patient, true) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let entry = patient.settings.entry;
        vec![match answered.key_status.unwrap_or(answered.status) {
            200 => Finding::ok(format!("{} accepts the key", entry.name)),
            status @ (401 | 403) => {
                let page = entry.keys_page.unwrap_or("the provider's page of keys");
                let words = format!("{} does not accept the key ({status})", entry.name);
                Finding::failure(
                    words,
                    format!(
                        "amx add-llm-profile {}   (keys are at {page})",
                        patient.name
                    ),
                )
            }
            status => Finding::skipped(format!(
                "the question about it was answered with status {status}"
            )),
        }]
    })
}

pub fn limit(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let answered = match told(patient) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let account = &answered.account;
        let keys = patient.settings.entry.keys_page.unwrap_or_default();
        vec![match (account.limit, account.remaining) {
            (_, Some(left)) if left <= 0.0 => Finding::failure(
                "the key has reached its spending limit",
                format!("raise the limit of the key: {keys}"),
            ),
            (_, Some(left)) if left < LITTLE_LEFT_USD => Finding::warning(
                format!("${left:.2} is left of the key's limit"),
                format!("raise the limit of the key: {keys}"),
            ),
            (Some(limit), Some(left)) => Finding::ok(format!("${left:.2} of ${limit:.2} is left")),
            (_, Some(left)) => Finding::ok(format!("${left:.2} is left")),
            (Some(limit), None) => Finding::ok(format!("${limit:.2}")),
            (None, None) => Finding::ok("none"),
        }]
    })
}

pub fn credits(subject: &Subject) -> Vec<Finding> {
    const PAGE: &str = "add credits: https://openrouter.ai/settings/credits";
    each(subject, |patient| {
        let answered = match told(patient) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        vec![match answered.account.credits {
            None => Finding::skipped("the server does not tell"),
            Some(left) if left <= 0.0 => Finding::failure("the account has no credits left", PAGE),
            Some(left) if left < LITTLE_LEFT_USD => {
                Finding::warning(format!("${left:.2} is left of the account's credits"), PAGE)
            }
            Some(left) => Finding::ok(format!("${left:.2} is left")),
        }]
    })
}

pub fn expiry(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let answered = match told(patient) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let Some(end) = &answered.account.expires_at else {
            return vec![Finding::ok("never")];
        };
        let Some(days) = dates::days_until(end, subject.now) else {
            return vec![Finding::note(format!(
                "it is told as '{}'",
                end.escape_debug()
            ))];
        };
        let day: String = end.chars().take(10).collect();
        let remedy = format!("amx login --profile {}", patient.name);
        vec![match days {
            ..0 => Finding::failure(format!("the key expired on {day}"), remedy),
            0..=SOON_DAYS => Finding::warning(format!("the key expires on {day}"), remedy),
            _ => Finding::ok(format!("on {day}")),
        }]
    })
}

/// The answer where the provider tells the state of a key and accepted it.
fn told(patient: &Patient) -> Result<&ServerInspection, Vec<Finding>> {
    let answered = answered(patient, true)?;
    match answered.key_status {
        Some(200) => Ok(answered),
        Some(_) => Err(vec![Finding::skipped("the key was not accepted")]),
        None => Err(vec![Finding::skipped("this provider does not tell")]),
    }
}

/// Every place where a key lies in plain text.
pub fn plain_text(subject: &Subject) -> Vec<Finding> {
    or_ok(
        super::plain_text::find(subject),
        "no key lies in plain text in the places that were searched",
    )
}
