//! The lists of models that are kept, and a way to read them that changes nothing and never fails.

use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::database::Store;
use super::error::StoreError;
use super::rows;
use crate::catalog::{Model, bases};
use crate::config::Home;

/// Longest wait for another process.
const PATIENCE: Duration = Duration::from_millis(250);

/// A list of models, and when the server gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptCatalog {
    /// Sorted by id.
    pub models: Vec<Model>,
    pub synced: SystemTime,
}

impl Store {
    /// Takes the list in the place of the one that the same server gave before. `server` is its
    /// base URL.
    pub fn keep_catalog(
        &mut self,
        server: &str,
        models: &[Model],
        synced: SystemTime,
    ) -> Result<(), StoreError> {
        self.write("keeping the list of models", |transaction| {
            transaction.execute("DELETE FROM catalogs WHERE server = ?", [server])?;
            transaction.execute(
                "INSERT INTO catalogs (server, synced_at) VALUES (?, ?)",
                params![server, rows::nanoseconds(synced)],
            )?;
            let catalog = transaction.last_insert_rowid();
            let mut insert = transaction
                .prepare("INSERT OR REPLACE INTO models (catalog, id, facts) VALUES (?, ?, ?)")?;
            for model in models {
                // A struct of texts and numbers is always JSON.
                let facts = serde_json::to_string(model).unwrap_or_default();
                insert.execute(params![catalog, model.id, facts])?;
            }
            Ok(())
        })
    }
}

/// Reads the lists that are kept. It opens the file without making, changing or repairing it, so a
/// file that is missing, damaged, locked or of another version is as good as an empty one.
pub struct CatalogReader {
    connection: Connection,
}

impl CatalogReader {
    /// `None` when there is nothing to read.
    pub fn open(home: &Home) -> Option<Self> {
        let path = home.database_file();
        if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            return None;
        }
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .ok()?;
        connection.busy_timeout(PATIENCE).ok()?;
        Some(Self { connection })
    }

    /// The whole list of a server.
    pub fn catalog(&self, server: &str) -> Option<KeptCatalog> {
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
            // A row of another version of this program is passed over.
            models.extend(
                row.get_ref(0)
                    .ok()
                    .and_then(|facts| serde_json::from_str(facts.as_str().ok()?).ok()),
            );
        }
        Some(KeptCatalog {
            models,
            synced: rows::time(synced),
        })
    }

    /// One model, and whether it has that very id; else the one that the id is a variant of.
    pub fn model(&self, server: &str, id: &str) -> Option<(Model, bool)> {
        let exact = self.exact(server, id).map(|model| (model, true));
        exact.or_else(|| {
            bases(id)
                .find_map(|base| self.exact(server, base))
                .map(|model| (model, false))
        })
    }

    fn exact(&self, server: &str, id: &str) -> Option<Model> {
        let sql = "SELECT m.facts FROM models m JOIN catalogs c ON c.id = m.catalog WHERE c.server \
            = ? AND m.id = ?";
        let facts: Option<String> = self
            .connection
            .query_row(sql, [server, id], |row| row.get(0))
            .optional()
            .ok()?;
        serde_json::from_str(&facts?).ok()
    }

    /// The ids of a server's list, sorted; none when it is not kept.
    pub fn ids(&self, server: &str) -> Vec<String> {
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
    use crate::catalog::{Price, Rates, Words};
    use crate::chat::reasoning::Effort;
    use crate::chat::route::{Efforts, ReasoningFacts};
    use crate::store::samples::store;
    use std::time::UNIX_EPOCH;

    const SERVER: &str = "https://openrouter.ai/api/v1";

    fn full(id: &str) -> Model {
        Model {
            id: id.to_owned(),
            name: Some("Näme".to_owned()),
            canonical_slug: Some("a/slug".to_owned()),
            created: Some(7),
            context: Some(8192),
            max_completion_tokens: Some(4096),
            price: Price::Tokens(Rates {
                input: 0.25,
                output: 2.0,
                has_more: false,
                tiers: Vec::new(),
            }),
            input: Words::of(["text", "image"]),
            output: Words::of(["text"]),
            parameters: Words::of(["tools"]),
            reasoning: Some(ReasoningFacts {
                mandatory: true,
                efforts: Efforts::Listed(vec![Effort::High]),
                ..ReasoningFacts::default()
            }),
            expires: Some("2027-01-01".to_owned()),
        }
    }

    #[test]
    fn a_list_comes_back_as_it_was_given_and_is_replaced_as_a_whole() {
        let (_directory, home, mut store) = store();
        let synced = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let bare = Model {
            id: "z/bare".to_owned(),
            price: Price::Varies,
            ..Model::default()
        };
        let models = vec![full("a/b"), bare];
        store.keep_catalog(SERVER, &models, UNIX_EPOCH).unwrap();
        store
            .keep_catalog("http://127.0.0.1:8080/v1", &[full("other")], synced)
            .unwrap();
        store.keep_catalog(SERVER, &models, synced).unwrap();
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(
            reader.catalog(SERVER).unwrap(),
            KeptCatalog { models, synced }
        );
        assert_eq!(reader.ids(SERVER), ["a/b", "z/bare"]);
        assert_eq!(reader.catalog("https://elsewhere.example"), None);
        store.keep_catalog(SERVER, &[full("a/b")], synced).unwrap();
        assert_eq!(
            (
                reader.ids(SERVER).len(),
                reader.ids("http://127.0.0.1:8080/v1").len()
            ),
            (1, 1)
        );
    }

    #[test]
    fn one_model_is_found_by_its_id_or_without_its_variant() {
        let (_directory, home, mut store) = store();
        store
            .keep_catalog(SERVER, &[full("a/b")], UNIX_EPOCH)
            .unwrap();
        drop(store);
        // Whoever closes the file last takes the journal away; it must be readable without.
        let reader = CatalogReader::open(&home).unwrap();
        assert_eq!(reader.model(SERVER, "a/b"), Some((full("a/b"), true)));
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
    fn what_cannot_be_read_is_as_good_as_nothing_and_stays_as_it_is() {
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
    fn a_file_of_before_the_catalogue_is_read_and_then_brought_further() {
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
            .keep_catalog(SERVER, &[full("a/b")], UNIX_EPOCH)
            .unwrap();
        assert_eq!(CatalogReader::open(&home).unwrap().ids(SERVER), ["a/b"]);
    }
}
