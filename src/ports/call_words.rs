//! A tool call that has ended, in one line.

use std::time::Duration;

use crate::chat::tool::{ToolCall, ToolResult};
use crate::present::count::plural;
use crate::present::text::shortened;
use crate::present::time::seconds;

/// Columns of the arguments, and of the reason why a call did not run.
const WIDEST: usize = 80;

/// Such as `ran weather {"town":"Oslo"} (0.4 s, 11 bytes)`.
pub(crate) fn call_words(call: &ToolCall, result: &ToolResult) -> String {
    let arguments = shortened(&call.arguments, WIDEST);
    let call = format!("{} {arguments}", call.name);
    if !result.has_run {
        let reason = result.content.lines().next().unwrap_or_default();
        return format!("did not run {call}: {}", shortened(reason, WIDEST));
    }
    let time = seconds(Duration::from_millis(result.ms));
    let error = if result.is_error { ", error" } else { "" };
    format!(
        "ran {call} ({time}, {}{error})",
        plural(result.bytes, "byte")
    )
}
