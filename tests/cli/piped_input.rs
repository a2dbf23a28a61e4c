//! What a pipe on standard input means for the prompt, and that a silent one is never waited for in
//! silence.

use std::time::Duration;

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// Runs with these bytes on a pipe; gives the prompt that reached the double.
#[track_caller]
fn prompt_of(stdin: &str, arguments: &[&str]) -> String {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .stdin(stdin)
        .run(arguments)
        .assert_answer("Hello\n");
    double.request().prompt().as_str().unwrap().to_owned()
}

/// Runs with these bytes on a pipe and expects that nothing is sent.
fn refused(stdin: impl Into<Vec<u8>>, arguments: &[&str]) -> Outcome {
    let double = Double::start([]);
    Sandbox::with(&double).stdin(stdin).run(arguments)
}

#[test]
fn piped_text_alone_is_the_prompt() {
    assert_eq!(prompt_of("say hello", &["chat"]), "say hello");
    assert_eq!(prompt_of("say hello\n", &["chat"]).trim_end(), "say hello");
    assert_eq!(prompt_of("say hello", &["chat", "-"]), "say hello");
}

#[test]
fn a_prompt_and_piped_text_are_joined_by_an_empty_line() {
    assert_eq!(
        prompt_of("alpha\nbeta", &["chat", "Explain:"]),
        "Explain:\n\nalpha\nbeta"
    );
    assert_eq!(
        prompt_of("alpha", &["chat", "Explain", "this"]),
        "Explain this\n\nalpha"
    );
}

#[test]
fn an_empty_pipe_adds_nothing() {
    assert_eq!(prompt_of("", &["chat", "hi"]), "hi");
}

#[test]
fn an_empty_pipe_alone_is_no_question() {
    refused("", &["chat"]).assert_failure(5);
    refused(" \n\n", &["chat"]).assert_failure(5);
    refused("", &["chat", "-"]).assert_failure(5);
}

#[test]
fn the_pipe_is_ignored_when_asked() {
    assert_eq!(prompt_of("noise", &["chat", "--no-stdin", "hi"]), "hi");
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double)
        .open_stdin()
        .run(["chat", "--no-stdin", "hi"]);
    outcome.assert_answer("Hello\n");
    assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
}

#[test]
fn the_null_device_is_never_waited_for() {
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double).run(["chat", "hi"]);
    outcome.assert_answer("Hello\n");
    assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
}

#[test]
fn a_silent_pipe_is_reported_and_then_an_error() {
    for arguments in [
        &["chat", "--stdin-timeout", "3s"][..],
        &["chat", "--stdin-timeout", "3s", "hi"],
    ] {
        let double = Double::start([]);
        let sandbox = Sandbox::with(&double).open_stdin();
        let mut running = sandbox.spawn(arguments);
        running.wait_for(&Stream::Stderr, "note: ");
        assert!(running.is_running());
        let outcome = running.wait();
        outcome
            .assert_failure(5)
            .assert_mentions("stdin")
            .assert_stderr_has("--no-stdin");
        assert!(
            (Duration::from_secs(3)..Duration::from_secs(20)).contains(&outcome.elapsed),
            "{outcome}"
        );
    }
}

#[test]
fn late_data_on_a_pipe_is_read() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).open_stdin();
    let running = sandbox.spawn(["chat", "Explain:"]);
    running.wait_for(&Stream::Stderr, "note: ");
    let outcome = running.write_and_close(b"late".to_vec()).wait();
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert_eq!(double.request().prompt(), "Explain:\n\nlate");
}

#[test]
fn bytes_that_are_no_text_are_refused_before_anything_is_sent() {
    for bytes in [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], b"caf\xe9", b"a\0b"] {
        refused(bytes, &["chat", "Explain:"])
            .assert_failure(5)
            .assert_mentions("stdin");
    }
}

#[test]
fn a_large_pipe_is_read_completely() {
    let text = "0123456789 äöü\n".repeat(40_000);
    assert_eq!(
        prompt_of(text.trim_end(), &["chat", "Count:"]),
        format!("Count:\n\n{}", text.trim_end())
    );
}
