//! Keeps the turns of a conversation: in memory, and in the store unless it is told otherwise.

use std::path::PathBuf;

use serde_json::Value;

use crate::chat::conversation::Past;
use crate::chat::cost::Spent;
use crate::chat::turn::Turn;
use crate::config::Home;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{Branch, SessionId, SessionSummary, Store, StoreError, StoredTurn, TurnId};

/// A turn of the current branch.
#[derive(Debug, Clone)]
pub struct SessionTurn {
    /// `None` while it could not be stored.
    id: Option<TurnId>,
    /// The store has it as it is here.
    is_stored: bool,
    pub turn: Turn,
    /// What stands for it and everything before it.
    pub summary: Option<String>,
}

impl SessionTurn {
    /// Where it is stored, if it is.
    pub fn id(&self) -> Option<TurnId> {
        self.id
    }

    pub fn past(&self) -> Past<'_> {
        Past {
            turn: &self.turn,
            summary: self.summary.as_deref(),
        }
    }
}

/// Where turns are kept.
#[derive(Debug, Clone)]
pub enum SessionPlace {
    Home(Home),
    /// For this run only; branches work all the same.
    Memory,
}

/// The current branch of one conversation, and the store behind it. A store that fails loses
/// nothing of what was said: the turns stay here, and are stored when it works again.
pub struct Session {
    place: SessionPlace,
    store: Option<Store>,
    id: Option<SessionId>,
    /// The name it has, or will have.
    pub name: Option<String>,
    pub path: Vec<SessionTurn>,
    /// How the conversation is set up, for when it is gone on with.
    settings: Value,
    /// What was spent on other branches, and before this run.
    elsewhere: Spent,
    trouble: Option<StoreError>,
    moved_aside: Option<PathBuf>,
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

    fn read_path(&mut self, from: &Store, session: SessionId) -> Result<(), StoreError> {
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
    fn forget_places(&mut self) {
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

    /// Several answers to one question: each is the end of a branch, and the first goes on. Gives
    /// where each is stored, if it is.
    pub fn begin_beside(&mut self, turns: Vec<Turn>) -> Vec<Option<TurnId>> {
        let last = turns.len().saturating_sub(1);
        let mut places = Vec::with_capacity(turns.len());
        let mut first = None;
        for (index, turn) in turns.into_iter().enumerate() {
            self.begin(turn);
            places.push(self.path.last().and_then(|kept| kept.id));
            // What could not be stored is taken off all the same: it is no question to the one
            // before.
            if index == 0 {
                first = self.path.last().cloned();
            }
            if index < last && self.undo().is_err() {
                self.take_off();
            }
        }
        let is_back = match places.first().copied().flatten() {
            Some(leaf) if last > 0 => self.switch(leaf).is_ok(),
            _ => last == 0,
        };
        if let (false, Some(first)) = (is_back, first) {
            self.take_off();
            self.path.push(first);
        }
        places
    }

    /// Takes the last turn off the branch in memory.
    fn take_off(&mut self) -> Option<Turn> {
        let last = self.path.pop()?;
        if last.turn.may_have_cost() {
            self.elsewhere = self.elsewhere.plus(last.turn.cost);
        }
        Some(last.turn)
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
    fn try_sync(&mut self) -> Result<(), StoreError> {
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
                    kept.id = Some(store.begin_turn(session, parent, &kept.turn)?);
                }
                (None, None) => {
                    let (session, id) =
                        store.begin_session(self.name.as_deref(), &self.settings, &kept.turn)?;
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

    /// Takes the last turn off the branch; it stays in the store.
    pub fn undo(&mut self) -> Result<Option<Turn>, StoreError> {
        // What was taken back can be found again: it must be stored before.
        self.settle()?;
        let Some(last) = self.path.last() else {
            return Ok(None);
        };
        let parent = self.path.iter().rev().nth(1).and_then(|kept| kept.id);
        if let (Some(store), Some(session)) = (&mut self.store, self.id)
            && last.id.is_some()
        {
            store.set_head(session, parent)?;
        }
        Ok(self.take_off())
    }

    pub fn branches(&self) -> Result<Vec<Branch>, StoreError> {
        match (&self.store, self.id) {
            (Some(store), Some(session)) => store.branches(session),
            _ => Ok(Vec::new()),
        }
    }

    /// Goes on from the end of another branch.
    pub fn switch(&mut self, leaf: TurnId) -> Result<(), StoreError> {
        self.settle()?;
        let (Some(mut store), Some(session)) = (self.store.take(), self.id) else {
            return Ok(());
        };
        let read = store
            .set_head(session, Some(leaf))
            .and_then(|()| self.read_path(&store, session));
        self.store = Some(store);
        read
    }

    /// Gives the end of this branch a name.
    pub fn label_branch(&mut self, label: &str) -> Result<(), StoreError> {
        let id = self.path.last().and_then(|kept| kept.id);
        match (&mut self.store, id) {
            (Some(store), Some(id)) => store.label_branch(id, label),
            _ => Ok(()),
        }
    }

    /// From now on `summary` stands for the first `count` turns of the branch.
    pub fn summarise(&mut self, count: usize, summary: &str) -> Result<(), StoreError> {
        self.settle()?;
        let Some(kept) = count
            .checked_sub(1)
            .and_then(|last| self.path.get_mut(last))
        else {
            return Ok(());
        };
        if let (Some(store), Some(id)) = (&mut self.store, kept.id) {
            store.summarise(id, summary)?;
        }
        kept.summary = Some(summary.to_owned());
        Ok(())
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

    /// All of the current branch in a store of its own, for when the real one does not take it.
    pub fn copied(&self) -> Result<Option<(Store, SessionSummary)>, StoreError> {
        let mut copy = Self::new(SessionPlace::Memory, self.name.clone());
        copy.settings = self.settings.clone();
        copy.path.clone_from(&self.path);
        copy.forget_places();
        copy.try_sync()?;
        let found = copy.stored()?.map(|(_, found)| found);
        Ok(copy.store.zip(found))
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
