//! Single answers are kept and gone on with: `-c`, `--session`, `--no-save`, and a job that leaves
//! nothing behind.

use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const PROFILE: &str = "llm_profiles:\n  work: {provider: openrouter, model: openai/gpt-4o-mini}\nactive_llm_profile: work\n";

/// Role and text of the messages of a request.
fn messages(request: &Recorded) -> Vec<(String, String)> {
    let body = request.json();
    let messages = body["messages"].as_array().unwrap().iter();
    messages
        .map(|message| {
            (
                message["role"].as_str().unwrap().to_owned(),
                message["content"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(role, text)| ((*role).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn the_last_conversation_is_continued() {
    let double = Double::start([
        reply::stream(["Four."]),
        reply::stream(["Eight."]),
        reply::stream(["Vier."]),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox.run(["chat", "2+2?"]).assert_answer("Four.\n");
    sandbox.run(["chat", "4+4?"]).assert_answer("Eight.\n");
    sandbox
        .run(["chat", "-c", "in German?"])
        .assert_answer("Vier.\n");
    let requests = double.requests();
    assert_eq!(messages(&requests[1]), said(&[("user", "4+4?")]));
    assert_eq!(
        messages(&requests[2]),
        said(&[
            ("user", "4+4?"),
            ("assistant", "Eight."),
            ("user", "in German?")
        ])
    );
}

#[test]
fn a_named_conversation_is_created_and_found_again() {
    let double = Double::start([
        reply::stream(["one"]),
        reply::stream(["two"]),
        reply::stream(["three"]),
    ]);
    let sandbox = Sandbox::with(&double);
    sandbox
        .run(["chat", "--session", "work", "first"])
        .assert_code(0)
        .assert_stdout("one\n")
        .assert_stderr_has("new conversation 'work'");
    sandbox.run(["chat", "between"]).assert_answer("two\n");
    let outcome = sandbox.run(["chat", "--session", "work", "--json", "second"]);
    assert_eq!(outcome.json()["session"], "work");
    assert_eq!(
        messages(&double.requests()[2]),
        said(&[("user", "first"), ("assistant", "one"), ("user", "second")])
    );
}

#[test]
fn model_and_system_prompt_are_restored_and_flags_override_them() {
    let double = Double::start([
        reply::stream(["one"]),
        reply::stream(["two"]),
        reply::stream(["three"]),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox
        .run([
            "chat",
            "-m",
            "meta-llama/llama-3.3-70b-instruct",
            "-s",
            "Be brief.",
            "-t",
            "0.5",
            "first",
        ])
        .assert_code(0);
    sandbox.run(["chat", "-c", "second"]).assert_code(0);
    sandbox
        .run(["chat", "-c", "-m", "openai/gpt-4o", "third"])
        .assert_code(0);
    let requests = double.requests();
    let second = requests[1].json();
    assert_eq!(
        (&second["model"], &second["temperature"]),
        (&json!("meta-llama/llama-3.3-70b-instruct"), &json!(0.5))
    );
    assert_eq!(
        second["messages"][0],
        json!({"role": "system", "content": "Be brief."})
    );
    assert_eq!(requests[2].json()["model"], "openai/gpt-4o");
}

#[test]
fn a_missing_conversation_is_reported_before_sending() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox
        .run(["chat", "-c", "and?"])
        .assert_failure(2)
        .assert_stderr_has("no conversation to continue");
    sandbox
        .run(["chat", "--session", "12", "and?"])
        .assert_failure(2);
    sandbox
        .run(["chat", "-c", "--session", "x", "and?"])
        .assert_failure(2);
    sandbox
        .run(["chat", "--resume=plan", "and?"])
        .assert_failure(2)
        .assert_stderr_has("no conversation to continue");
    // There is nobody to pick one.
    sandbox
        .run(["chat", "and?", "--resume"])
        .assert_failure(2)
        .assert_stderr_has("chat --resume needs a terminal")
        .assert_stderr_has("amx chat --resume NAME");
}

#[test]
fn a_conversation_is_resumed_by_name_or_number() {
    let double = Double::start([
        reply::stream(["One."]),
        reply::stream(["Two."]),
        reply::stream(["Three."]),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    // A new name is a note on stderr.
    sandbox
        .run(["chat", "--session", "work", "first"])
        .assert_code(0);
    sandbox
        .run(["chat", "--resume=work", "second"])
        .assert_answer("Two.\n");
    sandbox
        .run(["chat", "--resume", "1", "third"])
        .assert_answer("Three.\n");
    let messages = double.requests()[2].json()["messages"].clone();
    assert_eq!(messages.as_array().map(Vec::len), Some(5));
    sandbox
        .run(["chat", "--resume=wrk", "fourth"])
        .assert_failure(2)
        .assert_stderr_has("unknown session 'wrk'")
        .assert_stderr_has("did you mean 'work'?");
    // A question is no name, also where nothing is saved.
    for sandbox in [&sandbox, &Sandbox::with(&double).config(PROFILE)] {
        sandbox
            .run(["chat", "--resume", "why is it so?"])
            .assert_failure(2)
            .assert_stderr_has("--resume accepts the name or number of a conversation")
            .assert_stderr_has("amx chat 'why is it so?' --resume")
            .assert_stderr_has("amx chat -c 'why is it so?'");
        sandbox
            .run(["chat", "--resume", &"why? ".repeat(20)])
            .assert_failure(2)
            .assert_stderr_has("amx chat QUESTION --resume");
    }
}

#[test]
fn no_save_saves_nothing_and_still_reads() {
    let double = Double::start([
        reply::stream(["one"]),
        reply::stream(["two"]),
        reply::stream(["three"]),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox.run(["chat", "--no-save", "first"]).assert_code(0);
    assert_eq!(
        sandbox.run(["sessions", "list", "--json"]).json(),
        json!([])
    );
    sandbox.run(["chat", "kept"]).assert_code(0);
    sandbox
        .run(["chat", "-c", "--no-save", "not kept"])
        .assert_code(0);
    assert_eq!(
        messages(&double.requests()[2]),
        said(&[("user", "kept"), ("assistant", "two"), ("user", "not kept")])
    );
    let shown = sandbox
        .run(["sessions", "show", "1", "--json"])
        .assert_code(0)
        .stdout();
    assert!(
        shown.contains("kept") && !shown.contains("not kept"),
        "{shown}"
    );
}

#[test]
fn a_job_with_only_environment_variables_writes_no_file() {
    let double = Double::start([reply::stream(["one"])]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["chat", "--json", "hi"]);
    assert_eq!(outcome.json()["session"], Value::Null);
    assert!(!sandbox.home().join(".amx").exists());
}

#[test]
fn a_failure_without_an_answer_is_not_saved() {
    let double = Double::start([
        reply::refusal(400, "no"),
        reply::stream(["par", "tial"]).cut_after(1),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox.run(["chat", "hi"]).assert_failure(7);
    sandbox.run(["chat", "-c", "hi"]).assert_failure(2);
    sandbox.run(["chat", "hi"]).assert_code(9);
    let shown = sandbox
        .run(["sessions", "show", "1"])
        .assert_code(0)
        .stdout();
    assert!(shown.contains("par"), "{shown}");
}

#[test]
fn a_dry_run_shows_the_earlier_turns_and_saves_nothing() {
    let double = Double::start([reply::stream(["one"])]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox.run(["chat", "first"]).assert_code(0);
    let body = sandbox.run(["chat", "-c", "--dry-run", "second"]).json();
    assert_eq!(body["messages"].as_array().unwrap().len(), 3);
    let listed = sandbox.run(["sessions", "list", "--json"]).json();
    assert_eq!(listed[0]["turns"], 1);
}

#[test]
fn an_unwritable_store_changes_the_exit_code_and_not_the_answer() {
    let double = Double::start([reply::stream(["one"]), reply::stream(["two"])]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    std::fs::create_dir(sandbox.home().join(".amx/amx.db")).unwrap();
    let outcome = sandbox.run(["chat", "hi"]);
    outcome
        .assert_code(12)
        .assert_stdout("one\n")
        .assert_stderr_has("the answer could not be saved")
        .assert_stderr_lacks("--no-save");
    // The ledger is in the same file, and holds what was spent whether or not the text is kept.
    sandbox
        .run(["chat", "--no-save", "hi"])
        .assert_failure(12)
        .assert_stdout("two\n")
        .assert_stderr_has("the usage ledger could not be written");
}

#[test]
fn reasoning_is_sent_back_unchanged_to_its_own_family_only() {
    let signed = json!([{"type": "reasoning.text", "text": "hm", "signature": "s1", "format": "anthropic-claude-v1", "index": 0}]);
    let thinking = || {
        reply::stream(["Yes."]).reasoning(["hm"]).late_detail(json!({"type": "reasoning.text", "signature": "s1", "format": "anthropic-claude-v1", "index": 0}))
    };
    let double = Double::start([
        thinking(),
        reply::stream(["Again."]),
        reply::stream(["Other."]),
    ]);
    let sandbox = Sandbox::with(&double).config(PROFILE);
    sandbox
        .run(["chat", "-m", "anthropic/claude-sonnet-4", "first"])
        .assert_code(0);
    sandbox
        .run(["chat", "-c", "-m", "anthropic/claude-opus-4", "second"])
        .assert_code(0);
    sandbox
        .run(["chat", "-c", "-m", "openai/gpt-4o", "third"])
        .assert_code(0);
    let requests = double.requests();
    let assistant = |index: usize| requests[index].json()["messages"][1].clone();
    assert_eq!(
        assistant(1)["reasoning_details"][0]["signature"],
        signed[0]["signature"]
    );
    assert_eq!(assistant(2).get("reasoning_details"), None);
}
