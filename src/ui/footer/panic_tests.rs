//! A panic while there is a footer: it is removed, and the terminal restored, also when the thread
//! that panics is about to draw.

use std::io::{Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::Parser;

use super::activity::Activity;
use super::prompt::FooterPrompt;
use super::screen;
use crate::config::Environment;
use crate::config::file::Keys;
use crate::ports::entered_text::EnteredText;
use crate::ports::input::{Candidate, Completer, EditorOptions, LineEditor, PromptEntry};
use crate::ports::interrupt::Interrupt;
use crate::ports::menu::{Menu, MenuSource};
use crate::ui::panics;

/// Time for the child to end by itself.
const LONGEST: Duration = Duration::from_secs(20);

/// "Where is the cursor?"
const CURSOR: &[u8] = b"\x1b[6n";

struct Nothing;

impl Completer for Nothing {
    fn complete(&mut self, _: &str, _: usize) -> Vec<Candidate> {
        Vec::new()
    }
}

impl MenuSource for Nothing {
    fn menu(&mut self, _: &EnteredText, _: usize) -> Menu {
        Menu::default()
    }
}

/// Reads an entry in a footer, which then stays for its answer.
fn read_entry() {
    let environment = Environment::from_process();
    panics::report(&environment, None);
    let options = EditorOptions {
        history: None,
        keys: Keys::default(),
        completer: Box::new(Nothing),
        menus: Box::new(Nothing),
        has_footer: true,
    };
    let mut editor = FooterPrompt::new(options, &environment, Interrupt::default());
    let entry = editor.read("amx", &[]).unwrap();
    assert_eq!(entry, PromptEntry::Text(EnteredText::typed("hello")));
    screen::with(|screen| {
        screen.footer.activity = Some(Activity::new(Instant::now()));
        screen.redraw();
    });
    // The program never drops it at a panic.
    std::mem::forget(editor);
}

#[test]
#[ignore = "the child process of the test below, which starts it by name"]
fn panics_below_the_transcript() {
    read_entry();
    panic!("on purpose");
}

#[test]
#[ignore = "the child process of the test below, which starts it by name"]
fn panics_with_the_screen_locked() {
    read_entry();
    screen::with(|_| panic!("on purpose"));
}

/// What a child leaves on the terminal.
struct Left {
    code: u32,
    saw_footer: bool,
    terminal: Parser,
    /// Before and after.
    modes: [String; 2],
}

fn command(child: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--nocapture", "--exact"]);
    command.arg(format!("ui::footer::panic_tests::{child}"));
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a child on a terminal, and answers its questions and its prompt.
fn run(child: &str) -> Left {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let modes = || format!("{:?}", pair.master.get_termios().unwrap().local_flags);
    let before = modes();
    let mut program = pair.slave.spawn_command(command(child)).unwrap();
    let (ended, is_ended) = mpsc::channel::<()>();
    let mut killer = program.clone_killer();
    let watchdog = std::thread::spawn(move || {
        if is_ended.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout) {
            killer.kill().unwrap();
        }
    });
    let mut keyboard = pair.master.take_writer().unwrap();
    let mut output = pair.master.try_clone_reader().unwrap();
    drop(pair.slave);
    let mut terminal = Parser::default();
    let (mut buffer, mut has_typed, mut raw) = ([0; 4096], false, Vec::new());
    let mut next = |buffer: &mut [u8]| output.read(buffer).unwrap_or_default();
    // The last words may come after an error that reports the end.
    while let length @ 1.. = match next(&mut buffer) {
        0 => next(&mut buffer),
        length => length,
    } {
        let piece = &buffer[..length];
        terminal.process(piece);
        raw.extend_from_slice(piece);
        if piece.windows(CURSOR.len()).any(|part| part == CURSOR) {
            keyboard.write_all(b"\x1b[3;1R").unwrap();
        }
        let shown = terminal.screen().contents();
        if shown.contains("amx ›") && !has_typed {
            has_typed = true;
            keyboard.write_all(b"hello\r").unwrap();
        }
    }
    let code = program.wait().unwrap().exit_code();
    drop(ended);
    watchdog.join().unwrap();
    Left {
        code,
        // It may come and go within one read.
        saw_footer: String::from_utf8_lossy(&raw).contains("esc to stop"),
        terminal,
        modes: [before, modes()],
    }
}

#[test]
fn a_panic_removes_the_footer_and_restores_the_terminal() {
    for child in [
        "panics_below_the_transcript",
        "panics_with_the_screen_locked",
    ] {
        let left = run(child);
        let screen = left.terminal.screen();
        let shown = screen.contents();
        assert_eq!((left.code, left.saw_footer), (70, true), "{child}: {shown}");
        assert!(
            shown.contains("error: internal error ("),
            "{child}: {shown}"
        );
        for trace in ["amx ›", "esc to stop", "on purpose"] {
            assert!(!shown.contains(trace), "{child}: {trace} in:\n{shown}");
        }
        assert!(!screen.hide_cursor(), "{child}: {shown}");
        assert!(!screen.bracketed_paste(), "{child}: {shown}");
        assert_eq!(left.modes[0], left.modes[1], "{child}");
    }
}
