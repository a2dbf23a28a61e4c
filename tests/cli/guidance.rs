//! What commands say about the next step: hints, notes and checks that name what was meant.

use std::fs;

use crate::support::double::Double;
use crate::support::provider_replies::{PROVIDER_KEY, ProviderServer};
use crate::support::sandbox::Sandbox;
use crate::support::{reply, routes};

/// An address without a listener.
const NOWHERE: &str = "http://127.0.0.1:9/v1";

const KEY: &str = "local-0123456789";

/// The arguments that set up a profile of a server at this URL.
fn setup<'a>(base_url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let flags = [
        "add-llm-profile",
        "box",
        "--no-input",
        "--provider",
        "local",
        "--model",
        "m",
        "--base-url",
        base_url,
    ];
    [&flags[..], more].concat()
}

#[test]
fn hints_explain_the_profile_that_was_asked() {
    let profile = format!("{{provider: local, model: m, base_url: '{NOWHERE}'}}");
    let config =
        format!("llm_profiles:\n  good: {profile}\n  bad: {profile}\nactive_llm_profile: good\n");
    for (name, expected) in [
        ("bad", "amx config explain base_url -p bad"),
        ("good", "amx config explain base_url\n"),
    ] {
        let outcome = Sandbox::new()
            .config(&config)
            .run(["chat", "-p", name, "hi"]);
        outcome.assert_failure(6).assert_stderr_has(expected);
    }
}

#[test]
fn a_base_url_without_a_scheme_is_completed_in_the_hint() {
    for (url, meant) in [
        ("127.0.0.1:9103/v1", "; try http://127.0.0.1:9103/v1"),
        ("llm.example.org/v1", "; try https://llm.example.org/v1"),
        ("nonsense", "it must start with https://"),
        ("https:/v1", "it must start with https://"),
    ] {
        let outcome = Sandbox::new().run(setup(url, &[]));
        outcome
            .assert_failure(2)
            .assert_stderr_has(meant)
            .assert_stderr_has("hint: --base-url https://HOST/v1");
    }
    let without = &setup(NOWHERE, &[])[..7];
    Sandbox::new()
        .run(without)
        .assert_failure(2)
        .assert_stderr_has("--model MODEL --base-url URL");
}

#[test]
fn a_key_by_reference_is_reported_as_not_checked() {
    let outcome = Sandbox::new().run(setup(NOWHERE, &["--api-key-ref", "${BOX_KEY}"]));
    outcome
        .assert_code(0)
        .assert_stderr_has("note: the key is not checked; amx profiles test box");
}

#[test]
fn a_key_that_a_server_of_ones_own_rejects_names_the_server() {
    let server = ProviderServer::listing(r#"{"data": [{"id": "m"}]}"#);
    let url = &server.base_url;
    let key_file = ["--api-key-stdin", "--api-key-ref", "file:~/key"];
    let outcome = Sandbox::new().stdin(KEY).run(setup(url, &key_file));
    outcome
        .assert_failure(4)
        .assert_stderr_has("caused by: no key in the header that is due")
        .assert_stderr_has(&format!("check the key of the server at {url}"))
        .assert_stderr_lacks("keys page");
    let config = format!(
        "llm_profiles:\n  box: {{provider: local, model: m, base_url: '{url}', api_key: '${{BOX}}'}}\n"
    );
    let outcome = Sandbox::new()
        .config(config)
        .env("BOX", KEY)
        .run(["doctor"]);
    let report = format!("{}{}", outcome.stdout(), outcome.stderr());
    assert!(report.contains("rejects the key (401)"), "{report}");
    assert!(
        report.contains(&format!("keys are at the server at {url}")),
        "{report}"
    );
}

#[test]
fn a_key_that_must_not_list_models_is_stored_all_the_same() {
    let words = "You have insufficient permissions for this operation. Missing scopes: \
        api.model.read.";
    let body = format!(r#"{{"error": {{"message": "{words}", "type": "invalid_request_error"}}}}"#);
    let server = ProviderServer::refusing_list(403, &body);
    let key_file = ["--api-key-stdin", "--api-key-ref", "file:~/key"];
    let sandbox = Sandbox::new().stdin(PROVIDER_KEY);
    let outcome = sandbox.run(setup(&server.base_url, &key_file));
    outcome
        .assert_code(0)
        .assert_stderr_has("could not be verified: the provider returned status 403: You have")
        .assert_stderr_has("stored anyway");
    assert!(fs::read_to_string(sandbox.home().join("key")).is_ok());
}

#[test]
fn ollama_without_a_key_signs_in_to_its_cloud() {
    let unauthorized = serde_json::json!({
        "error": "unauthorized", "signin_url": "https://ollama.com/connect?name=a&key=b",
    });
    let double = Double::compatible([reply::json(unauthorized).status(401)]);
    let config = format!(
        "llm_profiles:\n  o: {{provider: ollama, model: 'm:cloud', base_url: '{}'}}\n",
        double.base_url()
    );
    let outcome = Sandbox::new().config(config).run(["chat", "-p", "o", "hi"]);
    outcome
        .assert_failure(4)
        .assert_stderr_has("hint: ollama signin")
        .assert_stderr_lacks("add-llm-profile");
}

#[test]
fn a_variable_that_the_key_refers_to_overrides_nothing() {
    let config = |key: &str| {
        format!("llm_profiles:\n  a: {{model: a/b, api_key: '{key}'}}\nactive_llm_profile: a\n")
    };
    for (key, is_overridden) in [("${OPENROUTER_API_KEY}", false), ("${OTHER}", true)] {
        let double = Double::start([])
            .also(routes::key())
            .also(routes::models())
            .also(routes::credits(200));
        let outcome = Sandbox::with(&double)
            .config(config(key))
            .env("OTHER", "sk-or-v1-other-0123456789")
            .run(["doctor", "--verbose"]);
        let report = format!("{}{}", outcome.stdout(), outcome.stderr());
        let words = "OPENROUTER_API_KEY overrides api_key";
        assert_eq!(report.contains(words), is_overridden, "{report}");
    }
}

#[test]
fn a_cap_without_a_ledger_is_said_to_be_the_reason() {
    let config = "llm_profiles:\n  a: {model: a/b, price: {input: 1, output: 1}, \
        max_cost: {per_day: 2}}\nactive_llm_profile: a\n";
    let double = Double::start([]);
    let outcome = Sandbox::with(&double)
        .config(config)
        .shell("mkfifo .amx/amx.db")
        .run(["chat", "--no-save", "hi"]);
    outcome
        .assert_failure(12)
        .assert_stderr_has("error: the cap of $2.00 a day cannot be enforced: ")
        .assert_stderr_has("hint: remove max_cost.per_day from the profile");
}

#[test]
fn logout_is_for_the_profile_of_login_or_the_active_one_or_the_one_named() {
    let config = "llm_profiles:\n  work: {model: a/b, api_key: '${W}'}\n  \
        home: {model: a/b, api_key: '${H}'}\nactive_llm_profile: work\n";
    for (arguments, name) in [
        (&["logout"][..], "work"),
        (&["logout", "home"], "home"),
        (&["logout", "-p", "home"], "home"),
    ] {
        Sandbox::new()
            .config(config)
            .run(arguments)
            .assert_failure(1)
            .assert_stderr_has(&format!("profile '{name}' has no key of its own"));
    }
    let with_login = config.replace("home:", "openrouter:");
    Sandbox::new()
        .config(&with_login)
        .run(["logout"])
        .assert_failure(1)
        .assert_stderr_has("profile 'openrouter' has no key of its own");
}

#[test]
fn logout_without_a_name_keeps_the_key_of_another_provider() {
    let config = "llm_profiles:\n  box: {provider: deepseek, model: m, api_key: \
        'file:~/.amx/keys/box'}\n  work: {model: a/b, api_key: 'file:~/.amx/keys/work'}\n\
        active_llm_profile: box\n";
    let sandbox = Sandbox::new().config(config);
    let keys = sandbox.home().join(".amx/keys");
    std::fs::create_dir(&keys).unwrap();
    for name in ["box", "work"] {
        std::fs::write(keys.join(name), KEY).unwrap();
    }
    let key = |name: &str| keys.join(name).exists();
    sandbox
        .run(["logout"])
        .assert_failure(2)
        .assert_stderr_has("error: the active profile 'box' does not use OpenRouter")
        .assert_stderr_has("hint: amx logout NAME");
    assert!(key("box") && key("work"));
    sandbox.run(["profiles", "use", "work"]).assert_code(0);
    sandbox.run(["logout"]).assert_code(0);
    assert!(key("box") && !key("work"));
    sandbox.run(["logout", "box"]).assert_code(0);
    assert!(!key("box"));
}

#[test]
fn mistakes_are_named_with_a_way_out() {
    let header = "llm_profiles:\n  a: {model: a/b, headers: {X-Team: '${TEAM_TOKEN}'}}\n\
        active_llm_profile: a\n";
    for (arguments, code, expected) in [
        (&["chat", "hi"][..], 3, "hint: export TEAM_TOKEN=…"),
        (
            &["chat", "-p", "demo", "--schema", "{bad", "hi"],
            5,
            "the value is not JSON",
        ),
        (
            &["chat", "-p", "demo", "--template", "no.md", "hi"],
            3,
            "hint: --template NAME",
        ),
        (
            &["config", "explain", "-p", "demo", "nope"],
            2,
            "hint: amx config explain\n",
        ),
        (&["cht", "hi"], 2, "hint: amx chat hi"),
    ] {
        let outcome = Sandbox::new().config(header).run(arguments);
        outcome.assert_failure(code).assert_stderr_has(expected);
    }
    let sandbox = Sandbox::new().stdin("Explain {{input}}");
    let created = sandbox.run(["templates", "new", "e"]);
    assert!(
        created.stdout().starts_with("✓ Created template 'e'\n"),
        "{created}"
    );
    assert!(fs::metadata(sandbox.home().join(".amx/templates/e.md")).is_ok());
}
