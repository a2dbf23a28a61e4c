//! What `amx chat` makes of the kept list of models: efforts, budgets, prices, and what cannot be
//! sent.

use std::fs;

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const MANDATORY: &str = "openai/gpt-5-mini";

/// The smallest PNG there is.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x00IEND\xaeB`\x82";

fn model(id: &str, more: &Value) -> Value {
    let mut model = json!({"id": id, "context_length": 100_000, "architecture": {"input_modalities": ["text"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": ["max_tokens", "temperature"]});
    model
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    model
}

fn list() -> Vec<Value> {
    let thinks = |more: &Value| {
        let mut reasoning = json!({"mandatory": false});
        reasoning
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"supported_parameters": ["reasoning", "max_tokens"], "reasoning": reasoning, "top_provider": {"max_completion_tokens": 20_000}})
    };
    let able = json!({"architecture": {"input_modalities": ["text", "image"]}, "supported_parameters": ["tools", "logprobs", "structured_outputs"]});
    vec![
        model("acme/plain", &json!({})),
        model("acme/able", &able),
        model("zeta/cheap-able", &able),
        model(
            "acme/by-default",
            &thinks(&json!({"default_enabled": true})),
        ),
        model(
            "acme/some-efforts",
            &thinks(&json!({"supported_efforts": ["high", "low"]})),
        ),
        model(
            "acme/huge-efforts",
            &json!({"reasoning": {"mandatory": true, "supported_efforts": null}}),
        ),
        model(
            MANDATORY,
            &json!({"reasoning": {"mandatory": true, "supported_efforts": ["high", null, "low", "minimal"]}}),
        ),
        model(
            "openrouter/auto",
            &json!({"pricing": {"prompt": "-1", "completion": "-1"}}),
        ),
    ]
}

/// A double with a script, and a sandbox that keeps its list.
fn prepared(script: impl IntoIterator<Item = Reply>) -> (Double, Sandbox) {
    let double = Double::start(script).also(routes::listed(list()));
    let sandbox = Sandbox::with(&double).config("");
    sandbox.run(["models", "sync"]).assert_code(0);
    (double, sandbox)
}

/// The body of the last request.
fn body(double: &Double) -> Value {
    double.requests().last().unwrap().json()
}

/// Asks one model; gives the request's budget and its part about thinking, and how it ended.
#[track_caller]
fn asked(model: &str, arguments: &[&str]) -> (Value, Value, Outcome) {
    let (double, sandbox) = prepared([reply::stream(["Hello"])]);
    let outcome = sandbox.run(["chat", "-m", model, "hi"].iter().chain(arguments));
    outcome.assert_code(0).assert_stdout("Hello\n");
    let body = body(&double);
    (
        body["max_tokens"].clone(),
        body["reasoning"].clone(),
        outcome,
    )
}

#[test]
fn a_model_that_reasons_by_default_gets_a_budget_within_its_maximum() {
    let (budget, reasoning, outcome) = asked("acme/by-default", &[]);
    assert_eq!(
        (budget, reasoning),
        (json!(20_000), json!({"effort": "low"}))
    );
    assert_eq!(outcome.stderr(), "");
    let (budget, _, outcome) = asked("acme/by-default", &["--max-tokens", "50000"]);
    assert_eq!(budget, 20_000);
    outcome.assert_stderr_has(
        "note: max_tokens 50,000 lowered to 20,000, the maximum of acme/by-default",
    );
    // One that only may think, and one that does not, are left alone.
    for other in ["acme/some-efforts", "acme/plain"] {
        assert_eq!(asked(other, &[]).1, Value::Null, "{other}");
    }
}

#[test]
fn a_raised_limit_stays_within_the_model_maximum() {
    let spent = || {
        reply::stream([""])
            .reasoning(["round and round"])
            .finish("length")
    };
    let (double, sandbox) = prepared([spent(), reply::stream(["Hello"])]);
    let sandbox = sandbox.env("AMX_LLM_MIN_MAX_TOKENS", "0");
    sandbox
        .run([
            "chat",
            "-m",
            "acme/by-default",
            "--max-tokens",
            "8000",
            "hi",
        ])
        .assert_code(0);
    assert_eq!(body(&double)["max_tokens"], 20_000);
    let (_double, sandbox) = prepared([spent()]);
    sandbox
        .run(["chat", "-m", "acme/by-default", "hi"])
        .assert_failure(10);
}

#[test]
fn an_unsupported_effort_is_replaced_by_the_nearest_with_a_note() {
    let (_, reasoning, outcome) = asked("acme/some-efforts", &["--reasoning-effort", "max"]);
    assert_eq!(reasoning, json!({"effort": "high"}));
    assert_eq!(
        outcome.stderr(),
        "note: acme/some-efforts does not support effort max: using high\n"
    );
    let (_, reasoning, outcome) = asked("acme/some-efforts", &["--reasoning-effort", "low"]);
    assert_eq!(
        (reasoning, outcome.stderr().as_str()),
        (json!({"effort": "low"}), "")
    );
    assert_eq!(
        asked("acme/huge-efforts", &["--reasoning-effort", "max"]).1,
        json!({"effort": "max"})
    );
}

#[test]
fn effort_none_on_mandatory_reasoning_is_the_lowest_and_hidden() {
    let (_, reasoning, outcome) = asked(MANDATORY, &["--reasoning-effort", "none"]);
    assert_eq!(reasoning, json!({"effort": "minimal", "exclude": true}));
    outcome
        .assert_stderr_has("note: openai/gpt-5-mini always reasons: effort none becomes minimal");
    assert_eq!(
        asked("acme/some-efforts", &["--reasoning-effort", "none"]).1,
        json!({"effort": "none"})
    );
}

#[test]
fn an_effort_for_a_model_without_reasoning_is_not_sent() {
    let (budget, reasoning, outcome) = asked("acme/plain", &["--reasoning-effort", "high"]);
    assert_eq!((budget, reasoning), (json!(4096), Value::Null));
    outcome
        .assert_stderr_has("note: acme/plain does not support reasoning: effort high is not sent");
    // A router chooses one that may.
    assert_eq!(
        asked("openrouter/auto", &["--reasoning-effort", "high"]).1,
        json!({"effort": "high"})
    );
}

#[test]
fn variants_have_the_reasoning_of_their_model() {
    assert_eq!(
        asked("acme/by-default:nitro", &[]).1,
        json!({"effort": "low"})
    );
}

#[test]
fn a_dry_run_shows_what_would_be_sent() {
    let (_double, sandbox) = prepared([]);
    let outcome = sandbox.run([
        "chat",
        "--dry-run",
        "-m",
        "acme/some-efforts",
        "--reasoning-effort",
        "max",
        "hi",
    ]);
    outcome.assert_code(0);
    assert_eq!(outcome.json()["reasoning"], json!({"effort": "high"}));
}

#[test]
fn an_image_for_a_model_without_vision_is_refused_before_sending() {
    let (double, sandbox) = prepared([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let sandbox = sandbox.file("pixel.png", PIXEL);
    let ask = |model: &str, more: &[&str]| {
        sandbox.run(
            ["chat", "-m", model, "-f", "pixel.png", "what?"]
                .iter()
                .chain(more),
        )
    };
    let outcome = ask("acme/plain", &[]);
    outcome
        .assert_failure(2)
        .assert_stderr_has("acme/plain does not support image input");
    outcome
        .assert_stderr_has("-m acme/able   (or zeta/cheap-able")
        .assert_stderr_has("--force");
    assert_eq!(double.requests().len(), 1, "only the list was asked for");
    ask("acme/plain", &["--force"])
        .assert_code(0)
        .assert_stderr_has("warning: acme/plain does not support image input");
    ask("acme/able", &[]).assert_answer("Hello\n");
}

#[test]
fn a_named_tool_is_refused_for_a_model_without_tools() {
    let (double, sandbox) = prepared([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let ask = |model: &str, more: &[&str]| {
        let words = ["chat", "-m", model, "--tool", "now", "hi"];
        sandbox.run(words.iter().chain(more).copied())
    };
    ask("acme/plain", &[])
        .assert_failure(2)
        .assert_stderr_has("acme/plain does not support tools")
        .assert_stderr_has("--force");
    ask("acme/plain", &["--force"])
        .assert_code(0)
        .assert_stderr_has("warning: acme/plain does not support tools");
    ask("acme/able", &[]).assert_code(0);
    let sent = double.requests();
    let declares = |index: usize| sent[index].json()["tools"].is_array();
    let last = sent.len() - 1;
    assert!(declares(last - 1) && declares(last));
}

const TOOLS: &str = r#"tools=[{"type":"function","function":{"name":"f"}}]"#;

#[test]
fn unsupported_tools_and_schemas_are_refused() {
    let (_double, sandbox) = prepared([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let refused = |options: &str, words: &str| {
        let outcome = sandbox.run(["chat", "-m", "acme/plain", "-o", options, "hi"]);
        outcome
            .assert_failure(2)
            .assert_stderr_has(words)
            .assert_stderr_has("acme/able")
            .assert_stderr_has("--force");
        // One that it falls back to is no help when it cannot either.
        sandbox
            .run([
                "chat",
                "-m",
                "acme/plain,acme/by-default",
                "-o",
                options,
                "hi",
            ])
            .assert_failure(2)
            .assert_stderr_has(words);
        sandbox
            .run(["chat", "-m", "acme/plain,acme/able", "-o", options, "hi"])
            .assert_answer("Hello\n");
    };
    refused(TOOLS, "does not support tools");
    refused(
        r#"response_format={"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}"#,
        "does not support JSON schemas",
    );
    let error = sandbox
        .run(["chat", "--json", "-m", "acme/plain", "-o", TOOLS, "hi"])
        .json_failure(2);
    assert_eq!(error["kind"], "usage");
}

#[test]
fn unsupported_log_probabilities_are_omitted() {
    let (_double, sandbox) = prepared([]);
    let sent = |model: &str, arguments: &[&str]| {
        let outcome = sandbox.run(
            ["chat", "--dry-run", "hi", "-m", model]
                .iter()
                .chain(arguments),
        );
        outcome.assert_code(0);
        let body = outcome.json();
        (
            [body["logprobs"].clone(), body["top_logprobs"].clone()],
            outcome,
        )
    };
    let (fields, outcome) = sent("acme/plain", &["-o", "logprobs=true"]);
    assert_eq!(fields, [Value::Null, Value::Null]);
    outcome.assert_stderr_has("warning: acme/plain does not support logprobs; not sent");
    let (fields, outcome) = sent("acme/plain", &["--top-logprobs", "3"]);
    assert_eq!(fields, [Value::Null, Value::Null]);
    outcome.assert_stderr_has("warning: acme/plain does not support");
    for (model, arguments) in [
        ("acme/able", &["-o", "logprobs=true"][..]),
        ("acme/plain,acme/able", &["--logprobs"]),
        ("acme/plain", &["--logprobs", "--force"]),
    ] {
        assert_eq!(sent(model, arguments).0[0], true, "{model}");
    }
    let strict = sandbox.run(["chat", "--strict", "-m", "acme/plain", "--logprobs", "hi"]);
    strict
        .assert_failure(2)
        .assert_stderr_has("acme/plain does not support logprobs")
        .assert_stderr_has("acme/able")
        .assert_stderr_has("--force");
}

#[test]
fn unknown_features_are_not_refused() {
    let (_double, sandbox) = prepared([
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
    ]);
    for arguments in [
        ["-m", "not/listed", "-o", "logprobs=true"],
        ["-m", "openrouter/auto", "-o", "logprobs=true"],
        ["-m", "acme/plain", "-o", "logprobs=false"],
    ] {
        sandbox
            .run(["chat", "hi"].iter().chain(&arguments))
            .assert_answer("Hello\n");
    }
}

#[test]
fn the_listed_price_estimates_and_caps() {
    let mut unbilled = reply::stream(["Hello"]).usage(1_000_000, 500_000, 0, 0.0);
    unbilled.answer.usage.as_mut().unwrap()["cost"] = Value::Null;
    let (double, sandbox) = prepared([unbilled]);
    let config = "llm_profiles:\n  all: {model: acme/plain}\n  gap: {model: acme/plain, fallback_models: [not/listed]}\nactive_llm_profile: all\n";
    let sandbox = sandbox.config(config);
    let object = sandbox
        .run(["chat", "--json", "-m", "acme/plain", "hi"])
        .json();
    assert_eq!(
        [&object["cost_usd"], &object["cost_source"]],
        [&json!(2.0), &json!("estimate")]
    );
    let count = double.requests().len();
    let outcome = sandbox.run(["chat", "-m", "acme/plain", "--max-cost", "0.001", "hi"]);
    outcome.assert_failure(14).assert_stderr_has("x $2/M");
    // A router's price is not known, and neither is that of a variant or of a list with a gap.
    let selects = "the price of openrouter/auto depends on the model that it selects";
    for (more, why) in [
        (["-m", "openrouter/auto"], selects),
        (["-m", "acme/plain:nitro"], "is unknown"),
        (["-p", "gap"], "is unknown"),
    ] {
        sandbox
            .run(["chat", "--max-cost", "5", "hi"].iter().chain(&more))
            .assert_failure(14)
            .assert_stderr_has(why);
    }
    assert_eq!(double.requests().len(), count);
}

#[test]
fn a_refused_id_suggests_the_nearest() {
    let (_double, sandbox) = prepared([
        reply::refusal(400, "acme/plian is not a valid model ID"),
        reply::refusal(400, "temperature: Invalid input"),
    ]);
    let outcome = sandbox.run(["chat", "-m", "acme/plian", "hi"]);
    outcome
        .assert_failure(7)
        .assert_stderr_has("hint: did you mean acme/plain");
    sandbox
        .run(["chat", "-m", "acme/plain", "hi"])
        .assert_failure(7)
        .assert_stderr_lacks("did you mean");
}

#[test]
fn chat_never_fetches_the_catalogue() {
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double);
    sandbox
        .run(["chat", "-m", "acme/plain", "hi"])
        .assert_answer("Hello\n");
    assert!(!sandbox.home().join(".amx").exists());
    let garbage = "no database\n".repeat(500);
    let sandbox = sandbox.config("");
    fs::write(sandbox.home().join(".amx/amx.db"), &garbage).unwrap();
    sandbox
        .run(["chat", "-m", "acme/plain", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n");
}
