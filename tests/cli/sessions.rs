//! `amx sessions`: what was kept of conversations, listed, shown, searched, exported, renamed and
//! deleted.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use amx::tables::ContentPart;
use amx::tables::Home;
use amx::tables::{Cost, CostSource};
use amx::tables::{SessionId, Store, TurnId};
use amx::tables::{Turn, TurnState};
use serde_json::{Value, json};

use crate::support::sandbox::{Sandbox, files_below};

fn store(sandbox: &Sandbox) -> Store {
    Store::open(&Home::at(sandbox.home().join(".amx"))).unwrap()
}

fn answered(question: &str, answer: &str) -> Turn {
    let asked = Turn::new(
        vec![ContentPart::Text(question.into())],
        None,
        "work",
        "openrouter",
        "author/model",
    );
    let cost = Cost {
        usd: Some(0.0123),
        source: CostSource::Provider,
    };
    Turn {
        text: answer.to_owned(),
        state: TurnState::Complete,
        cost,
        ..asked
    }
}

/// A session named `plan` with two branches, and one without a name whose answer never came.
fn prepared() -> (Sandbox, SessionId, TurnId) {
    let sandbox = Sandbox::new();
    let mut store = store(&sandbox);
    let (plan, first) = store
        .create_session(
            Some("plan"),
            &json!({"effort": "high"}),
            &answered("How do sorting networks work?", "They **compare**."),
        )
        .unwrap();
    store
        .start_turn(plan, Some(first), &answered("And in Go?", "No idea."))
        .unwrap();
    store
        .start_turn(
            plan,
            Some(first),
            &Turn {
                state: TurnState::Stopped,
                ..answered("And in Rust?", "With slices")
            },
        )
        .unwrap();
    let pending = Turn {
        state: TurnState::Pending,
        cost: Cost::default(),
        ..answered("Still there?", "")
    };
    store.create_session(None, &Value::Null, &pending).unwrap();
    (sandbox, plan, first)
}

#[test]
fn without_a_file_there_is_nothing_and_none_is_made() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["sessions", "list"])
        .assert_code(0)
        .assert_stdout("")
        .assert_stderr_has("no saved conversations yet: amx chat");
    assert_eq!(
        sandbox.run(["sessions", "list", "--json"]).json(),
        json!([])
    );
    sandbox
        .run(["sessions", "search", "words"])
        .assert_failure(1);
    for arguments in [["show", "1"], ["export", "1"], ["delete", "1"]] {
        sandbox
            .run(["sessions"].iter().chain(&arguments))
            .assert_failure(2)
            .assert_stderr_has("unknown session '1'");
    }
    assert!(files_below(sandbox.home()).is_empty());
}

#[test]
fn a_list_shows_the_last_used_first_and_fits() {
    let (sandbox, ..) = prepared();
    let outcome = sandbox.run(["sessions", "list"]);
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{outcome}");
    assert!(
        lines[0].contains("SESSION")
            && lines[1].contains("2  Still there?")
            && lines[2].contains("1  plan"),
        "{outcome}"
    );
    assert!(
        lines[1].contains("  unknown  ") && lines[2].contains("$0.04"),
        "unknown is not zero\n{outcome}"
    );
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{outcome}"
    );
    let listed = sandbox
        .run(["sessions", "list", "--json", "--limit", "1"])
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let (session, keys) = (
        &listed[0],
        [
            "id",
            "name",
            "title",
            "turns",
            "model",
            "cost_usd",
            "cost_is_estimated",
            "cost_is_incomplete",
            "created",
            "updated",
        ],
    );
    assert_eq!(
        session.as_object().unwrap().keys().collect::<Vec<_>>(),
        keys
    );
    assert_eq!(
        (
            &session["id"],
            &session["name"],
            &session["cost_usd"],
            &session["cost_is_incomplete"]
        ),
        (&json!(2), &Value::Null, &Value::Null, &json!(true))
    );
}

#[test]
fn a_session_is_shown_along_its_current_branch() {
    let (sandbox, ..) = prepared();
    let outcome = sandbox.run(["sessions", "show", "plan"]);
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    let (_, turns) = stdout.split_once("\n\n").unwrap();
    assert_eq!(
        turns,
        "> How do sorting networks work?\n\nThey **compare**.\n\n> And in Rust?\n\nWith slices\n\n[stopped]\n"
    );
    assert!(
        sandbox
            .run(["sessions", "show", "2"])
            .stdout()
            .ends_with("> Still there?\n\n[no answer saved]\n")
    );
    let shown = sandbox.run(["sessions", "show", "plan", "--json"]).json();
    assert_eq!(shown["settings"], json!({"effort": "high"}));
    let questions: Vec<&Value> = shown["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| &turn["question"][0]["text"])
        .collect();
    assert_eq!(questions, ["How do sorting networks work?", "And in Rust?"]);
    assert_eq!(
        (&shown["turns"][1]["state"], &shown["turns"][1]["cost_usd"]),
        (&json!("stopped"), &json!(0.0123))
    );
}

#[test]
fn an_unknown_session_brings_the_nearest_names() {
    let (sandbox, ..) = prepared();
    let outcome = sandbox.run(["sessions", "show", "plam"]);
    outcome
        .assert_failure(2)
        .assert_stderr_has("unknown session 'plam'")
        .assert_stderr_has("did you mean 'plan'?");
    let error = sandbox
        .run(["sessions", "show", "99", "--json"])
        .json_failure(2);
    assert_eq!(error["hint"], "amx sessions list");
}

#[test]
fn a_search_finds_parts_of_words_whatever_is_typed() {
    let (sandbox, ..) = prepared();
    let outcome = sandbox.run(["sessions", "search", "NETWORK", "sort"]);
    outcome.assert_code(0);
    assert!(
        outcome.stdout().contains("1  plan")
            && outcome.stdout().contains("How do sorting networks work?"),
        "{outcome}"
    );
    let found = sandbox
        .run(["sessions", "search", "slices", "--json"])
        .json();
    assert_eq!(
        (&found[0]["session"], &found[0]["place"], &found[0]["found"]),
        (&json!(1), &json!("answer"), &json!(["slices"]))
    );
    for words in ["\"", "AND NOT", "NEAR(", "a*b:c", "'; DROP TABLE turns; --"] {
        sandbox
            .run(["sessions", "search", "--", words])
            .assert_failure(1);
    }
    assert_eq!(
        sandbox
            .run(["sessions", "search", "absent", "--json"])
            .json(),
        json!([])
    );
}

#[test]
fn an_export_is_written_through_links_and_to_stdout() {
    let (sandbox, ..) = prepared();
    let whole = sandbox.run(["sessions", "export", "plan"]);
    let shown = sandbox.run(["sessions", "export", "plan", "-o", "-"]);
    shown.assert_answer(&whole.stdout());
    assert!(!sandbox.home().join("-").exists());
    let (file, link) = (sandbox.home().join("out.md"), sandbox.home().join("link"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink("out.md", &link).unwrap();
    sandbox
        .run(["sessions", "export", "plan", "-o", "link", "--force"])
        .assert_code(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), whole.stdout());
}

#[test]
fn no_rows_are_not_asked_for() {
    let (sandbox, ..) = prepared();
    for arguments in [
        &["sessions", "list"][..],
        &["sessions", "search", "plan"],
        &["models", "list"],
        &["tools", "log"],
    ] {
        sandbox
            .run(arguments.iter().chain(&["-n", "0"]))
            .assert_failure(2);
    }
}

#[test]
fn an_export_is_private_and_replaces_nothing_unasked() {
    let (sandbox, ..) = prepared();
    let markdown = sandbox.run(["sessions", "export", "plan"]);
    assert!(
        markdown.stdout().starts_with("# plan\n\n## Question\n"),
        "{markdown}"
    );
    assert!(!markdown.stdout().contains("in Go"), "{markdown}");
    sandbox
        .run(["sessions", "export", "plan", "-o", "out.md"])
        .assert_code(0);
    let path = sandbox.home().join("out.md");
    assert_eq!(fs::read_to_string(&path).unwrap(), markdown.stdout());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::write(&path, "mine").unwrap();
    sandbox
        .run(["sessions", "export", "plan", "-o", "out.md"])
        .assert_failure(2)
        .assert_stderr_has("--force");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    sandbox
        .run([
            "sessions",
            "export",
            "plan",
            "-o",
            "out.md",
            "--force",
            "--format",
            "json",
            "--all-branches",
        ])
        .assert_code(0);
    let whole: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        (
            whole["turns"].as_array().unwrap().len(),
            whole["branches"].as_array().unwrap().len(),
            &whole["head"]
        ),
        (3, 2, &json!(3))
    );
    sandbox
        .run(["sessions", "export", "plan", "-o", "absent/out.md"])
        .assert_failure(12);
    let left: Vec<_> = files_below(sandbox.home())
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("amx-export"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn stored_text_cannot_control_the_terminal() {
    let sandbox = Sandbox::new();
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let turn = Turn {
        error: Some(hostile.to_owned()),
        state: TurnState::Failed,
        ..answered(hostile, hostile)
    };
    store(&sandbox)
        .create_session(None, &Value::Null, &turn)
        .unwrap();
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["export", "1"],
        &["search", "owned"],
        &["search", "owned", "--json"],
    ] {
        let outcome = sandbox.run(["sessions"].iter().chain(arguments));
        outcome.assert_code(0);
        let is_active = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(
            outcome.stdout().contains("owned") && !outcome.stdout().contains(is_active),
            "{outcome}"
        );
    }
    sandbox
        .run(["sessions", "export", "1", "-o", "out.md"])
        .assert_code(0);
    let file = fs::read_to_string(sandbox.home().join("out.md")).unwrap();
    assert!(
        file.contains("owned") && !file.contains('\u{1b}') && !file.contains('\u{9b}'),
        "{file:?}"
    );
}

#[test]
fn a_name_is_given_once_and_is_no_number() {
    let (sandbox, ..) = prepared();
    sandbox
        .run(["sessions", "rename", "2", "other"])
        .assert_answer("✓ Renamed session 2 to 'other'\n");
    sandbox.run(["sessions", "show", "other"]).assert_code(0);
    sandbox
        .run(["sessions", "rename", "other", "plan"])
        .assert_failure(2)
        .assert_stderr_has("a session named 'plan' already exists");
    for bad in ["12", "", "a\nb"] {
        sandbox
            .run(["sessions", "rename", "other", bad])
            .assert_failure(2);
    }
    sandbox
        .run(["sessions", "rename", "--", "other", "-x"])
        .assert_failure(2);
    assert_eq!(
        sandbox.run(["sessions", "list", "--json"]).json()[0]["name"],
        "other"
    );
}

#[test]
fn nothing_is_deleted_without_a_yes_or_when_one_is_unknown() {
    let (sandbox, ..) = prepared();
    sandbox
        .run(["sessions", "delete", "plan"])
        .assert_failure(2)
        .assert_stderr_has("--yes");
    sandbox
        .run(["sessions", "delete", "plan", "absent", "--yes"])
        .assert_failure(2);
    assert_eq!(
        sandbox
            .run(["sessions", "list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    sandbox
        .run(["sessions", "delete", "plan", "1", "2", "--yes"])
        .assert_answer("✓ Deleted session 1 'plan'\n✓ Deleted session 2 'Still there?'\n");
    assert_eq!(
        sandbox.run(["sessions", "list", "--json"]).json(),
        json!([])
    );
    sandbox
        .run(["sessions", "search", "networks"])
        .assert_failure(1);
}

#[test]
fn a_file_that_cannot_be_used_says_why_and_stays() {
    let sandbox = Sandbox::new().config("");
    let file = sandbox.home().join(".amx/amx.db");
    std::os::unix::fs::symlink(sandbox.home().join("elsewhere"), &file).unwrap();
    sandbox
        .run(["sessions", "list"])
        .assert_failure(12)
        .assert_stderr_has("symbolic link");
    assert!(!sandbox.home().join("elsewhere").exists());
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    sandbox
        .run(["sessions", "list"])
        .assert_failure(12)
        .assert_stderr_has("is not a regular file");
    fs::remove_dir(&file).unwrap();
    drop(store(&sandbox));
    rusqlite::Connection::open(&file)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    sandbox
        .run(["sessions", "list"])
        .assert_failure(12)
        .assert_stderr_has("newer amx");
    sandbox
        .run(["sessions", "delete", "1", "--yes"])
        .assert_failure(12)
        .assert_stderr_has("newer amx");
}

#[test]
fn a_damaged_file_is_moved_aside_with_a_warning() {
    let sandbox = Sandbox::new().config("");
    let garbage = "no database\n".repeat(500);
    fs::write(sandbox.home().join(".amx/amx.db"), &garbage).unwrap();
    sandbox
        .run(["sessions", "list"])
        .assert_code(0)
        .assert_stderr_has("warning: ")
        .assert_stderr_has("amx.db.corrupt-");
    let aside = files_below(sandbox.home())
        .into_iter()
        .find(|path| path.to_string_lossy().contains("corrupt-"))
        .unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), garbage);
    sandbox
        .run(["sessions", "list"])
        .assert_code(0)
        .assert_stderr_lacks("warning: ");
}
