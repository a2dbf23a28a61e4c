//! Looks for the key of each profile where the profile says it is; nothing of a key leaves here but
//! whether it was found.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::subject::{KeyState, Subject, SubjectFault};
use crate::ask::connection;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::{Credential, KeySource, Reference, SecretError, SecretStore};

/// Longest time for all keys together: programs that give one have 10 s, and run side by side.
const DEADLINE: Duration = Duration::from_secs(12);

/// Fills in the state of each profile's key.
pub fn find(subject: &mut Subject, context: &Context<'_>) {
    let store = context.equipment.keyring();
    let keyring_fault = keyring_fault(subject, store.as_ref());
    let (sender, receiver) = mpsc::channel();
    let mut awaited = 0;
    for (index, patient) in subject.patients.iter_mut().enumerate() {
        patient.key = match (&patient.settings.key, &keyring_fault) {
            (KeySource::NotNeeded, _) => KeyState::NotNeeded,
            (KeySource::Missing, _) => KeyState::Missing,
            (KeySource::Environment { key, .. }, _) => KeyState::Found(key.clone()),
            (
                KeySource::Reference {
                    reference: Reference::Keyring { .. },
                    ..
                },
                Some(fault),
            ) => KeyState::Unreachable(fault.clone()),
            (
                KeySource::Reference {
                    reference: Reference::Command(_),
                    ..
                },
                _,
            ) if subject.is_offline => {
                KeyState::NotAsked("--offline: the program that gives the key may use the network")
            }
            (KeySource::Reference { .. }, _) => {
                let (credential, sender) = (
                    connection::credential(&patient.settings, &context.equipment),
                    sender.clone(),
                );
                // A program or a keyring may hang; the thread then ends with the process.
                std::thread::spawn(move || {
                    // Nobody listens any more when the time is over.
                    let _ = sender.send((index, resolved(&credential)));
                });
                awaited += 1;
                let words = format!("the key was not given within {} s", DEADLINE.as_secs());
                KeyState::Unreadable(SubjectFault {
                    words,
                    remedy: "amx config explain api_key".to_owned(),
                })
            }
        };
    }
    let deadline = Instant::now() + DEADLINE;
    for _ in 0..awaited {
        let Ok((index, state)) =
            receiver.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        else {
            return;
        };
        subject.patients[index].key = state;
    }
}

/// Asks the keyring once, where a key is kept there at all: when it does not answer, it is not
/// asked again for each profile.
fn keyring_fault(subject: &Subject, store: &dyn SecretStore) -> Option<SubjectFault> {
    let (service, user) =
        subject
            .patients
            .iter()
            .find_map(|patient| match &patient.settings.key {
                KeySource::Reference {
                    reference: Reference::Keyring { service, user },
                    ..
                } => Some((service, user)),
                _ => None,
            })?;
    match store.get(service, user) {
        Ok(secret) => {
            secret
                .as_deref()
                .into_iter()
                .for_each(crate::secrets::remember);
            None
        }
        Err(error) => Some(CommandError::from(SecretError::from(error)).into()),
    }
}

fn resolved(credential: &Credential) -> KeyState {
    let error = match credential.resolve() {
        Ok(Some(key)) => return KeyState::Found(key),
        Ok(None) => return KeyState::Missing,
        Err(error) => error,
    };
    match error {
        SecretError::Keyring(_) => KeyState::Unreachable(CommandError::from(error).into()),
        // What the program said on stderr is nobody else's business: it may be the key.
        SecretError::Command { .. } => {
            let error = CommandError::from(error);
            KeyState::Unreadable(SubjectFault {
                words: error.message,
                remedy: error.hints.into_iter().next().unwrap_or_default(),
            })
        }
        SecretError::BoundElsewhere { .. } => KeyState::Elsewhere(CommandError::from(error).into()),
        _ => KeyState::Unreadable(CommandError::from(error).into()),
    }
}
