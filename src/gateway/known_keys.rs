//! The client keys of the file, read again when it changes, and the tries with wrong ones.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::client_key::{KnownKey, find};
use super::key_file;
use super::problem::Problem;
use crate::config::Home;
use crate::wire::server::{Peer, RequestHead};

/// How often the file is looked at.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// Wrong keys from one IP address in [`WINDOW`] until it is asked to wait.
const MOST_FAILURES: u32 = 10;

const WINDOW: Duration = Duration::from_secs(60);

/// Most peers whose failures are counted.
const MOST_ADDRESSES: usize = 10_000;

/// The keys that clients may use.
pub(crate) struct KnownKeys {
    home: Home,
    path: PathBuf,
    state: Mutex<KeyState>,
    failures: Mutex<HashMap<IpAddr, Failures>>,
}

struct KeyState {
    keys: Arc<Vec<Arc<KnownKey>>>,
    modified: Option<SystemTime>,
    checked: Instant,
}

/// Wrong keys of one peer.
struct Failures {
    since: Instant,
    count: u32,
}

impl KnownKeys {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn open(home: &Home) -> Result<Self, key_file::KeyFileError> {
        let path = key_file::path(home);
        let modified = key_file::modified(&path);
        Ok(Self {
            state: Mutex::new(KeyState {
                keys: read(home)?,
                modified,
                checked: Instant::now(),
            }),
            home: home.clone(),
            path,
            failures: Mutex::default(),
        })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.state().keys.len()
    }

    /// Whether one of them has a limit on money.
    pub(crate) fn limit_money(&self) -> bool {
        self.state()
            .keys
            .iter()
            .any(|known| known.key.per_day.is_some())
    }

    /// The key of a request.
    ///
    /// # Errors
    /// 401 without a valid one, 429 after too many of those.
    pub(super) fn check(&self, head: &RequestHead) -> Result<Arc<KnownKey>, Problem> {
        let keys = self.current();
        let Some(presented) = presented(head) else {
            // Nothing was guessed.
            return Err(wrong_key());
        };
        match find(&keys, presented) {
            Some(known) if !known.key.has_expired(SystemTime::now()) => Ok(Arc::clone(known)),
            Some(known) => {
                let message = format!("key '{}' has expired", known.key.name);
                Err(Problem::new(401, "expired_api_key", message).made_final())
            }
            None => Err(self.failed(head.peer)),
        }
    }

    fn failed(&self, peer: Peer) -> Problem {
        let Some(address) = peer.address() else {
            return wrong_key();
        };
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_ADDRESSES {
            failures.retain(|_, failures| failures.since.elapsed() < WINDOW);
        }
        if failures.len() >= MOST_ADDRESSES && !failures.contains_key(&address) {
            failures.clear();
        }
        let of_address = failures.entry(address).or_insert_with(|| Failures {
            since: Instant::now(),
            count: 0,
        });
        let age = of_address.since.elapsed();
        if age >= WINDOW {
            (of_address.since, of_address.count) = (Instant::now(), 0);
        }
        of_address.count += 1;
        if of_address.count > MOST_FAILURES {
            let message = "too many requests with a wrong key";
            return Problem::new(429, "rate_limited", message)
                .retry_after(WINDOW.saturating_sub(age))
                .made_final();
        }
        wrong_key()
    }

    /// The keys of the file as it is now. One that cannot be read leaves the keys as they were.
    fn current(&self) -> Arc<Vec<Arc<KnownKey>>> {
        let mut state = self.state();
        if state.checked.elapsed() >= CHECK_INTERVAL {
            state.checked = Instant::now();
            let modified = key_file::modified(&self.path);
            if modified != state.modified {
                match read(&self.home) {
                    Ok(keys) => (state.keys, state.modified) = (keys, modified),
                    Err(error) => tracing::warn!(%error, "the client keys stay as they were"),
                }
            }
        }
        Arc::clone(&state.keys)
    }

    fn state(&self) -> MutexGuard<'_, KeyState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wrong_key() -> Problem {
    let message = "missing or unknown key; send a key of this server: amx serve keys add NAME";
    Problem::new(401, "invalid_api_key", message).made_final()
}

fn read(home: &Home) -> Result<Arc<Vec<Arc<KnownKey>>>, key_file::KeyFileError> {
    let keys = key_file::read(home)?.into_iter();
    Ok(Arc::new(
        keys.filter_map(KnownKey::of).map(Arc::new).collect(),
    ))
}

/// The key that a request has: in `Authorization`, in `x-api-key`, or the same in both. Empty when
/// it cannot be one, `None` without any.
fn presented(head: &RequestHead) -> Option<&str> {
    let value = |name: &str| {
        let is_there = head.headers.contains_key(name);
        is_there.then(|| head.header(name).unwrap_or_default())
    };
    let bearer = value("authorization").map(|value| match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key,
        _ => "",
    });
    match (bearer, value("x-api-key")) {
        (Some(one), Some(other)) if one != other => Some(""),
        (one, other) => one.or(other),
    }
}
