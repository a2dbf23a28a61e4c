//! Merge keys of YAML in config.yml: a profile is what it merges, and edits keep the file working.

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Files whose profile `p` has its server from a merged mapping; `{url}` is that of the double.
const MERGED: &[&str] = &[
    "common: &common {provider: openrouter, base_url: '{url}'}\nllm_profiles:\n  p: {<<: *common, model: a/m}\n",
    "common: &common\n  provider: openrouter\n  base_url: '{url}'\nllm_profiles:\n  p:\n    <<: *common\n    model: a/m\n",
    "a: &a {provider: openrouter}\nb: &b {base_url: '{url}', provider: openai}\nllm_profiles:\n  p:\n    <<: [*a, *b]\n    model: a/m\n",
    "a: &a {base_url: '{url}', model: a/x}\nb: &b {<<: *a, provider: openrouter}\nllm_profiles:\n  p: {<<: *b, model: a/m}\n",
    "llm_profiles:\n  q: &q {provider: openrouter, base_url: '{url}', model: a/x}\n  p: {<<: *q, model: a/m}\nactive_llm_profile: p\n",
    "llm_profiles:\n  q: &q {provider: openrouter, base_url: '{url}', model: a/m}\n  p: *q\nactive_llm_profile: p\n",
    "c: &c {llm_profiles: {p: {provider: openrouter, base_url: '{url}', model: a/m}}}\n<<: *c\n",
];

#[test]
fn a_profile_asks_the_server_that_it_merges() {
    for text in MERGED {
        let double = Double::start([reply::stream(["Hello"])]);
        let sandbox = Sandbox::new()
            .config(text.replace("{url}", &double.base_url()))
            .env("AMX_LLM_API_KEY", KEY);
        let outcome = sandbox.run(["chat", "hi"]);
        outcome.assert_code(0).assert_stdout("Hello\n");
        assert_eq!(outcome.stderr(), "", "{text}\n{outcome}");
        assert_eq!(double.request().json()["model"], json!("a/m"), "{text}");
    }
}

#[test]
fn settings_of_a_profile_win_over_those_it_merges() {
    let sandbox = Sandbox::new().config(
        "c: &c {provider: openrouter, model: a/b, temperature: 0.1, api_key: 'file:/k'}\n\
        llm_profiles:\n  p: {<<: *c, temperature: 0.7}\n",
    );
    for (setting, value) in [
        ("temperature", "0.7"),
        ("model", "a/b"),
        ("api_key", "file:/k"),
    ] {
        let outcome = sandbox.run(["config", "explain", setting]);
        outcome.assert_code(0);
        let first = format!("{setting} = {value}\n");
        assert!(outcome.stdout().starts_with(&first), "{outcome}");
    }
}

#[test]
fn edits_keep_what_is_merged() {
    let text = "common: &common {provider: local, base_url: 'http://127.0.0.1:9/v1'} # mine\n\
        llm_profiles:\n  p: {<<: *common, model: m}\n  q:\n    <<: *common\n    model: other\n";
    let sandbox = Sandbox::new().config(text);
    sandbox.run(["profiles", "use", "q"]).assert_code(0);
    sandbox.run(["profiles", "rename", "q", "r"]).assert_code(0);
    sandbox
        .run(["profiles", "remove", "p", "--yes"])
        .assert_code(0);
    sandbox
        .run(["config", "explain", "base_url"])
        .assert_code(0);
    let written = std::fs::read_to_string(sandbox.home().join(".amx/config.yml")).unwrap();
    assert_eq!(
        written,
        "common: &common {provider: local, base_url: 'http://127.0.0.1:9/v1'} # mine\n\
        llm_profiles:\n  r:\n    <<: *common\n    model: other\nactive_llm_profile: r\n"
    );
}

#[test]
fn a_tag_behind_the_name_of_a_profile_is_part_of_the_model() {
    for (name, written, sent) in [
        ("qwen3.6", "qwen3.6:35b", "qwen3.6:35b"),
        ("qwen3.6", "qwen3.6:latest", "qwen3.6:latest"),
        ("kimi-k2", "kimi-k2:1t-cloud", "kimi-k2:1t-cloud"),
        ("gemma", "gemma:e4b-it-q4_K_M", "gemma:e4b-it-q4_K_M"),
        ("work", "work:llama3.2:3b", "llama3.2:3b"),
        ("work", "work:llama3", "llama3"),
    ] {
        let config = format!(
            "llm_profiles:\n  {name}: {{provider: ollama, model: m}}\n  z: {{model: a/b}}\n\
            active_llm_profile: z\n"
        );
        let sandbox = Sandbox::new().config(config);
        let outcome = sandbox.run(["chat", "--dry-run", "-m", written, "hi"]);
        outcome.assert_code(0);
        assert_eq!(outcome.json()["model"], json!(sent), "{written}");
        let outcome = sandbox.run(["config", "explain", "profile", "-m", written]);
        assert!(
            outcome.stdout().starts_with(&format!("profile = {name}\n")),
            "{outcome}"
        );
    }
}
