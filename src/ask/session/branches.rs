//! The branches of a session: several answers to one question, undo, switching, summaries.

use super::current::Session;
use super::turn::SessionPlace;
use crate::chat::turn::Turn;
use crate::store::{Branch, SessionSummary, Store, StoreError, TurnId};

impl Session {
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
}
