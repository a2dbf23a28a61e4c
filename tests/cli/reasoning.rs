//! Models that think: room for it, how much of it, and what happens when all of the budget went
//! into it.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const THINKING: &str = "openai/gpt-5-mini";

/// The part of the body about thinking, for one run.
#[track_caller]
fn sent(config: &str, environment: &[(&str, &str)], arguments: &[&str]) -> (Value, Value) {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = environment
        .iter()
        .fold(Sandbox::with(&double), |sandbox, (name, value)| {
            sandbox.env(*name, *value)
        });
    let sandbox = if config.is_empty() {
        sandbox
    } else {
        sandbox.config(format!("llm_profiles:\n  p: {{{config}}}\n"))
    };
    let outcome = sandbox.run(["chat", "hi"].iter().chain(arguments));
    outcome.assert_code(0).assert_stdout("Hello\n");
    // A limit that somebody typed and the floor raises is said; nothing else is.
    let said = outcome.stderr();
    let notes: Vec<&str> = said.lines().collect();
    assert!(
        notes
            .iter()
            .all(|note| note.starts_with("note: --max-tokens ")),
        "{notes:?}"
    );
    let body = double.request().json();
    (
        body["max_tokens"].clone(),
        body.get("reasoning").cloned().unwrap_or_default(),
    )
}

/// All tokens went into thinking: `length`, and no text.
fn spent(tokens: u64, cost: f64) -> Reply {
    reply::stream([""])
        .reasoning(["round ", "and round"])
        .finish("length")
        .usage(100, tokens, tokens, cost)
}

#[track_caller]
fn ask_thinking(script: impl IntoIterator<Item = Reply>, arguments: &[&str]) -> Outcome {
    let double = Double::start(script);
    Sandbox::with(&double).run(["chat", "-m", THINKING, "hi"].iter().chain(arguments))
}

#[test]
fn a_reasoning_model_gets_a_larger_budget_and_a_low_effort() {
    let low = json!({"effort": "low"});
    for model in [
        THINKING,
        "openai/o3-pro",
        "deepseek/deepseek-r1",
        "anthropic/claude-sonnet-4",
        "moonshotai/kimi-k2-thinking",
        "x-ai/grok-4",
        "qwen/qwq-32b",
    ] {
        assert_eq!(
            sent("", &[], &["-m", model]),
            (json!(32768), low.clone()),
            "{model}"
        );
    }
    assert_eq!(
        sent("model: a/b, reasoning: on", &[], &[]),
        (json!(32768), low)
    );
}

#[test]
fn other_models_are_unchanged() {
    for model in [
        "openai/gpt-4o",
        "meta-llama/llama-3.1-70b-instruct",
        "openrouter/auto",
        "google/gemini-2.5-flash",
    ] {
        assert_eq!(
            sent("", &[], &["-m", model]),
            (json!(4096), Value::Null),
            "{model}"
        );
    }
    assert_eq!(
        sent("", &[], &["-m", "openai/gpt-4o", "--max-tokens", "50"]).0,
        50
    );
}

#[test]
fn the_floor_raises_and_never_lowers() {
    assert_eq!(
        sent("", &[], &["-m", THINKING, "--max-tokens", "100"]).0,
        32768
    );
    assert_eq!(
        sent("", &[], &["-m", THINKING, "--max-tokens", "60000"]).0,
        60000
    );
    assert_eq!(sent("model: openai/o3, max_tokens: 50", &[], &[]).0, 32768);
}

#[test]
fn a_typed_limit_below_the_floor_is_raised_with_a_note() {
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double);
    let ask = |tokens| sandbox.run(["chat", "hi", "-m", THINKING, "--max-tokens", tokens]);
    let raised = ask("500");
    let note = "note: --max-tokens 500 raised to 32,768 for a reasoning model; \
        AMX_LLM_MIN_MAX_TOKENS=0 turns the floor off\n";
    assert_eq!(raised.stderr(), note);
    assert_eq!(ask("60000").stderr(), "");
}

#[test]
fn the_floor_is_set_by_the_environment() {
    let floor = |value| {
        sent(
            "",
            &[("AMX_LLM_MIN_MAX_TOKENS", value)],
            &["-m", THINKING, "--max-tokens", "100"],
        )
        .0
    };
    assert_eq!([floor("2000"), floor("0"), floor("")], [2000, 100, 32768]);
}

#[test]
fn the_effort_is_flag_then_environment_then_profile_then_low() {
    let profile = "model: openai/gpt-5-mini, reasoning_effort: medium";
    let environment = [("AMX_REASONING_EFFORT", "high")];
    let effort = |config, environment, arguments: &[&str]| {
        sent(config, environment, arguments).1["effort"].clone()
    };
    assert_eq!(
        effort(profile, &environment, &["--reasoning-effort", "xhigh"]),
        "xhigh"
    );
    assert_eq!(effort(profile, &environment, &[]), "high");
    assert_eq!(effort(profile, &[], &[]), "medium");
    assert_eq!(effort("model: openai/gpt-5-mini", &[], &[]), "low");
    for word in ["none", "minimal", "low", "medium", "high", "xhigh", "max"] {
        assert_eq!(
            effort("model: openai/o3", &[], &["--reasoning-effort", word]),
            word
        );
    }
}

#[test]
fn an_effort_treats_any_model_as_a_reasoning_model() {
    assert_eq!(
        sent("", &[], &["-m", "a/b", "--reasoning-effort", "high"]),
        (json!(32768), json!({"effort": "high"}))
    );
    assert_eq!(
        sent("", &[("AMX_REASONING_EFFORT", "high")], &["-m", "a/b"]),
        (json!(32768), json!({"effort": "high"}))
    );
}

#[test]
fn reasoning_off_wins_over_everything() {
    let off = "model: openai/gpt-5-mini, reasoning: off, reasoning_effort: high";
    assert_eq!(sent(off, &[], &[]), (json!(4096), Value::Null));
    assert_eq!(
        sent(
            off,
            &[("AMX_REASONING_EFFORT", "high")],
            &["--reasoning-effort", "max"]
        ),
        (json!(4096), Value::Null)
    );
}

#[test]
fn further_fields_of_reasoning_are_kept_beside_the_effort() {
    assert_eq!(
        sent("", &[], &["-m", THINKING, "-o", "reasoning.exclude=true"]).1,
        json!({"effort": "low", "exclude": true})
    );
}

#[test]
fn a_budget_spent_on_reasoning_is_raised_once() {
    let double = Double::start([
        spent(32768, 0.5),
        reply::stream(["Hello"])
            .reasoning(["ah"])
            .usage(100, 500, 400, 0.25),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", THINKING, "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert_eq!(
        outcome.stderr(),
        "note: all 32,768 tokens went into reasoning; retrying with 131,072\n"
    );
    let bodies: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    let with_budget = |tokens: u64| {
        let mut body = bodies[0].clone();
        body["max_tokens"] = json!(tokens);
        body
    };
    assert_eq!(bodies, [with_budget(32768), with_budget(131_072)]);
    assert_eq!(
        [&bodies[1]["reasoning"], &bodies[1]["stream"]],
        [&json!({"effort": "low"}), &json!(true)]
    );
}

#[test]
fn usage_and_bill_of_both_attempts_are_added() {
    let outcome = ask_thinking(
        [
            spent(32768, 0.5),
            reply::stream(["Hello"]).usage(100, 500, 400, 0.25),
        ],
        &["--json"],
    );
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "");
    let object = outcome.json();
    let usage = json!({"prompt_tokens": 200, "completion_tokens": 33268, "reasoning_tokens": 33168, "cached_tokens": 0, "total_tokens": 33468});
    assert_eq!(object["usage"], usage);
    assert_eq!(
        [
            &object["cost_usd"],
            &object["content"],
            &object["cost_source"]
        ],
        [&json!(0.75), &json!("Hello"), &json!("provider")]
    );
    assert_eq!(
        object["attempts"].as_array().map(Vec::len),
        Some(2),
        "{outcome}"
    );
}

#[test]
fn the_raised_budget_is_at_least_32768_more_and_at_most_131072() {
    for (asked, raised) in [("1000", 33768), ("20000", 80000), ("100000", 131_072)] {
        let tokens: u64 = asked.parse().unwrap();
        let double = Double::start([spent(tokens, 0.1), reply::stream(["Hello"])]);
        let sandbox = Sandbox::with(&double).env("AMX_LLM_MIN_MAX_TOKENS", "0");
        sandbox
            .run(["chat", "-m", THINKING, "--max-tokens", asked, "hi"])
            .assert_code(0);
        assert_eq!(double.requests()[1].json()["max_tokens"], raised);
    }
    ask_thinking([spent(131_072, 0.5)], &["--max-tokens", "131072"]).assert_failure(10);
}

#[test]
fn a_budget_is_raised_without_a_stream_too() {
    let mut first = reply::whole("")
        .reasoning(["hm"])
        .finish("length")
        .usage(100, 32768, 32768, 0.5);
    first.answer.texts.clear();
    let outcome = ask_thinking([first, reply::whole("Hello")], &["--no-stream"]);
    outcome
        .assert_code(0)
        .assert_stdout("Hello\n")
        .assert_stderr_has("retrying with 131,072");
}

#[test]
fn a_second_empty_answer_fails_with_a_hint() {
    let outcome = ask_thinking([spent(32768, 0.5), spent(131_072, 2.0)], &[]);
    outcome
        .assert_failure(10)
        .assert_stderr_has("AMX_LLM_MIN_MAX_TOKENS")
        .assert_mentions("effort")
        .assert_stdout("");
    let error =
        ask_thinking([spent(32768, 0.5), spent(131_072, 2.0)], &["--json"]).json_failure(10);
    assert!(
        error["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("AMX_LLM_MIN_MAX_TOKENS")),
        "{error}"
    );
}

#[test]
fn a_budget_is_not_raised_for_other_models_or_other_ends() {
    let double = Double::start([spent(4096, 0.1)]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "openai/gpt-4o", "hi"]);
    outcome.assert_failure(10).assert_stderr_lacks("once more");
    ask_thinking([reply::stream([""]).reasoning(["hm"]).finish("stop")], &[])
        .assert_failure(10)
        .assert_stderr_lacks("once more");
    ask_thinking([reply::stream([" \n "]).finish("content_filter")], &[])
        .assert_failure(10)
        .assert_stderr_lacks("once more");
}

#[test]
fn blank_text_is_not_visible() {
    let blank = reply::stream([" ", "\n"])
        .finish("length")
        .usage(100, 32768, 32760, 0.5);
    let outcome = ask_thinking([blank, reply::stream(["Hello"])], &[]);
    outcome
        .assert_code(0)
        .assert_stderr_has("retrying with 131,072");
    assert_eq!(outcome.stdout().trim(), "Hello");
}

#[test]
fn visible_text_at_the_limit_is_an_answer_unless_strict() {
    let cut = || {
        reply::stream(["Hello wor"])
            .finish("length")
            .usage(11, 50, 0, 0.001)
    };
    let double = Double::start([cut(), cut(), cut()]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["chat", "-m", "a/b", "--max-tokens", "50", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello wor\n");
    assert_eq!(
        outcome.stderr(),
        "note: the answer is incomplete: it reached the limit of 50 tokens; raise it with --max-tokens\n"
    );
    let outcome = sandbox.run(["chat", "-m", "a/b", "--max-tokens", "50", "--strict", "hi"]);
    outcome
        .assert_failure(10)
        .assert_stdout("Hello wor\n")
        .assert_stderr_has("--max-tokens");
    let outcome = sandbox.run(["chat", "--json", "-m", "a/b", "hi"]);
    outcome.assert_code(0);
    assert_eq!(
        [
            outcome.stderr(),
            outcome.json()["finish_reason"].to_string()
        ],
        ["", "\"length\""]
    );
}

#[test]
fn reasoning_is_a_field_in_json_and_absent_from_a_pipe() {
    let answer = || reply::stream(["Hello"]).reasoning(["let me ", "think"]);
    let double = Double::start([answer(), answer(), answer()]);
    let sandbox = Sandbox::with(&double);
    sandbox
        .run(["chat", "-m", THINKING, "hi"])
        .assert_answer("Hello\n");
    sandbox
        .run(["chat", "-m", THINKING, "--hide-reasoning", "hi"])
        .assert_answer("Hello\n");
    let object = sandbox.run(["chat", "--json", "-m", THINKING, "hi"]).json();
    assert_eq!(
        [&object["reasoning"], &object["content"]],
        ["let me think", "Hello"]
    );
}

#[test]
fn reasoning_in_details_only_is_read() {
    let detail = json!({"type": "reasoning.text", "text": "only here", "signature": null, "format": "anthropic-claude-v1", "index": 0});
    let signature = json!({"type": "reasoning.text", "signature": "c2lnbmVk", "format": "anthropic-claude-v1", "index": 0});
    let scripted = reply::stream(["Hello"])
        .late_detail(detail)
        .late_detail(signature)
        .late_detail(json!({"type": "reasoning.encrypted", "data": "AAAA"}));
    let outcome = ask_thinking([scripted], &["--json"]);
    assert_eq!(
        [&outcome.json()["reasoning"], &outcome.json()["content"]],
        ["only here", "Hello"]
    );
}
