//! Themes, shades and links, as the cells of the terminal have them.

use vt100::Color;

use crate::pty::{Events, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const ANSWER: &str =
    "See [the docs](https://docs.example/a/b) &#27;[2J\n\n```rust\nlet codeword = 1;\n```\n";

fn answered(change: impl FnOnce(Sandbox) -> Sandbox) -> Terminal {
    let double = Double::start([reply::stream(ANSWER.split_inclusive(' '))]);
    let sandbox = change(stage::ready(&double));
    let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal
}

/// The backgrounds of the first and of the last cell of the row with a word.
fn grounds(terminal: &Terminal, word: &str) -> [Color; 2] {
    terminal.look(|seen| {
        let screen = seen.screen();
        let columns = screen.size().1.get();
        let row = screen
            .rows(0, columns)
            .position(|row| row.contains(word))
            .unwrap();
        let row = u16::try_from(row).unwrap();
        [0, columns - 1].map(|column| screen.cell(row, column).unwrap().bgcolor())
    })
}

#[test]
fn code_is_shaded_to_the_edge_where_the_background_is_known() {
    let dark = [Color::Idx(235); 2];
    let light = [Color::Idx(255); 2];
    let none = [Color::Default; 2];
    for (background, theme, expected) in [
        (Some("15;0"), None, dark),
        (Some("0;15"), None, light),
        (None, None, none),
        (None, Some("light"), light),
        (Some("0;15"), Some("dark"), dark),
        (Some("0;15"), Some("mono"), none),
    ] {
        let terminal = answered(|sandbox| {
            let sandbox = match background {
                Some(background) => sandbox.env("COLORFGBG", background),
                None => sandbox,
            };
            match theme {
                Some(theme) => sandbox.config(format!("theme: {theme}\n")),
                None => sandbox,
            }
        });
        assert_eq!(
            grounds(&terminal, "codeword"),
            expected,
            "{background:?} {theme:?}"
        );
        assert_eq!(grounds(&terminal, "See the docs"), none);
        terminal.assert_restored();
    }
}

#[test]
fn a_theme_that_does_not_exist_is_an_error_with_its_place() {
    let double = Double::start([]);
    let sandbox = stage::ready(&double).config("theme: solarized\n");
    let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
    assert_ne!(terminal.wait_exit(), 0);
    let transcript = terminal.transcript();
    assert!(
        transcript.contains("1:8: theme must be auto, dark"),
        "{transcript}"
    );
}

#[test]
fn links_are_those_of_the_terminal_where_it_has_them() {
    let terminal = answered(|sandbox| sandbox.env("VTE_VERSION", "7600"));
    let raw = String::from_utf8(terminal.raw_output()).unwrap();
    assert!(
        raw.contains("\x1b]8;;https://docs.example/a/b\x1b\\"),
        "{raw:?}"
    );
    assert_eq!(raw.matches("\x1b]8;;\x1b\\").count(), 1, "{raw:?}");
    let transcript = terminal.transcript();
    assert!(
        transcript.contains("See the docs (docs.example) ␛[2J"),
        "{transcript}"
    );
    let terminal = answered(|sandbox| sandbox);
    let raw = String::from_utf8(terminal.raw_output()).unwrap();
    assert!(!raw.contains("\x1b]8"), "{raw:?}");
    assert!(
        terminal
            .transcript()
            .contains("See the docs (https://docs.example/a/b)")
    );
}

#[test]
fn the_theme_changes_in_a_conversation() {
    let double = Double::start([
        reply::stream([ANSWER]),
        reply::stream(["```rust\nlet monoword = 1;\n```\n"]),
    ]);
    let sandbox = stage::ready(&double).env("COLORFGBG", "15;0");
    let size = Size {
        rows: 30,
        columns: 80,
    };
    let terminal = stage::terminal(&sandbox, &["chat", "--no-save"], size);
    let ask = |count: usize, text: &str| {
        terminal.wait_until("a prompt", |seen| {
            seen.transcript().matches("amx ›").count() == count && terminal.modes().gives_keys()
        });
        terminal.answer(text);
    };
    ask(1, "hello");
    ask(2, "/theme mono");
    terminal.wait_for("Theme: mono");
    ask(3, "again");
    terminal.wait_for("monoword");
    ask(4, "/theme pink");
    terminal.wait_for("/theme must be auto, dark, light or mono");
    assert_eq!(grounds(&terminal, "codeword"), [Color::Idx(235); 2]);
    assert_eq!(grounds(&terminal, "monoword"), [Color::Default; 2]);
    ask(5, "/exit");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn the_terminal_is_asked_for_its_background_once() {
    for (colour, shade) in [("rgb:ffff/ffff/ffff", 255), ("rgb:1e1e/1e1e/2e2e", 235)] {
        let double = Double::start([reply::stream([ANSWER])]);
        let sandbox = stage::ready(&double).without("AMX_NO_FOOTER");
        let events = Events::with_background(colour);
        let terminal = stage::terminal_as(&sandbox, &["chat"], USUAL, events);
        stage::wait_for_prompt(&terminal);
        terminal.answer("hello");
        terminal.wait_for("session $");
        assert_eq!(
            grounds(&terminal, "codeword"),
            [Color::Idx(shade); 2],
            "{colour}"
        );
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert_eq!(raw.matches("\x1b]11;?").count(), 1);
        stage::wait_for_prompt(&terminal);
        terminal.type_text("\x04");
        assert_eq!(terminal.wait_exit(), 0);
    }
}
