//! Checks of the network: authorities, proxy, DNS, connection, certificate, response, clock.

use std::time::{Duration, SystemTime};

use super::check::{Finding, or_ok};
use super::profiles::{each, is_on_this_machine};
use super::subject::{ExaminedProfile, ServerState, Subject};
use crate::account::inspection::InspectionFailure;
use crate::config::env;
use crate::platform::commands::{
    CONNECT, RESOLVE_NAME, SET_CLOCK, SET_VARIABLE, UNSET_VARIABLE, UNSET_VARIABLES,
};
use crate::present::time::seconds;
use crate::wire::client::Url;
use crate::wire::options::ClientOptions;
use crate::wire::proxy::{self, UnusableProxies};

/// A larger clock difference is a warning.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// From this difference on, certificates and expiry dates are misjudged.
const CLOCK_WRONG: Duration = Duration::from_secs(3600);

/// The files of certificate authorities; also read with `--offline`.
pub(super) fn authorities(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in [env::AMX_CA_BUNDLE, env::SSL_CERT_FILE] {
        let Ok(Some(path)) = subject.environment.get(&variable) else {
            continue;
        };
        let options = ClientOptions {
            extra_authorities: Some(path.into()),
            ..ClientOptions::default()
        };
        if let Err(why) = crate::account::inspection::set_up(&options) {
            findings.push(Finding::failure(
                format!("{}: {why}", variable.name),
                subject.command(UNSET_VARIABLE, [variable.name]),
            ));
        }
    }
    or_ok(findings, "system authorities, and those of the variables")
}

/// The URL of a proxy without credentials.
fn shown_proxy(url: &Url) -> String {
    format!(
        "{}://{}:{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(1080)
    )
}

pub(super) fn proxy(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Names of Windows have no case: a lower-case one is the same variable.
    let is_its_own = |name: &&&str| {
        !subject.system.is_windows() || name.starts_with(|c: char| c.is_ascii_uppercase())
    };
    for name in proxy::VARIABLES.iter().filter(is_its_own) {
        let Ok(Some(text)) = subject.environment.named(name) else {
            continue;
        };
        findings.push(match proxy::parsed(text) {
            Some(url) => Finding::note(format!(
                "{name} routes requests through {}",
                shown_proxy(&url)
            )),
            None => Finding::failure(
                format!("{name} is not a proxy URL"),
                subject.command(UNSET_VARIABLE, [name]),
            ),
        });
    }
    or_ok(findings, "none")
}

/// The proxy for requests to this URL, with its variable.
fn proxy_of(subject: &Subject, url: &Url) -> Option<(&'static str, String)> {
    if !proxy::applies_to(url) {
        return None;
    }
    proxy::variables_of(url.scheme()).find_map(|name| {
        let text = subject.environment.named(name).ok().flatten()?;
        Some((name, shown_proxy(&proxy::parsed(text)?)))
    })
}

/// The findings of one step on the way to the server: done, failed, or not reached.
fn stage(
    subject: &Subject,
    step: InspectionFailure,
    done: &str,
    remedy: impl Fn(&ExaminedProfile) -> String,
) -> Vec<Finding> {
    each(subject, |profile| {
        let url = &profile.settings.base_url.value;
        vec![match &profile.server {
            ServerState::NotAsked(why) => Finding::skipped(*why),
            ServerState::Unreached((found, words)) if *found == step => {
                let by = proxy_of(subject, url).map_or_else(String::new, |(name, shown)| {
                    format!("; {name} routes it through {shown}")
                });
                Finding::failure(format!("{words}{by}"), remedy(profile))
            }
            ServerState::Unreached((found, _)) if rank(*found) < rank(step) => {
                Finding::skipped("an earlier step failed")
            }
            _ if step == InspectionFailure::Certificate && url.scheme() == "http" => {
                Finding::skipped("no TLS: http")
            }
            _ => Finding::ok(done),
        }]
    })
}

/// The order of the steps of a request.
fn rank(obstacle: InspectionFailure) -> u8 {
    match obstacle {
        InspectionFailure::SetUp => 0,
        InspectionFailure::Name => 1,
        InspectionFailure::Connection => 2,
        InspectionFailure::Certificate => 3,
        InspectionFailure::Silence => 4,
    }
}

pub(super) fn set_up(subject: &Subject) -> Vec<Finding> {
    let unusable = UnusableProxies::find(|name| subject.environment.named(name));
    stage(
        subject,
        InspectionFailure::SetUp,
        "HTTP client ready",
        |profile| match unusable.of(&profile.settings.base_url.value) {
            Some(name) => subject.command(UNSET_VARIABLE, [name]),
            None => subject.command(
                UNSET_VARIABLES,
                [env::AMX_CA_BUNDLE.name, env::SSL_CERT_FILE.name],
            ),
        },
    )
}

pub(super) fn name(subject: &Subject) -> Vec<Finding> {
    stage(
        subject,
        InspectionFailure::Name,
        "name resolved",
        |profile| {
            let host = profile.settings.base_url.value.host_str();
            format!(
                "{}   (then amx config explain base_url)",
                subject.command(RESOLVE_NAME, [host.unwrap_or_default()])
            )
        },
    )
}

pub(super) fn connection(subject: &Subject) -> Vec<Finding> {
    stage(
        subject,
        InspectionFailure::Connection,
        "connected",
        |profile| {
            let url = &profile.settings.base_url.value;
            match proxy_of(subject, url) {
                Some((name, _)) => format!(
                    "{}   (or start the proxy)",
                    subject.command(UNSET_VARIABLE, [name])
                ),
                None if is_on_this_machine(url) => {
                    let entry = profile.settings.entry;
                    // The command of a program that the provider always is.
                    let command = entry.base_url.and(entry.start_server);
                    let server = url.origin().ascii_serialization();
                    command.map_or(format!("start the server at {server}"), str::to_owned)
                }
                None => subject.command(CONNECT, [&url.origin().ascii_serialization()]),
            }
        },
    )
}

pub(super) fn certificate(subject: &Subject) -> Vec<Finding> {
    let remedy = |_: &ExaminedProfile| {
        subject.command(
            SET_VARIABLE,
            [env::AMX_CA_BUNDLE.name, "/path/to/your-authority.pem"],
        )
    };
    stage(
        subject,
        InspectionFailure::Certificate,
        "TLS certificate valid",
        remedy,
    )
}

pub(super) fn answer(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let answered = match &profile.server {
            ServerState::NotAsked(why) => return vec![Finding::skipped(*why)],
            ServerState::Unreached((InspectionFailure::Silence, words)) => {
                return vec![Finding::failure(words, "amx doctor   (again, in a moment)")];
            }
            ServerState::Unreached(_) => {
                return vec![Finding::skipped("the server was not reached")];
            }
            ServerState::Answered(answered) => answered,
        };
        let explain = "amx config explain base_url";
        vec![match (answered.status, &answered.location) {
            (300..=399, Some(location)) => {
                let location: String = location
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(120)
                    .collect();
                let location = location.split('?').next().unwrap_or_default();
                Finding::failure(
                    format!("the server redirects to {location}; amx does not follow redirects"),
                    explain,
                )
            }
            (500.., _) => Finding::failure(
                format!("the server returned status {}", answered.status),
                "amx doctor   (again, in a moment)",
            ),
            (404 | 405, _) => Finding::warning("no model list at this URL", explain),
            (200, _) if answered.models.is_none() => {
                Finding::failure("the response is not a model list", explain)
            }
            (status, _) => Finding::ok(format!("status {status} in {}", seconds(answered.took))),
        }]
    })
}

pub(super) fn clock(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let date = match &profile.server {
            ServerState::Answered(answered) => answered.date,
            ServerState::NotAsked(why) => return vec![Finding::skipped(*why)],
            ServerState::Unreached(_) => None,
        };
        let Some((theirs, ours)) = date else {
            return vec![Finding::skipped("the server sends no Date header")];
        };
        let (skew, direction) = difference(theirs, ours);
        let remedy = subject.command(SET_CLOCK, []);
        let words = format!("the clock is {} s {direction} the server's", skew.as_secs());
        vec![if skew >= CLOCK_WRONG {
            Finding::failure(words, remedy)
        } else if skew >= CLOCK_TOLERANCE {
            Finding::warning(words, remedy)
        } else {
            Finding::ok("clock in sync")
        }]
    })
}

fn difference(theirs: SystemTime, ours: SystemTime) -> (Duration, &'static str) {
    match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    }
}
