//! The forms of well-known keys: what is masked wherever a file, an error or a stored text shows
//! it, also where amx never read it as a key.

use std::ops::Range;

/// What is shown in the place of a key.
pub(crate) const REPLACEMENT: &str = "[redacted]";

/// Shortest text that is taken for a key, in characters.
const SHORTEST: usize = 20;

/// What the keys of one issuer begin with.
struct Form {
    prefix: &'static str,
    /// Long enough to be found in the middle of a word, as after `%3D` or `key_`.
    is_distinct: bool,
}

const fn form(prefix: &'static str) -> Form {
    Form {
        prefix,
        is_distinct: false,
    }
}

const fn distinct(prefix: &'static str) -> Form {
    Form {
        prefix,
        is_distinct: true,
    }
}

/// All forms; of two that fit, the longer stands first.
const FORMS: &[Form] = &[
    distinct("sk-or-v1-"),
    distinct("sk-ant-api03-"),
    distinct("sk-ant-"),
    distinct("sk-proj-"),
    distinct("sk-svcacct-"),
    form("sk-"),
    form("sk_live_"),
    form("sk_test_"),
    form("sk_"),
    distinct("AIzaSy"),
    form("AIza"),
    distinct("ya29."),
    form("gsk_"),
    form("xai-"),
    form("pplx-"),
    form("hf_"),
    form("r8_"),
    form("csk-"),
    form("fw_"),
    form("tgp_v1_"),
    distinct("nvapi-"),
    distinct("github_pat_"),
    form("ghp_"),
    form("gho_"),
    form("ghu_"),
    form("ghs_"),
    form("ghr_"),
    distinct("glpat-"),
    form("npm_"),
    form("xoxb-"),
    form("xoxp-"),
    form("dop_v1_"),
];

/// The words before a token, in lower case.
const BEARER: &str = "bearer ";

/// The start of a JSON web token: `{"` in base64.
const WEB_TOKEN: &str = "eyJ";

/// What the IDs of Amazon's access keys start with; 16 capitals and digits follow.
const ACCESS_KEY_IDS: &[&str] = &["AKIA", "ASIA"];

/// Whether a word has the form of a provider's key.
pub(crate) fn looks_like_a_key(word: &str) -> bool {
    first_key(word).is_some_and(|(at, length)| at == 0 && length == word.len())
}

/// How much of a key every key of its form has: `sk-or-v1-` of an OpenRouter key. In bytes.
pub(super) fn public_length(key: &str) -> usize {
    let scheme = key
        .get(..BEARER.len())
        .filter(|start| start.eq_ignore_ascii_case(BEARER))
        .map_or(0, str::len);
    FORMS
        .iter()
        .find(|form| key[scheme..].starts_with(form.prefix))
        .map_or(scheme, |form| scheme + form.prefix.len())
}

/// The keys in a text, from left to right.
pub(crate) fn keys_in(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (at, length) = first_key(rest)?;
        let key = &rest[at..at + length];
        rest = &rest[at + length..];
        Some(key)
    })
}

/// A text with every key in it replaced.
pub(crate) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length)) = first_key(rest) {
        shown.push_str(&rest[..at]);
        shown.push_str(REPLACEMENT);
        rest = &rest[at + length..];
    }
    shown.push_str(rest);
    shown
}

/// Place and length of the first key in a text, in bytes.
fn first_key(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_a_word).map(|found| at + found) {
        let length = text[start..]
            .find(|c| !is_of_a_word(c))
            .unwrap_or(text.len() - start);
        let word = start..start + length;
        let key = key_at(text, word.clone()).or_else(|| {
            let skipped = escape_length(text, &word);
            key_at(text, start + skipped..word.end).filter(|_| skipped > 0)
        });
        if key.is_some() {
            return key;
        }
        at = start + length;
    }
    None
}

/// Whether a word of a text may be a key, or start one. Most words are too short, and nothing joins
/// them to the next.
fn may_be_a_key(text: &str, word: &Range<usize>) -> bool {
    word.len() >= SHORTEST
        || text.as_bytes().get(word.end) == Some(&b'.')
        || is_after_bearer(text, word.start)
}

/// Place and length of the key in a word of a text, in bytes.
fn key_at(text: &str, word: Range<usize>) -> Option<(usize, usize)> {
    if !may_be_a_key(text, &word) {
        return None;
    }
    let (start, length) = (word.start, word.len());
    let (offset, length) = web_token(&text[start..], length)
        .map(|length| (0, length))
        .or_else(|| key_in_word(&text[word]))
        .or_else(|| bearer_token(text, start).map(|length| (0, length)))
        .or_else(|| key_with_dot(&text[start..], length))?;
    Some((start + offset, length))
}

/// How much of a word belongs to an escape of JSON that starts before it, as in `\nsk-`. In bytes.
fn escape_length(text: &str, word: &Range<usize>) -> usize {
    if !text[..word.start].ends_with('\\') {
        return 0;
    }
    match text[word.clone()].as_bytes() {
        [b'b' | b'f' | b'n' | b'r' | b't', ..] => 1,
        [b'u', hex @ ..] if hex.iter().take(4).filter(|c| c.is_ascii_hexdigit()).count() == 4 => 5,
        _ => 0,
    }
}

/// The characters of keys of all forms but those with dots.
fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// A key that starts a word, or a distinct one inside it.
fn key_in_word(word: &str) -> Option<(usize, usize)> {
    let body = word.trim_start_matches(['-', '_']);
    let start = word.len() - body.len();
    if body.len() < SHORTEST {
        return None;
    }
    let is_id = |id: &&&str| {
        body.len() == SHORTEST
            && body.starts_with(**id)
            && body
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    if ACCESS_KEY_IDS.iter().any(|id| is_id(&id)) {
        return Some((start, body.len()));
    }
    let place = |form: &Form| {
        let inside = || body.find(form.prefix).filter(|_| form.is_distinct);
        let at = if body.starts_with(form.prefix) {
            Some(0)
        } else {
            inside()
        };
        at.filter(|at| body.len() - at >= SHORTEST)
    };
    let at = FORMS.iter().find_map(place)?;
    Some((start + at, body.len() - at))
}

/// The length of a web token at the start of a text whose first word has `length` bytes.
fn web_token(text: &str, length: usize) -> Option<usize> {
    let end = text.starts_with(WEB_TOKEN).then(|| dotted(text, length))?;
    (end >= SHORTEST).then_some(end)
}

/// The key in a text whose first word, of `length` bytes, ends in a prefix up to its dot.
fn key_with_dot(text: &str, length: usize) -> Option<(usize, usize)> {
    let place = |form: &Form| {
        let stem = form.prefix.strip_suffix('.')?;
        let at = length - text[..length].ends_with(stem).then_some(stem.len())?;
        text[at..].starts_with(form.prefix).then_some(at)
    };
    let at = FORMS.iter().find_map(place)?;
    let end = dotted(text, length);
    (end - at >= SHORTEST).then_some((at, end - at))
}

/// The end of the words that dots join to the first one, of `length` bytes.
fn dotted(text: &str, length: usize) -> usize {
    let mut end = length;
    while let Some(part) = text[end..].strip_prefix('.') {
        let part = part.find(|c| !is_of_a_word(c)).unwrap_or(part.len());
        if part == 0 {
            break;
        }
        end += 1 + part;
    }
    end
}

/// The length of a token at `start` when `Bearer` stands before it.
fn bearer_token(text: &str, start: usize) -> Option<usize> {
    if !is_after_bearer(text, start) {
        return None;
    }
    let is_of_a_token = |c: char| is_of_a_word(c) || ".~+/=".contains(c);
    let token = &text[start..];
    let length = token.find(|c| !is_of_a_token(c)).unwrap_or(token.len());
    let has_digit = token[..length].bytes().any(|byte| byte.is_ascii_digit());
    (length >= SHORTEST && has_digit).then_some(length)
}

fn is_after_bearer(text: &str, start: usize) -> bool {
    let before = &text.as_bytes()[..start];
    before
        .last_chunk()
        .is_some_and(|last: &[u8; BEARER.len()]| last.eq_ignore_ascii_case(BEARER.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts, and what is shown of them: `tests/data/keys.txt`.
    const KEYS: &str = include_str!("../../tests/data/keys.txt");

    #[test]
    fn every_known_form_is_masked_and_nothing_else() {
        let mut count = 0;
        for line in KEYS.lines().filter(|line| !line.starts_with('#')) {
            let (text, expected) = line.split_once(" => ").unwrap();
            let text = filled(text);
            assert_eq!(masked(&text), expected, "{text}");
            count += 1;
        }
        assert!(count >= 40, "only {count} texts");
    }

    #[test]
    fn a_key_of_each_form_is_masked() {
        for Form { prefix, .. } in FORMS {
            let key = filled(&format!("{prefix}{{30}}"));
            assert_eq!(masked(&key), REPLACEMENT, "{prefix}");
            assert_eq!(masked(&format!("is {key}.")), "is [redacted].", "{prefix}");
            assert!(looks_like_a_key(&key), "{prefix}");
        }
    }

    /// A text with its `{N}` and `{N^}` filled.
    fn filled(text: &str) -> String {
        let mut pieces = text.split('{');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |filled, piece| {
            let (length, rest) = piece.split_once('}').unwrap();
            let letters = if length.ends_with('^') {
                "Q3X7K"
            } else {
                "a4Zc09Ux1e"
            };
            let length = length.trim_end_matches('^').parse().unwrap();
            let body: String = letters.chars().cycle().take(length).collect();
            format!("{filled}{body}{rest}")
        })
    }

    #[test]
    fn a_key_is_a_whole_word() {
        assert!(looks_like_a_key("sk-or-v1-0123456789abcdef"));
        assert!(!looks_like_a_key("sk-or-v1-0123456789abcdef,"));
        assert!(!looks_like_a_key("sk-short"));
        assert!(!looks_like_a_key("openai/gpt-4o-mini-2024-07-18"));
    }

    #[test]
    fn the_public_part_of_a_key_is_its_form() {
        for (key, public) in [
            ("sk-or-v1-0123456789abcdef", 9),
            ("sk-0123456789abcdef0123", 3),
            ("Bearer sk-or-v1-0123456789abcdef", 16),
            ("0123456789abcdef", 0),
        ] {
            assert_eq!(public_length(key), public, "{key}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_masking_twice_changes_nothing(text in "\\PC{0,80}") {
            let once = masked(&text);
            prop_assert_eq!(masked(&once), once);
        }
    }
}
