//! The text of a configuration that cannot be parsed, without what may be a secret in it.

use super::secret_words::{is_secret_flag, is_secret_value, is_worth_hiding};
use crate::secrets::reference::REMOVED_FROM_BACKUP;

/// How references start, which are no secrets.
const REFERENCES: &[&str] = &["keyring:", "${", "cmd:", "file:"];

/// Names that have the word of a secret and are none.
const HARMLESS: &[&str] = &["keyring", "keys"];

/// Removes what follows the name of a secret: the rest of its line, and deeper lines below.
pub(super) fn without_secrets(text: &str) -> String {
    let mut kept = String::new();
    let mut hidden_below = None;
    let mut is_next_hidden = false;
    for line in text.lines() {
        let indentation = line.len() - line.trim_start().len();
        if hidden_below.is_some_and(|above| line.trim().is_empty() || indentation > above) {
            continue;
        }
        hidden_below = None;
        let end = if std::mem::take(&mut is_next_hidden) {
            Some(indentation)
        } else {
            secret_start(line)
        };
        match end {
            Some(end) => {
                hidden_below = Some(indentation);
                kept.push_str(&format!("{} {REMOVED_FROM_BACKUP}\n", &line[..end]));
            }
            None => {
                is_next_hidden = ends_with_flag(line);
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

/// Where the secret of a line starts: after the name of a setting, or after a flag.
fn secret_start(line: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let after_name = line.match_indices(':').map(|(at, _)| at).find(|at| {
        let before = line[..*at].trim_end_matches([' ', '"', '\'']);
        let start = before.rfind(|c| !is_part(c)).map_or(0, |before_name| {
            before_name
                + before[before_name..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8)
        });
        is_secret(&before[start..], &line[at + 1..])
    });
    let after_flag = || {
        let mut words = line.split([' ', ',', '[', '"', '\'']);
        let flag = words.find(|word| is_flag(word))?;
        let end = flag.as_ptr() as usize - line.as_ptr() as usize + flag.len();
        let end = flag.find('=').map_or(end, |at| end - flag.len() + at + 1);
        (!ends_with_flag(line)).then_some(end)
    };
    after_name.map(|at| at + 1).or_else(after_flag)
}

fn is_secret(name: &str, rest: &str) -> bool {
    let value = rest.trim_start_matches([' ', '"', '\'']);
    let first = value
        .split([',', '}', ' ', '"', '\''])
        .next()
        .unwrap_or_default();
    let is_value = first.is_empty() || first.starts_with(['>', '|']) || is_worth_hiding(first);
    is_value
        && is_secret_value(name, "")
        && !HARMLESS.contains(&name)
        && !REFERENCES.iter().any(|form| value.starts_with(form))
}

fn is_flag(word: &str) -> bool {
    word.starts_with("--") && is_secret_flag(word.split('=').next().unwrap_or_default())
}

/// Whether a line ends with a flag, whose value is on the next.
fn ends_with_flag(line: &str) -> bool {
    let last = line.trim_end_matches([' ', ',', '"', '\'']);
    let last = last.rsplit([' ', ',', '"', '\'']).next();
    last.is_some_and(|word| is_flag(word) && !word.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_removed_and_the_rest_stays() {
        let text = "llm_profiles: [\n  a: {model: x, \"api_key\" : \"plain-1\", y: z}\n  b:\n    \
            api_key: >-\n      plain-2\n      plain-3\n\n    model: kept-1\n    headers:\n      \
            X-Api-Key: plain-4\n      'X-Token':  'plain-5'\n      X-Team: kept-2\n    max_tokens: 4321\n    \
            api_key: keyring://amx/a/kept-3\n    api_key: ${KEPT_4}\nmcp_servers:\n  s:\n    args: \
            [kept-5, --token, plain-6]\n    args:\n      - --password\n      - plain-7\n      - \
            --pwd=plain-8\n      - kept-6\n    env: {TOKEN: plain-9}\n    env: {GH_PAT: plain-é}\nkeys: vi # kept-7\n";
        let cleaned = without_secrets(text);
        assert!(!cleaned.contains("plain-"), "{cleaned}");
        for number in [1, 2, 3, 5, 6, 7] {
            assert!(
                cleaned.contains(&format!("kept-{number}")),
                "{number}: {cleaned}"
            );
        }
        assert!(
            cleaned.contains("KEPT_4") && cleaned.contains("4321"),
            "{cleaned}"
        );
    }
}
