//! The log destinations of the account that were listed last, for completion.

use rusqlite::params;

use super::database::Store;
use super::error::StoreError;
use super::read_only::ReadOnlyStore;

/// A destination without its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownDestination {
    pub id: String,
    pub name: String,
    pub kind: String,
}

impl Store {
    /// Replaces the list.
    pub(crate) fn save_destinations(&mut self, all: &[KnownDestination]) -> Result<(), StoreError> {
        self.write("saving the log destinations", |transaction| {
            transaction.execute("DELETE FROM log_destinations", [])?;
            let sql = "INSERT OR REPLACE INTO log_destinations (id, name, kind) VALUES (?, ?, ?)";
            let mut insert = transaction.prepare(sql)?;
            for one in all {
                insert.execute(params![one.id, one.name, one.kind])?;
            }
            Ok(())
        })
    }
}

impl ReadOnlyStore {
    /// The list; empty when the file cannot be read.
    pub(crate) fn destinations(&self) -> Vec<KnownDestination> {
        let read = || -> rusqlite::Result<Vec<KnownDestination>> {
            let sql = "SELECT id, name, kind FROM log_destinations ORDER BY name, id";
            let mut statement = self.connection().prepare(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(KnownDestination {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    kind: row.get(2)?,
                })
            })?;
            rows.collect()
        };
        read().unwrap_or_default()
    }
}
