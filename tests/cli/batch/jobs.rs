//! `amx batch` when it is killed, stopped, locked, slowed down or replayed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::crowd::{Asked, Crowd};
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PROMPT, csv, final_lines, lines, sandbox, wait_until};

/// The output of every job here.
const OUT: &str = "out.jsonl";

fn echo(asked: &Asked) -> Reply {
    reply::stream([asked.prompt.as_str()])
}

/// The number before `row`/`rows` in the warning about rows that may be billed twice.
fn printed(stderr: &str) -> usize {
    let warned = stderr
        .lines()
        .find(|line| line.contains("may be billed twice"));
    let words: Vec<&str> = warned.unwrap_or_default().split_whitespace().collect();
    let at = words.iter().position(|word| word.starts_with("row"));
    at.map_or(0, |at| words[at - 1].parse().unwrap())
}

/// Kills a job of `rows` rows so many times; the last run ends by itself.
fn killed(rows: usize, kills: usize) {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::from_millis(4)));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(rows));
    let arguments = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let mut warned = 0;
    for kill in 0..kills {
        let mut running = sandbox.spawn(arguments);
        let before = crowd.requests().len();
        let more = 1 + (kill * 7) % 23;
        wait_until("requests", || crowd.requests().len() >= before + more);
        if !running.is_running() {
            break;
        }
        running.try_signal("KILL");
        warned += printed(&running.wait().stderr());
    }
    let last = sandbox.run(arguments);
    last.assert_code(0);
    warned += printed(&last.stderr());
    let out = final_lines(&sandbox, OUT);
    let mut ids: Vec<&str> = out
        .iter()
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((out.len(), ids.len()), (rows, rows), "each row once");
    let mut asked = BTreeMap::<String, usize>::new();
    for request in crowd.requests() {
        *asked.entry(request.prompt).or_default() += 1;
    }
    assert_eq!(asked.len(), rows);
    let twice: usize = asked.values().map(|times| times - 1).sum();
    // A request that was started and did not leave is counted, too.
    assert!(twice <= warned, "{twice} asked twice, {warned} printed");
    assert!(warned <= kills * 16, "{warned} printed after {kills} kills");
}

#[test]
fn a_job_that_is_killed_asks_each_row_once() {
    killed(120, 6);
}

/// `benches/torture-batch.sh` sets the number of jobs, each killed 20 times.
#[test]
#[expect(clippy::disallowed_methods, reason = "the size of the test itself")]
fn a_long_job_that_is_killed_often() {
    let Ok(jobs) = std::env::var("AMX_TEST_BATCHES") else {
        return;
    };
    let jobs: usize = jobs.parse().unwrap();
    for _ in 0..jobs {
        killed(500, 20);
    }
}

#[test]
fn a_second_job_on_one_output_names_the_process_of_the_first() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::from_millis(300)));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let arguments = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let running = sandbox.spawn(arguments);
    wait_until("a request", || !crowd.requests().is_empty());
    let second = sandbox.run(arguments);
    second
        .assert_failure(12)
        .assert_stderr_has("another job writes to out.jsonl (process ");
    running.wait().assert_code(0);
    assert_eq!(crowd.requests().len(), 3);
}

#[test]
fn ctrl_c_lets_rows_in_flight_end_and_the_next_run_continues() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::from_millis(100)));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(60));
    let arguments = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let running = sandbox.spawn(arguments);
    wait_until("answers", || lines(&sandbox, OUT).len() >= 10);
    running.signal("INT");
    let stopped = running.wait();
    stopped
        .assert_failure(130)
        .assert_stderr_has("run the same command again: it continues where it stopped");
    assert_eq!(printed(&stopped.stderr()), 0);
    let asked = crowd.requests().len();
    assert_eq!(
        final_lines(&sandbox, OUT).len(),
        asked,
        "rows in flight have their lines"
    );
    assert!(asked < 60);
    sandbox.run(arguments).assert_code(0);
    assert_eq!(crowd.requests().len(), 60);
}

#[test]
fn rows_are_sent_together_as_soon_as_the_first_answer_begins() {
    let gate = Gate::default();
    let crowd = Crowd::start({
        let gate = gate.clone();
        move |_| {
            let reply = reply::stream(["first", "second"]).gate_after(1, &gate);
            (reply, Duration::ZERO)
        }
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(60));
    let running = sandbox.spawn([
        "batch",
        "rows.csv",
        PROMPT,
        "-o",
        OUT,
        "--concurrency",
        "32",
    ]);
    // No answer has ended.
    wait_until("32 requests", || crowd.requests().len() >= 32);
    assert_eq!(crowd.requests().len(), 32);
    gate.open();
    running.wait().assert_code(0);
    assert_eq!(final_lines(&sandbox, OUT).len(), 60);
}

#[test]
fn a_wait_that_the_server_asks_for_holds_every_row() {
    let crowd = Crowd::start(|asked| {
        if asked.before == 10 {
            let busy = reply::refusal(429, "Slow down.").header("retry-after", "3");
            return (busy, Duration::ZERO);
        }
        (echo(asked), Duration::from_millis(5))
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(40));
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", "out.jsonl"])
        .assert_code(0);
    let requests = crowd.requests();
    assert_eq!(requests.len(), 41, "one refusal, which costs no attempt");
    let refused = requests
        .iter()
        .find(|request| request.status == 429)
        .unwrap();
    // Before that the refusal may be on its way; after it, a wait of 3 s may be 20 % shorter.
    let span = refused.at + Duration::from_millis(800)..refused.at + Duration::from_millis(2400);
    let during = requests.iter().filter(|request| span.contains(&request.at));
    assert_eq!(during.count(), 0, "requests while the server asked to wait");
    assert_eq!(final_lines(&sandbox, OUT).len(), 40);
}

#[test]
fn the_order_of_the_input_is_kept_whatever_the_order_of_the_answers() {
    let crowd = Crowd::start(|asked| {
        let slow = asked.prompt == "text 2";
        (
            echo(asked),
            Duration::from_millis(if slow { 400 } else { 2 }),
        )
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(60));
    sandbox
        .run([
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--order",
            "input",
        ])
        .assert_code(0);
    let rows: Vec<u64> = final_lines(&sandbox, OUT)
        .iter()
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, (0..60).collect::<Vec<u64>>());
}

#[test]
fn a_recorded_job_is_replayed_without_a_server() {
    let crowd = Crowd::start(|asked| (echo(asked), Duration::ZERO));
    let recording = sandbox(&crowd).file("rows.csv", csv(12));
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    recording
        .run(base.into_iter().chain(["--record", "job.tape"]))
        .assert_code(0);
    let tape = std::fs::read(recording.home().join("job.tape")).unwrap();
    let replaying = Sandbox::new()
        .env("OPENROUTER_BASE_URL", crowd.base_url())
        .file("rows.csv", csv(12))
        .file("job.tape", tape);
    replaying
        .run(base.into_iter().chain(["--replay", "job.tape", "--strict"]))
        .assert_code(0);
    let contents = |sandbox: &Sandbox| {
        let lines = final_lines(sandbox, OUT).into_iter();
        lines
            .map(|line| (line["row"].as_u64().unwrap(), line["content"].clone()))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(contents(&recording), contents(&replaying));
    assert_eq!(crowd.requests().len(), 12);
}

#[test]
fn rows_of_a_group_have_a_line_each_and_missing_answers_are_asked_alone() {
    let crowd = Crowd::start(|asked| {
        if !asked.prompt.starts_with("Below are") {
            return (
                reply::stream([format!("alone {}", asked.prompt).as_str()]),
                Duration::ZERO,
            );
        }
        let items = json!({"items": [
            {"n": 1, "answer": "first"},
            {"n": 2, "answer": "second"},
            {"n": 4, "answer": "twice"},
            {"n": 4, "answer": "twice"},
            {"n": 9, "answer": "extra"},
        ]});
        (reply::stream([items.to_string().as_str()]), Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(4));
    sandbox
        .run([
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--group",
            "4",
        ])
        .assert_code(0);
    let contents: BTreeMap<String, Value> = final_lines(&sandbox, OUT)
        .into_iter()
        .map(|line| {
            (
                line["id"].as_str().unwrap().to_owned(),
                line["content"].clone(),
            )
        })
        .collect();
    let expected = [
        ("r0", "first"),
        ("r1", "second"),
        ("r2", "alone text 2"),
        ("r3", "alone text 3"),
    ];
    assert_eq!(
        contents,
        expected
            .map(|(id, text)| (id.to_owned(), json!(text)))
            .into()
    );
    assert_eq!(crowd.requests().len(), 3);
    let total: f64 = final_lines(&sandbox, OUT)
        .iter()
        .map(|line| line["cost_usd"].as_f64().unwrap())
        .sum();
    assert!((total - 3.0 * 0.00042).abs() < 1e-9, "{total}");
    let shared = final_lines(&sandbox, OUT);
    let shared = shared.iter().find(|line| line["id"] == "r0").unwrap();
    assert_eq!(shared["cost_source"], "~provider");
}

#[test]
fn answers_that_do_not_match_the_schema_are_asked_once_more() {
    let crowd = Crowd::start(|asked| {
        let is_bad = asked.body.to_string().contains("text 1");
        let text = if is_bad {
            "{\"label\": 5}"
        } else {
            "{\"label\": \"good\"}"
        };
        (reply::stream([text]), Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let run = sandbox.run([
        "batch",
        "rows.csv",
        PROMPT,
        "-o",
        "out.jsonl",
        "--schema",
        r#"{"type":"object","properties":{"label":{"type":"string"}},"required":["label"]}"#,
    ]);
    run.assert_failure(13);
    let out = final_lines(&sandbox, OUT);
    let of = |id: &str| out.iter().find(|line| line["id"] == id).unwrap();
    assert_eq!(of("r0")["structured"], json!({"label": "good"}));
    assert_eq!(of("r1")["status"], "invalid");
    assert_eq!(of("r1")["content"], "{\"label\": 5}");
    assert_eq!(of("r1")["attempts"], 2);
    assert_eq!(crowd.requests().len(), 4);
}
