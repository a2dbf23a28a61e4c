//! `config`: path, show, explain, validate, restore; backups without secrets; files of a newer
//! version left alone.

use crate::pty::USUAL;
use crate::stage::{self, mode};
use crate::support::double::KEY;
use crate::support::sandbox::{Sandbox, files_below};

const WORK: &str = "\
# hand-written
llm_profiles:
  work:
    model: a/b # cheap
    temperature: 0.5
  home: {model: c/d}
active_llm_profile: work
ancestors_key: {untouched: [1, 2]}
";

#[test]
fn path_is_printed_whether_or_not_there_is_a_file() {
    let sandbox = stage::bare();
    let path = stage::config_file(&sandbox);
    sandbox
        .run(["config", "path"])
        .assert_answer(&format!("{}\n", path.display()));
    stage::assert_nothing_written(&sandbox);
    let elsewhere = sandbox.home().join("elsewhere");
    let sandbox = sandbox.env("AMX_CONFIG_DIR", &elsewhere);
    sandbox
        .run(["config", "path"])
        .assert_answer(&format!("{}\n", elsewhere.join("config.yml").display()));
    assert!(!elsewhere.exists());
}

#[test]
fn show_prints_the_file_without_keys() {
    stage::bare()
        .config(WORK)
        .run(["config", "show"])
        .assert_answer(WORK);
    let plain = WORK.replace("model: a/b # cheap", &format!("api_key: {KEY}"));
    let sandbox = stage::bare().config(&plain);
    let text = sandbox.run(["config", "show"]);
    text.assert_code(0);
    assert!(
        text.stdout().contains("api_key: ") && text.stdout().contains("temperature: 0.5"),
        "{text}"
    );
    assert!(
        sandbox.run(["config", "show", "--json"]).json()["llm_profiles"]["work"]["api_key"]
            .is_string()
    );
}

#[test]
fn explain_prints_value_source_and_what_it_overrides() {
    let sandbox = stage::bare().config(WORK).env("AMX_MODEL", "x/y");
    let told = sandbox.run(["config", "explain", "model"]);
    told.assert_code(0);
    for text in ["x/y", "AMX_MODEL", "a/b", "profile 'work'"] {
        assert!(told.stdout().contains(text), "{text:?} is missing\n{told}");
    }
    let told = sandbox.run(["config", "explain", "model", "--json"]).json();
    assert_eq!(
        (&told["key"], &told["value"], &told["hides"][0]["value"]),
        (&"model".into(), &"x/y".into(), &"a/b".into()),
        "{told}"
    );
    let all = sandbox.run(["config", "explain", "--json"]).json();
    assert!(all.as_array().unwrap().len() > 8, "{all}");
    let other = sandbox
        .without("AMX_MODEL")
        .run(["config", "explain", "model", "-p", "home", "--json"])
        .json();
    assert_eq!(other["value"], "c/d");
}

#[test]
fn explain_prints_the_source_of_a_key_and_not_the_key() {
    let sandbox = stage::bare().config(WORK).env("OPENROUTER_API_KEY", KEY);
    let told = sandbox.run(["config", "explain", "api_key"]);
    told.assert_code(0);
    assert!(told.stdout().contains("OPENROUTER_API_KEY"), "{told}");
}

#[test]
fn explain_of_an_unknown_setting_suggests_the_nearest() {
    stage::bare()
        .config(WORK)
        .run(["config", "explain", "modle"])
        .assert_failure(2)
        .assert_stderr_has("model");
}

#[test]
fn validate_says_where_and_what() {
    stage::bare()
        .config(WORK)
        .run(["config", "validate"])
        .assert_code(0);
    let cases = [
        (
            "temperature: 0.5",
            "temprature: 0.5",
            "config.yml:5",
            "temperature",
        ),
        (
            "temperature: 0.5",
            "temperature: 5",
            "config.yml:5:",
            "from 0 to 2",
        ),
        (
            "temperature: 0.5",
            "temperature: warm",
            "config.yml:5:",
            "temperature",
        ),
        (
            "temperature: 0.5",
            "provider: opnai",
            "config.yml:5:",
            "openai",
        ),
        (
            "model: a/b # cheap",
            "model: a/b\n    model: c/d",
            "config.yml:",
            "model",
        ),
        (
            "active_llm_profile: work",
            "active_llm_profile: wrok",
            "config.yml:7:",
            "'work'",
        ),
        ("temperature: 0.5", "temperature: [", "config.yml:", ""),
    ];
    for (right, wrong, place, what) in cases {
        let sandbox = stage::bare().config(WORK.replace(right, wrong));
        sandbox
            .run(["config", "validate"])
            .assert_failure(3)
            .assert_stderr_has(place)
            .assert_stderr_has(what);
    }
}

#[test]
fn an_unknown_key_is_only_a_warning_elsewhere() {
    let sandbox = stage::bare().config(WORK.replace("temperature: 0.5", "temprature: 0.5"));
    let outcome = sandbox.run(["profiles", "list"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("warning: ")
        .assert_stderr_has("config.yml:5")
        .assert_stderr_has("did you mean 'temperature'?");
}

#[test]
fn edits_keep_comments_order_and_keys_of_others() {
    let sandbox = stage::bare().config(WORK).env("OPENROUTER_API_KEY", KEY);
    sandbox
        .run([
            "add-llm-profile",
            "third",
            "--no-input",
            "--provider",
            "openrouter",
            "--model",
            "e/f",
        ])
        .assert_code(0);
    sandbox.run(["profiles", "use", "third"]).assert_code(0);
    sandbox
        .run(["profiles", "remove", "third", "--yes"])
        .assert_code(0);
    sandbox.run(["profiles", "use", "home"]).assert_code(0);
    let config = stage::config(&sandbox);
    for line in WORK.lines().filter(|line| !line.starts_with("active")) {
        assert!(
            config.lines().any(|kept| kept == line),
            "{line:?} is gone from:\n{config}"
        );
    }
    assert!(config.contains("active_llm_profile: home"), "{config}");
}

fn backup(sandbox: &Sandbox, age: usize) -> std::path::PathBuf {
    sandbox.home().join(format!(".amx/config.yml.bak.{age}"))
}

/// A configuration edited so many times, its active profile going back and forth.
fn edited(config: &str, times: usize) -> Sandbox {
    let sandbox = stage::bare().config(config);
    for time in 0..times {
        sandbox
            .run([
                "profiles",
                "use",
                if time % 2 == 0 { "home" } else { "work" },
            ])
            .assert_code(0);
    }
    sandbox
}

#[test]
fn five_backups_are_kept_and_none_more() {
    let sandbox = edited(WORK, 8);
    for age in 1..=5 {
        assert_eq!(mode(&backup(&sandbox, age)), 0o600, "backup {age}");
        let text = std::fs::read_to_string(backup(&sandbox, age)).unwrap();
        let active = if age % 2 == 1 { "home" } else { "work" };
        assert_eq!(
            text,
            WORK.replace("profile: work", &format!("profile: {active}")),
            "backup {age}"
        );
    }
    let others = files_below(sandbox.home())
        .into_iter()
        .filter(|file| !file.ends_with("config.lock") && *file != stage::config_file(&sandbox));
    assert_eq!(others.count(), 5);
}

#[test]
fn no_backup_holds_a_key() {
    let forms = [
        "    api_key: KEY\n",
        "    api_key: \"KEY\"\n",
        "    api_key: 'KEY' # note\n",
        "    api_key: >-\n      KEY\n",
        "    \"api_key\": KEY\n",
    ];
    for form in forms {
        let plain = WORK.replace("    temperature: 0.5\n", &form.replace("KEY", KEY));
        // `run` looks through every file below the home but the one that the test wrote.
        let sandbox = edited(&plain, 2);
        assert!(
            stage::config(&sandbox).contains(KEY),
            "the key is gone from the file itself: {form}"
        );
        assert!(backup(&sandbox, 2).exists());
        sandbox.run(["config", "restore"]).assert_code(0);
    }
    let flow = WORK.replace("{model: c/d}", &format!("{{model: c/d, api_key: {KEY}}}"));
    edited(&flow, 2);
}

#[test]
fn restore_brings_an_earlier_version_back() {
    let sandbox = edited(WORK, 3);
    let newest = stage::config(&sandbox);
    sandbox.run(["config", "restore", "3"]).assert_code(0);
    assert_eq!(stage::config(&sandbox), WORK);
    sandbox.run(["config", "restore"]).assert_code(0);
    assert_eq!(
        stage::config(&sandbox),
        newest,
        "what was replaced is not the newest backup"
    );
    sandbox.run(["config", "restore", "9"]).assert_failure(2);
}

#[test]
fn restore_works_when_the_file_is_broken() {
    let sandbox = edited(WORK, 1);
    let broken = format!("llm_profiles: [\n  api_key: {KEY}\n");
    std::fs::write(stage::config_file(&sandbox), &broken).unwrap();
    let outcome = sandbox.run(["config", "restore"]);
    outcome.assert_code(0);
    assert_eq!(stage::config(&sandbox), WORK);
}

#[test]
fn restore_without_a_backup_says_so() {
    let sandbox = stage::bare().config(WORK);
    let outcome = sandbox.run(["config", "restore"]);
    assert!([3, 12].contains(&outcome.code), "{outcome}");
    outcome.assert_failure(outcome.code);
    assert_eq!(stage::config(&sandbox), WORK);
}

#[test]
fn a_newer_schema_is_read_and_never_written() {
    let newer = format!("schema_version: 99\n{WORK}");
    let sandbox = stage::bare().config(&newer).env("OPENROUTER_API_KEY", KEY);
    sandbox
        .run(["profiles", "list"])
        .assert_code(0)
        .assert_stderr_has("warning: ");
    let edits: &[&[&str]] = &[
        &["profiles", "use", "home"],
        &["profiles", "remove", "home", "--yes"],
        &["profiles", "rename", "home", "house"],
        &[
            "add-llm-profile",
            "p",
            "--no-input",
            "--provider",
            "openrouter",
            "--model",
            "a/b",
        ],
    ];
    for arguments in edits {
        sandbox
            .run(*arguments)
            .assert_failure(3)
            .assert_stderr_has("99");
        assert_eq!(stage::config(&sandbox), newer, "{arguments:?}");
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let sandbox = stage::bare()
        .file("real.yml", WORK)
        .env("OPENROUTER_API_KEY", KEY);
    std::fs::create_dir(sandbox.home().join(".amx")).unwrap();
    std::os::unix::fs::symlink(
        sandbox.home().join("real.yml"),
        stage::config_file(&sandbox),
    )
    .unwrap();
    sandbox
        .run(["profiles", "use", "home"])
        .assert_failure(12)
        .assert_stderr_has("link");
    assert_eq!(
        std::fs::read_to_string(sandbox.home().join("real.yml")).unwrap(),
        WORK
    );
}

#[test]
fn the_editor_is_started_and_the_outcome_checked() {
    let sandbox = stage::bare()
        .config(WORK)
        .script("editor", "sed -i 's/0.5/7/' \"$1\"");
    let editor = sandbox.home().join("editor");
    let sandbox = sandbox.env("EDITOR", editor);
    sandbox.run(["config", "edit"]).assert_failure(2);
    let terminal = stage::terminal(&sandbox, &["config", "edit"], USUAL);
    assert_eq!(terminal.wait_exit(), 3, "{}", terminal.transcript());
    terminal.wait_for("from 0 to 2");
    let before = std::fs::read_to_string(backup(&sandbox, 1)).unwrap();
    assert_eq!(before, WORK);
    let terminal = stage::terminal(&sandbox, &["config", "edit"], USUAL);
    assert_eq!(terminal.wait_exit(), 3, "{}", terminal.transcript());
    assert!(!backup(&sandbox, 2).exists(), "nothing was changed");
}
