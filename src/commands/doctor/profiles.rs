//! Checks of each profile's settings, without network.

use super::check::{Finding, or_ok};
use super::configuration::of_problem;
use super::subject::{ExaminedProfile, Subject};
use crate::ask::preflight::caps;
use crate::chat::reasoning::ReasoningMode;
use crate::config::{Overrides, Settings, ValueSource};
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::providers::registry::ReasoningField;
use crate::wire::client::Url;

/// The findings for every valid profile.
pub(super) fn each(
    subject: &Subject,
    examine: impl Fn(&ExaminedProfile) -> Vec<Finding>,
) -> Vec<Finding> {
    if subject.profiles.is_empty() {
        return vec![Finding::skipped("no valid profile")];
    }
    subject
        .profiles
        .iter()
        .flat_map(|profile| {
            examine(profile)
                .into_iter()
                .map(|finding| finding.of(&profile.name))
        })
        .collect()
}

pub(super) fn settings(subject: &Subject) -> Vec<Finding> {
    let invalid = subject
        .invalid
        .iter()
        .map(|(name, problem)| of_problem(problem).of(name));
    let valid = subject.profiles.iter().map(|profile| {
        let settings = &profile.settings;
        Finding::ok(format!(
            "provider {}, model {}",
            settings.entry.name, settings.model.value
        ))
        .of(&profile.name)
    });
    let findings: Vec<Finding> = invalid.chain(valid).collect();
    if findings.is_empty() {
        vec![Finding::skipped("no valid profile")]
    } else {
        findings
    }
}

pub(super) fn address(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let settings = &profile.settings;
        let url = &settings.base_url.value;
        let origin = url.origin().ascii_serialization();
        let own = settings
            .entry
            .base_url
            .and_then(|text| Url::parse(text).ok());
        vec![if settings.entry.is_demo() {
            Finding::ok("built in")
        } else if url.scheme() == "http" && !is_on_this_machine(url) {
            Finding::warning(
                format!("{origin} is not encrypted: the key can be intercepted"),
                "amx config edit   (base_url with https://)",
            )
        } else if own.as_ref().is_some_and(|own| own.origin() != url.origin()) {
            Finding::note(format!(
                "{origin} instead of {}'s own server ({})",
                settings.entry.name, settings.base_url.source
            ))
        } else if own
            .as_ref()
            .is_some_and(|own| own.path().trim_end_matches('/') != url.path().trim_end_matches('/'))
        {
            let expected = own.as_ref().map_or("", |own| own.path());
            Finding::warning(
                format!(
                    "{origin} is {}'s own server; its path is {expected}, not {}",
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

/// Whether the host of a URL is this machine.
pub(super) fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn fallbacks(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let settings = &profile.settings;
        let mut findings = Vec::new();
        if settings.fallback_models.is_some() && !settings.entry.is_openrouter {
            let words = format!(
                "fallback_models is not sent: provider {} does not support it",
                settings.entry.name
            );
            findings.push(Finding::warning(
                words,
                "amx config edit   (use fallback_profiles)",
            ));
        }
        if settings.fallback_profiles.contains(&profile.name) {
            findings.push(Finding::warning(
                "the profile is its own fallback",
                "amx config edit",
            ));
        }
        for name in &settings.fallback_profiles {
            findings.extend(unresolvable(subject, name));
        }
        or_ok(
            findings,
            &format!(
                "{}, {}",
                plural(
                    settings
                        .fallback_models
                        .as_ref()
                        .map_or(0, |models| models.value.len()),
                    "model"
                ),
                plural(settings.fallback_profiles.len(), "profile")
            ),
        )
    })
}

/// A fallback profile with invalid settings.
fn unresolvable(subject: &Subject, name: &str) -> Option<Finding> {
    let config = subject.config.as_ref().ok()?;
    let overrides = Overrides {
        profile: Some(name.to_owned()),
        ..Overrides::default()
    };
    let error = Settings::resolve(&overrides, &subject.environment, config).err()?;
    let error = CommandError::from(error);
    Some(Finding::failure(
        format!("fallback profile '{name}' is invalid: {}", error.message),
        "amx config edit",
    ))
}

pub(super) fn costs(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let settings = &profile.settings;
        let is_capped = caps::is_capped(settings);
        vec![if !is_capped {
            Finding::ok("no cap")
        } else if settings.price.is_some() {
            Finding::ok("cap and price set")
        } else if settings.entry.is_openrouter {
            Finding::ok("cap set; the price is in the model catalogue")
        } else {
            Finding::warning(
                "max_cost is set without price: requests are refused if the provider lists none",
                "amx config edit   (add price: {input, output})",
            )
        }]
    })
}

pub(super) fn reasoning(subject: &Subject) -> Vec<Finding> {
    each(subject, |profile| {
        let settings = &profile.settings;
        let effort = settings.effort.as_ref();
        let of_file = |source: &ValueSource| matches!(source, ValueSource::File { .. });
        vec![match effort {
            Some(effort) if settings.reasoning.value == ReasoningMode::Off => Finding::warning(
                format!("reasoning is off: effort {} is not sent", effort.value),
                "amx config edit",
            ),
            Some(effort)
                if settings.entry.reasoning == ReasoningField::Unsupported
                    && of_file(&effort.source) =>
            {
                Finding::warning(
                    format!(
                        "provider {} does not support effort: {} is not sent",
                        settings.entry.name, effort.value
                    ),
                    "amx config edit",
                )
            }
            Some(effort) => Finding::ok(format!("effort {} ({})", effort.value, effort.source)),
            None => Finding::ok("default effort"),
        }]
    })
}
