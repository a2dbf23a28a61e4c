//! How amx names itself and what else it says in headers; routing wishes in a header are a field of
//! the body.

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

fn hello() -> Double {
    Double::start([reply::stream(["Hello"])])
}

#[test]
fn the_identity_of_a_profile_is_sent() {
    let double = hello().agent("MyApp/1.0.0");
    let config = "llm_profiles:\n  p:\n    model: a/b\n    app: {referer: 'https://myapp.example', title: My App, categories: [cli-agent, general-chat]}\n    \
                  user_agent: MyApp/1.0.0\n    headers: {X-OpenRouter-App-Visibility: hidden, X-Team: '${TEAM}'}\n";
    Sandbox::with(&double)
        .config(config)
        .env("TEAM", "red")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let request = double.request();
    let sent = [
        "http-referer",
        "x-title",
        "x-openrouter-title",
        "x-openrouter-categories",
        "user-agent",
        "x-openrouter-app-visibility",
        "x-team",
    ];
    let expected = [
        "https://myapp.example",
        "My App",
        "My App",
        "cli-agent,general-chat",
        "MyApp/1.0.0",
        "hidden",
        "red",
    ];
    assert_eq!(sent.map(|name| request.header(name)), expected);
}

#[test]
fn categories_are_for_openrouter_only_and_absent_by_default() {
    let double = hello();
    Sandbox::with(&double)
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    assert_eq!(
        [
            double.request().header("x-openrouter-categories"),
            double.request().header("x-openrouter-metadata")
        ],
        ["", ""]
    );
}

#[test]
fn a_routing_header_becomes_the_body_field() {
    let double = hello();
    let config = "llm_profiles:\n  p:\n    model: meta-llama/llama-3.1-405b\n    headers: {X-Title: Research Assistant, X-Provider: '{\"order\": [\"Together\", \
                  \"DeepInfra\"], \"allow_fallbacks\": false}'}\n    openrouter: {provider: {allow_fallbacks: true}}\n";
    Sandbox::with(&double)
        .config(config)
        .run(["chat", "-o", "provider.sort=price", "hi"])
        .assert_answer("Hello\n");
    let request = double.request();
    assert_eq!(
        request.json()["provider"],
        json!({"order": ["Together", "DeepInfra"], "allow_fallbacks": true, "sort": "price"})
    );
    assert_eq!(
        [request.header("x-provider"), request.header("x-title")],
        ["", "Research Assistant"]
    );
}

#[test]
fn secret_headers_are_sent_and_shown_nowhere() {
    let config = "llm_profiles:\n  p: {model: a/b, headers: {X-Gateway-Token: gate-0123456789, X-Other: 'sk-or-v1-0123456789abcdef', X-Plain: shown}}\n";
    let secrets = ["gate-0123456789", "sk-or-v1-0123456789abcdef"];
    for arguments in [
        &["profiles", "show", "p"][..],
        &["profiles", "show", "p", "--json"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["config", "explain"],
    ] {
        let outcome = Sandbox::new().config(config).run(arguments);
        outcome.assert_code(0);
        assert!(
            secrets
                .iter()
                .all(|secret| !outcome.stdout().contains(secret))
                && outcome.stdout().contains("shown"),
            "{outcome}"
        );
    }
    let double = hello();
    let logged = Sandbox::with(&double)
        .config(config)
        .env("AMX_LOG", "trace")
        .run(["chat", "hi"]);
    logged.assert_code(0);
    assert!(
        secrets
            .iter()
            .all(|secret| !logged.stderr().contains(secret)),
        "{logged}"
    );
    assert_eq!(
        [
            double.request().header("x-gateway-token"),
            double.request().header("x-other")
        ],
        secrets
    );
    let explained =
        Sandbox::new()
            .config(config)
            .run(["config", "explain", "headers.X-Gateway-Token"]);
    explained.assert_stdout(
        "headers.X-Gateway-Token = set, not shown\n  from config.yml, profile 'p'\n",
    );
}

#[test]
fn the_key_of_the_environment_is_no_header_of_the_user() {
    for header in [
        "Authorization",
        "proxy-connection",
        "Accept-Encoding",
        "HTTP2-Settings",
        "Trailer",
    ] {
        let double = Double::start([]);
        let config = format!("llm_profiles:\n  p: {{model: a/b, headers: {{{header}: x}}}}\n");
        let outcome = Sandbox::with(&double)
            .config(config)
            .env("OPENROUTER_API_KEY", KEY)
            .run(["chat", "hi"]);
        outcome
            .assert_failure(3)
            .assert_stderr_has("is set by amx and cannot be overridden");
    }
}
