//! A provider that sends the key back: no 8 characters of its beginning are shown, wherever the
//! text is cut or ends.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Longest beginning of the key that may be shown: hints say `sk-or-…`.
const MOST: usize = 7;

/// Lengths of the text before the key: the longest message of a refusal is 300 characters, the
/// longest cause 320.
const BEFORE: &[usize] = &[0, 200, 228, 260, 287, 291, 299, 311, 319];

/// How much of the key a provider sends.
const ENDS: &[usize] = &[73, 72, 40, 12, 9, 8];

/// The longest beginning of the key in a text.
fn shown_of_key(text: &str) -> usize {
    (0..=KEY.len())
        .rev()
        .find(|length| text.contains(&KEY[..*length]))
        .unwrap_or(0)
}

/// A text of that length, and as much of the key.
fn message(before: usize, end: usize) -> String {
    let words = "the key that was provided is ".chars().cycle();
    let words: String = words.take(before).collect();
    format!("{words}{}", &KEY[..end.min(KEY.len())])
}

/// The replies that carry a message, each another way.
fn replies(message: &str) -> Vec<(&'static str, Reply)> {
    let raw: Value = json!({"error": {"message": message}});
    vec![
        ("401", reply::refusal(401, message)),
        ("400", reply::refusal(400, message)),
        (
            "429",
            reply::refusal(429, message).header("retry-after", "99"),
        ),
        (
            "metadata.raw",
            reply::refusal_with(
                400,
                "Provider returned error",
                json!({"raw": raw.to_string(), "provider_name": "X"}),
            ),
        ),
        (
            "title",
            reply::page(403, "text/html", &format!("<title>{message}</title>")),
        ),
        ("page", reply::page(403, "text/plain", message)),
        (
            "event",
            reply::stream(["partial"]).error_event(&json!({"code": 400, "message": message})),
        ),
        (
            "200",
            reply::json(json!({"error": {"code": 400, "message": message}})),
        ),
    ]
}

const FORMS: &[&[&str]] = &[
    &["chat", "hi"],
    &["chat", "--json", "hi"],
    &["chat", "--jsonl", "hi"],
    &["compare", "-m", "a/b", "-m", "c/d", "hi"],
    &["profiles", "test", "p"],
];

#[test]
fn no_beginning_of_the_key_is_shown_wherever_the_text_is_cut() {
    for form in FORMS {
        for (index, before) in BEFORE.iter().enumerate() {
            for end in ENDS {
                let message = message(*before, *end);
                let mut all = replies(&message);
                // Every way with every length would take minutes; each pair is tried once.
                let (way, reply) = all.swap_remove((index + end) % all.len());
                let count = if form[0] == "compare" { 2 } else { 1 };
                let double = Double::start(vec![reply; count]);
                let sandbox = Sandbox::with(&double)
                    .config("llm_profiles:\n  p: {model: a/b}\n")
                    .env("AMX_LOG", if index % 3 == 0 { "trace" } else { "" });
                let outcome = sandbox.run(*form);
                assert_ne!(outcome.code, 0, "{way} {before}+{end}: {outcome}");
                let shown = shown_of_key(&outcome.stderr()).max(shown_of_key(&outcome.stdout()));
                assert!(shown <= MOST, "{way} {before}+{end}, {shown}: {outcome}");
            }
        }
    }
}

#[test]
fn an_answer_that_ends_inside_the_key_ends_before_it() {
    for form in FORMS.iter().take(4) {
        for end in ENDS {
            let halves = KEY[..(*end).min(KEY.len())].split_at(end / 2);
            let count = if form[0] == "compare" { 2 } else { 1 };
            let reply = reply::stream(["it is ", halves.0, halves.1]);
            let double = Double::start(vec![reply; count]);
            let sandbox = Sandbox::with(&double).config("llm_profiles:\n  p: {model: a/b}\n");
            let outcome = sandbox.run(*form);
            outcome.assert_code(0);
            let shown = shown_of_key(&outcome.stderr()).max(shown_of_key(&outcome.stdout()));
            assert!(shown <= MOST, "{end}, {shown}: {outcome}");
            assert!(outcome.stdout().contains("it is"), "{outcome}");
        }
    }
}
