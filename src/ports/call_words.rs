//! A tool call that has ended, in one line.

use std::time::Duration;

use crate::chat::tool::{ToolCall, ToolResult};
use crate::present::count::plural;
use crate::present::text::shortened;
use crate::present::time::seconds;

/// Columns of the arguments, and of the reason why a call did not run.
const WIDEST: usize = 80;

/// What the result of a call that did not run starts with.
const NOT_RUN: &str = "not run: ";

/// Such as `ran weather {"town":"Oslo"} (0.4 s, 11 bytes)`.
pub(crate) fn call_words(call: &ToolCall, result: &ToolResult) -> String {
    let arguments = shortened(&joined(&call.arguments), WIDEST);
    let call = format!("{} {arguments}", call.name);
    if !result.has_run {
        let reason = joined(result.content.trim_start_matches(NOT_RUN));
        return format!("did not run {call}: {}", shortened(&reason, WIDEST));
    }
    let time = seconds(Duration::from_millis(result.ms));
    let error = if result.is_error { ", error" } else { "" };
    format!(
        "ran {call} ({time}, {}{error})",
        plural(result.bytes, "byte")
    )
}

/// The first lines as one.
fn joined(text: &str) -> String {
    let lines = text.lines().take(WIDEST).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}
