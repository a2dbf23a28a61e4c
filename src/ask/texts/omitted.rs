//! The note about a field that a server refused.

use crate::ask::adjustments::Learned;
use crate::chat::adjustment::Adjustment;
use crate::config::options::Remark;

/// What is not sent from now on.
pub(super) fn omitted(learned: &Learned) -> Remark {
    let (field, _) = learned.adjustment.to_row();
    let verb = match learned.adjustment {
        Adjustment::Omit(_) => "does not accept",
        _ => "limits",
    };
    Remark::Note(format!("{} {verb} {field}; sent without it", learned.model))
}
