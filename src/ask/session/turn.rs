//! A turn of a session, and where sessions are stored.

use crate::chat::conversation::Past;
use crate::chat::turn::Turn;
use crate::config::Home;
use crate::store::TurnId;

/// A turn of the current branch.
#[derive(Debug, Clone)]
pub(crate) struct SessionTurn {
    /// `None` while it is not stored.
    pub(super) id: Option<TurnId>,
    /// The store has its current state.
    pub(super) is_stored: bool,
    pub turn: Turn,
    /// The summary that replaces it and every turn before it in requests.
    pub summary: Option<String>,
}

impl SessionTurn {
    /// Its ID in the store; `None` while it is not stored.
    pub(crate) fn id(&self) -> Option<TurnId> {
        self.id
    }

    /// The turn as input for a request.
    pub(crate) fn past(&self) -> Past<'_> {
        Past {
            turn: &self.turn,
            summary: self.summary.as_deref(),
        }
    }
}

/// Where turns are stored.
#[derive(Debug, Clone)]
pub(crate) enum SessionStorage {
    Home(Home),
    /// For this run only; branches work as well.
    Memory,
}
