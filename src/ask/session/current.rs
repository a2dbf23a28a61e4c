//! The current branch of a session: in memory, and in the store unless nothing is saved.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::turn::{SessionStorage, SessionTurn};
use crate::ask::damaged_store::damaged_store;
use crate::chat::cost::{Cost, Spent};
use crate::chat::tool::ToolStep;
use crate::chat::turn::Turn;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{Fork, SessionId, SessionSummary, Store, StoreError, StoredTurn, TurnId};

/// The field of the key in the stored settings.
const KEY: &str = "session_key";

/// The current branch of one conversation, and its store. When the store fails, the turns stay in
/// memory and are stored with the next successful write.
pub(crate) struct Session {
    pub(super) storage: SessionStorage,
    pub(super) store: Option<Store>,
    pub(super) id: Option<SessionId>,
    /// The name of the conversation, stored with its first turn.
    pub name: Option<String>,
    /// The turns of the current branch, oldest first.
    pub path: Vec<SessionTurn>,
    /// The settings of the conversation, for when it is resumed.
    pub(super) settings: Value,
    /// The cost of the turns on other branches.
    pub(super) other_spent: Spent,
    /// Why the newest turns are not stored.
    pub(super) store_error: Option<StoreError>,
    /// Where a damaged store was moved to.
    pub(super) moved_aside: Option<PathBuf>,
    /// The newest turn of the session that was read or written here.
    pub(super) seen: Option<TurnId>,
    /// The name of the current branch.
    pub(super) branch: Option<String>,
    /// What providers group its requests by, once that is needed.
    pub(super) key: OnceCell<String>,
    /// The branch that began because another process continued the session; not reported yet.
    pub(super) fork: Option<Fork>,
}

impl Session {
    /// A new session. Opens the store when the first turn is stored.
    pub(crate) fn new(storage: SessionStorage, name: Option<String>) -> Self {
        Self {
            storage,
            store: None,
            id: None,
            name,
            path: Vec::new(),
            settings: Value::Null,
            other_spent: Spent::default(),
            store_error: None,
            moved_aside: None,
            seen: None,
            branch: None,
            key: OnceCell::new(),
            fork: None,
        }
    }

    /// Resumes a stored conversation. With [`SessionStorage::Memory`] the turns are copied, and the
    /// store is not changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn resume(
        storage: SessionStorage,
        from: Store,
        found: &SessionSummary,
    ) -> Result<Self, StoreError> {
        let mut session = Self::new(storage, found.name.clone());
        session.load(from, found.id)?;
        Ok(session)
    }

    fn load(&mut self, from: Store, session: SessionId) -> Result<(), StoreError> {
        self.settings = from.settings(session)?;
        if let Some(key) = self.settings[KEY].as_str() {
            self.key = OnceCell::from(key.to_owned());
        }
        self.read_path(&from, session)?;
        if self.is_saved() {
            (self.store, self.id) = (Some(from), Some(session));
        } else {
            self.clear_ids();
            self.try_sync()?;
        }
        Ok(())
    }

    pub(super) fn read_path(&mut self, from: &Store, session: SessionId) -> Result<(), StoreError> {
        let turn = |stored: StoredTurn| SessionTurn {
            id: Some(stored.id),
            is_stored: true,
            turn: stored.turn,
            summary: stored.summary,
        };
        self.path = from.path(session)?.into_iter().map(turn).collect();
        let costs = from.costs(session)?;
        self.seen = costs.iter().map(|(id, _)| *id).max();
        let mut branches = from.branches(session)?.into_iter();
        let current = branches.find(|branch| branch.is_current);
        self.branch = current.and_then(|branch| branch.label);
        self.other_spent = self.beside_branch(costs);
        Ok(())
    }

    /// The sum of the turns that are not on the current branch.
    fn beside_branch(&self, costs: Vec<(TurnId, Cost)>) -> Spent {
        let own: BTreeSet<TurnId> = self.path.iter().filter_map(|turn| turn.id).collect();
        let others = costs.into_iter().filter(|(id, _)| !own.contains(id));
        others.fold(Spent::default(), |spent, (_, cost)| spent.plus(cost))
    }

    /// Marks every turn as not stored, so that the next write stores all of them in a new session.
    pub(super) fn clear_ids(&mut self) {
        self.id = None;
        for turn in &mut self.path {
            (turn.id, turn.is_stored) = (None, false);
        }
    }

    /// Whether the conversation is saved beyond this run.
    pub(crate) fn is_saved(&self) -> bool {
        matches!(self.storage, SessionStorage::Home(_))
    }

    /// The name of the conversation, else its number; `None` until its first turn is saved.
    pub(crate) fn label(&self) -> Option<String> {
        let session = self.id.filter(|_| self.is_saved())?;
        Some(self.name.clone().unwrap_or_else(|| session.to_string()))
    }

    /// The ID of the saved session; `None` until its first turn is saved.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.id.filter(|_| self.is_saved())
    }

    /// The session and ID of the last turn, if it is saved.
    pub(crate) fn last_place(&self) -> Option<(SessionId, TurnId)> {
        self.session()
            .zip(self.path.last().and_then(SessionTurn::id))
    }

    /// The cost of the whole conversation, all branches included, and the turns of other processes.
    pub(crate) fn spent(&self) -> Spent {
        let costs = self.id.zip(self.store.as_ref());
        let costs = costs.and_then(|(session, store)| store.costs(session).ok());
        let others = costs.map_or(self.other_spent, |costs| self.beside_branch(costs));
        self.path
            .iter()
            .map(|stored| &stored.turn)
            .filter(|turn| turn.may_have_cost())
            .fold(others, |spent, turn| spent.plus(turn.cost))
    }

    /// Adds and stores a turn: a question that is about to be sent, so that it is not lost, or one
    /// with its answer.
    pub(crate) fn add(&mut self, turn: Turn) {
        self.path.push(SessionTurn {
            id: None,
            is_stored: false,
            turn,
            summary: None,
        });
        self.sync();
    }

    /// Stores the answer so far. Skipped while another process writes, so that it does not delay
    /// the answer.
    pub(crate) fn checkpoint(&mut self, text: &str, reasoning: &str) {
        let id = self.path.last().and_then(SessionTurn::id);
        if let (Some(id), Some(store)) = (id, &mut self.store)
            && let Err(error) = store.checkpoint(id, text, reasoning)
        {
            self.fail(error);
        }
    }

    /// Stores the steps of the answer so far, as [`checkpoint`](Self::checkpoint) its text.
    pub(crate) fn checkpoint_steps(&mut self, steps: &[ToolStep]) {
        let id = self.path.last().and_then(SessionTurn::id);
        if let (Some(id), Some(store)) = (id, &mut self.store)
            && let Err(error) = store.save_steps(id, steps)
        {
            self.fail(error);
        }
    }

    /// Stores the last turn with its answer, complete or not.
    pub(crate) fn finish(&mut self, turn: Turn) {
        if let Some(last) = self.path.last_mut() {
            (last.turn, last.is_stored) = (turn, false);
        }
        self.sync();
    }

    /// Stores the turns that are not stored yet, oldest first. An error is kept for later.
    fn sync(&mut self) {
        match self.try_sync() {
            Ok(()) => self.store_error = None,
            Err(error) => self.fail(error),
        }
    }

    /// Stores the turns that are not stored yet, oldest first.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn try_sync(&mut self) -> Result<(), StoreError> {
        match self.write_unstored() {
            // The conversation or the whole file was deleted: the turns go to a new session.
            Err(StoreError::NoSession(_) | StoreError::NoTurn(_)) => self.clear_ids(),
            Err(StoreError::Replaced { .. }) => {
                self.store = None;
                self.clear_ids();
            }
            // Another process created a session of this name meanwhile: the turns become another
            // branch of it.
            Err(StoreError::NameTaken { name }) if self.id.is_none() => {
                let found = self
                    .store
                    .as_ref()
                    .map(|store| store.find(&name))
                    .transpose()?
                    .flatten();
                self.id = found.map(|found| found.id);
                // Whatever is in that session is not from here.
                self.seen = Some(TurnId(0));
            }
            other => return other,
        }
        self.write_unstored()
    }

    fn write_unstored(&mut self) -> Result<(), StoreError> {
        self.open()?;
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let mut parent = None;
        for stored in &mut self.path {
            match (stored.id, self.id) {
                (Some(_), _) if stored.is_stored => {}
                (Some(id), _) => store.finish_turn(id, &stored.turn)?,
                (None, Some(session)) => {
                    let started =
                        store.start_turn_beside(session, parent, self.seen, &stored.turn)?;
                    stored.id = Some(started.0);
                    self.seen = self.seen.max(stored.id);
                    if let Some(fork) = started.1 {
                        self.branch = Some(fork.name.clone());
                        self.fork = Some(fork);
                    }
                }
                (None, None) => {
                    let (session, id) =
                        store.create_session(self.name.as_deref(), &self.settings, &stored.turn)?;
                    (self.id, stored.id) = (Some(session), Some(id));
                    self.seen = Some(id);
                }
            }
            if !stored.is_stored
                && let (Some(id), Some(summary)) = (stored.id, &stored.summary)
            {
                store.summarise(id, summary)?;
            }
            (stored.is_stored, parent) = (true, stored.id);
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            let store = match &self.storage {
                SessionStorage::Home(home) => Store::open(home)?,
                SessionStorage::Memory => Store::in_memory()?,
            };
            self.moved_aside = store.moved_aside().map(std::path::Path::to_path_buf);
            self.store = Some(store);
        }
        Ok(())
    }

    fn fail(&mut self, error: StoreError) {
        tracing::debug!(%error, "the turn could not be stored");
        self.store_error = Some(error);
    }

    /// Why the newest turns are not stored.
    pub(crate) fn store_error(&self) -> Option<&StoreError> {
        self.store_error.as_ref()
    }

    /// The error of turns that could not be stored; returned once.
    pub(crate) fn take_store_error(&mut self) -> Option<CommandError> {
        let mut error = CommandError::from(self.store_error.take()?);
        error.message = format!("the answer could not be saved: {}", error.message);
        error.kind = ErrorKind::LocalIo;
        Some(error)
    }

    /// The warning about turns that could not be stored yet, for a conversation that continues.
    pub(crate) fn store_warning(&self) -> Option<String> {
        let error = self.store_error.as_ref()?;
        Some(format!(
            "the turn could not be saved: {error}; retrying with the next turn"
        ))
    }

    /// What happened to the store: a damaged one was replaced, another process continued the
    /// session. Each is returned once.
    pub(crate) fn take_remarks(&mut self) -> Vec<Remark> {
        let damaged = self.moved_aside.take().map(|path| damaged_store(&path));
        let fork = self.fork.take().filter(|_| self.is_saved()).map(|fork| {
            Remark::Note(format!(
                "another process continued this conversation (branch '{}'); this is now branch \
                '{}'",
                fork.other, fork.name
            ))
        });
        damaged.into_iter().chain(fork).collect()
    }

    /// The name of the current branch.
    pub(crate) fn branch(&self) -> Option<&str> {
        self.branch.as_deref().filter(|_| self.is_saved())
    }

    /// The number of turns that are only in memory.
    pub(crate) fn unstored(&self) -> usize {
        self.path.iter().filter(|turn| !turn.is_stored).count()
    }

    /// Stores the turns that are only in memory.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(crate) fn flush(&mut self) -> Result<(), StoreError> {
        if self.unstored() > 0 {
            self.try_sync()
        } else {
            Ok(())
        }
    }

    /// Renames the conversation.
    pub(crate) fn rename(&mut self, name: &str) -> Result<(), StoreError> {
        if let (Some(store), Some(session)) = (&mut self.store, self.id) {
            store.rename(session, Some(name))?;
        }
        self.name = Some(name.to_owned());
        Ok(())
    }

    /// Records that the conversation was used now, so that `-c` continues it.
    pub(crate) fn mark_used(&mut self) {
        if let (Some(store), Some(session)) = (&mut self.store, self.id)
            && let Err(error) = store.mark_used(session)
        {
            // Of a store that nobody may write, or a session that was deleted.
            tracing::debug!(%error, "the time of use could not be saved");
        }
    }

    /// Stores the settings of the conversation, for when it is resumed.
    pub(crate) fn save_settings(&mut self, mut settings: Value) {
        if let Some(key) = self.key.get() {
            settings[KEY] = Value::from(key.as_str());
        }
        if self.settings == settings {
            return;
        }
        self.settings = settings;
        if let (Some(store), Some(session)) = (&mut self.store, self.id)
            && let Err(error) = store.set_settings(session, &self.settings)
        {
            self.fail(error);
        }
    }

    /// The store and the stored session; `None` until its first turn is stored.
    pub(crate) fn stored(&self) -> Result<Option<(&Store, SessionSummary)>, StoreError> {
        let (Some(store), Some(session)) = (&self.store, self.id) else {
            return Ok(None);
        };
        Ok(store
            .find(&session.to_string())?
            .map(|found| (store, found)))
    }
}
