//! `amx models`: fetched, kept, listed, filtered and shown, with and without the network.

use std::fs;

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::routes;
use crate::support::sandbox::{Sandbox, files_below};

/// An address without a listener.
const NOWHERE: &str = "http://127.0.0.1:9/api/v1";

const CONFIG: &str =
    "llm_profiles:\n  work: {model: openai/gpt-5-mini}\nactive_llm_profile: work\n";

#[test]
fn a_server_of_this_machine_that_is_not_there_is_started() {
    let config =
        "llm_profiles:\n  box: {provider: ollama, model: m, base_url: 'http://127.0.0.1:9/v1'}\n";
    Sandbox::new()
        .config(config)
        .run(["models", "-p", "box"])
        .assert_failure(6)
        .assert_stderr_has("hint: ollama serve");
}

fn row(id: &str, more: &Value) -> Value {
    let mut row = json!({"id": id, "name": format!("Name of {id}"), "created": 1_700_000_000, "context_length": 8192,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": ["max_tokens"]});
    row.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    row
}

/// The varied rows that the decoder is tested with.
fn varied() -> Vec<Value> {
    let list: Value = serde_json::from_str(include_str!("../data/models.json")).unwrap();
    list["data"].as_array().unwrap().clone()
}

fn ids(outcome: &Outcome) -> Vec<String> {
    outcome.assert_code(0);
    outcome
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Makes the kept lists older.
fn age(sandbox: &Sandbox, hours: i64) {
    let connection = rusqlite::Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let changed = connection
        .execute(
            "UPDATE catalogs SET synced_at = synced_at - ?",
            [hours * 3_600_000_000_000],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

fn requests(double: &Double) -> usize {
    double.requests().len()
}

#[test]
fn a_sync_fetches_once_and_a_list_is_served_from_the_cache() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let outcome = sandbox.run(["models", "sync"]);
    outcome.assert_answer(&format!("✓ 3 models from {}\n", double.base_url()));
    for _ in 0..2 {
        let outcome = sandbox.run(["models", "--json"]);
        assert_eq!(
            ids(&outcome),
            [
                "meta-llama/llama-3.1-70b-instruct",
                "openai/gpt-5-mini",
                "openrouter/auto"
            ]
        );
    }
    assert_eq!(requests(&double), 1);
}

#[test]
fn the_public_list_is_asked_for_without_a_key() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    sandbox.run(["models"]).assert_code(0);
    assert_eq!(double.request().header("authorization"), "");
    // And without one at all it works as well.
    Sandbox::with(&double)
        .without("OPENROUTER_API_KEY")
        .run(["models"])
        .assert_code(0);
}

#[test]
fn where_nothing_is_set_up_nothing_is_left_behind_but_by_a_sync() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double);
    sandbox.run(["models"]).assert_code(0);
    assert!(files_below(sandbox.home()).is_empty());
    sandbox.run(["models", "sync"]).assert_code(0);
    assert!(sandbox.home().join(".amx/amx.db").exists());
}

#[test]
fn the_table_has_features_and_prices() {
    let double = Double::start([]).also(routes::models());
    let outcome = Sandbox::with(&double).run(["models"]);
    let expected = "\
MODEL                              CONTEXT  $/M IN  $/M OUT  FEATURES
meta-llama/llama-3.1-70b-instruct     128k    0.4       0.4  tools logprobs
openai/gpt-5-mini                     400k    0.25      2    reasoning tools vision
openrouter/auto                          -  varies   varies
";
    outcome.assert_answer(expected);
}

#[test]
fn filters_and_orders_hold_together() {
    let double = Double::start([]).also(routes::listed(varied()));
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let listed =
        |arguments: &[&str]| ids(&sandbox.run(["models", "--json"].iter().chain(arguments)));
    assert_eq!(
        listed(&["--reasoning"]),
        [
            "acme/every-effort",
            "anthropic/claude-sonnet-4",
            "openai/gpt-5-nano"
        ]
    );
    assert_eq!(
        listed(&["--vision", "--max-price", "1"]),
        ["openai/gpt-5-nano"]
    );
    assert_eq!(listed(&["--logprobs", "--tools"]), ["acme/tiered"]);
    assert_eq!(listed(&["--free"]), ["acme/tiny:free"]);
    assert_eq!(
        listed(&["--author", "Anthropic"]),
        ["anthropic/claude-sonnet-4"]
    );
    assert_eq!(
        listed(&["--min-context", "400k", "--sort", "context"]),
        [
            "acme/tiered",
            "anthropic/claude-sonnet-4",
            "openai/gpt-5-nano"
        ]
    );
    assert_eq!(
        listed(&["--sort", "price", "-n", "3"]),
        ["acme/tiny:free", "acme/zero-priced", "openai/gpt-5-nano"]
    );
    assert_eq!(
        listed(&["--sort", "newest", "-n", "2"]),
        ["acme/tiered", "openai/gpt-5-nano"]
    );
    assert_eq!(listed(&["claude", "sonnet"]), ["anthropic/claude-sonnet-4"]);
    assert_eq!(listed(&["acme", "nano"]), Vec::<String>::new());
    sandbox
        .run(["models", "acme", "nano"])
        .assert_failure(1)
        .assert_stderr_has("none of the 11 models match");
    sandbox
        .run(["models", "-n", "2"])
        .assert_stderr_has("note: 2 of 11 matching models");
    for bad in [
        &["--max-price", "cheap"][..],
        &["--min-context", "big"],
        &["--sort", "beauty"],
        &["--max-price", "-1"],
    ] {
        sandbox.run(["models"].iter().chain(bad)).assert_failure(2);
    }
    assert_eq!(requests(&double), 1);
}

#[test]
fn json_has_null_for_unknown_values() {
    let double = Double::start([]).also(routes::listed(varied()));
    let sandbox = Sandbox::with(&double);
    let list = sandbox.run(["models", "--json"]).json();
    let of = |id: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|model| model["id"] == id)
            .unwrap()
            .clone()
    };
    let nano = of("openai/gpt-5-nano");
    assert_eq!(
        nano["price"],
        json!({"input": 0.05, "output": 0.4, "tiers": []})
    );
    let reasoning = json!({"mandatory": true, "default_enabled": null, "default_effort": "medium", "supported_efforts": ["high", "medium", "low", "minimal"]});
    assert_eq!(nano["reasoning"], reasoning);
    assert_eq!(
        [&nano["created"], &nano["author"], &nano["free"]],
        [
            &json!("2025-08-07T17:20:00Z"),
            &json!("openai"),
            &json!(false)
        ]
    );
    assert_eq!(
        of("anthropic/claude-sonnet-4")["reasoning"].get("supported_efforts"),
        None
    );
    assert_eq!(
        of("acme/every-effort")["reasoning"]["supported_efforts"],
        Value::Null
    );
    assert_eq!(
        of("acme/tiered")["price"]["tiers"][0],
        json!({"from_prompt_tokens": 200_000, "input": 2.5, "output": 15.0})
    );
    let bare = of("acme/bare");
    assert!(
        [
            "name",
            "created",
            "context_length",
            "price",
            "supported_parameters",
            "reasoning"
        ]
        .iter()
        .all(|field| bare[field].is_null()),
        "{bare}"
    );
    assert_eq!(
        [
            &of("openrouter/auto")["price"],
            &of("openrouter/auto")["price_varies"]
        ],
        [&Value::Null, &json!(true)]
    );
}

#[test]
fn a_day_old_catalogue_is_refreshed_and_shown_if_that_fails() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    sandbox.run(["models", "sync"]).assert_code(0);
    age(&sandbox, 23);
    sandbox.run(["models"]).assert_code(0);
    assert_eq!(requests(&double), 1);
    age(&sandbox, 2);
    sandbox
        .run(["models"])
        .assert_code(0)
        .assert_stderr_lacks("note: ");
    assert_eq!(requests(&double), 2);
    age(&sandbox, 72);
    let failing = Double::start([]).also(routes::models_refused(503));
    // The same server, out of order: its name in the store is its URL.
    let connection = rusqlite::Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    connection
        .execute("UPDATE catalogs SET server = ?", [failing.base_url()])
        .unwrap();
    let sandbox = sandbox.double(&failing);
    let outcome = sandbox.run(["models"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("note: the model catalogue is 3 days old and could not be refreshed: ")
        .assert_stderr_has("status 503");
    assert!(outcome.stdout().contains("openai/gpt-5-mini"), "{outcome}");
    // Who asks for the newest does not get the old.
    sandbox.run(["models", "sync"]).assert_failure(8);
}

#[test]
fn offline_the_cache_is_enough_and_without_one_it_is_a_failure_of_the_network() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    sandbox.run(["models", "sync"]).assert_code(0);
    let connection = rusqlite::Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    connection
        .execute("UPDATE catalogs SET server = ?", [NOWHERE])
        .unwrap();
    drop(connection);
    let sandbox = sandbox.env("OPENROUTER_BASE_URL", NOWHERE);
    sandbox
        .run(["models", "gpt-5"])
        .assert_code(0)
        .assert_stderr_lacks("note: ");
    sandbox
        .run(["models", "show", "openai/gpt-5-mini"])
        .assert_code(0)
        .assert_stderr_has("note: endpoints unavailable");
    age(&sandbox, 48);
    sandbox
        .run(["models", "gpt-5"])
        .assert_code(0)
        .assert_stderr_has(
            "note: the model catalogue is 2 days old and could not be refreshed: could not connect",
        );
    let empty = Sandbox::new().env("OPENROUTER_BASE_URL", NOWHERE);
    empty
        .run(["models"])
        .assert_failure(6)
        .assert_stderr_has("could not connect");
    empty.run(["models", "show", "a/b"]).assert_failure(6);
}

#[test]
fn a_store_that_cannot_be_used_does_not_hide_the_list() {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    fs::create_dir(sandbox.home().join(".amx/amx.db")).unwrap();
    let outcome = sandbox.run(["models"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("warning: the model catalogue could not be cached");
    assert!(outcome.stdout().contains("openrouter/auto"), "{outcome}");
    sandbox.run(["models", "sync"]).assert_failure(12);
}

#[test]
fn a_sync_reports_changes() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let gone = Double::start([]).also(routes::listed(vec![
        row("a/gone", &json!({})),
        row("a/stays", &json!({})),
        row("a/dear", &json!({})),
    ]));
    let sandbox = sandbox.double(&gone);
    sandbox.run(["models", "sync"]).assert_code(0);
    let dear = json!({"pricing": {"prompt": "0.000003", "completion": "0.000002"}, "context_length": 16_384});
    let next = Double::start([]).also(routes::listed(vec![
        row("a/stays", &json!({})),
        row("a/dear", &dear),
        row("openai/gpt-5-mini", &json!({})),
    ]));
    let rename = |server: &str| {
        let connection = rusqlite::Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
        connection
            .execute("UPDATE catalogs SET server = ?", [server])
            .unwrap();
    };
    rename(&next.base_url());
    let sandbox = sandbox.double(&next);
    let outcome = sandbox.run(["models", "sync"]);
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    let lines: Vec<&str> = stdout.lines().skip(2).collect();
    assert!(
        stdout
            .lines()
            .nth(1)
            .unwrap()
            .ends_with(": 1 added, 1 removed, 1 changed"),
        "{outcome}"
    );
    assert_eq!(
        lines,
        [
            "  + openai/gpt-5-mini",
            "  - a/gone",
            "  ~ a/dear: price $1/$2 → $3/$2; context 8192 → 16384"
        ]
    );
    let again = sandbox.run(["models", "sync", "--json"]).json();
    assert_eq!(
        [
            &again["added"],
            &again["removed"],
            &again["changed"],
            &again["models"]
        ],
        [&json!([]), &json!([]), &json!([]), &json!(3)]
    );
    sandbox
        .run(["models", "sync"])
        .assert_code(0)
        .assert_stderr_lacks("warning: ");
}

#[test]
fn deprecated_and_missing_models_of_profiles_cause_a_warning() {
    let retiring = json!({"expiration_date": "2099-01-31"});
    let double = Double::start([]).also(routes::listed(vec![
        row("a/ends", &retiring),
        row("a/ended", &json!({"expiration_date": "2020-01-31"})),
    ]));
    let config = "llm_profiles:\n  one: {model: a/ends}\n  two: {model: a/enfs, fallback_models: [a/ended]}\n  other: {provider: openai, model: a/ends}\nactive_llm_profile: one\n";
    let sandbox = Sandbox::with(&double).config(config);
    let outcome = sandbox.run(["models", "sync"]);
    outcome.assert_code(0).assert_stderr_has(
        "warning: profile 'one' uses a/ends, which will be removed on 2099-01-31",
    );
    outcome
        .assert_stderr_has("warning: profile 'two' uses a/ended, which was removed on 2020-01-31");
    outcome.assert_stderr_has(
        "warning: profile 'two' uses a/enfs, which is not in the catalogue; similar: a/ends",
    );
    outcome.assert_stderr_lacks("profile 'other'");
    let outcome = sandbox.run(["models"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("profile 'one' uses a/ends")
        .assert_stderr_lacks("a/enfs");
    let outcome = sandbox.run(["models", "--json"]);
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn a_model_is_shown_with_its_facts_and_who_serves_it() {
    let double = Double::start([])
        .also(routes::models())
        .also(routes::endpoints());
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["models", "show", "openai/gpt-5-mini"]);
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    let has = |text: &str| assert!(stdout.contains(text), "{text:?} is missing\n{outcome}");
    has(
        "reasoning     always on; efforts high, low, minimal; default medium; a reasoning model by its ID\n",
    );
    has("price         $0.25 input, $2 output per million tokens\n");
    has("max output    128,000 tokens\n");
    has("OpenAI        openai     -         400k    0.25        2  99.9 %   812 ms        71\n");
    has("Azure (down)  azure/fp8  fp8          -    0.25        2       -        -         -\n");
    let value = sandbox
        .run(["models", "show", "openai/gpt-5-mini", "--json"])
        .json();
    assert_eq!(
        [
            &value["endpoints"][0]["latency_ms"],
            &value["endpoints"][1]["up"],
            &value["id"]
        ],
        [&json!(812.0), &json!(false), &json!("openai/gpt-5-mini")]
    );
    // By its slug, and by a variant of it.
    sandbox
        .run(["models", "show", "openai/gpt-5-mini-2025-08-07"])
        .assert_code(0);
    sandbox
        .run(["models", "show", "openai/gpt-5-mini:nitro"])
        .assert_code(0)
        .assert_stderr_has("a variant of openai/gpt-5-mini");
    // Without a key less is reported.
    let value = sandbox
        .without("OPENROUTER_API_KEY")
        .run(["models", "show", "openai/gpt-5-mini", "--json"])
        .json();
    assert_eq!(
        [
            &value["endpoints"][0]["latency_ms"],
            &value["endpoints"][0]["uptime_percent"]
        ],
        [&Value::Null, &json!(99.87)]
    );
}

#[test]
fn an_unknown_id_suggests_the_nearest() {
    let double = Double::start([]).also(routes::listed(varied()));
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["models", "show", "antropic/claude-sonet-4"]);
    outcome
        .assert_failure(2)
        .assert_stderr_has("no model matches 'antropic/claude-sonet-4'")
        .assert_stderr_has("did you mean anthropic/claude-sonnet-4");
    sandbox
        .run(["models", "pick"])
        .assert_failure(2)
        .assert_stderr_has("models pick needs a terminal");
}

#[test]
fn the_demo_has_models_and_keeps_nothing() {
    let sandbox = Sandbox::new().config("");
    assert!(
        ids(&sandbox.run(["models", "-p", "demo", "--json", "--reasoning"]))
            .contains(&"demo/thinking".to_owned())
    );
    sandbox
        .run(["models", "show", "-p", "demo", "demo/scripted"])
        .assert_code(0);
    sandbox.run(["models", "sync", "-p", "demo"]).assert_code(0);
    assert!(!sandbox.home().join(".amx/amx.db").exists());
}

#[test]
fn lists_of_other_providers_are_read_and_kept_apart() {
    let list = vec![
        json!({"id": "qwen3", "object": "model", "created": 1, "owned_by": "me"}),
        json!({"id": "phi-4", "max_model_len": 16_384}),
    ];
    let double = Double::start([]).also(routes::listed(list));
    let config = format!(
        "llm_profiles:\n  box:\n    provider: local\n    model: qwen3\n    base_url: {}\n    api_key: {KEY}\n    headers: {{HTTP-Referer: x, X-OpenRouter-Title: x, X-Title: x}}\n",
        double.base_url()
    );
    let sandbox = Sandbox::new().config(config);
    let outcome = sandbox.run(["models"]);
    outcome.assert_code(0);
    assert_eq!(
        outcome.stdout(),
        "MODEL  CONTEXT  $/M IN  $/M OUT  FEATURES\nphi-4      16k       -        -\nqwen3        -       -        -\n"
    );
    assert_eq!(
        double.request().header("authorization"),
        format!("Bearer {KEY}")
    );
    sandbox.run(["models", "--tools"]).assert_failure(1);
    assert_eq!(requests(&double), 1);
}

#[test]
fn a_server_of_ones_own_has_dates_of_release_unless_it_invents_them() {
    for (dates, expected) in [
        (
            [1_700_000_000, 1_710_000_000],
            json!(["2023-11-14T22:13:20Z", "2024-03-09T16:00:00Z"]),
        ),
        // As LiteLLM writes it for every model.
        ([1_677_610_602, 1_677_610_602], json!([null, null])),
    ] {
        let models = std::iter::zip(["a", "b"], dates)
            .map(|(id, created)| json!({"id": id, "created": created}));
        let double = Double::start([]).also(routes::listed(models.collect()));
        let config = format!(
            "llm_profiles:\n  box: {{provider: local, model: a, base_url: '{}', api_key: {KEY}, \
            headers: {{HTTP-Referer: x, X-OpenRouter-Title: x, X-Title: x}}}}\n",
            double.base_url()
        );
        let listed = Sandbox::new()
            .config(config)
            .run(["models", "--json"])
            .json();
        let created: Vec<&Value> = (0..2).map(|index| &listed[index]["created"]).collect();
        assert_eq!(json!(created), expected);
    }
}

#[test]
fn what_is_no_list_is_an_error_and_does_not_replace_one() {
    let double = Double::start([]).also(routes::listed(Vec::new()));
    Sandbox::with(&double)
        .run(["models"])
        .assert_failure(1)
        .assert_stderr_has("lists no models");
    let page = Double::start([
        crate::support::reply::page(200, "text/html", "<html>").on("GET", "/api/v1/models")
    ]);
    Sandbox::with(&page)
        .run(["models"])
        .assert_failure(7)
        .assert_stderr_has("did not return a list of models");
    let error = Sandbox::new()
        .env("OPENROUTER_BASE_URL", NOWHERE)
        .run(["models", "--json"])
        .json_failure(6);
    assert!(
        error["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("curl")),
        "{error}"
    );
}

#[test]
fn hostile_names_are_shown_inert() {
    let hostile = json!({"name": "\u{1b}]52;c;owned\u{7}\u{9b}31m", "supported_parameters": ["max_tokens", "\u{1b}[2J"]});
    let double = Double::start([]).also(routes::listed(vec![
        row("a/b\u{202e}c", &hostile),
        row("a/ok", &hostile),
    ]));
    let sandbox = Sandbox::with(&double);
    for arguments in [
        &["models"][..],
        &["models", "--json"],
        &["models", "show", "a/ok"],
    ] {
        let outcome = sandbox.run(arguments);
        outcome.assert_code(0);
        assert!(
            !outcome
                .stdout()
                .contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{outcome}"
        );
    }
    double.take_faults();
}
