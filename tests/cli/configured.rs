//! What a user's configuration does to a request: the documented block, variables in strings, keys,
//! and where the file is looked for.

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// The block of the documentation, unchanged.
const DOCUMENTED: &str = "\
llm_profiles:
  or-claude:
    provider: openrouter
    model: anthropic/claude-sonnet-4
    api_key: keyring://amx/or-claude/api_key
    temperature: 0.2
    max_tokens: 4096
    n_alternatives: 3
active_llm_profile: or-claude
";

fn hello() -> Double {
    Double::start([reply::stream(["Hello"])])
}

#[test]
fn the_documented_block_loads_as_it_stands() {
    let double = hello();
    Sandbox::with(&double)
        .config(DOCUMENTED)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let body = double.request().json();
    assert_eq!(
        [&body["model"], &body["temperature"]],
        [&"anthropic/claude-sonnet-4".into(), &serde_json::json!(0.2)]
    );
}

#[test]
fn what_a_question_would_refuse_is_found_by_validate() {
    let alias = |replacement: &str| {
        format!(
            "llm_profiles:\n  work: {{model: a/b}}\n  own: {{provider: openai, model: gpt-5}}\n\
             model_aliases:\n- {{pattern: fast, replacement: '{replacement}'}}\n"
        )
    };
    let profile = |fields: &str| format!("llm_profiles:\n  work:\n    model: a/b\n    {fields}\n");
    for (config, says) in [
        (
            alias("openrouter:"),
            ":5:32: model_aliases[0]: 'fast': no model ID after 'openrouter:'",
        ),
        (
            alias("a/b?temperatur=1"),
            ":5:32: model_aliases[0]: 'fast': model_aliases fast → a/b?temperatur=1:",
        ),
        (
            alias("openai:x,openai:y"),
            ":5:32: model_aliases[0]: 'fast': provider openai does not support a list",
        ),
        (
            alias("own:x,work:y"),
            ":5:32: model_aliases[0]: 'fast': 'work:' is not provider openai",
        ),
        (
            alias("other'}\n- {pattern: other, replacement: 'fast"),
            ":5:32: model_aliases[0]: 'fast': model_aliases are circular: fast → other → fast",
        ),
        (
            profile("fallback_models: ['openrouter:']"),
            ":4:22: llm_profiles.work.fallback_models: no model ID after 'openrouter:'",
        ),
        (
            profile("rerank_model: 'openai:'"),
            ":4:19: llm_profiles.work.rerank_model: 'openai:': no model ID after 'openai:'",
        ),
        (
            profile("schema: missing.json"),
            ":4: schema of profile 'work': no file or saved schema named 'missing.json'",
        ),
    ] {
        let outcome = Sandbox::new().config(&config).run(["config", "validate"]);
        outcome.assert_code(3).assert_mentions(says);
    }
    // `own` can answer the first. What the second leads to is not known without a name. No request
    // of `own` has the third.
    let valid = alias("x") + "- {pattern: '(.+)-x', replacement: '$1?bad'}\n";
    let valid = valid.replace("gpt-5}", "gpt-5, rerank_model: x}");
    Sandbox::new()
        .config(valid)
        .run(["config", "validate"])
        .assert_code(0);
}

#[test]
fn unknown_top_level_settings_are_preserved_silently() {
    let double = hello();
    let config = format!("workspace: {{theme: dark}}\nproviders: [a, b]\n{DOCUMENTED}");
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn variables_in_strings_are_replaced_once() {
    let double = hello();
    let config = "llm_profiles:\n  p:\n    model: a/b\n    system: \"${TEAM} and $${TEAM}\"\n    headers: {X-Session-Id: \"s-${TEAM}\"}\n";
    Sandbox::with(&double)
        .config(config)
        .env("TEAM", "red ${HOME}")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let request = double.request();
    assert_eq!(
        request.json()["messages"][0]["content"],
        "red ${HOME} and ${TEAM}"
    );
    assert_eq!(request.header("x-session-id"), "s-red ${HOME}");
}

#[test]
fn the_key_in_the_environment_overrides_the_one_in_the_profile() {
    let double = hello();
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'file:/nonexistent'}}\n",
        double.base_url()
    );
    Sandbox::new()
        .config(config)
        .env("OPENROUTER_API_KEY", KEY)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn the_general_key_is_used_when_the_providers_own_is_unset() {
    let double = hello();
    let sandbox = Sandbox::with(&double)
        .env("OPENROUTER_API_KEY", "")
        .env("AMX_LLM_API_KEY", KEY);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let double = hello();
    Sandbox::with(&double)
        .env("AMX_LLM_API_KEY", "sk-or-v1-other")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_key_comes_from_a_file_a_variable_or_a_command() {
    for reference in ["file:~/key", "${TEAM_KEY}", "cmd:cat key"] {
        let double = hello();
        let config = format!(
            "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: '{reference}'}}\n",
            double.base_url()
        );
        let sandbox = Sandbox::new()
            .file("key", format!("{KEY}\n"))
            .env("TEAM_KEY", KEY)
            .config(config);
        sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    }
}

#[test]
fn another_folder_may_hold_the_configuration() {
    let double = hello();
    let sandbox = Sandbox::with(&double).config("llm_profiles: [broken\n");
    std::fs::create_dir(sandbox.home().join("other")).unwrap();
    let folder = sandbox.home().join("other");
    let sandbox = sandbox
        .file(
            "other/config.yml",
            "llm_profiles:\n  p: {model: other/model}\n",
        )
        .env("AMX_CONFIG_DIR", folder);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert_eq!(double.request().json()["model"], "other/model");
}

#[test]
fn another_provider_gets_none_of_the_headers_of_openrouter_and_no_foreign_key() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || read_head_and_answer(&listener));
    let config = format!(
        "llm_profiles:\n  p: {{provider: local, model: llama, base_url: 'http://{address}/v1'}}\n"
    );
    Sandbox::new()
        .env("OPENROUTER_API_KEY", KEY)
        .config(config)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let head = server.join().unwrap().to_lowercase();
    assert!(head.starts_with("post /v1/chat/completions "), "{head}");
    assert!(
        !head.contains("authorization") && !head.contains("x-openrouter"),
        "{head}"
    );
}

/// Answers one request and gives its head.
fn read_head_and_answer(listener: &std::net::TcpListener) -> String {
    use std::io::{Read, Write};
    let (mut connection, _) = listener.accept().unwrap();
    let mut received = Vec::new();
    let mut piece = [0; 4096];
    // The question is the last thing in the body.
    while !String::from_utf8_lossy(&received).contains("\"hi\"") {
        let read = connection.read(&mut piece).unwrap();
        received.extend_from_slice(&piece[..read]);
    }
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection
        .write_all(format!("{head}{body}").as_bytes())
        .unwrap();
    String::from_utf8_lossy(&received)
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Fields of the body that the profile sets by OpenRouter's own names and that amx has a setting
/// for.
const OWN_NAMES: &str = "llm_profiles:\n  p:\n    model: openai/o3\n    price: {input: 1, output: 100}\n    openrouter: ";

#[test]
fn flags_override_body_fields_of_the_profile() {
    let double = hello();
    let config = format!(
        "{OWN_NAMES}{{temperature: 1, max_tokens: 40000, reasoning: {{effort: high, exclude: true}}}}\n"
    );
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run([
            "chat",
            "-t",
            "0.5",
            "--max-tokens",
            "50000",
            "--reasoning-effort",
            "low",
            "hi",
        ])
        .assert_answer("Hello\n");
    let body = double.request().json();
    assert_eq!(
        [&body["temperature"], &body["max_tokens"]],
        [&serde_json::json!(0.5), &serde_json::json!(50000)]
    );
    assert_eq!(
        body["reasoning"],
        serde_json::json!({"effort": "low", "exclude": true})
    );
}

#[test]
fn the_environment_overrides_body_fields_of_the_profile() {
    let double = hello();
    let config = format!("{OWN_NAMES}{{reasoning: {{effort: high}}}}\n");
    Sandbox::with(&double)
        .config(config)
        .env("AMX_REASONING_EFFORT", "minimal")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    assert_eq!(double.request().json()["reasoning"]["effort"], "minimal");
}

#[test]
fn an_effort_is_sent_in_one_field_only() {
    let double = hello();
    let config = format!("{OWN_NAMES}{{reasoning_effort: high}}\n");
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "--reasoning-effort", "low", "hi"])
        .assert_answer("Hello\n");
    let body = double.request().json();
    assert_eq!(
        [
            body.get("reasoning_effort"),
            body["reasoning"].get("effort")
        ],
        [None, Some(&"low".into())]
    );
}

#[test]
fn body_fields_bypass_neither_the_floor_nor_the_cap() {
    for field in ["max_tokens", "max_completion_tokens"] {
        let double = hello();
        let sandbox = Sandbox::with(&double).config(format!("{OWN_NAMES}{{{field}: 5}}\n"));
        sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
        let body = double.request().json();
        let sent: Vec<u64> = ["max_tokens", "max_completion_tokens"]
            .iter()
            .filter_map(|name| body[*name].as_u64())
            .collect();
        assert_eq!(sent, [32768], "{body}");
        let idle = Double::start([]);
        let sandbox = Sandbox::with(&idle).config(format!("{OWN_NAMES}{{{field}: 1000000}}\n"));
        sandbox
            .run(["chat", "--max-cost", "5", "hi"])
            .assert_failure(14);
    }
}
