//! Approvals and logged calls as tables that fit the width.

use std::time::SystemTime;

use super::listed::ListedTool;
use crate::present::table::{Cell, Column, Table};
use crate::store::{LoggedCall, StoredApproval};

/// Hexadecimal digits of a hash that are shown.
const SHOWN_DIGITS: usize = 12;

const TOOLS: [Column; 5] = [
    Column::left("TOOL").shrinks_to(12),
    Column::left("SOURCE").omitted(2),
    Column::left("APPROVE").omitted(3),
    Column::right("TOKENS").omitted(4),
    Column::left("DESCRIPTION").shrinks_to(16).omitted(1),
];

const APPROVALS: [Column; 5] = [
    Column::left("TOOL").shrinks_to(12),
    Column::left("SERVER").omitted(2),
    Column::left("BY").omitted(3),
    Column::left("SHA256").omitted(1),
    Column::left("SINCE"),
];

const CALLS: [Column; 7] = [
    Column::left("TIME"),
    Column::left("TOOL").shrinks_to(12),
    Column::left("SERVER").omitted(2),
    Column::left("DECIDED BY"),
    Column::right("TIME TAKEN").omitted(4),
    Column::right("BYTES").omitted(3),
    Column::left("ERROR").shrinks_to(16).omitted(1),
];

/// The tools.
pub(super) fn tools(tools: &[ListedTool]) -> Table<5> {
    let mut table = Table::new(TOOLS);
    for tool in tools {
        let description = tool.description.as_deref().unwrap_or_default();
        table.row([
            Cell::from(tool.name.as_str()),
            tool.source.as_str().into(),
            tool.not_offered
                .as_ref()
                .map_or(tool.approve, |_| "-")
                .into(),
            tool.tokens.to_string().into(),
            description.lines().next().unwrap_or_default().into(),
        ]);
    }
    table
}

/// The approvals; `time` writes since when.
pub(super) fn approvals(
    approvals: &[StoredApproval],
    time: impl Fn(SystemTime) -> String,
) -> Table<5> {
    let mut table = Table::new(APPROVALS);
    for approval in approvals {
        let by = if approval.is_always {
            "always"
        } else {
            "config"
        };
        let digits = approval.sha256.get(..SHOWN_DIGITS).unwrap_or_default();
        table.row([
            Cell::from(approval.tool.as_str()),
            approval.server.as_deref().unwrap_or("-").into(),
            by.into(),
            digits.into(),
            time(approval.since).into(),
        ]);
    }
    table
}

/// The calls; `time` writes when each was made.
pub(super) fn calls(calls: &[LoggedCall], time: impl Fn(SystemTime) -> String) -> Table<7> {
    let mut table = Table::new(CALLS);
    for call in calls {
        let end = call.end.as_ref();
        let dash = || "-".to_owned();
        let took = end.map(|end| format!("{:.1} s", end.took.as_secs_f64()));
        let error = match end {
            Some(end) => end.error.clone(),
            None if call.is_allowed => Some("did not end".to_owned()),
            None => None,
        };
        table.row([
            Cell::from(time(call.at)),
            call.tool.as_str().into(),
            call.server.as_deref().unwrap_or("-").into(),
            call.by.as_str().into(),
            took.unwrap_or_else(dash).into(),
            end.map_or_else(dash, |end| end.bytes.to_string()).into(),
            error.unwrap_or_default().into(),
        ]);
    }
    table
}
