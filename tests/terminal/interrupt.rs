//! Signals, closed pipes and full disks in the middle of an answer.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::provider::Step;
use crate::pty::{SMALL, USUAL, send_signal, shell_code};
use crate::stage::{Ran, Stage};

/// Longest time between a signal and the end.
const PROMPT: Duration = Duration::from_secs(1);

fn half_an_answer() -> Stage {
    let stage = Stage::ready();
    stage.provider.answers([Step::Text("the first half\n\nand a little".to_owned()), Step::Gate, Step::Text("never sent".to_owned())]);
    stage
}

/// Reads stdout until the first line is there.
fn first_line(child: &mut Child) -> (String, BufReader<std::process::ChildStdout>) {
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    (line, stdout)
}

fn finished(mut child: Child, started: Instant, mut stdout: String, mut rest: impl Read) -> Ran {
    rest.read_to_string(&mut stdout).unwrap();
    let output = child.wait().unwrap();
    let took = started.elapsed();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ran { stdout, stderr, code: shell_code(output), took }
}

#[test]
fn a_signal_ends_the_stream_and_keeps_what_came() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let stage = half_an_answer();
        let mut child = stage.spawn(&["chat", "hello"], Stdio::piped());
        drop(child.stdin.take());
        let (line, rest) = first_line(&mut child);
        let started = Instant::now();
        send_signal(child.id(), signal);
        let ran = finished(child, started, line, rest);
        assert_eq!(ran.code, code, "{signal}: {ran:#?}");
        assert!(ran.took < PROMPT, "{signal}: {ran:#?}");
        assert!(ran.stdout.starts_with("the first half\n\nand a little"), "{signal}: {ran:#?}");
        assert!(!ran.stdout.contains("never sent") && !ran.stderr.contains("error"), "{signal}: {ran:#?}");
        stage.provider.wait_for_disconnect();
    }
}

#[test]
fn ctrl_c_on_a_terminal_leaves_it_as_it_was() {
    for size in [USUAL, SMALL] {
        let stage = half_an_answer();
        let terminal = stage.terminal(&["chat", "hello"], size);
        terminal.wait_for("the first half");
        let started = Instant::now();
        terminal.press_ctrl_c();
        assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
        assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
        terminal.wait_for("and a little");
        terminal.assert_restored();
        stage.provider.wait_for_disconnect();
    }
}

#[test]
fn other_signals_restore_the_terminal_too() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let stage = half_an_answer();
        let terminal = stage.terminal(&["chat", "hello"], USUAL);
        terminal.wait_for("the first half");
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), code, "{signal}: {}", terminal.transcript());
        terminal.assert_restored();
    }
}

#[test]
fn a_signal_before_the_first_word_leaves_no_spinner() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let stage = Stage::ready();
        stage.provider.answers([Step::Gate]);
        let terminal = stage.terminal(&["chat", "hello"], USUAL);
        terminal.wait_until("a sign of life", |seen| !seen.screen().contents().trim().is_empty());
        let waiting = terminal.screen();
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), code, "{signal}");
        let first = waiting.split_whitespace().next().unwrap();
        assert!(!terminal.screen().contains(first), "{first:?} is left on the screen:\n{}", terminal.screen());
        terminal.assert_restored();
    }
}

#[test]
fn the_spinner_is_gone_before_the_answer() {
    for size in [USUAL, SMALL] {
        let stage = Stage::ready();
        stage.provider.answers([Step::Gate, Step::Text("the answer itself".to_owned())]);
        let terminal = stage.terminal(&["chat", "hello"], size);
        terminal.wait_until("a sign of life", |seen| !seen.screen().contents().trim().is_empty());
        stage.provider.open_gate();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        assert!(transcript.trim_start().starts_with("the answer itself"), "{transcript}");
        terminal.assert_restored();
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    let stage = half_an_answer();
    // `script` owns the terminal; when it is killed, the terminal hangs up.
    let mut script = stage.shell("exec script -qfc 'echo $$ > pid; exec \"$AMX\" chat hello' /dev/null");
    let mut script = script.env("TERM", "xterm-256color").env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut shown = BufReader::new(script.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("first half") {
        assert_ne!(shown.read_line(&mut text).unwrap(), 0, "the answer does not appear: {text}");
    }
    let process = std::fs::read_to_string(stage.home().join("pid")).unwrap();
    script.kill().unwrap();
    script.wait().unwrap();
    stage.provider.wait_for_disconnect();
    let deadline = Instant::now() + PROMPT;
    let state = Path::new("/proc").join(process.trim());
    while is_alive(&state) {
        assert!(Instant::now() < deadline, "the program outlives its terminal");
    }
}

/// Whether a process runs; one that waits to be reaped does not.
fn is_alive(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_reader_that_leaves_is_met_in_silence() {
    let stage = Stage::ready();
    stage.provider.answers((0..400).map(|number| Step::Text(format!("{number} {}\n\n", "word ".repeat(200)))));
    let mut child = stage.spawn(&["chat", "hello"], Stdio::piped());
    drop(child.stdin.take());
    let mut first = [0];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ran = finished(child, Instant::now(), String::new(), std::io::empty());
    assert_eq!((ran.code, ran.stderr.as_str()), (141, ""), "{ran:#?}");
    assert_eq!(first, *b"0");
}

#[test]
fn every_command_meets_a_closed_pipe_in_silence() {
    for arguments in [&["--help"][..], &["profiles", "list"], &["config", "path"], &["config", "show"]] {
        let stage = Stage::bare().with_config("llm_profiles:\n  work:\n    model: a/b\nactive_llm_profile: work\n");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = stage.spawn(arguments, Stdio::from(writer));
        drop(child.stdin.take());
        let ran = finished(child, Instant::now(), String::new(), std::io::empty());
        assert_eq!((ran.code, ran.stderr.as_str()), (141, ""), "{arguments:?}: {ran:#?}");
    }
}

#[test]
fn a_full_disk_is_an_error_of_its_own() {
    for arguments in [&["chat", "hello"][..], &["chat", "--json", "hello"], &["profiles", "list"], &["config", "path"], &["--help"]] {
        let stage = Stage::ready().with_config("llm_profiles:\n  work:\n    model: a/b\nactive_llm_profile: work\n");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut child = stage.spawn(arguments, Stdio::from(full));
        drop(child.stdin.take());
        let ran = finished(child, Instant::now(), String::new(), std::io::empty());
        assert_eq!(ran.code, 12, "{arguments:?}: {ran:#?}");
        if !arguments.contains(&"--json") {
            ran.fails_with(12).says(&["stdout"]);
        }
    }
}
