//! Repair of a damaged file in place, and what is carried over from one that is moved aside.
//!
//! The full-text index is derived from `contents`: damage there alone loses nothing, and the index
//! is regenerated. Damage anywhere else moves the file aside. The rows of the ledger that can still
//! be read are copied to the new file: a daily cap counts on them.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, Transaction, params_from_iter};

use super::read_connection;

/// The index and the tables that SQLite keeps for it.
const INDEX: &str = "contents_index";

/// Regenerates the index from the texts.
const REBUILD: &str = "INSERT INTO contents_index (contents_index) VALUES ('rebuild')";

/// Whether SQLite finds no damage in the file.
pub(super) fn is_intact(connection: &Connection) -> rusqlite::Result<bool> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

/// Regenerates a damaged full-text index. Returns false when anything else is damaged: then the
/// file is as it was. Needs the write lock.
///
/// # Errors
/// The disk is full, or another process holds the file: what is left can be repaired later.
pub(super) fn repair_index(connection: &mut Connection) -> rusqlite::Result<bool> {
    let repaired = are_tables_intact(connection)
        .and_then(|intact| Ok(intact && (rebuild(connection)? || replace(connection)?)));
    repaired.or_else(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Err(error)
        }
        _ => {
            tracing::debug!(%error, "the full-text index cannot be repaired");
            Ok(false)
        }
    })
}

/// Whether no table but those of the index is damaged.
fn are_tables_intact(connection: &Connection) -> rusqlite::Result<bool> {
    let names: Vec<String> = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB ? AND name \
            NOT GLOB 'sqlite_*'",
        )?
        .query_map([format!("{INDEX}*")], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in &names {
        let check = format!("PRAGMA quick_check(\"{}\")", name.replace('"', "\"\""));
        let verdict: String = connection.query_row(&check, [], |row| row.get(0))?;
        if verdict != "ok" {
            return Ok(false);
        }
    }
    Ok(!names.is_empty())
}

/// Rebuilds the index in its tables; false, with nothing changed, when they cannot be used.
fn rebuild(connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction()?;
    // An error rolls back: the pages of damaged tables may be those of others.
    if transaction.execute_batch(REBUILD).is_err() || !is_intact(&transaction).unwrap_or(false) {
        return Ok(false);
    }
    transaction.commit()?;
    Ok(true)
}

/// Creates the index again, and leaves the pages of the old one out of the file. Its tables are not
/// dropped: that would follow their damaged pages.
fn replace(connection: &mut Connection) -> rusqlite::Result<bool> {
    let definition: String = connection.query_row(
        "SELECT sql FROM sqlite_schema WHERE name = ?",
        [INDEX],
        |row| row.get(0),
    )?;
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "writable_schema", true)?;
    transaction.execute(
        "DELETE FROM sqlite_schema WHERE tbl_name = ?1 OR tbl_name GLOB ?1 || '_*'",
        [INDEX],
    )?;
    transaction.execute_batch("PRAGMA writable_schema = RESET")?;
    transaction.execute_batch(&definition)?;
    transaction.execute_batch(REBUILD)?;
    transaction.commit()?;
    connection.execute_batch("VACUUM")?;
    is_intact(connection)
}

/// Copies the readable rows of the ledger of a file that was moved aside. Those of requests in
/// progress count at their worst case from then on, for their reservations stay behind.
pub(super) fn carry_ledger(aside: &Path, into: &Transaction<'_>) -> rusqlite::Result<()> {
    let from = read_connection::open_without_trace(aside)?;
    let known = columns(into)?;
    let columns: Vec<String> = columns(&from)?
        .into_iter()
        .filter(|column| known.contains(column) && column != "reservation")
        .collect();
    let names = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let mut insert = into.prepare(&format!(
        "INSERT OR IGNORE INTO ledger ({names}) VALUES ({marks})"
    ))?;
    // From both ends up to the damage, today's rows first.
    for order in ["DESC", "ASC"] {
        let mut select =
            from.prepare(&format!("SELECT {names} FROM ledger ORDER BY id {order}"))?;
        let mut rows = select.query([])?;
        while let Ok(Some(row)) = rows.next() {
            // A damaged row may have values that the table refuses. It alone is left out.
            let values: rusqlite::Result<Vec<Value>> = (0..columns.len())
                .map(|column| Ok(readable(row.get_ref(column)?)))
                .collect();
            if let Ok(values) = values {
                let _ = insert.execute(params_from_iter(values));
            }
        }
    }
    Ok(())
}

/// A value of a row. What is damaged of a text is not worth the costs beside it.
fn readable(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn columns(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM pragma_table_info('ledger')")?
        .query_map([], |row| row.get(0))?
        .collect()
}
