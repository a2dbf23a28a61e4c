//! Every check that a request passes before it is sent.

pub mod budget;
pub mod capabilities;
mod context_window;
pub mod parameters;
mod privacy;
pub mod shared_budget;

use super::plan::PlannedTarget;
use super::question::Checks;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::secrets::KeySource;

/// Which check a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedCheck {
    Capabilities,
    ContextWindow,
    Budget,
}

/// Refuses what the model does not support, what does not fit into its context, and what could cost
/// more than a cap allows. What is doubtful becomes a remark.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage) or
/// [`ErrorKind::Limit`](crate::ports::ErrorKind::Limit): the request must not be sent.
pub fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<(), (FailedCheck, CommandError)> {
    let failed = |check: FailedCheck| move |error: CommandError| (check, error);
    capabilities::check(targets, checks, equipment, remarks)
        .map_err(failed(FailedCheck::Capabilities))?;
    context_window::check(targets, checks, remarks).map_err(failed(FailedCheck::ContextWindow))?;
    // From a recording nothing is sent, and nothing is billed.
    if !equipment.is_replaying() {
        for planned in targets {
            budget::check(&planned.settings, &planned.target)
                .map_err(failed(FailedCheck::Budget))?;
        }
    }
    remarks.extend(targets.iter().flat_map(|planned| doubts(&planned.settings)));
    Ok(())
}

/// What in the settings is probably not meant.
fn doubts(settings: &Settings) -> Vec<Remark> {
    let mut doubts = Vec::new();
    if let KeySource::Reference { reference, .. } = &settings.key
        && reference.is_plain()
    {
        let profile = &settings.profile.value;
        doubts.push(Remark::Warning(format!(
            "the key of profile '{profile}' is plain text in config.yml; \
            amx add-llm-profile {profile} moves it to the keyring"
        )));
    }
    if settings.fallback_models.is_some() && !settings.entry.is_openrouter {
        doubts.push(Remark::Warning(format!(
            "fallback_models is not sent: provider {} has no such field; use fallback_profiles",
            settings.entry.name
        )));
    }
    doubts
}
