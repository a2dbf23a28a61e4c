//! What MCP servers listed when they last ran.

use std::time::SystemTime;

use rusqlite::params;

use super::catalog::CatalogReader;
use super::database::Store;
use super::error::StoreError;
use super::rows;

/// Why a server did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedServer {
    pub why: String,
    pub at: SystemTime,
}

/// The list of a server. Declarations are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedServer {
    /// The revision of the protocol that it speaks.
    pub revision: String,
    pub listed: SystemTime,
    /// In the order of the server.
    pub declarations: Vec<String>,
}

impl Store {
    /// Replaces the list of a server.
    pub(crate) fn save_listed_server(
        &mut self,
        identity: &str,
        server: &ListedServer,
    ) -> Result<(), StoreError> {
        self.write("saving the tools of a server", |transaction| {
            transaction.execute("DELETE FROM mcp_servers WHERE identity = ?", [identity])?;
            transaction.execute("DELETE FROM mcp_failures WHERE identity = ?", [identity])?;
            transaction.execute(
                "INSERT INTO mcp_servers (identity, revision, listed_at) VALUES (?, ?, ?)",
                params![identity, server.revision, rows::nanoseconds(server.listed)],
            )?;
            let id = transaction.last_insert_rowid();
            let sql = "INSERT INTO mcp_tools (server, position, declaration) VALUES (?, ?, ?)";
            let mut insert = transaction.prepare(sql)?;
            for (position, declaration) in (0_i64..).zip(&server.declarations) {
                insert.execute(params![id, position, declaration])?;
            }
            Ok(())
        })
    }

    /// Notes that a server did not start. Its list stays.
    pub(crate) fn save_failed_server(
        &mut self,
        identity: &str,
        failed: &FailedServer,
    ) -> Result<(), StoreError> {
        self.write("saving the state of a server", |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO mcp_failures (identity, why, failed_at) VALUES (?, ?, ?)",
                params![identity, failed.why, rows::nanoseconds(failed.at)],
            )?;
            Ok(())
        })
    }
}

impl CatalogReader {
    /// Why a server did not start when it was last needed; `None` when it did.
    pub(crate) fn failed_server(&self, identity: &str) -> Option<FailedServer> {
        let sql = "SELECT why, failed_at FROM mcp_failures WHERE identity = ?";
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<FailedServer> {
            Ok(FailedServer {
                why: row.get(0)?,
                at: rows::time(row.get(1)?),
            })
        };
        self.connection().query_row(sql, [identity], read).ok()
    }

    /// The list of a server; `None` when it never ran, or cannot be read.
    pub(crate) fn listed_server(&self, identity: &str) -> Option<ListedServer> {
        let sql = "SELECT id, revision, listed_at FROM mcp_servers WHERE identity = ?";
        let (id, revision, listed): (i64, String, i64) = self
            .connection()
            .query_row(sql, [identity], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .ok()?;
        let sql = "SELECT declaration FROM mcp_tools WHERE server = ? ORDER BY position";
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection().prepare(sql)?;
            statement.query_map([id], |row| row.get(0))?.collect()
        };
        Some(ListedServer {
            revision,
            listed: rows::time(listed),
            declarations: read().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::store;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn lists_and_used_tools_are_read_back_and_replaced() {
        let (_directory, home, mut store) = store();
        let list = |names: &[&str]| ListedServer {
            revision: "2025-11-25".to_owned(),
            listed: UNIX_EPOCH + Duration::from_secs(1_790_000_000),
            declarations: names
                .iter()
                .map(|name| format!("{{\"name\":\"{name}\"}}"))
                .collect(),
        };
        store.save_listed_server("a", &list(&["x", "y"])).unwrap();
        store.save_listed_server("b", &list(&[])).unwrap();
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(reader.listed_server("a"), Some(list(&["x", "y"])));
        assert_eq!(reader.listed_server("b"), Some(list(&[])));
        assert_eq!(reader.listed_server("c"), None);
        let failed = FailedServer {
            why: "ended".to_owned(),
            at: UNIX_EPOCH + Duration::from_secs(1_790_000_100),
        };
        store.save_failed_server("a", &failed).unwrap();
        assert_eq!(reader.failed_server("a"), Some(failed));
        assert_eq!(reader.failed_server("b"), None);
        store.save_listed_server("a", &list(&["y"])).unwrap();
        assert_eq!(reader.failed_server("a"), None, "it has run since");
        assert_eq!(reader.listed_server("a"), Some(list(&["y"])));
    }
}
