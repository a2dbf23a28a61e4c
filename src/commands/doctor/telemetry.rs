//! The check of telemetry: a collector takes an empty export.

use super::check::Finding;
use super::subject::{Subject, TelemetryState};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::telemetry::is_wanted;

/// Tests the URL. A signal ends it.
///
/// # Errors
/// The signal.
pub(super) fn ask(subject: &mut Subject, context: &Context<'_>) -> Result<(), CommandError> {
    let Ok(config) = &subject.config else {
        return Ok(());
    };
    if !is_wanted(config, &subject.environment) {
        return Ok(());
    }
    let equipment = &context.equipment;
    subject.telemetry = if let Err(error) = equipment.open_telemetry(config) {
        TelemetryState::Invalid(error.into())
    } else if subject.is_offline {
        TelemetryState::NotAsked("--offline")
    } else {
        match equipment.run(equipment.telemetry.test())? {
            Some((url, tested)) => TelemetryState::Tested(url, tested),
            None => TelemetryState::Off,
        }
    };
    Ok(())
}

pub(super) fn collector(subject: &Subject) -> Vec<Finding> {
    let remedy = "amx config edit   (telemetry)";
    vec![match &subject.telemetry {
        TelemetryState::Off => Finding::skipped("telemetry is off"),
        TelemetryState::Invalid(problem) => {
            Finding::failure(problem.words.clone(), problem.remedy.clone())
        }
        TelemetryState::NotAsked(why) => Finding::skipped(*why),
        TelemetryState::Tested(url, Ok(())) => Finding::ok(format!("{url} takes traces")),
        TelemetryState::Tested(_, Err(why)) => {
            Finding::failure(format!("telemetry cannot be sent: {why}"), remedy)
        }
    }]
}
