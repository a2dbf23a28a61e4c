//! A conversation and its turns: in memory, and in the store unless nothing is saved.

mod branches;
mod current;
mod key;
mod turn;

pub(crate) use current::Session;
pub(crate) use turn::{SessionStorage, SessionTurn};
