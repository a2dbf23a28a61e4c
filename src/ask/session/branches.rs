//! The branches of a session: alternatives, undo, switching and summaries.

use super::current::Session;
use super::turn::{SessionStorage, SessionTurn};
use crate::chat::turn::Turn;
use crate::store::{Branch, SessionSummary, Store, StoreError, TurnId};

impl Session {
    /// Adds several answers to one question, each as a branch of its own; the first becomes the
    /// current branch. Returns the ID of each, `None` where it could not be stored.
    pub fn add_alternatives(&mut self, turns: Vec<Turn>) -> Vec<Option<TurnId>> {
        let last = turns.len().saturating_sub(1);
        let mut ids = Vec::with_capacity(turns.len());
        let mut first = None;
        for (index, turn) in turns.into_iter().enumerate() {
            self.add(turn);
            ids.push(self.path.last().and_then(SessionTurn::id));
            // A turn that could not be stored is removed as well: the next one does not follow it.
            if index == 0 {
                first = self.path.last().cloned();
            }
            if index < last && self.undo().is_err() {
                self.pop();
            }
        }
        let is_first_current = match ids.first().copied().flatten() {
            Some(leaf) if last > 0 => self.switch(leaf).is_ok(),
            _ => last == 0,
        };
        if let (false, Some(first)) = (is_first_current, first) {
            self.pop();
            self.path.push(first);
        }
        ids
    }

    /// Removes the last turn of the branch in memory.
    fn pop(&mut self) -> Option<Turn> {
        let last = self.path.pop()?;
        if last.turn.may_have_cost() {
            self.other_spent = self.other_spent.plus(last.turn.cost);
        }
        Some(last.turn)
    }

    /// Removes the last turn from the current branch; it stays in the store.
    ///
    /// # Errors
    /// When the turn cannot be stored: it could not be recovered.
    pub fn undo(&mut self) -> Result<Option<Turn>, StoreError> {
        self.flush()?;
        let Some(last) = self.path.last() else {
            return Ok(None);
        };
        let parent = self.path.iter().rev().nth(1).and_then(|turn| turn.id);
        if let (Some(store), Some(session)) = (&mut self.store, self.id)
            && last.id.is_some()
        {
            store.set_head(session, parent)?;
        }
        Ok(self.pop())
    }

    /// Every branch of the stored session.
    pub fn branches(&self) -> Result<Vec<Branch>, StoreError> {
        match (&self.store, self.id) {
            (Some(store), Some(session)) => store.branches(session),
            _ => Ok(Vec::new()),
        }
    }

    /// Makes the branch that ends with `leaf` the current one.
    pub fn switch(&mut self, leaf: TurnId) -> Result<(), StoreError> {
        self.flush()?;
        let (Some(mut store), Some(session)) = (self.store.take(), self.id) else {
            return Ok(());
        };
        let read = store
            .set_head(session, Some(leaf))
            .and_then(|()| self.read_path(&store, session));
        self.store = Some(store);
        read
    }

    /// Names the current branch.
    pub fn label_branch(&mut self, label: &str) -> Result<(), StoreError> {
        let id = self.path.last().and_then(|turn| turn.id);
        match (&mut self.store, id) {
            (Some(store), Some(id)) => store.label_branch(id, label),
            _ => Ok(()),
        }
    }

    /// Replaces the first `count` turns of the branch by `summary` in later requests.
    pub fn summarise(&mut self, count: usize, summary: &str) -> Result<(), StoreError> {
        self.flush()?;
        let Some(turn) = count
            .checked_sub(1)
            .and_then(|last| self.path.get_mut(last))
        else {
            return Ok(());
        };
        if let (Some(store), Some(id)) = (&mut self.store, turn.id) {
            store.summarise(id, summary)?;
        }
        turn.summary = Some(summary.to_owned());
        Ok(())
    }

    /// A copy of the current branch in a store in memory, for an export when the real store fails.
    pub fn copy_to_memory(&self) -> Result<Option<(Store, SessionSummary)>, StoreError> {
        let mut copy = Self::new(SessionStorage::Memory, self.name.clone());
        copy.settings = self.settings.clone();
        copy.path.clone_from(&self.path);
        copy.clear_ids();
        copy.try_sync()?;
        let found = copy.stored()?.map(|(_, found)| found);
        Ok(copy.store.zip(found))
    }
}
