//! The first start, with nothing configured: three ways in, and none taken silently.

use crate::pty::{SMALL, Terminal, USUAL};
use crate::stage::Stage;

fn wait_for_offer(terminal: &Terminal) {
    terminal.wait_until("three ways in", |seen| {
        let shown = seen.transcript().to_lowercase();
        ["profile", "log in", "demo"].iter().all(|way| shown.contains(way))
    });
}

#[test]
fn the_demo_can_be_tried_at_once() {
    for size in [USUAL, SMALL] {
        let stage = Stage::bare();
        let terminal = stage.terminal(&["chat", "hello"], size);
        wait_for_offer(&terminal);
        assert!(!terminal.transcript().to_lowercase().contains("scripted answer"), "the demo answers unasked");
        terminal.press_down();
        terminal.press_down();
        terminal.press_enter();
        terminal.wait_until("an answer that says it is scripted", |seen| seen.transcript().to_lowercase().contains("scripted"));
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        assert_eq!(stage.provider.asked().len(), 0, "the demo asked somebody else");
        terminal.assert_restored();
    }
}

#[test]
fn a_bare_start_offers_the_same() {
    let stage = Stage::bare();
    let terminal = stage.terminal(&[], USUAL);
    wait_for_offer(&terminal);
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    terminal.assert_restored();
    stage.assert_nothing_written();
}

#[test]
fn the_first_choice_leads_to_the_wizard() {
    let stage = Stage::bare();
    let terminal = stage.terminal(&["chat", "hello"], USUAL);
    wait_for_offer(&terminal);
    terminal.press_enter();
    terminal.wait_for("Profile name");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
    terminal.assert_restored();
    stage.assert_nothing_written();
}

#[test]
fn without_a_terminal_the_three_are_hints() {
    for arguments in [&["chat", "hello"][..], &[], &["chat", "--no-stdin", "hello"]] {
        let stage = Stage::bare();
        let ran = stage.run(arguments).fails_with(4).says(&["amx add-llm-profile", "amx login", "demo"]);
        assert_eq!(ran.stdout, "");
        stage.assert_nothing_written();
        assert_eq!(stage.provider.asked().len(), 0, "asked without a key");
    }
}

#[test]
fn a_key_in_the_environment_is_enough() {
    let stage = Stage::bare().with("OPENROUTER_API_KEY", crate::stage::KEY);
    stage.run(&["chat", "hello"]).ok().prints(&["scripted answer"]);
    let asked = stage.provider.chats().remove(0);
    assert_eq!(asked.body["model"], "openrouter/auto");
    assert_eq!(asked.authorization.unwrap(), format!("Bearer {}", crate::stage::KEY));
    stage.assert_on_no_disk(crate::stage::KEY);
}
