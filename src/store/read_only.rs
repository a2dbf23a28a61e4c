//! Reads the database without changing it and without waiting for writers: for `doctor` and shell
//! completion.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rusqlite::{Connection, Params};

use super::error::StoreError;
use super::migrations::version_known;
use super::owner::check_owner;
use super::private_file::check_files;
use super::{read_connection, recovery};
use crate::config::Home;

const READING: &str = "reading the conversations";

/// Newest turns whose models are listed.
const RECENT_TURNS: i64 = 2000;

/// The result of [`ReadOnlyStore::examine`].
#[derive(Debug)]
pub(crate) enum StoreCondition {
    Intact {
        sessions: u64,
    },
    /// Written by a newer amx.
    Newer {
        found: i64,
        known: i64,
    },
    /// Written by an older amx; migrated when it is next opened.
    Older,
    /// With the message of SQLite.
    Damaged(String),
}

/// The database, open for reading only.
pub(crate) struct ReadOnlyStore {
    connection: Connection,
    path: PathBuf,
}

impl ReadOnlyStore {
    /// Opens the file; `None` if it does not exist.
    ///
    /// # Errors
    /// When it is not a database, cannot be read, or is locked by another process.
    pub(crate) fn open(home: &Home) -> Result<Option<Self>, StoreError> {
        let path = home.database_file();
        if !path.exists() {
            return Ok(None);
        }
        check_files(&path)?;
        let connection = read_connection::open_without_trace(&path)
            .map_err(|source| StoreError::of(READING, &path, source))?;
        Ok(Some(Self { connection, path }))
    }

    /// For other files of the store.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Checks the version and the integrity of the file.
    pub(crate) fn examine(&self) -> Result<StoreCondition, StoreError> {
        check_owner(&self.connection, &self.path, version_known())?;
        self.examined()
            .map_err(|source| StoreError::of(READING, &self.path, source))
    }

    fn examined(&self) -> rusqlite::Result<StoreCondition> {
        let found: i64 = self
            .connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = version_known();
        if found > known {
            return Ok(StoreCondition::Newer { found, known });
        }
        let verdict: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Ok(StoreCondition::Damaged(verdict));
        }
        if found < known {
            return Ok(StoreCondition::Older);
        }
        let sessions: i64 =
            self.connection
                .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))?;
        Ok(StoreCondition::Intact {
            sessions: sessions.unsigned_abs(),
        })
    }

    /// Name or ID of the sessions last used, each with its title; empty when the file cannot be
    /// read.
    pub(crate) fn sessions(&self, most: usize) -> Vec<(String, String)> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let limit = i64::try_from(most).unwrap_or(i64::MAX);
            let mut statement = self.connection.prepare(
                "SELECT COALESCE(name, id), title FROM sessions ORDER BY updated_at DESC LIMIT ?",
            )?;
            statement
                .query_map([limit], |row| Ok((text(row, 0)?, row.get(1)?)))?
                .collect()
        };
        read().unwrap_or_default()
    }

    /// The models of recent turns; empty when the file cannot be read.
    pub(crate) fn models(&self) -> BTreeSet<String> {
        let sql = "SELECT requested_model FROM turns ORDER BY id DESC LIMIT ?";
        self.texts(sql, [RECENT_TURNS])
    }

    /// The model IDs of the cached catalogue of a server, or of every one; empty when the file
    /// cannot be read.
    pub(crate) fn catalogue(&self, server: Option<&str>) -> BTreeSet<String> {
        let sql = "SELECT m.id FROM models m JOIN catalogs c ON c.id = m.catalog WHERE \
            c.server = ?1 OR ?1 IS NULL";
        self.texts(sql, [server])
    }

    /// The texts of the first column.
    fn texts(&self, sql: &str, parameters: impl Params) -> BTreeSet<String> {
        let read = || -> rusqlite::Result<BTreeSet<String>> {
            self.connection
                .prepare(sql)?
                .query_map(parameters, |row| row.get(0))?
                .collect()
        };
        read().unwrap_or_default()
    }
}

/// A name is text, an ID is an integer.
fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    let value: rusqlite::types::Value = row.get(column)?;
    Ok(match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    })
}

/// Marks a file that was found to be damaged: the next command that opens it repairs it, or moves
/// it aside.
pub(crate) fn mark_damaged(home: &Home) {
    recovery::suspect(&home.database_file());
}

/// The damaged files that were moved aside, and whether the current file failed and will be checked
/// when it is next opened.
pub(crate) fn damaged_files(home: &Home) -> (Vec<PathBuf>, bool) {
    let path = home.database_file();
    let beginning = format!(
        "{}.corrupt",
        path.file_name().unwrap_or_default().to_string_lossy()
    );
    let entries = std::fs::read_dir(home.directory())
        .into_iter()
        .flatten()
        .flatten();
    let is_aside = |name: &str| {
        let is_companion = ["-wal", "-shm", "-journal"]
            .iter()
            .any(|end| name.ends_with(end));
        name.starts_with(&beginning) && !is_companion
    };
    let mut aside: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_aside))
        .map(|entry| entry.path())
        .collect();
    aside.sort();
    (aside, recovery::is_suspected(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{asked, names, store};
    use serde_json::Value;

    #[test]
    fn reading_changes_nothing_and_includes_the_journal() {
        let (_directory, home, mut store) = store();
        store
            .create_session(Some("plan B"), &Value::Null, &asked("first question"))
            .unwrap();
        store
            .create_session(None, &Value::Null, &asked("second question"))
            .unwrap();
        let seen = || {
            let before = names(&home);
            let store = ReadOnlyStore::open(&home).unwrap().unwrap();
            assert!(matches!(
                store.examine().unwrap(),
                StoreCondition::Intact { sessions: 2 }
            ));
            let sessions = store.sessions(10);
            assert_eq!(sessions[0], ("2".to_owned(), "second question".to_owned()));
            assert_eq!(sessions[1].0, "plan B");
            assert_eq!(store.models().len(), 1);
            drop(store);
            assert_eq!(names(&home), before);
        };
        // While another connection is open, and afterwards.
        seen();
        drop(store);
        seen();
    }

    #[test]
    fn the_ids_of_the_catalogues_are_read() {
        let (_directory, home, mut store) = store();
        for (server, id) in [("https://a.example/v1", "a/b"), ("http://b/v1", "plain")] {
            let models = [crate::catalog::Model {
                id: id.to_owned(),
                ..crate::catalog::Model::default()
            }];
            store
                .save_catalog(server, &models, std::time::UNIX_EPOCH)
                .unwrap();
        }
        let read = ReadOnlyStore::open(&home).unwrap().unwrap();
        let ids = |server| read.catalogue(server).into_iter().collect::<Vec<_>>();
        assert_eq!(ids(Some("http://b/v1")), ["plain"]);
        assert_eq!(ids(None), ["a/b", "plain"]);
        assert_eq!(ids(Some("http://c/v1")), Vec::<String>::new());
    }

    #[test]
    fn a_damaged_file_is_reported_and_unchanged() {
        let (_directory, home, store) = store();
        drop(store);
        let garbage = b"this is no database, and never was one\n".repeat(100);
        std::fs::write(home.database_file(), &garbage).unwrap();
        assert!(matches!(
            ReadOnlyStore::open(&home),
            Err(StoreError::Corrupt { .. })
        ));
        assert_eq!(std::fs::read(home.database_file()).unwrap(), garbage);
    }
}
