//! The rules of `amx batch` one by one: rows, questions, selections, limits, statuses.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::support::crowd::{Asked, Crowd};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PRICED, PROMPT, csv, final_lines, lines, sandbox, wait_until};

const OUT: &str = "out.jsonl";

const BASE: [&str; 5] = ["batch", "rows.csv", PROMPT, "-o", OUT];

fn echo(asked: &Asked) -> (Reply, Duration) {
    (reply::stream([asked.prompt.as_str()]), Duration::ZERO)
}

fn with<const N: usize>(sandbox: &Sandbox, more: [&str; N]) -> Outcome {
    sandbox.run(BASE.into_iter().chain(more))
}

/// What was asked, in any order.
fn prompts(crowd: &Crowd) -> BTreeSet<String> {
    let requests = crowd.requests().into_iter();
    requests.map(|request| request.prompt).collect()
}

fn set<const N: usize>(prompts: [&str; N]) -> BTreeSet<String> {
    prompts.into_iter().map(str::to_owned).collect()
}

#[test]
fn several_files_of_several_formats_are_one_input() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd)
        .file("a.tsv", "\u{feff}text\tmore\r\n\"one\r\ntwo\"\t1\r\n")
        .file("b.ndjson", "{\"text\":\"three\"}\r\n\n{\"text\":4}\n")
        .file("c.csv", "text\n\"a \"\"b\"\"; c\"\n");
    let files = ["batch", "a.tsv", "b.ndjson", "c.csv", PROMPT, "-o", OUT];
    sandbox.run(files).assert_code(0);
    let expected = set(["one\r\ntwo", "three", "4", "a \"b\"; c"]);
    assert_eq!(prompts(&crowd), expected);
    let rows: BTreeSet<u64> = final_lines(&sandbox, OUT)
        .iter()
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, BTreeSet::from([0, 1, 2, 3]));
}

#[test]
fn inputs_that_cannot_be_read_are_refused_with_the_command_that_helps() {
    let crowd = Crowd::start(echo);
    let long = format!("text\n{}\n", "x".repeat(9 * 1024 * 1024));
    let sandbox = sandbox(&crowd)
        .file("rows.jsonl.gz", "")
        .file("table.csv", "id;text\n1;a\n")
        .file("long.csv", long)
        .file("latin.txt", b"caf\xe9\n")
        .file("open.csv", "id,text,more\n1,\"abc,x\n2,d,y\n3,e,z\n")
        .file("wide.txt", b"a\0b\0\n\0c\0\n\0")
        .file("deep.jsonl", "{\"text\":1e400}\n");
    for (file, words) in [
        ("rows.jsonl.gz", "gunzip -k rows.jsonl.gz"),
        ("table.csv", "the columns are separated by ';', not by ','"),
        ("long.csv", "8 MiB"),
        ("latin.txt", "latin.txt:1: it is not UTF-8 text"),
        ("open.csv", "open.csv:2: the quotation mark is not closed"),
        (
            "wide.txt",
            "wide.txt:1: it has NUL characters, as UTF-16 has",
        ),
        ("deep.jsonl", "deep.jsonl:1: a number is out of range"),
    ] {
        sandbox
            .run(["batch", file, "{{input}}{{text}}", "-o", OUT])
            .assert_failure(5)
            .assert_stderr_has(words)
            .assert_stderr_lacks("amx config explain");
    }
    assert!(crowd.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_neither_an_input_nor_an_output() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", "text\na\n");
    let pipe = sandbox.home().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for (input, output, code) in [
        ("pipe", OUT, 5),
        ("/dev/zero", OUT, 5),
        ("rows.csv", "pipe", 12),
    ] {
        sandbox
            .run(["batch", input, "{{text}}", "-o", output])
            .assert_failure(code)
            .assert_stderr_has("is not a regular file");
    }
    assert!(crowd.requests().is_empty());
}

#[test]
fn columns_come_before_variables_and_a_row_can_be_asked_as_json() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", "text,more\na,1\n");
    let prompt = "{{text}} {{other}} {{row}}";
    let arguments = ["batch", "rows.csv", prompt, "-o", OUT];
    let variables = ["--var", "text=no", "--var", "other=yes"];
    sandbox
        .run(arguments.into_iter().chain(variables))
        .assert_code(0);
    let expected = "a yes {\"text\":\"a\",\"more\":\"1\"}";
    assert_eq!(prompts(&crowd), set([expected]));
}

#[test]
fn a_misspelt_column_is_reported_with_the_columns_there_are() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(1000));
    let run = |more: &[&str]| {
        let base = ["batch", "rows.csv", "-o", OUT];
        sandbox.run(base.iter().chain(more))
    };
    run(&["To {{lang}}: {{txet}}", "--var", "lang=French"])
        .assert_failure(5)
        .assert_stderr_has("1,000 of 1,000 rows cannot be asked: rows.csv:2: no value for {{txet}}")
        .assert_stderr_has("(columns: text, id)")
        .assert_stderr_has("the same: rows.csv:3, rows.csv:4, rows.csv:5, rows.csv:6");
    run(&["To {{lang}}: {{txet}}", "--var", "lang=French", "--dry-run"])
        .assert_failure(5)
        .assert_stderr_has("rows.csv:2: no value for {{txet}} (columns: text, id)");
    run(&[PROMPT, "--id", "di"])
        .assert_failure(5)
        .assert_stderr_has("no value for --id di (columns: id, text)");
    run(&[PROMPT, "--file-column", "fiel"])
        .assert_failure(5)
        .assert_stderr_has("no value for --file-column fiel (columns: id, text)");
    assert_eq!(crowd.requests().len(), 0);
}

#[test]
fn an_option_with_a_column_that_no_row_has_is_a_warning() {
    let crowd = Crowd::start(echo);
    let text = "{\"text\":\"a\"}\n{\"text\":\"b\",\"note\":1}\n";
    let sandbox = sandbox(&crowd).file("rows.jsonl", text);
    let base = ["batch", "rows.jsonl", PROMPT, "-o", OUT];
    sandbox
        .run(
            base.iter()
                .chain(&["--keep", "note,txet", "--from-row", "model"]),
        )
        .assert_code(0)
        .assert_stderr_has("warning: no row has the column 'txet' of --keep (columns: text)")
        .assert_stderr_has("warning: no row has the column 'model' of --from-row (columns: text)")
        .assert_stderr_lacks("'note'");
}

#[test]
fn a_bad_row_of_a_pipe_does_not_say_that_nothing_was_sent() {
    let crowd = Crowd::start(echo);
    let rows = "{\"text\":\"a\"}\n{\"tex\":\"b\"}\n";
    let sandbox = sandbox(&crowd).stdin(rows);
    sandbox
        .run(["batch", "-", "--from", "jsonl", PROMPT, "-o", OUT])
        .assert_failure(5)
        .assert_stderr_has("no value for {{text}} (columns: tex)")
        .assert_stderr_has("--skip-bad")
        .assert_stderr_lacks("nothing was sent");
}

#[test]
fn ids_come_from_a_column_and_equal_ones_are_reported() {
    let crowd = Crowd::start(echo);
    let text = "name,text\nsame,a\nsame,b\nother,c\n";
    let sandbox = sandbox(&crowd).file("rows.csv", text);
    with(&sandbox, ["--id", "name", "--strict"])
        .assert_failure(5)
        .assert_stderr_has("the ID of another row, such as \"same\"");
    assert!(crowd.requests().is_empty());
    with(&sandbox, ["--id", "name"])
        .assert_code(0)
        .assert_stderr_has("1 row has the ID of an earlier row, such as \"same\"");
    let out = final_lines(&sandbox, OUT);
    let same = out.iter().filter(|line| line["id"] == "same").count();
    assert_eq!((out.len(), same), (3, 2));
}

#[test]
fn a_limit_and_a_sample_choose_the_same_rows_each_time() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(40));
    with(&sandbox, ["--limit", "3"]).assert_code(0);
    assert_eq!(prompts(&crowd), set(["text 0", "text 1", "text 2"]));
    let sample = |out: &str| {
        let before = crowd.requests().len();
        sandbox
            .run(["batch", "rows.csv", PROMPT, "-o", out, "--sample", "5"])
            .assert_code(0);
        let asked = crowd.requests().split_off(before);
        let asked = asked.into_iter().map(|request| request.prompt);
        asked.collect::<BTreeSet<String>>()
    };
    let first = sample("one.jsonl");
    assert_eq!(first.len(), 5);
    assert_eq!(sample("two.jsonl"), first);
    let head: BTreeSet<String> = (0..5).map(|row| format!("text {row}")).collect();
    assert_ne!(first, head);
}

#[test]
fn too_many_failures_end_a_job_with_the_code_of_the_last_one() {
    let crowd = Crowd::start(|_| (reply::refusal(400, "No."), Duration::ZERO));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(500));
    let few = ["--max-errors", "7", "--concurrency", "1"];
    with(&sandbox, few)
        .assert_failure(7)
        .assert_stderr_has("rows failed");
    // The eighth is one too many.
    assert_eq!(crowd.requests().len(), 8);
    // A hundred without a success always do.
    let before = crowd.requests().len();
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", "b.jsonl"])
        .assert_failure(7)
        .assert_stderr_has("100 rows failed one after the other");
    let asked = crowd.requests().len() - before;
    assert!((100..=100 + 16).contains(&asked), "{asked}");
}

#[test]
fn each_kind_of_end_has_its_status() {
    let crowd = Crowd::start(|asked| {
        let reply = reply::stream(["one ", "two"]);
        let reply = match asked.prompt.as_str() {
            "text 0" => reply.finish("content_filter"),
            "text 1" => reply.cut_after(1),
            "text 2" => reply.finish("length"),
            _ => reply,
        };
        (reply, Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(4));
    with(&sandbox, []).assert_failure(13);
    let out = final_lines(&sandbox, OUT);
    for (id, status, content) in [
        ("r0", "filtered", None),
        ("r1", "cut", Some("one ")),
        ("r2", "length", Some("one two")),
        ("r3", "ok", Some("one two")),
    ] {
        let line = out.iter().find(|line| line["id"] == id).unwrap();
        assert_eq!(line["status"], status, "{line}");
        if let Some(content) = content {
            assert_eq!(line["content"], content, "{line}");
        }
    }
}

#[test]
fn a_cap_on_each_row_fails_the_rows_above_it_alone() {
    let crowd = Crowd::start(echo);
    let text = format!("id,text\nr0,short\nr1,{}\n", "long ".repeat(4000));
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", text);
    with(&sandbox, ["--max-cost-row", "0.001"])
        .assert_failure(13)
        .assert_stderr_has("1 not allowed by a cap");
    assert_eq!(prompts(&crowd), set(["short"]));
    let out = final_lines(&sandbox, OUT);
    let failed = out.iter().find(|line| line["id"] == "r1").unwrap();
    assert_eq!(failed["error"]["kind"], "limit");
}

#[test]
fn a_rate_is_an_upper_bound() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(4));
    with(&sandbox, ["--rate", "240/min"]).assert_code(0);
    let requests = crowd.requests();
    let (first, last) = (requests[0].at, requests[3].at);
    // Three spaces of 250 ms. The clock of the double starts with the first request.
    let span = last.checked_sub(first).unwrap();
    assert!(span >= Duration::from_millis(700), "{span:?}");
}

#[test]
fn a_signal_to_end_lets_rows_in_flight_end_and_says_so_in_a_log() {
    let crowd = Crowd::start(|asked| (echo(asked).0, Duration::from_millis(100)));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(60));
    let running = sandbox.spawn(BASE);
    wait_until("answers", || lines(&sandbox, OUT).len() >= 10);
    running.signal("TERM");
    let stopped = running.wait();
    stopped
        .assert_failure(143)
        .assert_stderr_has("in flight may take 30 s to end")
        .assert_stderr_has("continues where it stopped");
    let asked = crowd.requests().len();
    assert_eq!(final_lines(&sandbox, OUT).len(), asked);
    assert!(asked < 60);
}

#[test]
fn starting_over_keeps_the_old_output() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    with(&sandbox, []).assert_code(0);
    let old = std::fs::read(sandbox.home().join(OUT)).unwrap();
    with(&sandbox, ["--restart", "--keep", "text"]).assert_code(0);
    assert_eq!(crowd.requests().len(), 6);
    let kept = std::fs::read(sandbox.home().join("out.jsonl.1")).unwrap();
    assert_eq!(kept, old);
    assert!(sandbox.home().join("out.jsonl.amx.1").exists());
    let out = final_lines(&sandbox, OUT);
    let inputs: BTreeSet<String> = out.iter().map(|line| line["input"].to_string()).collect();
    let expected: BTreeSet<String> = (0..3)
        .map(|row| json!({"text": format!("text {row}")}).to_string())
        .collect();
    assert_eq!(inputs, expected);
    assert!(out.iter().all(|line| line["status"] == "ok"));
}
