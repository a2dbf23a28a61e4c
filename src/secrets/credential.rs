//! The key of one profile: found when it is first needed, sent only to the server it was stored
//! for.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use secrecy::ExposeSecret;

use super::command;
use super::error::SecretError;
use super::keyring::SecretStore;
use super::reference::Reference;
use crate::wire::api_key::{ApiKey, remember};

/// Where a profile's key comes from, decided without touching keyring, file or program.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The provider needs none.
    NotNeeded,
    /// None is configured though the provider needs one.
    Missing,
    /// The value of an environment variable.
    Environment { variable: String, key: ApiKey },
    /// What the profile's `api_key` says.
    Reference { reference: Reference, place: String },
}

/// Looks up a variable of the environment.
pub type LookUp = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Everything needed to turn a [`KeySource`] into a key, later and at most once.
pub struct Credential {
    pub source: KeySource,
    /// `scheme://host:port` of the server that the key would be sent to.
    pub origin: String,
    /// The provider's own server: keys stored by other means than amx may be sent there.
    pub home_origin: Option<String>,
    pub store: Arc<dyn SecretStore>,
    /// Looks up a variable for `${NAME}`.
    pub variable: LookUp,
    /// Variables that a `cmd:` program must not see.
    pub withheld_variables: Vec<&'static str>,
    /// Home directory, for `file:~/…`.
    pub home: Option<std::path::PathBuf>,
}

impl Credential {
    /// Finds the key. `Ok(None)` when the provider needs none or none is configured.
    pub fn resolve(&self) -> Result<Option<ApiKey>, SecretError> {
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
                command::first_line(words, &self.withheld_variables)
                    .map_err(|source| SecretError::Command { program, source })?
            }
            Reference::File(path) => {
                let path = self.expand_home(path);
                read_key_file(&path).map_err(|source| SecretError::File { path, source })?
            }
            Reference::Plain(key) => key.expose_secret().to_owned(),
            Reference::Removed => {
                return Err(SecretError::LeftOutOfBackup {
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

    /// Whether finding the key may take a while: a keyring, a program or a file is asked.
    pub fn may_block(&self) -> bool {
        matches!(&self.source, KeySource::Reference { reference, .. } if !matches!(reference, Reference::Plain(_) | Reference::Variable(_) | Reference::Removed))
    }

    /// A `cmd:` key may have expired since it was read: worth reading again after a 401.
    pub fn is_worth_rereading(&self) -> bool {
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
        // A key for another server stays here: a changed base_url must not carry it away.
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
                stored: "no server yet".to_owned(),
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
    /// The server that the key in the keyring belongs to, when that is another than it would now
    /// be sent to. `None` for keys from elsewhere, and when all is well.
    pub fn belongs_elsewhere(&self) -> Result<Option<String>, SecretError> {
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
        let bound_to = bound_to.unwrap_or_else(|| "no server yet".to_owned());
        Ok(Some(bound_to).filter(|bound_to| *bound_to != self.origin))
    }

    /// From now on the key in the keyring belongs to the server it would be sent to.
    pub fn bind(&self) -> Result<(), SecretError> {
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

/// The keyring user under which the server of a key is noted. It stands in the keyring rather than
/// in a file, so that whoever can change the configuration cannot change it along.
pub fn origin_entry(user: &str) -> String {
    format!("{user}.origin")
}

/// What the keyring held for a user, to put it back when something later fails.
pub struct Before {
    service: String,
    user: String,
    key: Option<String>,
    origin: Option<String>,
}

impl Before {
    pub fn take(store: &dyn SecretStore, service: &str, user: &str) -> Result<Self, SecretError> {
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

    pub fn put_back(&self, store: &dyn SecretStore) -> Result<(), SecretError> {
        let put = |user: &str, value: &Option<String>| match value {
            Some(value) => store.set(&self.service, user, value),
            None => store.delete(&self.service, user),
        };
        put(&self.user, &self.key)?;
        put(&origin_entry(&self.user), &self.origin)?;
        Ok(())
    }
}

/// Stores a key for one server, reads both entries back, and leaves what was there before when
/// anything goes wrong.
pub fn store_key(
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

/// Removes a key and the note of its server.
pub fn delete_key(store: &dyn SecretStore, service: &str, user: &str) -> Result<(), SecretError> {
    store.delete(service, user)?;
    store.delete(service, &origin_entry(user))?;
    Ok(())
}

fn read_key_file(path: &Path) -> anyhow::Result<String> {
    let metadata = std::fs::metadata(path).context("it cannot be opened")?;
    ensure!(metadata.is_file(), "it is not a regular file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            bail!(
                "its mode is {mode:04o}, so others on this machine can read it: chmod 600 {}",
                path.display()
            );
        }
    }
    ensure!(
        metadata.len() <= ApiKey::LONGEST as u64 + 2,
        "it is too large to be a key"
    );
    let text = std::fs::read_to_string(path).context("it cannot be read as text")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
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
