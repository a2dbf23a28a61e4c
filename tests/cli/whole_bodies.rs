//! Answers in one body: white space that keeps the connection alive, bodies without an answer, and
//! errors inside a 200.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

#[track_caller]
fn ask(script: impl IntoIterator<Item = Reply>) -> Outcome {
    let double = Double::start(script);
    Sandbox::with(&double).run(["chat", "--no-stream", "hi"])
}

#[test]
fn padding_before_the_body_is_ignored() {
    for units in [1, 60, 1203] {
        ask([reply::whole("Hello").padding(units)]).assert_answer("Hello\n");
    }
    ask([reply::whole("Hello").padding(3).split_every(1)]).assert_answer("Hello\n");
}

#[test]
fn an_empty_body_is_tried_again() {
    for empty in [
        reply::empty(),
        reply::empty().padding(1),
        reply::empty().padding(343),
    ] {
        let outcome = ask([empty, reply::whole("Hello")]);
        outcome.assert_code(0).assert_stdout("Hello\n");
        assert_eq!(outcome.lines_starting("note: retrying in "), 1, "{outcome}");
    }
}

#[test]
fn a_body_that_stays_empty_is_given_up_after_four_attempts() {
    let outcome = ask([
        reply::empty().padding(9),
        reply::empty(),
        reply::empty().padding(1),
        reply::empty(),
    ]);
    outcome.assert_failure(8).assert_mentions("empty");
    assert_eq!(outcome.lines_starting("note: retrying in "), 3, "{outcome}");
}

#[test]
fn an_error_inside_a_200_counts_by_its_code() {
    for code in [504, 502, 520] {
        for body in [
            json!({"error": {"message": "The operation was aborted", "code": code}}),
            json!({"error": {"message": "The operation was aborted", "code": code}, "choices": []}),
        ] {
            let outcome = ask([reply::json(body).padding(171), reply::whole("Hello")]);
            outcome
                .assert_code(0)
                .assert_stdout("Hello\n")
                .assert_stderr_has("The operation was aborted");
        }
    }
    let refusal = json!({"error": {"message": "The prompt is not acceptable", "code": 400}});
    ask([reply::json(refusal).padding(2)])
        .assert_failure(7)
        .assert_stderr_has("The prompt is not acceptable");
}

#[test]
fn an_error_beside_a_finish_reason_is_an_error() {
    let choice = json!({
        "index": 0, "finish_reason": "error", "error": {"code": 400, "message": "upstream died"},
        "message": {"content": "partial"},
    });
    let outcome = ask([reply::json(
        json!({"id": "gen-1", "model": "a/b", "choices": [choice]}),
    )]);
    outcome.assert_failure(7).assert_stderr_has("upstream died");
    assert_eq!(outcome.stdout().trim_end(), "partial");
}

#[test]
fn bodies_without_choices_are_said_to_be_no_answer() {
    for body in [
        json!({"choices": null}),
        json!({"choices": []}),
        json!({"id": "gen-1"}),
        json!([]),
        json!("text"),
        json!(null),
        json!({"choices": [null]}),
    ] {
        let outcome = ask([reply::json(body.clone())]);
        assert!([7, 8, 10].contains(&outcome.code), "{body}\n{outcome}");
        outcome.assert_failure(outcome.code);
    }
}

#[test]
fn a_body_that_is_no_json_is_described() {
    let outcome = ask([reply::page(
        200,
        "text/html",
        "<!DOCTYPE html><html><title>Welcome</title><body>hi</body></html>",
    )]);
    outcome
        .assert_failure(outcome.code)
        .assert_mentions("web page")
        .assert_stderr_lacks("<html");
    assert!([7, 8, 10].contains(&outcome.code), "{outcome}");
    let outcome = ask([reply::page(
        200,
        "application/json",
        "{\"id\":\"gen-1\",\"choices\":[{\"mess",
    )]);
    outcome.assert_failure(outcome.code);
    assert_ne!(outcome.code, 0, "{outcome}");
}

#[test]
fn unexpected_types_in_an_answer_are_accepted() {
    let message = |content: Value| {
        json!({
            "choices": [
                {
                    "index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                },
            ],
            "usage": [],
        })
    };
    ask([reply::json(message(
        json!([{"type": "text", "text": "Hello"}]),
    ))])
    .assert_answer("Hello\n");
    ask([reply::json(json!({"provider": message(json!("Hello"))}))]).assert_answer("Hello\n");
    let mut odd = message(json!("Hello"));
    odd["model"] = json!(7);
    odd["id"] = Value::Null;
    odd["usage"] = json!({
        "prompt_tokens": "many", "completion_tokens": -1, "cost": "free",
        "completion_tokens_details": null,
    });
    ask([reply::json(odd)]).assert_answer("Hello\n");
}

#[test]
fn counts_that_are_missing_are_unknown_and_the_cost_with_them() {
    let of = |usage: Value| {
        let choice = json!({"message": {"content": "Hello"}, "finish_reason": "stop"});
        let double = Double::start([reply::json(json!({"choices": [choice], "usage": usage}))]);
        let outcome = Sandbox::with(&double)
            .config("llm_profiles:\n  p: {model: a/b, price: {input: 1, output: 1}}\n")
            .run(["chat", "--json", "hi"]);
        outcome.assert_code(0);
        let object = outcome.json();
        (object["usage"].clone(), object["cost_usd"].clone())
    };
    let counts = |prompt: Value, completion: Value, total: Value| {
        json!({
            "prompt_tokens": prompt, "completion_tokens": completion, "reasoning_tokens": null,
            "cached_tokens": null, "total_tokens": total,
        })
    };
    let null = || Value::Null;
    for usage in [
        json!({}),
        json!({"prompt_tokens": null, "completion_tokens": null}),
    ] {
        assert_eq!(of(usage), (null(), null()));
    }
    assert_eq!(
        of(json!({"prompt_tokens": 12})),
        (counts(json!(12), null(), null()), null())
    );
    assert_eq!(
        of(json!({"input_tokens": 12.0, "output_tokens": 3})),
        (counts(json!(12), json!(3), json!(15)), json!(0.000_015))
    );
}

#[test]
fn any_providers_word_for_the_limit_is_the_limit() {
    for word in ["length", "MAX_TOKENS", "max_tokens", "model_length"] {
        let choice = json!({"message": {"content": "Hello"}, "finish_reason": word});
        let double = Double::start([reply::json(json!({"choices": [choice]}))]);
        let sandbox = Sandbox::with(&double);
        let outcome = sandbox.run(["chat", "--json", "--strict", "hi"]);
        outcome.assert_code(10);
        let object = outcome.json();
        assert_eq!(object["finish_reason"], "length", "{word}");
        let native = if word == "length" {
            json!(null)
        } else {
            json!(word)
        };
        assert_eq!(object["native_finish_reason"], native, "{word}");
    }
}

#[test]
fn choices_after_the_first_are_ignored() {
    let choices: Vec<Value> = (0..100_000)
        .map(|index| {
            json!({
                "index": index, "message": {"content": index.to_string()}, "finish_reason": "stop",
            })
        })
        .collect();
    ask([reply::json(json!({"choices": choices}))]).assert_answer("0\n");
}

#[test]
fn a_stream_that_was_asked_for_may_come_as_one_body() {
    let double = Double::start([reply::json(
        json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}),
    )
    .padding(4)]);
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn padding_without_end_is_stopped_by_either_limit() {
    for (flags, variable) in [(&["--timeout", "1s"][..], "180"), (&[], "1")] {
        let double = Double::start([reply::whole("never").trickle(Duration::from_millis(50))]);
        let sandbox = Sandbox::with(&double).env("AMX_LLM_TIMEOUT_SEC", variable);
        let outcome = sandbox.run(["chat", "--no-stream", "hi"].iter().chain(flags));
        outcome
            .assert_failure(8)
            .assert_stderr_has("may have been billed");
        assert!(
            (Duration::from_secs(1)..Duration::from_secs(20)).contains(&outcome.elapsed),
            "{outcome}"
        );
        double.wait_for_disconnect();
    }
}

#[test]
fn an_answer_without_visible_text_names_what_helps() {
    for content in [json!(null), json!(""), json!(" \n")] {
        let choice = json!({
            "index": 0, "finish_reason": "length",
            "message": {"role": "assistant", "content": content, "reasoning": "hm, well"},
        });
        let usage = json!({
            "prompt_tokens": 9, "completion_tokens": 4096, "total_tokens": 4105,
            "completion_tokens_details": {"reasoning_tokens": 4096},
        });
        let outcome = ask([reply::json(
            json!({"id": "gen-1", "choices": [choice], "usage": usage}),
        )]);
        outcome
            .assert_failure(10)
            .assert_stderr_has("--max-tokens")
            .assert_stderr_has("4,096");
        assert!(outcome.stdout().trim().is_empty(), "{outcome}");
    }
    let choice = json!({
        "index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ""},
    });
    ask([reply::json(json!({"id": "gen-1", "choices": [choice]}))]).assert_failure(10);
}

#[test]
fn a_filtered_answer_says_so() {
    let choice = json!({
        "index": 0, "finish_reason": "content_filter",
        "message": {"role": "assistant", "content": ""},
    });
    ask([reply::json(json!({"id": "gen-1", "choices": [choice]}))])
        .assert_failure(10)
        .assert_mentions("filter");
    let choice = json!({
        "index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": null, "refusal": "I will not do that."},
    });
    ask([reply::json(json!({"id": "gen-1", "choices": [choice]}))])
        .assert_failure(10)
        .assert_stderr_has("I will not do that.");
}
