//! Signals, closed pipes and full disks in the middle of an answer.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::pty::{SMALL, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;

/// Longest time between a signal and the end.
const PROMPT: Duration = Duration::from_secs(5);

const CONFIG: &str = "llm_profiles:\n  work:\n    model: a/b\nactive_llm_profile: work\n";

/// An answer that stops in the middle and never continues.
fn half_an_answer() -> Reply {
    reply::stream(["the first half\n\nand a little", "never sent"]).stall_after(1)
}

#[test]
fn a_signal_ends_the_stream_and_keeps_what_came() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let double = Double::start([half_an_answer()]);
        let running = stage::ready(&double).spawn(["chat", "hello"]);
        running.wait_for(&Stream::Stdout, "and a little");
        let sent = Instant::now();
        running.signal(signal);
        let outcome = running.wait();
        assert!(
            sent.elapsed() < PROMPT,
            "{:?} after {signal}\n{outcome}",
            sent.elapsed()
        );
        outcome.assert_code(code).assert_stderr_lacks("error");
        assert!(
            outcome
                .stdout()
                .starts_with("the first half\n\nand a little"),
            "{signal}\n{outcome}"
        );
        double.wait_for_disconnect();
    }
}

#[test]
fn ctrl_c_on_a_terminal_leaves_it_as_it_was() {
    for size in [USUAL, SMALL] {
        let double = Double::start([half_an_answer()]);
        let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], size);
        terminal.wait_for("the first half");
        let sent = Instant::now();
        terminal.press_ctrl_c();
        assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
        assert!(sent.elapsed() < PROMPT, "{:?}", sent.elapsed());
        terminal.wait_for("and a little");
        terminal.assert_restored();
        double.wait_for_disconnect();
    }
}

#[test]
fn other_signals_restore_the_terminal_too() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let double = Double::start([half_an_answer()]);
        let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], USUAL);
        terminal.wait_for("the first half");
        terminal.signal(signal);
        assert_eq!(
            terminal.wait_exit(),
            code,
            "{signal}: {}",
            terminal.transcript()
        );
        terminal.assert_restored();
    }
}

#[test]
fn a_signal_during_reasoning_clears_it() {
    let double = Double::start([reply::stream(["never sent"])
        .reasoning(["a deep thought"])
        .stall_after(0)]);
    let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], USUAL);
    terminal.wait_for("a deep thought");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    assert!(
        !terminal.screen().contains("a deep thought"),
        "{}",
        terminal.screen()
    );
    terminal.assert_restored();
}

#[test]
fn a_signal_ends_any_kind_of_waiting() {
    let replies = [
        reply::silence(),
        reply::refusal(429, "slow down").header("retry-after", "30"),
        reply::stream([]).stall_after(0),
        reply::empty(),
    ];
    for reply in replies {
        for (signal, code) in [("INT", 130), ("TERM", 143)] {
            let double = Double::start([reply.clone()]);
            let running = stage::ready(&double).spawn(["chat", "hello"]);
            double.wait_for_request();
            let sent = Instant::now();
            running.signal(signal);
            let outcome = running.wait();
            outcome
                .assert_code(code)
                .assert_stdout("")
                .assert_stderr_lacks("error");
            assert!(
                sent.elapsed() < PROMPT,
                "{:?} after {signal}\n{outcome}",
                sent.elapsed()
            );
            // An empty body may have been asked for once more before the signal.
            double.take_faults();
        }
    }
}

#[test]
fn a_signal_before_the_first_word_leaves_no_spinner() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let double = Double::start([reply::silence()]);
        let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], USUAL);
        terminal.wait_until("a sign of life", |seen| {
            !seen.screen().contents().trim().is_empty()
        });
        double.wait_for_request();
        let waiting = terminal.screen();
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), code, "{signal}");
        let first = waiting.split_whitespace().next().unwrap();
        assert!(
            !terminal.screen().contains(first),
            "{first:?} is left on the screen:\n{}",
            terminal.screen()
        );
        terminal.assert_restored();
    }
}

#[test]
fn the_spinner_is_gone_before_the_answer() {
    for size in [USUAL, SMALL] {
        let gate = Gate::default();
        let double = Double::start([reply::stream(["the answer itself"]).gate_after(0, &gate)]);
        let sandbox = stage::ready(&double).env(
            "AMX_MODEL",
            "meta-llama/a-model-whose-name-is-wider-than-forty-columns",
        );
        let terminal = stage::terminal(&sandbox, &["chat", "hello"], size);
        terminal.wait_until("a sign of life", |seen| {
            !seen.screen().contents().trim().is_empty()
        });
        gate.open();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        assert!(
            transcript.trim_start().starts_with("the answer itself"),
            "{transcript}"
        );
        terminal.assert_restored();
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    let double = Double::start([half_an_answer()]);
    let sandbox = stage::ready(&double).env("SHELL", "/bin/sh");
    // `script` owns the terminal; when it is killed, the terminal hangs up.
    let mut script = stage::shell(
        &sandbox,
        "exec script -qfc 'echo $$ > pid; exec \"$AMX\" chat hello' /dev/null",
    );
    let mut script = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut shown = BufReader::new(script.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("first half") {
        assert_ne!(
            shown.read_line(&mut text).unwrap(),
            0,
            "the answer does not appear: {text}"
        );
    }
    let process = std::fs::read_to_string(sandbox.home().join("pid")).unwrap();
    script.kill().unwrap();
    script.wait().unwrap();
    double.wait_for_disconnect();
    let deadline = Instant::now() + PROMPT;
    while is_alive(&Path::new("/proc").join(process.trim())) {
        assert!(
            Instant::now() < deadline,
            "the program outlives its terminal"
        );
    }
}

/// Whether a process runs; one that waits to be reaped does not.
fn is_alive(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_closed_pipe_ends_silently() {
    let paragraphs: Vec<String> = (0..400)
        .map(|number| format!("{number} {}\n\n", "word ".repeat(200)))
        .collect();
    let double = Double::start([reply::stream(paragraphs.iter().map(String::as_str))]);
    let sandbox = stage::ready(&double);
    let mut command = stage::shell(&sandbox, "exec \"$AMX\" chat hello");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        (crate::pty::shell_code(output.status), told.as_str(), &first),
        (141, "", b"0")
    );
}

#[test]
fn every_command_ends_silently_on_a_closed_pipe() {
    for arguments in [
        &["--help"][..],
        &["profiles", "list"],
        &["config", "path"],
        &["config", "show"],
    ] {
        let outcome = stage::bare().config(CONFIG).run_into_closed_pipe(arguments);
        outcome.assert_code(141);
        assert_eq!(outcome.stderr(), "", "{outcome}");
    }
}

#[test]
fn a_full_disk_is_an_error_of_its_own() {
    for arguments in [
        &["profiles", "list"][..],
        &["config", "path"],
        &["config", "show"],
        &["--help"],
        &["completions", "bash"],
        &["man"],
    ] {
        stage::bare()
            .config(CONFIG)
            .run_into("/dev/full", arguments)
            .assert_failure(12)
            .assert_stderr_has("stdout");
    }
    let double = Double::start([reply::stream(["an answer"])]);
    stage::ready(&double)
        .run_into("/dev/full", ["chat", "hello"])
        .assert_failure(12)
        .assert_stderr_has("stdout");
    let double = Double::start([reply::stream(["an answer"])]);
    stage::ready(&double)
        .run_into("/dev/full", ["chat", "--json", "hello"])
        .json_failure(12);
}

#[test]
fn what_had_arrived_survives_a_kill_in_the_middle_of_an_answer() {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["Half of\n\n", "the answer\n\n", "never"])
        .gate_after(1, &gate)
        .stall_after(2)]);
    let sandbox = stage::ready(&double);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_for("›");
    terminal.answer("Remember this.");
    terminal.wait_for("Half of");
    // Once a second what has arrived is stored, with the next event.
    let asked = Instant::now();
    terminal.wait_until("a second that passes", |_| {
        asked.elapsed().as_millis() > 1100
    });
    gate.open();
    let stored = || sandbox.run(["sessions", "show", "1"]).stdout();
    terminal.wait_until("the answer so far in the store", |_| {
        stored().contains("the answer")
    });
    terminal.signal("KILL");
    assert_eq!(terminal.wait_exit(), 137);
    assert!(stored().contains("Half of\n\nthe answer"), "{}", stored());
}
