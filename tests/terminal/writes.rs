//! How the footer is written: each update at once, in one `write(2)`, marked where the terminal
//! shows marked writes at once, and at most thirty times a second without text.

use std::time::{Duration, Instant};

use crate::pty::{Events, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const PROGRAM: &str = env!("CARGO_BIN_EXE_amx");

/// Starts and ends what the terminal is to show at once.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// In every drawing of the footer, once.
const DRAWN: &str = "\x1b[?7l";

fn answer() -> Reply {
    reply::stream((0..40).map(|n| {
        if n % 3 == 2 {
            "word of it\n\n"
        } else {
            "word of it "
        }
    }))
}

fn started(sandbox: &Sandbox, command: &[&str], events: Events) -> Terminal {
    let (program, arguments) = (command[0], &command[1..]);
    let environment = sandbox.environment();
    let home = sandbox.home();
    let terminal = Terminal::launch_as(program, arguments, environment, home, USUAL, events);
    terminal.keeping(sandbox.lease())
}

/// A conversation of one answer, with a menu and some keys; all of its output.
fn conversation(command: &[&str], events: Events) -> (Sandbox, String) {
    let double = Double::start([answer()]);
    let sandbox = stage::ready(&double).without("AMX_NO_FOOTER");
    let terminal = started(&sandbox, command, events);
    stage::wait_for_prompt(&terminal);
    terminal.type_text("/mod");
    terminal.wait_for("/models");
    terminal.type_text("\x15");
    terminal.answer("hello");
    terminal.wait_for("session $");
    stage::wait_for_prompt(&terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
    let output = String::from_utf8(terminal.raw_output()).unwrap();
    (sandbox, output)
}

#[test]
fn every_drawing_is_marked_where_the_terminal_says_that_it_has_marks() {
    let (_sandbox, output) = conversation(&[PROGRAM, "chat"], Events::synchronising());
    let mut is_open = false;
    let mut drawings = 0;
    for (at, _) in output.match_indices('\x1b') {
        let rest = &output[at..];
        if rest.starts_with(BEGIN) {
            assert!(!is_open, "two starts before {:?}", &rest[..40]);
            is_open = true;
        } else if rest.starts_with(END) {
            assert!(is_open, "an end without a start");
            is_open = false;
        } else if rest.starts_with(DRAWN) {
            assert!(is_open, "a drawing that is not marked");
            drawings += 1;
        }
    }
    assert!(!is_open && drawings > 5, "{is_open} {drawings}");
}

#[test]
fn nothing_is_marked_on_other_terminals() {
    let (_sandbox, output) = conversation(&[PROGRAM, "chat"], Events::default());
    assert!(output.contains(DRAWN));
    assert!(output.contains("\x1b[?2026$p"), "the terminal is asked");
    assert!(!output.contains(BEGIN) && !output.contains(END));
}

/// The texts of the calls of `write` to stdout in a trace with all characters in hexadecimal.
fn writes(trace: &str) -> Vec<String> {
    let calls = trace.lines().filter_map(|line| {
        let (_, text) = line.split_once("write(1, \"")?;
        Some(text.split_once('"')?.0)
    });
    let byte = |hex: &str| u8::from_str_radix(hex, 16).unwrap();
    calls
        .map(|text| text.split("\\x").skip(1).map(byte).collect())
        .map(|bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

#[test]
fn an_update_of_the_footer_is_one_write() {
    let command = [
        "strace",
        "-f",
        "-qq",
        "-xx",
        "-s",
        "1000000",
        "-e",
        "trace=write",
        "-o",
        "trace",
        PROGRAM,
        "chat",
    ];
    let probe = std::process::Command::new("strace")
        .args(["-qq", "true"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return skip("an_update_of_the_footer_is_one_write");
    }
    let (sandbox, _) = conversation(&command, Events::synchronising());
    let trace = std::fs::read_to_string(sandbox.home().join("trace")).unwrap();
    let writes = writes(&trace);
    let drawings: Vec<_> = writes.iter().filter(|text| text.contains(DRAWN)).collect();
    assert!(drawings.len() > 5, "{}", drawings.len());
    for write in &writes {
        let [begins, ends, drawn] = [BEGIN, END, DRAWN].map(|part| write.matches(part).count());
        assert!(begins == ends && drawn == begins && drawn <= 1, "{write:?}");
        if drawn == 1 {
            assert!(
                write.starts_with(BEGIN) && write.ends_with(END),
                "{write:?}"
            );
        }
    }
}

/// Says on stderr why a test does not run on this machine.
#[expect(
    clippy::print_stderr,
    reason = "the note is for whoever runs the tests"
)]
fn skip(test: &str) {
    eprintln!("{test} skipped: strace is not installed, or may not be used here");
}

/// Time between two keys, and how many of them there are.
const PACE: Duration = Duration::from_millis(4);
const KEYS: usize = 400;

/// Drawings a second, and those that may follow each other at once.
const RATE: f64 = 30.0;
const BURST: f64 = 6.0;

#[test]
fn keys_that_come_fast_are_drawn_at_most_thirty_times_a_second() {
    let double = Double::start([]);
    let sandbox = stage::ready(&double).without("AMX_NO_FOOTER");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    stage::wait_for_prompt(&terminal);
    let drawn = || {
        let output = terminal.raw_output();
        String::from_utf8_lossy(&output).matches(DRAWN).count()
    };
    let (before, started) = (drawn(), Instant::now());
    for key in 0..KEYS {
        terminal.type_text(if key % 2 == 0 { "x" } else { "\x7f" });
        std::thread::park_timeout(PACE);
    }
    terminal.type_text("end");
    terminal.wait_until("the last key", |seen| {
        seen.screen().contents().contains("amx › end")
    });
    let most = BURST + 1.0 + started.elapsed().as_secs_f64() * RATE;
    let drawings = drawn() - before;
    #[expect(clippy::cast_precision_loss, reason = "there are few of them")]
    let is_within = drawings as f64 <= most;
    assert!(is_within, "{drawings} drawings, at most {most}");
    terminal.type_text("\x15\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}
