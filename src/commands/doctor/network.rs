//! Checks of the way to each server: authorities, proxy, name, connection, certificate, answer,
//! clock.

use std::time::{Duration, SystemTime};

use super::check::{Finding, or_ok};
use super::profiles::{each, is_on_this_machine};
use super::subject::{Patient, ServerState, Subject};
use crate::account::inspection::InspectionFailure;
use crate::chat::{ClientOptions, Url};
use crate::config::env;

/// Differences of clocks that are worth a word.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(120);

/// Differences at which certificates and expiries are misjudged.
const CLOCK_WRONG: Duration = Duration::from_secs(3600);

const PROXY_VARIABLES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Files of certificate authorities are read in any case: it needs no network.
pub fn authorities(subject: &Subject) -> Vec<Finding> {
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
                format!("unset {}", variable.name),
            ));
        }
    }
    or_ok(
        findings,
        "those of the system, and those that variables name",
    )
}

/// A proxy's address without the password that may stand in it.
fn shown_proxy(url: &Url) -> String {
    format!(
        "{}://{}:{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(1080)
    )
}

/// Proxies are written as URLs or as `host:port`.
fn parsed_proxy(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    url.ok().filter(|url| {
        url.has_host()
            && matches!(
                url.scheme(),
                "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
            )
    })
}

pub fn proxy(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in PROXY_VARIABLES {
        let Ok(Some(text)) = subject.environment.named(name) else {
            continue;
        };
        findings.push(match parsed_proxy(text) {
            Some(url) => Finding::note(format!("{name} sends requests by {}", shown_proxy(&url))),
            None => Finding::failure(
                format!("{name} is not the address of a proxy, and is passed over"),
                format!("unset {name}"),
            ),
        });
    }
    or_ok(findings, "none")
}

/// The proxy that a request to this URL takes, by its variable.
fn proxy_of<'a>(subject: &Subject, url: &Url) -> Option<(&'a str, String)> {
    if is_on_this_machine(url) && url.scheme() == "http" {
        return None;
    }
    let names: &[&str] = if url.scheme() == "https" {
        &["HTTPS_PROXY", "https_proxy"]
    } else {
        &["HTTP_PROXY", "http_proxy"]
    };
    let mut names = names.iter().chain(&["ALL_PROXY", "all_proxy"]);
    names.find_map(|name| {
        Some((
            *name,
            shown_proxy(&parsed_proxy(
                subject.environment.named(name).ok().flatten()?,
            )?),
        ))
    })
}

fn hindered(
    subject: &Subject,
    wanted: InspectionFailure,
    good: &str,
    remedy: impl Fn(&Patient) -> String,
) -> Vec<Finding> {
    each(subject, |patient| {
        let url = &patient.settings.base_url.value;
        vec![match &patient.server {
            ServerState::NotAsked(why) => Finding::skipped(*why),
            ServerState::InspectionError((found, words)) if *found == wanted => {
                let by = proxy_of(subject, url).map_or_else(String::new, |(name, shown)| {
                    format!("; {name} sends it by {shown}")
                });
                Finding::failure(format!("{words}{by}"), remedy(patient))
            }
            ServerState::InspectionError((found, _)) if rank(*found) < rank(wanted) => {
                Finding::skipped("it did not come to that")
            }
            _ => Finding::ok(good),
        }]
    })
}

/// In which order the obstacles stand on the way.
fn rank(obstacle: InspectionFailure) -> u8 {
    match obstacle {
        InspectionFailure::SetUp => 0,
        InspectionFailure::Name => 1,
        InspectionFailure::Connection => 2,
        InspectionFailure::Certificate => 3,
        InspectionFailure::Silence => 4,
    }
}

pub fn set_up(subject: &Subject) -> Vec<Finding> {
    hindered(
        subject,
        InspectionFailure::SetUp,
        "a client can be set up",
        |_| "unset AMX_CA_BUNDLE SSL_CERT_FILE".to_owned(),
    )
}

pub fn name(subject: &Subject) -> Vec<Finding> {
    hindered(
        subject,
        InspectionFailure::Name,
        "the name of the server is known",
        |patient| {
            format!(
                "getent hosts {}   (then amx config explain base_url)",
                patient
                    .settings
                    .base_url
                    .value
                    .host_str()
                    .unwrap_or_default()
            )
        },
    )
}

pub fn connection(subject: &Subject) -> Vec<Finding> {
    hindered(
        subject,
        InspectionFailure::Connection,
        "a connection can be made",
        |patient| {
            let url = &patient.settings.base_url.value;
            match proxy_of(subject, url) {
                Some((name, _)) => format!("unset {name}   (or start the proxy)"),
                None if is_on_this_machine(url) => format!(
                    "start the server that {} names",
                    url.origin().ascii_serialization()
                ),
                None => format!(
                    "curl -sS -o /dev/null {}",
                    url.origin().ascii_serialization()
                ),
            }
        },
    )
}

pub fn certificate(subject: &Subject) -> Vec<Finding> {
    let remedy = |_: &Patient| "export AMX_CA_BUNDLE=/path/to/your-authority.pem".to_owned();
    hindered(
        subject,
        InspectionFailure::Certificate,
        "the server proves who it is",
        remedy,
    )
}

pub fn answer(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let answered = match &patient.server {
            ServerState::NotAsked(why) => return vec![Finding::skipped(*why)],
            ServerState::InspectionError((InspectionFailure::Silence, words)) => {
                return vec![Finding::failure(words, "amx doctor   (again, in a moment)")];
            }
            ServerState::InspectionError(_) => {
                return vec![Finding::skipped("the server was not reached")];
            }
            ServerState::ServerInspection(answered) => answered,
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
                    format!("the server redirects to {location}, which amx does not follow"),
                    explain,
                )
            }
            (500.., _) => Finding::failure(
                format!("the server answers with status {}", answered.status),
                "amx doctor   (again, in a moment)",
            ),
            (404 | 405, _) => {
                Finding::warning("there is no list of models at the address", explain)
            }
            (200, _) if answered.models.is_none() => {
                Finding::failure("what the server answers is no list of models", explain)
            }
            (status, _) => Finding::ok(format!(
                "status {status} after {} ms",
                answered.took.as_millis()
            )),
        }]
    })
}

pub fn clock(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let date = match &patient.server {
            ServerState::ServerInspection(answered) => answered.date,
            ServerState::NotAsked(why) => return vec![Finding::skipped(*why)],
            ServerState::InspectionError(_) => None,
        };
        let Some((theirs, ours)) = date else {
            return vec![Finding::skipped("the server tells no time")];
        };
        let (skew, direction) = difference(theirs, ours);
        let remedy = "sudo timedatectl set-ntp true";
        let words = format!(
            "the clock of this machine is {} s {direction} the server's",
            skew.as_secs()
        );
        vec![if skew >= CLOCK_WRONG {
            Finding::failure(words, remedy)
        } else if skew >= CLOCK_TOLERANCE {
            Finding::warning(words, remedy)
        } else {
            Finding::ok("as the server's")
        }]
    })
}

fn difference(theirs: SystemTime, ours: SystemTime) -> (Duration, &'static str) {
    match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    }
}
