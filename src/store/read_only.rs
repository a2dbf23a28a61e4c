//! Looks into the file of conversations without changing anything and without waiting: for `doctor`
//! and for completion.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::database::version_known;
use super::error::StoreError;
use super::recovery;
use crate::config::Home;

const LOOKING: &str = "looking into the conversations";

/// Newest turns whose models are remembered.
const RECENT_TURNS: i64 = 2000;

/// What [`ReadOnlyStore::examine`] found.
#[derive(Debug)]
pub enum Condition {
    Whole {
        sessions: u64,
    },
    /// Of a later version of amx.
    Newer {
        found: i64,
        known: i64,
    },
    /// Of an earlier one; brought up to date when it is next opened.
    Older,
    /// In the words of SQLite.
    Damaged(String),
}

/// The file, for reading only.
pub struct ReadOnlyStore {
    connection: Connection,
    path: PathBuf,
}

impl ReadOnlyStore {
    /// Opens the file; `None` when there is none.
    ///
    /// # Errors
    /// When it is no database, cannot be read, or another process holds it.
    pub fn open(home: &Home) -> Result<Option<Self>, StoreError> {
        let path = home.database_file();
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let opened = Connection::open_with_flags(address(&path), flags)
            .map_err(|source| StoreError::of(LOOKING, &path, source))?;
        Ok(Some(Self {
            connection: opened,
            path,
        }))
    }

    /// Reads the whole file.
    pub fn examine(&self) -> Result<Condition, StoreError> {
        self.examined()
            .map_err(|source| StoreError::of(LOOKING, &self.path, source))
    }

    fn examined(&self) -> rusqlite::Result<Condition> {
        let found: i64 = self
            .connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = version_known();
        if found > known {
            return Ok(Condition::Newer { found, known });
        }
        let verdict: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Ok(Condition::Damaged(verdict));
        }
        if found < known {
            return Ok(Condition::Older);
        }
        let sessions: i64 =
            self.connection
                .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))?;
        Ok(Condition::Whole {
            sessions: sessions.unsigned_abs(),
        })
    }

    /// Name or number of the sessions last used, each with its title; none where the file does not
    /// answer.
    pub fn sessions(&self, most: usize) -> Vec<(String, String)> {
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

    /// The models that were asked lately; none where the file does not answer.
    pub fn models(&self) -> BTreeSet<String> {
        let read = || -> rusqlite::Result<BTreeSet<String>> {
            let mut statement = self
                .connection
                .prepare("SELECT requested_model FROM turns ORDER BY id DESC LIMIT ?")?;
            statement
                .query_map([RECENT_TURNS], |row| row.get(0))?
                .collect()
        };
        read().unwrap_or_default()
    }
}

/// A name is text and a number is not.
fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    let value: rusqlite::types::Value = row.get(column)?;
    Ok(match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    })
}

/// Where nobody writes there is no journal, and the file is read as it stands: opened in the usual
/// way, even a reader makes files beside it.
fn address(path: &Path) -> String {
    let [journal, ..] = recovery::files_of(path);
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            address.push(char::from(*byte));
        } else {
            address.push_str(&format!("%{byte:02x}"));
        }
    }
    if !journal.exists() {
        address.push_str("?immutable=1");
    }
    address
}

/// Damaged files that were moved aside, and whether the present one failed and waits to be
/// examined.
pub fn traces(home: &Home) -> (Vec<PathBuf>, bool) {
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
        name.starts_with(&beginning) && !name.ends_with("-wal") && !name.ends_with("-shm")
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
    use crate::store::samples::{asked, store};
    use serde_json::Value;

    fn names(home: &Home) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(home.directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn looking_changes_nothing_and_sees_what_is_not_in_the_file_yet() {
        let (_directory, home, mut store) = store();
        store
            .begin_session(Some("plan B"), &Value::Null, &asked("first question"))
            .unwrap();
        store
            .begin_session(None, &Value::Null, &asked("second question"))
            .unwrap();
        let seen = || {
            let before = names(&home);
            let glimpse = ReadOnlyStore::open(&home).unwrap().unwrap();
            assert!(matches!(
                glimpse.examine().unwrap(),
                Condition::Whole { sessions: 2 }
            ));
            let sessions = glimpse.sessions(10);
            assert_eq!(sessions[0], ("2".to_owned(), "second question".to_owned()));
            assert_eq!(sessions[1].0, "plan B");
            assert_eq!(glimpse.models().len(), 1);
            drop(glimpse);
            assert_eq!(names(&home), before);
        };
        // While another has it open, and after.
        seen();
        drop(store);
        seen();
    }

    #[test]
    fn a_damaged_file_is_told_and_left_alone() {
        let (_directory, home, store) = store();
        drop(store);
        let garbage = b"this is no database, and never was one\n".repeat(100);
        std::fs::write(home.database_file(), &garbage).unwrap();
        let glimpse = ReadOnlyStore::open(&home).unwrap().unwrap();
        assert!(matches!(glimpse.examine(), Err(StoreError::Corrupt { .. })));
        assert!(glimpse.sessions(5).is_empty() && glimpse.models().is_empty());
        assert_eq!(std::fs::read(home.database_file()).unwrap(), garbage);
    }
}
