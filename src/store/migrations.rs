//! The schema and its migrations: of the file, or of a copy in memory where nobody can write.

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params_from_iter};

use super::owner::version;

/// Each migrates the schema by one version; `PRAGMA user_version` counts the applied ones.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("catalog.sql"),
    include_str!("ledger.sql"),
    include_str!("annotations.sql"),
    include_str!("pieces.sql"),
    include_str!("requests.sql"),
    include_str!("adjustments.sql"),
    include_str!("approvals.sql"),
    include_str!("clients.sql"),
    include_str!("steps.sql"),
    include_str!("mcp_servers.sql"),
    include_str!("destinations.sql"),
    include_str!("mcp_failures.sql"),
];

/// The condition of the tables whose rows neither SQLite nor a trigger writes.
const HAS_OWN_ROWS: &str = "name NOT GLOB 'contents_index*' AND name NOT GLOB 'sqlite_*'";

/// The schema version that this program writes.
pub(crate) fn version_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Applies the missing migrations. Another process may have applied them while this one waited.
pub(super) fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let applied = usize::try_from(version(transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(applied) {
        transaction.execute_batch(migration)?;
    }
    if applied < MIGRATIONS.len() {
        transaction.pragma_update(None, "user_version", version_known())?;
    }
    Ok(())
}

/// A copy of a file of an older version, migrated in memory. The file is only read.
pub(super) fn migrated_copy(from: &Connection) -> rusqlite::Result<Connection> {
    let mut copy = Connection::open_in_memory()?;
    let transaction = copy.transaction()?;
    // Both of one moment: another process may be writing.
    let source = from.unchecked_transaction()?;
    let found = version(&source)?;
    for migration in MIGRATIONS.iter().take(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", found)?;
    let tables: Vec<String> = transaction
        .prepare(&format!(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND {HAS_OWN_ROWS}"
        ))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    // Tables refer to each other; the rows are those of a whole file.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    for table in &tables {
        copy_rows(&source, &transaction, table)?;
    }
    migrate(&transaction)?;
    transaction.commit()?;
    Ok(copy)
}

/// Copies the rows of a table that both have with the same columns.
fn copy_rows(from: &Connection, into: &Connection, table: &str) -> rusqlite::Result<()> {
    let mut select = from.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = select.column_count();
    let names = select.column_names().collect::<Vec<_>>().join(", ");
    let marks = vec!["?"; columns].join(", ");
    let mut insert = into.prepare(&format!(
        "INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"
    ))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..columns)
            .map(|column| row.get(column))
            .collect::<rusqlite::Result<_>>()?;
        insert.execute(params_from_iter(values))?;
    }
    Ok(())
}
