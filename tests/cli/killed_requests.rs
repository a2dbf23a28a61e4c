//! A process that is killed after it sent a request leaves its row in the ledger.
//!
//! `AMX_TEST_KILLS` makes the run longer; `just torture` does.

use std::io::Write;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// The status of a row that is not settled.
const UNKNOWN: &str = "unknown";

fn database(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.home().join(".amx/amx.db")).unwrap()
}

/// The status of each row, and what it counts against a cap.
fn rows(sandbox: &Sandbox) -> Vec<(String, Option<f64>)> {
    let database = database(sandbox);
    let mut statement = database
        .prepare("SELECT status, counted_usd FROM ledger ORDER BY id")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

fn row(status: &str, counted: Option<f64>) -> (String, Option<f64>) {
    (status.to_owned(), counted)
}

fn priced(double: &Double) -> Sandbox {
    Sandbox::with(double).config(
        "llm_profiles:\n  p: {model: a/b, max_tokens: 1000, price: {input: 0, output: 100}}\n",
    )
}

fn hello() -> Reply {
    reply::stream(["Hello"]).usage(11, 7, 0, 0.02)
}

fn stalled() -> Reply {
    reply::stream(["half", "never"]).stall_after(1)
}

#[test]
fn a_killed_request_is_a_row_of_unknown_outcome_at_its_worst_case() {
    let double = Double::start([stalled(), hello()]);
    let sandbox = priced(&double);
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "half");
    assert_eq!(rows(&sandbox), [row(UNKNOWN, Some(0.1))]);
    running.signal("KILL");
    running.wait().assert_code(137);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert_eq!(
        rows(&sandbox),
        [row(UNKNOWN, Some(0.1)), row("ok", Some(0.02))]
    );
    let usage = sandbox.run(["usage"]);
    usage
        .assert_code(0)
        .assert_stderr_has("outcome unknown for 1 request");
    let total = &sandbox.run(["usage", "--json"]).json()["total"];
    assert_eq!(
        [
            &total["requests"],
            &total["unknown"],
            &total["outcome_unknown"]
        ],
        [&json!(2), &json!(1), &json!(1)]
    );
}

#[test]
fn a_request_that_was_killed_before_any_answer_is_a_row() {
    let double = Double::start([reply::silence()]);
    let sandbox = priced(&double);
    let running = sandbox.spawn(["chat", "--no-save", "hi"]);
    double.wait_for_request();
    running.signal("KILL");
    running.wait().assert_code(137);
    assert_eq!(rows(&sandbox), [row(UNKNOWN, Some(0.1))]);
}

#[test]
fn a_retry_settles_the_attempt_before_it() {
    let busy = reply::refusal(503, "overloaded").header("retry-after", "0");
    let double = Double::start([busy, stalled()]);
    let sandbox = priced(&double);
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "half");
    running.signal("KILL");
    running.wait().assert_code(137);
    assert_eq!(
        rows(&sandbox),
        [row("503", Some(0.0)), row(UNKNOWN, Some(0.1))]
    );
}

#[test]
fn each_of_several_answers_is_a_row() {
    let double = Double::start([stalled(), stalled(), stalled()]);
    let sandbox = priced(&double);
    let running = sandbox.spawn(["chat", "--alternatives", "3", "hi"]);
    double.wait_for_requests(3);
    running.signal("KILL");
    running.wait().assert_code(137);
    assert_eq!(rows(&sandbox), vec![row(UNKNOWN, Some(0.1)); 3]);
}

#[test]
fn a_request_without_a_connection_leaves_no_row() {
    let double = Double::start([hello()]);
    let sandbox = priced(&double);
    sandbox.run(["chat", "hi"]).assert_code(0);
    drop(double);
    sandbox
        .run(["chat", "--timeout", "2s", "hi"])
        .assert_failure(6);
    assert_eq!(rows(&sandbox), [row("ok", Some(0.02))]);
}

/// How many processes are killed.
fn kills() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are no part of the program, and their size is given from outside"
    )]
    let given = std::env::var("AMX_TEST_KILLS").ok();
    given.map_or(25, |text| text.parse().unwrap())
}

/// Longest life of a process that is killed: about as long as it takes to answer.
const LONGEST_LIFE: Duration = Duration::from_millis(40);

/// Every request that arrived has its row, whenever its process was killed. A process that is
/// killed between its row and the first byte has one that did not arrive.
#[test]
fn kills_at_any_moment_lose_no_request() {
    let kills = kills();
    let double = Double::start((0..kills).map(|_| hello()));
    let sandbox = priced(&double);
    let mut killed = 0;
    while double.requests().len() < kills {
        let mut running = sandbox.spawn(["chat", "hi"]);
        let until = Instant::now() + LONGEST_LIFE.mul_f64(fastrand::f64());
        while killed < kills && Instant::now() < until && running.is_running() {
            std::thread::yield_now();
        }
        if killed < kills && running.try_signal("KILL") {
            killed += 1;
        }
        running.wait();
        let (rows, requests) = (rows_now(&sandbox), double.requests().len());
        assert!(rows >= requests, "{requests} requests, {rows} rows");
    }
    let (rows, requests) = (rows_now(&sandbox), double.requests().len());
    // Shown by `just torture`.
    let mut out = std::io::stdout();
    writeln!(out, "{killed} killed, {requests} requests, {rows} rows").unwrap();
    assert!((requests..=requests + killed).contains(&rows));
    let usage = sandbox.run(["usage", "--json"]).json();
    assert_eq!(usage["total"]["requests"], json!(rows));
}

/// The number of rows; none before the first process created the file.
fn rows_now(sandbox: &Sandbox) -> usize {
    let path = sandbox.home().join(".amx/amx.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let count: Result<i64, _> = Connection::open_with_flags(path, flags).and_then(|database| {
        database.query_row("SELECT count(*) FROM ledger", [], |row| row.get(0))
    });
    usize::try_from(count.unwrap_or(0)).unwrap()
}
