//! The keys of clients: made here, shown once, and kept as a hash.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What every key starts with.
pub(crate) const KEY_PREFIX: &str = "amx-";

/// The hash of a key.
type Hash = [u8; 32];

/// A key as it is kept, with its limits. A limit that is absent does not apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClientKey {
    pub name: String,
    /// In hexadecimal digits.
    pub sha256: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// USD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// Requests a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u32>,
    /// Requests at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<u32>,
    /// Patterns of model names; none allows every model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

impl ClientKey {
    /// Whether it is no longer valid.
    pub(crate) fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at
            .is_some_and(|expires| seconds(now) >= expires)
    }
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A new key: 256 random bits. `None` when the system has no random numbers.
pub(crate) fn generate() -> Option<String> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).ok()?;
    Some(format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(bits)))
}

/// The hash of a key in hexadecimal digits.
pub(crate) fn hash_text(key: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in hash(key) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn hash(key: &str) -> Hash {
    Sha256::digest(key.as_bytes()).into()
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(hash)
}

/// A key of the file, ready for comparison.
#[derive(Debug)]
pub(crate) struct KnownKey {
    pub key: ClientKey,
    hash: Hash,
}

impl KnownKey {
    /// `None` for an entry that no key can match.
    pub(crate) fn of(key: ClientKey) -> Option<Self> {
        Some(Self {
            hash: parse_hash(&key.sha256)?,
            key,
        })
    }

    /// Whether it may use a model, by one of its names.
    pub(crate) fn may_use(&self, names: &[&str]) -> bool {
        let patterns = &self.key.models;
        let is_allowed = |name: &&str| patterns.iter().any(|pattern| matches(pattern, name));
        patterns.is_empty() || names.iter().any(is_allowed)
    }
}

/// Whether a pattern matches a whole name: `*` is any text, and everything else is itself.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.any(|at| matches(rest, &name[at..]))
}

/// The entry of a key. Every entry is compared, each in constant time, so that the time says
/// nothing of what was almost right.
pub(crate) fn find<'a, K: AsRef<KnownKey>>(keys: &'a [K], key: &str) -> Option<&'a K> {
    let hash = hash(key);
    let mut found = None;
    for known in keys {
        let difference = known
            .as_ref()
            .hash
            .iter()
            .zip(hash)
            .fold(0, |difference, (one, other)| difference | (one ^ other));
        if std::hint::black_box(difference) == 0 {
            found = Some(known);
        }
    }
    found
}

#[cfg(test)]
impl ClientKey {
    /// A key without limits, which no text is.
    pub(crate) fn sample(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            sha256: String::new(),
            created_at: 0,
            expires_at: None,
            per_day: None,
            rpm: None,
            concurrent: None,
            models: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn named(name: &str, key: &str) -> ClientKey {
        ClientKey {
            sha256: hash_text(key),
            ..ClientKey::sample(name)
        }
    }

    #[test]
    fn a_key_has_256_random_bits_and_is_found_by_its_hash() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert!(one.len() == 47 && one.starts_with(KEY_PREFIX) && one != other);
        let keys: Vec<Arc<KnownKey>> = [named("a", &one), named("b", &other)]
            .into_iter()
            .filter_map(KnownKey::of)
            .map(Arc::new)
            .collect();
        let name = |key: &str| find(&keys, key).map(|known| known.key.name.as_str());
        assert_eq!((name(&one), name(&other)), (Some("a"), Some("b")));
        for wrong in ["", &one[..46], &one.to_uppercase(), &format!("{one} ")] {
            assert_eq!(name(wrong), None);
        }
    }

    #[test]
    fn patterns_limit_the_models_of_a_key() {
        let mut key = named("a", "k");
        assert!(KnownKey::of(key.clone()).unwrap().may_use(&["any/thing"]));
        key.models = vec!["anthropic/*".to_owned(), "fast".to_owned()];
        let known = KnownKey::of(key.clone()).unwrap();
        for (names, is_allowed) in [
            (["anthropic/claude-x", "anthropic/claude-x"], true),
            (["fast", "google/gemini"], true),
            (["other", "anthropic/claude"], true),
            (["faster", "openai/gpt"], false),
        ] {
            assert_eq!(known.may_use(&names), is_allowed, "{names:?}");
        }
        for (pattern, name, is_match) in [
            ("*", "", true),
            ("a*c*", "abcd", true),
            ("*é", "aé", true),
            ("a*b", "a", false),
            ("a.c", "abc", false),
        ] {
            assert_eq!(matches(pattern, name), is_match, "{pattern}");
        }
    }

    /// Nanoseconds of comparisons: the mean and its variance, without the slowest tenth, in which
    /// the system did something else.
    #[expect(
        clippy::cast_precision_loss,
        reason = "nanoseconds of a comparison are few"
    )]
    fn mean_and_variance(mut samples: Vec<u128>) -> (f64, f64) {
        samples.sort_unstable();
        samples.truncate(samples.len() * 9 / 10);
        let count = samples.len() as f64;
        let mean = samples.iter().sum::<u128>() as f64 / count;
        let squares = samples.iter().map(|sample| (*sample as f64 - mean).powi(2));
        (mean, squares.sum::<f64>() / (count - 1.0) / count)
    }

    #[test]
    fn the_time_of_a_comparison_says_nothing_of_what_was_right() {
        let key = generate().unwrap();
        let keys: Vec<Arc<KnownKey>> = KnownKey::of(named("a", &key))
            .into_iter()
            .map(Arc::new)
            .collect();
        // Wrong from the first random character on, and only in the last one.
        let last = if key.ends_with('A') { "B" } else { "A" };
        let wrong = [
            format!("{KEY_PREFIX}{}", "_".repeat(43)),
            format!("{}{last}", &key[..46]),
        ];
        let mut samples = [Vec::new(), Vec::new()];
        for _ in 0..40_000 {
            let which = fastrand::usize(0..2);
            let start = std::time::Instant::now();
            let found = std::hint::black_box(find(&keys, &wrong[which])).is_some();
            samples[which].push(start.elapsed().as_nanos());
            assert!(!found);
        }
        let [(one, one_variance), (other, other_variance)] = samples.map(mean_and_variance);
        let t = (one - other) / (one_variance + other_variance).sqrt();
        assert!(t.abs() < 4.5, "t is {t}: {one} and {other} ns");
    }
}
