//! Promises of the conversation's surface that hold over everything in it: which sequences are
//! never written, editing while an answer streams, the parts of the status row, other names of
//! commands, mentions of images.

use crate::pty::{SMALL, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

fn with_footer(double: &Double) -> Sandbox {
    stage::ready(double).without("AMX_NO_FOOTER")
}

fn opened(sandbox: &Sandbox) -> Terminal {
    let terminal = stage::terminal(sandbox, &["chat"], USUAL);
    stage::wait_for_prompt(&terminal);
    terminal
}

fn on_screen(terminal: &Terminal, text: &str) {
    terminal.wait_until(&format!("{text:?} on the screen"), |seen| {
        seen.screen().contents().contains(text)
    });
}

fn leave(terminal: &Terminal) {
    stage::wait_for_prompt(terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

/// The control sequences of an output: parameters and final byte, such as `2J`.
fn control_sequences(output: &str) -> Vec<&str> {
    let starts = output.split("\x1b[").skip(1);
    starts
        .filter_map(|rest| {
            let end = rest.find(|c| ('\x40'..='\x7e').contains(&c))?;
            Some(&rest[..=end])
        })
        .collect()
}

#[test]
fn no_sequence_that_loses_scrollback_is_written() {
    let double = Double::start([
        reply::stream((1..=60).map(|n| if n % 2 == 0 { "even\n\n" } else { "odd\n\n" })),
        reply::stream(["```rust\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"]),
    ]);
    let terminal = opened(&with_footer(&double));
    terminal.answer("hello");
    terminal.wait_for("session $");
    terminal.resize(SMALL);
    stage::wait_for_prompt(&terminal);
    terminal.type_text("/mod");
    on_screen(&terminal, "/models");
    terminal.type_text("\x15\x0c");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("/resume\r");
    on_screen(&terminal, "Resume ›");
    terminal.type_text("\x1b");
    stage::wait_for_prompt(&terminal);
    terminal.resize(USUAL);
    terminal.answer("again");
    terminal.wait_for("let a = 1;");
    leave(&terminal);
    let output = String::from_utf8(terminal.raw_output()).unwrap();
    let sequences = control_sequences(&output);
    assert!(
        sequences.contains(&"J"),
        "the footer is erased: {sequences:?}"
    );
    let loses = |sequence: &&&str| {
        let (parameters, end) = sequence.split_at(sequence.len() - 1);
        match end {
            "J" => !matches!(parameters, "" | "0"),
            "h" | "l" => ["?47", "?1047", "?1049"].contains(&parameters),
            // A scroll region, and scrolling. `>…S` and the like are something else.
            "r" | "S" | "T" => parameters.bytes().all(|c| c.is_ascii_digit() || c == b';'),
            _ => false,
        }
    };
    assert_eq!(sequences.iter().find(loses), None);
}

#[test]
fn the_line_is_edited_while_an_answer_streams() {
    let gate = Gate::default();
    let double = Double::start([
        reply::stream(["first\n\n", "second"]).gate_after(1, &gate),
        reply::stream(["done"]),
    ]);
    let terminal = opened(&with_footer(&double));
    terminal.answer("hello");
    on_screen(&terminal, "esc to stop");
    for (keys, line) in [
        ("wrong words", "amx › wrong words"),
        ("\x15one two three", "amx › one two three"),
        ("\x17", "amx › one two"),
        // A word back, and a character more; a new line at the end.
        ("\x1bb1-", "amx › one 1-two"),
        ("\x05\x1b\rmore", "  … more"),
    ] {
        terminal.type_text(keys);
        on_screen(&terminal, line);
    }
    terminal.press_enter();
    on_screen(&terminal, " + one 1-two");
    gate.open();
    terminal.wait_for("done");
    let prompt = double.requests()[1].prompt();
    let lines: Vec<_> = prompt.as_str().unwrap().lines().map(str::trim).collect();
    assert_eq!(lines, ["one 1-two", "more"]);
    leave(&terminal);
}

#[test]
fn the_parts_of_the_status_row_are_selected_or_off() {
    let rows = [
        ("[cost, model]", " $0.25 this session · test/plain"),
        ("[model]", " test/plain"),
        ("off", "amx ›"),
    ];
    for (setting, row) in rows {
        let double = Double::start([reply::stream(["One."]).usage(3, 1, 0, 0.25)]);
        let sandbox = with_footer(&double).config(format!("status: {setting}\n"));
        let terminal = opened(&sandbox);
        terminal.answer("hello");
        terminal.wait_for("session $0.25");
        stage::wait_for_prompt(&terminal);
        terminal.wait_until(&format!("the last row {row:?}"), |seen| {
            let screen = seen.screen().contents();
            screen.trim_end().lines().last().map(str::trim_end) == Some(row)
        });
        leave(&terminal);
    }
}

#[test]
fn names_of_habit_are_commands() {
    let double = Double::start([reply::stream(["One."]), reply::stream(["Two."])]);
    let sandbox = with_footer(&double);
    let terminal = opened(&sandbox);
    terminal.answer("hello");
    terminal.wait_for("One.");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/redo");
    terminal.wait_for("Two.");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/export talk.md");
    terminal.wait_for("talk.md");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/clear");
    terminal.wait_for("New conversation");
    stage::wait_for_prompt(&terminal);
    terminal.answer("/quit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let saved = std::fs::read_to_string(sandbox.home().join("talk.md")).unwrap();
    assert!(saved.contains("Two."), "{saved}");
    assert_eq!(double.requests().len(), 2);
}
