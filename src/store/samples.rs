//! Stores and turns for the tests of this folder.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tempfile::TempDir;

use super::database::Store;
use crate::chat::answer::{Attempt, Sent};
use crate::chat::cost::{Cost, CostSource};
use crate::chat::finish_reason::FinishReason;
use crate::chat::message::ContentPart;
use crate::chat::samples;
use crate::chat::turn::{Turn, TurnState};
use crate::chat::usage::Usage;
use crate::config::Home;

pub(crate) fn store() -> (TempDir, Home, Store) {
    let directory = TempDir::new().unwrap();
    let home = Home::at(directory.path().join("amx"));
    let store = Store::open(&home).unwrap();
    (directory, home, store)
}

/// The names of the files of a home, sorted.
pub(crate) fn names(home: &Home) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(home.directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn asked(question: &str) -> Turn {
    Turn::new(
        vec![ContentPart::Text(question.into())],
        None,
        "work",
        "openrouter",
        "author/model",
    )
}

pub(crate) fn answered(question: &str, answer: &str) -> Turn {
    Turn {
        text: answer.to_owned(),
        state: TurnState::Complete,
        ..asked(question)
    }
}

/// A request sent at that time, with the billed cost in USD.
pub(crate) fn attempt(at: SystemTime, usd: Option<f64>) -> Attempt {
    let usage = usd.map(|_| Usage {
        prompt_tokens: Some(20),
        completion_tokens: Some(5),
        total_tokens: Some(25),
        ..Usage::default()
    });
    let sent = Sent {
        at,
        generation_id: Some("gen-1".to_owned()),
        usage,
        cost: Cost::of(usd, None, None),
        ..samples::sent()
    };
    Attempt {
        model: "author/model".to_owned(),
        ..samples::attempt(sent)
    }
}

/// Replaces the file of a store by a copy, as when another process moves a damaged file aside and
/// carries its ledger over.
pub(crate) fn replace_file(home: &Home) {
    let (path, copy) = (home.database_file(), home.directory().join("copy"));
    Store::open(home).unwrap().empty_journal();
    std::fs::copy(&path, &copy).unwrap();
    for name in ["amx.db", "amx.db-wal", "amx.db-shm"] {
        let _ = std::fs::remove_file(home.directory().join(name));
    }
    std::fs::rename(&copy, &path).unwrap();
}

/// A question with every kind of part.
fn full_question() -> Vec<ContentPart> {
    vec![
        ContentPart::Text("Look:\0\u{1b} \u{202e}漢字 🦀".into()),
        ContentPart::Image {
            url: "data:image/png;base64,AAAA".into(),
        },
        ContentPart::File {
            name: "plan.pdf".to_owned(),
            url: "https://example.org/plan.pdf".into(),
        },
        ContentPart::Audio {
            base64: "UklGRg==".into(),
            format: "wav",
        },
        ContentPart::Video {
            url: "data:video/mp4;base64,AAAA".into(),
        },
        ContentPart::Text("".into()),
    ]
}

/// A turn with every field set.
pub(crate) fn full() -> Turn {
    Turn {
        state: TurnState::Failed,
        text: "half an \"answer\"\r\n".to_owned(),
        reasoning: "some reasoning".to_owned(),
        reasoning_details: Some(vec![
            json!({
                "type": "reasoning.text",
                "z": 1,
                "a": 0.123_456_789_012_345_68,
                "big": 18_446_744_073_709_551_615_u64,
                "signature": "c2ln+/=",
            }),
            json!({
                "type": "reasoning.future",
                "x": [1, 2.5, {"y": null}],
                "text": "\u{0} \u{2028} 🦀",
            }),
        ]),
        annotations: vec![json!({
            "type": "file",
            "file": {"hash": "h\u{0}", "content": [{"type": "text", "text": "page 漢"}]},
        })],
        model: Some("author/model-2".to_owned()),
        served_by: Some("Somebody".to_owned()),
        generation_id: Some("gen-1".to_owned()),
        finish_reason: Some(FinishReason::Length),
        usage: Some(Usage {
            prompt_tokens: Some(1),
            completion_tokens: Some(2),
            reasoning_tokens: Some(3),
            cached_tokens: None,
            total_tokens: Some(5),
        }),
        cost: Cost {
            usd: Some(0.1 + 0.2),
            source: CostSource::Provider,
        },
        first_token: Some(Duration::from_nanos(123_456_789)),
        total: Duration::from_millis(4_567),
        error: Some("cut".to_owned()),
        ..Turn::new(
            full_question(),
            Some("Be terse.".to_owned()),
            "work",
            "openrouter",
            "author/model",
        )
    }
}
