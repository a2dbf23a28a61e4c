//! Streams in every shape that was seen in the wild: the same text however they are cut, and never
//! success when they break.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply, UsageShape};
use crate::support::sandbox::Sandbox;

const TEXTS: [&str; 3] = ["Héllo ", "👋🏽 wor", "ld \"q\"\n"];

const ANSWER: &str = "Héllo 👋🏽 world \"q\"\n";

#[track_caller]
fn ask(scripted: Reply) -> Outcome {
    let double = Double::start([scripted]);
    Sandbox::with(&double).run(["chat", "hi"])
}

/// Both forms of output for a stream that fails: the partial text and the exit code must agree,
/// and it must not matter whether the failure comes with the text or later.
#[track_caller]
fn assert_cut(scripted: &Reply, partial: &str, code: i32) -> Value {
    for scripted in [scripted.clone(), scripted.clone().split_every(40)] {
        let outcome = ask(scripted);
        outcome.assert_failure(code);
        assert_eq!(outcome.stdout().trim_end(), partial, "{outcome}");
    }
    let double = Double::start([scripted.clone()]);
    let outcome = Sandbox::with(&double).run(["chat", "--json", "hi"]);
    let error = outcome.json_failure(code);
    if !partial.is_empty() {
        assert_eq!(
            outcome.json()["content"].as_str().map(str::trim_end),
            Some(partial),
            "{outcome}"
        );
    }
    error
}

#[test]
fn comments_are_ignored_anywhere() {
    ask(reply::stream(TEXTS).comments()).assert_answer(ANSWER);
    ask(reply::stream(TEXTS).comments().split_every(3)).assert_answer(ANSWER);
    ask(reply::stream(TEXTS).prefix(":\n\n: \n\nevent: message\nid: 7\nretry: 10\n"))
        .assert_answer(ANSWER);
}

#[test]
fn the_text_is_the_same_however_the_bytes_are_cut() {
    let sizes: Vec<usize> = (1..=48)
        .chain([61, 64, 127, 128, 255, 256, 509, 1024])
        .collect();
    let double = Double::start(
        sizes
            .iter()
            .map(|size| reply::stream(TEXTS).comments().split_every(*size)),
    );
    let sandbox = Sandbox::with(&double);
    for size in sizes {
        let outcome = sandbox.run(["chat", "hi"]);
        assert_eq!(
            outcome.stdout(),
            ANSWER,
            "cut every {size} bytes\n{outcome}"
        );
        outcome.assert_answer(ANSWER);
    }
}

#[test]
fn other_line_ends_and_a_byte_order_mark_change_nothing() {
    for line_end in ["\n", "\r\n", "\r"] {
        ask(reply::stream(TEXTS).line_end(line_end)).assert_answer(ANSWER);
        ask(reply::stream(TEXTS)
            .line_end(line_end)
            .comments()
            .split_every(1))
        .assert_answer(ANSWER);
    }
    ask(reply::stream(TEXTS).prefix("\u{feff}").split_every(1)).assert_answer(ANSWER);
}

#[test]
fn an_event_may_take_several_lines() {
    let lines = [
        "{\"choices\":",
        "[{\"delta\":{\"content\":\"Hello\"},",
        " \"finish_reason\":\"stop\"}]}",
    ];
    for line_end in ["\n", "\r\n", "\r"] {
        let body: String = lines
            .iter()
            .map(|line| format!("data: {line}{line_end}"))
            .collect();
        let body = format!("{body}{line_end}data:[DONE]{line_end}{line_end}");
        ask(reply::page(200, "text/event-stream", &body)).assert_answer("Hello\n");
        ask(reply::page(200, "text/event-stream", &body).split_every(1)).assert_answer("Hello\n");
    }
}

#[test]
fn the_usage_is_read_in_all_three_shapes_and_the_finish_reason_stays() {
    for shape in [
        UsageShape::NullFinish,
        UsageShape::NoChoices,
        UsageShape::RepeatedFinish,
    ] {
        let double = Double::start([reply::stream(["Hello"])
            .usage(100, 20, 5, 0.25)
            .usage_shape(shape)]);
        let object = Sandbox::with(&double).run(["chat", "--json", "hi"]).json();
        assert_eq!(
            [&object["content"], &object["finish_reason"]],
            ["Hello", "stop"],
            "{shape:?}"
        );
        assert_eq!(
            [&object["usage"]["total_tokens"], &object["cost_usd"]],
            [&json!(120), &json!(0.25)],
            "{shape:?}"
        );
    }
}

#[test]
fn a_finish_reason_without_done_is_an_end() {
    ask(reply::stream(["Hello"]).no_done()).assert_answer("Hello\n");
    ask(reply::stream(["Hello"]).no_usage().no_done()).assert_answer("Hello\n");
}

#[test]
fn an_error_as_the_first_event_is_no_empty_success() {
    for (error, code) in [
        (json!({"code": 400, "message": "Token limit reached"}), 7),
        (
            json!({"code": 403, "message": "Key limit exceeded (total limit)"}),
            4,
        ),
        (
            json!({"code": "invalid_prompt", "message": "Token limit reached"}),
            7,
        ),
    ] {
        for event in [
            json!({"error": error, "choices": []}),
            json!({"error": error}),
            json!({"error": error, "choices": null}),
        ] {
            let mut scripted = reply::stream([]).no_usage().event(event);
            scripted.answer.finish = None;
            let words = error["message"].as_str().unwrap_or_default();
            let seen = assert_cut(&scripted, "", code);
            assert!(
                seen["caused_by"]
                    .as_str()
                    .is_some_and(|caused| caused.contains(words)),
                "{seen}"
            );
        }
    }
}

#[test]
fn a_temporary_error_as_the_first_event_is_tried_again() {
    for code in [
        json!(429),
        json!("rate_limit_exceeded"),
        json!(502),
        json!("server_error"),
    ] {
        let failing = reply::stream([]).error_event(&json!({"code": code, "message": "later"}));
        let double = Double::start([failing, reply::stream(["Hello"])]);
        let outcome = Sandbox::with(&double).run(["chat", "hi"]);
        outcome.assert_code(0).assert_stdout("Hello\n");
        assert_eq!(outcome.lines_starting("note: retrying in "), 1, "{outcome}");
    }
}

#[test]
fn an_error_after_text_keeps_the_text_and_is_not_tried_again() {
    for (code, exit) in [
        (json!(502), 8),
        (json!("server_error"), 8),
        (json!(429), 8),
        (json!(400), 7),
        (json!("some_new_word"), 9),
        (Value::Null, 9),
    ] {
        let error = json!({"code": code, "message": "upstream died"});
        let seen = assert_cut(
            &reply::stream(["partial ", "text"]).error_event(&error),
            "partial text",
            exit,
        );
        assert!(
            seen["caused_by"]
                .as_str()
                .is_some_and(|caused| caused.contains("upstream died")),
            "{seen}"
        );
        assert!(
            seen["generation_id"]
                .as_str()
                .is_some_and(|id| id.starts_with("gen-")),
            "{seen}"
        );
    }
}

#[test]
fn an_error_beside_a_finish_reason_and_before_done_is_seen() {
    // Recorded on 2025-11-03: `length` twice, then the error with a null finish and the usage, then
    // [DONE].
    let ended =
        json!({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "length"}]});
    let error = json!({
        "error": {"code": 400, "message": "Token limit reached"}, "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": null}],
    });
    let mut scripted = reply::stream(["partial"])
        .no_usage()
        .event(ended.clone())
        .event(ended)
        .event(error);
    scripted.answer.finish = None;
    let seen = assert_cut(&scripted, "partial", 7);
    assert!(seen.to_string().contains("Token limit reached"), "{seen}");
}

#[test]
fn an_end_without_finish_reason_is_a_cut() {
    assert_cut(
        &reply::stream(["partial ", "never"]).ends_after(1),
        "partial",
        9,
    );
    assert_cut(
        &reply::stream(["never"])
            .reasoning(["thinking"])
            .ends_after(0),
        "",
        9,
    );
}

#[test]
fn a_broken_connection_is_a_cut() {
    assert_cut(
        &reply::stream(["partial ", "never"]).cut_after(1),
        "partial",
        9,
    );
    assert_cut(
        &reply::stream(["never"])
            .reasoning(["thinking"])
            .cut_after(0),
        "",
        9,
    );
}

#[test]
fn a_finish_reason_error_is_never_success() {
    assert_cut(&reply::stream(["partial"]).finish("error"), "partial", 9);
}

#[test]
fn a_stream_cut_inside_an_event_keeps_what_came_before() {
    let mut scripted = reply::page(
        200,
        "text/event-stream",
        "data: {\"choices\":[{\"delta\":{\"content\":\"partial\"}}]}\n\ndata: {\"choices\":[{\"del",
    );
    scripted.ending = reply::Ending::HangUp;
    assert_cut(&scripted, "partial", 9);
}

#[test]
fn an_event_that_is_no_json_is_a_cut() {
    let scripted = reply::page(
        200,
        "text/event-stream",
        "data: {\"choices\":[{\"delta\":{\"content\":\"partial\"}}]}\n\ndata: <html>\n\n",
    );
    assert_cut(&scripted, "partial", 9);
}

#[test]
fn unknown_fields_kinds_and_nulls_are_borne() {
    let odd = json!({
        "choices": [{"index": 0, "delta": {"content": "!", "images": [], "audio": null, "annotations": [{"type": "new_kind"}]}, "finish_reason": null,
            "logprobs": {"content": null}, "something_new": {"deep": [1, 2]}}],
        "usage": null, "openrouter_metadata": {"x": 1}, "debug": {"echo_upstream_body": {}},
    });
    ask(reply::stream(["Hello"])
        .event(json!({"choices": []}))
        .event(odd))
    .assert_answer("Hello!\n");
    ask(reply::stream(["Hello"]).finish("a_reason_of_tomorrow")).assert_answer("Hello\n");
}

#[test]
fn an_oversized_event_is_not_kept_in_memory() {
    let huge = "x".repeat(65 * 1024 * 1024);
    let outcome = ask(reply::stream(["partial", &huge]));
    outcome.assert_failure(9).assert_stderr_has("64 MiB");
    assert_eq!(outcome.stdout().trim_end(), "partial");
}

#[test]
fn the_usage_is_read_without_an_empty_line_after_it() {
    let usage = json!({
        "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "cost": 0.25},
    });
    let text = r#"{"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}"#;
    for end in ["", "\n"] {
        for ending in [reply::Ending::Complete, reply::Ending::HangUp] {
            let body = format!("data: {text}\n\ndata: {usage}{end}");
            let mut scripted = reply::page(200, "text/event-stream", &body);
            scripted.ending = ending;
            let double = Double::start([scripted]);
            let outcome = Sandbox::with(&double).run(["chat", "--json", "hi"]);
            let answer = outcome.assert_code(0).json();
            assert_eq!(
                (&answer["content"], &answer["cost_usd"]),
                (&json!("Hello"), &json!(0.25)),
                "{end:?} {outcome}"
            );
        }
    }
}

#[test]
fn pieces_that_come_as_messages_are_one_text() {
    let events = [
        ("Hello ", "null"),
        ("there ", "null"),
        ("world", "\"stop\""),
    ];
    let body: String = events
        .iter()
        .map(|(text, reason)| {
            format!(
                "data: {{\"choices\":[{{\"message\":{{\"content\":\"{text}\"}},\"finish_reason\":\
                {reason}}}]}}\n\n"
            )
        })
        .collect();
    ask(reply::page(200, "text/event-stream", &body)).assert_answer("Hello there world\n");
}

#[test]
fn comments_alone_do_not_keep_a_stream_alive() {
    let double = Double::start([reply::stream([]).trickle(Duration::from_millis(100))]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "hi"]);
    outcome
        .assert_failure(8)
        .assert_stderr_has("may have been billed");
    assert!(
        (Duration::from_secs(1)..Duration::from_secs(20)).contains(&outcome.elapsed),
        "{outcome}"
    );
    double.wait_for_disconnect();
}

#[test]
fn a_stream_under_another_content_type_is_read() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    ask(reply::page(200, "text/plain", body)).assert_answer("Hello\n");
}
