//! The rows of the log beside those of [`Gate::decide`]: the ends of calls, and calls that nobody
//! decides about.

use std::time::Duration;

use serde_json::Value;

use super::calls::{CallState, Permit};
use super::tool_set::ToolSet;
use crate::store::LoggedCallId;
use crate::tools::gate::{Gate, Verdict};
use crate::tools::tool::ToolOutput;

/// Completes the row of a call, which was written before it ran.
pub(super) fn log_end(gate: &mut Gate, permit: Permit, output: &ToolOutput, took: Duration) {
    let error = output.is_error.then_some(output.content.as_str());
    complete(gate, permit.row, took, output.bytes, error);
}

/// Completes the row of a call that was running when the answer was stopped.
pub(super) fn log_stopped(gate: &mut Gate, permit: Permit, why: &str, took: Duration) {
    complete(gate, permit.row, took, 0, Some(why));
}

/// Logs the calls that ended before anything decided about them: without a tool, with wrong
/// arguments, or too often.
pub(super) fn log_unready(states: &[CallState], tools: &ToolSet, gate: &mut Gate) {
    let ended = states.iter().filter_map(|state| {
        let result = state.result()?;
        result.decision.is_none().then_some((state, result))
    });
    for (state, result) in ended {
        let tool = tools.tool(&state.call.name);
        let server = tool.and_then(|tool| tool.source.strip_prefix("server "));
        let written = || Value::from(state.call.arguments.as_str());
        let arguments = serde_json::from_str(&state.call.arguments).unwrap_or_else(|_| written());
        let logged = gate.log(&state.call.name, server, &arguments, &Verdict::DENIED);
        match logged {
            Ok(row) => complete(gate, row, Duration::ZERO, 0, Some(&result.content)),
            // It does not run, so nothing is hidden.
            Err(error) => tracing::debug!(error = %error.message, "a call is not in the log"),
        }
    }
}

fn complete(gate: &mut Gate, row: LoggedCallId, took: Duration, bytes: u64, error: Option<&str>) {
    if let Err(error) = gate.log_end(row, took, bytes, error) {
        tracing::debug!(error = %error.message, "the row of a call stays without its end");
    }
}
