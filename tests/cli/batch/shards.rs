//! Shards of `amx batch` that have nothing to ask, and what merging says of them.

use std::time::Duration;

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PROMPT, csv, final_lines, sandbox};

fn echo(asked: &Asked) -> (Reply, Duration) {
    (reply::stream([asked.prompt.as_str()]), Duration::ZERO)
}

fn shard(sandbox: &Sandbox, shard: &str) {
    let name = "out.{shard}.jsonl";
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", name, "--shard", shard])
        .assert_code(0);
}

fn name(index: usize, count: usize) -> String {
    format!("out.{index:05}-of-{count:05}.jsonl")
}

#[test]
fn shards_without_rows_have_an_output_and_are_merged() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(2));
    for index in ["0/4", "1/4", "2/4", "3/4"] {
        shard(&sandbox, index);
    }
    assert!(final_lines(&sandbox, &name(3, 4)).is_empty());
    let files = (0..4).map(|index| name(index, 4));
    let merge = ["batch", "merge", "-o", "all.jsonl"].map(str::to_owned);
    sandbox
        .run(merge.into_iter().chain(files))
        .assert_code(0)
        .assert_stderr_has("2 rows of 4 files in all.jsonl");
    assert_eq!(final_lines(&sandbox, "all.jsonl").len(), 2);
}

#[test]
fn a_job_that_was_stopped_after_its_last_row_is_finished_by_the_next_run() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(4));
    shard(&sandbox, "0/2");
    shard(&sandbox, "1/2");
    let side = sandbox.home().join(name(0, 2) + ".amx");
    let written = std::fs::read_to_string(&side).unwrap();
    let (unfinished, _) = written.split_once("{\"done\"").unwrap();
    std::fs::write(&side, unfinished).unwrap();
    let merge = ["batch", "merge", "-o", "all.jsonl"].map(str::to_owned);
    let merge = || sandbox.run(merge.clone().into_iter().chain([name(0, 2), name(1, 2)]));
    merge()
        .assert_failure(13)
        .assert_stderr_has("is not finished");
    shard(&sandbox, "0/2");
    merge().assert_code(0);
    assert_eq!(crowd.requests().len(), 4);
    // A run that finds nothing to do writes nothing.
    let before = std::fs::read(&side).unwrap();
    shard(&sandbox, "0/2");
    assert_eq!(std::fs::read(&side).unwrap(), before);
}
