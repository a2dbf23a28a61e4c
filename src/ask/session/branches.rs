//! The branches of a session: several answers to one question, undo, switching, summaries.

use super::current::Session;
use super::turn::SessionPlace;
use crate::chat::turn::Turn;
use crate::store::{Branch, SessionSummary, Store, StoreError, TurnId};

impl Session {
    /// Several answers to one question: each is the end of a branch, and the first one continues.
    /// Returns the place of each in the store, if it has one.
    pub fn begin_beside(&mut self, turns: Vec<Turn>) -> Vec<Option<TurnId>> {
        let are_several = turns.len() > 1;
        let mut places = Vec::with_capacity(turns.len());
        let mut first = None;
        for turn in turns {
            self.begin(turn);
            // What is still not stored then is taken off all the same: the next answer does not
            // follow this one.
            if are_several && let Err(error) = self.settle() {
                tracing::debug!(%error, "an answer could not be stored");
            }
            places.push(self.path.last().and_then(|kept| kept.id));
            if first.is_none() {
                first = self.path.pop();
            } else {
                self.take_off();
            }
        }
        self.path.extend(first);
        if are_several {
            self.make_last_the_head();
        }
        places
    }

    /// Sets the head to the last turn in memory. Does not read the branch back from the store: the
    /// attachments of its questions may be large.
    fn make_last_the_head(&mut self) {
        let last = self.path.last().and_then(|kept| kept.id);
        if let (Some(store), Some(session), Some(last)) = (&mut self.store, self.id, last)
            && let Err(error) = store.set_head(session, Some(last))
        {
            // The next turn follows this one, and moves the head in any case.
            tracing::debug!(%error, "the head could not be moved");
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::cost::{Cost, CostSource};
    use crate::chat::message::ContentPart;
    use crate::chat::turn::TurnState;
    use crate::config::Home;

    fn answered(answer: &str, usd: f64) -> Turn {
        Turn {
            state: TurnState::Complete,
            text: answer.to_owned(),
            cost: Cost {
                usd: Some(usd),
                source: CostSource::Provider,
            },
            ..Turn::new(
                vec![ContentPart::Text("why?".into())],
                None,
                "work",
                "openrouter",
                "author/model",
            )
        }
    }

    #[test]
    fn the_first_of_several_answers_continues_and_each_cost_counts_once() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let mut session = Session::new(SessionPlace::Home(home.clone()), None);
        session.begin(answered("earlier", 1.0));
        let several = vec![answered("a", 2.0), answered("b", 4.0), answered("c", 8.0)];
        let places = session.begin_beside(several);
        assert!(places.iter().all(Option::is_some));
        let texts = |session: &Session| -> Vec<String> {
            session
                .path
                .iter()
                .map(|kept| kept.turn.text.clone())
                .collect()
        };
        assert_eq!(texts(&session), ["earlier", "a"]);
        assert_eq!(session.spent().usd, Some(15.0));
        assert_eq!(session.place_of_last().map(|(_, turn)| turn), places[0]);
        let branches = session.branches().unwrap();
        let current: Vec<bool> = branches.iter().map(|branch| branch.is_current).collect();
        assert_eq!(current, [true, false, false]);
        let (_, found) = session.stored().unwrap().unwrap();
        let store = Store::open(&home).unwrap();
        let resumed = Session::resume(SessionPlace::Home(home), store, &found).unwrap();
        assert_eq!(texts(&resumed), ["earlier", "a"]);
        assert_eq!(resumed.spent().usd, Some(15.0));
    }
}
