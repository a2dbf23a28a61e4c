//! Stores several answers to one question as branches of its session.

use super::finished_answer::FinishedAnswer;
use super::session::Session;
use super::sink::TurnPlace;
use crate::chat::turn::Turn;

/// Stores each answer as a branch of its own; the first becomes the current branch. An answer that
/// never arrived is not stored. Returns the stored turn of each, in the order of `ended`.
pub(crate) fn store(
    question: &Turn,
    ended: &[FinishedAnswer],
    session: &mut Session,
) -> Vec<Option<TurnPlace>> {
    let turns: Vec<Turn> = ended.iter().map(|ended| ended.turn(question)).collect();
    let is_stored: Vec<bool> = turns.iter().map(Turn::may_have_cost).collect();
    let stored = turns.into_iter().filter(Turn::may_have_cost).collect();
    let mut leaves = session.add_alternatives(stored).into_iter();
    let id = session.session();
    let place = |is_stored: bool| {
        let leaf = is_stored.then(|| leaves.next().flatten()).flatten();
        id.zip(leaf)
    };
    is_stored.into_iter().map(place).collect()
}
