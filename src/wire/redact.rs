//! Replaces known secrets in texts, also when a stream splits them or a text ends inside one.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use super::api_key::{known_secret_count, known_secrets};
use super::key_forms::{REPLACEMENT, keys_in, looks_like_a_key, masked, public_length};

/// Fewest bytes of the beginning of a secret that count as the secret.
const LEAST_SHOWN: usize = 8;

/// Fewest bytes behind the part that all keys of a form share, in the middle of an answer: a text
/// about keys may say how they begin.
const LEAST_BEHIND_FORM: usize = 4;

/// Shortest secret whose beginning counts, in bytes, unless it has the form of a key. The beginning
/// of a password may be a word of the language.
const SHORTEST_CUT: usize = 16;

/// A known secret, and how much of its beginning is replaced.
#[derive(Debug)]
struct Secret {
    text: String,
    /// In the middle of a text, in bytes.
    least: usize,
    /// At the end of a text, in bytes.
    least_at_end: usize,
}

impl Secret {
    fn new(text: String, is_strict: bool) -> Self {
        let is_random = looks_like_a_key(&text)
            || text.len() >= SHORTEST_CUT && text.bytes().any(|byte| byte.is_ascii_digit());
        let within = |least: usize| floor_boundary(&text, least.min(text.len()));
        let (least, least_at_end) = if !is_random {
            (text.len(), text.len())
        } else if is_strict {
            (within(LEAST_SHOWN), within(LEAST_SHOWN))
        } else {
            let behind = public_length(&text) + LEAST_BEHIND_FORM;
            (within(behind.max(LEAST_SHOWN)), within(LEAST_SHOWN))
        };
        Self {
            text,
            least,
            least_at_end,
        }
    }

    /// The first place in a text where enough of the secret stands: place, length, and whether the
    /// text ends inside the secret. In JSON a quotation mark is the end of a text.
    fn find(&self, text: &str, is_json: bool) -> Option<(usize, usize, bool)> {
        let needle = &self.text[..self.least_at_end];
        let mut from = 0;
        while let Some(at) = text[from..].find(needle).map(|found| from + found) {
            let same = self
                .text
                .bytes()
                .zip(text[at..].bytes())
                .take_while(|(secret, other)| secret == other)
                .count();
            let next = text.as_bytes().get(at + same);
            let is_open = next.is_none() && same < self.text.len();
            if is_open || same >= self.least || (is_json && next == Some(&b'"')) {
                return Some((at, floor_boundary(&self.text, same), is_open));
            }
            from = at + needle.len();
        }
        None
    }

    /// The place from which the end of a text may be the start of the secret.
    fn open_end(&self, text: &str) -> Option<usize> {
        let first = self.text.as_bytes().first().copied();
        let from = text.len().saturating_sub(self.text.len() - 1);
        (from..text.len()).find(|at| {
            text.as_bytes().get(*at).copied() == first
                && self.text.as_bytes().starts_with(&text.as_bytes()[*at..])
        })
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The known secrets, prepared for redactors of one kind, and how many values were known then.
type Prepared = Option<(usize, Arc<[Secret]>)>;

/// Those for texts that are not strict, and for those that are. Most redactors are for one short
/// text, for which preparing takes longer than looking.
static PREPARED: Mutex<[Prepared; 2]> = Mutex::new([None, None]);

/// The known secrets.
fn prepared(is_strict: bool) -> Arc<[Secret]> {
    let mut prepared = PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
    let prepared = &mut prepared[usize::from(is_strict)];
    let count = known_secret_count();
    match prepared {
        Some((known, secrets)) if *known == count => Arc::clone(secrets),
        _ => {
            let secrets = secrets_of(known_secrets(), is_strict);
            *prepared = Some((count, Arc::clone(&secrets)));
            secrets
        }
    }
}

/// Values as they stand in a text and in JSON, which escapes quotes and backslashes.
fn secrets_of(mut values: Vec<String>, is_strict: bool) -> Arc<[Secret]> {
    let escaped: Vec<String> = values
        .iter()
        .filter_map(|value| serde_json::to_string(value).ok())
        .filter_map(|text| Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
        .filter(|text| !values.contains(text))
        .collect();
    values.extend(escaped);
    let secrets = values.into_iter();
    secrets.map(|text| Secret::new(text, is_strict)).collect()
}

/// Holds back the end of a text that may be the start of a secret.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    secrets: Arc<[Secret]>,
    known: usize,
    held: String,
    is_strict: bool,
    is_json: bool,
    /// What is replaced as well, although no key of that value was read.
    found: Vec<String>,
}

impl Redactor {
    /// A redactor for errors, in which no beginning of a key is worth showing.
    fn strict() -> Self {
        Self {
            is_strict: true,
            ..Self::default()
        }
    }

    /// A redactor that also replaces keys that were found by their form.
    pub(super) fn with_found(found: impl IntoIterator<Item = String>) -> Self {
        Self {
            found: found.into_iter().collect(),
            known: usize::MAX,
            ..Self::default()
        }
    }

    /// What follows is JSON, or no longer.
    pub(crate) fn expect_json(&mut self, is_json: bool) {
        self.is_json = is_json;
    }

    /// Appends `text` to `out`, except an end that may belong to a secret.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        self.refresh();
        if self.secrets.is_empty() {
            out.push_str(text);
            return;
        }
        // The usual case, without copying: no secret starts here.
        if self.held.is_empty() && self.is_clean(text) {
            out.push_str(text);
            return;
        }
        self.held.push_str(text);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        while let Some((at, length)) = self.first_secret(rest) {
            out.push_str(&rest[..at]);
            out.push_str(REPLACEMENT);
            rest = &rest[at + length..];
        }
        let kept = self.open_end(rest).unwrap_or(rest.len());
        out.push_str(&rest[..kept]);
        rest[kept..].clone_into(&mut self.held);
    }

    /// The end of the text. What was held back is no whole secret, but may be most of one.
    pub(crate) fn finish(&mut self, out: &mut String) {
        self.end(out, |secret| secret.least_at_end);
    }

    /// An end that is none for the reader, such as a change of style: what was held back is shown
    /// as in the middle of a text.
    pub(crate) fn release(&mut self, out: &mut String) {
        self.end(out, |secret| secret.least);
    }

    fn end(&mut self, out: &mut String, least: impl Fn(&Secret) -> usize) {
        let held = std::mem::take(&mut self.held);
        let begins = self.secrets.iter().filter_map(|secret| {
            let at = secret.open_end(&held)?;
            (held.len() - at >= least(secret)).then_some(at)
        });
        match begins.min() {
            Some(at) => {
                out.push_str(&held[..at]);
                out.push_str(REPLACEMENT);
            }
            None => out.push_str(&held),
        }
    }

    fn refresh(&mut self) {
        if self.known == known_secret_count() {
            return;
        }
        self.known = known_secret_count();
        if self.found.is_empty() {
            self.secrets = prepared(self.is_strict);
            return;
        }
        let mut values = known_secrets();
        values.extend(self.found.iter().cloned());
        self.secrets = secrets_of(values, self.is_strict);
    }

    fn is_clean(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .all(|secret| self.find(secret, text).is_none() && secret.open_end(text).is_none())
    }

    /// The first secret that has ended, unless one that may go on starts before it.
    fn first_secret(&self, text: &str) -> Option<(usize, usize)> {
        let found = self
            .secrets
            .iter()
            .filter_map(|secret| self.find(secret, text));
        let (at, length, is_open) =
            found.min_by_key(|(at, length, _)| (*at, std::cmp::Reverse(*length)))?;
        (!is_open).then_some((at, length))
    }

    fn find(&self, secret: &Secret, text: &str) -> Option<(usize, usize, bool)> {
        secret.find(text, self.is_json)
    }

    /// The place from which the end of a text may be the start of a secret.
    fn open_end(&self, text: &str) -> Option<usize> {
        self.secrets
            .iter()
            .filter_map(|secret| secret.open_end(text))
            .min()
    }
}

/// A whole text without secrets.
pub(crate) fn redacted(text: &str) -> String {
    through(Redactor::default(), text)
}

/// A text as it is stored: without secrets and anything that has the form of a key. A file outlives
/// the program, and a later reader cannot recognise the key.
pub(crate) fn stored(text: &str) -> Cow<'_, str> {
    Storing::new().text(text)
}

/// Redacts many texts as [`stored`] does one. The secrets are those that are known at its start.
pub(crate) struct Storing(Redactor);

impl Storing {
    pub(crate) fn new() -> Self {
        let mut redactor = Redactor::default();
        redactor.refresh();
        Self(redactor)
    }

    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.is_clean(text) && keys_in(text).next().is_none() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(masked(&through(Redactor::default(), text)))
    }
}

/// A text of an error without secrets, their beginnings, and anything that has the form of a key.
pub(crate) fn without_keys(text: &str) -> String {
    let mut strict = Redactor::strict();
    strict.refresh();
    // Where a strict redactor finds nothing, another one finds nothing either.
    if strict.is_clean(text) && keys_in(text).next().is_none() {
        return text.to_owned();
    }
    // Forms before beginnings: a key that is not known may begin as a known one.
    through(Redactor::strict(), &masked(&redacted(text)))
}

/// At most so many characters of a text, without keys; `…` marks what is omitted. The one way to
/// shorten a text: redaction after the cut would miss a key that was cut in two.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let clean = without_keys(text);
    match clean.char_indices().nth(most) {
        None => clean,
        Some((end, _)) => format!("{}…", &clean[..end]),
    }
}

fn through(mut redactor: Redactor, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    redactor.push(text, &mut out);
    redactor.finish(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::api_key::remember;
    use proptest::prelude::*;

    const SECRET: &str = "sk-or-v1-redact-me-0123456789";

    #[test]
    fn a_secret_is_replaced_wherever_it_is_split() {
        remember(SECRET);
        let text = format!("your key is {SECRET}, sk-or-v1-rest, sk");
        for cut in 0..text.len() {
            let mut out = String::new();
            let mut redactor = Redactor::default();
            redactor.push(&text[..cut], &mut out);
            assert!(!out.contains("sk-or-v1-redact-me"), "split at {cut}: {out}");
            redactor.push(&text[cut..], &mut out);
            redactor.finish(&mut out);
            assert_eq!(
                out, "your key is [redacted], sk-or-v1-rest, sk",
                "split at {cut}"
            );
        }
    }

    #[test]
    fn a_secret_with_a_quote_is_found_inside_json() {
        remember("secret-with-\"quote\"");
        let text = serde_json::json!({"content": "secret-with-\"quote\""}).to_string();
        assert_eq!(redacted(&text), r#"{"content":"[redacted]"}"#);
    }

    #[test]
    fn the_beginning_of_a_secret_is_a_secret() {
        remember(SECRET);
        for end in 1..SECRET.len() {
            let beginning = &SECRET[..end];
            let shown = redacted(&format!("key {beginning}"));
            assert!(end < 8 || shown == "key [redacted]", "{end}: {shown}");
            let shown = redacted(&format!("key {beginning}... is bad"));
            assert!(
                end < 13 || shown == "key [redacted]... is bad",
                "{end}: {shown}"
            );
            let shown = without_keys(&format!("key {beginning}!"));
            assert!(end < 8 || shown == "key [redacted]!", "{end}: {shown}");
        }
    }

    #[test]
    fn in_json_a_text_ends_at_its_quotation_mark() {
        remember(SECRET);
        let mut out = String::new();
        let mut redactor = Redactor::default();
        redactor.expect_json(true);
        let value = serde_json::json!({"a": &SECRET[..11], "b": "starts_with(\"sk-or-v1-\")"});
        redactor.push(&value.to_string(), &mut out);
        assert_eq!(
            out,
            r#"{"a":"[redacted]","b":"starts_with(\"sk-or-v1-\")"}"#
        );
    }

    #[test]
    fn a_stored_text_has_no_key_that_is_known_or_looks_like_one() {
        remember(SECRET);
        let text = format!("{SECRET} and gsk_0123456789abcdefghij");
        assert_eq!(stored(&text), "[redacted] and [redacted]");
        assert!(matches!(stored("no key"), Cow::Borrowed("no key")));
    }

    #[test]
    fn no_cut_shows_the_beginning_of_a_secret() {
        remember(SECRET);
        let text = format!("Incorrect API key provided: {SECRET}.");
        for most in 0..=text.len() {
            let shown = cut(&text, most);
            assert!(!shown.contains(&SECRET[..8]), "{most}: {shown}");
            assert!(shown.chars().count() <= most + 1, "{most}: {shown}");
        }
        assert_eq!(cut("é👋é", 2), "é👋…");
    }

    #[test]
    fn a_text_about_keys_and_a_password_that_is_a_word_are_not_damaged() {
        remember(SECRET);
        remember("production-team-password");
        let text = "Keys begin with sk-or-v1- in production.";
        assert_eq!(redacted(text), text);
    }

    #[test]
    fn a_key_that_begins_as_a_known_one_is_masked_whole() {
        remember(SECRET);
        let other = "sk-or-v1-0a1b2c3d4e5f60718293";
        assert_eq!(without_keys(&format!("{other}!")), "[redacted]!");
    }

    #[test]
    fn of_two_secrets_with_one_beginning_the_longer_is_replaced_whole() {
        remember("longer-secret-0123");
        remember("longer-secret-0123-and-more-4567");
        let mut out = String::new();
        let mut redactor = Redactor::default();
        for piece in ["a longer-secret-0123", "-and-more-4567", " b"] {
            redactor.push(piece, &mut out);
        }
        redactor.finish(&mut out);
        assert_eq!(out, "a [redacted] b");
    }

    proptest! {
        #[test]
        fn text_without_secrets_is_unchanged(pieces in proptest::collection::vec("[a-z -]{0,12}|sk-or-v1|é👋", 0..12)) {
            remember(SECRET);
            let mut out = String::new();
            let mut redactor = Redactor::default();
            for piece in &pieces {
                redactor.push(piece, &mut out);
            }
            redactor.push(" end", &mut out);
            redactor.finish(&mut out);
            prop_assert_eq!(out, format!("{} end", pieces.concat()));
        }
    }
}
