//! Results of calls from a recording, or for one.

use super::calls::CallState;
use crate::chat::tool::ToolResult;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::player::Player;
use crate::wire::recorder::Recorder;
use crate::wire::tape_error::ReplayError;
use serde_json::{Value, json};

/// The field of a call that nobody could allow; its value is the error.
const REFUSED: &str = "refused";

/// What ends a replay.
pub(super) enum ReplayEnd {
    /// The calls were refused when they were recorded.
    Refused(CommandError),
    /// The recording has other calls.
    Missing(ReplayError),
}

/// Gives the calls that could run their recorded results. Nothing runs.
pub(super) fn replay(states: &mut [CallState], player: &Player) -> Result<(), ReplayEnd> {
    let mut refusal = None;
    for state in states.iter_mut().filter(|state| state.is_open()) {
        let recorded = player.play_call(&state.call.name, &state.arguments);
        let recorded = recorded.map_err(ReplayEnd::Missing)?;
        if let Some(message) = recorded[REFUSED].as_str() {
            refusal = Some(CommandError::new(ErrorKind::Tool, message));
            continue;
        }
        let result: ToolResult = serde_json::from_value(recorded).unwrap_or_default();
        let id = state.call.id.clone();
        state.end_as(ToolResult { id, ..result });
    }
    refusal.map_or(Ok(()), |error| Err(ReplayEnd::Refused(error)))
}

/// Records the calls that could run and have ended, or with an `error` those that were refused.
pub(super) fn record(
    states: &[CallState],
    started_after: usize,
    error: Option<&CommandError>,
    recorder: &Recorder,
) {
    for state in states.iter().filter(|state| state.is_valid) {
        let result = match (error, state.result()) {
            (Some(error), _) => json!({REFUSED: error.message}),
            (None, Some(result)) => serde_json::to_value(result).unwrap_or(Value::Null),
            (None, None) => continue,
        };
        recorder.record_call(started_after, &state.call.name, &state.arguments, &result);
    }
}
