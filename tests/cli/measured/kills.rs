//! Questions that are killed at any moment: what was acknowledged is stored, once, and requests are
//! in the ledger.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::support::{routes, trust};

const TEXTS: [&str; 4] = ["one ", "two ", "three ", "four"];

/// Asks a question and kills the program after so many bytes of the answer; whether it had ended
/// with success before.
fn ask_and_kill(sandbox: &Sandbox, question: &str, bytes: usize) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_amx"))
        .args(["chat", "--session", "killed", question])
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut read = vec![0; bytes];
    // The end may come before.
    let is_whole = stdout.read_exact(&mut read).is_ok();
    if !is_whole || bytes > TEXTS.concat().len() + 1 {
        return child.wait().unwrap().success();
    }
    drop(child.kill());
    child.wait().unwrap().success()
}

/// How often each question is stored.
fn stored(connection: &Connection) -> BTreeMap<String, usize> {
    let mut statement = connection
        .prepare("SELECT question FROM contents JOIN turns ON turns.id = turn")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    let mut counts = BTreeMap::new();
    for question in rows {
        *counts.entry(question.unwrap()).or_default() += 1;
    }
    counts
}

fn ledger_rows(database: &Path) -> usize {
    let connection = Connection::open(database).unwrap();
    let rows: i64 = connection
        .query_row("SELECT count(*) FROM ledger", [], |row| row.get(0))
        .unwrap();
    usize::try_from(rows).unwrap()
}

#[test]
fn acknowledged_questions_survive_kills_once() {
    let scripted = || reply::stream(TEXTS).split_every(16);
    let double = Double::start([]).also(routes::chat(move |_| scripted()));
    let sandbox = Sandbox::with(&double).env("AMX_MODEL", "test/plain");
    for first in ["first", "second"] {
        sandbox
            .run(["chat", "--session", "killed", first])
            .assert_code(0);
    }
    let database = sandbox.home().join(".amx/amx.db");
    let before = (double.requests().len(), ledger_rows(&database));
    let runs = trust::scaled(12);
    let acknowledged: Vec<String> = (0..runs)
        .filter_map(|run| {
            let question = format!("question {run}");
            // Of more bytes than there are, the program ends by itself.
            let bytes = fastrand::usize(0..TEXTS.concat().len() + 10);
            ask_and_kill(&sandbox, &question, bytes).then_some(question)
        })
        .collect();
    let connection = Connection::open(&database).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let stored = stored(&connection);
    let lost = acknowledged
        .iter()
        .filter(|question| !stored.contains_key(*question));
    let lost: Vec<_> = lost.collect();
    let doubled: Vec<_> = stored.iter().filter(|(_, count)| **count > 1).collect();
    assert!(
        lost.is_empty() && doubled.is_empty(),
        "{lost:?} {doubled:?}"
    );
    // Requests first: whatever arrives later has its row by then. A row is written before its
    // request, which may be killed in between.
    let requests = double.requests().len() - before.0;
    let rows = ledger_rows(&database) - before.1;
    assert!(
        (requests..=runs).contains(&rows),
        "{requests} requests, {rows} rows, {runs} runs"
    );
    let counts = [
        ("kills", runs - acknowledged.len()),
        ("acknowledged turns", acknowledged.len()),
        ("requests", requests),
        ("requests without a ledger row", 0),
        ("violations", 0),
    ];
    trust::report("kills", &counts);
    double.take_faults();
}
