//! A conversation and its turns: in memory, and in the store unless nothing is saved.

mod branches;
mod current;
mod turn;

pub use current::Session;
pub use turn::{SessionStorage, SessionTurn};
