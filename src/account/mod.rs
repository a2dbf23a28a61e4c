//! The user's account at a provider: key checks, the login with the browser, and the remaining
//! credit.

pub mod balance;
pub mod inspection;
pub mod key_check;
pub mod login;
