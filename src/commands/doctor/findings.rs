//! What is common to both forms of the report: rows, their totals, the look of a status.

use super::check::{Check, Finding, Status};
use crate::present::count::plural;
use crate::present::page::Role;

/// What one check found.
pub(super) type Row<'a> = (&'a Check, Finding);

/// Findings of a status.
pub(super) fn count(rows: &[Row<'_>], status: Status) -> usize {
    rows.iter()
        .filter(|(_, finding)| finding.status == status)
        .count()
}

/// `46 ok, 4 notes, 0 warnings, 3 failures, 49 skipped`.
pub(super) fn totals(rows: &[Row<'_>]) -> String {
    let counted = |status: Status| plural(count(rows, status), status.word());
    let uncounted = |status: Status| format!("{} {}", count(rows, status), status.word());
    [
        uncounted(Status::Ok),
        counted(Status::Note),
        counted(Status::Warning),
        counted(Status::Failure),
        uncounted(Status::Skipped),
    ]
    .join(", ")
}

/// How a status looks.
pub(super) fn role_of(status: Status) -> Role {
    match status {
        Status::Ok => Role::Ok,
        Status::Warning => Role::Warning,
        Status::Failure => Role::Failure,
        Status::Note | Status::Skipped => Role::Dim,
    }
}
