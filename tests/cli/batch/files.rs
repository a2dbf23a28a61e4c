//! The files of `amx batch`: none that a job writes replaces another one.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PROMPT, csv, sandbox};

/// No delay.
const AT_ONCE: Duration = Duration::ZERO;

fn echo(asked: &Asked) -> (Reply, Duration) {
    (reply::stream([asked.prompt.as_str()]), AT_ONCE)
}

fn path(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.home().join(name)
}

/// The files of a job that are there, with their bytes.
fn files(sandbox: &Sandbox, names: &[&str]) -> Vec<Option<Vec<u8>>> {
    let read = |name: &&str| std::fs::read(path(sandbox, name)).ok();
    names.iter().map(read).collect()
}

#[test]
fn no_file_of_a_job_has_two_purposes() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let names = [
        "rows.csv",
        "out.jsonl",
        "out.jsonl.amx",
        "out.jsonl.journal",
    ];
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let refused = |more: &[&str]| {
        let before = files(&sandbox, &names);
        sandbox
            .run(base.into_iter().chain(more.iter().copied()))
            .assert_failure(2)
            .assert_stderr_has("are the same file");
        assert_eq!(files(&sandbox, &names), before, "{more:?}");
    };
    let refused_at_each = || {
        for name in names {
            let other = format!("./{name}");
            refused(&["--errors", &other]);
            refused(&["--errors", &other, "--restart"]);
        }
        refused(&["--errors", "new.jsonl", "--record", "new.jsonl"]);
    };
    refused_at_each();
    refused(&["--record", "out.jsonl"]);
    let same = ["batch", "rows.csv", PROMPT, "-o", "rows.csv", "--restart"];
    sandbox.run(same).assert_failure(2);
    assert!(!path(&sandbox, "new.jsonl").exists());
    assert!(crowd.requests().is_empty());
    sandbox.run(base).assert_code(0);
    refused_at_each();
    assert_eq!(crowd.requests().len(), 3);
}

#[test]
fn a_file_that_is_not_of_the_failed_rows_is_not_replaced() {
    let crowd = Crowd::start(|asked| match asked.prompt.as_str() {
        "text 1" => (reply::refusal(400, "No."), AT_ONCE),
        _ => echo(asked),
    });
    let sandbox = sandbox(&crowd)
        .file("rows.csv", csv(3))
        .file("notes.txt", "mine\n");
    let run = |errors: &str, more: &[&str]| {
        let base = [
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--errors",
            errors,
        ];
        sandbox.run(base.into_iter().chain(more.iter().copied()))
    };
    let read = |name: &str| std::fs::read_to_string(path(&sandbox, name)).unwrap();
    for more in [&[][..], &["--restart"], &["--dry-run"]] {
        run("notes.txt", more)
            .assert_failure(12)
            .assert_stderr_has("notes.txt already exists");
        run("nowhere/bad.jsonl", more).assert_failure(12);
        run(".", more).assert_failure(12);
    }
    assert!(crowd.requests().is_empty());
    run("bad.jsonl", &[]).assert_failure(13);
    assert_eq!(read("bad.jsonl").lines().count(), 1);
    // Its own file is written again, by a job with nothing to ask too.
    run("bad.jsonl", &[]).assert_failure(13);
    run("other.jsonl", &[]).assert_failure(13);
    run("other.jsonl", &[]).assert_failure(13);
    run("notes.txt", &[]).assert_failure(12);
    assert_eq!(crowd.requests().len(), 3);
    let before = read("bad.jsonl");
    run("bad.jsonl", &["--restart"]).assert_failure(13);
    assert_eq!(read("bad.jsonl.1"), before);
    assert_eq!(read("notes.txt"), "mine\n");
    assert_eq!(crowd.requests().len(), 6);
}
