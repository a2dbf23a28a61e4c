//! `amx batch`: rows in, a line for each out, and nothing asked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PRICED, PROMPT, csv, final_lines, sandbox};

/// No delay.
const AT_ONCE: Duration = Duration::ZERO;

/// Answers each prompt with its own words.
fn echo(asked: &Asked) -> (Reply, Duration) {
    (reply::stream([asked.prompt.as_str()]), AT_ONCE)
}

fn path(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.home().join(name)
}

fn ids(lines: &[Value]) -> BTreeSet<String> {
    lines
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_row_has_its_line_and_a_second_run_asks_nothing() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(40));
    let run = || {
        sandbox.run([
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--keep",
            "text",
        ])
    };
    run()
        .assert_code(0)
        .assert_stderr_has("40 rows: 40 ok; $0.02; out.jsonl");
    let out = final_lines(&sandbox, "out.jsonl");
    assert_eq!(out.len(), 40);
    for line in &out {
        let row = line["row"].as_u64().unwrap();
        assert_eq!(line["id"], format!("r{row}"));
        assert_eq!(line["status"], "ok");
        assert_eq!(line["content"], format!("text {row}"));
        assert_eq!(line["input"], json!({"text": format!("text {row}")}));
        assert_eq!(line["cost_usd"], 0.00042);
        assert_eq!(line["cost_source"], "provider");
        assert_eq!(line["attempts"], 1);
        assert_eq!(line["key"].as_str().unwrap().len(), 32);
    }
    run()
        .assert_code(0)
        .assert_stderr_has("40 rows: 40 ok; $0.02 in all runs, $0 in this one");
    assert_eq!(crowd.requests().len(), 40);
    assert!(
        crowd.connections() <= 20,
        "{} connections",
        crowd.connections()
    );
}

#[test]
fn the_end_says_what_the_ledger_has_of_today() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(40));
    let run = |output| sandbox.run(["batch", "rows.csv", PROMPT, "-o", output]);
    run("a.jsonl")
        .assert_code(0)
        .assert_stderr_has("note: $0.02 spent today (amx usage)");
    run("b.jsonl")
        .assert_code(0)
        .assert_stderr_has("40 rows: 40 ok; $0.02; b.jsonl")
        .assert_stderr_has("note: $0.03 spent today (amx usage)");
    run("b.jsonl").assert_code(0).assert_stderr_lacks("today");
}

#[test]
fn new_rows_of_a_changed_input_are_asked_and_no_others() {
    let crowd = Crowd::start(echo);
    let mut sandbox = sandbox(&crowd).file("rows.jsonl", "");
    let mut asked = BTreeMap::<String, usize>::new();
    let inputs = [
        vec!["a", "b", "c"],
        vec!["c", "x", "a", "b"],
        vec!["a", "a", "b", "c", "x", "b"],
        vec!["b", "a"],
        vec!["a", "a", "a", "d"],
    ];
    for input in inputs {
        let text: String = input
            .iter()
            .map(|text| format!("{{\"text\":\"{text}\"}}\n"))
            .collect();
        sandbox = sandbox.file("rows.jsonl", text);
        let run = sandbox.run(["batch", "rows.jsonl", PROMPT, "-o", "out.jsonl"]);
        run.assert_code(0);
        for text in &input {
            let needed = input.iter().filter(|other| *other == text).count();
            let so_far = asked.entry((*text).to_owned()).or_default();
            *so_far = needed.max(*so_far);
        }
        let mut found = BTreeMap::<String, usize>::new();
        for request in crowd.requests() {
            *found.entry(request.prompt).or_default() += 1;
        }
        assert_eq!(found, asked, "{input:?}");
    }
}

#[test]
fn another_prompt_is_refused_before_anything_is_sent() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(2));
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", "out.jsonl"])
        .assert_code(0);
    let other = sandbox.run([
        "batch",
        "rows.csv",
        "x {{text}}",
        "-o",
        "out.jsonl",
        "-t",
        "1",
    ]);
    other
        .assert_failure(5)
        .assert_stderr_has("out.jsonl was written with other settings")
        .assert_stderr_has("changed: prompt, temperature (none before, 1.0 now)")
        .assert_stderr_has("--restart");
    assert_eq!(crowd.requests().len(), 2);
    let anew = [
        "batch",
        "rows.csv",
        "x {{text}}",
        "-o",
        "out.jsonl",
        "-t",
        "1",
        "--restart",
    ];
    sandbox.run(anew).assert_code(0);
    assert_eq!(final_lines(&sandbox, "out.jsonl.1").len(), 2);
    assert_eq!(
        final_lines(&sandbox, "out.jsonl")[0]["content"]
            .as_str()
            .unwrap()
            .get(..2),
        Some("x ")
    );
}

#[test]
fn bad_rows_are_named_before_anything_is_sent() {
    let crowd = Crowd::start(echo);
    let text = "{\"text\":\"a\"}\n[1]\n\n{\"text\": \n{\"other\":1}\n\u{fffd}\n";
    let sandbox = sandbox(&crowd).file("rows.jsonl", text);
    let bad = sandbox.run(["batch", "rows.jsonl", PROMPT, "-o", "out.jsonl"]);
    bad.assert_failure(5)
        .assert_stderr_has("4 of 5 rows cannot be asked: rows.jsonl:2: it is not a JSON object")
        .assert_stderr_has("rows.jsonl:4: it is not JSON (column 9)")
        .assert_stderr_has("rows.jsonl:5: no value for {{text}}");
    assert!(!path(&sandbox, "out.jsonl").exists());
    assert!(!path(&sandbox, "out.jsonl.amx").exists());
    assert_eq!(crowd.requests().len(), 0);
    let skipping = [
        "batch",
        "rows.jsonl",
        PROMPT,
        "-o",
        "out.jsonl",
        "--skip-bad",
    ];
    sandbox
        .run(skipping)
        .assert_code(0)
        .assert_stderr_has("5 rows: 1 ok, 4 skipped");
    let out = final_lines(&sandbox, "out.jsonl");
    let skipped = out
        .iter()
        .filter(|line| line["status"] == "skipped")
        .count();
    assert_eq!((out.len(), skipped), (5, 4));
    sandbox
        .run(skipping)
        .assert_code(0)
        .assert_stderr_has("5 rows: 1 ok, 4 skipped");
    assert_eq!(crowd.requests().len(), 1);
}

#[test]
fn rows_of_a_pipe_are_asked_as_they_come() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).stdin("one\n\ntwo\n");
    let run = sandbox.run(["batch", "-", "Say {{input}}", "--order", "input"]);
    run.assert_code(0);
    let contents: Vec<Value> = run
        .json_lines()
        .into_iter()
        .map(|line| line["content"].clone())
        .collect();
    assert_eq!(contents, ["Say one", "Say two"]);
}

#[test]
fn a_wrong_key_ends_the_job_after_three_requests() {
    let crowd = Crowd::start(|_| (reply::refusal(401, "User not found."), AT_ONCE));
    let sandbox = sandbox(&crowd).file("rows.csv", csv(200));
    let run = || sandbox.run(["batch", "rows.csv", PROMPT, "-o", "out.jsonl"]);
    run()
        .assert_failure(4)
        .assert_stderr_has("200 rows: 0 ok, 200 not asked");
    assert!(crowd.requests().len() <= 3, "{}", crowd.requests().len());
    assert_eq!(final_lines(&sandbox, "out.jsonl").len(), 0);
}

#[test]
fn a_spent_quota_of_the_day_ends_the_job_and_the_rest_is_asked_later() {
    let words = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000";
    let crowd = Crowd::start(move |asked| match asked.prompt.as_str() {
        "text 1" | "text 2" => echo(asked),
        _ => (reply::refusal(429, words), AT_ONCE),
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(200));
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", "out.jsonl"])
        .assert_failure(8)
        .assert_stderr_has("free-models-per-day");
    assert!(crowd.requests().len() < 100, "{}", crowd.requests().len());
    // The first two, and what was refused before an answer of theirs came.
    let lines = final_lines(&sandbox, "out.jsonl").len();
    assert!((2..20).contains(&lines), "{lines}");
}

#[test]
fn the_daily_limit_of_free_models_is_an_error_of_their_rows() {
    let words = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000";
    let crowd = Crowd::start(move |asked| match asked.prompt.as_str() {
        "paid" => echo(asked),
        _ => (reply::refusal(429, words), AT_ONCE),
    });
    let rows = "text,model\n".to_owned() + &"free,a/b:free\n".repeat(4) + &"paid,a/b\n".repeat(4);
    let sandbox = sandbox(&crowd).file("rows.csv", rows);
    sandbox
        .run([
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--from-row",
            "model",
        ])
        .assert_failure(13)
        .assert_stderr_has("8 rows: 4 ok, 4 failed");
}

#[test]
fn the_last_error_counts_the_kinds_of_failures_of_all_runs() {
    let crowd = Crowd::start(|asked| match asked.prompt.as_str() {
        "text 1" => (reply::refusal(400, "No."), AT_ONCE),
        "text 2" if asked.repeated == 0 => (reply::refusal(400, "No."), AT_ONCE),
        "text 3" if asked.repeated == 0 => (reply::stream(["a"]).finish("length"), AT_ONCE),
        "text 4" if asked.repeated == 0 => (reply::stream(["a", "b"]).cut_after(1), AT_ONCE),
        _ => echo(asked),
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let words = "4 rows have no usable answer: 2 refused, 1 cut, 1 at max_tokens";
    let first = sandbox.run(base);
    first.assert_failure(13).assert_stderr_has(words);
    let error = first.stderr();
    let error = &error[error.find("error: ").unwrap()..];
    assert!(error.lines().count() <= 6, "{error}");
    assert!(error.contains("--retry-failed"), "{error}");
    // The next run reads them from the output.
    let again = sandbox.run(base);
    again.assert_failure(13).assert_stderr_has(words);
    assert_eq!(crowd.requests().len(), 10);
    let retry = sandbox.run(base.into_iter().chain(["--retry-failed"]));
    retry
        .assert_failure(13)
        .assert_stderr_has("1 row has no usable answer: 1 refused");
}

#[test]
fn one_refused_row_fails_alone_and_is_asked_again_on_request() {
    let crowd = Crowd::start(|asked| match asked.prompt.as_str() {
        "text 3" if asked.repeated == 0 => (reply::refusal(400, "No."), AT_ONCE),
        _ => echo(asked),
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let run = sandbox.run(base);
    run.assert_failure(13)
        .assert_stderr_has("10 rows: 9 ok, 1 failed")
        .assert_stderr_has("--retry-failed");
    let out = final_lines(&sandbox, "out.jsonl");
    let failed: Vec<&Value> = out
        .iter()
        .filter(|line| line["status"] == "error")
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["id"], "r3");
    assert_eq!(failed[0]["error"]["status"], 400);
    assert_eq!(failed[0]["error"]["exit_code"], 7);
    sandbox.run(base).assert_failure(13);
    assert_eq!(crowd.requests().len(), 10);
    let retry = sandbox.run(base.into_iter().chain(["--retry-failed"]));
    retry.assert_code(0).assert_stderr_has("10 rows: 10 ok");
    assert_eq!(crowd.requests().len(), 11);
    sandbox.run(base).assert_code(0);
    assert_eq!(ids(&final_lines(&sandbox, "out.jsonl")).len(), 10);
}

#[test]
fn shards_ask_every_row_once() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(10));
    for index in ["1/3", "0/3", "2/3"] {
        let name = "out.{shard}.jsonl";
        sandbox
            .run(["batch", "rows.csv", PROMPT, "-o", name, "--shard", index])
            .assert_code(0);
    }
    let rows = |shard: usize| {
        let name = format!("out.{shard:05}-of-00003.jsonl");
        final_lines(&sandbox, &name)
            .iter()
            .map(|line| line["row"].as_u64().unwrap())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(rows(0), BTreeSet::from([0, 3, 6, 9]));
    assert_eq!(rows(2), BTreeSet::from([2, 5, 8]));
    assert_eq!(crowd.requests().len(), 10);
    for wrong in [["--shard", "3/3"], ["--shard", "auto"]] {
        let base = ["batch", "rows.csv", PROMPT, "-o", "out.{shard}.jsonl"];
        sandbox.run(base.into_iter().chain(wrong)).assert_failure(2);
    }
}

#[test]
fn two_rows_of_one_text_have_two_lines() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("prompts.txt", "same\nsame\n");
    sandbox
        .run(["batch", "prompts.txt", "{{input}}", "-o", "out.jsonl"])
        .assert_code(0);
    let out = final_lines(&sandbox, "out.jsonl");
    assert_eq!(out.len(), 2);
    assert_ne!(out[0]["key"], out[1]["key"]);
}

#[test]
fn a_cap_holds_over_all_runs() {
    let crowd = Crowd::start(|asked| (echo(asked).0, Duration::from_millis(5)));
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(100));
    let run = |cap: &str| {
        let base = [
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "out.jsonl",
            "--concurrency",
            "64",
        ];
        sandbox.run(base.into_iter().chain(["--max-cost", cap]))
    };
    // Each row costs $0.00042, and may cost about $0.0004 by the price.
    let first = run("0.01");
    first
        .assert_failure(14)
        .assert_stderr_has("the cap on the cost of the job is reached (--max-cost)");
    let asked = crowd.requests().len();
    assert!((20..=24).contains(&asked), "{asked}");
    run("0.01").assert_failure(14);
    assert_eq!(crowd.requests().len(), asked);
    run("1").assert_code(0);
    assert_eq!(crowd.requests().len(), 100);
}

#[test]
fn a_dry_run_brackets_the_bill_and_sends_nothing() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).config(PRICED).file("rows.csv", csv(10));
    let run = sandbox.run(["batch", "rows.csv", PROMPT, "-o", "out.jsonl", "--dry-run"]);
    run.assert_code(0)
        .assert_stderr_has("10 rows to ask, about 20 tokens of prompts, $0.00001 to $0.0");
    assert_eq!(run.json()["messages"][0]["content"], "text 0");
    assert_eq!(crowd.requests().len(), 0);
    assert!(!path(&sandbox, "out.jsonl.amx").exists());
}

/// The amounts of `…, $0.00001 to $0.0043; nothing was sent`.
fn bracket(stderr: &str) -> (f64, f64) {
    let (words, _) = stderr.split_once("; nothing was sent").unwrap();
    let (_, amounts) = words.rsplit_once(", ").unwrap();
    let (least, most) = amounts.split_once(" to ").unwrap();
    let usd = |text: &str| {
        text.trim_start_matches('$')
            .replace(',', "")
            .parse()
            .unwrap()
    };
    (usd(least), usd(most))
}

#[test]
fn an_estimate_brackets_short_and_long_answers_and_those_that_are_asked_twice() {
    // The limit of an answer, of which the prompt is a small part.
    const LONGEST: u32 = 4000;
    // What a token costs, as PRICED has it, in USD.
    let bill = |prompt: f64, completion: f64| (prompt + 4.0 * completion) / 1e6;
    for (words, answer, completion, more, times) in [
        ("short", "x", 1_u32, vec![], 1),
        ("long", "x", LONGEST, vec![], 1),
        (
            "schema",
            "{\"label\":\"x\"}",
            5,
            vec!["--schema", "s.json"],
            1,
        ),
        ("twice", "no", LONGEST, vec!["--schema", "s.json"], 2),
    ] {
        let crowd = Crowd::start(move |asked| {
            // Four characters are about a token.
            let prompt = asked.body["messages"].to_string().len() / 4;
            let prompt = u32::try_from(prompt).unwrap();
            let cost = bill(f64::from(prompt), f64::from(completion));
            let reply = reply::stream([answer]);
            let reply = reply.usage(prompt.into(), completion.into(), 0, cost);
            (reply, AT_ONCE)
        });
        let schema = r#"{"type":"object","properties":{"label":{"type":"string"}},
            "required":["label"],"additionalProperties":false}"#;
        let config = PRICED.replace("max_tokens: 100", &format!("max_tokens: {LONGEST}"));
        let sandbox = sandbox(&crowd)
            .config(config)
            .file("s.json", schema)
            .file("rows.csv", csv(20));
        let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
        let run = |last: &[&'static str]| {
            let more = more.iter().copied().chain(last.iter().copied());
            sandbox.run(base.into_iter().chain(more))
        };
        let (least, most) = bracket(&run(&["--dry-run"]).stderr());
        run(&[]);
        assert_eq!(crowd.requests().len(), 20 * times, "{words}");
        let out = final_lines(&sandbox, "out.jsonl");
        let bill: f64 = out
            .iter()
            .map(|line| line["cost_usd"].as_f64().unwrap())
            .sum();
        assert!(
            (least..=most).contains(&bill),
            "{words}: {bill} is not from {least} to {most}"
        );
    }
}

#[test]
fn a_table_is_written_from_a_journal_and_failed_rows_apart() {
    let crowd = Crowd::start(|asked| match asked.prompt.as_str() {
        "text 1" => (reply::refusal(400, "No."), AT_ONCE),
        _ => echo(asked),
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(3));
    let base = [
        "batch", "rows.csv", PROMPT, "-o", "out.csv", "--as", "csv", "--keep", "all",
    ];
    let more = ["--errors", "bad.csv", "--order", "input"];
    let run = || sandbox.run(base.into_iter().chain(more));
    run().assert_failure(13);
    let read = |name: &str| std::fs::read_to_string(path(&sandbox, name)).unwrap();
    let header = "id,text,status,content,cost_usd,error\n";
    let rows = "r0,text 0,ok,text 0,0.00042,\nr2,text 2,ok,text 2,0.00042,\n";
    assert_eq!(read("out.csv"), format!("{header}{rows}"));
    assert!(
        read("bad.csv").starts_with(&format!("{header}r1,text 1,error,,,")),
        "{}",
        read("bad.csv")
    );
    std::fs::remove_file(path(&sandbox, "out.csv")).unwrap();
    run().assert_failure(13);
    assert_eq!(read("out.csv"), format!("{header}{rows}"));
    assert_eq!(crowd.requests().len(), 3);
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.csv"];
    sandbox
        .run(base)
        .assert_failure(5)
        .assert_stderr_has("--as (csv before, jsonl now)");
}

#[test]
fn merged_shards_are_the_job_without_shards() {
    let crowd = Crowd::start(echo);
    let mut text = csv(10);
    text.push_str("r1,\"text 1\"\n");
    let sandbox = sandbox(&crowd).file("rows.csv", text);
    let content = |name: &str| -> Vec<(Value, Value, Value)> {
        let lines = final_lines(&sandbox, name);
        lines
            .into_iter()
            .map(|line| {
                (
                    line["row"].clone(),
                    line["key"].clone(),
                    line["content"].clone(),
                )
            })
            .collect()
    };
    sandbox
        .run([
            "batch",
            "rows.csv",
            PROMPT,
            "-o",
            "whole.jsonl",
            "--order",
            "input",
        ])
        .assert_code(0);
    for index in 0..3 {
        let shard = format!("{index}/4");
        let name = "out.{shard}.jsonl";
        sandbox
            .run(["batch", "rows.csv", PROMPT, "-o", name, "--shard", &shard])
            .assert_code(0);
    }
    let files: Vec<String> = (0..4)
        .map(|index| format!("out.{index:05}-of-00004.jsonl"))
        .collect();
    let merge = |files: &[String]| {
        let base = ["batch", "merge", "-o", "all.jsonl"].map(str::to_owned);
        sandbox.run(base.into_iter().chain(files.iter().cloned()))
    };
    let missing = merge(&files[..3]);
    missing
        .assert_failure(13)
        .assert_stderr_has("shard 00003-of-00004 is missing");
    let name = "out.{shard}.jsonl";
    sandbox
        .run(["batch", "rows.csv", PROMPT, "-o", name, "--shard", "3/4"])
        .assert_code(0);
    merge(&files)
        .assert_code(0)
        .assert_stderr_has("11 rows of 4 files in all.jsonl");
    assert_eq!(content("all.jsonl"), content("whole.jsonl"));
}

#[test]
fn the_lines_of_openai_pass_with_unknown_members() {
    let crowd = Crowd::start(|asked| (reply::whole(&asked.prompt), AT_ONCE));
    let request = |id: &str, text: &str| {
        let messages =
            json!([{"role": "system", "content": "s"}, {"role": "user", "content": text}]);
        let body = json!({
            "model": "openai/gpt-4o-mini",
            "messages": messages,
            "max_tokens": 1000,
            "seed": 7,
            "stream": true,
        });
        json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body})
    };
    let text = format!(
        "{}\n{}\n",
        request("request-1", "Hello"),
        request("request-2", "Hi")
    );
    let sandbox = sandbox(&crowd).file("in.jsonl", text);
    let base = [
        "batch",
        "in.jsonl",
        "-o",
        "out.jsonl",
        "--as",
        "openai",
        "--order",
        "input",
    ];
    sandbox.run(base).assert_code(0);
    let body = &crowd.requests()[0].body;
    assert_eq!(body["seed"], 7);
    assert_eq!(body["max_tokens"], 1000);
    assert_eq!(body["messages"].as_array().unwrap().len(), 2);
    assert_eq!(body.get("stream"), None);
    let out = final_lines(&sandbox, "out.jsonl");
    assert_eq!(out[0]["custom_id"], "request-1");
    assert_eq!(out[0]["error"], Value::Null);
    assert_eq!(out[0]["response"]["status_code"], 200);
    assert_eq!(
        out[0]["response"]["body"]["choices"][0]["message"]["content"],
        "Hello"
    );
    assert_eq!(
        out[1]["response"]["body"]["choices"][0]["message"]["content"],
        "Hi"
    );
}

#[test]
fn a_row_attaches_a_file_below_the_folder_of_the_input() {
    let crowd = Crowd::start(echo);
    let rows = "id,file\na,note.txt\nb,\n";
    let sandbox = sandbox(&crowd)
        .file("rows.csv", rows)
        .file("note.txt", "a note\n");
    let base = ["batch", "rows.csv", "Sum up {{id}}", "-o", "out.jsonl"];
    let run = || sandbox.run(base.into_iter().chain(["--file-column", "file"]));
    run().assert_code(0);
    let bodies: Vec<String> = crowd
        .requests()
        .iter()
        .map(|one| one.body.to_string())
        .collect();
    assert_eq!(
        bodies.iter().filter(|body| body.contains("a note")).count(),
        1
    );
    std::fs::write(
        path(&sandbox, "rows.csv"),
        "id,file\na,../outside.txt\nb,no.txt\n",
    )
    .unwrap();
    run()
        .assert_failure(5)
        .assert_stderr_has("file '../outside.txt' is not below the folder of the input")
        .assert_stderr_has("file 'no.txt' does not exist");
}

#[test]
fn an_output_that_cannot_grow_keeps_whole_lines() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd)
        .file("rows.csv", csv(400))
        .shell("trap '' XFSZ; ulimit -f 40; exec \"$@\"");
    let arguments = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    sandbox
        .run(arguments)
        .assert_failure(12)
        .assert_stderr_has("out.jsonl");
    let written = final_lines(&sandbox, "out.jsonl").len();
    assert!((20..400).contains(&written), "{written}");
    assert!(crowd.requests().len() < 400, "asking stops at once");
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_no_output() {
    let crowd = Crowd::start(echo);
    let sandbox = sandbox(&crowd).file("rows.csv", csv(2));
    let run = sandbox.run(["batch", "rows.csv", PROMPT, "-o", "/dev/full"]);
    run.assert_failure(12);
    assert_eq!(crowd.requests().len(), 0);
}

#[test]
fn rows_are_asked_without_the_tools_of_the_profile_and_it_is_said_once() {
    let crowd = Crowd::start(echo);
    let config = format!("{PRICED}    tools: [now]\n");
    let sandbox = sandbox(&crowd).config(config).file("rows.csv", csv(3));
    let base = ["batch", "rows.csv", PROMPT, "-o", "out.jsonl"];
    let run = sandbox.run(base);
    run.assert_code(0);
    let warning = "warning: profile 'work' has tools (now); rows are asked without them";
    assert_eq!(run.lines_starting(warning), 1, "{}", run.stderr());
    for request in crowd.requests() {
        assert_eq!(request.body.get("tools"), None);
    }
    sandbox
        .run(base.into_iter().chain(["--tool", "now"]))
        .assert_failure(2)
        .assert_stderr_has("--tool has no effect here: amx batch calls no tools");
    assert_eq!(crowd.requests().len(), 3);
}
