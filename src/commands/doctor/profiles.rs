//! Checks of each profile's settings, without asking anybody.

use super::check::{Finding, or_ok};
use super::configuration::of_fault;
use super::subject::{Patient, Subject};
use crate::chat::Url;
use crate::chat::reasoning::ReasoningMode;
use crate::config::{Overrides, Settings, ValueSource};
use crate::ports::error::CommandError;
use crate::providers::registry::ReasoningField;

/// One finding a profile.
pub fn each(subject: &Subject, examine: impl Fn(&Patient) -> Vec<Finding>) -> Vec<Finding> {
    if subject.patients.is_empty() {
        return vec![Finding::skipped("no profile can be resolved")];
    }
    subject
        .patients
        .iter()
        .flat_map(|patient| {
            examine(patient)
                .into_iter()
                .map(|finding| finding.of(&patient.name))
        })
        .collect()
}

pub fn settings(subject: &Subject) -> Vec<Finding> {
    let unsettled = subject
        .unsettled
        .iter()
        .map(|(name, fault)| of_fault(fault).of(name));
    let settled = subject.patients.iter().map(|patient| {
        let settings = &patient.settings;
        Finding::ok(format!(
            "provider {}, model {}",
            settings.entry.name, settings.model.value
        ))
        .of(&patient.name)
    });
    let findings: Vec<Finding> = unsettled.chain(settled).collect();
    if findings.is_empty() {
        vec![Finding::skipped("no profile can be resolved")]
    } else {
        findings
    }
}

pub fn address(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let settings = &patient.settings;
        let url = &settings.base_url.value;
        let origin = url.origin().ascii_serialization();
        let own = settings
            .entry
            .base_url
            .and_then(|text| Url::parse(text).ok());
        vec![if settings.entry.is_demo() {
            Finding::ok("inside the program")
        } else if url.scheme() == "http" && !is_on_this_machine(url) {
            Finding::warning(
                format!("{origin} is plain http: whoever is between can read the key"),
                "amx config edit   (base_url with https://)",
            )
        } else if own.as_ref().is_some_and(|own| own.origin() != url.origin()) {
            Finding::note(format!(
                "{origin}, not {}'s own server ({})",
                settings.entry.name, settings.base_url.source
            ))
        } else if own
            .as_ref()
            .is_some_and(|own| own.path().trim_end_matches('/') != url.path().trim_end_matches('/'))
        {
            let expected = own.as_ref().map_or("", |own| own.path());
            Finding::warning(
                format!(
                    "{origin} is {}'s own server, and its path is {expected}, not {}",
                    settings.entry.name,
                    url.path()
                ),
                "amx config explain base_url",
            )
        } else {
            Finding::ok(origin)
        }]
    })
}

/// Whether a URL leads to this machine.
pub fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub fn fallbacks(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let settings = &patient.settings;
        let mut findings = Vec::new();
        if settings.fallback_models.is_some() && !settings.entry.is_openrouter {
            let words = format!(
                "fallback_models is not sent: provider {} knows no such field",
                settings.entry.name
            );
            findings.push(Finding::warning(
                words,
                "amx config edit   (use fallback_profiles)",
            ));
        }
        if settings.fallback_profiles.contains(&patient.name) {
            findings.push(Finding::warning(
                "it falls back to itself",
                "amx config edit",
            ));
        }
        for name in &settings.fallback_profiles {
            findings.extend(unresolvable(subject, name));
        }
        or_ok(
            findings,
            &format!(
                "{} models, {} profiles",
                settings
                    .fallback_models
                    .as_ref()
                    .map_or(0, |models| models.value.len()),
                settings.fallback_profiles.len()
            ),
        )
    })
}

/// A profile to fall back to whose own settings do not hold.
fn unresolvable(subject: &Subject, name: &str) -> Option<Finding> {
    let config = subject.config.as_ref().ok()?;
    let overrides = Overrides {
        profile: Some(name.to_owned()),
        ..Overrides::default()
    };
    let error = Settings::resolve(&overrides, &subject.environment, config).err()?;
    let error = CommandError::from(error);
    Some(Finding::failure(
        format!(
            "profile '{name}', to fall back to, cannot be used: {}",
            error.message
        ),
        "amx config edit",
    ))
}

pub fn costs(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let settings = &patient.settings;
        let is_capped = settings.max_cost.is_some();
        vec![
            if is_capped && settings.price.is_none() && !settings.entry.is_demo() {
                Finding::warning(
                    "max_cost.per_request is set and price is not: every question is refused",
                    "amx config edit   (add price: {input, output})",
                )
            } else if is_capped {
                Finding::ok("a cap and a price")
            } else {
                Finding::ok("no cap")
            },
        ]
    })
}

pub fn reasoning(subject: &Subject) -> Vec<Finding> {
    each(subject, |patient| {
        let settings = &patient.settings;
        let effort = settings.effort.as_ref();
        let of_file = |source: &ValueSource| matches!(source, ValueSource::File { .. });
        vec![match effort {
            Some(effort) if settings.reasoning.value == ReasoningMode::Off => Finding::warning(
                format!(
                    "reasoning is off, so that the effort {} is not sent",
                    effort.value
                ),
                "amx config edit",
            ),
            Some(effort)
                if settings.entry.reasoning == ReasoningField::Unsupported
                    && of_file(&effort.source) =>
            {
                Finding::warning(
                    format!(
                        "provider {} takes no effort, so that {} is not sent",
                        settings.entry.name, effort.value
                    ),
                    "amx config edit",
                )
            }
            Some(effort) => Finding::ok(format!("effort {} ({})", effort.value, effort.source)),
            None => Finding::ok("effort as the route says"),
        }]
    })
}
