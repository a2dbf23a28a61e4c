//! What OpenRouter offers around a model: names of conversations, presets, variants and tiers.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const ENRICHED: &str = "llm_profiles: {p: {model: a/b, enrich: true}}\n";

/// The bodies of the questions.
fn bodies(double: &Double) -> Vec<Value> {
    double.requests().iter().map(Recorded::json).collect()
}

#[test]
fn a_conversation_has_one_name_in_all_of_its_runs() {
    let double = Double::start((0..3).map(|_| reply::stream(["Hello"])));
    let sandbox = Sandbox::with(&double).config(ENRICHED);
    for arguments in [
        ["chat", "hi", "--session", "s"],
        ["chat", "ho", "--session", "s"],
        ["chat", "hi", "--session", "t"],
    ] {
        sandbox.run(arguments).assert_code(0);
    }
    let names: Vec<Value> = bodies(&double)
        .iter()
        .map(|body| body["session_id"].clone())
        .collect();
    assert_eq!(names[0].as_str().map(str::len), Some(32), "{names:?}");
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
    let body = &bodies(&double)[0];
    assert!(
        body.get("user").is_none() && body.get("trace").is_none(),
        "{body}"
    );
}

#[test]
fn a_conversation_is_named_only_where_the_profile_wants_it_and_no_cache_may_answer() {
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).config(ENRICHED);
    sandbox.run(["chat", "--cache", "hi"]).assert_code(0);
    let sandbox = sandbox.config("llm_profiles: {p: {model: a/b}}\n");
    sandbox.run(["chat", "hi"]).assert_code(0);
    for body in bodies(&double) {
        assert!(body.get("session_id").is_none(), "{body}");
    }
}

#[test]
fn a_name_of_the_profile_wins_and_a_dry_run_shows_it() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config(
        "llm_profiles: {p: {model: a/b, enrich: true, openrouter: {session_id: mine, \
        user: u1, trace: {trace_name: t}}}}\n",
    );
    let body = sandbox.run(["chat", "--dry-run", "hi"]).json();
    assert_eq!(
        [&body["session_id"], &body["user"]],
        [&json!("mine"), &json!("u1")]
    );
    assert_eq!(body["trace"], json!({"trace_name": "t"}));
    let sandbox = sandbox.config(ENRICHED);
    let body = sandbox.run(["chat", "--dry-run", "hi"]).json();
    assert!(body["session_id"].is_string(), "{body}");
    let explained = sandbox.run(["config", "explain", "enrich"]);
    explained
        .assert_code(0)
        .assert_stdout("enrich = true\n  from config.yml, profile 'p'\n");
}

#[test]
fn a_name_of_a_user_is_at_most_128_characters() {
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", KEY);
    let outcome = sandbox.run(["chat", "--user", &"u".repeat(129), "hi"]);
    outcome.assert_code(2);
}

#[test]
fn presets_pass_unchanged_by_every_way_to_name_a_model() {
    let config = "\
        model_aliases: [{pattern: '^brief$', replacement: '@preset/brief'}]\n\
        llm_profiles: {p: {model: 'a/b@preset/x'}}\n";
    let rows: [(&[&str], &str); 5] = [
        (&["chat", "hi"], "a/b@preset/x"),
        (&["chat", "-m", "@preset/x", "hi"], "@preset/x"),
        (&["chat", "-m", "a/b@preset/x", "hi"], "a/b@preset/x"),
        (&["chat", "-m", "brief", "hi"], "@preset/brief"),
        (
            &[
                "chat",
                "-m",
                "openrouter:a/b@preset/x?temperature=0.5",
                "hi",
            ],
            "a/b@preset/x",
        ),
    ];
    for (arguments, model) in rows {
        let double = Double::start([reply::stream(["Hello"])]);
        let sandbox = Sandbox::with(&double).config(config);
        sandbox.run(arguments);
        assert_eq!(double.request().json()["model"], model, "{arguments:?}");
        // Nothing is known of the model behind it.
        assert_eq!(double.request().json()["max_tokens"], 4096);
    }
}

#[test]
fn a_model_for_batches_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", KEY);
    let outcome = sandbox.run(["chat", "-m", "a/b:batch", "hi"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("a/b:batch is for batches of requests");
    outcome.assert_stderr_has("-m a/b");
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double).run(["chat", "--force", "-m", "a/b:batch", "hi"]);
    outcome.assert_code(0);
}

#[test]
fn deprecated_forms_of_web_search_are_noted() {
    let rows: [&[&str]; 2] = [&["-m", "a/b:online"], &["-o", r#"plugins=[{"id":"web"}]"#]];
    for arguments in rows {
        let double = Double::start([reply::stream(["Hello"])]);
        let outcome = Sandbox::with(&double).run([&["chat", "hi"][..], arguments].concat());
        outcome
            .assert_code(0)
            .assert_stderr_has("is deprecated by OpenRouter; --web");
    }
}

#[test]
fn tiers_and_speed_are_sent() {
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double).run([
        "chat",
        "--service-tier",
        "ultrafast",
        "--speed",
        "fast",
        "hi",
    ]);
    outcome
        .assert_code(0)
        .assert_stderr_lacks("not a listed value");
    let body = double.request().json();
    assert_eq!(
        (&body["service_tier"], &body["speed"]),
        (&json!("ultrafast"), &json!("fast"))
    );
}
