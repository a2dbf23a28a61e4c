//! The first start, with nothing configured: three ways in, and none taken silently.

use crate::pty::{SMALL, Terminal, USUAL, squeeze};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::reply;

fn wait_for_offer(terminal: &Terminal) {
    terminal.wait_until("three ways in", |seen| {
        let shown = seen.transcript().to_lowercase();
        !terminal.modes().echo()
            && ["profile", "log in", "demo"]
                .iter()
                .all(|way| shown.contains(way))
    });
}

#[test]
fn the_demo_can_be_tried_at_once() {
    let answer = stage::bare().run(["chat", "-p", "demo", "hello"]);
    assert!(
        answer.stdout().contains("scripted"),
        "the demo does not say that it is scripted\n{answer}"
    );
    let words: Vec<String> = answer
        .stdout()
        .split_whitespace()
        .filter(|word| word.chars().all(char::is_alphabetic))
        .map(str::to_owned)
        .collect();
    for size in [USUAL, SMALL] {
        let sandbox = stage::bare();
        let terminal = stage::terminal(&sandbox, &["chat", "hello"], size);
        wait_for_offer(&terminal);
        terminal.type_text("demo");
        terminal.wait_for("❯ Try the demo");
        terminal.press_enter();
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        let shown = squeeze(&terminal.transcript());
        assert!(
            words.iter().all(|word| shown.contains(word)),
            "{words:?} in:\n{}",
            terminal.transcript()
        );
        // No row of the question is left over.
        assert_eq!(
            shown.matches("No profile is set up yet").count(),
            1,
            "{shown}"
        );
        terminal.assert_restored();
    }
}

#[test]
fn a_bare_start_offers_the_same() {
    let sandbox = stage::bare();
    let terminal = stage::terminal(&sandbox, &[], USUAL);
    wait_for_offer(&terminal);
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    terminal.assert_restored();
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn the_first_choice_leads_to_the_wizard() {
    let sandbox = stage::bare();
    let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
    wait_for_offer(&terminal);
    terminal.press_enter();
    terminal.wait_for_question("Profile name");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    terminal.assert_restored();
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn without_a_terminal_the_three_are_hints() {
    for arguments in [
        &["chat", "hello"][..],
        &[],
        &["chat", "--no-stdin", "hello"],
    ] {
        let double = Double::start([]);
        let sandbox = stage::keyless(&double);
        let outcome = sandbox.run(arguments);
        outcome
            .assert_failure(4)
            .assert_stdout("")
            .assert_stderr_has("amx add-llm-profile")
            .assert_stderr_has("amx login")
            .assert_stderr_has("demo");
        stage::assert_nothing_written(&sandbox);
    }
}

#[test]
fn a_key_in_the_environment_is_enough() {
    let double = Double::start([reply::stream(["a scripted answer"])]);
    stage::keyless(&double)
        .env("OPENROUTER_API_KEY", KEY)
        .run(["chat", "hello"])
        .assert_answer("a scripted answer\n");
    assert_eq!(double.request().json()["model"], "openrouter/auto");
}
