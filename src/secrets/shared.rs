//! One key for parallel requests: resolved by the first, shared by the others.

use std::sync::{Mutex, PoisonError};

use super::credential::Credential;
use super::error::SecretError;
use crate::wire::api_key::ApiKey;

/// A credential that is resolved once, with or without success, so that a keyring prompts once and
/// a program runs once.
pub(crate) struct SharedCredential {
    credential: Credential,
    found: Mutex<Option<Result<Option<ApiKey>, SecretError>>>,
}

impl SharedCredential {
    pub(crate) fn new(credential: Credential) -> Self {
        Self {
            credential,
            found: Mutex::new(None),
        }
    }

    /// The key, as [`Credential::resolve`] returns it. It is resolved again only when the present
    /// one was `refused`. Blocks while another caller resolves it.
    pub(crate) fn resolve(&self, refused: Option<&ApiKey>) -> Result<Option<ApiKey>, SecretError> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let is_refused =
            refused.is_some() && matches!(&*found, Some(Ok(key)) if key.as_ref() == refused);
        let key = match found.take().filter(|_| !is_refused) {
            Some(known) => known,
            None => self.credential.resolve(),
        };
        let given = key.as_ref().map(Option::clone).map_err(SecretError::again);
        *found = Some(key);
        given
    }

    /// The key that was resolved before, unless that one was `refused`. Never blocks.
    pub(crate) fn resolved(
        &self,
        refused: Option<&ApiKey>,
    ) -> Option<Result<Option<ApiKey>, SecretError>> {
        let found = self.found.try_lock().ok()?;
        match found.as_ref()? {
            Ok(key) if refused.is_some() && key.as_ref() == refused => None,
            Ok(key) => Some(Ok(key.clone())),
            Err(error) => Some(Err(error.again())),
        }
    }

    pub(crate) fn may_block(&self) -> bool {
        self.credential.may_block()
    }

    pub(crate) fn is_worth_rereading(&self) -> bool {
        self.credential.is_worth_rereading()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::secrets::credential::KeySource;
    use crate::secrets::memory::MemoryStore;
    use crate::secrets::reference::Reference;

    /// A key in a variable, with a count of how often it was looked up.
    fn counted(value: Option<&'static str>) -> (SharedCredential, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let credential = Credential {
            source: KeySource::Reference {
                reference: Reference::parse("${KEY}").unwrap(),
                place: "api_key".to_owned(),
            },
            origin: "https://a.example".to_owned(),
            home_origin: None,
            store: Arc::new(MemoryStore::default()),
            variable: Box::new(move |_| {
                value
                    .map(|value| format!("{value}-{}", counter.fetch_add(1, Ordering::Relaxed)))
                    .or_else(|| {
                        counter.fetch_add(1, Ordering::Relaxed);
                        None
                    })
            }),
            withheld_variables: Vec::new(),
            home: None,
        };
        (SharedCredential::new(credential), count)
    }

    #[test]
    fn a_key_is_resolved_again_only_when_it_was_refused() {
        let (shared, count) = counted(Some("sk-shared"));
        assert!(shared.resolved(None).is_none());
        let first = shared.resolve(None).unwrap().unwrap();
        assert_eq!(shared.resolve(None).unwrap().unwrap(), first);
        assert_eq!(shared.resolved(None).unwrap().unwrap(), Some(first.clone()));
        assert!(shared.resolved(Some(&first)).is_none());
        assert_eq!(count.load(Ordering::Relaxed), 1);
        let second = shared.resolve(Some(&first)).unwrap().unwrap();
        assert_eq!(second.expose(), "sk-shared-1");
        // A caller whose request was refused with the old key gets the new one.
        assert_eq!(shared.resolve(Some(&first)).unwrap().unwrap(), second);
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_failure_is_shared_and_not_repeated() {
        let (shared, count) = counted(None);
        let errors = [(); 3].map(|()| shared.resolve(None).unwrap_err().to_string());
        assert!(
            errors
                .iter()
                .all(|words| words.contains("KEY") && *words == errors[0]),
            "{errors:?}"
        );
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}
