//! The wizard and the login on a machine without a keyring: both continue inside, and nothing that
//! was typed is lost.

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::secret_service::no_bus;
use crate::stage::{self, mode};
use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const QUESTION: &str = "Where should the key come from?";

const KEY_FILE: &str = ".amx/keys/work";

const ADD: &[&str] = &[
    "add-llm-profile",
    "work",
    "--provider",
    "openrouter",
    "--model",
    "test/plain",
];

fn without_keyring(double: &Double) -> Sandbox {
    stage::keyless(double)
        .env("DBUS_SESSION_BUS_ADDRESS", no_bus())
        .scratch(KEY_FILE)
}

fn started(sandbox: &Sandbox, arguments: &[&str], size: Size) -> Terminal {
    let terminal = stage::terminal(sandbox, arguments, size);
    terminal.wait_for("the keyring cannot be used");
    terminal
}

/// Chooses an item of the menu, from its top.
fn choose(terminal: &Terminal, steps: usize, item: &str) {
    terminal.wait_for_question(QUESTION);
    for _ in 0..steps {
        terminal.press_down();
    }
    terminal.wait_for(&format!("❯ {item}"));
    terminal.press_enter();
}

/// Accepts the defaults of the questions after the key.
fn finish(terminal: &Terminal) {
    for question in ["Temperature", "max_tokens", "alternatives"] {
        terminal.wait_for_question(question);
        terminal.press_enter();
    }
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn a_key_goes_to_a_file_of_its_owner_by_choice() {
    for size in [USUAL, SMALL] {
        let double = Double::start([reply::stream(["a scripted answer"])]).also(routes::key());
        let sandbox = without_keyring(&double);
        let terminal = started(&sandbox, ADD, size);
        choose(&terminal, 2, "File");
        terminal.wait_for_question("API key");
        terminal.answer(KEY);
        finish(&terminal);
        assert!(stage::config(&sandbox).contains("api_key: file:~/.amx/keys/work\n"));
        let file = sandbox.home().join(KEY_FILE);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{KEY}\n"));
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert!(!terminal.transcript().contains(KEY));
        sandbox
            .run(["chat", "hello"])
            .assert_answer("a scripted answer\n");
        let shown = sandbox.run(["profiles", "show", "work"]).stdout();
        assert!(shown.contains("file:~/.amx/keys/work"), "{shown}");
        sandbox.run(["logout", "--profile", "work"]).assert_code(0);
        assert!(!file.exists());
    }
}

#[test]
fn a_removed_profile_takes_its_key_file_along() {
    let double = Double::start([]).also(routes::key());
    let sandbox = without_keyring(&double);
    let terminal = started(&sandbox, ADD, USUAL);
    choose(&terminal, 2, "File");
    terminal.wait_for_question("API key");
    terminal.answer(KEY);
    finish(&terminal);
    sandbox
        .run(["profiles", "remove", "work", "--yes"])
        .assert_code(0);
    assert!(!sandbox.home().join(KEY_FILE).exists());
}

#[test]
fn the_variable_is_that_of_the_provider() {
    let double = Double::start([]);
    let sandbox = without_keyring(&double);
    let arguments = [
        "add-llm-profile",
        "ai",
        "--provider",
        "openai",
        "--model",
        "gpt-5",
    ];
    let terminal = started(&sandbox, &arguments, USUAL);
    terminal.wait_for("OPENAI_API_KEY");
    choose(&terminal, 0, "Environment variable");
    terminal.wait_for("export OPENAI_API_KEY=…");
    // OpenAI refuses a temperature for this model: it is not asked for.
    for question in ["max_tokens", "alternatives"] {
        terminal.wait_for_question(question);
        terminal.press_enter();
    }
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert!(!terminal.transcript().contains("Temperature"));
    assert!(stage::config(&sandbox).contains("api_key: ${OPENAI_API_KEY}\n"));
}

#[test]
fn a_command_that_fails_brings_the_choice_back() {
    let double = Double::start([]).also(routes::key());
    let sandbox = without_keyring(&double)
        .file("secret", KEY)
        .script("vault", "cat ~/secret");
    let vault = sandbox.home().join("vault").display().to_string();
    let terminal = started(&sandbox, ADD, USUAL);
    choose(&terminal, 1, "Secret manager");
    terminal.wait_for_question("Command that prints the key");
    terminal.answer("/nonexistent/vault");
    terminal.wait_for("`/nonexistent/vault` returned no key");
    choose(&terminal, 1, "Secret manager");
    terminal.wait_for_question("Command that prints the key");
    terminal.answer(&vault);
    finish(&terminal);
    assert!(stage::config(&sandbox).contains(&format!("api_key: cmd:{vault}\n")));
}

#[test]
fn a_key_that_was_typed_is_not_typed_again() {
    let double = Double::start([]).also(routes::key());
    let sandbox = without_keyring(&double).env("OPENROUTER_API_KEY", "sk-or-v1-another-key-here");
    let terminal = stage::terminal(&sandbox, ADD, USUAL);
    terminal.wait_for_question("API key (Enter to use OPENROUTER_API_KEY)");
    terminal.answer(KEY);
    choose(&terminal, 2, "File");
    finish(&terminal);
    let file = sandbox.home().join(KEY_FILE);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{KEY}\n"));
}

#[test]
fn trying_again_reports_the_keyring_again() {
    let double = Double::start([]);
    let sandbox = without_keyring(&double);
    let terminal = started(&sandbox, ADD, USUAL);
    choose(&terminal, 3, "Try the keyring again");
    terminal.wait_until("the reason is shown again", |seen| {
        seen.transcript()
            .matches("the keyring cannot be used")
            .count()
            == 2
    });
    terminal.wait_for_question(QUESTION);
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_restored();
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn a_login_needs_no_browser_when_the_key_is_in_a_variable() {
    let double = Double::start([]);
    let sandbox = without_keyring(&double);
    let terminal = started(&sandbox, &["login"], USUAL);
    choose(&terminal, 0, "Environment variable");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert!(!terminal.transcript().contains("/auth"));
    assert!(stage::config(&sandbox).contains("api_key: ${OPENROUTER_API_KEY}\n"));
}

#[test]
fn a_script_stores_a_key_in_the_file_that_it_names() {
    let double = Double::start([]).also(routes::key());
    let sandbox = without_keyring(&double).stdin(KEY);
    let reference = ["--api-key-stdin", "--api-key-ref", "file:~/.amx/keys/work"];
    let arguments = || ADD.iter().chain(&["--no-input"]);
    sandbox.run(arguments().chain(&reference)).assert_code(0);
    let file = sandbox.home().join(KEY_FILE);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{KEY}\n"));
    assert_eq!(mode(&file), 0o600);
    let other = ["--api-key-stdin", "--api-key-ref", "cmd:cat key"];
    sandbox.run(arguments().chain(&other)).assert_failure(2);
}
