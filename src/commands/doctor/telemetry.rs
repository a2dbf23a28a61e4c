//! The checks of telemetry: a collector takes an empty export, and what was not sent.

use super::check::Finding;
use super::subject::{Subject, TelemetryState};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::present::time::recent;
use crate::telemetry::{is_wanted, unsent as unsent_of};

const REMEDY: &str = "amx config edit   (telemetry)";

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

pub(super) fn unsent(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let unsent = unsent_of(home, subject.now);
    let waiting = match unsent.waiting {
        0 => None,
        1 => Some("1 span waits for the next question".to_owned()),
        spans => Some(format!(
            "{} wait for the next question",
            plural(spans, "span")
        )),
    };
    vec![match (unsent.dropped, waiting) {
        (Some(dropped), waiting) => {
            let spans = plural(dropped.spans, "span");
            let dropped = format!(
                "{spans} dropped since {}",
                recent(dropped.since, subject.now)
            );
            let words = [Some(dropped), waiting].into_iter().flatten();
            Finding::warning(words.collect::<Vec<_>>().join(", "), REMEDY)
        }
        (None, Some(waiting)) => Finding::note(waiting),
        (None, None) if matches!(subject.telemetry, TelemetryState::Off) => {
            Finding::skipped("telemetry is off")
        }
        (None, None) => Finding::ok("no span waits, none dropped in the last 7 days"),
    }]
}

pub(super) fn collector(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.telemetry {
        TelemetryState::Off => Finding::skipped("telemetry is off"),
        TelemetryState::Invalid(problem) => {
            Finding::failure(problem.words.clone(), problem.remedy.clone())
        }
        TelemetryState::NotAsked(why) => Finding::skipped(*why),
        TelemetryState::Tested(url, Ok(())) => Finding::ok(format!("{url} takes traces")),
        TelemetryState::Tested(_, Err(why)) => {
            Finding::failure(format!("telemetry cannot be sent: {why}"), REMEDY)
        }
    }]
}
