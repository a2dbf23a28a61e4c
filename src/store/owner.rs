//! Whose database a file is: that of amx, or of another program.

use std::path::Path;

use rusqlite::Connection;

use super::error::StoreError;
use super::private_file::OPENING;

/// Names of the first version that every later one has.
const OWN_NAMES: i64 = 8;

/// The schema version of the file; `known` is the newest.
///
/// # Errors
/// [`StoreError::Foreign`] when another program wrote it.
pub(super) fn check_owner(
    connection: &Connection,
    path: &Path,
    known: i64,
) -> Result<i64, StoreError> {
    // Both of one moment: another process may be creating the schema.
    let read = || {
        let moment = connection.unchecked_transaction()?;
        Ok((version(&moment)?, count_names(&moment)?))
    };
    let (version, (all, own)) = read().map_err(|source| StoreError::of(OPENING, path, source))?;
    let is_own = match version {
        0 => all == 0,
        found if found > known => true,
        found => found > 0 && own == OWN_NAMES,
    };
    is_own
        .then_some(version)
        .ok_or_else(|| StoreError::Foreign {
            path: path.to_owned(),
        })
}

pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// How many tables, indexes, views and triggers there are, and how many of those are tables and
/// triggers of the first version.
fn count_names(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(
        "SELECT count(*), count(*) FILTER (WHERE type IN ('table', 'trigger') AND name IN \
         ('sessions', 'turns', 'contents', 'drafts', 'contents_index', 'contents_added', \
         'contents_changed', 'contents_removed')) FROM sqlite_schema",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
