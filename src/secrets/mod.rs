//! Where a provider's API key comes from, and which server it may be sent to.

mod command;
pub(crate) mod credential;
mod error;
pub(crate) mod expansion;
pub(crate) mod key_file;
pub(crate) mod keyring;
#[cfg(test)]
mod memory;
pub(crate) mod reference;
mod shared;
pub(crate) mod value;

pub(crate) use credential::{Credential, KeySource};
pub(crate) use error::SecretError;
pub(crate) use keyring::{Keyring, SecretStore};
pub(crate) use reference::Reference;
pub(crate) use shared::SharedCredential;
