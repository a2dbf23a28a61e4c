//! A turn of a session, and where sessions are kept.

use crate::chat::conversation::Past;
use crate::chat::turn::Turn;
use crate::config::Home;
use crate::store::TurnId;

/// A turn of the current branch.
#[derive(Debug, Clone)]
pub struct SessionTurn {
    /// `None` while it could not be stored.
    pub(super) id: Option<TurnId>,
    /// The store has it as it is here.
    pub(super) is_stored: bool,
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
