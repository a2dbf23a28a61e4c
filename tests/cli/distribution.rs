//! What starting and streaming cost, counted and not timed: files, sockets, and memory.

use std::process::{Command, Output, Stdio};

use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "llm_profiles:\n  p: {model: a/b}\n";

/// Most memory that a stream may take, whatever its length, in KiB.
const MOST_MEMORY: u64 = 64 * 1024;

/// Calls of the system that open, or look for, a file or a socket, of the program and all that it
/// starts.
pub fn traced(sandbox: &Sandbox, arguments: &[&str]) -> Option<String> {
    let (output, calls) = trace_of(sandbox, arguments)?;
    assert!(
        output.status.success(),
        "amx {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(calls)
}

/// The same with the output, whatever the exit code.
pub fn trace_of(sandbox: &Sandbox, arguments: &[&str]) -> Option<(Output, String)> {
    let trace = sandbox.home().join("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-s", "256", "-e", "trace=%file,%network", "-o"])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_amx"))
        .args(arguments);
    command
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.home())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let output = command.output().ok()?;
    let calls = std::fs::read_to_string(trace)
        .ok()
        .filter(|calls| calls.contains("execve("))?;
    Some((output, calls))
}

/// Says on stderr why a test does not run on this machine.
pub fn skip(test: &str) {
    skip_because(test, "strace is not installed, or may not be used here");
}

/// The same with the reason.
#[expect(
    clippy::print_stderr,
    reason = "the note is for whoever runs the tests"
)]
pub fn skip_because(test: &str, why: &str) {
    eprintln!("{test} skipped: {why}");
}

#[test]
fn help_and_version_touch_neither_files_nor_the_network() {
    for arguments in [
        &["--version"][..],
        &["--help"],
        &["chat", "--help"],
        &["completions", "bash"],
        &["man"],
    ] {
        let sandbox = Sandbox::new().config(CONFIG);
        let Some(calls) = traced(&sandbox, arguments) else {
            return skip("help_and_version_touch_neither_files_nor_the_network");
        };
        let home = sandbox.home().display().to_string();
        // The program's own start names the home in the environment that it is given, and nowhere
        // else.
        let touched: Vec<&str> = calls
            .lines()
            .filter(|call| !call.contains("execve(") && call.contains(&home))
            .collect();
        assert!(
            touched.is_empty(),
            "amx {arguments:?} looks below the home: {touched:?}"
        );
        let networked: Vec<&str> = calls
            .lines()
            .filter(|call| call.contains("socket(") || call.contains("connect("))
            .collect();
        assert!(
            networked.is_empty(),
            "amx {arguments:?} opens sockets: {networked:?}"
        );
        assert!(
            !calls.contains("/etc/ssl") && !calls.contains("resolv.conf"),
            "amx {arguments:?} makes ready for the network:\n{calls}"
        );
    }
}

#[test]
fn the_trace_shows_files_and_sockets_where_there_are_some() {
    let sandbox = Sandbox::new().config(CONFIG);
    let Some(calls) = traced(&sandbox, &["profiles", "list"]) else {
        return skip("the_trace_shows_files_and_sockets_where_there_are_some");
    };
    assert!(
        calls.contains(&sandbox.home().join(".amx/config.yml").display().to_string()),
        "{calls}"
    );
    let Some(calls) = traced(&sandbox, &["chat", "-p", "demo", "hi"]) else {
        return skip("the_trace_shows_files_and_sockets_where_there_are_some");
    };
    assert!(
        calls.contains("socket(") && calls.contains("connect("),
        "{calls}"
    );
}

/// Streams these texts, and looks at the memory when all but the last of them have come out.
fn peak_memory(texts: &[String], arguments: &[&str]) -> u64 {
    let gate = Gate::default();
    let held = texts.len() - 1;
    let double =
        Double::start([reply::stream(texts.iter().map(String::as_str)).gate_after(held, &gate)]);
    let running = Sandbox::with(&double).spawn(arguments);
    let before: usize = texts[..held].iter().map(String::len).sum();
    // The end of what has come may be held back: it could be the beginning of a key.
    running.wait_for_bytes(before - 1024);
    let peak = running.peak_memory();
    gate.open();
    let outcome = running.wait();
    outcome.assert_code(0);
    assert!(
        outcome.stdout().trim_end() == texts.concat().trim_end(),
        "the answer is not what was sent"
    );
    peak
}

#[test]
fn many_tokens_take_little_memory() {
    let tokens: Vec<String> = (0..20_000)
        .map(|number| format!("token{number} "))
        .collect();
    let peak = peak_memory(&tokens, &["chat", "hi"]);
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

#[test]
fn a_very_long_answer_takes_little_memory() {
    let line = "All work and no play makes Jack a dull boy, and nobody reads it.\n";
    let texts = vec![line.repeat(1024); 64 * 1024 * 1024 / (1024 * line.len())];
    let peak = peak_memory(&texts, &["chat", "hi"]);
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

#[test]
fn lines_of_json_and_a_saved_answer_take_little_memory() {
    let line = "All work and no play makes Jack a dull boy, and nobody reads it.\n";
    let texts = vec![line.repeat(1024); 48 * 1024 * 1024 / (1024 * line.len())];
    for (arguments, config) in [
        (&["chat", "--jsonl", "hi"][..], false),
        (&["chat", "hi"], true),
    ] {
        let gate = Gate::default();
        let held = texts.len();
        let words = texts.iter().map(String::as_str);
        let double = Double::start([reply::stream(words).gate_after(held - 1, &gate)]);
        let sandbox = Sandbox::with(&double);
        let sandbox = if config { sandbox.config("") } else { sandbox };
        let running = sandbox.spawn(arguments);
        running.wait_for_bytes((held - 1) * texts[0].len() - 1024);
        let peak = running.peak_memory();
        gate.open();
        running.wait().assert_code(0);
        // What is saved is in memory once until it is.
        assert!(peak < MOST_MEMORY + 20 * 1024, "{arguments:?}: {peak} KiB");
    }
}
