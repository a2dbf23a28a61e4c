//! The rows of the ledger, page by page.

use std::time::SystemTime;

use crate::ports::error::CommandError;
use crate::store::{LedgerRow, PeriodStart, Store};

/// Calls `visit` for each page of rows since a moment, oldest first. Without a store there are
/// none.
///
/// # Errors
/// The ledger cannot be read, or what `visit` reports.
pub(super) fn each_page(
    store: Option<&Store>,
    since: &PeriodStart,
    mut visit: impl FnMut(&[LedgerRow]) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let Some(store) = store else {
        return Ok(());
    };
    let now = SystemTime::now();
    let mut after = 0;
    loop {
        let rows = store.ledger_rows(since, now, after)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.id;
        visit(&rows)?;
    }
}
