//! Where a provider's API key comes from, and which server it may be sent to.

mod command;
pub mod credential;
mod error;
pub mod keyring;
#[cfg(test)]
mod memory;
pub mod reference;
mod shared;

pub use credential::{Credential, KeySource};
pub use error::SecretError;
pub use keyring::{Keyring, SecretStore};
pub use reference::Reference;
pub use shared::SharedCredential;
