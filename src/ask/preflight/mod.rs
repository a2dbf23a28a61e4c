//! The checks that a request passes before it is sent.

pub(crate) mod budget;
pub(crate) mod cap_check;
pub(crate) mod capabilities;
pub(crate) mod caps;
pub(crate) mod context_window;
pub(crate) mod parameters;
mod privacy;
pub(crate) mod shared_budget;
mod variants;
pub(crate) mod whole_body;

use super::plan::PlannedTarget;
use super::question::Checks;
use super::services;
use super::texts::model;
use crate::chat::endpoint::Endpoint;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::secrets::KeySource;

/// Refuses a request that the model does not support, that exceeds its context window, or that
/// could cost more than a cap. Likely mistakes in the settings are added as warnings.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage), or
/// [`ErrorKind::Limit`](crate::ports::ErrorKind::Limit) for a cap.
pub(crate) fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    let settings = targets.iter().map(|planned| &planned.settings);
    services::check(settings, checks.is_conversation, remarks)?;
    variants::check(targets, checks, remarks)?;
    capabilities::check(targets, checks, equipment, remarks)?;
    context_window::check(targets, checks, remarks)?;
    // A replay sends nothing and costs nothing.
    if !equipment.is_replaying() {
        for planned in targets {
            cap_check::check(planned, checks, remarks)?;
        }
    }
    remarks.extend(
        targets
            .iter()
            .flat_map(|planned| warnings(&planned.settings)),
    );
    Ok(())
}

/// The same for requests for vectors or scores.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_texts(
    targets: &[PlannedTarget],
    endpoint: Endpoint,
    checks: Checks,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for planned in targets {
        model::check(&planned.settings, endpoint)?;
        if !equipment.is_replaying() {
            cap_check::check(planned, checks, remarks)?;
        }
    }
    Ok(())
}

/// Warnings about likely mistakes in the settings.
fn warnings(settings: &Settings) -> Vec<Remark> {
    let mut warnings = Vec::new();
    if let KeySource::Reference { reference, .. } = &settings.key
        && reference.is_plain()
    {
        let profile = &settings.profile.value;
        warnings.push(Remark::Warning(format!(
            "the API key of profile '{profile}' is stored in plain text in config.yml; \
            amx add-llm-profile {profile} moves it to the keyring"
        )));
    }
    if settings.fallback_models.is_some() && !settings.entry.is_openrouter {
        warnings.push(Remark::Warning(format!(
            "fallback_models is not sent: provider {} does not support it; use fallback_profiles",
            settings.entry.name
        )));
    }
    warnings
}
