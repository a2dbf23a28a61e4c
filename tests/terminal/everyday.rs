//! What people do every day on a terminal: copying code, and sending an answer to a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::pty::{Events, SMALL, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::media;
use crate::support::reply;

const BLOCKS: &str = "Two:\n```sh\nls -l\npwd\n```\nand\n```py\nx = 1\n```\n";

/// What was copied last, as the terminal received it.
fn copied(events: &Events) -> Option<String> {
    let bytes = STANDARD.decode(events.clipboard.last()?).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn copies(terminal: &Terminal, command: &str, text: &str) {
    let before = terminal.events().clipboard.len();
    terminal.answer(command);
    terminal.wait_until("something copied", |seen| {
        seen.events().clipboard.len() > before
    });
    assert_eq!(
        copied(&terminal.events()).as_deref(),
        Some(text),
        "{command}"
    );
}

#[test]
fn the_blocks_of_the_last_answer_are_copied_by_number() {
    let double = Double::start([reply::stream([BLOCKS])]);
    // Over ssh only the terminal reaches the clipboard.
    let sandbox = stage::ready(&double)
        .env("SSH_TTY", "/dev/pts/9")
        .env("DISPLAY", ":0");
    let terminal = stage::terminal(&sandbox, &["chat", "-i", "two blocks"], USUAL);
    terminal.wait_for("session");
    let transcript = terminal.transcript();
    let rows: Vec<&str> = transcript.lines().map(str::trim_end).collect();
    let question = rows.iter().position(|row| row.ends_with("two blocks"));
    let above = &rows[question.unwrap() - 2..question.unwrap()];
    assert!(!above[0].is_empty() && above[1].is_empty(), "{transcript}");
    for (command, text) in [
        ("/copy 1", "ls -l\npwd\n"),
        ("/copy 2", "x = 1\n"),
        ("/copy code", "x = 1\n"),
        ("/copy all", BLOCKS.trim()),
    ] {
        copies(&terminal, command, text);
    }
    terminal.answer("/copy 3");
    terminal.wait_for("no code block 3: the last answer has 2");
    terminal.answer("/copy");
    terminal.wait_for_question("Copy what?");
    terminal.wait_for("[2] py, 1 line: x = 1");
    terminal.press_down();
    terminal.press_enter();
    terminal.wait_until("the first block", |seen| {
        copied(seen.events()).as_deref() == Some("ls -l\npwd\n")
    });
    terminal.wait_for("Copied 2 lines through the terminal (OSC 52)");
    // In line mode, which the question leaves, Ctrl-D is the end of an empty line.
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn a_stopped_answer_can_be_copied() {
    let double = Double::start([reply::stream(["So:\n```sh\nls -l\n", "pwd"]).stall_after(1)]);
    let sandbox = stage::ready(&double).env("SSH_TTY", "/dev/pts/9");
    let terminal = stage::terminal(&sandbox, &["chat", "-i", "list"], USUAL);
    terminal.wait_for("ls -l");
    terminal.press_ctrl_c();
    double.wait_for_disconnect();
    terminal.wait_for("stopped");
    copies(&terminal, "/copy code", "ls -l\n");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

/// The program with its answer in the file `out`, started by a shell on the terminal.
fn into_file(double: &Double, command: &str) -> (Terminal, std::path::PathBuf) {
    let sandbox = stage::ready(double).env("AMX", env!("CARGO_BIN_EXE_amx"));
    let out = sandbox.home().join("out");
    let terminal = Terminal::launch(
        "/bin/sh",
        &["-c", command],
        sandbox.environment(),
        sandbox.home(),
        USUAL,
    )
    .keeping(sandbox.lease());
    (terminal, out)
}

#[test]
fn an_answer_that_goes_to_a_file_shows_its_progress_and_cost() {
    for command in [
        "\"$AMX\" chat hi > out",
        "\"$AMX\" chat hi --output out",
        "\"$AMX\" chat hi --no-save > out",
    ] {
        let gate = Gate::default();
        let double = Double::start([reply::stream(["Hello ", "there."]).gate_after(1, &gate)]);
        let (terminal, out) = into_file(&double, command);
        terminal.wait_for("test/plain · 6 B");
        gate.open();
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        let shown = terminal.transcript();
        assert!(shown.contains("11 in · 7 out · $0.00042"), "{shown}");
        assert!(!shown.contains("Hello"), "{shown}");
        assert_eq!(std::fs::read_to_string(out).unwrap(), "Hello there.\n");
        terminal.assert_restored();
    }
}

#[test]
fn a_quiet_answer_shows_nothing_beside_it() {
    let double = Double::start([reply::stream(["Hello."])]);
    let (terminal, out) = into_file(&double, "\"$AMX\" -q hi > out");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(terminal.transcript().trim(), "");
    assert_eq!(std::fs::read_to_string(out).unwrap(), "Hello.\n");
    let double = Double::start([reply::stream(["Hello."])]);
    let terminal = stage::terminal(&stage::ready(&double), &["-q", "hi"], USUAL);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(terminal.transcript().trim(), "Hello.");
}

#[test]
fn an_image_is_shown_where_the_terminal_says_it_can() {
    let answer = || {
        let cited = media::citation("https://a.example/page", "A page");
        media::stream(
            "A cat.",
            [
                json!({"images": [media::image("image/png", media::PNG)]}),
                json!({"annotations": [cited]}),
            ],
        )
    };
    for (variables, expected) in [
        (
            &[("TERM", "xterm-kitty")][..],
            "\x1b_Ga=T,f=100,q=2,C=1,c=5,r=2,m=0;",
        ),
        (&[("TERM_PROGRAM", "iTerm.app")], "\x1b]1337;File=inline=1;"),
        (
            &[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")],
            "",
        ),
        (&[], ""),
    ] {
        let double = Double::start([answer()]);
        let sandbox = variables
            .iter()
            .fold(stage::ready(&double), |sandbox, (name, value)| {
                sandbox.env(*name, *value)
            });
        let terminal = stage::terminal(&sandbox, &["draw"], USUAL);
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        let has_image = raw.contains("\x1b_G") || raw.contains("\x1b]1337");
        assert_eq!(has_image, !expected.is_empty(), "{variables:?}");
        assert!(raw.contains(expected), "{variables:?}: {raw:?}");
        terminal.wait_for("image: amx-image-1.png (image/png, ");
        terminal.wait_for("[1] A page");
        terminal.assert_restored();
    }
}

#[test]
fn an_image_above_the_footer_is_in_the_transcript_once() {
    let image = json!({"images": [media::image("image/png", media::PNG)]});
    for (variable, start) in [
        (("TERM", "xterm-kitty"), "\x1b_Ga=T"),
        (("TERM_PROGRAM", "iTerm.app"), "\x1b]1337;File=inline=1;"),
    ] {
        let double = Double::start([
            media::stream("A cat.", [image.clone()]),
            reply::stream(["The end."]),
        ]);
        let sandbox = stage::ready(&double)
            .without("AMX_NO_FOOTER")
            .env(variable.0, variable.1);
        let terminal = stage::terminal(&sandbox, &["chat", "--no-save"], SMALL);
        for (question, answer) in [("draw", "amx-image-1.png"), ("more", "The end.")] {
            terminal.wait_until("the prompt", |seen| {
                let screen = seen.screen().contents();
                screen.contains("amx ›") && terminal.modes().gives_keys()
            });
            terminal.answer(question);
            terminal.wait_for(answer);
        }
        terminal.wait_until("the end", |seen| {
            !seen.screen().contents().contains("esc to stop") && terminal.modes().gives_keys()
        });
        terminal.type_text("\x04");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        terminal.assert_restored();
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert_eq!(raw.matches(start).count(), 1, "{variable:?}: {raw:?}");
        let transcript = terminal.transcript();
        for once in ["A cat.", "image: amx-image-1.png", "The end."] {
            assert_eq!(transcript.matches(once).count(), 1, "{once}: {transcript}");
        }
        for trace in ["amx ›", "esc to stop", "this session"] {
            assert!(!transcript.contains(trace), "{trace} in:\n{transcript}");
        }
    }
}
