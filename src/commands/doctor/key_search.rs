//! Reads the key of each profile from where it is stored; the report has only whether that worked.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::subject::{KeyState, Problem, Subject};
use crate::ask::connection;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::{Credential, KeySource, Reference, SecretError, SecretStore};
use crate::wire::background::spawn_or_run;

/// Time limit for all keys together: key programs have 10 s each and run in parallel.
const DEADLINE: Duration = Duration::from_secs(12);

/// Fills in the state of each profile's key.
pub(super) fn find(subject: &mut Subject, context: &Context<'_>) {
    let store = context.equipment.keyring();
    let keyring_problem = keyring_problem(subject, store.as_ref());
    let (sender, receiver) = mpsc::channel();
    let mut pending = 0;
    for (index, profile) in subject.profiles.iter_mut().enumerate() {
        profile.key = match (&profile.settings.key, &keyring_problem) {
            (KeySource::NotNeeded, _) => KeyState::NotNeeded,
            (KeySource::Missing, _) => KeyState::Missing,
            (KeySource::Environment { key, .. }, _) => KeyState::Found(key.clone()),
            (
                KeySource::Reference {
                    reference: Reference::Keyring { .. },
                    ..
                },
                Some(problem),
            ) => KeyState::Unreachable(problem.clone()),
            (
                KeySource::Reference {
                    reference: Reference::Command(_),
                    ..
                },
                _,
            ) if subject.is_offline => {
                KeyState::NotAsked("--offline: the key program may use the network")
            }
            (KeySource::Reference { .. }, _) => {
                let (credential, sender) = (
                    connection::credential(&profile.settings, &context.equipment),
                    sender.clone(),
                );
                // A program or a keyring may hang; the thread then ends with the process.
                spawn_or_run(move || {
                    // The receiver is gone after the deadline.
                    let _ = sender.send((index, resolved(&credential)));
                });
                pending += 1;
                let words = format!("no key within {} s", DEADLINE.as_secs());
                KeyState::Unreadable(Problem {
                    words,
                    remedy: "amx config explain api_key".to_owned(),
                })
            }
        };
    }
    let deadline = Instant::now() + DEADLINE;
    for _ in 0..pending {
        let Ok((index, state)) =
            receiver.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        else {
            return;
        };
        subject.profiles[index].key = state;
    }
}

/// Reads from the keyring once, if a profile uses it: a keyring that hangs is not tried again for
/// each profile.
fn keyring_problem(subject: &Subject, store: &dyn SecretStore) -> Option<Problem> {
    let (service, user) =
        subject
            .profiles
            .iter()
            .find_map(|profile| match &profile.settings.key {
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
                .for_each(crate::wire::api_key::remember);
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
        // The program's stderr is omitted: it may contain the key.
        SecretError::Command { .. } => {
            let error = CommandError::from(error);
            KeyState::Unreadable(Problem {
                words: error.message,
                remedy: error.hints.into_iter().next().unwrap_or_default(),
            })
        }
        SecretError::BoundElsewhere { .. } => KeyState::Elsewhere(CommandError::from(error).into()),
        _ => KeyState::Unreadable(CommandError::from(error).into()),
    }
}
