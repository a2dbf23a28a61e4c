//! Checks of keys: where they are stored, whether they can be read, and what the provider reports
//! about them. Never the keys.

use super::check::{Finding, or_ok};
use super::configuration::of_problem;
use super::profiles::each;
use super::subject::{ExaminedProfile, KeyState, Problem, ServerState, Subject};
use crate::account::inspection::ServerInspection;
use crate::ask::failure::no_key;
use crate::present::money::usd;
use crate::present::time;
use crate::secrets::{KeySource, Reference};

/// Less than this remaining is a warning.
const LITTLE_LEFT_USD: f64 = 0.5;

/// An expiry within this many days is a warning.
const SOON_DAYS: i64 = 14;

pub(super) fn source(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        vec![match &profile.settings.key {
            KeySource::NotNeeded => Finding::ok("not needed"),
            KeySource::Environment { variable, .. } => {
                Finding::ok(format!("environment variable {variable}"))
            }
            KeySource::Reference { reference, .. } => Finding::ok(reference.to_string()),
            KeySource::Missing => {
                let problem = Problem::from(no_key(&profile.settings));
                of_problem(&problem)
            }
        }]
    })
}

pub(super) fn keyring(subject: &Subject) -> Vec<Finding> {
    let uses_keyring = |profile: &&ExaminedProfile| {
        matches!(
            &profile.settings.key,
            KeySource::Reference {
                reference: Reference::Keyring { .. },
                ..
            }
        )
    };
    let mut users = subject.profiles.iter().filter(uses_keyring).peekable();
    if users.peek().is_none() {
        return vec![Finding::skipped("no profile uses the keyring")];
    }
    let unreachable = users.find_map(|profile| match &profile.key {
        KeyState::Unreachable(problem) => Some(of_problem(problem)),
        _ => None,
    });
    vec![unreachable.unwrap_or_else(|| Finding::ok("responds"))]
}

pub(super) fn readable(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        vec![match &profile.key {
            KeyState::Found(_) => Finding::ok("found"),
            KeyState::NotNeeded => Finding::ok("not needed"),
            KeyState::Unreadable(problem) => of_problem(problem),
            KeyState::Elsewhere(_) => Finding::ok("found; it belongs to another server"),
            KeyState::Unreachable(_) => Finding::skipped("the keyring is unavailable"),
            KeyState::Missing => Finding::skipped("no key is set"),
            KeyState::NotAsked(why) => Finding::skipped(*why),
        }]
    })
}

pub(super) fn binding(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        vec![match (&profile.key, &profile.settings.key) {
            (KeyState::Elsewhere(problem), _) => of_problem(problem),
            (
                KeyState::Found(_),
                KeySource::Reference {
                    reference: Reference::Keyring { .. },
                    ..
                },
            ) => Finding::ok("belongs to this server"),
            _ => Finding::skipped("the key is not in the keyring"),
        }]
    })
}

pub(super) fn form(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let KeyState::Found(key) = &profile.key else {
            return vec![Finding::skipped("no key found")];
        };
        let entry = profile.settings.entry;
        vec![match entry.key_prefix {
            Some(prefix) if !key.expose().starts_with(prefix) => {
                let words = format!(
                    "the key does not start with {prefix}, the prefix of {}",
                    entry.name
                );
                Finding::warning(words, format!("amx add-llm-profile {}", profile.name))
            }
            Some(prefix) => Finding::ok(format!("starts with {prefix}")),
            None => Finding::ok("the provider has no fixed prefix"),
        }]
    })
}

/// The response of the server, or why there is none.
fn answered(profile: &ExaminedProfile, needs_key: bool) -> Result<&ServerInspection, Vec<Finding>> {
    match &profile.server {
        ServerState::Answered(_) if needs_key && !matches!(profile.key, KeyState::Found(_)) => {
            Err(vec![Finding::skipped("no key was sent")])
        }
        ServerState::Answered(answered) => Ok(answered),
        ServerState::NotAsked(why) => Err(vec![Finding::skipped(*why)]),
        ServerState::Unreached(_) => Err(vec![Finding::skipped("the server was not reached")]),
    }
}

pub(super) fn accepted(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let answered = match answered(profile, true) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let entry = profile.settings.entry;
        let status = answered.key_status.unwrap_or(answered.status);
        vec![match status {
            200 => Finding::ok(format!("{} accepts the key", entry.name)),
            _ if answered.refuses_key || answered.key_status == Some(401) => {
                let of_server = || format!("the server at {}", profile.settings.base_url.value);
                let page = entry.keys_page.map_or_else(of_server, str::to_owned);
                let words = format!("{} rejects the key ({status})", entry.name);
                Finding::failure(
                    words,
                    format!(
                        "amx add-llm-profile {}   (keys are at {page})",
                        profile.name
                    ),
                )
            }
            401 | 403 => Finding::warning(
                unverified(status, &answered.refusal),
                format!(
                    "amx profiles test {}   (sends a one-word request)",
                    profile.name
                ),
            ),
            status => Finding::skipped(format!("the key check returned status {status}")),
        }]
    })
}

/// What is said of a key that is neither accepted nor rejected, with the provider's words, if any.
fn unverified(status: u16, words: &str) -> String {
    let mut text = format!("the key could not be verified ({status})");
    if !words.is_empty() {
        text.push_str(": ");
        text.push_str(words);
    }
    text
}

pub(super) fn limit(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let answered = match reported(profile) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let account = &answered.account;
        let keys = profile.settings.entry.keys_page.unwrap_or_default();
        vec![match (account.limit, account.remaining) {
            (_, Some(left)) if left <= 0.0 => Finding::failure(
                "the key has reached its spending limit",
                format!("raise the limit of the key: {keys}"),
            ),
            (_, Some(left)) if left < LITTLE_LEFT_USD => Finding::warning(
                format!("{} of the key's limit remaining", usd(left)),
                format!("raise the limit of the key: {keys}"),
            ),
            (Some(limit), Some(left)) => {
                Finding::ok(format!("{} of {} remaining", usd(left), usd(limit)))
            }
            (_, Some(left)) => Finding::ok(format!("{} remaining", usd(left))),
            (Some(limit), None) => Finding::ok(usd(limit)),
            (None, None) => Finding::ok("none"),
        }]
    })
}

pub(super) fn credits(subject: &Subject) -> Vec<Finding> {
    const PAGE: &str = "add credits: https://openrouter.ai/settings/credits";
    each(subject, |profile| {
        let answered = match reported(profile) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        vec![match answered.account.credits {
            None => Finding::skipped("not reported by the server"),
            Some(left) if left <= 0.0 => Finding::failure("the account has no credits", PAGE),
            Some(left) if left < LITTLE_LEFT_USD => Finding::warning(
                format!("{} of the account's credits remaining", usd(left)),
                PAGE,
            ),
            Some(left) => Finding::ok(format!("{} remaining", usd(left))),
        }]
    })
}

pub(super) fn expiry(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let answered = match reported(profile) {
            Ok(answered) => answered,
            Err(findings) => return findings,
        };
        let Some(end) = &answered.account.expires_at else {
            return vec![Finding::ok("never")];
        };
        let Some(days) = time::days_until(end, subject.now) else {
            return vec![Finding::note(format!(
                "reported as '{}'",
                end.escape_debug()
            ))];
        };
        let day: String = end.chars().take(10).collect();
        let remedy = format!("amx login --profile {}", profile.name);
        vec![match days {
            ..0 => Finding::failure(format!("the key expired on {day}"), remedy),
            0..=SOON_DAYS => Finding::warning(format!("the key expires on {day}"), remedy),
            _ => Finding::ok(format!("on {day}")),
        }]
    })
}

/// The response of a provider that reports the state of keys and accepted this one.
fn reported(profile: &ExaminedProfile) -> Result<&ServerInspection, Vec<Finding>> {
    let answered = answered(profile, true)?;
    match answered.key_status {
        Some(200) => Ok(answered),
        Some(_) => Err(vec![Finding::skipped("the key was rejected")]),
        None => Err(vec![Finding::skipped("not reported by this provider")]),
    }
}

/// Every place with a key in plain text.
pub(super) fn plain_text(subject: &Subject) -> Vec<Finding> {
    or_ok(
        super::plain_text::find(subject),
        "no plain-text key in the searched places",
    )
}
