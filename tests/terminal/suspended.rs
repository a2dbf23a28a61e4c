//! Ctrl-Z and `fg` in a shell with job control: the shell has its terminal, and the conversation
//! goes on as it was.

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};

/// How often it is stopped: a footer that is left behind is left behind now and then.
const STOPS: usize = 5;

const STOPPED: &str = "Stopped";

/// A conversation that was started in a shell, at its prompt.
fn conversation(double: &Double, has_footer: bool) -> Terminal {
    let sandbox = stage::ready(double).env("LC_ALL", "C.UTF-8");
    let sandbox = if has_footer {
        sandbox.without("AMX_NO_FOOTER")
    } else {
        sandbox
    };
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let terminal = stage::terminal_of(&sandbox, &shell, USUAL);
    terminal.answer("PS1='% '; \"$AMX\" chat --no-save");
    wait_for_prompt(&terminal);
    terminal
}

fn wait_for_prompt(terminal: &Terminal) {
    terminal.wait_until("the prompt", |seen| {
        let screen = seen.screen().contents();
        screen.lines().any(|row| row.trim_end() == "amx ›") && terminal.modes().gives_keys()
    });
}

/// Stops the conversation, runs a command in the shell, and continues it.
fn stop_and_continue(terminal: &Terminal, round: usize) {
    terminal.type_text("\x1a");
    terminal.wait_until("the shell", |seen| {
        let transcript = seen.transcript();
        let is_stopped = transcript.matches(STOPPED).count() == round;
        is_stopped && transcript.trim_end().ends_with('%')
    });
    let screen = terminal.screen();
    for trace in ["esc to stop", "a draft", "this session"] {
        assert!(!screen.contains(trace), "{trace} in:\n{screen}");
    }
    terminal.answer(&format!("echo in-the-shell-$((100+{round}))"));
    terminal.wait_for(&format!("in-the-shell-{}", 100 + round));
    resume(terminal);
}

fn resume(terminal: &Terminal) {
    terminal.answer("fg");
    terminal.wait_until("the conversation in the foreground", |_| {
        let leader = terminal.foreground();
        leader.is_some_and(|leader| leader != terminal.process())
    });
}

fn leave(terminal: &Terminal) -> String {
    wait_for_prompt(terminal);
    terminal.type_text("\x04");
    terminal.wait_until("the shell", |seen| {
        seen.transcript().trim_end().ends_with('%')
    });
    terminal.answer("stty -a; exit");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
    terminal.transcript()
}

fn halves(gate: &Gate) -> Reply {
    reply::stream(["the first half\n\n", "the second half"]).gate_after(1, gate)
}

#[test]
fn an_answer_is_stopped_with_ctrl_z_and_continued() {
    for has_footer in [false, true] {
        let gate = Gate::default();
        let double = Double::start([halves(&gate), reply::stream(["the next one"])]);
        let terminal = conversation(&double, has_footer);
        terminal.answer("hello");
        terminal.wait_for("the first half");
        if has_footer {
            terminal.type_text("a draft");
            terminal.wait_for("amx › a draft");
        }
        for round in 1..=STOPS {
            stop_and_continue(&terminal, round);
            if has_footer {
                terminal.wait_until("the footer", |seen| {
                    let screen = seen.screen().contents();
                    screen.contains("esc to stop") && screen.contains("amx › a draft")
                });
            }
        }
        gate.open();
        terminal.wait_for("the second half");
        if has_footer {
            terminal.wait_until("the prompt", |seen| {
                !seen.screen().contents().contains("esc to stop")
            });
            terminal.press_enter();
        } else {
            wait_for_prompt(&terminal);
            terminal.answer("a draft");
        }
        terminal.wait_for("the next one");
        assert_eq!(double.requests()[1].prompt(), "a draft");
        let transcript = leave(&terminal);
        assert!(!transcript.contains("esc to stop"), "{transcript}");
        for once in ["the first half", "the second half", "the next one"] {
            assert_eq!(transcript.matches(once).count(), 1, "{once}: {transcript}");
        }
    }
}

#[test]
fn the_prompt_is_stopped_with_ctrl_z_and_keeps_its_draft() {
    for has_footer in [false, true] {
        let double = Double::start([reply::stream(["an answer"])]);
        let terminal = conversation(&double, has_footer);
        terminal.type_text("hel");
        terminal.wait_for("amx › hel");
        for round in 1..=STOPS {
            terminal.type_text("\x1a");
            terminal.wait_until("the shell", |seen| {
                let transcript = seen.transcript();
                let is_stopped = transcript.matches(STOPPED).count() == round;
                is_stopped && transcript.trim_end().ends_with('%')
            });
            resume(&terminal);
            terminal.wait_until("the draft", |seen| {
                let screen = seen.screen().contents();
                let last = screen.lines().rfind(|row| row.contains('›'));
                last.is_some_and(|row| row.trim_end() == "amx › hel")
                    && terminal.modes().gives_keys()
            });
        }
        terminal.answer("lo");
        terminal.wait_for("an answer");
        assert_eq!(double.request().prompt(), "hello");
        leave(&terminal);
    }
}
