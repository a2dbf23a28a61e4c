//! Promises of the conversation's surface that hold over everything in it: which sequences are
//! never written, editing while an answer streams, the parts of the status row, other names of
//! commands, mentions of images.

use std::os::unix::fs::PermissionsExt;

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::media;
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

/// The URL of the image that a request has, if any.
fn image_url(double: &Double, request: usize) -> Option<String> {
    let prompt = double.requests()[request].prompt();
    let parts = prompt.as_array()?.clone();
    let part = parts.iter().find(|part| part["type"] == "image_url")?;
    Some(part["image_url"]["url"].as_str()?.to_owned())
}

#[test]
fn a_url_is_mentioned_and_passed_on_and_stays_in_the_text() {
    let double = Double::start([reply::stream(["A cat."])]);
    let terminal = opened(&with_footer(&double));
    terminal.answer("see @https://x.example/cat.png, please");
    terminal.wait_for("A cat.");
    leave(&terminal);
    assert_eq!(
        image_url(&double, 0).as_deref(),
        Some("https://x.example/cat.png")
    );
    let text = &double.request().prompt()[0]["text"];
    assert_eq!(text, "see @https://x.example/cat.png, please");
}

/// A sandbox of a desktop whose clipboard holds an image.
fn with_image(double: &Double) -> Sandbox {
    let script =
        "#!/bin/sh\ncase \"$1\" in --list-types) echo image/png;; *) cat \"$HOME/clip\";; esac\n";
    let sandbox = with_footer(double).env("WAYLAND_DISPLAY", "wayland-0");
    std::fs::create_dir_all(sandbox.home().join("bin")).unwrap();
    std::fs::write(sandbox.home().join("clip"), media::PNG).unwrap();
    let program = sandbox.home().join("bin/wl-paste");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", sandbox.home().join("bin").display());
    sandbox.env("PATH", path)
}

#[test]
fn an_image_comes_from_the_clipboard_by_name_and_by_a_key() {
    let double = Double::start([reply::stream(["One."]), reply::stream(["Two."])]);
    let terminal = opened(&with_image(&double));
    terminal.answer("what is @clipboard");
    terminal.wait_for("One.");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("and this\x16");
    on_screen(&terminal, "\n clipboard · 29 B");
    stage::wait_for_prompt(&terminal);
    on_screen(&terminal, "amx › and this");
    terminal.press_enter();
    terminal.wait_for("Two.");
    leave(&terminal);
    let image = media::image("image/png", media::PNG)["image_url"]["url"].clone();
    for request in 0..2 {
        assert_eq!(image_url(&double, request).as_deref(), image.as_str());
    }
    for request in double.requests() {
        assert_eq!(request.prompt().as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_locale_without_unicode_gets_ascii_but_for_the_answer() {
    let double = Double::start([
        reply::stream([
            "# Naïve\n\n- one\n- [x] two\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        ]),
        reply::stream(["never"]).stall_after(0),
    ]);
    let sandbox = with_footer(&double)
        .env("LC_ALL", "C")
        .file("notes.md", "the notes");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    let ready = || {
        terminal.wait_until("the prompt", |seen| {
            seen.screen().contents().contains("amx >")
        });
        terminal.wait_until("keys", |_| terminal.modes().gives_keys());
    };
    ready();
    for (keys, shown) in [
        ("read @notes.md\r", "session $"),
        ("?", "Ctrl-Z"),
        ("/file notes.md\r", "notes.md | 9 B"),
        ("/resume\r", "Resume >"),
        ("\x1b", "amx >"),
        ("/help\r", "Ctrl-C stops an answer"),
        ("wait\r", "esc to stop"),
        ("\x1b", "stopped"),
    ] {
        terminal.type_text(keys);
        on_screen(&terminal, shown);
        if !["/resume\r", "wait\r"].contains(&keys) {
            ready();
        }
    }
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let output = String::from_utf8(terminal.raw_output()).unwrap();
    let others: String = output.chars().filter(|c| !c.is_ascii()).collect();
    assert!(
        !others.is_empty() && others.chars().all(|c| c == 'ï'),
        "{others}"
    );
    assert!(
        terminal.transcript().contains("[x] two"),
        "{}",
        terminal.transcript()
    );
}

#[test]
fn a_question_for_yes_or_no_leaves_nothing_behind_at_any_size() {
    let config = "llm_profiles:\n  a-profile-with-quite-a-long-name: {model: a/b}\n";
    let sandbox = stage::bare().config(config);
    let arguments = ["profiles", "remove", "a-profile-with-quite-a-long-name"];
    let terminal = stage::terminal(&sandbox, &arguments, USUAL);
    let narrow = Size {
        rows: 12,
        columns: 30,
    };
    for size in [narrow, USUAL, SMALL, narrow, USUAL] {
        terminal.wait_for_question("(y/n)");
        terminal.resize(size);
        terminal.wait_until("the question on a row of its own", |seen| {
            let width = usize::from(size.columns);
            let rows = seen.screen().contents();
            rows.matches("(y/n)").count() == 1
                && rows.lines().all(|row| row.chars().count() < width)
        });
    }
    terminal.type_text("n");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.transcript());
    let transcript = terminal.transcript();
    assert!(!transcript.contains("(y/n)"), "{transcript}");
    assert_eq!(
        transcript.matches("Remove profile").count(),
        1,
        "{transcript}"
    );
    terminal.assert_restored();
}

#[test]
fn the_key_bindings_stand_between_empty_rows() {
    let double = Double::start([]);
    let terminal = opened(&with_footer(&double));
    for count in 1..=2 {
        terminal.type_text("?");
        terminal.wait_until("the key bindings", |seen| {
            seen.transcript().matches("suspend; fg returns").count() == count
        });
        stage::wait_for_prompt(&terminal);
    }
    let transcript = terminal.transcript();
    let rows: Vec<&str> = transcript.lines().map(str::trim_end).collect();
    for (at, row) in rows.iter().enumerate() {
        if row.starts_with("Enter ") {
            assert_eq!(
                (rows[at - 1], rows[at - 2].is_empty()),
                ("", false),
                "{transcript}"
            );
        }
    }
    leave(&terminal);
}

#[test]
fn a_message_that_comes_back_opens_no_menu() {
    let double = Double::start([]);
    let terminal = opened(&with_footer(&double).env("PATH", "/nowhere"));
    terminal.answer("see @clipboard");
    on_screen(&terminal, "error: ");
    terminal.wait_until("the message on the line, and no menu", |seen| {
        let screen = seen.screen().contents();
        screen.contains("amx › see @clipboard") && !screen.contains("the image on the clipboard")
    });
    terminal.type_text("\x15\x16");
    terminal.wait_until("the error of Ctrl-V, with a slash command", |seen| {
        let transcript = seen.transcript();
        transcript.matches("error: ").count() == 2 && transcript.matches("/file FILE").count() == 2
    });
    leave(&terminal);
}

#[test]
fn a_warning_of_the_configuration_is_shown_once() {
    let double = Double::start([]);
    let config = "llm_profiles:\n  amx: {model: test/plain, colour: red}\n";
    let terminal = opened(&with_footer(&double).config(config));
    for (command, shown) in [("/tools", "Tools: none"), ("/llm-profiles", "PROVIDER")] {
        terminal.answer(command);
        on_screen(&terminal, shown);
        stage::wait_for_prompt(&terminal);
    }
    let transcript = terminal.transcript();
    let count = transcript.matches("unknown setting 'colour'").count();
    assert_eq!(count, 1, "{transcript}");
    leave(&terminal);
}
