//! The cached model catalogue of each server, and a reader that changes nothing and never fails.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OptionalExtension, params};

use super::database::Store;
use super::error::StoreError;
use super::private_file::check_files;
use super::{read_connection, rows};
use crate::catalog::{Model, resolve};
use crate::config::Home;

/// Longest wait for another process.
const LOCK_TIMEOUT: Duration = Duration::from_millis(250);

/// The condition that a slug names the model, which is no variant; a row that is not JSON has none.
const SLUG_IS: &str =
    "iif(json_valid(m.facts), m.facts ->> 'canonical_slug', NULL) = ? AND m.id NOT LIKE '%:%'";

/// The models of a server, and when they were fetched.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CachedCatalog {
    /// Sorted by id.
    pub models: Vec<Model>,
    pub synced: SystemTime,
}

impl Store {
    /// Replaces the cached catalogue of a server. `server` is its base URL. Only rows that differ
    /// are written: most of a list is the same from one day to the next.
    pub fn save_catalog(
        &mut self,
        server: &str,
        models: &[Model],
        synced: SystemTime,
    ) -> Result<(), StoreError> {
        self.write("saving the model catalogue", |transaction| {
            let catalog: i64 = transaction.query_row(
                "INSERT INTO catalogs (server, synced_at) VALUES (?, ?)
                 ON CONFLICT (server) DO UPDATE SET synced_at = excluded.synced_at RETURNING id",
                params![server, rows::nanoseconds(synced)],
                |row| row.get(0),
            )?;
            delete_others(transaction, catalog, models)?;
            let mut insert = transaction.prepare(
                "INSERT INTO models (catalog, id, facts) VALUES (?, ?, ?)
                 ON CONFLICT (catalog, id) DO UPDATE SET facts = excluded.facts
                 WHERE facts != excluded.facts",
            )?;
            for model in models {
                // A struct of strings and numbers always serialises.
                let facts = serde_json::to_string(model).unwrap_or_default();
                insert.execute(params![catalog, model.id, facts])?;
            }
            Ok(())
        })
    }
}

/// Deletes the rows of a catalogue that are not in a list.
fn delete_others(connection: &Connection, catalog: i64, models: &[Model]) -> rusqlite::Result<()> {
    let listed: HashSet<&str> = models.iter().map(|model| model.id.as_str()).collect();
    let mut present = connection.prepare("SELECT id FROM models WHERE catalog = ?")?;
    let present: Vec<String> = present
        .query_map([catalog], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut delete = connection.prepare("DELETE FROM models WHERE catalog = ? AND id = ?")?;
    for id in present.iter().filter(|id| !listed.contains(id.as_str())) {
        delete.execute(params![catalog, id])?;
    }
    Ok(())
}

/// Reads the cached catalogues. It never creates, changes or repairs the file; a file that is
/// missing, damaged, locked or of another version counts as empty.
pub(crate) struct CatalogReader {
    connection: Connection,
}

impl CatalogReader {
    /// `None` when there is no readable file.
    pub(crate) fn open(home: &Home) -> Option<Self> {
        let path = home.database_file();
        if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            return None;
        }
        check_files(&path).ok()?;
        let connection = read_connection::open(&path, LOCK_TIMEOUT).ok()?;
        Some(Self { connection })
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// All models of a server.
    pub(crate) fn catalog(&self, server: &str) -> Option<CachedCatalog> {
        let (id, synced): (i64, i64) = self
            .connection
            .query_row(
                "SELECT id, synced_at FROM catalogs WHERE server = ?",
                [server],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .ok()?;
        let mut statement = self
            .connection
            .prepare("SELECT facts FROM models WHERE catalog = ? ORDER BY id")
            .ok()?;
        let mut found = statement.query([id]).ok()?;
        let mut models = Vec::new();
        while let Some(row) = found.next().ok()? {
            // A row written by another version of amx is skipped.
            models.extend(
                row.get_ref(0)
                    .ok()
                    .and_then(|facts| serde_json::from_str(facts.as_str().ok()?).ok()),
            );
        }
        Some(CachedCatalog {
            models,
            synced: rows::time(synced),
        })
    }

    /// The model with this ID and `true`, else the one that the ID is a variant of and `false`.
    pub(crate) fn model(&self, server: &str, id: &str) -> Option<(Model, bool)> {
        resolve(
            id,
            |id| self.model_where("m.id = ?", server, id),
            |slug| self.model_where(SLUG_IS, server, slug),
        )
    }

    fn model_where(&self, condition: &str, server: &str, id: &str) -> Option<Model> {
        let sql = &format!(
            "SELECT m.facts FROM models m JOIN catalogs c ON c.id = m.catalog WHERE c.server = ? \
            AND {condition}"
        );
        let facts: Option<String> = self
            .connection
            .query_row(sql, [server, id], |row| row.get(0))
            .optional()
            .ok()?;
        serde_json::from_str(&facts?).ok()
    }

    /// The sorted model IDs of a server; empty without a cached catalogue.
    pub(crate) fn ids(&self, server: &str) -> Vec<String> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let sql = "SELECT m.id FROM models m JOIN catalogs c ON c.id = m.catalog WHERE \
                c.server = ? ORDER BY m.id";
            self.connection
                .prepare(sql)?
                .query_map([server], |row| row.get(0))?
                .collect()
        };
        read().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Price, TokenRates, WordList};
    use crate::chat::reasoning::Effort;
    use crate::chat::route::{Efforts, ReasoningFacts};
    use crate::store::samples::store;
    use std::time::UNIX_EPOCH;

    const SERVER: &str = "https://openrouter.ai/api/v1";

    fn full(id: &str) -> Model {
        Model {
            id: id.to_owned(),
            name: Some("Näme".to_owned()),
            description: Some("Small and quick.".to_owned()),
            canonical_slug: Some("a/slug".to_owned()),
            created: Some(7),
            context: Some(8192),
            max_completion_tokens: Some(4096),
            price: Price::Tokens(TokenRates {
                input: 0.25,
                output: 2.0,
                has_more: false,
                tiers: Vec::new(),
            }),
            input: WordList::of(["text", "image"]),
            output: WordList::of(["text"]),
            parameters: WordList::of(["tools"]),
            reasoning: Some(ReasoningFacts {
                mandatory: true,
                efforts: Efforts::Listed(vec![Effort::High]),
                ..ReasoningFacts::default()
            }),
            expires: Some("2027-01-01".to_owned()),
        }
    }

    #[test]
    fn only_rows_that_differ_are_written() {
        let (_directory, home, mut store) = store();
        let mut models: Vec<Model> = ["a/a", "a/b", "a/c"].map(full).to_vec();
        let mut written = |models: &[Model], synced| {
            let count = |store: &Store| -> i64 {
                let query = |connection: &Connection| {
                    connection.query_row("SELECT total_changes()", [], |row| row.get(0))
                };
                store.read("testing", |it| Ok(query(it)?)).unwrap()
            };
            let before = count(&store);
            store.save_catalog(SERVER, models, synced).unwrap();
            count(&store) - before
        };
        assert_eq!(written(&models, UNIX_EPOCH), 4);
        let synced = UNIX_EPOCH + Duration::from_secs(7);
        assert_eq!(written(&models, synced), 1, "the time alone");
        models[1].context = Some(9);
        models.remove(2);
        models.push(full("a/d"));
        assert_eq!(
            written(&models, synced),
            4,
            "one changed, one gone, one new"
        );
        let kept = CatalogReader::open(&home).unwrap().catalog(SERVER).unwrap();
        assert_eq!(kept, CachedCatalog { models, synced });
    }

    #[test]
    fn a_catalogue_is_read_back_unchanged_and_replaced_as_a_whole() {
        let (_directory, home, mut store) = store();
        let synced = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let bare = Model {
            id: "z/bare".to_owned(),
            price: Price::Varies,
            ..Model::default()
        };
        let models = vec![full("a/b"), bare];
        store.save_catalog(SERVER, &models, UNIX_EPOCH).unwrap();
        store
            .save_catalog("http://127.0.0.1:8080/v1", &[full("other")], synced)
            .unwrap();
        store.save_catalog(SERVER, &models, synced).unwrap();
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(
            reader.catalog(SERVER).unwrap(),
            CachedCatalog { models, synced }
        );
        assert_eq!(reader.ids(SERVER), ["a/b", "z/bare"]);
        assert_eq!(reader.catalog("https://elsewhere.example"), None);
        store.save_catalog(SERVER, &[full("a/b")], synced).unwrap();
        assert_eq!(
            (
                reader.ids(SERVER).len(),
                reader.ids("http://127.0.0.1:8080/v1").len()
            ),
            (1, 1)
        );
    }

    #[test]
    fn a_model_is_found_by_its_id_or_without_its_variant() {
        let (_directory, home, mut store) = store();
        store
            .save_catalog(SERVER, &[full("a/a:free"), full("a/b")], UNIX_EPOCH)
            .unwrap();
        drop(store);
        // The last process to close the file deletes the journal; the file is readable without it.
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(reader.model(SERVER, "a/b"), Some((full("a/b"), true)));
        assert_eq!(reader.model(SERVER, "a/slug"), Some((full("a/b"), true)));
        assert_eq!(
            reader.model(SERVER, "a/slug@preset/x"),
            Some((full("a/b"), false))
        );
        assert_eq!(
            reader.model(SERVER, "a/b:nitro"),
            Some((full("a/b"), false))
        );
        assert_eq!(
            [reader.model(SERVER, "a/c"), reader.model("x", "a/b")],
            [None, None]
        );
    }

    #[test]
    fn an_unreadable_file_counts_as_empty_and_stays_unchanged() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        assert!(CatalogReader::open(&home).is_none());
        let garbage = b"this is no database\n".repeat(300);
        std::fs::write(home.database_file(), &garbage).unwrap();
        let read = CatalogReader::open(&home).map(|reader| {
            (
                reader.catalog(SERVER),
                reader.model(SERVER, "a/b"),
                reader.ids(SERVER),
            )
        });
        assert!(read.is_none_or(|read| read == (None, None, Vec::new())));
        assert_eq!(std::fs::read(home.database_file()).unwrap(), garbage);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_older_than_the_catalogue_is_read_and_then_migrated() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let old = Connection::open(home.database_file()).unwrap();
        old.execute_batch(include_str!("schema.sql")).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        drop(old);
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(
            (reader.catalog(SERVER), reader.model(SERVER, "a/b")),
            (None, None)
        );
        Store::open(&home)
            .unwrap()
            .save_catalog(SERVER, &[full("a/b")], UNIX_EPOCH)
            .unwrap();
        assert_eq!(CatalogReader::open(&home).unwrap().ids(SERVER), ["a/b"]);
    }
}
