//! The user's account at a provider: key checks, the login with the browser, the remaining credit,
//! and the destinations of its logs.

pub(crate) mod balance;
mod browser;
pub(crate) mod destinations;
pub(crate) mod inspection;
pub(crate) mod key_check;
pub(crate) mod login;
pub(crate) mod oauth;
