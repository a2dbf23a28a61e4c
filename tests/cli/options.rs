//! Options of `chat` and what they put into the body; `--dry-run` shows the body that would be
//! sent.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// The body that reaches the double.
#[track_caller]
fn body_of(arguments: &[&str]) -> Value {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .run(["chat", "-m", "a/b"].iter().chain(arguments).chain(&["hi"]))
        .assert_answer("Hello\n");
    double.request().json()
}

/// Runs with arguments that must be refused before anything is sent.
#[track_caller]
fn refuse(arguments: &[&str], words: &[&str]) {
    let double = Double::start([]);
    let outcome = Sandbox::with(&double).run(["chat"].iter().chain(arguments).chain(&["hi"]));
    outcome.assert_failure(2);
    for word in words {
        outcome.assert_stderr_has(word);
    }
    outcome.assert_stdout("");
}

#[test]
fn plain_options_become_fields() {
    let body = body_of(&[
        "-s",
        "Be brief.",
        "-t",
        "0.5",
        "--top-p",
        "0.9",
        "--max-tokens",
        "100",
    ]);
    assert_eq!(
        body["messages"],
        json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}])
    );
    assert_eq!(
        [
            &body["model"],
            &body["temperature"],
            &body["top_p"],
            &body["max_tokens"]
        ],
        [&json!("a/b"), &json!(0.5), &json!(0.9), &json!(100)]
    );
}

#[test]
fn fields_of_openrouter_are_set_by_their_own_names() {
    let body = body_of(&[
        "-o",
        "seed=7",
        "-o",
        "user=alice",
        "-o",
        "stop=END,STOP",
        "-o",
        "metadata={\"team\":\"a\"}",
    ]);
    assert_eq!(body["seed"], 7);
    assert_eq!(body["user"], "alice");
    assert_eq!(body["stop"], json!(["END", "STOP"]));
    assert_eq!(body["metadata"], json!({"team": "a"}));
}

#[test]
fn dotted_names_reach_into_objects_and_are_merged() {
    let body = body_of(&[
        "-o",
        "provider.order=Together,DeepInfra",
        "-o",
        "provider.allow_fallbacks=false",
        "-o",
        "provider.sort=price",
    ]);
    assert_eq!(
        body["provider"],
        json!({"order": ["Together", "DeepInfra"], "allow_fallbacks": false, "sort": "price"})
    );
    assert_eq!(
        body_of(&["-o", "provider.order=Together"])["provider"],
        json!({"order": ["Together"]})
    );
}

#[test]
fn fields_of_the_profile_are_sent_as_they_stand_and_options_win() {
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let config = "llm_profiles:\n  p:\n    model: a/b\n    temperature: 0.2\n    fallback_models: [c/d]\n    \
        openrouter: {top_k: 40, provider: {sort: price, zdr: true}}\n";
    let sandbox = Sandbox::with(&double).config(config);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    sandbox
        .run(["chat", "-t", "1", "-o", "provider.sort=latency", "hi"])
        .assert_answer("Hello\n");
    let bodies: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    assert_eq!(bodies[0]["models"], json!(["c/d"]));
    assert_eq!(
        [&bodies[0]["temperature"], &bodies[0]["top_k"]],
        [&json!(0.2), &json!(40)]
    );
    assert_eq!(bodies[0]["provider"], json!({"sort": "price", "zdr": true}));
    assert_eq!(bodies[1]["temperature"], 1);
    assert_eq!(
        bodies[1]["provider"],
        json!({"sort": "latency", "zdr": true})
    );
}

#[test]
fn a_profile_and_a_model_are_chosen_by_flag_then_environment_then_file() {
    let config =
        "llm_profiles:\n  one: {model: a/one}\n  two: {model: a/two}\nactive_llm_profile: one\n";
    let models = |environment: &[(&str, &str)], arguments: &[&str]| {
        let double = Double::start([reply::stream(["Hello"])]);
        let sandbox = environment.iter().fold(
            Sandbox::with(&double).config(config),
            |sandbox, (name, value)| sandbox.env(*name, *value),
        );
        sandbox
            .run(["chat", "hi"].iter().chain(arguments))
            .assert_answer("Hello\n");
        double.request().json()["model"].clone()
    };
    assert_eq!(models(&[], &[]), "a/one");
    assert_eq!(models(&[("AMX_PROFILE", "two")], &[]), "a/two");
    assert_eq!(models(&[("AMX_PROFILE", "two")], &["-p", "one"]), "a/one");
    assert_eq!(
        models(&[("AMX_MODEL", "a/env")], &["--profile", "two"]),
        "a/env"
    );
    assert_eq!(
        models(&[("AMX_MODEL", "a/env")], &["--model", "a/Flag"]),
        "a/Flag"
    );
    assert_eq!(
        models(&[("AMX_PROFILE", ""), ("AMX_MODEL", "")], &[]),
        "a/one"
    );
}

#[test]
fn a_dry_run_prints_the_very_body_and_sends_nothing() {
    let flags = [
        "chat",
        "-m",
        "openai/gpt-5-mini",
        "-s",
        "Be brief.",
        "-o",
        "seed=7",
        "hi",
    ];
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double).run(flags).assert_answer("Hello\n");
    let idle = Double::start([]);
    let outcome = Sandbox::with(&idle)
        .without("OPENROUTER_API_KEY")
        .run(flags.iter().chain(&["--dry-run"]));
    outcome.assert_code(0);
    assert_eq!(
        outcome.json().to_string(),
        double.request().text(),
        "{outcome}"
    );
    assert!(idle.requests().is_empty());
}

#[test]
fn reasoning_max_tokens_is_refused_however_it_is_written() {
    refuse(&["-o", "reasoning.max_tokens=5"], &["reasoning.max_tokens"]);
    refuse(&["-o", "reasoning={\"max_tokens\":5}"], &["reasoning"]);
}

#[test]
fn values_that_make_no_sense_are_refused() {
    refuse(&["-o", "seed"], &["-o"]);
    refuse(&["-o", "=7"], &["-o"]);
    refuse(&["-t", "hot"], &["hot"]);
    refuse(&["-t", "2.5"], &["2.5"]);
    refuse(&["--top-p", "-1"], &["top-p"]);
    refuse(&["--max-tokens", "0"], &["max-tokens"]);
    refuse(&["--reasoning-effort", "huge"], &["huge", "xhigh"]);
    refuse(&["--timeout", "soon"], &["soon"]);
    refuse(&["--max-cost", "-1"], &["max-cost"]);
    refuse(&["-m", "a b"], &["a b"]);
    refuse(&["--bogus"], &["--bogus"]);
}

#[test]
fn two_forms_of_output_exclude_each_other() {
    let double = Double::start([]);
    Sandbox::with(&double)
        .run(["chat", "--json", "--jsonl", "hi"])
        .json_failure(2);
}

#[test]
fn a_profile_that_does_not_exist_is_named_with_the_nearest() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config("llm_profiles:\n  or-claude: {model: a/b}\n");
    sandbox
        .run(["chat", "-p", "or-cluade", "hi"])
        .assert_failure(3)
        .assert_stderr_has("or-cluade")
        .assert_stderr_has("or-claude");
}

#[test]
fn an_invalid_value_names_the_help_of_its_command() {
    for (arguments, hint) in [
        (["chat", "--max-tokens", "many"], "amx chat --help"),
        (["models", "--max-price", "x"], "amx models --help"),
        (["tools", "run", "--allow"], "amx tools run --help"),
    ] {
        let outcome = Sandbox::new().run(arguments);
        outcome
            .assert_failure(2)
            .assert_stderr_has(&format!("hint: {hint}\n"));
    }
}
