//! The API key of one profile: resolved when it is first needed, sent only to the server it was
//! stored for.

use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::command;
use super::error::SecretError;
use super::key_file;
use super::keyring::SecretStore;
use super::reference::Reference;
use crate::wire::api_key::{ApiKey, remember};

/// Where a profile's key comes from, decided without touching keyring, file or program.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The provider needs none.
    NotNeeded,
    /// The provider needs one, and none is configured.
    Missing,
    /// The value of an environment variable.
    Environment { variable: String, key: ApiKey },
    /// The profile's `api_key`.
    Reference { reference: Reference, place: String },
}

/// Looks up an environment variable.
pub(crate) type LookUp = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Everything needed to resolve a [`KeySource`] to a key.
pub(crate) struct Credential {
    pub source: KeySource,
    /// `scheme://host:port` of the server that the key would be sent to.
    pub origin: String,
    /// The provider's own server, where keys that amx did not store may be sent.
    pub home_origin: Option<String>,
    pub store: Arc<dyn SecretStore>,
    /// Looks up a variable for `${NAME}`.
    pub variable: LookUp,
    /// Variables that are removed from the environment of a `cmd:` program.
    pub withheld_variables: Vec<&'static str>,
    /// Home directory, for `file:~/…`.
    pub home: Option<std::path::PathBuf>,
}

impl Credential {
    /// The key; `None` when the provider needs none or none is configured.
    pub(crate) fn resolve(&self) -> Result<Option<ApiKey>, SecretError> {
        let (reference, place) = match &self.source {
            KeySource::NotNeeded | KeySource::Missing => return Ok(None),
            KeySource::Environment { key, .. } => return Ok(Some(key.clone())),
            KeySource::Reference { reference, place } => (reference, place),
        };
        let text = match reference {
            Reference::Keyring { service, user } => self.read_keyring(service, user)?,
            Reference::Variable(name) => {
                (self.variable)(name).ok_or_else(|| SecretError::VariableUnset {
                    place: place.clone(),
                    name: name.clone(),
                })?
            }
            Reference::Command(words) => {
                let program = words.first().cloned().unwrap_or_default();
                command::first_line(words, &self.withheld_variables, (self.variable)("PATH"))
                    .map_err(|source| SecretError::Command { program, source })?
            }
            Reference::File(path) => {
                let path = self.expand_home(path);
                key_file::read(&path).map_err(|source| SecretError::File { path, source })?
            }
            Reference::Plain(key) => key.expose_secret().to_owned(),
            Reference::Removed => {
                return Err(SecretError::RemovedFromBackup {
                    place: place.clone(),
                });
            }
        };
        let key = ApiKey::parse(&text).map_err(|source| SecretError::Invalid {
            place: place.clone(),
            source,
        })?;
        Ok(Some(key))
    }

    /// Whether resolving may block: it uses the keyring, a program or a file.
    pub(crate) fn may_block(&self) -> bool {
        let KeySource::Reference { reference, .. } = &self.source else {
            return false;
        };
        !matches!(
            reference,
            Reference::Plain(_) | Reference::Variable(_) | Reference::Removed
        )
    }

    /// Whether to resolve again after a 401: a `cmd:` key may have expired.
    pub(crate) fn is_worth_rereading(&self) -> bool {
        matches!(
            &self.source,
            KeySource::Reference {
                reference: Reference::Command(_),
                ..
            }
        )
    }

    fn read_keyring(&self, service: &str, user: &str) -> Result<String, SecretError> {
        let Some(secret) = self.store.get(service, user)? else {
            return Err(SecretError::NotStored {
                reference: format!("keyring://{service}/{user}"),
            });
        };
        remember(&secret);
        // A changed base_url must not send the key to another server.
        let bound_to = self
            .store
            .get(service, &origin_entry(user))?
            .or_else(|| self.home_origin.clone());
        match bound_to {
            Some(bound_to) if bound_to == self.origin => Ok(secret),
            Some(stored) => Err(SecretError::BoundElsewhere {
                stored,
                asked: self.origin.clone(),
            }),
            None => Err(SecretError::BoundElsewhere {
                stored: "no server".to_owned(),
                asked: self.origin.clone(),
            }),
        }
    }

    fn expand_home(&self, path: &Path) -> std::path::PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }
}

impl Credential {
    /// The server that the key in the keyring was stored for, if it is not the one it would be sent
    /// to. `None` for keys from other places.
    pub(crate) fn belongs_elsewhere(&self) -> Result<Option<String>, SecretError> {
        let KeySource::Reference {
            reference: Reference::Keyring { service, user },
            ..
        } = &self.source
        else {
            return Ok(None);
        };
        if self.store.get(service, user)?.is_none() {
            return Ok(None);
        }
        let bound_to = self
            .store
            .get(service, &origin_entry(user))?
            .or_else(|| self.home_origin.clone());
        let bound_to = bound_to.unwrap_or_else(|| "no server".to_owned());
        Ok(Some(bound_to).filter(|bound_to| *bound_to != self.origin))
    }

    /// Binds the key in the keyring to the server it would be sent to.
    pub(crate) fn bind(&self) -> Result<(), SecretError> {
        let KeySource::Reference {
            reference: Reference::Keyring { service, user },
            ..
        } = &self.source
        else {
            return Ok(());
        };
        super::keyring::store_and_verify(
            self.store.as_ref(),
            service,
            &origin_entry(user),
            &self.origin,
        )?;
        Ok(())
    }
}

/// The keyring user that has the server of a key. It is in the keyring and not in a file, so that a
/// change of the configuration cannot change it.
pub(crate) fn origin_entry(user: &str) -> String {
    format!("{user}.origin")
}

/// The entries of a user before a change, to restore them when a later step fails.
pub(crate) struct Before {
    service: String,
    user: String,
    key: Option<String>,
    origin: Option<String>,
}

impl Before {
    pub(crate) fn take(
        store: &dyn SecretStore,
        service: &str,
        user: &str,
    ) -> Result<Self, SecretError> {
        let key = store.get(service, user)?;
        if let Some(key) = &key {
            remember(key);
        }
        Ok(Self {
            service: service.to_owned(),
            user: user.to_owned(),
            key,
            origin: store.get(service, &origin_entry(user))?,
        })
    }

    pub(crate) fn put_back(&self, store: &dyn SecretStore) -> Result<(), SecretError> {
        let put = |user: &str, value: &Option<String>| match value {
            Some(value) => store.set(&self.service, user, value),
            None => store.delete(&self.service, user),
        };
        put(&self.user, &self.key)?;
        put(&origin_entry(&self.user), &self.origin)?;
        Ok(())
    }
}

/// Stores a key for one server and reads both entries back. On an error the old entries are
/// restored.
pub(crate) fn store_key(
    store: &dyn SecretStore,
    service: &str,
    user: &str,
    key: &ApiKey,
    origin: &str,
) -> Result<(), SecretError> {
    let before = Before::take(store, service, user)?;
    let stored =
        super::keyring::store_and_verify(store, service, user, key.expose()).and_then(|()| {
            super::keyring::store_and_verify(store, service, &origin_entry(user), origin)
        });
    if let Err(error) = stored {
        before.put_back(store)?;
        return Err(error.into());
    }
    Ok(())
}

/// Deletes a key and its server.
pub(crate) fn delete_key(
    store: &dyn SecretStore,
    service: &str,
    user: &str,
) -> Result<(), SecretError> {
    store.delete(service, user)?;
    store.delete(service, &origin_entry(user))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::memory::MemoryStore;
    use super::*;

    const KEY: &str = "sk-or-v1-credential-test";

    fn credential(store: MemoryStore, reference: &str, origin: &str) -> Credential {
        Credential {
            source: KeySource::Reference {
                reference: Reference::parse(reference).unwrap(),
                place: "api_key".to_owned(),
            },
            origin: origin.to_owned(),
            home_origin: Some("https://openrouter.ai".to_owned()),
            store: Arc::new(store),
            variable: Box::new(|name| (name == "SET").then(|| "sk-from-variable".to_owned())),
            withheld_variables: Vec::new(),
            home: None,
        }
    }

    #[test]
    fn a_stored_key_goes_only_to_the_server_it_was_stored_for() {
        let store = MemoryStore::default();
        store_key(
            &store,
            "amx",
            "p/api_key",
            &ApiKey::parse(KEY).unwrap(),
            "http://127.0.0.1:1",
        )
        .unwrap();
        let credential = credential(store, "keyring://amx/p/api_key", "http://127.0.0.1:1");
        assert_eq!(credential.resolve().unwrap().unwrap().expose(), KEY);
        let moved = Credential {
            origin: "http://127.0.0.1:2".to_owned(),
            ..credential
        };
        let error = moved.resolve().unwrap_err().to_string();
        assert!(
            error.contains("http://127.0.0.1:1") && error.contains("http://127.0.0.1:2"),
            "{error}"
        );
    }

    #[test]
    fn a_key_stored_by_other_means_goes_only_to_the_providers_own_server() {
        let store = || {
            let store = MemoryStore::default();
            store.set("amx", "p/api_key", KEY).unwrap();
            store
        };
        assert!(
            credential(store(), "keyring://amx/p/api_key", "https://openrouter.ai")
                .resolve()
                .is_ok()
        );
        assert!(
            credential(
                store(),
                "keyring://amx/p/api_key",
                "https://openrouter.example"
            )
            .resolve()
            .is_err()
        );
    }

    #[test]
    fn variables_are_looked_up_when_needed() {
        let set = credential(MemoryStore::default(), "${SET}", "https://openrouter.ai");
        assert_eq!(set.resolve().unwrap().unwrap().expose(), "sk-from-variable");
        let unset = credential(MemoryStore::default(), "${UNSET}", "https://openrouter.ai");
        assert!(
            matches!(unset.resolve(), Err(SecretError::VariableUnset { name, .. }) if name == "UNSET")
        );
    }

    #[test]
    fn a_reference_in_a_variable_is_not_sent_as_a_key() {
        for value in [
            "keyring://amx/p/api_key",
            "file:/run/secrets/key",
            "cmd:pass show key",
            "${OTHER}",
        ] {
            let nested = Credential {
                variable: Box::new(move |_| Some(value.to_owned())),
                ..credential(MemoryStore::default(), "${SET}", "https://openrouter.ai")
            };
            let error = nested.resolve().unwrap_err();
            assert!(
                matches!(error, SecretError::Invalid { .. }),
                "{value}: {error}"
            );
            assert!(error.to_string().contains("it is a reference"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        std::fs::write(&path, "sk-from-file-1234\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let reference = format!("file:{}", path.display());
        let error = credential(MemoryStore::default(), &reference, "https://openrouter.ai")
            .resolve()
            .unwrap_err();
        assert!(matches!(error, SecretError::File { .. }));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let key = credential(MemoryStore::default(), &reference, "https://openrouter.ai")
            .resolve()
            .unwrap()
            .unwrap();
        assert_eq!(key.expose(), "sk-from-file-1234");
    }
}
