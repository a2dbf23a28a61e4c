//! Keys in a real Secret Service: stored, used, bound to their server, moved and removed; and the
//! service locked, hung or missing.

use std::time::Duration;

use crate::pty::USUAL;
use crate::secret_service::{Bus, HungBus, SecretService, is_wanted, no_bus};
use crate::stage::{self, mode};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::sandbox::Sandbox;
use crate::support::{reply, routes};

/// Longest time until a keyring that does not answer is given up.
const PATIENCE: Duration = Duration::from_millis(3500);

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

const ADD: &[&str] = &[
    "add-llm-profile",
    "or-claude",
    "--no-input",
    "--provider",
    "openrouter",
    "--model",
    "anthropic/claude-sonnet-5",
    "--api-key-stdin",
];

const NAMED: &str = "\
llm_profiles:
  or-claude:
    model: anthropic/claude-sonnet-5
    api_key: keyring://amx/or-claude/api_key
active_llm_profile: or-claude
";

/// A provider that accepts the key and gives so many answers.
fn provider(answers: usize) -> Double {
    Double::start((0..answers).map(|_| reply::stream(["a scripted answer"]))).also(routes::key())
}

/// A sandbox with a profile whose key was stored by amx.
fn with_stored_key(service: &SecretService, double: &Double) -> Sandbox {
    let sandbox = stage::keyless(double)
        .env(BUS, service.address())
        .stdin(KEY);
    sandbox.run(ADD).assert_code(0);
    sandbox.stdin("")
}

#[test]
fn the_key_goes_to_the_keyring_and_to_no_file() {
    if !is_wanted("the_key_goes_to_the_keyring_and_to_no_file") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let sandbox = stage::keyless(&double)
        .env(BUS, service.address())
        .stdin(format!("{KEY}\n"));
    sandbox.run(ADD).assert_code(0);
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    let config = stage::config(&sandbox);
    assert!(
        config.contains("api_key: keyring://amx/or-claude/api_key"),
        "{config}"
    );
    assert!(config.contains("active_llm_profile: or-claude"), "{config}");
    assert_eq!(
        (
            mode(&sandbox.home().join(".amx")),
            mode(&stage::config_file(&sandbox))
        ),
        (0o700, 0o600)
    );
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    if !is_wanted("modes_do_not_depend_on_the_umask") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    for umask in ["000", "027"] {
        let sandbox = stage::keyless(&double).env(BUS, service.address());
        let script = format!(
            "umask {umask}; printf %s {KEY} | \"$AMX\" {}",
            ADD.join(" ")
        );
        assert!(
            stage::shell(&sandbox, &script).status().unwrap().success(),
            "umask {umask}"
        );
        assert_eq!(
            (
                mode(&sandbox.home().join(".amx")),
                mode(&stage::config_file(&sandbox))
            ),
            (0o700, 0o600),
            "umask {umask}"
        );
    }
}

#[test]
fn chat_uses_the_stored_key() {
    if !is_wanted("chat_uses_the_stored_key") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(1);
    with_stored_key(&service, &double)
        .run(["chat", "hello"])
        .assert_code(0)
        .assert_stdout("a scripted answer\n");
    let asked = double.requests().pop().unwrap();
    assert_eq!(asked.header("authorization"), format!("Bearer {KEY}"));
}

#[test]
fn a_key_of_the_environment_wins_and_is_not_stored() {
    if !is_wanted("a_key_of_the_environment_wins_and_is_not_stored") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(1);
    let other = format!("sk-or-v1-{}", "0ther".repeat(12));
    let sandbox = with_stored_key(&service, &double).env("OPENROUTER_API_KEY", &other);
    // The double does not know the other key.
    sandbox.run(["chat", "hello"]).assert_failure(4);
    let asked = double.requests().pop().unwrap();
    assert_eq!(asked.header("authorization"), format!("Bearer {other}"));
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    let on_disk = crate::support::sandbox::files_below(sandbox.home())
        .iter()
        .any(|file| std::fs::read_to_string(file).is_ok_and(|text| text.contains(&other)));
    assert!(!on_disk, "the key of the environment was written");
    assert_eq!(
        double.take_faults().len(),
        2,
        "one refused request and one answer that nobody came for"
    );
}

#[test]
fn a_stored_key_stays_away_from_another_server() {
    if !is_wanted("a_stored_key_stays_away_from_another_server") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    // Fails this test when anybody asks it anything.
    let elsewhere = Double::start([]);
    let sandbox =
        with_stored_key(&service, &double).env("OPENROUTER_BASE_URL", elsewhere.base_url());
    sandbox
        .run(["chat", "hello"])
        .assert_failure(4)
        .assert_stderr_has("hint: amx add-llm-profile");
    let moved = stage::config(&sandbox).replace(
        "model:",
        &format!("base_url: {}\n    model:", elsewhere.base_url()),
    );
    let sandbox = sandbox.without("OPENROUTER_BASE_URL").config(moved);
    sandbox
        .run(["chat", "hello"])
        .assert_failure(4)
        .assert_stderr_has("hint: amx add-llm-profile");
}

#[test]
fn on_a_terminal_another_server_gets_the_key_only_after_a_yes() {
    if !is_wanted("on_a_terminal_another_server_gets_the_key_only_after_a_yes") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let elsewhere = Double::start([reply::stream(["a scripted answer"])]);
    let sandbox =
        with_stored_key(&service, &double).env("OPENROUTER_BASE_URL", elsewhere.base_url());
    for (answer, code) in [("n", 4), ("y", 0)] {
        let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
        terminal.wait_for_question("Send it to");
        terminal.type_text(answer);
        assert_eq!(
            terminal.wait_exit(),
            code,
            "{answer}: {}",
            terminal.screen()
        );
        assert_eq!(elsewhere.requests().len(), usize::from(code == 0));
    }
}

#[test]
fn a_key_typed_before_the_question_sends_no_key_to_another_server() {
    if !is_wanted("a_key_typed_before_the_question_sends_no_key_to_another_server") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let elsewhere = Double::start([]);
    let sandbox =
        with_stored_key(&service, &double).env("OPENROUTER_BASE_URL", elsewhere.base_url());
    // Both keys are there before it starts.
    let script = "read -r _; exec \"$AMX\" chat hello";
    let terminal = stage::terminal_of(&sandbox, &["/bin/sh", "-c", script], USUAL);
    terminal.type_text("\ny");
    terminal.wait_for_question("Send it to");
    // A paste is no answer either.
    terminal.type_text("\x1b[200~y\x1b[201~n");
    assert_eq!(terminal.wait_exit(), 4, "{}", terminal.screen());
}

#[test]
fn removing_a_profile_removes_its_key() {
    if !is_wanted("removing_a_profile_removes_its_key") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let sandbox = with_stored_key(&service, &double);
    sandbox
        .run(["profiles", "remove", "or-claude", "--yes"])
        .assert_code(0);
    assert_eq!(service.lookup("or-claude/api_key"), None);
    assert_eq!(
        service.count(),
        0,
        "something of the key is left in the keyring"
    );
    assert!(
        !stage::config(&sandbox).contains("or-claude"),
        "{}",
        stage::config(&sandbox)
    );
}

#[test]
fn renaming_a_profile_moves_its_key() {
    if !is_wanted("renaming_a_profile_moves_its_key") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(1);
    let sandbox = with_stored_key(&service, &double);
    sandbox
        .run(["profiles", "rename", "or-claude", "claude"])
        .assert_code(0);
    assert_eq!(service.lookup("or-claude/api_key"), None);
    assert_eq!(service.lookup("claude/api_key").as_deref(), Some(KEY));
    let config = stage::config(&sandbox);
    assert!(
        config.contains("keyring://amx/claude/api_key")
            && config.contains("active_llm_profile: claude"),
        "{config}"
    );
    sandbox.run(["chat", "hello"]).assert_code(0);
}

/// A sandbox with a stored key whose configuration can be read and not be written.
fn with_unwritable_config(service: &SecretService, double: &Double) -> Sandbox {
    let sandbox = with_stored_key(service, double);
    let newer = format!("schema_version: 99\n{}", stage::config(&sandbox));
    sandbox.config(newer)
}

#[test]
fn a_failed_write_leaves_the_key_and_its_server_as_they_were() {
    if !is_wanted("a_failed_write_leaves_the_key_and_its_server_as_they_were") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(1);
    let elsewhere = Double::start([]);
    let sandbox = with_unwritable_config(&service, &double)
        .env("OPENROUTER_BASE_URL", elsewhere.base_url())
        .stdin("sk-or-v1-another-key-for-elsewhere");
    sandbox
        .run([ADD, &["--no-check"]].concat())
        .assert_failure(3)
        .assert_stderr_has("99");
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    let sandbox = sandbox.stdin("");
    sandbox.run(["chat", "hello"]).assert_failure(4);
    sandbox
        .env("OPENROUTER_BASE_URL", double.base_url())
        .run(["chat", "hello"])
        .assert_code(0);
}

#[test]
fn a_failed_removal_keeps_the_key() {
    if !is_wanted("a_failed_removal_keeps_the_key") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let sandbox = with_unwritable_config(&service, &double);
    sandbox
        .run(["profiles", "remove", "or-claude", "--yes"])
        .assert_failure(3)
        .assert_stderr_has("99");
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
}

#[test]
fn a_failed_rename_leaves_no_second_key() {
    if !is_wanted("a_failed_rename_leaves_no_second_key") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let sandbox = with_unwritable_config(&service, &double);
    sandbox
        .run(["profiles", "rename", "or-claude", "claude"])
        .assert_failure(3)
        .assert_stderr_has("99");
    assert_eq!(
        (
            service.lookup("or-claude/api_key").as_deref(),
            service.lookup("claude/api_key")
        ),
        (Some(KEY), None)
    );
}

#[test]
fn references_of_the_ancestor_are_read() {
    if !is_wanted("references_of_the_ancestor_are_read") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([reply::stream(["a scripted answer"])]);
    let config = "llm_profiles:\n  old:\n    model: a/b\n    \
                  api_key: keyring:llm_profiles/old/api_key\nactive_llm_profile: old\n";
    let sandbox = stage::keyless(&double)
        .env(BUS, service.address())
        .config(config);
    service.store("llm_profiles/old/api_key", KEY);
    // Its server is unknown: it may be sent to the provider's own and to no other.
    sandbox
        .run(["chat", "hello"])
        .assert_failure(4)
        .assert_stderr_lacks("has no key");
    assert_eq!(double.requests().len(), 0);
    let origin = double.base_url();
    service.store(
        "llm_profiles/old/api_key.origin",
        origin.strip_suffix("/api/v1").unwrap(),
    );
    sandbox
        .run(["chat", "hello"])
        .assert_answer("a scripted answer\n");
}

#[test]
fn a_locked_keyring_is_exit_4() {
    if !is_wanted("a_locked_keyring_is_exit_4") {
        return;
    }
    let service = SecretService::unlocked();
    let double = provider(0);
    let sandbox = with_stored_key(&service, &double);
    let locked = service.locked_again();
    let outcome = sandbox.env(BUS, locked.address()).run(["chat", "hello"]);
    outcome.assert_failure(4);
    assert!(outcome.elapsed < PATIENCE, "{outcome}");
    assert_nothing_stored(stage::keyless(&double).env(BUS, locked.address()));
}

/// A failed attempt to add a profile: exit 4 in time, nothing written, the three other ways named.
fn assert_nothing_stored(sandbox: Sandbox) {
    let sandbox = sandbox.stdin(KEY);
    let outcome = sandbox.run(ADD);
    assert_in_time(&outcome);
    outcome
        .assert_failure(4)
        .assert_stderr_has("OPENROUTER_API_KEY")
        .assert_stderr_has("cmd:")
        .assert_stderr_has("file:");
    stage::assert_nothing_written(&sandbox);
}

fn assert_in_time(outcome: &Outcome) {
    assert!(outcome.elapsed < PATIENCE, "{outcome}");
}

#[test]
fn without_a_keyring_nothing_is_written_and_the_choices_are_named() {
    let double = provider(0);
    let hung = HungBus::start();
    for address in [&hung.address(), no_bus()] {
        assert_nothing_stored(stage::keyless(&double).env(BUS, address));
    }
    assert_nothing_stored(stage::keyless(&double).env("AMX_NO_KEYRING", "1"));
    if is_wanted("a bus without a Secret Service") {
        let bus = Bus::start();
        assert_nothing_stored(stage::keyless(&double).env(BUS, &bus.address));
    }
    // Whether a key is tried before the keyring is found missing is not the point here.
    double.take_faults();
}

#[test]
fn a_hung_keyring_leaves_the_wizard_a_choice() {
    let hung = HungBus::start();
    let sandbox = stage::bare().env(BUS, hung.address());
    let terminal = stage::terminal(
        &sandbox,
        &[
            "add-llm-profile",
            "or-claude",
            "--provider",
            "openrouter",
            "--model",
            "a/b",
        ],
        USUAL,
    );
    terminal.wait_for("warning: the keyring cannot be used");
    terminal.wait_for_question("Where should the key come from?");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    terminal.assert_restored();
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn a_hung_keyring_is_given_up_in_time() {
    let hung = HungBus::start();
    let double = Double::start([]);
    let outcome = stage::keyless(&double)
        .env(BUS, hung.address())
        .config(NAMED)
        .run(["chat", "hello"]);
    assert_in_time(&outcome);
    outcome.assert_failure(4);
    assert!(hung.was_touched());
}

#[test]
fn a_key_of_the_environment_needs_no_keyring() {
    let hung = HungBus::start();
    let double = Double::start([reply::stream(["a scripted answer"])]);
    let sandbox = stage::keyless(&double)
        .env(BUS, hung.address())
        .config(NAMED)
        .env("OPENROUTER_API_KEY", KEY);
    sandbox
        .run(["chat", "hello"])
        .assert_answer("a scripted answer\n");
    assert!(!hung.was_touched());
}

#[test]
fn commands_without_a_key_never_touch_the_keyring() {
    let hung = HungBus::start();
    let sandbox = stage::bare().env(BUS, hung.address()).config(NAMED);
    let commands: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["chat", "--help"],
        &["config", "path"],
        &["config", "show"],
        &["config", "explain", "model"],
        &["config", "explain", "api_key"],
        &["config", "validate"],
        &["profiles", "list"],
        &["profiles", "show", "or-claude"],
        &["profiles", "use", "or-claude"],
        &["chat", "--dry-run", "hello"],
        &["chat", "-p", "demo", "hello"],
        &["completions", "bash"],
    ];
    for arguments in commands {
        let outcome = sandbox.run(*arguments);
        outcome.assert_code(0);
        assert!(!hung.was_touched(), "the keyring was touched\n{outcome}");
        assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
    }
}

#[test]
fn amx_no_keyring_is_obeyed() {
    let hung = HungBus::start();
    let double = Double::start([]);
    let sandbox = stage::keyless(&double)
        .env(BUS, hung.address())
        .env("AMX_NO_KEYRING", "1")
        .config(NAMED);
    sandbox
        .run(["chat", "hello"])
        .assert_failure(4)
        .assert_stderr_has("AMX_NO_KEYRING");
    assert!(!hung.was_touched());
}
