//! The prompt of the conversation: what a person types, pastes and recalls is what is asked, and
//! nothing of it drives the terminal.

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Sets a title, fills the clipboard, clears the screen, in all ways to begin a sequence.
const HOSTILE: &str =
    "a\u{1b}]0;evil\u{7}\u{1b}]52;c;ZXZpbA==\u{7}\u{9d}52;c;ZXZpbA==\u{9c}\u{9b}2Jz";
const MADE_INERT: &str = "a␛]0;evil␇␛]52;c;ZXZpbA==␇\u{fffd}52;c;ZXZpbA==\u{fffd}\u{fffd}2Jz";

/// A server that answers so many questions.
fn answering(count: usize) -> Double {
    Double::start((0..count).map(|_| reply::stream(["an answer"])))
}

/// With a locale in which the prompt is `›`.
fn stage_for(double: &Double) -> Sandbox {
    stage::ready(double).env("LC_ALL", "C.UTF-8")
}

fn opened(sandbox: &Sandbox, size: Size) -> Terminal {
    let terminal = stage::terminal(sandbox, &["chat"], size);
    terminal.wait_for("›");
    terminal
}

/// What was asked, question by question.
fn questions(double: &Double) -> Vec<String> {
    double
        .requests()
        .iter()
        .map(|request| request.prompt().as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Types on an empty line, waits for the end of all answers, and leaves.
#[track_caller]
fn leave_after(terminal: &Terminal, double: &Double, count: usize) {
    double.wait_for_requests(count);
    terminal.wait_until("the last answer and a prompt below it", |seen| {
        let text = seen.transcript();
        text.matches("an answer").count() >= count && text.trim_end().ends_with('›')
    });
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

fn paste(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r"))
}

#[test]
fn a_letter_with_control_and_alt_is_no_text() {
    let double = answering(1);
    let terminal = opened(&stage_for(&double), USUAL);
    terminal.type_text("on\x1b\x15e\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), ["one"]);
}

#[test]
fn lines_are_joined_by_their_marks() {
    for (typed, asked) in [
        ("one line\r", "one line"),
        ("one\\\rtwo\r", "one\ntwo"),
        (":::\rone\r\rtwo\\\r:::\r", "one\n\ntwo\\"),
        ("one\x1b\rtwo\nthree\r", "one\ntwo\nthree"),
    ] {
        for size in [USUAL, SMALL] {
            let double = answering(1);
            let sandbox = stage_for(&double);
            let terminal = opened(&sandbox, size);
            terminal.type_text(typed);
            leave_after(&terminal, &double, 1);
            assert_eq!(questions(&double), [asked]);
        }
    }
}

#[test]
fn in_multiline_mode_enter_inserts_a_line() {
    let double = answering(2);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    // The second question comes in the same breath as the key that submits the first.
    terminal.type_text("/multiline\rone\rtwo\\\rend\x1b\rthree\x1b\r/multiline\r");
    leave_after(&terminal, &double, 2);
    assert_eq!(questions(&double), ["one\ntwo\\\nend", "three"]);
}

#[test]
fn a_paste_is_never_submitted_and_keeps_its_lines() {
    let double = answering(1);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    let code = "curl \\\n  -H 'a: b' \\\n  address\n\n/exit\n";
    terminal.type_text(&paste(code));
    terminal.wait_for("/exit");
    terminal.type_text("the end");
    terminal.wait_for("the end");
    assert!(double.requests().is_empty());
    terminal.press_enter();
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), [format!("{code}the end")]);
}

#[test]
fn pasted_and_recalled_text_cannot_control_the_terminal() {
    let double = answering(3);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    terminal.type_text(&paste(HOSTILE));
    terminal.wait_for("2Jz");
    terminal.press_enter();
    terminal.wait_for("an answer");
    // Up, and found by a search.
    terminal.type_text("\x1b[A\r");
    double.wait_for_requests(2);
    terminal.type_text("\x12evil");
    terminal.wait_for("(search: evil)");
    terminal.type_text("\r\r");
    leave_after(&terminal, &double, 3);
    assert_eq!(questions(&double), [MADE_INERT; 3]);
    let events = terminal.events().without_own_titles();
    assert_eq!((events.titles, events.clipboard), (Vec::new(), Vec::new()));
}

#[test]
fn a_foreign_history_cannot_control_the_terminal() {
    let double = answering(1);
    let line = serde_json::Value::from(HOSTILE).to_string();
    let sandbox = stage_for(&double)
        .config("keys: emacs\n")
        .file(".amx/history", format!("{line}\n"));
    let terminal = opened(&sandbox, USUAL);
    terminal.type_text("\x1b[A");
    terminal.wait_for("2Jz");
    terminal.press_enter();
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), [MADE_INERT]);
    let events = terminal.events().without_own_titles();
    assert_eq!((events.titles, events.clipboard), (Vec::new(), Vec::new()));
}

#[test]
fn a_very_large_paste_arrives_whole() {
    let double = answering(1);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, SMALL);
    let text = "a line of text with \u{e9}\n".repeat(40_000) + "end";
    terminal.type_text(&paste(&text));
    terminal.wait_for("[paste 1: 40001 lines");
    terminal.press_enter();
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), [text]);
    assert!(
        terminal.raw_output().len() < 100_000,
        "{}",
        terminal.raw_output().len()
    );
}

#[test]
fn what_is_typed_while_an_answer_streams_is_asked_afterwards() {
    let gate = Gate::default();
    let first = reply::stream(["an answer\n\n", "at length"]).gate_after(1, &gate);
    let double = Double::start([
        first,
        reply::stream(["an answer"]),
        reply::stream(["an answer"]),
        reply::stream(["an answer"]),
    ]);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    terminal.answer("first");
    terminal.wait_for("an answer");
    let long = "word ".repeat(600);
    terminal.type_text(&format!(
        "second\r{}\r{}",
        long.trim_end(),
        paste("third\nwith lines")
    ));
    terminal.wait_until("the keys in the queue", |_| !terminal.modes().echo());
    assert!(
        !terminal.transcript().contains("second"),
        "{}",
        terminal.transcript()
    );
    gate.open();
    double.wait_for_requests(3);
    terminal.wait_for("… with lines");
    terminal.press_enter();
    leave_after(&terminal, &double, 4);
    assert_eq!(
        questions(&double),
        ["first", "second", long.trim_end(), "third\nwith lines"]
    );
}

#[test]
fn ctrl_c_stops_an_answer_and_leaves_what_was_typed() {
    // More than the queue of a terminal holds.
    for typed in ["before ".to_owned(), "word ".repeat(4_000)] {
        let double = Double::start([
            reply::stream(["half\n\n"]).stall_after(1),
            reply::stream(["an answer"]),
        ]);
        let sandbox = stage_for(&double);
        let terminal = opened(&sandbox, USUAL);
        terminal.answer("first");
        terminal.wait_for("half");
        terminal.type_text(&typed);
        terminal.press_ctrl_c();
        double.wait_for_disconnect();
        terminal.type_text("after\r");
        double.wait_for_requests(2);
        terminal.wait_for("an answer");
        terminal.type_text("\x04");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        assert_eq!(questions(&double)[1], format!("{typed}after"));
        terminal.assert_restored();
    }
}

#[test]
fn what_was_typed_and_not_read_never_reaches_the_shell() {
    let double = Double::start([reply::stream(["half\n\n"]).stall_after(1)]);
    let sandbox = stage_for(&double)
        .env("PS1", "shell$ ")
        .env("AMX", env!("CARGO_BIN_EXE_amx"));
    let terminal = Terminal::launch(
        "/bin/sh",
        &["-i"],
        sandbox.environment(),
        sandbox.home(),
        USUAL,
    );
    terminal.wait_for("shell$");
    terminal.answer("sh -c 'echo $$ > pid; exec \"$AMX\" chat'");
    terminal.wait_for("›");
    terminal.answer("first");
    terminal.wait_for("half");
    terminal.answer("touch ran");
    let process = std::fs::read_to_string(sandbox.home().join("pid")).unwrap();
    crate::pty::send_signal(process.trim().parse().unwrap(), "TERM");
    terminal.wait_until("the shell again", |seen| {
        seen.transcript().trim_end().ends_with("shell$")
    });
    terminal.answer("echo a$((1+1))b");
    terminal.wait_for("a2b");
    assert!(
        !sandbox.home().join("ran").exists(),
        "{}",
        terminal.transcript()
    );
    terminal.answer("exit");
    terminal.wait_exit();
}

#[test]
fn ctrl_c_at_the_prompt_clears_the_line() {
    let double = answering(1);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    // In one breath: nothing of what follows is lost.
    terminal.type_text("not this\x03but this\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), ["but this"]);
}

#[test]
fn signals_at_the_prompt_restore_the_terminal() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        for keys in ["", "half a line", "/h\t"] {
            let double = answering(0);
            let sandbox = stage_for(&double);
            let terminal = opened(&sandbox, USUAL);
            terminal.type_text(keys);
            terminal.wait_until("the keyboard taken", |_| !terminal.modes().echo());
            terminal.signal(signal);
            assert_eq!(terminal.wait_exit(), code, "{}", terminal.transcript());
            terminal.assert_restored();
        }
    }
}

#[test]
fn lines_are_recalled_in_the_next_run_but_not_all() {
    let double = answering(6);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    let key = format!("sk-or-v1-{}", "0a".repeat(16));
    for line in ["first", "two\\\rlines", " hidden", &format!("look: {key}")] {
        terminal.answer(line);
    }
    leave_after(&terminal, &double, 4);
    let file = sandbox.home().join(".amx/history");
    assert_eq!(stage::mode(&file), 0o600);
    assert_eq!(
        std::fs::read_to_string(file).unwrap(),
        "\"first\"\n\"two\\\\\\nlines\"\n"
    );
    let terminal = opened(&sandbox, USUAL);
    terminal.type_text("\x1b[A\r");
    double.wait_for_requests(5);
    terminal.type_text("\x12fir");
    terminal.wait_for("(search: fir)");
    terminal.type_text("\r\r");
    double.wait_for_requests(6);
    assert_eq!(&questions(&double)[4..], ["two\nlines", "first"]);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn a_history_that_cannot_be_written_is_ignored() {
    let double = answering(1);
    let sandbox = stage_for(&double);
    let elsewhere = sandbox.home().join("elsewhere");
    std::fs::write(&elsewhere, "\"theirs\"\n").unwrap();
    std::fs::create_dir_all(sandbox.home().join(".amx")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.home().join(".amx/history")).unwrap();
    let terminal = opened(&sandbox, USUAL);
    terminal.answer("a question");
    leave_after(&terminal, &double, 1);
    assert_eq!(std::fs::read_to_string(elsewhere).unwrap(), "\"theirs\"\n");
}

#[test]
fn tab_shows_the_commands_and_completes_them() {
    for size in [USUAL, SMALL] {
        let double = answering(0);
        let sandbox = stage_for(&double).env("NO_COLOR", "1");
        let terminal = opened(&sandbox, size);
        terminal.type_text("/e\t");
        terminal.wait_for("/effort");
        terminal.type_text("x\t");
        terminal.wait_for("› /exit");
        terminal.type_text("\r");
        // The first Enter may take the menu's word.
        terminal.type_text("\r");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        terminal.assert_restored();
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        let styles = raw
            .split("\u{1b}[")
            .skip(1)
            .filter_map(|sequence| sequence.split_once('m'))
            .map(|(style, _)| style);
        let styles: Vec<&str> = styles
            .filter(|style| style.chars().all(|c| c.is_ascii_digit() || c == ';') && *style != "0")
            .collect();
        assert_eq!(styles, Vec::<&str>::new(), "{raw:?}");
    }
}

#[test]
fn vi_keys_show_their_mode() {
    let double = answering(1);
    let sandbox = stage_for(&double).config("keys: vi\n");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_for("[i] ›");
    terminal.type_text("xone");
    terminal.wait_for("xone");
    terminal.type_text("\x1b");
    terminal.wait_for("[n] ›");
    terminal.type_text("0x\r");
    double.wait_for_request();
    terminal.wait_for("an answer");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(questions(&double), ["one"]);
    terminal.assert_restored();
}

#[test]
fn the_line_can_be_edited_outside() {
    let double = answering(1);
    let sandbox = stage_for(&double).script(
        "editor",
        "echo \"${OPENROUTER_API_KEY:-no key}\" >> \"$1\"\n\
         echo 'a mark \\' >> \"$1\"\necho end >> \"$1\"\n",
    );
    let editor = sandbox.home().join("editor");
    let sandbox = sandbox.env("VISUAL", format!("sh {}", editor.display()));
    let terminal = opened(&sandbox, USUAL);
    terminal.type_text("begun\\");
    terminal.wait_for("begun\\");
    terminal.type_text("\x18\x05");
    terminal.wait_for("end");
    terminal.press_enter();
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), ["begun\\no key\na mark \\\nend"]);
}

#[test]
fn a_dumb_terminal_is_prompted_line_by_line() {
    let gate = Gate::default();
    let double = Double::start([
        reply::stream(["an answer\n\n", "at length"]).gate_after(1, &gate),
        reply::stream(["an answer"]),
        reply::stream(["an answer"]),
    ]);
    let sandbox = stage::ready(&double).env("TERM", "dumb").env("LC_ALL", "C");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_for("amx >");
    terminal.type_text("one\\\rtwo\r");
    terminal.wait_for("an answer");
    terminal.type_text("ahead\r");
    gate.open();
    double.wait_for_requests(2);
    terminal.wait_until("a prompt", |seen| {
        seen.transcript().trim_end().ends_with('>')
    });
    terminal.type_text("not this\x03:::\ra\rb\r:::\r");
    double.wait_for_requests(3);
    terminal.wait_until("a prompt", |seen| {
        seen.transcript().trim_end().ends_with('>')
    });
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(questions(&double), ["one\ntwo", "ahead", "a\nb"]);
    assert!(
        !terminal.raw_output().contains(&0x1b),
        "{:?}",
        String::from_utf8_lossy(&terminal.raw_output())
    );
    terminal.assert_restored();
}

#[test]
fn a_terminal_without_cursor_reports_is_prompted_line_by_line() {
    let double = answering(2);
    let sandbox = stage_for(&double);
    let terminal = stage::mute_terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("the keyboard taken", |_| !terminal.modes().echo());
    terminal.type_text("while it waits\r");
    double.wait_for_request();
    // What the terminal was asked, answered over a slow connection.
    terminal.answer("\x1b[2;1R\x1b]11;rgb:0/0/0\x07\x1b[?1;2cafterwards");
    leave_after(&terminal, &double, 2);
    assert_eq!(questions(&double), ["while it waits", "afterwards"]);
}

#[test]
fn a_line_taller_than_the_screen_preserves_the_text_above() {
    let double = answering(2);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, SMALL);
    terminal.answer("first");
    terminal.wait_for("an answer");
    let lines: Vec<String> = (0..30)
        .map(|number| format!("line number {number}"))
        .collect();
    terminal.type_text(&paste(&lines.join("\n")));
    terminal.wait_for("line number 29");
    terminal.press_enter();
    leave_after(&terminal, &double, 2);
    assert_eq!(questions(&double)[1], lines.join("\n"));
}

#[test]
fn a_window_may_change_its_size_while_a_line_is_typed() {
    let double = answering(1);
    let sandbox = stage_for(&double);
    let terminal = opened(&sandbox, USUAL);
    let words = "a line that is longer than forty columns when it is typed to its end";
    terminal.type_text(words);
    terminal.wait_for(words);
    terminal.resize(SMALL);
    terminal.type_text(", and on");
    terminal.wait_for("end, and on");
    terminal.press_enter();
    leave_after(&terminal, &double, 1);
    assert_eq!(questions(&double), [format!("{words}, and on")]);
}
