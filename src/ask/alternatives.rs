//! Several answers to one question as branches of its conversation.

use super::ended::Ended;
use super::session::Session;
use super::sink::TurnPlace;
use crate::chat::turn::Turn;

/// Stores each answer as a branch of its own, the first as the one that continues. What never
/// arrived is not stored. Gives the place of each.
pub fn store(question: &Turn, ended: &[Ended], session: &mut Session) -> Vec<Option<TurnPlace>> {
    let turns: Vec<Turn> = ended.iter().map(|ended| ended.turn(question)).collect();
    let is_stored: Vec<bool> = turns.iter().map(Turn::may_have_cost).collect();
    let stored = turns.into_iter().filter(Turn::may_have_cost).collect();
    let mut leaves = session.begin_beside(stored).into_iter();
    let id = session.session();
    let place = |is_stored: bool| {
        let leaf = is_stored.then(|| leaves.next().flatten()).flatten();
        id.zip(leaf)
    };
    is_stored.into_iter().map(place).collect()
}
