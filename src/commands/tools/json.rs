//! Approvals and logged calls as JSON.

use serde_json::{Value, json};

use crate::present::time::{millis, utc};
use crate::store::{LoggedCall, StoredApproval};

pub(super) fn approval(approval: &StoredApproval) -> Value {
    json!({
        "tool": approval.tool,
        "server": approval.server,
        "sha256": approval.sha256,
        "since": utc(approval.since),
    })
}

pub(super) fn call(call: &LoggedCall) -> Value {
    let end = call.end.as_ref();
    json!({
        "time": utc(call.at),
        "server": call.server,
        "tool": call.tool,
        "arguments_sha256": call.arguments_sha256,
        "decision": call.decision(),
        "by": call.by,
        "ms": end.map(|end| millis(end.took)),
        "bytes": end.map(|end| end.bytes),
        "error": end.and_then(|end| end.error.as_ref()),
    })
}
