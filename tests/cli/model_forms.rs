//! Every way to write a model, as it reaches the provider: lists, parameters, prefixes, aliases,
//! and who is not asked.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

fn hello(times: usize) -> Double {
    Double::start(vec![reply::stream(["Hello"]); times])
}

/// A profile at a server of its own, one at OpenRouter, and aliases.
fn config(double: &Double) -> String {
    format!(
        "llm_profiles:\n  box:\n    provider: local\n    base_url: '{url}'\n    model: test/box\n    api_key: '${{BOX_KEY}}'\n    temperature: 0.3\n    headers: \
         {{X-Box: of-the-box, HTTP-Referer: https://box.example, X-Title: box, X-OpenRouter-Title: box}}\n  work: {{model: 'work/own?seed=1', openrouter: {{top_k: 9, provider: {{sort: price}}}}, headers: {{X-Work: w}}}}\n\
         active_llm_profile: work\nmodel_aliases:\n- pattern: '^gpt-(.*)'\n  replacement: \"openrouter:openai/gpt-\\\\1\"\n- {{pattern: fast, replacement: \
         'gpt-4o-mini?top_p=0.5'}}\n- {{pattern: ping, replacement: pong}}\n- {{pattern: pong, replacement: ping}}\n",
        url = double.base_url()
    )
}

fn sandbox(double: &Double) -> Sandbox {
    Sandbox::with(double)
        .env("BOX_KEY", KEY)
        .config(config(double))
}

/// The body that these arguments make.
fn body(arguments: &[&str]) -> Value {
    let double = hello(1);
    sandbox(&double)
        .run(["chat", "hi"].iter().chain(arguments))
        .assert_code(0);
    double.request().json()
}

/// The body that these arguments make has these fields; a field that is null is absent.
#[track_caller]
fn assert_sent(arguments: &[&str], expected: &Value) {
    let sent = body(arguments);
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(
            &sent[field.as_str()],
            value,
            "{field} of {arguments:?}: {sent}"
        );
    }
}

#[test]
fn a_model_form_is_sent_unchanged() {
    let with_parameters =
        "openrouter:a/b?temperature=0.7&top_p=0.9&top_k=3&verbosity=low&seed=5&max_tokens=77";
    let parameters = json!({
        "model": "a/b", "temperature": 0.7, "top_p": 0.9, "top_k": 3, "verbosity": "low",
        "seed": 5, "max_tokens": 77,
    });
    for (arguments, expected) in [
        (
            &["-m", "a/b:free"][..],
            json!({"model": "a/b:free", "models": null, "seed": null, "top_k": 9}),
        ),
        (
            &["-m", "a/b,c/d,e/f"],
            json!({"model": "a/b", "models": ["c/d", "e/f"]}),
        ),
        (&["-m", with_parameters], parameters),
        (
            &[
                "-m",
                "a/b?temperature=0.7&seed=5",
                "-t",
                "1",
                "-o",
                "seed=6",
            ],
            json!({"temperature": 1, "seed": 6}),
        ),
        (
            &["-m", "openai/gpt-5-mini?reasoning_effort=high"],
            json!({"reasoning": {"effort": "high"}, "max_tokens": 32768}),
        ),
    ] {
        assert_sent(arguments, &expected);
    }
}

#[test]
fn an_alias_is_sent_as_the_model_that_it_names() {
    for (model, expected) in [
        ("gpt-4o", json!({"model": "openai/gpt-4o"})),
        (
            "fast?top_p=0.25",
            json!({"model": "openai/gpt-4o-mini", "top_p": 0.25}),
        ),
        (
            "fast,x/y",
            json!({"model": "openai/gpt-4o-mini", "models": ["x/y"], "top_p": 0.5}),
        ),
    ] {
        assert_sent(&["-m", model], &expected);
    }
}

#[test]
fn a_model_of_a_profile_is_sent_with_its_options() {
    for (arguments, expected) in [
        (
            &[][..],
            json!({"model": "work/own", "seed": 1, "top_k": 9, "provider": {"sort": "price"}}),
        ),
        (
            &["-m", "box:test/other"],
            json!({"model": "test/other", "temperature": 0.3, "top_k": null}),
        ),
        (
            &["-p", "box", "-m", "box:test/other"],
            json!({"model": "test/other"}),
        ),
    ] {
        assert_sent(arguments, &expected);
    }
}

#[test]
fn the_environment_and_a_profile_are_read_alike() {
    let double = hello(2);
    let variable = sandbox(&double).env("AMX_MODEL", "fast?seed=3,x/y");
    variable.run(["chat", "hi"]).assert_answer("Hello\n");
    let profile = Sandbox::with(&double)
        .config("llm_profiles: {p: {model: 'a/b?top_k=1,c/d', top_p: 0.5}}\n");
    profile.run(["chat", "hi"]).assert_answer("Hello\n");
    let sent: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    assert_eq!(
        [&sent[0]["model"], &sent[0]["models"], &sent[0]["seed"]],
        [&json!("openai/gpt-4o-mini"), &json!(["x/y"]), &json!(3)]
    );
    assert_eq!(
        [&sent[1]["model"], &sent[1]["models"], &sent[1]["top_k"]],
        [&json!("a/b"), &json!(["c/d"]), &json!(1)]
    );
}

#[test]
fn another_provider_gets_nothing_of_the_profile_that_is_not_its_own() {
    let (own, other) = (Double::start([]), hello(1));
    let sandbox = Sandbox::with(&other)
        .env("BOX_KEY", "sk-of-the-box-0123456789")
        .config(config(&own));
    let outcome = sandbox.run(["chat", "-p", "box", "-m", "openrouter:a/b", "hi"]);
    outcome.assert_answer("Hello\n");
    let request = other.request();
    assert_eq!(request.header("authorization"), format!("Bearer {KEY}"));
    assert!(
        request.header("x-box").is_empty(),
        "a header of another provider was sent"
    );
    // What belongs to no provider holds.
    assert_eq!(request.json()["temperature"], 0.3);
}

#[test]
fn a_provider_without_a_key_of_its_own_is_not_given_the_key_of_another() {
    let double = Double::start([]);
    let outcome = sandbox(&double).run(["chat", "-p", "box", "-m", "deepseek:deepseek-chat", "hi"]);
    outcome
        .assert_failure(4)
        .assert_stderr_has("DEEPSEEK_API_KEY")
        .assert_stderr_has("amx add-llm-profile NAME --provider deepseek");
}

#[test]
fn mistakes_are_found_before_anything_is_sent() {
    for (arguments, code, says) in [
        (
            &["-m", "a/b?temp=1"][..],
            2,
            "'temp' is not a model parameter; use temperature",
        ),
        (
            &["-m", "a/b?temperature=3"],
            2,
            "temperature must be a number from 0 to 2",
        ),
        (&["-m", "a/b?seed=1&seed=2"], 2, "twice"),
        (&["-m", "a/b,"], 2, "not a model ID"),
        (&["-m", "ping"], 2, "ping → pong → ping"),
        (
            &["-p", "work", "-m", "box:x"],
            2,
            "the model names profile 'box', and --profile names 'work'",
        ),
        (&["-m", "box:x,work:y"], 2, "'work:' is not provider local"),
        (
            &["-m", "box:x,y"],
            2,
            "provider local does not support a list of models",
        ),
        (&["-m", "openrouter:"], 2, "no model ID after 'openrouter:'"),
        (&["-m", "local:x"], 2, "no default base URL"),
    ] {
        let double = Double::start([]);
        sandbox(&double)
            .run(["chat", "hi"].iter().chain(arguments))
            .assert_failure(code)
            .assert_stderr_has(says);
    }
    for (model, says) in [
        ("a/b?seed=x", "AMX_MODEL is 'a/b?seed=x': seed"),
        ("ping", "ping → pong → ping"),
        ("a b", "model ID"),
    ] {
        let double = Double::start([]);
        sandbox(&double)
            .env("AMX_MODEL", model)
            .run(["chat", "hi"])
            .assert_failure(3)
            .assert_stderr_has(says);
    }
}

#[test]
fn the_explanation_shows_aliases_and_model_parameters() {
    let double = Double::start([]);
    let explain = |key: &str| -> Value {
        sandbox(&double)
            .run(["config", "explain", key, "-m", "fast", "--json"])
            .json()
    };
    let model = explain("model");
    assert_eq!(model["value"], "openai/gpt-4o-mini");
    assert_eq!(
        model["source"],
        "flag --model; model_aliases: fast → gpt-4o-mini → openrouter:openai/gpt-4o-mini"
    );
    assert_eq!(
        [&explain("top_p")["value"], &explain("top_p")["source"]],
        ["0.5", "model URI (flag --model)"]
    );
    let hides = sandbox(&double).run([
        "config",
        "explain",
        "temperature",
        "-p",
        "box",
        "-m",
        "test/x?temperature=1",
    ]);
    hides.assert_stdout("temperature = 1\n  from model URI (flag --model)\n  overrides 0.3 (config.yml, profile 'box')\n");
    let text = sandbox(&double).run(["config", "explain", "model", "-m", "gpt-4o"]);
    assert!(
        text.stdout().contains("gpt-4o → openrouter:openai/gpt-4o"),
        "{text}"
    );
    let provider =
        sandbox(&double).run(["config", "explain", "provider", "-m", "ollama:llama3.2:3b"]);
    assert!(
        provider
            .stdout()
            .starts_with("provider = ollama\n  from flag --model\n"),
        "{provider}"
    );
}

#[test]
fn model_parameters_rank_with_the_place_of_the_model() {
    let template = "---\ntemperature: 0.2\nmax_tokens: 50\noptions: {top_k: 10}\n---\n";
    let own =
        "---\nmodel: 'a/b?temperature=0.7&top_k=5'\ntemperature: 0.2\noptions: {top_k: 10}\n---\n";
    let sent = |arguments: &[&str], model: &str| {
        let sandbox = Sandbox::new()
            .config("")
            .file("t.md", template)
            .file("own.md", own)
            .env("AMX_MODEL", model);
        let outcome = sandbox.run(
            ["chat", "--dry-run", "hi", "--template"]
                .iter()
                .chain(arguments),
        );
        outcome.assert_code(0);
        let body = outcome.json();
        [body["temperature"].clone(), body["top_k"].clone()]
    };
    // Flag before template before environment.
    assert_eq!(
        sent(&["./t.md", "-m", "a/b?temperature=0.7&top_k=5"], "c/d"),
        [json!(0.7), json!(5)]
    );
    assert_eq!(
        sent(&["./t.md"], "a/b?temperature=0.7&top_k=5"),
        [json!(0.2), json!(10)]
    );
    assert_eq!(sent(&["./own.md"], "c/d"), [json!(0.7), json!(5)]);
    assert_eq!(
        sent(&["./own.md", "-t", "1", "--top-k", "6"], "c/d"),
        [json!(1), json!(6)]
    );
    assert_eq!(
        sent(&["./own.md", "-m", "c/d"], "e/f"),
        [json!(0.2), json!(10)]
    );
}

#[test]
fn other_commands_see_the_model_that_is_asked() {
    // Doctor asks each of the two profiles once.
    let double = hello(2).also(routes::models()).also(routes::endpoints());
    let shown = sandbox(&double).run(["models", "show", "gpt-5-mini"]);
    shown
        .assert_code(0)
        .assert_stderr_has("model_aliases: gpt-5-mini → openrouter:openai/gpt-5-mini");
    assert!(shown.stdout().contains("openai/gpt-5-mini"), "{shown}");
    let doctor = sandbox(&double)
        .env("AMX_MODEL", "gpt-5-mini")
        .run(["doctor", "models", "--json"]);
    assert!(
        doctor.stdout().contains("openai/gpt-5-mini")
            && !doctor.stdout().contains("no model 'gpt-5-mini'"),
        "{doctor}"
    );
    let tested = hello(1);
    let test = sandbox(&tested)
        .env("AMX_MODEL", "fast")
        .run(["profiles", "test", "work"]);
    test.assert_code(0);
    assert_eq!(tested.request().json()["model"], "openai/gpt-4o-mini");
}

#[test]
fn a_conversation_continues_with_its_first_provider() {
    let (own, other) = (Double::start([]), hello(2));
    let sandbox = Sandbox::with(&other)
        .env("BOX_KEY", "sk-of-the-box-0123456789")
        .config(config(&own));
    let ask = |arguments: &[&str]| -> Outcome {
        sandbox.run(["chat", "--session", "s"].iter().chain(arguments))
    };
    ask(&["-p", "box", "-m", "openrouter:a/b?seed=4", "hi"]).assert_code(0);
    ask(&["again"]).assert_code(0);
    assert_eq!(
        [
            &other.requests()[1].json()["model"],
            &other.requests()[1].json()["seed"]
        ],
        [&json!("a/b"), &json!(4)]
    );
}

#[test]
fn a_profile_whose_model_names_its_provider_is_of_that_provider() {
    let config = "llm_profiles: {direct: {model: 'deepseek:deepseek-chat', api_key: 'file:/k', base_url: 'https://proxy.example/v1'}}\n";
    let sandbox = || Sandbox::new().config(config);
    assert_eq!(
        sandbox().run(["profiles", "list", "--json"]).json()[0]["provider"],
        "deepseek"
    );
    let explained = sandbox().run(["config", "explain", "provider"]);
    explained.assert_stdout(
        "provider = deepseek\n  from config.yml, profile 'direct'\n  overrides openrouter (default)\n",
    );
    let add = |sandbox: &Sandbox, provider: &str, model: &str| -> Outcome {
        sandbox.run([
            "add-llm-profile",
            "direct",
            "--no-input",
            "--provider",
            provider,
            "--model",
            model,
            "--api-key-ref",
            "${NEW_KEY}",
        ])
    };
    let contradicting = sandbox();
    add(&contradicting, "openrouter", "deepseek:deepseek-chat")
        .assert_failure(2)
        .assert_stderr_has("'deepseek:' is not provider openrouter");
    assert_eq!(
        std::fs::read_to_string(contradicting.home().join(".amx/config.yml")).unwrap(),
        config
    );
    // The URL of one provider is not used for another.
    let changed = sandbox();
    add(&changed, "openrouter", "a/b").assert_code(0);
    let written = std::fs::read_to_string(changed.home().join(".amx/config.yml")).unwrap();
    assert!(!written.contains("proxy.example"), "{written}");
    let kept = sandbox();
    add(&kept, "deepseek", "deepseek-reasoner").assert_code(0);
    assert!(
        std::fs::read_to_string(kept.home().join(".amx/config.yml"))
            .unwrap()
            .contains("proxy.example")
    );
}

#[test]
fn hidden_characters_and_empty_parts_of_a_model_are_named() {
    for (model, words) in [
        ("a/b\u{200b}", "'a/b<U+200B>'"),
        ("\u{feff}a/b", "'<U+FEFF>a/b'"),
        ("a/\u{202e}b", "'a/<U+202E>b'"),
        ("a\u{ad}/b", "'a<U+00AD>/b'"),
        ("a/b\u{7}", "hidden characters"),
        ("openai/", "nothing stands before or after a '/'"),
        ("/gpt-4o", "nothing stands before or after a '/'"),
        ("a//b", "nothing stands before or after a '/'"),
        ("openrouter:a/", "nothing stands before or after a '/'"),
        ("a/b:", "nothing stands before or after a ':'"),
    ] {
        let double = Double::start([]);
        Sandbox::with(&double)
            .run(["chat", "hi", "-m", model])
            .assert_failure(2)
            .assert_stderr_has(words);
    }
}
