//! Which tools run without a question, bound to what was approved.

use std::time::SystemTime;

use rusqlite::{OptionalExtension, Row, params};

use super::database::Store;
use super::error::StoreError;
use super::rows;

/// How a stored approval came about, and its word.
const KINDS: [(bool, &str); 2] = [(true, "always"), (false, "config")];

/// An approval of one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredApproval {
    /// The name of the tool as it is sent to models.
    pub tool: String,
    /// The name of its server; `None` for a command.
    pub server: Option<String>,
    /// SHA-256 of the definition, in hexadecimal digits.
    pub sha256: String,
    /// What was approved, as canonical JSON.
    pub definition: String,
    /// A person said *always*. Else config.yml allowed the tool when it was first called.
    pub is_always: bool,
    pub since: SystemTime,
}

impl Store {
    /// The approval of a tool.
    pub(crate) fn approval(&self, tool: &str) -> Result<Option<StoredApproval>, StoreError> {
        let sql = "SELECT tool, server, sha256, definition, kind, since FROM approvals WHERE \
            tool = ?";
        self.read("reading the approvals", |connection| {
            Ok(connection.query_row(sql, [tool], approval).optional()?)
        })
    }

    /// Every approval, in the order of the tools.
    pub(crate) fn approvals(&self) -> Result<Vec<StoredApproval>, StoreError> {
        let sql = "SELECT tool, server, sha256, definition, kind, since FROM approvals ORDER BY \
            tool";
        self.read("reading the approvals", |connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], approval)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Saves an approval in place of an earlier one of the same tool.
    pub(crate) fn approve(&mut self, approval: &StoredApproval) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO approvals (tool, server, sha256, definition, kind, \
            since) VALUES (?, ?, ?, ?, ?, ?)";
        let kind = rows::name_of(&KINDS, approval.is_always);
        self.write("saving an approval", |transaction| {
            transaction.execute(
                sql,
                params![
                    approval.tool,
                    approval.server,
                    approval.sha256,
                    approval.definition,
                    kind,
                    rows::nanoseconds(approval.since)
                ],
            )?;
            Ok(())
        })
    }

    /// Deletes the approval of a tool. False when it has none.
    pub(crate) fn forget_approval(&mut self, tool: &str) -> Result<bool, StoreError> {
        self.write("deleting an approval", |transaction| {
            Ok(transaction.execute("DELETE FROM approvals WHERE tool = ?", [tool])? > 0)
        })
    }
}

fn approval(row: &Row<'_>) -> rusqlite::Result<StoredApproval> {
    let kind: String = row.get(4)?;
    Ok(StoredApproval {
        tool: row.get(0)?,
        server: row.get(1)?,
        sha256: row.get(2)?,
        definition: row.get(3)?,
        is_always: kind == KINDS[0].1,
        since: rows::time(row.get(5)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::store;
    use std::time::{Duration, UNIX_EPOCH};

    fn always(tool: &str, definition: &str) -> StoredApproval {
        StoredApproval {
            tool: tool.to_owned(),
            server: Some("files".to_owned()),
            sha256: "00".repeat(32),
            definition: definition.to_owned(),
            is_always: true,
            since: UNIX_EPOCH + Duration::from_secs(1_790_000_000),
        }
    }

    #[test]
    fn the_last_approval_of_a_tool_counts_until_it_is_forgotten() {
        let (_directory, _, mut store) = store();
        assert_eq!(store.approval("add").unwrap(), None);
        store.approve(&always("add", "{}")).unwrap();
        let config = StoredApproval {
            is_always: false,
            server: None,
            ..always("add", "{\"a\":1}")
        };
        store.approve(&config).unwrap();
        store.approve(&always("a", "{}")).unwrap();
        assert_eq!(store.approval("add").unwrap(), Some(config.clone()));
        assert_eq!(store.approvals().unwrap(), [always("a", "{}"), config]);
        assert!(store.forget_approval("add").unwrap());
        assert!(!store.forget_approval("add").unwrap());
        assert_eq!(store.approval("add").unwrap(), None);
    }
}
