//! `profiles`: list, show, use, remove, rename, test; nothing lost when many edit at once.

use crate::pty::USUAL;
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const TWO: &str = "\
# first comment
llm_profiles:
  or-claude:  # beside the name
    provider: openrouter
    model: anthropic/claude-sonnet-5
    # above the key
    api_key: ${MY_KEY}
    fallback_profiles: [box]
  box:
    provider: local
    model: qwen3
    base_url: http://127.0.0.1:9/v1
active_llm_profile: or-claude  # the good one
# last comment
";

/// Every comment of a text.
fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| Some(&line[line.find('#')?..]))
        .collect()
}

#[test]
fn the_list_marks_the_active_one_and_shows_no_key() {
    let sandbox = stage::bare().config(TWO.replace("${MY_KEY}", KEY));
    let outcome = sandbox.run(["profiles", "list"]);
    outcome.assert_code(0);
    let active: Vec<String> = outcome
        .stdout()
        .lines()
        .filter(|line| line.starts_with('*'))
        .map(str::to_owned)
        .collect();
    assert!(
        active.len() == 1 && active[0].contains("or-claude"),
        "{outcome}"
    );
    assert!(
        outcome.stdout().contains("box") && outcome.stdout().contains("qwen3"),
        "{outcome}"
    );
    let listed = sandbox.run(["profiles", "list", "--json"]).json();
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["active"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("box", false), ("or-claude", true)]);
}

#[test]
fn an_empty_list_is_no_error() {
    let sandbox = stage::bare();
    sandbox
        .run(["profiles", "list"])
        .assert_code(0)
        .assert_stdout("");
    assert_eq!(
        sandbox.run(["profiles", "list", "--json"]).json(),
        serde_json::json!([])
    );
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn show_prints_the_source_of_each_value() {
    let sandbox = stage::bare()
        .config(TWO)
        .env("AMX_MODEL", "openai/gpt-5-mini");
    let shown = sandbox.run(["profiles", "show", "--json"]).json();
    assert_eq!(shown["profile"]["value"], "or-claude");
    assert_eq!(shown["model"]["value"], "openai/gpt-5-mini");
    assert!(
        shown["model"]["source"]
            .as_str()
            .unwrap()
            .contains("AMX_MODEL"),
        "{shown}"
    );
    assert_eq!(shown["api_key"]["value"], "${MY_KEY}");
    let text = sandbox.run(["profiles", "show", "box"]);
    text.assert_code(0);
    assert!(text.stdout().contains("http://127.0.0.1:9/v1"), "{text}");
}

#[test]
fn a_plain_key_is_warned_about_and_not_shown() {
    let sandbox = stage::bare().config(TWO.replace("${MY_KEY}", KEY));
    sandbox
        .run(["profiles", "show", "or-claude"])
        .assert_code(0)
        .assert_stderr_has("warning: ")
        .assert_stderr_has("plain text");
    let terminal = stage::terminal(&sandbox, &["profiles", "show", "or-claude"], USUAL);
    terminal.wait_for_question("Move it to the keyring?");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    assert!(
        !terminal.transcript().contains("5f0cae9d"),
        "{}",
        terminal.transcript()
    );
    terminal.assert_restored();
}

#[test]
fn use_changes_one_line() {
    let sandbox = stage::bare().config(TWO);
    sandbox.run(["profiles", "use", "box"]).assert_code(0);
    assert_eq!(
        stage::config(&sandbox),
        TWO.replace("active_llm_profile: or-claude", "active_llm_profile: box")
    );
}

#[test]
fn unknown_names_are_exit_3_with_the_nearest() {
    let sandbox = stage::bare().config(TWO);
    let commands: &[&[&str]] = &[
        &["profiles", "use", "or-cluade"],
        &["profiles", "show", "or-cluade"],
        &["profiles", "remove", "or-cluade", "--yes"],
        &["profiles", "rename", "or-cluade", "x"],
        &["profiles", "test", "or-cluade"],
        &["chat", "-p", "or-cluade", "hello"],
        &["config", "explain", "model", "-p", "or-cluade"],
    ];
    for arguments in commands {
        sandbox
            .run(*arguments)
            .assert_failure(3)
            .assert_stderr_has("'or-cluade'")
            .assert_stderr_has("'or-claude'");
    }
    assert_eq!(stage::config(&sandbox), TWO);
}

#[test]
fn removing_takes_a_yes() {
    let sandbox = stage::bare().config(TWO);
    sandbox
        .run(["profiles", "remove", "box"])
        .assert_failure(2)
        .assert_stderr_has("--yes");
    assert_eq!(stage::config(&sandbox), TWO);
    let terminal = stage::terminal(&sandbox, &["profiles", "remove", "box"], USUAL);
    terminal.wait_for_question("Remove profile 'box'");
    terminal.type_text("n");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.transcript());
    assert_eq!(stage::config(&sandbox), TWO);
    terminal.assert_restored();
}

#[test]
fn removing_keeps_everything_else() {
    let sandbox = stage::bare().config(TWO);
    sandbox
        .run(["profiles", "remove", "box", "--yes"])
        .assert_code(0);
    let config = stage::config(&sandbox);
    assert!(!config.contains("qwen3"), "{config}");
    assert_eq!(comments(&config), comments(TWO));
    assert!(
        !config.contains("box"),
        "the profile is still somebody's fallback:\n{config}"
    );
    sandbox.run(["config", "validate"]).assert_code(0);
    sandbox
        .run(["profiles", "remove", "or-claude", "--yes"])
        .assert_code(0);
    assert!(
        !stage::config(&sandbox).contains("active_llm_profile: or-claude"),
        "{}",
        stage::config(&sandbox)
    );
    sandbox.run(["config", "validate"]).assert_code(0);
}

#[test]
fn renaming_renames_every_mention() {
    let sandbox = stage::bare().config(TWO);
    sandbox
        .run(["profiles", "rename", "box", "workstation"])
        .assert_code(0);
    sandbox
        .run(["profiles", "rename", "or-claude", "claude"])
        .assert_code(0);
    let config = stage::config(&sandbox);
    assert_eq!(comments(&config), comments(TWO));
    let shown = sandbox.run(["config", "show", "--json"]).json();
    assert_eq!(shown["active_llm_profile"], "claude");
    assert_eq!(
        shown["llm_profiles"]["claude"]["fallback_profiles"],
        serde_json::json!(["workstation"])
    );
    assert_eq!(shown["llm_profiles"]["workstation"]["model"], "qwen3");
    sandbox
        .run(["profiles", "rename", "claude", "workstation"])
        .assert_failure(2)
        .assert_stderr_has("already");
    sandbox
        .run(["profiles", "rename", "claude", "bad name"])
        .assert_failure(2);
    assert_eq!(stage::config(&sandbox), config);
}

#[test]
fn test_sends_the_cheapest_request_and_prints_the_time() {
    let double = Double::start([reply::stream(["ok"]), reply::stream(["ok"])]);
    let sandbox = stage::ready(&double).without("AMX_MODEL").config(TWO);
    let outcome = sandbox.run(["profiles", "test", "or-claude"]);
    outcome.assert_code(0);
    assert!(
        outcome.stdout().contains("or-claude") && outcome.stdout().contains("responded in"),
        "{outcome}"
    );
    let asked = double.request().json();
    assert_eq!(asked["model"], "anthropic/claude-sonnet-5");
    assert!(asked["max_tokens"].as_u64().unwrap() <= 64, "{asked}");
    let told = sandbox
        .run(["profiles", "test", "or-claude", "--json"])
        .json();
    assert_eq!(
        (&told["ok"], &told["profile"]),
        (&true.into(), &"or-claude".into()),
        "{told}"
    );
    assert!(told["total_ms"].is_u64(), "{told}");
}

#[test]
fn a_failed_test_is_exit_1() {
    let double = Double::start([reply::refusal(402, "Insufficient credits")]);
    stage::ready(&double)
        .without("AMX_MODEL")
        .config(TWO)
        .run(["profiles", "test", "or-claude"])
        .assert_failure(1)
        .assert_stderr_has("credits");
}

/// Sixteen processes at once, twenty commands each.
fn edit_at_once(sandbox: &Sandbox, script_of: impl Fn(usize) -> String) {
    let children: Vec<_> = (0..16)
        .map(|writer| {
            stage::shell(sandbox, &script_of(writer))
                .stdin(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for (writer, mut child) in children.into_iter().enumerate() {
        assert!(child.wait().unwrap().success(), "writer {writer} failed");
    }
}

#[test]
fn no_edit_is_lost_when_many_edit_at_once() {
    let sandbox = stage::bare().config(TWO).env("OPENROUTER_API_KEY", KEY);
    edit_at_once(&sandbox, |writer| {
        format!(
            "set -e; for n in 0 1 2 3 4 5 6 7 8 9; do \
             \"$AMX\" add-llm-profile w{writer}-$n --no-input --provider openrouter --model a/m$n \
             >out{writer}; \
             \"$AMX\" profiles use w{writer}-$n >out{writer}; done"
        )
    });
    let shown = sandbox.run(["config", "show", "--json"]).json();
    for (writer, number) in (0..16).flat_map(|writer| (0..10).map(move |number| (writer, number))) {
        assert_eq!(
            shown["llm_profiles"][format!("w{writer}-{number}")]["model"],
            format!("a/m{number}"),
            "w{writer}-{number} is lost"
        );
    }
    assert!(
        shown["active_llm_profile"]
            .as_str()
            .unwrap()
            .ends_with("-9"),
        "the last writer's last choice is not in force"
    );
    assert_eq!(comments(&stage::config(&sandbox)), comments(TWO));
    sandbox.run(["config", "validate"]).assert_code(0);
}
