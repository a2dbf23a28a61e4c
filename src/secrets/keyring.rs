//! The operating system's keyring, with a deadline for each request.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(all(unix, not(target_os = "macos")))]
use dbus_secret_service_keyring_store::Store;
use keyring::{CredentialStore, Entry, Error};
#[cfg(windows)]
use windows_native_keyring_store::Store;

use crate::wire::background;

/// Longest wait for one request.
pub const DEADLINE: Duration = Duration::from_secs(3);

/// Why the keyring could not be used. The texts are the platform's and contain no secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyringError {
    #[error("AMX_NO_KEYRING is set")]
    Disabled,
    #[error("no keyring service is available: {0}")]
    Unreachable(String),
    #[error("the keyring is locked or has no collection: {0}")]
    Locked(String),
    #[error("the keyring did not respond within {} s", DEADLINE.as_secs())]
    TimedOut,
    #[error("the keyring returned another value than was stored")]
    ReadBack,
    #[error("{0}")]
    Other(String),
}

/// A store of secrets, by service and user. Tests implement it by a map.
pub trait SecretStore: Send + Sync {
    fn get(&self, service: &str, user: &str) -> Result<Option<String>, KeyringError>;
    fn set(&self, service: &str, user: &str, secret: &str) -> Result<(), KeyringError>;
    /// Deleting a missing entry is not an error.
    fn delete(&self, service: &str, user: &str) -> Result<(), KeyringError>;
}

/// Keychain, Credential Manager or Secret Service, whichever the machine has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyring {
    pub disabled: bool,
}

impl Keyring {
    /// Runs one operation on a thread of its own and stops waiting after [`DEADLINE`]. The thread
    /// of an operation that hangs is left behind; it ends with the process.
    fn run<T: Send + 'static>(
        self,
        service: &str,
        user: &str,
        operation: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, KeyringError> {
        if self.disabled {
            return Err(KeyringError::Disabled);
        }
        let (service, user) = (service.to_owned(), user.to_owned());
        let (sender, receiver) = mpsc::channel();
        let is_started = background::spawn(move || {
            let outcome = platform_store()
                .and_then(|store| Entry::new_in_store(&store, &service, &user))
                .and_then(|entry| operation(&entry));
            // After the deadline there is no receiver.
            let _ = sender.send(outcome.map_err(explain));
        });
        let failed = || KeyringError::Unreachable("no thread could be started for it".to_owned());
        if is_started.is_err() {
            return Err(failed());
        }
        match receiver.recv_timeout(DEADLINE) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => Err(KeyringError::TimedOut),
            // It panicked: its library starts a thread too.
            Err(RecvTimeoutError::Disconnected) => Err(failed()),
        }
    }
}

/// The store of this system. A connection that was made is kept; one that failed is tried again.
fn platform_store() -> Result<Arc<CredentialStore>, Error> {
    static CONNECTED: OnceLock<Arc<CredentialStore>> = OnceLock::new();
    if let Some(store) = CONNECTED.get() {
        return Ok(Arc::clone(store));
    }
    let store: Arc<CredentialStore> = Store::new()?;
    Ok(Arc::clone(CONNECTED.get_or_init(|| store)))
}

impl SecretStore for Keyring {
    fn get(&self, service: &str, user: &str) -> Result<Option<String>, KeyringError> {
        self.run(service, user, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&self, service: &str, user: &str, secret: &str) -> Result<(), KeyringError> {
        let secret = secret.to_owned();
        self.run(service, user, move |entry| entry.set_password(&secret))
    }

    fn delete(&self, service: &str, user: &str) -> Result<(), KeyringError> {
        self.run(service, user, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// Tests whether the keyring can be written: a locked one looks empty until then.
pub(crate) fn probe(store: &dyn SecretStore, service: &str) -> Result<(), KeyringError> {
    let user = format!("probe-{}", std::process::id());
    store.set(
        service,
        &user,
        "amx tests whether the keyring can be written",
    )?;
    store.delete(service, &user)
}

/// Stores a secret and reads it back: some keyrings accept a write and lose it.
pub(crate) fn store_and_verify(
    store: &dyn SecretStore,
    service: &str,
    user: &str,
    secret: &str,
) -> Result<(), KeyringError> {
    let before = store.get(service, user)?;
    store.set(service, user, secret)?;
    if store.get(service, user)?.as_deref() == Some(secret) {
        return Ok(());
    }
    match before {
        Some(before) => store.set(service, user, &before)?,
        None => store.delete(service, user)?,
    }
    Err(KeyringError::ReadBack)
}

fn explain(error: Error) -> KeyringError {
    match error {
        Error::PlatformFailure(cause) => KeyringError::Unreachable(cause.to_string()),
        Error::NoStorageAccess(cause) => KeyringError::Locked(cause.to_string()),
        other => KeyringError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::MemoryStore;
    use super::*;

    #[test]
    fn a_disabled_keyring_is_not_used() {
        assert!(matches!(
            Keyring { disabled: true }.get("amx", "x/api_key"),
            Err(KeyringError::Disabled)
        ));
    }

    #[test]
    fn a_lost_write_is_an_error() {
        let store = MemoryStore {
            forgetful: true,
            ..MemoryStore::default()
        };
        assert!(matches!(
            store_and_verify(&store, "amx", "x/api_key", "secret-value"),
            Err(KeyringError::ReadBack)
        ));
        let store = MemoryStore::default();
        store_and_verify(&store, "amx", "x/api_key", "secret-value").unwrap();
        assert_eq!(
            store.get("amx", "x/api_key").unwrap().as_deref(),
            Some("secret-value")
        );
    }
}
