//! The user's account at a provider: whether a key is accepted, and how to get one with the browser.

pub mod key_check;
pub mod login;
