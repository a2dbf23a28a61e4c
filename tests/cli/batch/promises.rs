//! What `docs/testing.md` promises of `amx batch`, where it takes many runs, kills or a small disk.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PRICED, PROMPT, csv, final_lines, sandbox, wait_until};

/// The output of most jobs here.
const OUT: &str = "out.jsonl";

const BASE: [&str; 5] = ["batch", "rows.csv", PROMPT, "-o", OUT];

fn echo(asked: &Asked) -> Reply {
    reply::stream([asked.prompt.as_str()])
}

/// What one change does to the rows of the input.
fn change(rows: &mut Vec<String>, random: &mut fastrand::Rng, fresh: usize) {
    let at = random.usize(..=rows.len());
    match random.u8(..4) {
        0 => rows.insert(at, format!("text {fresh}")),
        1 if rows.len() > 2 => drop(rows.remove(at.min(rows.len() - 1))),
        2 => {
            let row = rows.remove(at.min(rows.len() - 1));
            rows.insert(random.usize(..=rows.len()), row);
        }
        _ => {
            let row = rows[at.min(rows.len() - 1)].clone();
            rows.insert(random.usize(..=rows.len()), row);
        }
    }
}

#[test]
fn after_each_of_200_changes_of_the_input_the_new_rows_are_asked() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::ZERO));
    let sandbox = sandbox(&crowd);
    let mut random = fastrand::Rng::with_seed(11);
    let mut rows: Vec<String> = (0..6).map(|row| format!("text {row}")).collect();
    // Each text was asked as often as it stood in one input at most.
    let mut expected = BTreeMap::<String, usize>::new();
    for fresh in 6..206 {
        change(&mut rows, &mut random, fresh);
        rows.truncate(14);
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(sandbox.home().join("rows.txt"), lines).unwrap();
        sandbox
            .run(["batch", "rows.txt", "{{input}}", "-o", OUT])
            .assert_code(0);
        for row in &rows {
            let needed = rows.iter().filter(|other| *other == row).count();
            let so_far = expected.entry(row.clone()).or_default();
            *so_far = needed.max(*so_far);
        }
        let mut asked = BTreeMap::<String, usize>::new();
        for request in crowd.requests() {
            *asked.entry(request.prompt).or_default() += 1;
        }
        assert_eq!(asked, expected, "after change {fresh}: {rows:?}");
    }
}

#[test]
fn a_group_of_ten_with_a_missing_a_doubled_and_an_extra_answer() {
    let crowd = Crowd::start(|asked| {
        if !asked.prompt.starts_with("Below are") {
            return (reply::stream(["alone"]), Duration::ZERO);
        }
        let numbers = [1, 2, 4, 5, 5, 6, 7, 8, 9, 10, 12];
        let items: Vec<Value> = numbers
            .iter()
            .map(|n| json!({"n": n, "answer": format!("of group {n}")}))
            .collect();
        let items = json!({"items": items}).to_string();
        (reply::stream([items.as_str()]), Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    sandbox
        .run(BASE.into_iter().chain(["--group", "10"]))
        .assert_code(0);
    let out = final_lines(&sandbox, OUT);
    let contents: BTreeMap<u64, String> = out
        .iter()
        .map(|line| {
            let content = line["content"].as_str().unwrap();
            (line["row"].as_u64().unwrap(), content.to_owned())
        })
        .collect();
    assert_eq!((out.len(), contents.len()), (10, 10), "a line for each row");
    for (row, content) in contents {
        let expected = match row {
            2 | 4 => "alone".to_owned(),
            row => format!("of group {}", row + 1),
        };
        assert_eq!(content, expected, "row {row}");
    }
    assert_eq!(crowd.requests().len(), 3);
}

/// Number, key and answer of each line, in the order of the input.
fn answers(sandbox: &Sandbox, name: &str) -> Vec<(u64, Value, Value)> {
    let mut answers: Vec<_> = final_lines(sandbox, name)
        .into_iter()
        .map(|line| {
            let row = line["row"].as_u64().unwrap();
            (row, line["key"].clone(), line["content"].clone())
        })
        .collect();
    answers.sort_by_key(|(row, ..)| *row);
    answers
}

#[test]
fn sixteen_shards_two_at_a_time_are_the_job_without_shards() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::from_millis(2)));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(100));
    let whole = ["batch", "rows.csv", PROMPT, "-o", "whole.jsonl"];
    sandbox.run(whole).assert_code(0);
    let mut shards: Vec<usize> = (0..16).collect();
    fastrand::Rng::with_seed(5).shuffle(&mut shards);
    for pair in shards.chunks(2) {
        let started: Vec<_> = pair
            .iter()
            .map(|index| {
                let shard = format!("{index}/16");
                let name = "out.{shard}.jsonl";
                sandbox.spawn(["batch", "rows.csv", PROMPT, "-o", name, "--shard", &shard])
            })
            .collect();
        for running in started {
            running.wait().assert_code(0);
        }
    }
    let files = (0..16).map(|index| format!("out.{index:05}-of-00016.jsonl"));
    let merge = ["batch", "merge", "-o", "all.jsonl"].map(str::to_owned);
    sandbox.run(merge.into_iter().chain(files)).assert_code(0);
    assert_eq!(
        answers(&sandbox, "all.jsonl"),
        answers(&sandbox, "whole.jsonl")
    );
    let rows: Vec<u64> = final_lines(&sandbox, "all.jsonl")
        .iter()
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, (0..100).collect::<Vec<u64>>());
    assert_eq!(crowd.requests().len(), 200);
}

/// The variables of two tasks of each scheduler, as it sets them.
const SCHEDULERS: [[&[(&str, &str)]; 2]; 4] = [
    [
        &[
            ("SLURM_ARRAY_TASK_ID", "10"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "5"),
            ("SLURM_ARRAY_TASK_COUNT", "2"),
        ],
        &[
            ("SLURM_ARRAY_TASK_ID", "15"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "5"),
            ("SLURM_ARRAY_TASK_COUNT", "2"),
        ],
    ],
    [
        &[("JOB_COMPLETION_INDEX", "0"), ("AMX_SHARDS", "2")],
        &[("JOB_COMPLETION_INDEX", "1"), ("AMX_SHARDS", "2")],
    ],
    [
        &[("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AMX_SHARDS", "2")],
        &[("AWS_BATCH_JOB_ARRAY_INDEX", "1"), ("AMX_SHARDS", "2")],
    ],
    [
        &[("PARALLEL_SEQ", "1"), ("AMX_SHARDS", "2")],
        &[("PARALLEL_SEQ", "2"), ("AMX_SHARDS", "2")],
    ],
];

#[test]
fn tasks_of_four_schedulers_find_their_shards() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::ZERO));
    for tasks in SCHEDULERS {
        let before = crowd.requests().len();
        for (index, variables) in tasks.iter().enumerate() {
            let mut task = sandbox(&crowd).file("rows.csv", csv(7));
            for (name, value) in *variables {
                task = task.env(*name, *value);
            }
            let name = "out.{shard}.jsonl";
            task.run(["batch", "rows.csv", PROMPT, "-o", name, "--shard", "auto"])
                .assert_code(0);
            let rows: Vec<u64> = answers(&task, &format!("out.{index:05}-of-00002.jsonl"))
                .iter()
                .map(|(row, ..)| *row)
                .collect();
            let expected: Vec<u64> = (0..7).filter(|row| row % 2 == index as u64).collect();
            assert_eq!(rows, expected, "{variables:?}");
        }
        assert_eq!(crowd.requests().len() - before, 7, "{tasks:?}");
    }
}

#[test]
fn a_cap_holds_with_64_in_flight_and_three_kills() {
    // What the double bills for each answer, and the cap.
    const BILLED: f64 = 0.00042;
    const CAP: f64 = 0.1;
    let crowd = Crowd::start(|asked| (echo(asked), Duration::from_millis(30)));
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(600));
    let arguments = || {
        let more = ["--concurrency", "64", "--max-cost", "0.1"];
        BASE.into_iter().chain(more)
    };
    for _ in 0..3 {
        let before = crowd.requests().len();
        let running = sandbox.spawn(arguments());
        wait_until("requests", || {
            crowd.requests().len() >= before + 40 || !running.try_signal("0")
        });
        running.try_signal("KILL");
        running.wait();
    }
    sandbox
        .run(arguments())
        .assert_failure(14)
        .assert_stderr_has("the cap on the cost of the job is reached (--max-cost)");
    let asked = crowd.requests().len();
    #[expect(clippy::cast_precision_loss, reason = "hundreds of requests")]
    let bill = asked as f64 * BILLED;
    assert!(bill <= CAP, "{asked} requests cost ${bill}");
    assert!(bill > CAP / 2.0, "{asked} requests cost only ${bill}");
}

/// The line of shell that runs a program with a disk of so many KiB at `small/`, and copies what it
/// wrote to `kept/`.
fn small_disk(kib: usize) -> String {
    format!(
        "mkdir -p small kept\nexec unshare -m sh -c 'mount -t tmpfs -o size={kib}k none small || \
        exit 99; \"$@\"; code=$?; cp small/* kept/; exit $code' sh \"$@\""
    )
}

#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_full_disk_keeps_whole_lines_and_the_job_continues_elsewhere() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::ZERO));
    let small = sandbox(&crowd)
        .file("rows.csv", csv(400))
        .shell(&small_disk(48));
    let full = small.run(["batch", "rows.csv", PROMPT, "-o", "small/out.jsonl"]);
    if full.stderr().contains("unshare:") || full.stderr().contains("mount:") {
        eprintln!("skipped: mounting a small disk takes root");
        return;
    }
    full.assert_failure(12).assert_stderr_has("small/out.jsonl");
    let written = final_lines(&small, "kept/out.jsonl").len();
    let asked = crowd.requests().len();
    assert!((20..400).contains(&written), "{written} lines");
    assert!(asked < 400, "asking stops at once");
    let side = std::fs::read(small.home().join("kept/out.jsonl.amx")).unwrap();
    let large = sandbox(&crowd)
        .file("rows.csv", csv(400))
        .file(
            OUT,
            std::fs::read(small.home().join("kept/out.jsonl")).unwrap(),
        )
        .file("out.jsonl.amx", side);
    large.run(BASE).assert_code(0);
    assert_eq!(answers(&large, OUT).len(), 400);
    // Those that were asked and have no line are asked again.
    assert_eq!(crowd.requests().len(), 400 + asked - written);
}

#[test]
fn rows_far_ahead_of_the_next_line_wait() {
    // In the order of the input, row 0 holds the lines of all others.
    const SLOW: Duration = Duration::from_secs(4);
    let crowd = Crowd::start(|asked| {
        let is_slow = asked.prompt == "text 0";
        (echo(asked), if is_slow { SLOW } else { Duration::ZERO })
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(1600));
    sandbox
        .run(
            BASE.into_iter()
                .chain(["--order", "input", "--concurrency", "64"]),
        )
        .assert_code(0);
    let requests = crowd.requests();
    let early = requests.iter().filter(|request| request.at < SLOW);
    let early = early.count();
    assert!(early <= 1024, "{early} rows asked before the first line");
    assert_eq!(requests.len(), 1600);
    let rows = final_lines(&sandbox, OUT);
    let rows = rows.iter().map(|line| line["row"].as_u64().unwrap());
    assert!(rows.eq(0..1600));
}

/// Two lines of OpenAI's documentation, one with members that amx does not have.
const OPENAI_LINES: &str = include_str!("../../data/batch/openai-requests.jsonl");

/// The output, with an answer that echoes each request.
const OPENAI_OUTPUT: &str = include_str!("../../data/batch/openai-results.jsonl");

#[test]
fn the_sample_lines_of_openai_give_the_golden_output() {
    let crowd = Crowd::start(|asked| {
        let body = json!({
            "id": "chatcmpl-123",
            "object": "chat.completion",
            "created": 1_711_652_795,
            "model": "gpt-3.5-turbo-0125",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": asked.prompt},
                "logprobs": null,
                "finish_reason": "stop"
            }],
            "usage": {"prompt_tokens": 22, "completion_tokens": 2, "total_tokens": 24},
            "system_fingerprint": "fp_123"
        });
        (reply::json(body), Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("requests.jsonl", OPENAI_LINES);
    let base = ["batch", "requests.jsonl", "-o", "results.jsonl"];
    let more = [
        "--as",
        "openai",
        "--order",
        "input",
        "--concurrency",
        "1",
        "-m",
        "openai/gpt-4o-mini",
    ];
    sandbox.run(base.into_iter().chain(more)).assert_code(0);
    let golden = written_lines(OPENAI_OUTPUT);
    let mut found = final_lines(&sandbox, "results.jsonl");
    for line in &mut found {
        let id = line["id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("batch_req_"), "{id}");
        line["id"] = json!("batch_req_");
    }
    assert_eq!(found, golden);
    let sent: Vec<Value> = crowd
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(sent[1]["metadata"], json!({"customer": "user_123456789"}));
    assert_eq!(sent[1]["service_tier"], "flex");
    assert_eq!(sent[0]["max_tokens"], 1000);
}

fn written_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
