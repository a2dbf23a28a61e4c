//! The user's account at a provider: whether a key is accepted, how to get one with the browser,
//! and what may still be spent.

pub mod balance;
pub mod inspection;
pub mod key_check;
pub mod login;
