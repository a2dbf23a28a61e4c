//! Profiles that change their provider, get another name or go away: no prompt and no key reaches
//! another server than before.

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// A key in a file, which the harness does not look for.
const OWN_KEY: &str = "sk-or-v1-a-key-in-a-file";

const SERVER: &str = "http://127.0.0.1:9/v1";

fn written(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".amx/config.yml")).unwrap()
}

fn assert_shows(sandbox: &Sandbox, arguments: &[&str], text: &str) -> Outcome {
    let outcome = sandbox.run(arguments);
    outcome.assert_code(0);
    assert!(outcome.stdout().contains(text), "{text}: {outcome}");
    outcome
}

fn to_anthropic(sandbox: &Sandbox, flags: &[&str]) -> Outcome {
    let change = [
        "add-llm-profile",
        "a",
        "--no-input",
        "--provider",
        "anthropic",
    ];
    sandbox.run([&change[..], &["--model", "m"], flags].concat())
}

#[test]
fn a_new_provider_keeps_the_server_and_the_key_that_are_given_again() {
    let sandbox = Sandbox::new().config(format!(
        "llm_profiles:\n  a: {{provider: openai, base_url: '{SERVER}', api_key: '${{NEWKEY}}'}}\n"
    ));
    let flags = ["--base-url", SERVER, "--api-key-ref", "${NEWKEY}"];
    to_anthropic(&sandbox, &flags).assert_code(0);
    let text = written(&sandbox);
    assert!(
        text.contains(SERVER) && text.contains("${NEWKEY}"),
        "{text}"
    );
    assert_shows(
        &sandbox.env("NEWKEY", KEY),
        &["config", "explain", "base_url"],
        SERVER,
    );
}

#[test]
fn what_belongs_to_the_old_provider_goes_with_it() {
    let own = "base_url: 'http://127.0.0.1:9/v1', api_key: '${OLDKEY}', headers: {X-Team: core}, \
        price: {input: 1, output: 2}, context_window: 8192, fallback_models: [x], \
        openrouter: {route: fallback}, allow_insecure: true";
    for text in [
        format!("llm_profiles:\n  a: {{provider: openai, {own}, temperature: 0.3}}\n"),
        format!(
            "base: &base {{provider: openai, {own}}}\nllm_profiles:\n  a:\n    <<: *base\n    \
            temperature: 0.3\n"
        ),
    ] {
        let sandbox = Sandbox::new().config(&text).env("ANTHROPIC_API_KEY", KEY);
        to_anthropic(&sandbox, &[]).assert_code(0);
        let outcome = sandbox.run(["config", "explain"]);
        outcome.assert_code(0);
        let shown = outcome.stdout();
        let rest = written(&sandbox);
        for foreign in [
            "127.0.0.1",
            "X-Team",
            "price.input",
            "8192",
            "body.route",
            "OLDKEY",
        ] {
            assert!(!shown.contains(foreign), "{foreign}: {outcome}\n{rest}");
        }
        assert!(shown.contains("temperature = 0.3"), "{outcome}");
    }
}

#[test]
fn a_key_is_not_sent_in_plain_text_to_a_server_that_a_variable_names() {
    let sandbox = Sandbox::new()
        .config("llm_profiles:\n  a: {provider: local, base_url: '${SERVER}', model: m}\n")
        .env("SERVER", "http://192.0.2.1:9/v1")
        .stdin(KEY);
    let flags = [
        "--no-input",
        "--api-key-stdin",
        "--api-key-ref",
        "file:/nowhere/key",
    ];
    sandbox
        .run([&["add-llm-profile", "a"], &flags[..]].concat())
        .assert_failure(2)
        .assert_stderr_has("plain http to another machine");
}

/// Names profile `secret` in every setting that can.
const NAMED: &str = "\
model_aliases:
  # the fast one
  - {pattern: fast, replacement: 'secret:m'}
  - {pattern: both, replacement: 'other:n'}
serve: {profile: secret, model: 'secret:m?temperature=0'}
llm_profiles:
  secret: {provider: local, base_url: 'http://127.0.0.1:9/v1', model: 'secret:8b'}
  other: {provider: openrouter, model: a/b, embedding_model: 'secret:e', fallback_profiles: [secret]}
active_llm_profile: other
";

#[test]
fn a_new_name_is_followed_wherever_the_old_one_was() {
    let sandbox = Sandbox::new().config(NAMED);
    sandbox
        .run(["profiles", "rename", "secret", "open"])
        .assert_code(0);
    let expected = NAMED
        .replace("secret:8b", "open:SECRET:8b")
        .replace("secret", "open")
        .replace("SECRET", "secret");
    let bare = |text: &str| text.replace('\'', "");
    assert_eq!(bare(&written(&sandbox)), bare(&expected));
    let explain = ["config", "explain", "base_url", "-m", "fast"];
    assert_shows(&sandbox, &explain, SERVER);
}

#[test]
fn a_profile_that_a_model_names_is_not_removed() {
    let sandbox = Sandbox::new().config(NAMED);
    sandbox
        .run(["profiles", "remove", "secret", "--yes"])
        .assert_failure(3)
        .assert_stderr_has("model_aliases[0].replacement");
    assert_eq!(written(&sandbox), NAMED);
}

#[test]
fn a_profile_with_a_dot_in_its_name_holds_settings_of_its_own() {
    let config = "llm_profiles:\n  a: {provider: demo}\n  a.b: {model: 'a:m'}\n";
    let sandbox = Sandbox::new().config(config);
    sandbox
        .run(["profiles", "remove", "a", "--yes"])
        .assert_failure(3)
        .assert_stderr_has("llm_profiles.a.b.model");
    assert_eq!(written(&sandbox), config);
}

#[test]
fn the_profile_of_serve_must_exist() {
    let config = "serve: {profile: gone}\nllm_profiles:\n  a: {provider: demo}\n";
    Sandbox::new()
        .config(config)
        .run(["config", "validate"])
        .assert_failure(3)
        .assert_stderr_has("config.yml:1:18: serve.profile: there is no profile 'gone'");
}

#[test]
fn a_key_file_moves_with_its_profile_and_stays_for_the_others() {
    let sandbox = Sandbox::new().config(
        "llm_profiles:\n  old: {provider: openrouter, api_key: 'file:~/.amx/keys/old'}\n  \
        other: {provider: openrouter, api_key: 'file:~/.amx/keys/old'}\n",
    );
    let keys = sandbox.home().join(".amx/keys");
    std::fs::create_dir(&keys).unwrap();
    std::fs::write(keys.join("old"), OWN_KEY).unwrap();
    sandbox
        .run(["profiles", "rename", "old", "new"])
        .assert_code(0);
    assert_eq!(std::fs::read_to_string(keys.join("new")).unwrap(), OWN_KEY);
    assert!(!keys.join("old").exists());
    let text = written(&sandbox);
    assert_eq!(text.matches("file:~/.amx/keys/new").count(), 2, "{text}");
    sandbox
        .run(["profiles", "remove", "new", "--yes"])
        .assert_code(0)
        .assert_stderr_has("profile 'other' uses it");
    assert_eq!(std::fs::read_to_string(keys.join("new")).unwrap(), OWN_KEY);
}

#[test]
fn a_file_that_cannot_be_read_is_moved_aside_by_a_restore() {
    let sandbox = Sandbox::new().config("llm_profiles:\n  a: {provider: demo}\n");
    sandbox.run(["profiles", "use", "a"]).assert_code(0);
    let file = sandbox.home().join(".amx/config.yml");
    let unreadable = b"llm_profiles:\n  a: {api_key: plain-key-of-mine, system: caf\xe9}\n";
    std::fs::write(&file, unreadable).unwrap();
    assert_shows(&sandbox, &["config", "restore"], "config.yml.broken.1");
    let aside = sandbox.home().join(".amx/config.yml.broken.1");
    assert_eq!(std::fs::read(aside).unwrap(), unreadable);
    assert_eq!(written(&sandbox), "llm_profiles:\n  a: {provider: demo}\n");
}

#[test]
fn a_restored_file_has_its_secrets_where_they_go_to_the_same_server() {
    let text = "llm_profiles:\n  a:\n    provider: openai\n    api_key: plain-key-of-mine\n    headers:\n      \
        X-Team: core\n      X-Api-Key: header-secret-of-mine\ntelemetry:\n  otlp:\n    \
        endpoint: http://127.0.0.1:4318\n    headers:\n      X-Token: telemetry-secret\n";
    let sandbox = Sandbox::new().config(text);
    sandbox.run(["profiles", "use", "a"]).assert_code(0);
    let backup = sandbox.home().join(".amx/config.yml.bak.1");
    let backup = std::fs::read_to_string(backup).unwrap();
    for secret in ["plain-key", "header-secret", "telemetry-secret"] {
        assert!(!backup.contains(secret), "{backup}");
    }
    let outcome = sandbox.run(["config", "restore"]);
    outcome.assert_code(0).assert_stderr_lacks("warning");
    assert_eq!(written(&sandbox), text);

    let elsewhere = text.replace("openai", "groq").replace("4318", "4319");
    sandbox.run(["profiles", "use", "a"]).assert_code(0);
    let file = sandbox.home().join(".amx/config.yml");
    std::fs::write(file, elsewhere).unwrap();
    sandbox
        .run(["config", "restore"])
        .assert_code(0)
        .assert_stderr_has("llm_profiles.a.headers.X-Api-Key has no value");
    let restored = written(&sandbox);
    for gone in ["plain-key", "X-Api-Key", "X-Token"] {
        assert!(!restored.contains(gone), "{restored}");
    }
}

/// The configuration after a backup of one text has replaced another.
fn restored(saved: &str, present: &str) -> String {
    let sandbox = Sandbox::new().config(saved);
    sandbox.run(["profiles", "use", "demo"]).assert_code(0);
    std::fs::write(sandbox.home().join(".amx/config.yml"), present).unwrap();
    sandbox.run(["config", "restore"]).assert_code(0);
    written(&sandbox)
}

#[test]
fn a_secret_is_not_restored_for_another_server_of_a_merged_mapping() {
    let (url, headers) = (
        "url: 'https://one.example/mcp'",
        "headers: {X-Token: secret-of-one}",
    );
    for (merged, own) in [(url, headers), (headers, url)] {
        let text =
            format!("base: &base\n  {merged}\nmcp_servers:\n  s:\n    <<: *base\n    {own}\n");
        let same = restored(&text, &text);
        assert!(same.contains("secret-of-one"), "{same}");
        let restored = restored(&text, &text.replace("one.example", "two.example"));
        assert!(restored.contains("one.example"), "{restored}");
        assert!(!restored.contains("secret-of-one"), "{restored}");
    }
}

#[test]
fn the_secrets_of_arguments_and_variables_are_restored_together() {
    let text = "mcp_servers:\n  s:\n    command: db\n    args: [--token, argument-secret]\n    \
        env: {DB_PASSWORD: variable-secret}\n";
    let same = restored(text, text);
    for secret in ["argument-secret", "variable-secret"] {
        assert!(same.contains(secret), "{same}");
    }
    let restored = restored(text, &text.replace("command: db", "command: other"));
    assert!(!restored.contains("-secret"), "{restored}");
}

#[test]
fn a_value_is_checked_again_with_its_variables() {
    Sandbox::new()
        .config("llm_profiles:\n  a:\n    provider: demo\n    headers: {X-T: '${V}'}\n")
        .env("V", "a\nb")
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("llm_profiles.a.headers: the value of 'X-T'");
}

#[test]
fn a_model_whose_variable_is_empty_is_unset() {
    let double = Double::start([reply::stream(["Hello"])]);
    Sandbox::with(&double)
        .config("llm_profiles:\n  a:\n    model: ${M:-}\n    embedding_model: ${E:-}\n    rerank_model: ${R:-}\nactive_llm_profile: a\n")
        .run(["chat", "-m", "a/b", "hi"])
        .assert_code(0);
    assert_eq!(double.request().json()["model"], "a/b");
}

#[test]
fn a_base_url_that_is_overridden_is_checked_and_shown_without_its_password() {
    let sandbox = Sandbox::new()
        .config("llm_profiles:\n  a: {base_url: '${OWN}', model: a/b}\n")
        .env("OWN", "https://user:hunter22@a.example/v1")
        .env("OPENROUTER_BASE_URL", SERVER);
    let outcome = assert_shows(&sandbox, &["config", "explain", "base_url"], "a.example");
    assert!(!outcome.stdout().contains("hunter22"), "{outcome}");
    sandbox
        .run(["config", "validate"])
        .assert_failure(3)
        .assert_stderr_has("llm_profiles.a.base_url");
}

#[test]
fn a_key_that_json_does_not_have_is_shown_as_text() {
    let outcome = Sandbox::new()
        .config("other: {~: 1, [a]: 2}\ntheme: dark\n")
        .run(["config", "show", "--json"]);
    outcome.assert_code(0);
    assert_eq!(outcome.json()["theme"], "dark");
    assert_eq!(outcome.json()["other"]["null"], 1);
}

#[test]
fn a_misspelt_name_inside_a_setting_is_a_warning() {
    let outcome = Sandbox::new()
        .config("llm_profiles:\n  a: {provider: demo, app: {referrer: 'https://x.example'}}\n")
        .run(["chat", "hi"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("unknown setting 'referrer'; did you mean 'referer'?");
}

#[test]
fn hundreds_of_unknown_settings_are_counted() {
    let unknown: String = (0..500).map(|n| format!("    zzq{n}: 1\n")).collect();
    let outcome = Sandbox::new()
        .config(format!(
            "llm_profiles:\n  a:\n    provider: demo\n{unknown}"
        ))
        .run(["chat", "hi"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("config.yml: and 480 more");
    assert_eq!(outcome.lines_starting("warning: "), 21, "{outcome}");
}
