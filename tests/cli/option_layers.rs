//! Options where their layers meet: profile, template, what a conversation remembers, and flags,
//! above all what they say of privacy.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "llm_profiles:\n  open: {model: a/b}\n  closed: {model: a/b, private: true, openrouter: {provider: {sort: price}}}\n  \
    chatty: {model: a/b, openrouter: {top_logprobs: 3}}\n  own: {provider: local, base_url: 'http://127.0.0.1:9/v1', model: m}\nactive_llm_profile: open\n";

fn both() -> Value {
    json!({"data_collection": "deny", "zdr": true})
}

/// A dry run with a template that has these options.
#[track_caller]
fn with_options(options: &str, arguments: &[&str]) -> (Value, Outcome) {
    let sandbox = Sandbox::new()
        .config(CONFIG)
        .file("t.md", format!("---\noptions: {options}\n---\n"));
    let outcome = sandbox.run(
        ["chat", "--dry-run", "--template", "./t.md", "hi"]
            .iter()
            .chain(arguments),
    );
    outcome.assert_code(0);
    (outcome.json(), outcome)
}

/// What a dry run makes of a configuration.
#[track_caller]
fn dry(config: &str, arguments: &[&str]) -> Value {
    let outcome = Sandbox::new()
        .config(config)
        .run(["chat", "--dry-run", "hi"].iter().chain(arguments));
    outcome.assert_code(0);
    outcome.json()
}

/// What is sent when a conversation is begun with the first arguments and gone on with by the
/// others.
#[track_caller]
fn gone_on_with(template: &str, first: &[&str], second: &[&str]) -> [Value; 2] {
    let double = Double::start([reply::stream(["one"]), reply::stream(["two"])]);
    let sandbox = Sandbox::with(&double).config(CONFIG).file("t.md", template);
    sandbox
        .run(["chat", "hi"].iter().chain(first))
        .assert_answer("one\n");
    sandbox
        .run(["chat", "-c", "hi"].iter().chain(second))
        .assert_answer("two\n");
    let sent: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    [sent[0].clone(), sent[1].clone()]
}

#[test]
fn privacy_of_a_template_is_privacy() {
    let (body, _) = with_options("{private: true}", &[]);
    assert_eq!((&body["provider"], body.get("private")), (&both(), None));
    let (body, _) = with_options("{private: true, provider.sort: price}", &[]);
    assert_eq!(
        body["provider"],
        json!({"data_collection": "deny", "zdr": true, "sort": "price"})
    );
    // It beats the profile, and a flag beats it.
    let (body, _) = with_options("{private: false}", &["-p", "closed"]);
    assert_eq!(
        (&body["provider"], body.get("private")),
        (&json!({"sort": "price"}), None)
    );
    assert_eq!(
        with_options("{private: true}", &["--private=false"]).0["provider"],
        Value::Null
    );
    assert_eq!(
        with_options(
            "{provider.zdr: false, provider.data_collection: allow}",
            &["--private"]
        )
        .0["provider"],
        both()
    );
    assert_eq!(
        with_options("{private: true}", &["--provider-zdr=false"]).0["provider"],
        json!({"data_collection": "deny", "zdr": false})
    );
    with_options("{private: true}", &["-p", "own"])
        .1
        .assert_stderr_has("private is not sent: provider local does not support it");
    let sandbox = Sandbox::new()
        .config(CONFIG)
        .file("t.md", "---\noptions: {private: true}\n---\n");
    for key in ["private", "provider.zdr"] {
        let line = sandbox
            .run(["config", "explain", key, "--template", "./t.md", "--json"])
            .json();
        assert_eq!(
            (&line["value"], &line["source"]),
            (&json!("true"), &json!("template './t.md'")),
            "{key}"
        );
    }
}

#[test]
fn options_of_a_template_have_the_meaning_of_their_flags() {
    let (body, outcome) = with_options("{route: fallback, tpo_k: 4}", &[]);
    assert_eq!(body.get("route"), None);
    outcome
        .assert_stderr_has("note: route is retired")
        .assert_stderr_has("did you mean top_k?");
    let (body, outcome) = with_options("{provider: {sort: price}, top_a: 0.2}", &["-p", "own"]);
    assert_eq!((body.get("provider"), body.get("top_a")), (None, None));
    outcome
        .assert_stderr_has("provider.sort is not sent: provider local")
        .assert_stderr_has("top_a is not sent");
    let (body, _) = with_options("{logprobs: false}", &["-p", "chatty"]);
    assert_eq!(
        (&body["logprobs"], body.get("top_logprobs")),
        (&json!(false), None)
    );
    // And the other way round: the later word holds.
    let (body, _) = with_options("{logprobs: false}", &["--top-logprobs", "2"]);
    assert_eq!(
        (&body["logprobs"], &body["top_logprobs"]),
        (&json!(true), &json!(2))
    );
}

#[test]
fn provider_null_keeps_privacy() {
    let profile = "llm_profiles: {p: {model: a/b, private: true, openrouter: {provider: null}}}\n";
    assert_eq!(dry(profile, &[])["provider"], both());
    let sorted = "llm_profiles: {p: {model: a/b, openrouter: {provider: {sort: price}}}}\n";
    assert_eq!(
        dry(sorted, &["--private", "-o", "provider=null"])["provider"],
        both()
    );
    // It takes back what the profile says of providers, and not that it is private.
    assert_eq!(
        dry(CONFIG, &["-p", "closed", "-o", "provider=null"])["provider"],
        both()
    );
    assert_eq!(dry(sorted, &["-o", "provider=null"]).get("provider"), None);
    let empty = "llm_profiles: {p: {model: a/b, private: true, openrouter: {provider: {zdr: null}, reasoning: null}}}\n";
    assert_eq!(
        (
            &dry(empty, &[])["provider"],
            dry(empty, &[]).get("reasoning")
        ),
        (&both(), None)
    );
    let thoughtful = "llm_profiles: {p: {model: a/b, openrouter: {reasoning: {exclude: true}}}}\n";
    assert_eq!(
        dry(thoughtful, &["-o", "reasoning=null"]).get("reasoning"),
        None
    );
}

#[test]
fn options_are_saved_field_by_field() {
    let whole = r#"provider={"order":["x"],"zdr":true}"#;
    let [_, sent] = gone_on_with("", &["-o", whole], &["-o", "provider.sort=price"]);
    assert_eq!(
        sent["provider"],
        json!({"order": ["x"], "zdr": true, "sort": "price"})
    );
    let [_, sent] = gone_on_with("", &["-o", whole], &["-o", "provider.order=y"]);
    assert_eq!(sent["provider"], json!({"order": ["y"], "zdr": true}));
    // Privacy that is asked for now is not undone by what was said before.
    let [_, sent] = gone_on_with("", &["--provider-zdr=false"], &["--private"]);
    assert_eq!(sent["provider"], both());
}

#[test]
fn template_options_are_saved_with_the_conversation() {
    let calm = "---\nsystem: Be calm.\ntemperature: 0.2\noptions: {provider.zdr: true, top_k: 3, private: true}\n---\n";
    let [first, second] = gone_on_with(calm, &["--template", "./t.md"], &[]);
    assert_eq!((&first["provider"], &first["top_k"]), (&both(), &json!(3)));
    assert_eq!(
        [
            &second["provider"],
            &second["top_k"],
            &second["temperature"]
        ],
        [&first["provider"], &json!(3), &json!(0.2)]
    );
    let [first, second] = gone_on_with(
        calm,
        &[
            "--template",
            "./t.md",
            "--top-k",
            "4",
            "-m",
            "a/b?temperature=0.7",
        ],
        &[],
    );
    assert_eq!(
        [&first["top_k"], &first["temperature"]],
        [&json!(4), &json!(0.7)]
    );
    assert_eq!(
        [&second["top_k"], &second["temperature"]],
        [&json!(4), &json!(0.7)]
    );
}

#[test]
fn a_template_flag_overrides_saved_options() {
    let opts = "---\ntemperature: 0.2\noptions: {top_k: 10, provider.sort: price}\n---\n";
    let arguments = [
        "-o",
        "top_k=5",
        "-o",
        r#"provider={"zdr":true,"sort":"latency"}"#,
        "-m",
        "a/b?temperature=0.7",
    ];
    let [_, sent] = gone_on_with(opts, &arguments, &["--template", "./t.md"]);
    assert_eq!(
        [&sent["top_k"], &sent["provider"], &sent["temperature"]],
        [
            &json!(10),
            &json!({"zdr": true, "sort": "price"}),
            &json!(0.2)
        ]
    );
    let [_, sent] = gone_on_with(
        "---\noptions: {private: true}\n---\n",
        &["--provider-zdr=false"],
        &["--template", "./t.md"],
    );
    assert_eq!(sent["provider"], both());
    // A flag of now beats both.
    assert_eq!(
        gone_on_with(opts, &arguments, &["--template", "./t.md", "--top-k", "7"])[1]["top_k"],
        7
    );
}

#[test]
fn an_object_and_a_field_of_it_are_no_contradiction() {
    let body = dry(
        CONFIG,
        &["--provider-only", "x", "-o", r#"provider={"sort":"price"}"#],
    );
    assert_eq!(body["provider"], json!({"only": ["x"], "sort": "price"}));
    let clash = Sandbox::new().run([
        "chat",
        "--dry-run",
        "--provider-only",
        "x",
        "-o",
        r#"provider={"only":["y"]}"#,
        "hi",
    ]);
    clash.assert_failure(2).assert_stderr_has(
        "provider.only is given twice with different values: --provider-only and -o provider",
    );
}

#[test]
fn null_removes_a_setting_and_what_amx_adds_itself() {
    const SET: &str = "llm_profiles:\n  p: {model: openai/o3, temperature: 0.5, top_p: 0.5, \
        max_tokens: 40000, reasoning_effort: high}\n  own: {provider: local, base_url: \
        'http://127.0.0.1:9/v1', model: o3}\nactive_llm_profile: p\n";
    let whole = dry(SET, &[]);
    for (option, field) in [
        ("temperature=null", "temperature"),
        ("top_p=null", "top_p"),
        ("max_tokens=null", "max_tokens"),
        ("max_completion_tokens=null", "max_tokens"),
        ("reasoning_effort=null", "reasoning"),
        ("reasoning.effort=null", "reasoning"),
        ("reasoning=null", "reasoning"),
    ] {
        assert!(whole.get(field).is_some(), "{field} of {whole}");
        let without = dry(SET, &["-o", option]);
        assert_eq!(without.get(field), None, "{option}");
        let fields = |body: &Value| body.as_object().unwrap().len();
        assert_eq!(fields(&without), fields(&whole) - 1, "{option} of {whole}");
    }
    for field in ["max_tokens", "stream_options", "reasoning_effort"] {
        let option = format!("{field}=null");
        assert!(dry(SET, &["-p", "own"]).get(field).is_some(), "{field}");
        let without = dry(SET, &["-p", "own", "-o", &option]);
        assert_eq!(without.get(field), None, "{option}");
    }
}

#[test]
fn explain_names_what_null_removes() {
    let config = "llm_profiles:\n  p: {model: openai/o3, temperature: 0.5}\n";
    let sandbox = Sandbox::new().config(config);
    for key in ["max_tokens", "temperature", "reasoning_effort"] {
        let option = format!("{key}=null");
        let outcome = sandbox.run(["config", "explain", key, "-o", &option]);
        outcome.assert_code(0);
        let shown = outcome.stdout();
        assert!(
            shown.contains("not sent") && shown.contains("removed by null"),
            "{outcome}"
        );
    }
}
