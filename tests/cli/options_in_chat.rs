//! What options mean beyond being carried: implications, privacy, other providers, models that do
//! not take them, refusals by routing.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// What a dry run prints, and what it says on stderr.
#[track_caller]
fn dry(config: &str, arguments: &[&str]) -> (Value, Outcome) {
    let outcome = Sandbox::new()
        .config(config)
        .run(["chat", "--dry-run", "hi"].iter().chain(arguments));
    outcome.assert_code(0);
    (outcome.json(), outcome)
}

#[test]
fn implied_fields_are_sent() {
    let (body, _) = dry("", &["--top-logprobs", "3"]);
    assert_eq!(
        (&body["logprobs"], &body["top_logprobs"]),
        (&json!(true), &json!(3))
    );
    let (body, _) = dry(
        "",
        &[
            "--transforms",
            "middle-out",
            "--plugins",
            r#"{"id":"response-healing"}"#,
        ],
    );
    assert_eq!(body["transforms"], json!(["middle-out"]));
    assert_eq!(
        body["plugins"],
        json!([{"id": "response-healing"}, {"id": "context-compression", "engine": "middle-out"}])
    );
    let own = r#"[{"id":"context-compression","enabled":false}]"#;
    assert_eq!(
        dry("", &["--transforms", "middle-out", "--plugins", own]).0["plugins"],
        serde_json::from_str::<Value>(own).unwrap()
    );
    Sandbox::new()
        .run([
            "chat",
            "--dry-run",
            "--top-logprobs",
            "3",
            "--logprobs=false",
            "hi",
        ])
        .assert_failure(2)
        .assert_stderr_has("needs logprobs");
}

#[test]
fn private_is_the_same_in_every_place() {
    let both = json!({"data_collection": "deny", "zdr": true});
    for (config, arguments) in [
        ("llm_profiles: {p: {private: true}}\n", &[][..]),
        ("", &["--private"]),
        ("", &["-o", "private=true"]),
        (
            "llm_profiles: {p: {openrouter: {provider: {data_collection: allow}}}}\n",
            &["--private"],
        ),
    ] {
        assert_eq!(
            dry(config, arguments).0["provider"],
            both,
            "{config} {arguments:?}"
        );
    }
    let explicit =
        "llm_profiles: {p: {private: true, openrouter: {provider: {zdr: false, sort: price}}}}\n";
    assert_eq!(
        dry(explicit, &[]).0["provider"],
        json!({"zdr": false, "sort": "price", "data_collection": "deny"})
    );
    assert_eq!(
        dry("llm_profiles: {p: {private: true}}\n", &["--private=false"]).0["provider"],
        Value::Null
    );
    let line = Sandbox::new()
        .config("llm_profiles: {p: {private: true}}\n")
        .run(["config", "explain", "private", "--json"])
        .json();
    assert_eq!(
        (&line["value"], &line["source"]),
        (&json!("true"), &json!("config.yml, profile 'p'"))
    );
}

#[test]
fn models_replace_fallback_models_and_route_is_retired() {
    let config =
        "llm_profiles: {p: {model: a/b, fallback_models: [c/d], openrouter: {route: fallback}}}\n";
    let (body, outcome) = dry(config, &[]);
    assert_eq!(
        (&body["models"], &body["route"]),
        (&json!(["c/d"]), &Value::Null)
    );
    outcome.assert_stderr_has("route is retired and not sent; use models alone");
    assert_eq!(outcome.lines_starting("note: route"), 1, "{outcome}");
    let (body, outcome) = dry(config, &["--models", "e/f,g/h", "--route", "fallback"]);
    assert_eq!(body["models"], json!(["e/f", "g/h"]));
    assert_eq!(outcome.lines_starting("note: route"), 1, "{outcome}");
    let own =
        "llm_profiles: {p: {model: a/b, fallback_models: [c/d], openrouter: {models: [i/j]}}}\n";
    assert_eq!(dry(own, &[]).0["models"], json!(["i/j"]));
}

#[test]
fn null_removes_a_value_of_the_profile() {
    let config = "llm_profiles: {p: {model: a/b, openrouter: {top_k: 4, seed: 1, provider: {sort: price}}}}\n";
    let (body, _) = dry(config, &["--top-k", "null", "-o", "provider.sort=null"]);
    assert_eq!(
        [&body["top_k"], &body["seed"], &body["provider"]],
        [&Value::Null, &json!(1), &Value::Null]
    );
    assert!(!body.to_string().contains("top_k"));
}

#[test]
fn one_option_inside_an_object_is_explained() {
    let config = "llm_profiles: {p: {model: a/b, openrouter: {top_k: 4, provider: {sort: price, zdr: true}}}}\n";
    let explained = |arguments: &[&str]| {
        Sandbox::new()
            .config(config)
            .run(["config", "explain", "--json"].iter().chain(arguments))
            .json()
    };
    let file = json!("config.yml, profile 'p'");
    assert_eq!(
        explained(&["provider.zdr"]),
        json!({"key": "body.provider.zdr", "value": "true", "source": file, "hides": []})
    );
    let flag = explained(&["provider.sort", "--provider-sort", "latency"]);
    assert_eq!(
        (&flag["value"], &flag["source"], &flag["hides"]),
        (
            &json!("\"latency\""),
            &json!("flag --provider-sort"),
            &json!([{"value": "\"price\"", "source": file}])
        )
    );
    assert_eq!(explained(&["top_k", "-o", "top_k=5"])["source"], "flag -o");
    Sandbox::new()
        .config(config)
        .run(["config", "explain", "min_p"])
        .assert_failure(1)
        .assert_stderr_has("min_p is not set;");
    Sandbox::new()
        .config(config)
        .run(["config", "explain", "tpo_k"])
        .assert_failure(2)
        .assert_stderr_has("amx config explain top_k");
}

#[test]
fn an_option_given_twice_must_agree() {
    let twice = |arguments: &[&str]| {
        Sandbox::new().run(["chat", "--dry-run", "hi"].iter().chain(arguments))
    };
    twice(&["--top-k", "40", "-o", "top_k=40"]).assert_code(0);
    twice(&["--top-k", "40", "-o", "top_k=50"])
        .assert_failure(2)
        .assert_stderr_has("top_k is given twice with different values: --top-k and -o top_k");
    twice(&["-t", "1", "-o", "temperature=0"])
        .assert_failure(2)
        .assert_stderr_has("--temperature and -o temperature");
    twice(&[
        "--provider-sort",
        "price",
        "-o",
        r#"provider={"sort":"latency"}"#,
    ])
    .assert_failure(2)
    .assert_stderr_has("--provider-sort and -o provider");
    twice(&["--private", "-o", "private=false"])
        .assert_failure(2)
        .assert_stderr_has("--private and -o private");
}

#[test]
fn unknown_names_and_words_are_sent_with_a_note() {
    let (body, outcome) = dry(
        "",
        &[
            "-o",
            "tpo_k=4",
            "--service-tier",
            "warp",
            "-o",
            "brand_new.inner=7",
        ],
    );
    assert_eq!(
        [&body["tpo_k"], &body["service_tier"], &body["brand_new"]],
        [&json!(4), &json!("warp"), &json!({"inner": 7})]
    );
    outcome
        .assert_stderr_has("'tpo_k' is sent unchanged; did you mean top_k?")
        .assert_stderr_has("'warp' is not a listed value of service_tier");
    outcome.assert_stderr_lacks("brand_new");
    let config = "llm_profiles:\n  p:\n    model: a/b\n    openrouter:\n      seeed: 4\n";
    let (body, outcome) = dry(config, &[]);
    assert_eq!(body["seeed"], 4);
    outcome.assert_stderr_has("config.yml:5: unknown setting 'seeed'; did you mean 'seed'?");
    Sandbox::new()
        .config(config)
        .run(["config", "validate"])
        .assert_failure(3)
        .assert_stderr_has("did you mean 'seed'?");
    let misspelt = Sandbox::new().run(["chat", "--dry-run", "-o", "provider.oder=Together", "hi"]);
    misspelt.assert_failure(2).assert_stderr_has(
        "-o provider.oder is not a field of OpenRouter; did you mean 'provider.order'?",
    );
}

#[test]
fn other_providers_get_supported_options() {
    let config = "llm_profiles: {p: {provider: openai, model: gpt-4o, private: true, openrouter: {top_k: 9}}}\n";
    let given = [
        "--seed",
        "7",
        "--stop",
        "END",
        "--top-k",
        "4",
        "--provider-sort",
        "price",
        "--models",
        "a/b",
        "-o",
        "user=alice",
        "--logit-bias",
        r#"{"1":-5}"#,
    ];
    let (body, outcome) = dry(config, &given);
    assert_eq!(
        [
            &body["seed"],
            &body["stop"],
            &body["user"],
            &body["logit_bias"]
        ],
        [
            &json!(7),
            &json!(["END"]),
            &json!("alice"),
            &json!({"1": -5})
        ]
    );
    assert_eq!(
        [
            &body["top_k"],
            &body["provider"],
            &body["models"],
            &body["private"]
        ],
        [&Value::Null; 4]
    );
    for name in ["top_k", "provider.sort", "models", "private"] {
        outcome.assert_mentions(&format!(
            "{name} is not sent: provider openai does not support it"
        ));
    }
    let local = "llm_profiles: {p: {provider: ollama, model: llama3.2}}\n";
    assert_eq!(
        dry(local, &["--top-k", "4", "--min-p", "0.1"]).0["top_k"],
        4
    );
}

fn model(id: &str, parameters: &[&str]) -> Value {
    json!({"id": id, "context_length": 100_000, "architecture": {"input_modalities": ["text"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": parameters})
}

/// Asks with a kept list of models; gives the body and how it ended.
#[track_caller]
fn listed(arguments: &[&str]) -> (Value, Outcome) {
    let models = vec![
        model("acme/plain", &["max_tokens", "seed"]),
        model("acme/rich", &["max_tokens", "seed", "top_k", "temperature"]),
        model("acme/untold", &[]),
    ];
    let double = Double::start([reply::stream(["Hello"])]).also(routes::listed(models));
    let sandbox = Sandbox::with(&double).config("");
    sandbox.run(["models", "sync"]).assert_code(0);
    let outcome = sandbox.run(["chat", "hi"].iter().chain(arguments));
    if outcome.stdout() != "Hello\n" {
        drop(double.take_faults());
    }
    let body = double
        .requests()
        .iter()
        .skip(1)
        .last()
        .map_or(Value::Null, Recorded::json);
    (body, outcome)
}

#[test]
fn unsupported_parameters_are_omitted_with_a_warning() {
    let (body, outcome) = listed(&["-m", "acme/plain", "--top-k", "4", "--seed", "7", "-t", "1"]);
    assert_eq!(
        [&body["top_k"], &body["temperature"], &body["seed"]],
        [&Value::Null, &Value::Null, &json!(7)]
    );
    outcome
        .assert_code(0)
        .assert_stderr_has("acme/plain does not support top_k; not sent")
        .assert_stderr_has("acme/plain does not support temperature");
    for id in ["acme/rich", "acme/untold", "acme/unheard-of"] {
        let (body, outcome) = listed(&["-m", id, "--top-k", "4"]);
        assert_eq!(body["top_k"], 4, "{id}");
        outcome.assert_stderr_lacks("takes no");
    }
    // One that it falls back to may take it.
    assert_eq!(
        listed(&["-m", "acme/plain", "--models", "acme/rich", "--top-k", "4"]).0["top_k"],
        4
    );
    assert_eq!(
        listed(&["-m", "acme/plain", "--models", "acme/plain", "--top-k", "4"]).0["top_k"],
        Value::Null
    );
    assert_eq!(
        listed(&["-m", "acme/plain", "--force", "--top-k", "4"]).0["top_k"],
        4
    );
    let dry = listed(&["-m", "acme/plain", "--top-k", "4", "--dry-run"]).1;
    assert_eq!(dry.json()["top_k"], Value::Null);
}

#[test]
fn strict_refuses_unsupported_parameters_and_lists_models() {
    let (body, outcome) = listed(&["-m", "acme/plain", "--strict", "--top-k", "4"]);
    assert_eq!(body, Value::Null);
    outcome
        .assert_failure(2)
        .assert_stderr_has("acme/plain does not support top_k")
        .assert_stderr_has("-m acme/rich")
        .assert_stderr_has("--force");
}

#[test]
fn features_of_a_model_apply_to_its_variants() {
    for id in [
        "acme/plain:nitro",
        "acme/plain:floor",
        "acme/plain:free:online",
        "acme/plain:exacto",
        "acme/plain@preset/brief",
    ] {
        let (body, outcome) = listed(&["-m", id, "--top-k", "4"]);
        assert_eq!((&body["model"], &body["top_k"]), (&json!(id), &Value::Null));
        outcome.assert_stderr_has(&format!("{id} does not support top_k"));
    }
    assert_eq!(
        listed(&["-m", "@preset/brief", "--top-k", "4"]).0["top_k"],
        4
    );
}

/// Asks, and is refused by routing.
#[track_caller]
fn unrouted(step: &str, config: &str, arguments: &[&str]) -> Outcome {
    let funnel = json!({"routing_funnel": [{"step": "all", "endpoint_count": 3}, {"step": step, "endpoint_count": 0}], "failed_routing_step": step});
    let double = Double::start([reply::refusal_with(
        404,
        "No endpoints found for a/b.",
        funnel,
    )]);
    let outcome = Sandbox::with(&double)
        .config(config)
        .run(["chat", "-m", "a/b", "hi"].iter().chain(arguments));
    outcome.assert_failure(7);
    outcome
}

#[test]
fn a_routing_refusal_lists_the_options_that_caused_it() {
    let own = "llm_profiles: {p: {private: true, openrouter: {provider: {quantizations: [fp8], max_price: {prompt: 1}}}}}\n";
    let privacy = unrouted("data_policy", own, &[]);
    privacy
        .assert_mentions("provider.zdr is true, set by private of profile 'p' in config.yml")
        .assert_mentions("provider.data_collection is \"deny\"");
    privacy
        .assert_stderr_lacks("quantizations")
        .assert_stderr_lacks("settings/privacy");
    unrouted("quantization", own, &[]).assert_mentions(
        "provider.quantizations is [\"fp8\"], set \
        by openrouter.provider.quantizations of profile 'p'",
    );
    unrouted("max_price", own, &[]).assert_mentions(
        "provider.max_price is {\"prompt\":1}, set by openrouter.provider.max_price",
    );
    unrouted("data_policy", "", &["--private"])
        .assert_mentions("provider.zdr is true, set by flag --private");
    unrouted("allowed_providers", "", &["-o", "provider.only=azure"])
        .assert_mentions("provider.only is [\"azure\"], set by flag -o");
    unrouted("ignored_providers", "", &["--provider-ignore", "azure"])
        .assert_mentions("set by flag --provider-ignore");
    unrouted("require_parameters", "", &["--provider-require-parameters"])
        .assert_mentions("set by flag --provider-require-parameters");
    // Options that exclude no provider are not blamed; the account is.
    let account = unrouted(
        "data_policy",
        "",
        &[
            "-o",
            "provider.zdr=false",
            "--provider-data-collection",
            "allow",
        ],
    );
    account
        .assert_mentions("settings/privacy")
        .assert_stderr_lacks("set by");
}

#[test]
fn a_cache_key_is_not_a_secret() {
    let (body, _) = dry("", &["--prompt-cache-key=team-alpha-cache"]);
    assert_eq!(body["prompt_cache_key"], "team-alpha-cache");
}
