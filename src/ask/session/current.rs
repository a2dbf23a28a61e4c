//! Keeps the turns of a conversation: in memory, and in the store unless it is told otherwise.

use std::path::PathBuf;

use serde_json::Value;

use super::turn::{SessionPlace, SessionTurn};
use crate::chat::cost::Spent;
use crate::chat::turn::Turn;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{SessionId, SessionSummary, Store, StoreError, StoredTurn, TurnId};

/// The current branch of one conversation, and the store behind it. A store that fails loses
/// nothing of what was said: the turns stay here, and are stored when it works again.
pub struct Session {
    pub(super) place: SessionPlace,
    pub(super) store: Option<Store>,
    pub(super) id: Option<SessionId>,
    /// The name it has, or will have.
    pub name: Option<String>,
    pub path: Vec<SessionTurn>,
    /// How the conversation is set up, for when it is gone on with.
    pub(super) settings: Value,
    /// What was spent on other branches, and before this run.
    pub(super) elsewhere: Spent,
    pub(super) trouble: Option<StoreError>,
    pub(super) moved_aside: Option<PathBuf>,
}

impl Session {
    /// Nothing is opened before there is something to store.
    pub fn new(place: SessionPlace, name: Option<String>) -> Self {
        Self {
            place,
            store: None,
            id: None,
            name,
            path: Vec::new(),
            settings: Value::Null,
            elsewhere: Spent::default(),
            trouble: None,
            moved_aside: None,
        }
    }

    /// Resumes a stored conversation. Without a place to
    /// store them, the turns are read and the store is left as it is.
    pub fn resume(
        place: SessionPlace,
        from: Store,
        found: &SessionSummary,
    ) -> Result<Self, StoreError> {
        let mut session = Self::new(place, found.name.clone());
        session.load(from, found.id)?;
        Ok(session)
    }

    fn load(&mut self, from: Store, session: SessionId) -> Result<(), StoreError> {
        self.settings = from.settings(session)?;
        self.read_path(&from, session)?;
        if self.is_lasting() {
            (self.store, self.id) = (Some(from), Some(session));
        } else {
            self.forget_places();
            self.try_sync()?;
        }
        Ok(())
    }

    pub(super) fn read_path(&mut self, from: &Store, session: SessionId) -> Result<(), StoreError> {
        let kept = |stored: StoredTurn| SessionTurn {
            id: Some(stored.id),
            is_stored: true,
            turn: stored.turn,
            summary: stored.summary,
        };
        self.path = from.path(session)?.into_iter().map(kept).collect();
        let costs = from.costs(session)?.into_iter();
        let elsewhere = costs.filter(|(id, _)| self.path.iter().all(|kept| kept.id != Some(*id)));
        self.elsewhere = elsewhere.fold(Spent::default(), |spent, (_, cost)| spent.plus(cost));
        Ok(())
    }

    /// Nothing is stored any more of what is here; all of it is stored anew.
    pub(super) fn forget_places(&mut self) {
        self.id = None;
        for kept in &mut self.path {
            (kept.id, kept.is_stored) = (None, false);
        }
    }

    /// Whether what is said outlives this run.
    pub fn is_lasting(&self) -> bool {
        matches!(self.place, SessionPlace::Home(_))
    }

    /// The name of the conversation, else its number; `None` before the first turn is stored.
    pub fn label(&self) -> Option<String> {
        let session = self.id.filter(|_| self.is_lasting())?;
        Some(self.name.clone().unwrap_or_else(|| session.to_string()))
    }

    pub fn session(&self) -> Option<SessionId> {
        self.id.filter(|_| self.is_lasting())
    }

    /// Where the last turn is stored for good, if it is.
    pub fn place_of_last(&self) -> Option<(SessionId, TurnId)> {
        self.session()
            .zip(self.path.last().and_then(|kept| kept.id))
    }

    /// What the whole conversation cost, all branches together.
    pub fn spent(&self) -> Spent {
        self.path
            .iter()
            .filter(|kept| kept.turn.may_have_cost())
            .fold(self.elsewhere, |spent, kept| spent.plus(kept.turn.cost))
    }

    /// A turn of its own: a question that is about to be sent, stored first so that it is not lost
    /// whatever happens, or one that was answered already.
    pub fn begin(&mut self, turn: Turn) {
        self.path.push(SessionTurn {
            id: None,
            is_stored: false,
            turn,
            summary: None,
        });
        self.sync();
    }

    /// The answer so far. Skipped where another program writes just now: it must not hold up the
    /// answer.
    pub fn progress(&mut self, text: &str, reasoning: &str) {
        let id = self.path.last().and_then(|kept| kept.id);
        if let (Some(id), Some(store)) = (id, &mut self.store)
            && let Err(error) = store.checkpoint(id, text, reasoning)
        {
            self.fail(error);
        }
    }

    /// The answer is there, complete or not.
    pub fn finish(&mut self, turn: Turn) {
        if let Some(last) = self.path.last_mut() {
            (last.turn, last.is_stored) = (turn, false);
        }
        self.sync();
    }

    /// Stores what is not stored yet, oldest first.
    fn sync(&mut self) {
        match self.try_sync() {
            Ok(()) => self.trouble = None,
            Err(error) => self.fail(error),
        }
    }

    /// The same, told as an error.
    pub(super) fn try_sync(&mut self) -> Result<(), StoreError> {
        match self.write_missing() {
            // Somebody deleted the conversation, or the whole file: what is here begins it anew.
            Err(StoreError::NoSession(_) | StoreError::NoTurn(_)) => self.forget_places(),
            Err(StoreError::Replaced { .. }) => {
                self.store = None;
                self.forget_places();
            }
            // Another program has just begun one of this name: this is another branch of it.
            Err(StoreError::NameTaken { name }) if self.id.is_none() => {
                let found = self
                    .store
                    .as_ref()
                    .map(|store| store.find(&name))
                    .transpose()?
                    .flatten();
                self.id = found.map(|found| found.id);
            }
            other => return other,
        }
        self.write_missing()
    }

    fn write_missing(&mut self) -> Result<(), StoreError> {
        self.open()?;
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let mut parent = None;
        for kept in &mut self.path {
            match (kept.id, self.id) {
                (Some(_), _) if kept.is_stored => {}
                (Some(id), _) => store.finish_turn(id, &kept.turn)?,
                (None, Some(session)) => {
                    kept.id = Some(store.start_turn(session, parent, &kept.turn)?);
                }
                (None, None) => {
                    let (session, id) =
                        store.create_session(self.name.as_deref(), &self.settings, &kept.turn)?;
                    (self.id, kept.id) = (Some(session), Some(id));
                }
            }
            if !kept.is_stored
                && let (Some(id), Some(summary)) = (kept.id, &kept.summary)
            {
                store.summarise(id, summary)?;
            }
            (kept.is_stored, parent) = (true, kept.id);
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), StoreError> {
        if self.store.is_none() {
            let store = match &self.place {
                SessionPlace::Home(home) => Store::open(home)?,
                SessionPlace::Memory => Store::in_memory()?,
            };
            self.moved_aside = store.moved_aside().map(std::path::Path::to_path_buf);
            self.store = Some(store);
        }
        Ok(())
    }

    fn fail(&mut self, error: StoreError) {
        tracing::debug!(%error, "the turn could not be stored");
        self.trouble = Some(error);
    }

    /// Why the newest turns are not stored, if they are not.
    pub fn trouble(&self) -> Option<&StoreError> {
        self.trouble.as_ref()
    }

    /// The error for turns that could not be stored, once.
    pub fn take_failure(&mut self) -> Option<CommandError> {
        let trouble = self.trouble.take()?;
        let mut error = CommandError::from(trouble);
        error.message = format!("the answer is not stored: {}", error.message);
        error.kind = ErrorKind::LocalIo;
        Some(error)
    }

    /// The same inside a conversation, which continues and tries again.
    pub fn failure_for_now(&self) -> Option<String> {
        let trouble = self.trouble.as_ref()?;
        Some(format!(
            "the turn is not stored yet: {trouble}; it is tried again with the next"
        ))
    }

    /// Where a store that could not be read was moved to, once.
    pub fn take_remark(&mut self) -> Option<Remark> {
        let path = self.moved_aside.take()?;
        Some(Remark::Warning(format!(
            "the store of conversations could not be read; it was moved to {}, and a new one \
            created",
            path.display()
        )))
    }

    /// How many turns are in memory only.
    pub fn unstored(&self) -> usize {
        self.path.iter().filter(|kept| !kept.is_stored).count()
    }

    /// Makes sure that nothing is lost when this conversation is left for another.
    pub fn settle(&mut self) -> Result<(), StoreError> {
        if self.unstored() > 0 {
            self.try_sync()
        } else {
            Ok(())
        }
    }

    pub fn rename(&mut self, name: &str) -> Result<(), StoreError> {
        if let (Some(store), Some(session)) = (&mut self.store, self.id) {
            store.rename(session, Some(name))?;
        }
        self.name = Some(name.to_owned());
        Ok(())
    }

    /// Remembers how the conversation is set up, for when it is gone on with.
    pub fn remember(&mut self, settings: Value) {
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

    /// The store and what it has of this conversation, once something is stored.
    pub fn stored(&self) -> Result<Option<(&Store, SessionSummary)>, StoreError> {
        let (Some(store), Some(session)) = (&self.store, self.id) else {
            return Ok(None);
        };
        Ok(store
            .find(&session.to_string())?
            .map(|found| (store, found)))
    }
}
