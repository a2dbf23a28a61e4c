//! Conversations that are killed at any moment: a turn whose prompt came back is stored, once, and
//! every request is in the ledger.

use rusqlite::Connection;

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::sandbox::Sandbox;
use crate::support::{reply, routes, trust};

const PROMPT: &str = "work ›";

const CONFIG: &str = "llm_profiles:\n  work:\n    model: a/b\nactive_llm_profile: work\n";

const TEXTS: [&str; 4] = ["one ", "two ", "three ", "four"];

/// How many moments there are to kill at: at once, after each piece of the answer, and when the
/// prompt is back.
const MOMENTS: usize = TEXTS.len() + 2;

/// Asks a question in a conversation and kills the program; whether the prompt had come back.
fn ask_and_kill(sandbox: &Sandbox, question: &str, moment: usize) -> bool {
    let terminal = stage::terminal(sandbox, &["chat", "--session", "killed"], USUAL);
    terminal.wait_for(PROMPT);
    terminal.type_text(question);
    terminal.wait_for(question);
    terminal.press_enter();
    let is_acknowledged = moment + 1 == MOMENTS;
    if is_acknowledged {
        terminal.wait_until("the prompt is back", |seen| {
            seen.transcript().matches(PROMPT).count() > 1
        });
    } else if let Some(text) = moment.checked_sub(1).map(|index| TEXTS[index].trim()) {
        // Above the question are the answers of earlier runs.
        terminal.wait_until(text, |seen| {
            let transcript = seen.transcript();
            let answer = transcript.rsplit(question).next();
            answer.is_some_and(|answer| answer.contains(text))
        });
    }
    kill(&terminal);
    is_acknowledged
}

fn kill(terminal: &Terminal) {
    terminal.signal("KILL");
    terminal.wait_exit();
}

/// One number of the database.
fn count(database: &Connection, sql: &str) -> usize {
    let count: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

#[test]
fn acknowledged_turns_survive_kills_once_and_every_request_has_a_row() {
    let answer = || reply::stream(TEXTS).split_every(16);
    let double = Double::start([]).also(routes::chat(move |_| answer()));
    let sandbox = stage::ready(&double).config(CONFIG);
    // The conversation exists, with a turn.
    assert!(ask_and_kill(&sandbox, "the first", MOMENTS - 1));
    let runs = trust::scaled(MOMENTS);
    let mut acknowledged = vec!["the first".to_owned()];
    for run in 0..runs {
        let question = format!("question {run}");
        if ask_and_kill(&sandbox, &question, run % MOMENTS) {
            acknowledged.push(question);
        }
    }
    // Requests first: whatever is sent later has its row by then.
    let requests = double.requests().len();
    let database = Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let rows = count(&database, "SELECT count(*) FROM ledger");
    assert!(
        (requests..=runs + 1).contains(&rows),
        "{requests} requests, {rows} rows, {runs} runs"
    );
    let stored = |question: &str| {
        let sql = format!("SELECT count(*) FROM contents WHERE question = '{question}'");
        count(&database, &sql)
    };
    let lost = acknowledged.iter().filter(|question| stored(question) != 1);
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<&String>::new());
    let doubled = "SELECT count(*) FROM (SELECT question FROM contents GROUP BY question HAVING \
        count(*) > 1)";
    assert_eq!(count(&database, doubled), 0);
    let counts = [
        ("kills", runs + 1),
        ("acknowledged turns", acknowledged.len()),
        ("requests", requests),
        ("requests without a ledger row", 0),
        ("violations", 0),
    ];
    trust::report("kills", &counts);
    double.take_faults();
}
