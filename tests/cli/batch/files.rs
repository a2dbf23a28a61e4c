//! The files of `amx batch`: none that a job writes replaces another one.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PROMPT, csv, lines, sandbox};

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

/// Refuses `text 1`.
fn refusing() -> Crowd {
    Crowd::start(|asked| match asked.prompt.as_str() {
        "text 1" => (reply::refusal(400, "No."), AT_ONCE),
        _ => echo(asked),
    })
}

#[test]
fn a_job_that_starts_over_moves_no_file_that_it_does_not_replace() {
    let crowd = refusing();
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let first = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let apart = ["--errors", "bad.jsonl"];
    sandbox
        .run(first.into_iter().chain(apart))
        .assert_failure(13);
    let input = "{\"text\":\"mended\"}\n";
    let bad = path(&sandbox, "bad.jsonl");
    std::fs::write(&bad, input).unwrap();
    let again = ["batch", "bad.jsonl", PROMPT, "-o", "out.jsonl", "--restart"];
    let other = ["--errors", "other.jsonl"];
    sandbox.run(again.into_iter().chain(other)).assert_code(0);
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), input);
    assert!(path(&sandbox, "out.jsonl.1").exists());
    sandbox.run(again).assert_code(0);
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), input);
}

#[test]
fn failed_rows_are_written_again_after_the_folder_has_moved() {
    let crowd = refusing();
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    std::fs::create_dir(path(&sandbox, "old")).unwrap();
    let run = |folder: &str, more: &[&str]| {
        let (out, bad) = (format!("{folder}/out.jsonl"), format!("{folder}/bad.jsonl"));
        let base = ["batch", "rows.csv", PROMPT, "-o", &out, "--errors", &bad];
        sandbox
            .run(base.into_iter().chain(more.iter().copied()))
            .assert_failure(13);
        std::fs::read(path(&sandbox, &bad)).unwrap()
    };
    let before = run("old", &[]);
    std::fs::rename(path(&sandbox, "old"), path(&sandbox, "new")).unwrap();
    assert_eq!(run("new", &[]), before);
    assert_eq!(crowd.requests().len(), 3);
    run("new", &["--restart"]);
    let kept = std::fs::read(path(&sandbox, "new/bad.jsonl.1")).unwrap();
    assert_eq!(kept, before);
}

#[cfg(unix)]
#[test]
fn failed_rows_can_be_discarded_and_no_device_is_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let crowd = refusing();
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl", "--errors"];
    for more in [&[][..], &[], &["--restart"]] {
        sandbox
            .run(
                base.into_iter()
                    .chain(["/dev/null"])
                    .chain(more.iter().copied()),
            )
            .assert_failure(13);
        assert_eq!(lines(&sandbox, "out.jsonl").len(), 2);
        let device = std::fs::symlink_metadata("/dev/null").unwrap();
        assert!(device.file_type().is_char_device(), "{device:?}");
    }
    assert_eq!(crowd.requests().len(), 6);
    assert!(!std::path::Path::new("/dev/null.1").exists());
    for other in ["/dev/zero", "/dev/stdout", "/dev/stderr"] {
        sandbox
            .run(base.into_iter().chain([other]))
            .assert_failure(12);
    }
}
