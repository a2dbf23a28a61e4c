//! What `amx batch` keeps whatever happens: the line of each row, and the amounts that are paid.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::crowd::{Asked, Crowd};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PRICED, PROMPT, csv, final_lines, sandbox};

const OUT: &str = "out.jsonl";

const BASE: [&str; 5] = ["batch", "rows.csv", PROMPT, "-o", OUT];

/// What the double bills for each answer, in USD.
const BILLED: f64 = 0.00042;

fn echo(asked: &Asked) -> (Reply, Duration) {
    (reply::stream([asked.prompt.as_str()]), Duration::ZERO)
}

/// What each request for row 3 gets while `is_refused`, and all others.
fn but_the_third(asked: &Asked, is_refused: bool) -> (Reply, Duration) {
    if asked.prompt == "text 3" && is_refused {
        return (reply::refusal(400, "No."), Duration::ZERO);
    }
    echo(asked)
}

/// The answers to a group, but for those of the numbers in `missing`; `None` for a lone row.
fn of_group(asked: &Asked, missing: &[usize]) -> Option<(Reply, Duration)> {
    let count = asked.prompt.matches("<item n=").count();
    let numbers = (1..=count).filter(|number| !missing.contains(number));
    let items: Vec<Value> = numbers
        .map(|n| json!({"n": n, "answer": format!("of group {n}")}))
        .collect();
    let items = json!({"items": items}).to_string();
    let reply = reply::stream([items.as_str()]);
    (count > 0).then_some((reply, Duration::ZERO))
}

fn with<const N: usize>(sandbox: &Sandbox, more: [&str; N]) -> Outcome {
    sandbox.run(BASE.into_iter().chain(more))
}

/// The numbers of the rows with a line; each has one.
fn rows(sandbox: &Sandbox, name: &str) -> BTreeSet<u64> {
    let lines = final_lines(sandbox, name);
    let rows: BTreeSet<u64> = lines
        .iter()
        .filter_map(|line| line["row"].as_u64())
        .collect();
    assert_eq!(rows.len(), lines.len(), "a row has two lines");
    rows
}

/// What the lines of an output cost, in USD.
fn cost(sandbox: &Sandbox, name: &str) -> f64 {
    let amount = |line: &Value| {
        let most = line["cost_at_most_usd"].as_f64();
        most.or(line["cost_usd"].as_f64()).unwrap_or_default()
    };
    final_lines(sandbox, name).iter().map(amount).sum()
}

#[track_caller]
fn assert_usd(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[test]
fn failed_rows_can_be_written_apart_from_the_second_run_on() {
    let crowd = Crowd::start(|asked| but_the_third(asked, asked.repeated == 0));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    with(&sandbox, []).assert_failure(13);
    // Nothing is asked: the failed row moves.
    with(&sandbox, ["--errors", "bad.jsonl"]).assert_failure(13);
    assert_eq!(crowd.requests().len(), 10);
    assert_eq!(rows(&sandbox, OUT).len(), 9);
    assert_eq!(rows(&sandbox, "bad.jsonl"), BTreeSet::from([3]));
    with(&sandbox, ["--errors", "bad.jsonl", "--retry-failed"]).assert_code(0);
    assert_eq!(crowd.requests().len(), 11);
    assert_eq!(rows(&sandbox, OUT).len(), 10);
    assert!(rows(&sandbox, "bad.jsonl").is_empty());
}

#[test]
fn failed_rows_that_were_written_apart_can_be_asked_without_that_file() {
    let crowd = Crowd::start(|asked| but_the_third(asked, asked.repeated < 2));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    with(&sandbox, ["--errors", "bad.jsonl"]).assert_failure(13);
    assert_eq!(rows(&sandbox, "bad.jsonl"), BTreeSet::from([3]));
    with(&sandbox, []).assert_failure(13);
    assert_eq!(crowd.requests().len(), 10);
    assert_eq!(rows(&sandbox, OUT).len(), 10);
    with(&sandbox, ["--retry-failed"]).assert_failure(13);
    with(&sandbox, ["--retry-failed"]).assert_code(0);
    assert_eq!(crowd.requests().len(), 12);
    let merge = ["batch", "merge", "-o", "all.jsonl", OUT];
    sandbox.run(merge).assert_code(0);
    assert_eq!(rows(&sandbox, "all.jsonl").len(), 10);
    assert_usd(cost(&sandbox, "all.jsonl"), 10.0 * BILLED);
}

#[test]
fn rows_of_a_group_that_is_refused_are_asked_alone_when_others_succeed() {
    for order in ["done", "input"] {
        let crowd = Crowd::start(|asked| {
            if asked.prompt.contains("<item n=\"1\">\ntext 10\n") {
                return (reply::refusal(402, "Insufficient credits."), Duration::ZERO);
            }
            of_group(asked, &[]).unwrap_or_else(|| echo(asked))
        });
        let sandbox = sandbox(&crowd).file("rows.csv", csv(30));
        with(&sandbox, ["--group", "10", "--order", order])
            .assert_code(0)
            .assert_stderr_has("30 rows: 30 ok");
        assert_eq!(rows(&sandbox, OUT).len(), 30, "--order {order}");
        assert_eq!(crowd.requests().len(), 13);
    }
}

#[test]
fn groups_that_are_all_refused_end_the_job_and_are_asked_by_the_next_run() {
    let crowd = Crowd::start(|asked| match asked.before {
        0..3 => (reply::refusal(402, "Insufficient credits."), Duration::ZERO),
        _ => of_group(asked, &[]).unwrap_or_else(|| echo(asked)),
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(40));
    with(&sandbox, ["--group", "10"]).assert_failure(7);
    assert_eq!(crowd.requests().len(), 3);
    assert!(rows(&sandbox, OUT).is_empty());
    with(&sandbox, ["--group", "10"])
        .assert_code(0)
        .assert_stderr_lacks("billed twice");
    assert_eq!(rows(&sandbox, OUT).len(), 40);
}

#[test]
fn a_refused_row_does_not_hold_the_count_of_failures() {
    let crowd = Crowd::start(|asked| {
        let status = if asked.prompt == "text 0" { 402 } else { 400 };
        (reply::refusal(status, "No."), Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(300));
    with(&sandbox, ["--order", "input"])
        .assert_failure(7)
        .assert_stderr_has("100 rows failed one after the other");
    let asked = crowd.requests().len();
    assert!(asked < 150, "{asked} requests");
}

#[test]
fn models_of_the_rows_that_nobody_has_do_not_end_the_job() {
    let crowd = Crowd::start(|asked| {
        let model = asked.body["model"].as_str().unwrap();
        if model == "a/gone" {
            let words = "a/gone is not a valid model ID";
            return (reply::refusal(400, words), Duration::ZERO);
        }
        // They come after the refusals.
        (echo(asked).0, Duration::from_millis(200))
    });
    let row = |number: usize| {
        let model = if number < 5 { "a/gone" } else { "a/b" };
        format!("{{\"text\":\"text {number}\",\"model\":\"{model}\"}}\n")
    };
    let rows_file: String = (0..10).map(row).collect();
    let sandbox = sandbox(&crowd).file("rows.jsonl", rows_file);
    sandbox
        .run([
            "batch",
            "rows.jsonl",
            PROMPT,
            "-o",
            OUT,
            "--from-row",
            "model",
        ])
        .assert_failure(13)
        .assert_stderr_has("10 rows: 5 ok, 5 failed");
    assert_eq!(rows(&sandbox, OUT).len(), 10);
}

#[test]
fn a_refused_row_does_not_hold_rows_after_many_bad_ones() {
    let crowd = Crowd::start(|asked| match asked.prompt.as_str() {
        "first" => (reply::refusal(402, "No."), Duration::ZERO),
        _ => echo(asked),
    });
    let bad = "{}\n".repeat(1100);
    let text = format!("{{\"text\":\"first\"}}\n{bad}{{\"text\":\"last\"}}\n");
    let sandbox = sandbox(&crowd).file("rows.jsonl", text);
    let base = ["batch", "rows.jsonl", PROMPT, "-o", OUT];
    sandbox
        .run(base.into_iter().chain(["--order", "input", "--skip-bad"]))
        .assert_failure(13)
        .assert_stderr_has("1,102 rows: 1 ok, 1 failed, 1,100 skipped");
    assert_eq!(rows(&sandbox, OUT).len(), 1102);
}

#[test]
fn a_row_of_a_late_group_is_asked_alone_before_rows_far_ahead() {
    // The first group holds the lines of all others, until the window is full.
    let crowd = Crowd::start(|asked| {
        let is_first = asked.prompt.contains("<item n=\"1\">\ntext 0\n");
        let missing: &[usize] = if is_first { &[1] } else { &[] };
        let wait = Duration::from_millis(if is_first { 2500 } else { 0 });
        let group = of_group(asked, missing);
        group.map_or_else(|| echo(asked), |(reply, _)| (reply, wait))
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(1400));
    with(&sandbox, ["--group", "100", "--order", "input"]).assert_code(0);
    assert!(rows(&sandbox, OUT).into_iter().eq(0..1400));
    assert_eq!(crowd.requests().len(), 15);
}

#[test]
fn the_share_of_a_group_stays_with_a_row_that_fails_alone() {
    let crowd = Crowd::start(|asked| {
        let refused = || (reply::refusal(400, "No."), Duration::ZERO);
        of_group(asked, &[2]).unwrap_or_else(refused)
    });
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(2));
    with(&sandbox, ["--group", "2"]).assert_failure(13);
    assert_usd(cost(&sandbox, OUT), BILLED);
}

#[test]
fn the_share_of_a_group_stays_with_rows_that_no_run_asked_alone() {
    let crowd = Crowd::start(|asked| {
        let refused = || (reply::refusal(402, "No credits."), Duration::ZERO);
        of_group(asked, &[2, 3, 4]).unwrap_or_else(refused)
    });
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(4));
    with(&sandbox, ["--group", "4"]).assert_failure(7);
    assert_eq!(rows(&sandbox, OUT), BTreeSet::from([0]));
    let again = with(&sandbox, ["--group", "4"]);
    again.assert_failure(13).assert_stderr_lacks("billed twice");
    let side = std::fs::read_to_string(sandbox.home().join("out.jsonl.amx")).unwrap();
    let mut runs = side.lines().filter(|line| line.starts_with("{\"run\""));
    let last: Value = serde_json::from_str(runs.next_back().unwrap()).unwrap();
    let unanswered = last["run"]["usd"].as_f64().unwrap();
    let first = final_lines(&sandbox, OUT)[0]["cost_usd"].as_f64().unwrap();
    assert_usd(unanswered + first, BILLED);
}

#[test]
fn a_job_that_starts_over_keeps_a_journal_without_its_output() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd)
        .file("rows.csv", csv(2))
        .file("out.csv.journal", "old")
        .file("out.csv.journal.1", "older\n");
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.csv", "--as", "csv"];
    sandbox
        .run(base)
        .assert_failure(12)
        .assert_stderr_has("out.csv.journal is not an output of amx batch");
    sandbox
        .run(base.into_iter().chain(["--restart"]))
        .assert_code(0);
    let read = |name: &str| std::fs::read_to_string(sandbox.home().join(name)).unwrap();
    assert_eq!(read("out.csv.journal.1"), "older\n");
    assert_eq!(read("out.csv.journal.2"), "old");
    assert_eq!(read("out.csv.journal").lines().count(), 2);
}

#[test]
fn a_job_does_not_start_over_without_a_free_name_for_the_old_output() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(2));
    with(&sandbox, []).assert_code(0);
    for number in 1..1000 {
        std::fs::write(sandbox.home().join(format!("{OUT}.{number}")), "").unwrap();
    }
    with(&sandbox, ["--restart"])
        .assert_failure(12)
        .assert_stderr_has("out.jsonl.1 to out.jsonl.999 exist: no name is left");
    assert_eq!(rows(&sandbox, OUT).len(), 2);
    assert_eq!(crowd.requests().len(), 2);
}

#[test]
fn equal_numbers_as_ids_are_reported() {
    let crowd = Crowd::start(echo);
    let text =
        "{\"id\":1,\"text\":\"a\"}\n{\"id\":1,\"text\":\"b\"}\n{\"id\":\"1\",\"text\":\"c\"}\n";
    let sandbox = sandbox(&crowd).file("rows.jsonl", text);
    let base = ["batch", "rows.jsonl", PROMPT, "-o", OUT];
    sandbox
        .run(base.into_iter().chain(["--strict"]))
        .assert_failure(5)
        .assert_stderr_has("1 row with the ID of another row, such as 1\n");
    sandbox
        .run(base)
        .assert_code(0)
        .assert_stderr_has("1 row has the ID of an earlier row, such as 1\n");
}

#[test]
fn a_side_file_that_cannot_grow_keeps_whole_lines() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(1));
    with(&sandbox, []).assert_code(0);
    let side = sandbox.home().join("out.jsonl.amx");
    let mut filled = std::fs::read_to_string(&side).unwrap();
    // Most of what the limit leaves; lines without text say nothing.
    filled.push_str(&"\n".repeat(40 * 512 - 400 - filled.len()));
    std::fs::write(&side, &filled).unwrap();
    let sandbox = sandbox
        .file("rows.csv", csv(60))
        .shell("trap '' XFSZ; ulimit -f 40; exec \"$@\"");
    with(&sandbox, [])
        .assert_failure(12)
        .assert_stderr_has("out.jsonl.amx cannot be written");
    let found = std::fs::read_to_string(&side).unwrap();
    assert!(found.len() > filled.len(), "nothing was written");
    let last = found.lines().last();
    assert!(found.ends_with('\n'), "a torn line: {last:?}");
}

#[test]
fn cells_of_a_table_are_inert_on_stdout_and_unchanged_in_a_file() {
    let crowd = Crowd::start(|_| (reply::stream(["a\r\nb"]), Duration::ZERO));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(1));
    let base = ["batch", "rows.csv", PROMPT, "--as", "csv"];
    let table =
        |cell: &str| format!("id,status,content,cost_usd,error\nr0,ok,\"{cell}\",{BILLED},\n");
    sandbox.run(base).assert_stdout(&table("a\nb"));
    let run = sandbox.run(base.into_iter().chain(["-o", "out.csv"]));
    run.assert_code(0);
    let written = std::fs::read_to_string(sandbox.home().join("out.csv")).unwrap();
    assert_eq!(written, table("a\r\nb"));
}

#[test]
fn a_bad_row_of_a_pipe_is_not_said_to_come_before_everything() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).stdin("{\"text\":\"a\"}\n[1]\n");
    let base = ["batch", "-", PROMPT, "--from", "jsonl", "-o", OUT];
    sandbox
        .run(base)
        .assert_failure(5)
        .assert_stderr_has("--skip-bad")
        .assert_stderr_lacks("nothing was sent");
}

#[test]
fn a_part_that_cannot_be_merged_is_named() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(4));
    let part = |index: usize| format!("out.{index:05}-of-00002.jsonl");
    for shard in ["0/2", "1/2"] {
        let name = "out.{shard}.jsonl";
        let base = ["batch", "rows.csv", PROMPT, "-o", name, "--shard", shard];
        sandbox.run(base).assert_code(0);
    }
    let merge = ["batch", "merge", "-o", "all.jsonl"].map(str::to_owned);
    let merge = || sandbox.run(merge.clone().into_iter().chain([part(0), part(1)]));
    let path = sandbox.home().join(part(1));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{{}}\n")).unwrap();
    merge()
        .assert_failure(12)
        .assert_stderr_has(&format!("{}:3 is not a line of amx batch", part(1)));
    std::fs::remove_file(&path).unwrap();
    merge()
        .assert_failure(12)
        .assert_stderr_has(&format!("{} cannot be read", part(1)))
        .assert_stderr_lacks("space");
    std::fs::write(&path, text).unwrap();
    merge().assert_code(0);
}
