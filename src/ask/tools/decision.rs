//! Whether the calls of an answer may run.

use crate::chat::tool::DecidedBy;
use crate::ports::approval::{Approver, CallToApprove, Decision};
use crate::ports::error::{CommandError, ErrorKind};

/// What was decided about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub by: DecidedBy,
    /// Why it was denied, for the model.
    pub reason: Option<String>,
}

/// One verdict for each call, in order.
///
/// # Errors
/// An interrupt at the question, which is no to all of them. [`ErrorKind::Tool`] when nobody can be
/// asked.
pub(super) fn decide(
    calls: &[CallToApprove],
    approver: Option<&mut dyn Approver>,
) -> Result<Vec<Verdict>, CommandError> {
    let Some(approver) = approver else {
        let names: Vec<&str> = calls.iter().map(|call| call.tool.as_str()).collect();
        return Err(CommandError::new(
            ErrorKind::Tool,
            format!(
                "not run: {}: stdin is not a terminal to ask on",
                names.join(", ")
            ),
        ));
    };
    let decisions = approver.approve(calls)?;
    Ok(decisions.into_iter().map(verdict).collect())
}

fn verdict(decision: Decision) -> Verdict {
    let by = match decision {
        Decision::Once => DecidedBy::Once,
        Decision::Conversation | Decision::Server => DecidedBy::Conversation,
        Decision::Always => DecidedBy::Always,
        Decision::Denied(reason) => {
            let by = DecidedBy::Denied;
            return Verdict { by, reason };
        }
    };
    Verdict { by, reason: None }
}
