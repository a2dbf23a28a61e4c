//! Standard output is the answer and nothing else, as it arrives, plus one final line feed.

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

#[test]
fn the_answer_is_all_that_is_printed() {
    let double = Double::start([reply::stream(["Hel", "lo"])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_final_line_feed_of_the_model_is_not_doubled() {
    let double = Double::start([reply::stream(["Hello", "\n"])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn line_feeds_inside_and_spaces_around_stay() {
    let double = Double::start([reply::stream(["  if x:", "\n\n", "\ty = 1"])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("  if x:\n\n\ty = 1\n");
}

#[test]
fn markdown_is_not_rendered_into_a_pipe() {
    let text = "# Title\n\n**bold** `code`\n\n```rust\nfn main() {}\n```\n";
    let double = Double::start([reply::stream([text]), reply::stream([text])]);
    let sandbox = Sandbox::with(&double);
    sandbox.run(["chat", "hi"]).assert_answer(text);
    sandbox.run(["chat", "--raw", "hi"]).assert_answer(text);
}

#[test]
fn text_is_printed_while_the_model_still_writes() {
    let double = Double::start([reply::stream(["first ", "second"]).stall_after(1)]);
    let sandbox = Sandbox::with(&double);
    let mut running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "first");
    assert!(running.is_running());
    running.signal("TERM");
    running.wait().assert_code(143);
}

#[test]
fn one_body_gives_the_same_as_a_stream() {
    let double = Double::start([reply::whole("Hello")]);
    Sandbox::with(&double)
        .run(["chat", "--no-stream", "hi"])
        .assert_answer("Hello\n");
    assert_eq!(
        double
            .request()
            .json()
            .get("stream")
            .unwrap_or(&json!(false)),
        false
    );
}

#[test]
fn several_words_are_one_prompt() {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .run(["chat", "say", "hello", "to me"])
        .assert_answer("Hello\n");
    assert_eq!(double.request().prompt(), "say hello to me");
}

#[test]
fn the_request_identifies_its_program() {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let request = double.request();
    assert_eq!(request.header("authorization"), format!("Bearer {KEY}"));
    assert_eq!(
        request.header("user-agent"),
        concat!("amx/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(
        request.header("x-title"),
        request.header("x-openrouter-title")
    );
}

#[test]
fn a_profile_may_change_the_identity_and_add_headers() {
    let double = Double::start([reply::stream(["Hello"])]);
    let config = "llm_profiles:\n  p:\n    model: a/b\n    app: {referer: 'https://mine.example', title: Mine}\n    headers: {X-Session-Id: s1}\n";
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let request = double.request();
    let sent = [
        "http-referer",
        "x-openrouter-title",
        "x-title",
        "x-session-id",
    ]
    .map(|name| request.header(name));
    assert_eq!(sent, ["https://mine.example", "Mine", "Mine", "s1"]);
}

#[test]
fn only_explicit_settings_are_sent() {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let expected = json!({"model": "openrouter/auto", "messages": [{"role": "user", "content": "hi"}], "stream": true, "max_tokens": 4096});
    assert_eq!(double.request().json(), expected);
}

#[test]
fn a_key_in_the_environment_is_enough() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert!(!sandbox.home().join(".amx/config.yml").exists());
}

#[test]
fn another_model_that_answered_is_reported() {
    let served = |model: &str| reply::stream(["Hello"]).served_by(model, "Azure");
    let double = Double::start([served("openai/gpt-4o-mini")]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "openai/gpt-4o", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert_eq!(
        outcome.stderr(),
        "note: answered by openai/gpt-4o-mini (asked for openai/gpt-4o)\n"
    );
    // A dated snapshot is what its ID without the date stands for.
    let double = Double::start([served("openai/gpt-4o-2024-11-20")]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "openai/gpt-4o", "hi"]);
    outcome.assert_answer("Hello\n");
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn closed_output_ends_quietly() {
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double).run_into_closed_pipe(["chat", "hi"]);
    outcome.assert_code(141);
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double);
    sandbox
        .run_into("/dev/full", ["chat", "hi"])
        .assert_failure(12)
        .assert_mentions("output");
}

#[test]
fn a_signal_stops_the_stream_and_keeps_what_was_printed() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let double = Double::start([reply::stream(["partial ", "never"]).stall_after(1)]);
        let sandbox = Sandbox::with(&double);
        let running = sandbox.spawn(["chat", "hi"]);
        running.wait_for(&Stream::Stdout, "partial");
        running.signal(signal);
        let outcome = running.wait();
        outcome.assert_code(code);
        assert!(outcome.stdout().starts_with("partial"), "{outcome}");
        double.wait_for_disconnect();
        assert_eq!(double.disconnects(), 1);
    }
}

#[test]
fn a_warning_names_an_unknown_setting_and_the_nearest() {
    let double = Double::start([reply::stream(["Hello"])]);
    let config = "llm_profiles:\n  p:\n    model: a/b\n    temprature: 1\n";
    let outcome = Sandbox::with(&double).config(config).run(["chat", "hi"]);
    outcome
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("config.yml:4")
        .assert_stderr_has("did you mean 'temperature'?");
    assert_eq!(outcome.lines_starting("warning: "), 1, "{outcome}");
    assert_eq!(double.request().json().get("temprature"), None);
}

#[test]
fn a_log_filter_that_cannot_be_read_is_an_error_before_anything_is_sent() {
    let double = Double::start([]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LOG", "amx=loudest")
        .run(["chat", "hi"]);
    outcome
        .assert_failure(3)
        .assert_stderr_has("AMX_LOG is 'amx=loudest'");
}
