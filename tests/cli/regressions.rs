//! Mistakes that were made once, each with the least that showed it.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Ending, Reply};
use crate::support::sandbox::Sandbox;

/// A value in the form of a key of Google.
const GOOGLE_KEY: &str = "AIzaSyD-9tSrke72PouQMnMX_a7eZSW0jkFMBWY";

/// An address without a listener.
const NOWHERE: &str = "http://127.0.0.1:9/v1";

fn hello() -> Double {
    Double::start([reply::stream(["Hello"])])
}

fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".amx/config.yml")).unwrap()
}

#[test]
fn a_key_in_three_pieces_is_not_in_the_joined_lines() {
    for (first, second) in [(9, 40), (1, 2), (30, KEY.len() - 1)] {
        let pieces = [
            "key ",
            &KEY[..first],
            &KEY[first..second],
            &KEY[second..],
            " end",
        ];
        let double = Double::start([reply::stream(pieces).reasoning(pieces)]);
        let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "hi"]);
        for kind in ["text", "reasoning"] {
            let lines = outcome.json_lines();
            let joined: String = lines
                .iter()
                .filter(|line| line["type"] == kind)
                .filter_map(|line| line["text"].as_str())
                .collect();
            assert_eq!(
                joined, "key [redacted] end",
                "{kind} in pieces at {first} and {second}\n{outcome}"
            );
        }
    }
}

#[test]
fn a_key_where_none_belongs_is_not_repeated() {
    let joined = format!("--api-key-stdin={GOOGLE_KEY}");
    let flags = ["--no-input", "--provider", "gemini", "--model", "g"];
    for misplaced in [
        &["add-llm-profile", "x", &joined][..],
        &["add-llm-profile", &joined],
        &["add-llm-profile", "x", GOOGLE_KEY],
    ] {
        for more in [&[][..], &flags, &["--json"]] {
            let outcome = Sandbox::new().run(misplaced.iter().chain(more));
            outcome
                .assert_code(2)
                .assert_stdout("")
                .assert_stderr_lacks(&GOOGLE_KEY[6..]);
        }
    }
}

#[test]
fn a_key_in_the_place_of_a_name_is_not_written_down() {
    let flags = ["--no-input", "--provider", "gemini", "--model", "g"];
    let outcome = Sandbox::new().run(["add-llm-profile", GOOGLE_KEY].iter().chain(&flags));
    outcome
        .assert_failure(2)
        .assert_stdout("")
        .assert_stderr_lacks(&GOOGLE_KEY[6..]);
    let outcome = Sandbox::new()
        .config("llm_profiles:\n  a: {model: x}\n")
        .run(["profiles", "rename", "a", GOOGLE_KEY]);
    outcome
        .assert_failure(2)
        .assert_stdout("")
        .assert_stderr_lacks(&GOOGLE_KEY[6..]);
}

#[test]
fn an_answer_that_is_finished_does_not_wait_for_done() {
    let open = Reply {
        ending: Ending::Stall,
        ..reply::stream(["Hello ", "world"]).no_done()
    };
    let double = Double::start([open]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello world\n");
    assert!(outcome.elapsed < Duration::from_secs(5), "{outcome}");
}

/// A refusal of which only the head ever comes.
fn endless_refusal() -> Reply {
    Reply {
        ending: Ending::Stall,
        ..reply::page(429, "application/json", "").header("retry-after", "0")
    }
}

#[test]
fn a_refusal_whose_body_never_ends_is_tried_again() {
    let double = Double::start([endless_refusal(), reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert_eq!(outcome.lines_starting("note: retrying in "), 1, "{outcome}");
    let double = Double::start(vec![endless_refusal(); 4]);
    let error = Sandbox::with(&double)
        .env("AMX_LLM_TIMEOUT_SEC", "1")
        .run(["chat", "--json", "hi"])
        .json_failure(8);
    assert_eq!(error["status"], 429, "{error}");
}

#[test]
fn a_bill_for_the_first_of_two_replies_is_not_the_whole() {
    let spent = reply::stream([""])
        .reasoning(["hm"])
        .finish("length")
        .usage(10, 32768, 32768, 0.25);
    for flags in [
        &["chat", "--json", "hi"][..],
        &["chat", "--no-stream", "--json", "hi"],
    ] {
        let (first, second) = if flags.len() == 3 {
            (spent.clone(), reply::stream(["Hello"]).no_usage())
        } else {
            (
                reply::whole("")
                    .reasoning(["hm"])
                    .finish("length")
                    .usage(10, 32768, 32768, 0.25),
                reply::whole("Hello").no_usage(),
            )
        };
        let double = Double::start([first, second]);
        let outcome = Sandbox::with(&double)
            .env("AMX_MODEL", "openai/o3")
            .run(flags);
        let object = outcome.assert_code(0).json();
        assert_eq!(
            [
                &object["content"],
                &object["cost_source"],
                &object["cost_usd"]
            ],
            [&json!("Hello"), &json!("unknown"), &Value::Null],
            "{outcome}"
        );
    }
}

/// The object of an answer that came from profile b after profile a had failed.
#[track_caller]
fn after_a_fallback(failing: &Reply, answering: Reply, flags: &[&str]) -> Value {
    let (first, second) = (
        Double::start(vec![failing.clone(); 4]),
        Double::start([answering]),
    );
    let server = |model: &str, double: &Double, more: &str| {
        format!(
            "{{model: {model}, base_url: '{}', api_key: '${{TEST_KEY}}'{more}}}",
            double.base_url()
        )
    };
    let config = format!(
        "llm_profiles:\n  a: {}\n  b: {}\nactive_llm_profile: a\n",
        server("a/one", &first, ", fallback_profiles: [b]"),
        server("b/two", &second, "")
    );
    let outcome = Sandbox::new()
        .env("TEST_KEY", KEY)
        .config(config)
        .run(["chat", "--json", "hi"].iter().chain(flags));
    let object = outcome.assert_code(0).json();
    assert_eq!(
        [&object["profile"], &object["content"], &object["model"]],
        [&json!("b"), &json!("Hello"), &Value::Null],
        "{outcome}"
    );
    object
}

#[test]
fn an_answer_has_no_ids_of_the_profile_that_failed_before_it() {
    let choice = json!({"index": 0, "delta": {"content": ""}, "finish_reason": "error"});
    let error = json!({"id": "gen-of-a", "model": "a/served", "provider": "Cloud of A", "error": {"code": 503, "message": "later"}, "choices": [choice]});
    let mut events = reply::stream([])
        .served_by("a/served", "Cloud of A")
        .no_usage()
        .event(error.clone())
        .header("retry-after", "0");
    events.answer.finish = None;
    let bare = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let whole = json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]});
    let objects = [
        after_a_fallback(&events, reply::page(200, "text/event-stream", bare), &[]),
        after_a_fallback(
            &reply::json(error).header("retry-after", "0"),
            reply::json(whole),
            &["--no-stream"],
        ),
    ];
    for mut object in objects {
        object.as_object_mut().unwrap().remove("attempts");
        let text = object.to_string();
        for foreign in ["gen-of-a", "a/served", "Cloud of A", "Scripted000000000004"] {
            assert!(!text.contains(foreign), "{foreign} is of profile a: {text}");
        }
    }
}

const TWO_PROFILES: &str = "llm_profiles:\n  a: {model: a/one, api_key: 'keyring://amx/a/api_key'}\n  b: {model: b/two}\nactive_llm_profile: b\n";

#[test]
fn a_lock_that_is_never_released_is_named() {
    let sandbox = Sandbox::new().config(TWO_PROFILES);
    let lock = File::create(sandbox.home().join(".amx/config.lock")).unwrap();
    lock.lock().unwrap();
    let outcome = sandbox.run(["profiles", "use", "a"]);
    outcome.assert_failure(12).assert_stderr_has("config.lock");
    assert!(outcome.elapsed < Duration::from_secs(15), "{outcome}");
    assert_eq!(config(&sandbox), TWO_PROFILES);
    lock.unlock().unwrap();
    sandbox.run(["profiles", "use", "a"]).assert_code(0);
}

#[test]
fn a_profile_is_removed_also_without_a_keyring() {
    for sandbox in [Sandbox::new(), Sandbox::new().env("AMX_NO_KEYRING", "1")] {
        let sandbox = sandbox.config(TWO_PROFILES);
        let outcome = sandbox.run(["profiles", "remove", "a", "--yes"]);
        outcome
            .assert_code(0)
            .assert_stderr_has("keyring://amx/a/api_key");
        assert_eq!(outcome.lines_starting("warning: "), 1, "{outcome}");
        assert!(
            !config(&sandbox).contains("a/one") && config(&sandbox).contains("b/two"),
            "{}",
            config(&sandbox)
        );
    }
}

#[test]
fn a_missing_active_profile_can_be_fixed() {
    let double = hello();
    let dangling = TWO_PROFILES.replace("active_llm_profile: b", "active_llm_profile: gone");
    let sandbox = Sandbox::with(&double).config(dangling);
    sandbox
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("gone");
    sandbox.run(["profiles", "use", "a"]).assert_code(0);
    assert!(
        config(&sandbox).contains("active_llm_profile: a\n"),
        "{}",
        config(&sandbox)
    );
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert_eq!(double.request().json()["model"], "a/one");
}

#[test]
fn a_file_that_never_ends_is_refused_at_once() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double);
    assert!(
        Command::new("mkfifo")
            .arg(sandbox.home().join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    for name in ["pipe", "/dev/zero"] {
        let outcome = sandbox.run(["chat", "-f", name, "hi"]);
        outcome.assert_failure(5).assert_stderr_has(name);
        assert!(outcome.elapsed < Duration::from_secs(15), "{outcome}");
    }
}

#[test]
fn a_dash_after_words_is_the_pipe() {
    let double = hello();
    Sandbox::with(&double)
        .stdin("text")
        .run(["chat", "explain", "-"])
        .assert_answer("Hello\n");
    assert_eq!(double.request().prompt(), "explain\n\ntext");
}

#[test]
fn an_option_inside_an_object_keeps_the_rest_of_it() {
    let double = hello();
    let profile = "llm_profiles:\n  p:\n    model: a/b\n    openrouter: {provider: {max_price: {completion: 2}}}\n";
    Sandbox::with(&double)
        .config(profile)
        .run(["chat", "-o", "provider.max_price.prompt=1", "hi"])
        .assert_answer("Hello\n");
    assert_eq!(
        double.request().json()["provider"]["max_price"],
        json!({"completion": 2, "prompt": 1})
    );
}

#[test]
fn a_program_that_gives_the_key_can_be_interrupted() {
    let sandbox = Sandbox::new().script("key.sh", "touch started; exec sleep 30");
    let profile = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{NOWHERE}', api_key: 'cmd:{}'}}\n",
        sandbox.home().join("key.sh").display()
    );
    let sandbox = sandbox.config(profile);
    let running = sandbox.spawn(["chat", "hi"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !sandbox.home().join("started").exists() {
        assert!(
            Instant::now() < deadline,
            "the program that gives the key is not started\n{}",
            running.told()
        );
        std::thread::yield_now();
    }
    let sent = Instant::now();
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130).assert_stdout("");
    assert!(
        sent.elapsed() < Duration::from_secs(10),
        "{:?}\n{outcome}",
        sent.elapsed()
    );
}

#[test]
fn a_variable_in_a_url_survives_an_edit() {
    let before = "llm_profiles:\n  p:\n    provider: local\n    model: a/b  # the old one\n    base_url: ${MYURL}\nactive_llm_profile: p\n";
    let sandbox = Sandbox::new().config(before).env("MYURL", NOWHERE);
    sandbox
        .run(["add-llm-profile", "p", "--no-input", "--model", "x"])
        .assert_code(0);
    assert_eq!(config(&sandbox), before.replace("a/b", "x"));
}

#[test]
fn another_provider_does_not_inherit_url_and_key() {
    let old = Double::start([]);
    let before = format!(
        "llm_profiles:\n  a: {{provider: local, model: m, base_url: '{}', api_key: '${{OLD_KEY}}'}}\nactive_llm_profile: a\n",
        old.base_url()
    );
    for (more, kept) in [
        (&[][..], None),
        (&["--api-key-ref", "${NEW_KEY}"], Some("${NEW_KEY}")),
    ] {
        let sandbox = Sandbox::new()
            .config(&before)
            .env("OLD_KEY", KEY)
            .env("NEW_KEY", KEY);
        let edit = [
            "add-llm-profile",
            "a",
            "--no-input",
            "--provider",
            "openai",
            "--model",
            "gpt",
        ];
        sandbox.run(edit.iter().chain(more)).assert_code(0);
        let profile = &sandbox.run(["config", "show", "--json"]).json()["llm_profiles"]["a"];
        assert_eq!(
            [&profile["provider"], &profile["base_url"]],
            [&json!("openai"), &Value::Null],
            "{profile}"
        );
        assert_eq!(profile["api_key"].as_str(), kept, "{profile}");
    }
}
