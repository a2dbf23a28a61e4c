//! Answers that keep to a schema: each way to ask for one, what is checked, and what happens when
//! it does not hold.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const PERSON: &str = "name, age int";
const ADA: &str = r#"{"name":"Ada","age":36}"#;
const BAD: &str = r#"{"name":"Ada","age":"thirty-six"}"#;

/// The identity headers that the double requires, for any provider.
const APP: &str = "headers: {HTTP-Referer: x, X-OpenRouter-Title: x, X-Title: x}";

/// A model without structured outputs, with tools.
const NO_SCHEMA: &str = "mistralai/mistral-nemo";
/// One that does neither.
const NEITHER: &str = "google/gemma-2-9b-it";

fn model(id: &str, parameters: &[&str]) -> Value {
    json!({"id": id, "context_length": 100_000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": parameters})
}

/// A double, and a sandbox with a catalogue of its models.
fn with_list(script: impl IntoIterator<Item = Reply>) -> (Double, Sandbox) {
    let list = vec![
        model("acme/able", &["max_tokens", "structured_outputs", "tools"]),
        model("acme/caller", &["max_tokens", "tools", "tool_choice"]),
        model("acme/plain", &["max_tokens"]),
    ];
    let double = Double::start(script).also(routes::listed(list));
    let sandbox = Sandbox::with(&double).config("{}");
    sandbox.run(["models", "sync"]).assert_code(0);
    (double, sandbox)
}

/// The bodies of the questions, without what else was asked.
fn bodies(double: &Double) -> Vec<Value> {
    double
        .requests()
        .iter()
        .filter(|recorded| recorded.request.path == reply::CHAT)
        .map(Recorded::json)
        .collect()
}

fn call(arguments: &str) -> Reply {
    let fragment = json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "answer", "arguments": arguments}});
    reply::stream([]).tool(fragment).finish("tool_calls")
}

fn asked(script: impl IntoIterator<Item = Reply>, arguments: &[&str]) -> (Double, Outcome) {
    let double = Double::start(script);
    let outcome = Sandbox::with(&double).run([&["chat", "-m", "a/b", "hi"], arguments].concat());
    (double, outcome)
}

#[test]
fn a_model_of_unknown_capabilities_gets_a_strict_schema() {
    for streams in [true, false] {
        let scripted = if streams {
            reply::stream(["{\"name\":\"Ada\",", "\"age\":36}"])
        } else {
            reply::whole(ADA)
        };
        let flags: &[&str] = if streams {
            &["--schema", PERSON]
        } else {
            &["--schema", PERSON, "--no-stream"]
        };
        let (double, outcome) = asked([scripted], flags);
        outcome.assert_answer(&format!("{ADA}\n"));
        let body = double.request().json();
        let schema = json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"], "additionalProperties": false});
        assert_eq!(
            body["response_format"],
            json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}})
        );
        assert_eq!(
            (&body["provider"], body.get("tools")),
            (&json!({"require_parameters": true}), None)
        );
    }
}

#[test]
fn fences_and_text_around_the_value_are_removed() {
    let (_double, outcome) = asked(
        [reply::stream([
            "Here it is:\n```json\n{\n  \"name\": \"A\u{9b}da\",",
            " \"age\": 36\n}\n```\n",
        ])],
        &["--schema", PERSON],
    );
    outcome.assert_answer("{\"name\":\"A\\u009bda\",\"age\":36}\n");
}

#[test]
fn a_looser_schema_is_not_strict_and_routing_is_unchanged() {
    let (double, outcome) = asked(
        [reply::stream(["{}"])],
        &[
            "--schema",
            r#"{"type":"object","title":"My Form"}"#,
            "-o",
            "provider.require_parameters=false",
        ],
    );
    outcome.assert_answer("{}\n");
    let body = double.request().json();
    assert_eq!(
        body["response_format"]["json_schema"],
        json!({"name": "My_Form", "strict": false, "schema": {"type": "object", "title": "My Form"}})
    );
    assert_eq!(body["provider"], json!({"require_parameters": false}));
}

#[test]
fn schema_many_returns_a_list() {
    let items = format!("{{\"items\":[{ADA},{ADA}]}}");
    let (double, outcome) = asked(
        [reply::stream([items.as_str()])],
        &["--schema-many", PERSON],
    );
    outcome.assert_answer(&format!("[{ADA},{ADA}]\n"));
    let sent = &double.request().json()["response_format"]["json_schema"];
    assert_eq!(
        (&sent["strict"], &sent["schema"]["required"]),
        (&json!(true), &json!(["items"]))
    );
    assert_eq!(
        sent["schema"]["properties"]["items"]["items"]["required"],
        json!(["name", "age"])
    );
}

#[test]
fn a_model_that_only_calls_tools_calls_one_with_the_answer() {
    let (double, sandbox) = with_list([call(ADA)]);
    sandbox
        .run(["chat", "-m", "acme/caller", "--schema", PERSON, "hi"])
        .assert_answer(&format!("{ADA}\n"));
    let body = &bodies(&double)[0];
    assert_eq!(
        body["tools"][0]["function"]["parameters"]["required"],
        json!(["name", "age"])
    );
    assert_eq!(
        body["tool_choice"],
        json!({"type": "function", "function": {"name": "answer"}})
    );
    assert_eq!(
        (body.get("response_format"), body.get("provider")),
        (None, None)
    );
}

#[test]
fn the_call_of_the_schema_tool_is_not_reported() {
    let (_double, sandbox) = with_list([call(ADA)]);
    let object = sandbox
        .run([
            "chat",
            "-m",
            "acme/caller",
            "--schema",
            PERSON,
            "--json",
            "hi",
        ])
        .json();
    assert_eq!(
        (&object["content"], &object["structured"]),
        (&json!(ADA), &json!({"name": "Ada", "age": 36}))
    );
    assert_eq!(
        (&object["finish_reason"], object.get("tool_calls")),
        (&json!("stop"), None)
    );
}

#[test]
fn without_tools_and_schemas_the_system_prompt_has_the_schema() {
    let (double, sandbox) = with_list([reply::stream([ADA])]);
    let outcome = sandbox.run([
        "chat",
        "-m",
        "acme/plain",
        "-s",
        "Be brief.",
        "--schema",
        PERSON,
        "hi",
    ]);
    outcome
        .assert_code(0)
        .assert_stdout(&format!("{ADA}\n"))
        .assert_stderr_has("note: acme/plain supports neither schemas nor tools");
    let body = &bodies(&double)[0];
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.starts_with("Be brief.\n\nAnswer with one JSON value")
            && system.contains("\"age\":{\"type\":\"integer\"}"),
        "{system}"
    );
    assert_eq!(
        (body.get("response_format"), body.get("tools")),
        (None, None)
    );
}

#[test]
fn a_provider_that_ignores_schemas_gets_a_tool() {
    let double = Double::start([call(ADA)]);
    let config = format!(
        "llm_profiles: {{a: {{provider: anthropic, model: claude/x, base_url: '{}', {APP}}}}}\n",
        double.base_url()
    );
    let sandbox = Sandbox::new()
        .config(config)
        .env("ANTHROPIC_API_KEY", crate::support::double::KEY);
    sandbox
        .run(["chat", "--schema", PERSON, "hi"])
        .assert_answer(&format!("{ADA}\n"));
    assert_eq!(
        double.request().json()["tools"][0]["function"]["strict"],
        true
    );
}

#[test]
fn a_bad_answer_is_repaired_once_and_both_requests_are_billed() {
    let script = [
        reply::stream([BAD]).usage(11, 7, 0, 0.25),
        reply::stream([ADA]).usage(40, 9, 0, 0.5),
    ];
    let (double, outcome) = asked(script, &["--schema", PERSON]);
    outcome.assert_code(0).assert_stdout(&format!("{ADA}\n"));
    outcome.assert_stderr_has(
        "note: the answer does not match the schema (/age: \"thirty-six\" \
        is not of type \"integer\"); retrying once",
    );
    let again = &double.requests()[1].json()["messages"];
    let roles: Vec<&str> = again
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|message| message["role"].as_str())
        .collect();
    assert_eq!(
        (roles, &again[1]["content"]),
        (vec!["user", "assistant", "user"], &json!(BAD))
    );
    let complaint = again[2]["content"].as_str().unwrap();
    assert!(
        complaint.contains("- /age: \"thirty-six\" is not of type")
            && complaint.contains("\"additionalProperties\":false"),
        "{complaint}"
    );
}

#[test]
fn usage_cost_and_ledger_include_both_requests() {
    let double = Double::start([
        reply::stream([BAD]).usage(11, 7, 0, 0.25),
        reply::stream([ADA]).usage(40, 9, 0, 0.5),
    ]);
    let sandbox = Sandbox::with(&double).config("{}");
    let object = sandbox
        .run(["chat", "-m", "a/b", "--schema", PERSON, "--json", "hi"])
        .json();
    assert_eq!(
        (
            &object["cost_usd"],
            &object["cost_source"],
            &object["usage"]["total_tokens"]
        ),
        (&json!(0.75), &json!("provider"), &json!(67))
    );
    assert_eq!(object["attempts"].as_array().map(Vec::len), Some(2));
    let usage = sandbox.run(["usage", "--json"]).json();
    assert!(usage.to_string().contains("0.75"), "{usage}");
    let shown = sandbox.run(["sessions", "list", "--json"]).json();
    assert!(shown.to_string().contains("hi"), "{shown}");
}

#[test]
fn an_answer_that_stays_bad_is_exit_10_with_nothing_on_stdout() {
    let (_double, outcome) = asked(
        [reply::stream([BAD]), reply::stream(["I cannot."])],
        &["--schema", PERSON],
    );
    outcome
        .assert_failure(10)
        .assert_stdout("")
        .assert_stderr_has("(retried once)")
        .assert_stderr_has("it is not JSON");
    outcome.assert_stderr_has("note: the answer: I cannot.");
}

#[test]
fn a_bad_answer_for_a_program_is_one_object_and_an_error() {
    let (_double, outcome) = asked(
        [reply::stream([BAD]), reply::stream([BAD])],
        &["--schema", PERSON, "--json"],
    );
    let error = outcome.json_failure(10);
    assert!(
        error["caused_by"].as_str().unwrap().starts_with("/age: "),
        "{error}"
    );
    let object = outcome.json();
    assert_eq!(
        (
            &object["content"],
            &object["incomplete"],
            object.get("structured")
        ),
        (&json!(BAD), &json!(true), None)
    );
}

#[test]
fn jsonl_has_the_value_when_it_is_valid() {
    let (_double, outcome) = asked(
        [reply::stream([BAD]), reply::stream([ADA])],
        &["--schema", PERSON, "--jsonl"],
    );
    let lines = outcome.assert_code(0).json_lines();
    let texts: Vec<&Value> = lines
        .iter()
        .filter(|line| line["type"] == "text")
        .map(|line| &line["text"])
        .collect();
    assert_eq!(texts, [&json!(ADA)]);
    assert_eq!(
        lines.iter().filter(|line| line["type"] == "retry").count(),
        1,
        "{outcome}"
    );
    assert_eq!(
        lines
            .last()
            .map(|line| (&line["type"], &line["structured"]["age"])),
        Some((&json!("end"), &json!(36)))
    );
}

#[test]
fn an_answer_incomplete_at_max_tokens_is_not_requested_again() {
    let (_double, outcome) = asked(
        [reply::stream(["{\"name\":\"Ad"]).finish("length")],
        &["--schema", PERSON, "--max-tokens", "5"],
    );
    outcome
        .assert_failure(10)
        .assert_stdout("")
        .assert_stderr_has("the limit of 5 tokens")
        .assert_stderr_has("hint: raise it with --max-tokens");
}

#[test]
fn a_filtered_answer_and_an_interrupted_stream_keep_their_codes() {
    let (_double, outcome) = asked(
        [reply::stream([""]).finish("content_filter")],
        &["--schema", PERSON],
    );
    outcome.assert_failure(10).assert_stdout("");
    let (_double, outcome) = asked(
        [reply::stream(["{\"name\":", "\"Ada\""]).cut_after(1)],
        &["--schema", PERSON],
    );
    outcome.assert_failure(9).assert_stdout("");
    let (_double, outcome) = asked(
        [
            reply::stream([BAD]),
            reply::refusal(402, "Insufficient credits. Add more"),
        ],
        &["--schema", PERSON],
    );
    outcome
        .assert_failure(7)
        .assert_stdout("")
        .assert_stderr_has("no credits");
}

#[test]
fn a_refused_form_steps_down_to_a_tool_and_then_to_the_prompt() {
    let double = Double::start([reply::refused_by_rule(), call(ADA)]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", NO_SCHEMA, "--schema", PERSON, "hi"]);
    outcome.assert_code(0).assert_stdout(&format!("{ADA}\n"));
    outcome
        .assert_stderr_has("does not support response_format (No endpoints found")
        .assert_stderr_has("retrying with a tool call");
    let second = double.requests()[1].json();
    assert_eq!(
        (
            second.get("response_format"),
            second.get("provider"),
            second["tools"].is_array()
        ),
        (None, None, true)
    );
    let double = Double::start([
        reply::refused_by_rule(),
        reply::refused_by_rule(),
        reply::stream([ADA]),
    ]);
    let outcome =
        Sandbox::with(&double).run(["chat", "-m", NEITHER, "--schema", PERSON, "--json", "hi"]);
    let object = outcome.json();
    let statuses: Vec<&Value> = object["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["status"])
        .collect();
    assert_eq!(
        (statuses, &object["structured"]["name"]),
        (vec![&json!(404), &json!(404), &json!("ok")], &json!("Ada"))
    );
    assert_eq!(
        (&object["cost_usd"], &object["requested_model"]),
        (&json!(0.00042), &json!(NEITHER))
    );
}

#[test]
fn other_refusals_are_final() {
    let (_double, outcome) = asked(
        [reply::refusal(400, "temperature: Invalid input")],
        &["--schema", PERSON],
    );
    outcome.assert_failure(7);
    let (_double, outcome) = asked(
        [reply::refusal(
            404,
            "No endpoints found matching your data policy",
        )],
        &["--schema", PERSON],
    );
    outcome.assert_failure(7);
}

#[test]
fn a_cap_covers_the_repair() {
    let double = Double::start([reply::stream([BAD]).usage(500, 900, 0, 0.0009)]);
    let config = "llm_profiles: {a: {model: a/b, price: {input: 0, output: 1}}}\n";
    let arguments = [
        "chat",
        "--schema",
        PERSON,
        "--max-tokens",
        "1000",
        "--max-cost",
        "0.0015",
        "hi",
    ];
    let outcome = Sandbox::with(&double).config(config).run(arguments);
    outcome
        .assert_failure(14)
        .assert_stdout("")
        .assert_stderr_has("could cost $0.001, more than the $0.0006")
        .assert_stderr_has("/age");
    let double = Double::start([
        reply::stream([BAD]).usage(500, 100, 0, 0.0001),
        reply::stream([ADA]),
    ]);
    Sandbox::with(&double)
        .config(config)
        .run(arguments)
        .assert_code(0)
        .assert_stdout(&format!("{ADA}\n"));
}

#[test]
fn a_cap_counts_the_schema_as_a_part_of_the_prompt() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles: {a: {model: a/b, price: {input: 1, output: 0}}}\n");
    sandbox
        .run(["chat", "--max-cost", "0.0001", "hi"])
        .assert_answer("Hello\n");
    sandbox
        .run(["chat", "--max-cost", "0.0001", "--schema", PERSON, "hi"])
        .assert_failure(14);
}

#[test]
fn a_daily_cap_reserves_the_repair() {
    let double = Double::start([
        reply::stream([BAD]).usage(500, 900, 0, 0.0009),
        reply::stream([ADA]),
    ]);
    let config = "llm_profiles: {a: {model: a/b, price: {input: 0, output: 1}, max_cost: {per_day: 0.01}}}\n";
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run(["chat", "--schema", PERSON, "--max-tokens", "1000", "hi"])
        .assert_code(0)
        .assert_stdout(&format!("{ADA}\n"));
}

#[test]
fn the_time_limit_counts_for_all_requests_together() {
    // Two seconds of three are gone when the second response asks for two more.
    let busy = || reply::refusal(503, "busy").header("retry-after", "2");
    let double = Double::start([busy(), reply::stream([BAD]), busy()]);
    let outcome = Sandbox::with(&double).run([
        "chat",
        "-m",
        "a/b",
        "--schema",
        PERSON,
        "--timeout",
        "3s",
        "hi",
    ]);
    outcome.assert_failure(8).assert_stdout("");
}

#[test]
fn a_fallback_profile_uses_its_own_form() {
    let double = Double::start([call(ADA)]);
    let config = format!(
        "llm_profiles: {{first: {{provider: local, model: x, base_url: 'http://127.0.0.1:9/v1', fallback_profiles: [second]}}, second: {{provider: deepseek, model: a/b, base_url: '{}', {APP}}}}}\nactive_llm_profile: first\n",
        double.base_url()
    );
    let sandbox = Sandbox::new()
        .config(config)
        .env("DEEPSEEK_API_KEY", crate::support::double::KEY);
    let outcome = sandbox.run(["chat", "--schema", PERSON, "hi"]);
    outcome.assert_code(0).assert_stdout(&format!("{ADA}\n"));
    assert!(double.request().json()["tools"].is_array());
}

#[test]
fn a_dry_run_shows_the_exact_body() {
    let double = Double::start([]);
    let body = Sandbox::with(&double)
        .run([
            "chat",
            "-m",
            "a/b",
            "--schema-many",
            "name str",
            "--dry-run",
            "hi",
        ])
        .json();
    assert_eq!(
        body["response_format"]["json_schema"]["schema"]["properties"]["items"]["items"]["properties"]
            ["name"]["type"],
        "string"
    );
    assert_eq!(body["provider"]["require_parameters"], true);
}

#[test]
fn a_schema_that_cannot_be_used_is_exit_5_and_nothing_is_sent() {
    for (text, named) in [
        (
            "missing.json",
            "no file or saved schema named 'missing.json'",
        ),
        ("bad.json", "line 1 column"),
        ("no.yaml", "is not YAML"),
        ("age years", "has the unknown type 'years'"),
        (
            r#"{"type":"object","properties":{"a":{"type":"strin"}}}"#,
            "at /properties/a/type",
        ),
        (
            r#"{"properties":{"a":{"$ref":"https://example.com/x.json"}}}"#,
            "at /properties/a/$ref: 'https://example.com/x.json' is outside",
        ),
        ("{\"a\":", "the value is not JSON"),
        ("schemas", "cannot be read as a schema"),
    ] {
        let double = Double::start([]);
        let sandbox = Sandbox::with(&double)
            .file("bad.json", "{]")
            .file("no.yaml", "a: [")
            .config("{}")
            .open_stdin();
        std::fs::create_dir(sandbox.home().join("schemas")).unwrap();
        sandbox
            .run(["chat", "-m", "a/b", "--schema", text, "hi"])
            .assert_failure(5)
            .assert_stdout("")
            .assert_stderr_has(named);
        assert_eq!(double.requests().len(), 0);
    }
}

#[test]
fn an_empty_schema_is_an_error() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config("llm_profiles: {p: {model: a/b, schema: ''}}\n");
    for flag in ["--schema", "--schema-many"] {
        sandbox
            .run(["chat", flag, "", "hi"])
            .assert_failure(2)
            .assert_stdout("")
            .assert_stderr_has(&format!("{flag} is empty"));
    }
    sandbox
        .run(["chat", "hi"])
        .assert_failure(2)
        .assert_stderr_has("schema of config.yml, profile 'p' is empty");
    assert_eq!(double.requests().len(), 0);
}

#[test]
fn a_schema_flag_overrides_the_conversation() {
    let double = Double::start([reply::stream(["{}"]), reply::stream([ADA])]);
    let sandbox = Sandbox::with(&double).config("{}");
    sandbox
        .run([
            "chat",
            "-m",
            "a/b",
            "--session",
            "s",
            "-o",
            r#"response_format={"type":"json_object"}"#,
            "hi",
        ])
        .assert_code(0);
    sandbox
        .run(["chat", "--session", "s", "--schema", PERSON, "hi"])
        .assert_answer(&format!("{ADA}\n"));
    assert_eq!(
        double.requests()[1].json()["response_format"]["type"],
        "json_schema"
    );
}

#[test]
fn files_and_saved_names_are_found_and_the_profile_may_name_one() {
    let schema = r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}"#;
    let double = Double::start((0..4).map(|_| reply::stream(["{\"name\":\"x\"}"])));
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles: {p: {model: a/b, schema: forms/dog.yaml}}\n")
        .file("cat.json", schema);
    for folder in [".amx/schemas", ".amx/forms"] {
        std::fs::create_dir(sandbox.home().join(folder)).unwrap();
    }
    let sandbox = sandbox.file(".amx/schemas/bird.json", schema).file(
        ".amx/forms/dog.yaml",
        "type: object\nproperties: {name: {type: string}}\n",
    );
    for (flags, name, strict) in [
        (&["--schema", "cat.json"][..], "cat", true),
        (&["--schema", "bird"], "bird", true),
        (&[], "dog", false),
    ] {
        sandbox
            .run([&["chat", "hi"], flags].concat())
            .assert_answer("{\"name\":\"x\"}\n");
        let sent =
            double.requests().last().unwrap().json()["response_format"]["json_schema"].clone();
        assert_eq!(
            (&sent["name"], &sent["strict"]),
            (&json!(name), &json!(strict))
        );
    }
    sandbox
        .run(["chat", "--schema", "off", "hi"])
        .assert_answer("{\"name\":\"x\"}\n");
    assert!(
        double
            .requests()
            .last()
            .unwrap()
            .json()
            .get("response_format")
            .is_none()
    );
    sandbox
        .run(["config", "explain", "schema"])
        .assert_code(0)
        .assert_stdout("schema = forms/dog.yaml\n  from config.yml, profile 'p'\n");
}

#[test]
fn response_format_is_sent_unchanged_and_conflicts_with_a_schema() {
    let (double, outcome) = asked(
        [reply::stream(["no JSON"])],
        &["-o", r#"response_format={"type":"json_object"}"#],
    );
    outcome.assert_answer("no JSON\n");
    assert_eq!(
        double.request().json()["response_format"],
        json!({"type": "json_object"})
    );
    let (_double, outcome) = asked([], &["--schema", PERSON, "-o", "tools=[]"]);
    outcome
        .assert_failure(2)
        .assert_stderr_has("--schema cannot be combined with -o tools");
    let (_double, outcome) = asked([], &["--schema", PERSON, "--schema-many", PERSON]);
    outcome.assert_code(2);
}

#[test]
fn a_signal_before_the_repair_ends_the_answer() {
    let double = Double::start([reply::stream([BAD]), reply::silence()]);
    let sandbox = Sandbox::with(&double);
    let running = sandbox.spawn(["chat", "-m", "a/b", "--schema", PERSON, "hi"]);
    double.wait_for_requests(2);
    running.signal("INT");
    running.wait().assert_code(130).assert_stdout("");
}

#[test]
fn the_demo_supports_structured_answers() {
    let outcome = Sandbox::new().run([
        "chat",
        "-p",
        "demo",
        "--schema-many",
        "name, age int, tags[]",
        "hi",
    ]);
    outcome.assert_answer("[{\"name\":\"scripted\",\"age\":1,\"tags\":[\"scripted\"]}]\n");
}
