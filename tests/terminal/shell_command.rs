//! `-e` on a terminal: the command is shown whole, and the menu decides what happens to it.

use serde_json::json;

use crate::pty::{SMALL, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

fn answer(command: &str, risk: &str) -> reply::Reply {
    let object = json!({"command": command, "explanation": "Does it.", "risk": risk});
    reply::stream([object.to_string().as_str()])
}

fn started(double: &Double) -> (Sandbox, Terminal) {
    let sandbox = stage::ready(double).env("SHELL", "/bin/sh");
    let terminal = stage::terminal(&sandbox, &["chat", "-e", "do it"], USUAL);
    (sandbox, terminal)
}

/// Goes down the menu, from its default.
fn choose(terminal: &Terminal, steps: usize, item: &str) {
    terminal.wait_for_question("Run this command?");
    for _ in 0..steps {
        terminal.press_down();
    }
    terminal.wait_for(&format!("❯ {item}"));
    terminal.press_enter();
}

#[test]
fn enter_runs_a_harmless_command_and_its_exit_code_is_that_of_amx() {
    let double = Double::start([answer("echo from-$((1+1)) && exit 7", "low")]);
    let (_sandbox, terminal) = started(&double);
    choose(&terminal, 0, "Run");
    assert_eq!(terminal.wait_exit(), 7, "{}", terminal.transcript());
    let shown = terminal.transcript();
    assert!(shown.contains("echo from-$((1+1)) && exit 7"), "{shown}");
    assert!(
        shown.contains("Does it.") && shown.contains("from-2"),
        "{shown}"
    );
    terminal.assert_restored();
}

#[test]
fn the_default_is_cancel_when_the_command_deletes() {
    let double = Double::start([answer("rm -f kept.txt", "low")]);
    let sandbox = stage::ready(&double)
        .env("SHELL", "/bin/sh")
        .file("kept.txt", "x");
    let terminal = stage::terminal(&sandbox, &["chat", "-e", "delete it"], USUAL);
    terminal.wait_for("warning: the command deletes (rm)");
    choose(&terminal, 0, "Cancel");
    assert_eq!(terminal.wait_exit(), 1);
    assert!(terminal.transcript().contains("Cancelled; nothing was run"));
    assert!(sandbox.home().join("kept.txt").exists());
    terminal.assert_restored();
}

#[test]
fn the_risk_of_the_model_makes_cancel_the_default_too() {
    let double = Double::start([answer("make world", "high")]);
    let (_sandbox, terminal) = started(&double);
    terminal.wait_for("the model rates the risk as high");
    choose(&terminal, 0, "Cancel");
    assert_eq!(terminal.wait_exit(), 1);
}

#[test]
fn an_edited_command_is_shown_again_and_then_run() {
    let double = Double::start([answer("echo one", "low")]);
    let (_sandbox, terminal) = started(&double);
    choose(&terminal, 1, "Edit");
    terminal.wait_for("command");
    terminal.wait_until("the line editor reads", |_| terminal.modes().gives_keys());
    terminal.type_text("-$((20+3))\r");
    terminal.wait_for("echo one-$((20+3))");
    // Down from Cancel, the last: the model has rated another command.
    terminal.wait_for("❯ Cancel");
    choose(&terminal, 1, "Run");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert!(terminal.transcript().contains("one-23"));
    terminal.assert_restored();
}

#[test]
fn the_risk_of_the_model_is_not_that_of_an_edited_command() {
    let double = Double::start([answer("make world", "low")]);
    let (_sandbox, terminal) = started(&double);
    choose(&terminal, 1, "Edit");
    terminal.wait_for("command");
    terminal.wait_until("the line editor reads", |_| terminal.modes().gives_keys());
    terminal.type_text(" again\r");
    terminal.wait_for("make world again");
    choose(&terminal, 0, "Cancel");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn an_explanation_is_another_turn_and_the_menu_comes_back() {
    let double = Double::start([answer("ls", "low"), reply::stream(["It lists files."])]);
    let (_sandbox, terminal) = started(&double);
    choose(&terminal, 2, "Explain");
    terminal.wait_for("It lists files.");
    terminal.wait_until("the menu is back", |seen| {
        seen.transcript().matches("Run this command?").count() >= 1
            && seen.screen().contents().contains("❯ Run")
    });
    terminal.press_down();
    terminal.press_down();
    terminal.press_down();
    terminal.wait_for("❯ Copy");
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(terminal.events().clipboard.len(), 1);
    let asked = double.requests()[1].json()["messages"].to_string();
    assert!(asked.contains("Explain this sh command"), "{asked}");
}

#[test]
fn hidden_characters_are_shown_and_make_cancel_the_default() {
    let double = Double::start([answer("echo a\u{202e}b\u{1b}[2J", "low")]);
    let (_sandbox, terminal) = started(&double);
    terminal.wait_for("echo a<U+202E>b<U+001B>[2J");
    choose(&terminal, 0, "Cancel");
    assert_eq!(terminal.wait_exit(), 1);
}

#[test]
fn a_long_command_is_shown_whole_on_a_small_terminal() {
    let words: Vec<String> = (0..60).map(|number| format!("word{number}")).collect();
    let command = format!("echo {}", words.join(" "));
    let double = Double::start([answer(&command, "low")]);
    let sandbox = stage::ready(&double).env("SHELL", "/bin/sh");
    let terminal = stage::terminal(&sandbox, &["chat", "-e", "long"], SMALL);
    terminal.wait_for_question("Run this command?");
    let shown: String = terminal.transcript().split_whitespace().collect();
    let wanted: String = command.split_whitespace().collect();
    assert!(shown.contains(&wanted), "{shown}");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_restored();
}

#[test]
fn ctrl_c_is_for_the_command_that_runs() {
    let double = Double::start([answer(
        "trap 'echo caught; exit 3' INT; echo wait-$((1+1)); read line",
        "low",
    )]);
    let (_sandbox, terminal) = started(&double);
    terminal.wait_for_question("Run this command?");
    terminal.press_enter();
    terminal.wait_for("wait-2");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 3, "{}", terminal.transcript());
    terminal.assert_restored();
}
