//! Replaces known secrets in texts, also when a stream splits them.

use super::api_key::{known_secret_count, known_secrets};

/// The replacement for a secret.
pub(crate) const REPLACEMENT: &str = "[redacted]";

/// Holds back the end of a text that may be the start of a secret.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
    known: usize,
    held: String,
}

impl Redactor {
    /// Appends `text` to `out`, except an end that may belong to a secret.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        self.refresh();
        if self.secrets.is_empty() {
            out.push_str(text);
            return;
        }
        if self.held.is_empty() {
            // The usual case, without copying: no secret starts here.
            if let Some(kept) = self.clean_length(text).filter(|kept| *kept == text.len()) {
                out.push_str(&text[..kept]);
                return;
            }
        }
        self.held.push_str(text);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        while let Some((at, length)) = self.first_secret(rest) {
            out.push_str(&rest[..at]);
            out.push_str(REPLACEMENT);
            rest = &rest[at + length..];
        }
        let kept = self.clean_length(rest).unwrap_or(rest.len());
        out.push_str(&rest[..kept]);
        rest[kept..].clone_into(&mut self.held);
    }

    /// The end of the text: what was held back is not a secret.
    pub(crate) fn finish(&mut self, out: &mut String) {
        out.push_str(&std::mem::take(&mut self.held));
    }

    fn refresh(&mut self) {
        if self.known == known_secret_count() {
            return;
        }
        self.known = known_secret_count();
        self.secrets = known_secrets();
        // JSON escapes quotes and backslashes of a secret.
        let escaped: Vec<String> = self
            .secrets
            .iter()
            .filter_map(|secret| serde_json::to_string(secret).ok())
            .filter_map(|text| Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
            .collect();
        for text in escaped {
            if !self.secrets.contains(&text) {
                self.secrets.push(text);
            }
        }
    }

    fn first_secret(&self, text: &str) -> Option<(usize, usize)> {
        let found = self
            .secrets
            .iter()
            .filter_map(|secret| Some((text.find(secret.as_str())?, secret.len())));
        found.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length)))
    }

    /// How much of a text can be shown: all but an end that may be the start of a secret. `None`
    /// when it contains a whole secret.
    fn clean_length(&self, text: &str) -> Option<usize> {
        let mut kept = text.len();
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                return None;
            }
            let first = secret.as_bytes().first().copied();
            let from = text.len().saturating_sub(secret.len() - 1);
            let begins = (from..text.len()).find(|at| {
                text.as_bytes().get(*at).copied() == first
                    && secret.as_bytes().starts_with(&text.as_bytes()[*at..])
            });
            kept = begins.map_or(kept, |at| kept.min(at));
        }
        Some(kept)
    }
}

/// A whole text without secrets.
pub(crate) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut redactor = Redactor::default();
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
        let text = format!("your key is {SECRET}, sk-or-v1-redact-not, sk");
        for cut in 0..text.len() {
            let mut out = String::new();
            let mut redactor = Redactor::default();
            redactor.push(&text[..cut], &mut out);
            assert!(!out.contains("sk-or-v1-redact-me"), "split at {cut}: {out}");
            redactor.push(&text[cut..], &mut out);
            redactor.finish(&mut out);
            assert_eq!(
                out, "your key is [redacted], sk-or-v1-redact-not, sk",
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

    proptest! {
        #[test]
        fn text_without_secrets_is_unchanged(pieces in proptest::collection::vec("[a-z -]{0,12}|sk-or-v1|é👋", 0..12)) {
            remember(SECRET);
            let mut out = String::new();
            let mut redactor = Redactor::default();
            for piece in &pieces {
                redactor.push(piece, &mut out);
            }
            redactor.finish(&mut out);
            prop_assert_eq!(out, pieces.concat());
        }
    }
}
