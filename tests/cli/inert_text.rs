//! Text from a model or a server cannot drive the terminal: control characters are shown inert in
//! text and escaped in JSON.

use serde_json::json;

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// What has been used against terminals, each between two letters that must survive.
const ATTACKS: &[&str] = &[
    "a\u{1b}]52;c;ZXZpbA==\u{7}b",
    "a\u{1b}[2J\u{1b}[Hb",
    "a\u{9b}31mb",
    "a\u{9d}0;title\u{9c}b",
    "a\u{90}q\u{9c}b",
    "a\u{1b}Pq\u{1b}\\b",
    "a\u{7}\u{8}\u{7f}b",
    "error\rOK b",
    "a\u{0}b",
    "a\u{1b}",
];

/// No control character but line feed and tab is on either output.
#[track_caller]
fn assert_inert(outcome: &Outcome) {
    let is_live = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(
        !outcome.stdout().contains(is_live) && !outcome.stderr().contains(is_live),
        "a control character got through\n{outcome}"
    );
}

#[test]
fn control_characters_of_the_model_are_inert() {
    for attack in ATTACKS {
        for flags in [&["chat", "hi"][..], &["chat", "--raw", "hi"]] {
            let double = Double::start([reply::stream([*attack])]);
            let outcome = Sandbox::with(&double).run(flags);
            outcome.assert_code(0);
            assert_inert(&outcome);
            let shown = outcome.stdout();
            assert!(
                shown.starts_with(&attack[..1])
                    && (!attack.ends_with('b') || shown.trim_end().ends_with('b')),
                "{outcome}"
            );
        }
    }
}

#[test]
fn a_sequence_split_between_events_is_inert_too() {
    let double = Double::start([reply::stream([
        "a\u{1b}",
        "]52;c;ZXZpbA==",
        "\u{7}b",
        "\r",
        "\n",
        "c",
    ])]);
    let outcome = Sandbox::with(&double).run(["chat", "hi"]);
    outcome.assert_code(0);
    assert_inert(&outcome);
    assert!(
        outcome.stdout().starts_with('a') && outcome.stdout().ends_with("c\n"),
        "{outcome}"
    );
}

#[test]
fn text_that_only_looks_odd_is_untouched() {
    let text = "tab\there, é, 日本語, 👩‍👩‍👧, עברית, a\u{301}\n\nend";
    let double = Double::start([reply::stream([text])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer(&format!("{text}\n"));
}

#[test]
fn json_keeps_every_character_and_shows_none_of_them_raw() {
    for flag in ["--json", "--jsonl"] {
        for attack in ATTACKS {
            let double = Double::start([reply::stream([*attack])]);
            let outcome = Sandbox::with(&double).run(["chat", flag, "hi"]);
            outcome.assert_code(0);
            assert_inert(&outcome);
            let kept = outcome
                .json_lines()
                .iter()
                .any(|line| line["content"] == **attack || line["text"] == **attack);
            assert!(kept, "{attack:?} was changed\n{outcome}");
        }
    }
}

#[test]
fn words_of_the_server_in_messages_are_inert() {
    let evil = "no\u{1b}]0;owned\u{7}\rfaked: all is well\u{9b}2J";
    let double = Double::start([
        reply::refusal(400, evil),
        reply::refusal_with(402, evil, json!({"provider_name": evil, "raw": evil})),
        reply::stream(["fine"]).served_by(evil, evil),
        reply::stream([]).error_event(&json!({"code": 400, "message": evil})),
    ]);
    let sandbox = Sandbox::with(&double);
    for code in [7, 7, 0, 7] {
        let outcome = sandbox.run(["chat", "hi"]);
        outcome.assert_code(code);
        assert_inert(&outcome);
        assert!(!outcome.stderr().is_empty(), "{outcome}");
    }
}

#[test]
fn arguments_that_come_back_in_messages_are_inert() {
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", "sk-or-v1-x");
    for arguments in [
        ["chat", "-p", "a\u{1b}[2Jb", "hi"],
        ["chat", "-f", "a\u{1b}[2Jb", "hi"],
        ["chat", "-t", "a\u{1b}[2Jb", "hi"],
    ] {
        let outcome = sandbox.run(arguments);
        assert_ne!(outcome.code, 0);
        assert_inert(&outcome);
    }
}
