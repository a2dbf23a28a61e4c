//! `--record` and `--replay`: what was exchanged is written down without secrets, and answers again
//! without network and key.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::distribution::{skip, traced};
use crate::support::double::{Double, KEY};
use crate::support::gate::Gate;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

const TOOLS: &str = r#"tools=[{"type":"function","function":{"name":"weather"}}]"#;

/// An address without a listener, with the path of the double's.
const NOBODY: &str = "http://127.0.0.1:9/api/v1";

fn file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join("run.jsonl")
}

fn text(sandbox: &Sandbox) -> String {
    fs::read_to_string(file(sandbox)).unwrap()
}

/// The exchanges of the recording.
fn exchanges(sandbox: &Sandbox) -> Vec<Value> {
    text(sandbox)
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The same sandbox without a provider and without a key.
fn alone(sandbox: Sandbox) -> Sandbox {
    sandbox
        .env("OPENROUTER_BASE_URL", NOBODY)
        .without("OPENROUTER_API_KEY")
}

/// Records a run; the double and the key are gone afterwards.
#[track_caller]
fn record(script: impl IntoIterator<Item = Reply>, arguments: &[&str]) -> (Sandbox, Outcome) {
    let double = Double::start(script);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(arguments.iter().copied().chain(["--record", "run.jsonl"]));
    (alone(sandbox), outcome)
}

#[track_caller]
fn replay(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    sandbox.run(arguments.iter().copied().chain(["--replay", "run.jsonl"]))
}

/// The object of `--json` without what is of the moment, and whether it says that it was replayed.
fn lasting(outcome: &Outcome) -> (Value, bool) {
    let mut object = outcome.json();
    let fields = object.as_object_mut().unwrap();
    fields.remove("timing").unwrap();
    let replayed = fields
        .remove("replayed")
        .is_some_and(|replayed| replayed == true);
    for attempt in object["attempts"].as_array_mut().unwrap() {
        attempt["waited_ms"] = Value::Null;
    }
    (object, replayed)
}

/// Exit code, answer and error must be the same in a replay, in words and in JSON.
#[track_caller]
fn assert_same(code: i32, script: &[Reply], arguments: &[&str]) {
    let (sandbox, recorded) = record(script.to_vec(), &[&["chat"], arguments].concat());
    let replayed = replay(&sandbox, &[&["chat"], arguments].concat());
    recorded.assert_code(code);
    replayed.assert_code(code).assert_stdout(&recorded.stdout());
    let report = |outcome: &Outcome| {
        outcome
            .stderr()
            .lines()
            .find(|line| line.starts_with("error: "))
            .map(without_port)
    };
    assert_eq!(report(&recorded), report(&replayed), "{replayed}");

    let arguments = [&["chat", "--json"], arguments].concat();
    let (sandbox, recorded) = record(script.to_vec(), &arguments);
    let replayed = replay(&sandbox, &arguments);
    replayed.assert_code(code);
    if recorded.stdout().is_empty() {
        assert_eq!(replayed.stdout(), "");
    } else {
        let ((before, was_replayed), (after, is_replayed)) =
            (lasting(&recorded), lasting(&replayed));
        assert_eq!(
            (before, was_replayed, is_replayed),
            (after, false, true),
            "{replayed}"
        );
    }
}

/// The URL is the current one.
fn without_port(line: &str) -> String {
    let (before, rest) = line.split_once("127.0.0.1:").unwrap_or((line, ""));
    format!(
        "{before}{}",
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    )
}

#[test]
fn every_kind_of_exchange_is_replayed_as_it_was() {
    let busy = || reply::refusal(429, "slow down").header("retry-after", "0");
    let call = json!({"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}});
    assert_same(
        0,
        &[reply::stream(["Hel", "lo 👋"]).reasoning(["hm"]).comments()],
        &["hi"],
    );
    assert_same(
        0,
        &[reply::stream(["Hello"]).split_every(3).line_end("\r\n")],
        &["hi"],
    );
    assert_same(0, &[reply::whole("Hello")], &["--no-stream", "hi"]);
    assert_same(0, &[busy(), busy(), reply::stream(["Hello"])], &["hi"]);
    assert_same(9, &[reply::stream(["Hel", "lo"]).cut_after(1)], &["hi"]);
    assert_same(9, &[reply::stream(["Hel", "lo"]).ends_after(1)], &["hi"]);
    assert_same(
        8,
        &[reply::stream(["Hel"]).error_event(&json!({"code": 429, "message": "later"}))],
        &["hi"],
    );
    assert_same(7, &[reply::refusal(404, "No endpoints found")], &["hi"]);
    assert_same(4, &[reply::refusal(401, "User not found.")], &["hi"]);
    assert_same(8, &[busy(), busy(), busy(), busy()], &["hi"]);
    assert_same(
        8,
        &[reply::refusal(503, "maintenance")
            .header("retry-after", "Thu, 31 Dec 2099 23:59:59 GMT")],
        &["hi"],
    );
    assert_same(
        7,
        &[reply::page(200, "text/html", "<html>a portal</html>")],
        &["hi"],
    );
    assert_same(
        0,
        &[reply::stream([]).finish("length"), reply::stream(["Hello"])],
        &["-m", "openai/gpt-5", "hi"],
    );
    let (sandbox, recorded) = record(
        [reply::stream([]).tool(call).finish("tool_calls")],
        &["chat", "-o", TOOLS, "hi"],
    );
    recorded.assert_failure(11);
    replay(&sandbox, &["chat", "-o", TOOLS, "hi"])
        .assert_failure(11)
        .assert_stderr_has("'weather'");
}

#[test]
fn a_request_without_an_answer_is_recorded() {
    assert_same_failure(9, [reply::hang_up()], "may have been billed");
}

#[track_caller]
fn assert_same_failure(code: i32, script: impl IntoIterator<Item = Reply>, words: &str) {
    let (sandbox, recorded) = record(script, &["chat", "hi"]);
    recorded.assert_failure(code).assert_stderr_has(words);
    replay(&sandbox, &["chat", "hi"])
        .assert_failure(code)
        .assert_stderr_has(words);
}

#[test]
fn a_failed_connection_is_recorded() {
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", NOBODY)
        .env("OPENROUTER_API_KEY", KEY);
    sandbox
        .run(["chat", "--record", "run.jsonl", "hi"])
        .assert_failure(6);
    let ends: Vec<Value> = exchanges(&sandbox)
        .iter()
        .map(|exchange| exchange["end"].clone())
        .collect();
    assert_eq!(ends, ["unreachable"; 4]);
    let outcome = replay(&sandbox.without("OPENROUTER_API_KEY"), &["chat", "hi"]);
    outcome
        .assert_failure(6)
        .assert_stderr_has("onnection refused");
    assert_eq!(outcome.lines_starting("note: retrying in "), 3, "{outcome}");
}

#[test]
fn a_replay_does_not_wait_for_a_timeout() {
    for (scripted, code) in [
        (reply::silence(), 8),
        (reply::stream(["Hel", "lo"]).stall_after(1), 9),
    ] {
        let double = Double::start([scripted]);
        let sandbox = Sandbox::with(&double).env("AMX_LLM_TIMEOUT_SEC", "0.4");
        let recorded = sandbox.run(["chat", "--record", "run.jsonl", "hi"]);
        recorded.assert_code(code);
        assert_eq!(exchanges(&sandbox)[0]["end"], "silence");
        // A minute would be longer than the watchdog allows.
        let sandbox = alone(sandbox).env("AMX_LLM_TIMEOUT_SEC", "600");
        replay(&sandbox, &["chat", "hi"])
            .assert_code(code)
            .assert_stdout(&recorded.stdout())
            .assert_stderr_has("no data for 600 s");
    }
}

#[test]
fn a_replay_does_not_wait_between_retries() {
    let busy = reply::refusal(429, "slow down").header("retry-after", "0");
    let (sandbox, recorded) = record(
        [busy.clone(), busy, reply::stream(["Hello"])],
        &["chat", "hi"],
    );
    recorded.assert_code(0);
    let longer = text(&sandbox).replace(r#""retry-after":"0""#, r#""retry-after":"59""#);
    let outcome = replay(
        &sandbox.file("run.jsonl", longer),
        &["chat", "--json", "hi"],
    );
    // Twice a minute would be longer than the watchdog allows.
    outcome.assert_code(0);
    assert_eq!(outcome.json()["attempts"][2]["waited_ms"], 59_000);
}

#[test]
fn a_stopped_answer_is_recorded_as_incomplete() {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["Hello ", "world"]).gate_after(1, &gate)]);
    let sandbox = Sandbox::with(&double);
    let running = sandbox.spawn(["chat", "--record", "run.jsonl", "hi"]);
    running.wait_for(&Stream::Stdout, "Hello");
    running.signal("INT");
    running.wait().assert_code(130);
    double.wait_for_disconnect();
    assert_eq!(exchanges(&sandbox)[0]["end"], "stopped");
    replay(&alone(sandbox), &["chat", "hi"])
        .assert_failure(9)
        .assert_stdout("Hello \n");
}

#[test]
fn the_file_has_requests_and_responses() {
    let (sandbox, _) = record(
        [reply::whole("Hello")],
        &["chat", "--no-stream", "-m", "a/b", "hi"],
    );
    let head: Value = serde_json::from_str(text(&sandbox).lines().next().unwrap()).unwrap();
    assert_eq!(head["amx_recording"], 1);
    let exchange = &exchanges(&sandbox)[0];
    let request = &exchange["request"];
    assert_eq!(
        [&request["method"], &request["path"]],
        ["POST", "/api/v1/chat/completions"]
    );
    assert_eq!(
        request["body"]["messages"],
        json!([{"role": "user", "content": "hi"}])
    );
    let response = &exchange["response"];
    assert_eq!(
        [&response["status"], &response["headers"]["content-type"]],
        [&json!(200), &json!("application/json")]
    );
    assert!(
        response["headers"].get("cache-control").is_none(),
        "{response}"
    );
    let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "Hello");
    assert_eq!(
        fs::metadata(file(&sandbox)).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_replay_opens_no_socket_and_reads_no_certificates() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "hi"]);
    let sandbox = sandbox
        .env("OPENROUTER_BASE_URL", "https://openrouter.invalid/api/v1")
        .without("HTTPS_PROXY");
    let Some(calls) = traced(&sandbox, &["chat", "--replay", "run.jsonl", "hi"]) else {
        return skip("a_replay_needs_neither_sockets_nor_files_of_certificates");
    };
    let networked: Vec<&str> = calls
        .lines()
        .filter(|call| call.contains("socket(") || call.contains("connect("))
        .collect();
    assert!(networked.is_empty(), "{networked:?}");
    assert!(
        !calls.contains("resolv.conf") && !calls.contains("/etc/ssl"),
        "{calls}"
    );
}

#[test]
fn the_demo_is_recorded_and_replayed_like_any_provider() {
    let sandbox = Sandbox::new();
    let recorded = sandbox.run(["chat", "-p", "demo", "--record", "run.jsonl", "hello"]);
    recorded.assert_code(0);
    replay(&sandbox, &["chat", "-p", "demo", "hello"])
        .assert_code(0)
        .assert_stdout(&recorded.stdout());
    let Some(calls) = traced(
        &sandbox,
        &["chat", "-p", "demo", "--replay", "run.jsonl", "hello"],
    ) else {
        return;
    };
    assert!(!calls.contains("socket("), "{calls}");
}

#[test]
fn a_replay_does_not_open_the_keyring() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "-m", "a/b", "hi"]);
    let profile = "llm_profiles:\n  p: {model: a/b, api_key: 'cmd:sh -c \"touch asked; echo sk-or-v1-whatever\"'}\n";
    let sandbox = sandbox.config(profile);
    replay(&sandbox, &["chat", "hi"]).assert_answer("Hello\n");
    assert!(
        !sandbox.home().join("asked").exists(),
        "the key was looked for"
    );
}

#[test]
fn a_different_request_is_reported_and_not_sent() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "hi"]);
    let outcome = replay(&sandbox, &["chat", "ho"]);
    outcome
        .assert_failure(5)
        .assert_stdout("")
        .assert_stderr_has("$.messages[0].content of exchange 1 in run.jsonl");
    outcome.assert_stderr_has(r#"recorded "hi", now "ho""#);
    let error = replay(&sandbox, &["chat", "--json", "-t", "1", "hi"]).json_failure(5);
    assert!(
        error["message"].as_str().unwrap().contains("$.temperature"),
        "{error}"
    );
    let long = "long ".repeat(10_000);
    let outcome = replay(&sandbox, &["chat", &long]);
    outcome.assert_failure(5);
    assert!(outcome.stderr().len() < 1000, "{outcome}");
}

#[test]
fn an_exhausted_recording_reports_its_length() {
    let busy = reply::refusal(429, "slow down").header("retry-after", "0");
    let (sandbox, _) = record([busy, reply::stream(["Hello"])], &["chat", "hi"]);
    let shorter: String = text(&sandbox)
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect();
    let outcome = replay(&sandbox.file("run.jsonl", shorter), &["chat", "hi"]);
    outcome
        .assert_failure(5)
        .assert_stderr_has("run.jsonl has 1 exchange, no exchange 2");
}

#[test]
fn unused_exchanges_are_reported() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "hi"]);
    let twice = format!(
        "{}{}\n",
        text(&sandbox),
        text(&sandbox).lines().nth(1).unwrap()
    );
    let sandbox = sandbox.file("run.jsonl", twice);
    let words = "1 of the 2 exchanges in run.jsonl was not used";
    replay(&sandbox, &["chat", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has(words);
    replay(&sandbox, &["chat", "--strict", "hi"])
        .assert_failure(1)
        .assert_stdout("Hello\n")
        .assert_stderr_has(words);
}

#[test]
fn a_key_that_is_echoed_is_not_in_the_file() {
    let (start, end) = KEY.split_at(KEY.len() / 2);
    let escaped = format!(
        r#"{{"error":{{"code":400,"message":"bad key {}"}}}}"#,
        KEY.replace('-', "\\u002d")
    );
    for scripted in [
        reply::refusal(400, &format!("bad key {KEY}")),
        reply::page(400, "application/json", &escaped),
        reply::stream([KEY]).split_every(5),
        reply::stream(["the key is ", start, end, ", is it?"]),
        reply::stream(["fine"]).reasoning([start, end]),
        reply::refusal(401, "no").header("location", KEY),
    ] {
        let is_long = matches!(scripted.status, 200);
        // The sandbox looks for the key in every file, and each half alone says too much.
        let (sandbox, _) = record([scripted], &["chat", "hi"]);
        let text = text(&sandbox);
        assert!(
            !text.contains(&end[..end.len() - 2]) && text.contains("[redacted]"),
            "{text}"
        );
        assert!(!is_long || replay(&sandbox, &["chat", "hi"]).code == 0);
    }
}

#[test]
fn a_key_in_the_prompt_is_redacted_and_matches_again() {
    let prompt = format!("what is {KEY}?");
    let double = Double::start([reply::stream(["A key."])]);
    let sandbox = Sandbox::with(&double).stdin(prompt.clone());
    sandbox
        .run(["chat", "--record", "run.jsonl"])
        .assert_code(0);
    let sandbox = alone(sandbox);
    sandbox
        .run(["chat", "--replay", "run.jsonl"])
        .assert_answer("A key.\n");
    sandbox
        .stdin("who is it?")
        .run(["chat", "--replay", "run.jsonl"])
        .assert_failure(5);
}

#[test]
fn nothing_is_overwritten_or_sent_before_the_file_exists() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).file("run.jsonl", "mine");
    sandbox
        .run(["chat", "--record", "run.jsonl", "hi"])
        .assert_failure(2)
        .assert_stderr_has("run.jsonl already");
    assert_eq!(text(&sandbox), "mine");
    std::os::unix::fs::symlink("elsewhere", sandbox.home().join("link")).unwrap();
    sandbox
        .run(["chat", "--record", "link", "hi"])
        .assert_failure(2);
    assert!(!sandbox.home().join("elsewhere").exists());
    sandbox
        .run(["chat", "--record", "no/such/folder", "hi"])
        .assert_failure(12);
    sandbox
        .run(["chat", "--record", "a", "--replay", "b", "hi"])
        .assert_failure(2);
    // Nothing was asked, so nothing stays.
    sandbox
        .run(["chat", "--record", "new", "-o", "x", "hi"])
        .assert_failure(2);
    sandbox
        .run(["chat", "--record", "new", "--dry-run", "hi"])
        .assert_code(0);
    assert!(!sandbox.home().join("new").exists());
}

#[test]
fn a_broken_recording_names_the_line() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "hi"]);
    let whole = text(&sandbox);
    let head = whole.lines().next().unwrap();
    for (content, line) in [
        (String::new(), 1),
        ("not JSON\n".to_owned(), 1),
        (
            whole.replace("\"amx_recording\":1", "\"amx_recording\":2"),
            1,
        ),
        (format!("{head}\n{{\"request\": 1}}\n"), 2),
        (format!("{whole}{{\n{whole}"), 3),
    ] {
        let sandbox = Sandbox::new()
            .env("OPENROUTER_BASE_URL", NOBODY)
            .file("run.jsonl", content);
        replay(&sandbox, &["chat", "hi"])
            .assert_failure(5)
            .assert_stderr_has(&format!("run.jsonl:{line}: "));
    }
    let sandbox = sandbox.file("run.jsonl", [whole.as_bytes(), b"\xff\n"].concat());
    replay(&sandbox, &["chat", "hi"])
        .assert_failure(5)
        .assert_stderr_has("run.jsonl:3: ")
        .assert_stderr_has("UTF-8");
    replay(&sandbox, &["chat", "--replay", "nowhere", "hi"]).assert_failure(2);
    sandbox
        .run(["chat", "--replay", "nowhere", "hi"])
        .assert_failure(5)
        .assert_stderr_has("nowhere");
}

#[test]
fn a_truncated_last_line_is_skipped() {
    let (sandbox, _) = record([reply::stream(["Hello"])], &["chat", "hi"]);
    let whole = text(&sandbox);
    let last = whole.lines().nth(1).unwrap();
    let sandbox = sandbox.file("run.jsonl", format!("{whole}{}", &last[..last.len() / 2]));
    replay(&sandbox, &["chat", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("the last exchange in run.jsonl is incomplete");
}

#[test]
fn the_environment_variables_record_and_replay() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).env("AMX_RECORD", "run.jsonl");
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    // A flag of either kind beats both variables.
    replay(&sandbox, &["chat", "hi"]).assert_answer("Hello\n");
    let sandbox = alone(sandbox).env("AMX_REPLAY", "run.jsonl");
    sandbox
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("AMX_RECORD")
        .assert_stderr_has("AMX_REPLAY");
    sandbox
        .without("AMX_RECORD")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_replay_is_not_billed_and_has_no_cap() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles:\n  p: {model: a/b, price: {input: 1, output: 1}}\n");
    sandbox
        .run(["chat", "--record", "run.jsonl", "hi"])
        .assert_code(0);
    let ledger = || sandbox.run(["usage", "--json"]).stdout();
    let before = ledger();
    assert!(before.contains("0.00042"), "{before}");
    replay(&sandbox, &["chat", "hi"]).assert_answer("Hello\n");
    replay(&sandbox, &["chat", "--max-cost", "0", "hi"]).assert_answer("Hello\n");
    assert_eq!(ledger(), before);
    let capped = "llm_profiles:\n  p: {model: a/b, max_cost: {per_day: 0.000001}}\n";
    replay(&sandbox.config(capped), &["chat", "hi"]).assert_answer("Hello\n");
}

#[test]
fn an_answer_reaches_its_reader_when_the_recording_cannot_be_written() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double);
    let script = format!(
        "ulimit -f 1; trap '' XFSZ; exec {} chat --record run.jsonl -f big.txt hi",
        env!("CARGO_BIN_EXE_amx")
    );
    let sandbox = sandbox.file("big.txt", "x".repeat(64 * 1024));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.home())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(
        (output.status.code(), stdout.as_ref()),
        (Some(12), "Hello\n"),
        "{stderr}"
    );
    assert!(
        stderr.contains("the recording run.jsonl is incomplete"),
        "{stderr}"
    );
}

#[test]
fn a_date_is_read_against_the_time_of_the_recording() {
    let busy =
        reply::refusal(503, "maintenance").header("retry-after", "Thu, 31 Dec 2099 23:59:59 GMT");
    let (sandbox, _) = record([busy], &["chat", "hi"]);
    let mut exchange = exchanges(&sandbox).remove(0);
    // An hour before the moment at which it was to be tried again.
    exchange["response"]["received_unix_ms"] = json!(784_111_777_000_u64 - 3_600_000);
    exchange["response"]["headers"]["retry-after"] = json!("Sun, 06 Nov 1994 08:49:37 GMT");
    let head = text(&sandbox).lines().next().unwrap().to_owned();
    let outcome = replay(
        &sandbox.file("run.jsonl", format!("{head}\n{exchange}\n")),
        &["chat", "hi"],
    );
    outcome.assert_failure(8).assert_stderr_has("60 min");
}

#[test]
fn a_key_that_was_never_read_is_masked_and_the_recording_still_answers() {
    let other = "ghp_0123456789abcdefghijKLMN";
    let question = format!("what is\n{other}?");
    let answer = reply::stream(["it is ghp_01234567", "89abcdefghijKLMN"]);
    let (sandbox, outcome) = record([answer], &["chat", &question]);
    outcome.assert_code(0);
    let recorded = text(&sandbox);
    assert!(!recorded.contains("ghp_"), "{recorded}");
    let body = &exchanges(&sandbox)[0]["request"]["body"];
    assert_eq!(body["messages"][0]["content"], "what is\n[redacted]?");
    replay(&sandbox, &["chat", &question])
        .assert_code(0)
        .assert_stdout("it is [redacted]\n");
}
