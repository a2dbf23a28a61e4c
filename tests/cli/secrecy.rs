//! The key is sent to the provider and is nowhere else: not in outputs, logs, messages or files,
//! whoever echoes it.

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::{Sandbox, files_below};

/// Runs in every form of output, each with the most talkative log; [`Sandbox::run`] finds a key in
/// any of them.
#[track_caller]
fn run_in_every_form(scripted: &Reply, check: impl Fn(&Outcome)) {
    for flags in [
        &["chat", "hi"][..],
        &["chat", "--json", "hi"],
        &["chat", "--jsonl", "hi"],
        &["chat", "--raw", "hi"],
    ] {
        for log in ["", "trace"] {
            let double = Double::start([scripted.clone()]);
            let outcome = Sandbox::with(&double).env("AMX_LOG", log).run(flags);
            check(&outcome);
        }
    }
}

#[test]
fn an_answer_that_echoes_the_key_is_redacted() {
    let halves = KEY.split_at(30);
    for texts in [
        vec!["your key is ", KEY, "!"],
        vec!["your key is ", halves.0, halves.1, "!"],
    ] {
        run_in_every_form(&reply::stream(texts), |outcome| {
            outcome.assert_code(0);
            assert!(outcome.stdout().contains("your key is "), "{outcome}");
        });
    }
    let letters: Vec<String> = format!("your key is {KEY}!")
        .chars()
        .map(String::from)
        .collect();
    run_in_every_form(
        &reply::stream(letters.iter().map(String::as_str)),
        |outcome| {
            let shown = outcome.stdout();
            assert!(
                !shown.contains(KEY.trim_start_matches("sk-or-v1-")),
                "{outcome}"
            );
            outcome.assert_code(0);
        },
    );
}

#[test]
fn characters_of_a_key_in_events_do_not_add_up_to_it() {
    let halves = KEY.split_at(30);
    let double = Double::start([reply::stream(["key ", halves.0, halves.1, " end"])]);
    let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "hi"]);
    let joined: String = outcome
        .json_lines()
        .iter()
        .filter(|line| line["type"] == "text")
        .filter_map(|line| line["text"].as_str())
        .collect();
    assert!(
        !joined.contains(KEY) && joined.starts_with("key ") && joined.ends_with(" end"),
        "{outcome}"
    );
}

#[test]
fn the_beginning_of_the_key_is_redacted_and_what_all_keys_begin_with_is_not() {
    let text = format!("{} is how it begins, and sk-or-v1- too", &KEY[..20]);
    let double = Double::start([reply::stream([text.as_str()]), reply::stream([&KEY[..40]])]);
    let sandbox = Sandbox::with(&double);
    sandbox
        .run(["chat", "hi"])
        .assert_answer("[redacted] is how it begins, and sk-or-v1- too\n");
    sandbox.run(["chat", "hi"]).assert_answer("[redacted]\n");
}

#[test]
fn a_key_in_a_question_is_sent_as_it_is_and_stored_masked() {
    // The form of another provider's key, which amx has not read.
    let pasted = format!("gsk_{}", "a4Zc09Ux1e".repeat(5));
    for key in [KEY, pasted.as_str()] {
        let double = Double::start([reply::stream(["Hello"]).served_by("a/b", key)]);
        let sandbox = Sandbox::with(&double);
        let question = format!("is {key} valid?");
        let outcome = sandbox.run(["chat", "--session", "s", question.as_str()]);
        outcome.assert_code(0);
        assert!(double.request().prompt().to_string().contains(key));
        let shown = sandbox.run(["sessions", "show", "s", "--json"]);
        assert!(shown.stdout().contains("is [redacted] valid?"), "{shown}");
        for path in files_below(sandbox.home()) {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains(key),
                "{} has the key",
                path.display()
            );
        }
    }
}

#[test]
fn a_variable_in_the_system_prompt_is_sent_as_its_value_and_stored_as_its_name() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles:\n  p: {model: a/b, system: 'Door code ${DOOR}.'}\n")
        .env("DOOR", "swordfish-4711");
    sandbox.run(["chat", "--session", "s", "hi"]).assert_code(0);
    assert!(
        double
            .request()
            .text()
            .contains("Door code swordfish-4711.")
    );
    let shown = sandbox.run(["sessions", "show", "s", "--json"]);
    assert!(shown.stdout().contains("Door code ${DOOR}."), "{shown}");
    for path in files_below(sandbox.home()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("swordfish"));
    }
}

#[test]
fn no_core_file_is_written_while_a_key_is_in_memory() {
    let double = Double::start([reply::stream(["Hello"]).stall_after(1)]);
    let running = Sandbox::with(&double).spawn(["chat", "hi"]);
    double.wait_for_request();
    assert_eq!(running.soft_limit("Max core file size"), "0");
    running.signal("TERM");
    running.wait();
}

#[test]
fn a_number_of_tokens_is_not_taken_for_a_secret() {
    let outcome = Sandbox::new().env("OPENROUTER_API_KEY", KEY).run([
        "config",
        "explain",
        "max_tokens",
        "--max-tokens=4294967295",
    ]);
    outcome.assert_code(0);
    assert!(
        outcome.stdout().contains("max_tokens = 4294967295"),
        "{outcome}"
    );
}

#[test]
fn keys_that_stand_where_none_belongs_are_not_shown() {
    let config = format!(
        "# my old key: {KEY}\nother_tool: {{password: {KEY}}}\nllm_profiles:\n  p:\n    \
        model: a/b\n    base_url: https://h.invalid/{KEY}/v1\n    app: {{title: '{KEY}'}}\n    \
        notes: {KEY}\n"
    );
    let sandbox = Sandbox::new()
        .config(config)
        .env("OPENROUTER_API_KEY", "sk-or-v1-another-key-0123456789");
    for arguments in [
        &["config", "show"][..],
        &["config", "show", "--json"],
        &["config", "explain"],
        &["config", "explain", "base_url", "--json"],
        &["config", "validate"],
        &["profiles", "show", "p"],
        &["profiles", "list"],
        &["chat", "--dry-run", "hi"],
    ] {
        // The harness finds a key in any output.
        let outcome = sandbox.run(arguments);
        assert!(
            !outcome.stdout().is_empty() || outcome.code != 0,
            "{outcome}"
        );
    }
    let shown = sandbox.run(["config", "show"]).stdout();
    assert_eq!(shown.matches("[redacted]").count(), 5, "{shown}");
}

#[test]
fn keys_that_are_written_in_another_way_than_their_value_are_not_shown() {
    let (start, end) = KEY.split_at(20);
    let first = KEY.as_bytes()[0];
    let config = format!(
        "other: \"{start}\\\n  {end}\"\n\"\\x{first:02x}{}\": 1\nllm_profiles:\n  p:\n    \
        api_key: 's3cr3t''part-of-it'\n    model: a/b # kept\n    headers: {{X-Token: \
        \"h3ader\\/value-1\"}}\n    notes: [\"{start}\\u{:04x}{}\"]\n",
        &KEY[1..],
        end.as_bytes()[0],
        &end[1..],
    );
    let sandbox = Sandbox::new().config(config);
    for arguments in [&["config", "show"][..], &["config", "show", "--json"]] {
        // The harness finds a key in any output.
        let shown = sandbox.run(arguments).stdout();
        for secret in [end, &KEY[1..], &end[1..], "s3cr3t", "part-of-it", "h3ader"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        assert!(
            shown.contains("a/b") && shown.contains("[redacted]"),
            "{shown}"
        );
    }
    sandbox.run(["profiles", "use", "p"]).assert_code(0);
    let backup = sandbox.home().join(".amx/config.yml.bak.1");
    let backup = std::fs::read_to_string(backup).unwrap();
    for secret in [end, &KEY[1..], &end[1..], "s3cr3t", "h3ader"] {
        assert!(!backup.contains(secret), "{secret}: {backup}");
    }
    assert!(backup.contains("model: a/b # kept"), "{backup}");
}

#[test]
fn reasoning_that_echoes_the_key_is_redacted() {
    let halves = KEY.split_at(50);
    run_in_every_form(
        &reply::stream(["Hello"]).reasoning(["the key ", halves.0, halves.1]),
        |outcome| {
            outcome.assert_code(0);
        },
    );
}

#[test]
fn refusals_that_echo_the_key_are_redacted() {
    let words = format!("Incorrect API key provided: {KEY}.");
    let raw = json!({"error": {"message": words}}).to_string();
    let echoes = [
        reply::refusal(401, &words),
        reply::refusal_with(
            400,
            "Provider returned error",
            json!({"raw": raw, "provider_name": KEY}),
        ),
        reply::page(403, "text/html", &format!("<title>Bearer {KEY}</title>")),
        reply::refusal(308, &words).header("location", &format!("http://127.0.0.1:9/{KEY}")),
        reply::refusal(400, "no")
            .header("x-echo", KEY)
            .header("x-request-id", KEY),
        reply::json(json!({"error": {"code": 400, "message": words}})),
        reply::stream(["partial"]).error_event(&json!({"code": 400, "message": words})),
    ];
    for scripted in echoes {
        run_in_every_form(&scripted, |outcome| {
            assert_ne!(outcome.code, 0, "{outcome}");
            assert!(!outcome.stderr().is_empty(), "{outcome}");
        });
    }
}

#[test]
fn the_names_of_model_and_provider_are_searched_for_the_key_too() {
    run_in_every_form(&reply::stream(["Hello"]).served_by(KEY, KEY), |outcome| {
        outcome.assert_code(0);
    });
}

#[test]
fn a_key_as_a_flag_is_refused_and_not_repeated() {
    let joined = format!("--api-key={KEY}");
    let short = format!("--key={KEY}");
    for arguments in [
        vec!["chat", "--api-key", KEY, "hi"],
        vec!["chat", joined.as_str(), "hi"],
        vec!["--api-key", KEY, "chat"],
        vec!["chat", short.as_str()],
    ] {
        let double = Double::start([]);
        let outcome = Sandbox::with(&double).run(&arguments);
        outcome.assert_failure(2).assert_stdout("");
        let outcome = Sandbox::with(&double).run(arguments.iter().chain(&["--json"]));
        assert!(
            outcome.code == 2 && !outcome.stderr().contains("sk-or-v1-5f0c"),
            "{outcome}"
        );
    }
    let outcome = Sandbox::new().run(["chat", "--api-key", "short-secret", "hi"]);
    outcome
        .assert_failure(2)
        .assert_stderr_lacks("short-secret")
        .assert_stderr_has("OPENROUTER_API_KEY");
}

#[test]
fn a_log_shows_the_work_and_not_the_key() {
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = Sandbox::with(&double)
        .env("AMX_LOG", "trace")
        .run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert!(
        !outcome.stderr().is_empty(),
        "the log is empty, so this shows nothing"
    );
}

#[test]
fn a_bad_key_is_not_repeated() {
    for bad in [
        format!("{KEY} "),
        format!(" {KEY}"),
        format!("{KEY}\n"),
        format!("{KEY}é"),
    ] {
        let double = Double::start([]);
        Sandbox::with(&double)
            .env("OPENROUTER_API_KEY", bad)
            .run(["chat", "hi"])
            .assert_stdout("")
            .assert_stderr_has("OPENROUTER_API_KEY");
    }
}

#[test]
fn what_is_saved_of_a_conversation_has_no_key_and_is_private() {
    let double = Double::start([reply::stream(["your key is ", KEY])]);
    let sandbox = Sandbox::with(&double);
    sandbox.run(["chat", "hi"]).assert_code(0);
    for path in files_below(sandbox.home()) {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has the mode {mode:o}", path.display());
    }
}

#[test]
fn a_dry_run_and_a_config_with_a_plain_key_show_none_of_it() {
    let double = Double::start([reply::stream(["Hello"])]);
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: {KEY}}}\n",
        double.base_url()
    );
    let sandbox = Sandbox::new().config(config);
    sandbox.run(["chat", "--dry-run", "hi"]).assert_code(0);
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert_eq!(
        outcome.lines_starting("warning: "),
        1,
        "a key in plain text is not warned about\n{outcome}"
    );
}

#[test]
fn the_program_that_gives_the_key_does_not_see_the_others() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::new()
        .file("good", KEY)
        .scratch("seen")
        .script("key.sh", "env >\"$HOME/seen\"; cat \"$HOME/good\"");
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'cmd:{}'}}\n",
        double.base_url(),
        sandbox.home().join("key.sh").display()
    );
    let sandbox = sandbox
        .config(config)
        .env("OPENAI_API_KEY", "sk-other-provider")
        .env("AMX_LLM_API_KEY", "");
    sandbox.run(["chat", "hi"]).assert_code(0);
    let seen = std::fs::read_to_string(sandbox.home().join("seen")).unwrap();
    assert!(
        seen.contains("HOME=") && !seen.contains("sk-other-provider"),
        "{seen}"
    );
}
