//! The lists of servers from earlier runs, so that a question starts no server.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::declaration::ToolDeclaration;
use super::revision::Revision;
use super::session::ToolList;
use super::target::identity;
use crate::config::Home;
use crate::config::mcp_server::McpServer;
use crate::store::{CatalogReader, FailedServer, ListedServer, Store};
use crate::wire::redact::stored;

/// What is kept of a server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptList {
    pub revision: Revision,
    pub listed: SystemTime,
    pub tools: Vec<ToolDeclaration>,
}

/// Reads and writes lists: in the store, where there is one, and in memory.
#[derive(Debug, Default)]
pub(super) struct KeptLists {
    home: Option<Home>,
    memory: Mutex<HashMap<String, KeptList>>,
    /// The servers whose failure is stored: the next list clears it, also when it is the same.
    failed: Mutex<HashSet<String>>,
}

impl KeptLists {
    pub(super) fn new(home: Option<Home>) -> Self {
        Self {
            home,
            memory: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, HashMap<String, KeptList>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> MutexGuard<'_, HashSet<String>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> Option<CatalogReader> {
        CatalogReader::open(self.home.as_ref()?)
    }

    /// The lists of servers, by identity.
    pub(super) fn lists(&self, identities: &[String]) -> Vec<Option<KeptList>> {
        let known: Vec<_> = {
            let memory = self.memory();
            let list = |identity| memory.get(identity).cloned();
            identities.iter().map(list).collect()
        };
        if known.iter().all(Option::is_some) {
            return known;
        }
        let reader = self.reader();
        let read = |(identity, known): (&String, Option<KeptList>)| {
            known.or_else(|| decoded(reader.as_ref()?.listed_server(identity)?))
        };
        identities.iter().zip(known).map(read).collect()
    }

    /// Keeps a list. What cannot be saved is kept for this process.
    pub(super) fn keep(&self, identity: &str, revision: Revision, list: &ToolList) {
        let kept = KeptList {
            revision,
            listed: SystemTime::now(),
            tools: list.tools.clone(),
        };
        let is_new = {
            let before = self.memory().insert(identity.to_owned(), kept.clone());
            before.is_none_or(|before| before.tools != kept.tools || before.revision != revision)
        };
        let has_failed = self.failed().remove(identity);
        if !is_new && !has_failed {
            return;
        }
        let row = ListedServer {
            revision: revision.name.to_owned(),
            listed: kept.listed,
            declarations: kept.tools.iter().filter_map(encoded).collect(),
        };
        self.save(|store| store.save_listed_server(identity, &row));
    }

    /// Notes why a server did not start; its list stays.
    pub(super) fn fail(&self, identity: &str, why: &str) {
        self.failed().insert(identity.to_owned());
        let failed = FailedServer {
            why: stored(why).into_owned(),
            at: SystemTime::now(),
        };
        self.save(|store| store.save_failed_server(identity, &failed));
    }

    /// Why a server did not start when it was last needed; `None` when it did.
    pub(super) fn failure(&self, identity: &str) -> Option<FailedServer> {
        self.reader()?.failed_server(identity)
    }

    fn save(&self, work: impl FnOnce(&mut Store) -> Result<(), crate::store::StoreError>) {
        let Some(home) = &self.home else { return };
        if let Err(error) = Store::open(home).and_then(|mut store| work(&mut store)) {
            tracing::debug!(%error, "the tools of a server were not saved");
        }
    }
}

fn encoded(tool: &ToolDeclaration) -> Option<String> {
    serde_json::to_string(tool).ok()
}

/// Why a server did not start when it was last needed; `None` when it did.
pub(crate) fn last_failure(home: &Home, server: &McpServer) -> Option<FailedServer> {
    KeptLists::new(Some(home.clone())).failure(&identity(server).key)
}

/// `None` when another version of amx wrote it.
fn decoded(row: ListedServer) -> Option<KeptList> {
    let tools = row.declarations.iter();
    Some(KeptList {
        revision: Revision::named(&row.revision)?,
        listed: row.listed,
        tools: tools
            .map(|tool| serde_json::from_str(tool).ok())
            .collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::revision::NEWEST;
    use serde_json::json;

    fn tool(description: &str) -> ToolDeclaration {
        ToolDeclaration {
            name: "echo".to_owned(),
            description: Some(description.to_owned()),
            parameters: json!({"type": "object"}),
            annotations: None,
        }
    }

    fn list(description: &str) -> ToolList {
        ToolList {
            tools: vec![tool(description)],
            left_out: Vec::new(),
        }
    }

    #[test]
    fn lists_outlive_the_process_where_there_is_a_home() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path().join("amx"));
        let first = KeptLists::new(Some(home.clone()));
        let ids = ["a".to_owned(), "b".to_owned()];
        assert_eq!(first.lists(&ids), [None, None]);
        first.keep("a", NEWEST, &list("one"));
        for kept in [&first, &KeptLists::new(Some(home))] {
            let lists = kept.lists(&ids);
            assert_eq!(lists[0].as_ref().unwrap().tools, [tool("one")]);
            assert_eq!(lists[0].as_ref().unwrap().revision, NEWEST);
            assert_eq!(lists[1], None);
        }
    }

    #[test]
    fn a_start_that_succeeds_clears_the_failure() {
        let directory = tempfile::TempDir::new().unwrap();
        let kept = KeptLists::new(Some(Home::at(directory.path().join("amx"))));
        for _ in 0..2 {
            kept.keep("a", NEWEST, &list("one"));
            assert_eq!(kept.failure("a"), None);
            kept.fail("a", "it ended");
            assert!(kept.failure("a").is_some());
        }
    }

    #[test]
    fn lists_are_kept_in_memory_without_a_home() {
        let kept = KeptLists::new(None);
        kept.keep("a", NEWEST, &list("one"));
        assert_eq!(
            kept.lists(&["a".to_owned()])[0].as_ref().unwrap().tools,
            [tool("one")]
        );
    }
}
