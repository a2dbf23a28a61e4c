//! The user's account at a provider: key checks, the login with the browser, and the remaining
//! credit.

pub(crate) mod balance;
mod browser;
pub(crate) mod inspection;
pub(crate) mod key_check;
pub(crate) mod login;
pub(crate) mod oauth;
