//! The branches of a session: alternatives, undo, switching and summaries.

use super::current::Session;
use super::turn::{SessionStorage, SessionTurn};
use crate::chat::turn::Turn;
use crate::store::{Branch, SessionSummary, Store, StoreError, TurnId};

impl Session {
    /// Adds several answers to one question, each as a branch of its own; the first becomes the
    /// current branch. Returns the ID of each, `None` where it could not be stored.
    pub(crate) fn add_alternatives(&mut self, turns: Vec<Turn>) -> Vec<Option<TurnId>> {
        let are_several = turns.len() > 1;
        let mut ids = Vec::with_capacity(turns.len());
        let mut first = None;
        for turn in turns {
            self.add(turn);
            // A turn that could not be stored is removed as well: the next one does not follow it.
            if are_several && let Err(error) = self.flush() {
                tracing::debug!(%error, "an answer could not be stored");
            }
            ids.push(self.path.last().and_then(SessionTurn::id));
            if first.is_none() {
                first = self.path.pop();
            } else {
                self.pop();
            }
        }
        self.path.extend(first);
        if are_several {
            self.make_last_the_head();
        }
        ids
    }

    /// Sets the head to the last turn in memory. Does not read the branch back from the store: the
    /// attachments of its questions may be large.
    fn make_last_the_head(&mut self) {
        let last = self.path.last().and_then(SessionTurn::id);
        if let (Some(store), Some(session), Some(last)) = (&mut self.store, self.id, last)
            && let Err(error) = store.set_head(session, Some(last))
        {
            // The next turn follows this one, and moves the head in any case.
            tracing::debug!(%error, "the head could not be moved");
        }
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
    pub(crate) fn undo(&mut self) -> Result<Option<Turn>, StoreError> {
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
        // The name is that of turns after the fork.
        self.branch = None;
        Ok(self.pop())
    }

    /// Every branch of the stored session.
    pub(crate) fn branches(&self) -> Result<Vec<Branch>, StoreError> {
        match (&self.store, self.id) {
            (Some(store), Some(session)) => store.branches(session),
            _ => Ok(Vec::new()),
        }
    }

    /// Makes the branch that ends with `leaf` the current one.
    pub(crate) fn switch(&mut self, leaf: TurnId) -> Result<(), StoreError> {
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

    /// Names the current branch. Returns false when it has no turn, whose name that would be.
    ///
    /// # Errors
    /// When the turn or its name cannot be stored.
    pub(crate) fn label_branch(&mut self, label: &str) -> Result<bool, StoreError> {
        self.flush()?;
        let id = self.path.last().and_then(|turn| turn.id);
        let (Some(store), Some(id)) = (&mut self.store, id) else {
            return Ok(false);
        };
        store.label_branch(id, label)?;
        self.branch = Some(label.to_owned()).filter(|label| !label.is_empty());
        Ok(true)
    }

    /// Replaces the first `count` turns of the branch by `summary` in later requests.
    pub(crate) fn summarise(&mut self, count: usize, summary: &str) -> Result<(), StoreError> {
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
    pub(crate) fn copy_to_memory(&self) -> Result<Option<(Store, SessionSummary)>, StoreError> {
        let mut copy = Self::new(SessionStorage::Memory, self.name.clone());
        copy.settings = self.settings.clone();
        copy.path.clone_from(&self.path);
        copy.clear_ids();
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
    fn a_branch_without_turns_has_no_name() {
        let mut session = Session::new(SessionStorage::Memory, None);
        session.add(answered("a", 1.0));
        assert!(session.label_branch("one").unwrap());
        session.undo().unwrap();
        assert!(!session.label_branch("two").unwrap());
        let branches = session.branches().unwrap();
        let named: Vec<_> = branches
            .iter()
            .map(|branch| (branch.label.as_deref(), branch.is_current))
            .collect();
        assert_eq!(named, [(Some("one"), false)]);
    }

    #[test]
    fn turns_of_another_process_are_part_of_the_cost() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let mut session = Session::new(SessionStorage::Home(home.clone()), None);
        session.add(answered("a", 1.0));
        let store = crate::store::Store::open(&home).unwrap();
        let found = store.latest().unwrap().unwrap();
        let mut other = Session::resume(SessionStorage::Home(home), store, &found).unwrap();
        other.add(answered("b", 2.0));
        assert_eq!(session.spent().usd, Some(3.0));
        session.add(answered("c", 4.0));
        assert_eq!(
            (session.spent().usd, other.spent().usd),
            (Some(7.0), Some(7.0))
        );
    }

    #[test]
    fn the_first_of_several_answers_continues_and_each_cost_counts_once() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let mut session = Session::new(SessionStorage::Home(home.clone()), None);
        session.add(answered("earlier", 1.0));
        let several = vec![answered("a", 2.0), answered("b", 4.0), answered("c", 8.0)];
        let places = session.add_alternatives(several);
        assert!(places.iter().all(Option::is_some));
        let texts = |session: &Session| -> Vec<String> {
            session
                .path
                .iter()
                .map(|stored| stored.turn.text.clone())
                .collect()
        };
        assert_eq!(texts(&session), ["earlier", "a"]);
        assert_eq!(session.spent().usd, Some(15.0));
        assert_eq!(session.last_place().map(|(_, turn)| turn), places[0]);
        let branches = session.branches().unwrap();
        let current: Vec<bool> = branches.iter().map(|branch| branch.is_current).collect();
        assert_eq!(current, [true, false, false]);
        let (_, found) = session.stored().unwrap().unwrap();
        let store = Store::open(&home).unwrap();
        let resumed = Session::resume(SessionStorage::Home(home), store, &found).unwrap();
        assert_eq!(texts(&resumed), ["earlier", "a"]);
        assert_eq!(resumed.spent().usd, Some(15.0));
    }
}
