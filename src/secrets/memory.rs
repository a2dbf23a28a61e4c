//! A keyring in memory, for tests of the code above it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::keyring::{KeyringError, SecretStore};

#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    pub entries: Mutex<BTreeMap<(String, String), String>>,
    /// Writes are accepted and lost.
    pub forgetful: bool,
}

impl SecretStore for MemoryStore {
    fn get(&self, service: &str, user: &str) -> Result<Option<String>, KeyringError> {
        Ok(self
            .entries
            .lock()
            .unwrap()
            .get(&(service.to_owned(), user.to_owned()))
            .cloned())
    }

    fn set(&self, service: &str, user: &str, secret: &str) -> Result<(), KeyringError> {
        if !self.forgetful {
            self.entries
                .lock()
                .unwrap()
                .insert((service.to_owned(), user.to_owned()), secret.to_owned());
        }
        Ok(())
    }

    fn delete(&self, service: &str, user: &str) -> Result<(), KeyringError> {
        self.entries
            .lock()
            .unwrap()
            .remove(&(service.to_owned(), user.to_owned()));
        Ok(())
    }
}
