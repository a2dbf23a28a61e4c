//! `amx batch --discount`: every row is billed once, whatever happens on the way.

use serde_json::{Value, json};

use crate::support::batches::{self, BatchDouble, COST, Script, Submission};
use crate::support::double::KEY;
use crate::support::sandbox::Sandbox;

use super::{PRICED, PROMPT, csv, final_lines, wait_until};

const OUT: &str = "out.jsonl";

const BASE: [&str; 6] = ["batch", "rows.csv", PROMPT, "-o", OUT, "--discount"];

fn sandbox(double: &BatchDouble, rows: usize) -> Sandbox {
    Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OPENROUTER_API_KEY", KEY)
        .env("AMX_BATCH_POLL_SEC", "0.01")
        .config(PRICED)
        .file("rows.csv", csv(rows))
}

fn with(more: &[&'static str]) -> Vec<&'static str> {
    BASE.iter().chain(more).copied().collect()
}

fn looks(double: &BatchDouble) -> usize {
    double.batches().iter().map(|batch| batch.looks).sum()
}

/// The total of the ledger: requests, and USD.
fn ledger(sandbox: &Sandbox) -> (Value, Value) {
    let total = sandbox.run(["usage", "--json"]).json();
    (
        total["total"]["requests"].clone(),
        total["total"]["cost_usd"].clone(),
    )
}

/// Row 3 has no answer.
fn one_failed(prompt: &str) -> Value {
    if prompt == "text 3" {
        let error = json!({"code": "content_policy", "message": "Not this."});
        return json!({"response": null, "error": error});
    }
    batches::answered(prompt)
}

#[test]
fn a_batch_that_appears_late_with_pages_and_a_failed_row() {
    let double = BatchDouble::start(Script {
        missing: 2,
        running: 4,
        in_pages: true,
        result: one_failed,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 8);
    let run = sandbox.run(with(&["--keep", "text"]));
    run.assert_failure(13)
        .assert_stderr_has("8 rows: 7 ok, 1 failed; $0.0014; out.jsonl")
        .assert_stderr_has("--retry-failed");
    let out = final_lines(&sandbox, OUT);
    assert_eq!(out.len(), 8);
    for line in &out {
        let row = line["row"].as_u64().unwrap();
        assert_eq!(line["id"], format!("r{row}"));
        assert_eq!(line["input"], json!({"text": format!("text {row}")}));
        if row == 3 {
            assert_eq!(line["status"], "error");
            assert_eq!(line["cost_usd"], 0.0);
            assert!(line["error"].to_string().contains("Not this."), "{line}");
        } else {
            assert_eq!(line["content"], format!("text {row}"));
            assert_eq!(line["model"], "openai/gpt-4o-mini");
            assert!(
                (line["cost_usd"].as_f64().unwrap() - COST).abs() < 1e-12,
                "{line}"
            );
            assert_eq!(line["cost_source"], "~provider");
        }
    }
    let batches = double.batches();
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].body["model"], "openai/gpt-4o-mini");
    assert_eq!(ledger(&sandbox), (json!(1), json!(0.0014)));
    // A second run has nothing to do, and a failed row goes into another batch.
    sandbox.run(with(&["--keep", "text"])).assert_failure(13);
    assert_eq!(double.batches().len(), 1);
    sandbox
        .run(with(&["--keep", "text", "--retry-failed"]))
        .assert_failure(13);
    assert_eq!(double.batches().len(), 2);
    assert_eq!(double.prompts().len(), 9);
}

#[test]
fn a_job_that_is_killed_while_it_waits_fetches_the_answers_later() {
    let double = BatchDouble::start(Script {
        running: 6,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 5);
    let mut running = sandbox.spawn(BASE);
    wait_until("looks", || looks(&double) >= 2);
    assert!(running.is_running());
    running.signal("KILL");
    running.wait();
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", OUT])
        .assert_failure(5)
        .assert_stderr_has("rows of out.jsonl are in 1 discounted batch that is not fetched yet")
        .assert_stderr_has("the same command with --discount");
    sandbox
        .run(with(&["--restart"]))
        .assert_failure(5)
        .assert_stderr_has("without --restart first");
    sandbox
        .run(BASE)
        .assert_code(0)
        .assert_stderr_has("5 rows: 5 ok; $0.001; out.jsonl");
    assert_eq!(final_lines(&sandbox, OUT).len(), 5);
    assert_eq!(double.batches().len(), 1, "billed once");
    assert_eq!(ledger(&sandbox), (json!(1), json!(0.001)));
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", OUT])
        .assert_code(0);
}

#[test]
fn ctrl_c_leaves_the_batch_running() {
    let double = BatchDouble::start(Script {
        running: 30,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 4);
    let running = sandbox.spawn(BASE);
    wait_until("looks", || looks(&double) >= 2);
    running.signal("INT");
    running
        .wait()
        .assert_failure(130)
        .assert_stderr_has("4 rows: 0 ok, 4 in a batch")
        .assert_stderr_has("1 batch runs on at the provider")
        .assert_stderr_has("run the same command again: it fetches the answers");
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.prompts().len(), 4);
}

#[test]
fn detached_batches_are_fetched_by_the_same_command() {
    let double = BatchDouble::start(Script {
        running: 3,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 4);
    sandbox
        .run(with(&["--detach"]))
        .assert_code(0)
        .assert_stderr_has("4 rows: 0 ok, 4 in a batch")
        .assert_stderr_has("the same command without --detach waits for the answers");
    assert_eq!(looks(&double), 0);
    assert_eq!(final_lines(&sandbox, OUT).len(), 0);
    // With it, what has ended is fetched.
    for _ in 0..4 {
        sandbox.run(with(&["--detach"])).assert_code(0);
    }
    assert_eq!(final_lines(&sandbox, OUT).len(), 4);
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.prompts().len(), 4);
}

#[test]
fn a_submission_whose_answer_is_lost_is_found_in_the_list() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::TakeSilently,
            _ => Submission::Take,
        }),
        others: 3,
        running: 2,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 4);
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.batches().len(), 1, "billed once");
    assert_eq!(final_lines(&sandbox, OUT).len(), 4);
}

#[test]
fn a_job_that_is_killed_while_it_submits_does_not_submit_twice() {
    let double = BatchDouble::start(Script::default());
    let sandbox = sandbox(&double, 4);
    sandbox.run(with(&["--detach"])).assert_code(0);
    // As it is when the program was killed before it noted the ID.
    let side = sandbox.home().join("out.jsonl.amx");
    let text = std::fs::read_to_string(&side).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("\"submitted\""))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(text, without);
    std::fs::write(&side, without).unwrap();
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.batches().len(), 1, "billed once");
    assert_eq!(final_lines(&sandbox, OUT).len(), 4);
    assert_eq!(ledger(&sandbox), (json!(1), json!(0.0008)));
}

#[test]
fn a_submission_that_did_not_arrive_is_submitted_again() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::Lose,
            _ => Submission::Take,
        }),
        ..Script::default()
    });
    let sandbox = sandbox(&double, 4);
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.batches().len(), 1);
    assert_eq!(ledger(&sandbox), (json!(2), json!(0.0008)));
}

#[test]
fn a_bad_row_has_one_line_when_a_submission_did_not_arrive() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::Lose,
            _ => Submission::Take,
        }),
        ..Script::default()
    });
    let text = "{\"text\":\"a\"}\n{\"other\":1}\n{\"text\":\"b\"}\n";
    let sandbox = sandbox(&double, 1).file("rows.jsonl", text);
    let base = ["batch", "rows.jsonl", PROMPT, "-o", OUT, "--discount"];
    sandbox
        .run(base.into_iter().chain(["--skip-bad"]))
        .assert_code(0)
        .assert_stderr_has("3 rows: 2 ok, 1 skipped");
    assert_eq!(final_lines(&sandbox, OUT).len(), 3);
    let merge = ["batch", "merge", "-o", "all.jsonl", OUT];
    sandbox.run(merge).assert_code(0);
}

#[test]
fn without_a_list_the_rows_that_may_be_billed_twice_are_counted() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::TakeSilently,
            _ => Submission::Take,
        }),
        has_list: false,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 4);
    sandbox
        .run(BASE)
        .assert_code(0)
        .assert_stderr_has("at most 4 rows may be billed twice");
    assert_eq!(double.batches().len(), 2);
    assert_eq!(final_lines(&sandbox, OUT).len(), 4);
}

#[test]
fn an_empty_account_ends_the_job_before_anything_runs() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::RefuseAsBatch,
            _ => Submission::Take,
        }),
        ..Script::default()
    });
    let sandbox = sandbox(&double, 3);
    sandbox
        .run(BASE)
        .assert_failure(7)
        .assert_stderr_has("3 rows: 0 ok, 3 not asked")
        .assert_stderr_has("Insufficient credits");
    assert_eq!(final_lines(&sandbox, OUT).len(), 0);
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.prompts().len(), 3);
}

#[test]
fn a_busy_provider_is_asked_again() {
    let double = BatchDouble::start(Script {
        submission: Box::new(|number| match number {
            0 => Submission::Refuse(429),
            1 => Submission::Refuse(503),
            _ => Submission::Take,
        }),
        ..Script::default()
    });
    let sandbox = sandbox(&double, 3);
    sandbox.run(BASE).assert_code(0);
    assert_eq!(double.batches().len(), 1);
}

#[test]
fn rows_of_a_batch_that_ended_otherwise_have_their_lines() {
    for (status, words) in [
        ("failed", "was refused: Bad rows."),
        ("expired", "expired before the row was answered"),
        ("cancelled", "was cancelled"),
    ] {
        let ends: fn(usize) -> &'static str = match status {
            "failed" => |number| if number == 0 { "failed" } else { "completed" },
            "expired" => |number| if number == 0 { "expired" } else { "completed" },
            _ => |number| {
                if number == 0 {
                    "cancelled"
                } else {
                    "completed"
                }
            },
        };
        let double = BatchDouble::start(Script {
            ends,
            ..Script::default()
        });
        let sandbox = sandbox(&double, 3);
        sandbox.run(BASE).assert_failure(13);
        let out = final_lines(&sandbox, OUT);
        assert_eq!(out.len(), 3);
        for line in out {
            let message = line["error"]["message"].as_str().unwrap();
            assert!(message.contains(words), "{status}: {message}");
            assert_eq!(line["error"]["retryable"], true);
        }
        assert_eq!(ledger(&sandbox), (json!(1), json!(0.0)), "{status}");
        sandbox.run(with(&["--retry-failed"])).assert_code(0);
        assert_eq!(double.batches().len(), 2);
    }
}

#[test]
fn a_batch_that_never_appears_fails_its_rows() {
    let double = BatchDouble::start(Script {
        missing: 1000,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 2);
    sandbox.run(BASE).assert_failure(13);
    let looks = looks(&double);
    assert!((12..=14).contains(&looks), "{looks}");
    let message = final_lines(&sandbox, OUT)[0]["error"]["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .contains("results are kept for 30 days"),
        "{message}"
    );
}

#[test]
fn a_batch_has_a_thousand_rows_of_one_model() {
    let double = BatchDouble::start(Script::default());
    let rows: String = (0..2300)
        .map(|row| {
            let model = if row < 50 { "openai/gpt-4o" } else { "" };
            format!("{{\"id\":{row},\"text\":\"text {row}\",\"model\":\"{model}\"}}\n")
        })
        .collect();
    let sandbox = sandbox(&double, 0).file("rows.jsonl", rows);
    sandbox
        .run([
            "batch",
            "rows.jsonl",
            PROMPT,
            "-o",
            OUT,
            "--discount",
            "--from-row",
            "model",
        ])
        .assert_code(0);
    let mut sizes: Vec<(String, usize)> = double
        .batches()
        .iter()
        .map(|batch| {
            let model = batch.body["model"].as_str().unwrap().to_owned();
            (model, batch.body["requests"].as_array().unwrap().len())
        })
        .collect();
    sizes.sort();
    let mini = || "openai/gpt-4o-mini".to_owned();
    let expected = [
        ("openai/gpt-4o".to_owned(), 50),
        (mini(), 250),
        (mini(), 1000),
        (mini(), 1000),
    ];
    assert_eq!(sizes, expected);
    let mut rows: Vec<u64> = final_lines(&sandbox, OUT)
        .iter()
        .map(|line| line["row"].as_u64().unwrap())
        .collect();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..2300));
}

#[test]
fn a_cap_refuses_before_anything_is_submitted() {
    let double = BatchDouble::start(Script::default());
    let sandbox = sandbox(&double, 100);
    sandbox
        .run(with(&["--max-cost", "0.01"]))
        .assert_failure(14)
        .assert_stderr_has("more than the $0.01 left of --max-cost");
    assert_eq!(double.requests().len(), 0);
    // Before the discount they could cost $0.04.
    sandbox
        .run(with(&["--dry-run"]))
        .assert_code(0)
        .assert_stderr_has(" to $0.03; nothing was sent");
    sandbox.run(with(&["--max-cost", "0.03"])).assert_code(0);
    let dry = with(&["--retry-failed", "--dry-run"]);
    sandbox
        .run(dry)
        .assert_code(0)
        .assert_stderr_has("0 rows to ask of 100");
}

#[test]
fn the_cost_of_a_key_of_the_user_is_not_known() {
    let double = BatchDouble::start(Script {
        is_byok: true,
        ..Script::default()
    });
    let sandbox = sandbox(&double, 2);
    sandbox
        .run(BASE)
        .assert_code(0)
        .assert_stderr_has("a key of your own paid for a batch");
    let total = sandbox.run(["usage", "--json"]).json();
    assert_eq!(total["total"]["requests"], 1);
    assert_eq!(total["total"]["unknown"], 1, "{total}");
}

#[test]
fn a_schema_is_held_and_nothing_is_asked_again() {
    let double = BatchDouble::start(Script {
        result: |prompt| {
            let text = if prompt == "text 1" {
                "{}"
            } else {
                "{\"label\":\"good\"}"
            };
            batches::answered(text)
        },
        ..Script::default()
    });
    let sandbox = sandbox(&double, 2);
    let schema =
        r#"{"type":"object","properties":{"label":{"type":"string"}},"required":["label"]}"#;
    sandbox.run(with(&["--schema", schema])).assert_failure(13);
    let out = final_lines(&sandbox, OUT);
    let of = |row: u64| out.iter().find(|line| line["row"] == row).unwrap();
    assert_eq!(of(0)["structured"], json!({"label": "good"}));
    assert_eq!(of(1)["status"], "invalid");
    let body = &double.batches()[0].body["requests"][0]["body"];
    assert_eq!(body["response_format"]["type"], "json_schema");
    assert_eq!(double.prompts().len(), 2);
}

#[test]
fn what_a_batch_does_not_take_is_refused_in_words() {
    let double = BatchDouble::start(Script::default());
    let sandbox = sandbox(&double, 2)
        .file("image.png", b"\x89PNG\r\n\x1a\n0000")
        .env("OPENAI_API_KEY", KEY);
    for (more, words) in [
        (
            ["--option", "provider.zdr=true"],
            "provider.zdr: batches are stored for 30 days",
        ),
        (
            ["--option", "provider.sort=price"],
            "provider.sort: a batch takes only",
        ),
        (
            ["--option", "modalities=[\"image\"]"],
            "modalities: batches are text only",
        ),
        (
            ["-m", "openai/gpt-4o,openai/gpt-5"],
            "models: a batch has one model",
        ),
        (["--group", "10"], "cannot be used with"),
        (["--concurrency", "10"], "cannot be used with"),
        (["--record", "job.tape"], "cannot be used with"),
    ] {
        sandbox
            .run(with(&more))
            .assert_failure(2)
            .assert_stderr_has(words);
    }
    sandbox
        .run(with(&["--web"]))
        .assert_failure(2)
        .assert_stderr_has("tools: batches call no tools");
    sandbox
        .run(with(&["-f", "image.png"]))
        .assert_failure(5)
        .assert_stderr_has("parts of type image_url: batches are text only");
    sandbox
        .run(["batch", "-", PROMPT, "-o", OUT, "--discount"])
        .assert_failure(2)
        .assert_stderr_has("--discount needs a file");
    sandbox
        .run(["batch", "rows.csv", PROMPT, "--discount"])
        .assert_failure(2);
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", OUT, "--detach"])
        .assert_failure(2);
    sandbox
        .run(with(&["-p", "demo"]))
        .assert_failure(2)
        .assert_stderr_has("provider demo has no discounted batches");
    assert_eq!(double.requests().len(), 0);
}
