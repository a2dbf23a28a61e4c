//! The footer of the conversation: typing while an answer streams, the queue, stopping, sizes, and
//! that nothing of it gets into the transcript.

use std::time::{Duration, Instant};

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::{Double, Recorded};
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Longest time between Esc and the end of the answer.
const STOP: Duration = Duration::from_secs(5);

fn with_footer(double: &Double) -> Sandbox {
    stage::ready(double).without("AMX_NO_FOOTER")
}

fn conversation(double: &Double, size: Size) -> Terminal {
    let terminal = stage::terminal(&with_footer(double), &["chat", "--no-save"], size);
    wait_for_prompt(&terminal);
    terminal
}

/// The footer shows the prompt, and keys are read, Ctrl-C among them.
fn wait_for_prompt(terminal: &Terminal) {
    terminal.wait_until("the prompt of the footer", |seen| {
        seen.screen().contents().contains("amx ›")
    });
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
}

fn ask(terminal: &Terminal, question: &str) {
    wait_for_prompt(terminal);
    terminal.answer(question);
}

/// Leaves, and gives everything that stays on the terminal.
fn leave(terminal: &Terminal) -> String {
    wait_for_prompt(terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
    terminal.transcript()
}

/// An answer of so many numbered lines.
fn lines(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("line {n} of it\n\n")).collect()
}

fn numbered(count: usize) -> Reply {
    reply::stream(lines(count).iter().map(String::as_str))
}

#[track_caller]
fn assert_lines_once(transcript: &str, count: usize) {
    let mut rest = transcript;
    for n in 1..=count {
        let line = format!("line {n} of it");
        assert_eq!(
            transcript.matches(&line).count(),
            1,
            "{line} in:\n{transcript}"
        );
        rest = rest.split_once(&line).expect("in order").1;
    }
}

#[test]
fn the_footer_is_no_part_of_the_transcript() {
    for (rows, columns) in [(24, 80), (12, 40), (6, 30), (50, 200), (9, 31)] {
        let double = Double::start([numbered(40)]);
        let terminal = conversation(&double, Size { rows, columns });
        ask(&terminal, "hello");
        terminal.wait_for("line 40 of it");
        let transcript = leave(&terminal);
        assert_lines_once(&transcript, 40);
        for trace in ["amx ›", "esc to stop", "this session"] {
            assert!(!transcript.contains(trace), "{trace} in:\n{transcript}");
        }
        assert_eq!(transcript.matches("hello").count(), 1, "{transcript}");
    }
}

#[test]
fn what_is_typed_while_an_answer_streams_is_shown_and_carried_over() {
    for size in [USUAL, SMALL] {
        let gate = Gate::default();
        let double = Double::start([
            reply::stream(["first\n\n", "second"]).gate_after(1, &gate),
            reply::stream(["done"]),
        ]);
        let terminal = conversation(&double, size);
        ask(&terminal, "hello");
        terminal.wait_for("esc to stop");
        terminal.type_text("nxt");
        // The caret goes back by two, and stays there.
        terminal.type_text("\x1b[D\x1b[De");
        terminal.wait_until("the draft", |seen| {
            seen.screen().contents().contains("amx › next")
        });
        gate.open();
        terminal.wait_for("second");
        wait_for_prompt(&terminal);
        terminal.type_text("!");
        terminal.wait_until("the caret where it was", |seen| {
            seen.screen().contents().contains("amx › ne!xt")
        });
        terminal.press_enter();
        terminal.wait_for("done");
        assert_eq!(double.requests()[1].prompt(), "ne!xt");
        leave(&terminal);
    }
}

#[test]
fn messages_are_queued_and_sent_in_order() {
    let gate = Gate::default();
    let double = Double::start([
        reply::stream(["one\n\n", "ended"]).gate_after(1, &gate),
        reply::stream(["two"]),
        reply::stream(["three"]),
    ]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "first");
    terminal.wait_for("esc to stop");
    for message in ["second", "third", "fourth"] {
        terminal.answer(message);
        terminal.wait_for(&format!("+ {message}"));
    }
    terminal.type_text("\x1b[A");
    terminal.wait_until("the last message taken back", |seen| {
        let screen = seen.screen().contents();
        screen.contains("amx › fourth") && !screen.contains("+ fourth")
    });
    gate.open();
    double.wait_for_requests(3);
    terminal.wait_for("three");
    let asked: Vec<_> = double
        .requests()
        .iter()
        .map(crate::support::double::Recorded::prompt)
        .collect();
    assert_eq!(asked, ["first", "second", "third"]);
    terminal.wait_until("the draft kept", |seen| {
        seen.screen().contents().contains("amx › fourth")
    });
    // While the answer runs it would stop that.
    wait_for_prompt(&terminal);
    terminal.press_ctrl_c();
    terminal.wait_until("an empty line", |seen| {
        !seen.screen().contents().contains("fourth")
    });
    leave(&terminal);
}

#[test]
fn esc_stops_the_answer_and_the_queue_waits() {
    let double = Double::start([
        reply::stream(["the first half\n\n", "never sent"]).stall_after(1),
        reply::stream(["an answer"]),
    ]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("the first half");
    terminal.answer("queued");
    terminal.wait_for("+ queued");
    terminal.type_text("typed");
    terminal.wait_for("amx › typed");
    let pressed = Instant::now();
    terminal.type_text("\x1b");
    terminal.wait_until("the end of the answer", |seen| {
        !seen.screen().contents().contains("esc to stop")
    });
    assert!(pressed.elapsed() < STOP, "{:?}", pressed.elapsed());
    terminal.wait_until("the message on the line", |seen| {
        seen.screen().contents().contains("amx › queued")
    });
    wait_for_prompt(&terminal);
    terminal.press_enter();
    terminal.wait_for("an answer");
    assert_eq!(double.requests()[1].prompt(), "queued\ntyped");
    leave(&terminal);
}

#[test]
fn a_command_that_waits_is_not_joined_with_the_draft() {
    let double = Double::start([
        reply::stream(["the first half\n\n", "never sent"]).stall_after(1),
        reply::stream(["an answer"]),
    ]);
    let sandbox = with_footer(&double).env("SHELL", "/bin/sh");
    let terminal = stage::terminal(&sandbox, &["chat", "--no-save"], USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("the first half");
    terminal.answer("!echo from''-shell");
    terminal.wait_for("+ !echo");
    let obeyed = sandbox.home().join("obeyed");
    terminal.type_text(&format!("touch {}", obeyed.display()));
    terminal.wait_for("amx › touch ");
    terminal.type_text("\x1b");
    terminal.wait_until("the end of the answer", |seen| {
        let screen = seen.screen().contents();
        !screen.contains("esc to stop") && screen.contains("amx › touch ")
    });
    terminal.wait_for("+ !echo");
    wait_for_prompt(&terminal);
    // The command waits until Enter, and the draft is for the model.
    terminal.press_enter();
    terminal.wait_for("from-shell");
    terminal.wait_for("an answer");
    let request = &double.requests()[1];
    let sent = request.prompt().to_string();
    assert!(
        sent.contains("touch ") && sent.contains("from-shell"),
        "{sent}"
    );
    assert!(!obeyed.exists());
    leave(&terminal);
}

#[test]
fn a_long_paste_that_waits_is_shown_by_its_label() {
    let gate = Gate::default();
    let double = Double::start([
        reply::stream(["first\n\n", "half"]).gate_after(1, &gate),
        reply::stream(["done"]),
    ]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("first");
    let text = "pasted\t".repeat(3_000) + "text";
    terminal.type_text(&format!("\x1b[200~{text}\x1b[201~"));
    terminal.wait_for("amx › [paste 1: 1 lines, 20 KiB]");
    terminal.press_enter();
    terminal.wait_for(" + [paste 1: 1 lines, 20 KiB]");
    gate.open();
    terminal.wait_for("done");
    let sent = double.requests()[1].prompt();
    assert!(sent == text.as_str(), "another text was sent");
    leave(&terminal);
}

#[test]
fn esc_stops_a_summary_and_several_answers() {
    let double = Double::start([
        reply::stream(["first"]),
        reply::stream(["second"]),
        reply::silence(),
        reply::silence(),
        reply::silence(),
    ]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "one");
    terminal.wait_for("first");
    ask(&terminal, "two");
    terminal.wait_for("second");
    ask(&terminal, "/compact 1");
    double.wait_for_requests(3);
    terminal.wait_for("Summarising 1 turn · waiting");
    terminal.type_text("\x1b");
    wait_for_prompt(&terminal);
    terminal.wait_until("the end of the summary", |seen| {
        !seen.screen().contents().contains("· waiting")
    });
    ask(&terminal, "/alternatives 2");
    double.wait_for_requests(5);
    terminal.type_text("\x1b");
    terminal.wait_for("No answer is complete; continuing with the previous one");
    leave(&terminal);
}

#[test]
fn after_esc_every_message_waits_until_the_first_is_sent() {
    let double = Double::start([
        reply::stream(["the first half\n\n", "never sent"]).stall_after(1),
        reply::stream(["answer two\n\n"]),
        reply::stream(["answer three\n\n"]),
    ]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("the first half");
    for message in ["second", "third"] {
        terminal.answer(message);
        terminal.wait_for(&format!("+ {message}"));
    }
    terminal.type_text("\x1b");
    terminal.wait_until("the first message on the line, the other above", |seen| {
        let screen = seen.screen().contents();
        screen.contains(" + third") && screen.contains("amx › second")
    });
    wait_for_prompt(&terminal);
    assert_eq!(double.requests().len(), 1, "nothing is sent by itself");
    // A draft that is cleared sends nothing either.
    terminal.type_text("\x03");
    terminal.wait_until("an empty line", |seen| {
        let screen = seen.screen().contents();
        screen.contains(" + third") && !screen.contains("amx › second")
    });
    terminal.answer("second");
    terminal.wait_for("answer three");
    let prompts: Vec<_> = double.requests()[1..]
        .iter()
        .map(Recorded::prompt)
        .collect();
    assert_eq!(prompts, ["second", "third"]);
    leave(&terminal);
}

#[test]
fn ctrl_c_stops_an_answer_and_clears_a_draft_into_the_history() {
    let double = Double::start([reply::stream(["the first half\n\n", "x"]).stall_after(1)]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("the first half");
    terminal.type_text("a draft");
    terminal.wait_for("amx › a draft");
    terminal.press_ctrl_c();
    terminal.wait_until("the end of the answer", |seen| {
        !seen.screen().contents().contains("esc to stop")
    });
    wait_for_prompt(&terminal);
    terminal.wait_until("the draft kept", |seen| {
        seen.screen().contents().contains("amx › a draft")
    });
    terminal.press_ctrl_c();
    terminal.wait_until("an empty line", |seen| {
        !seen.screen().contents().contains("a draft")
    });
    terminal.type_text("\x1b[A");
    terminal.wait_for("amx › a draft");
    terminal.press_ctrl_c();
    leave(&terminal);
}

#[test]
fn a_long_paste_while_an_answer_streams_is_one_message() {
    let gate = Gate::default();
    let double = Double::start([numbered(60).gate_after(20, &gate), reply::stream(["read"])]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "hello");
    terminal.wait_for("line 20 of it");
    let pasted: String = (0..5_000).map(|n| format!("pasted {n}\n")).collect();
    terminal.type_text(&format!("\x1b[200~{pasted}\x1b[201~"));
    terminal.wait_for("[paste 1: 5000 lines");
    terminal.press_enter();
    gate.open();
    terminal.wait_for("read");
    assert_eq!(
        double.requests()[1].prompt().as_str().map(str::trim_end),
        Some(pasted.trim_end())
    );
    let transcript = leave(&terminal);
    assert_lines_once(&transcript, 60);
}

#[test]
fn sizes_change_while_an_answer_streams() {
    for sizes in [[12, 30, 8], [40, 10, 24], [7, 50, 9]] {
        let gate = Gate::default();
        let double = Double::start([numbered(60).gate_after(30, &gate)]);
        let terminal = conversation(&double, USUAL);
        ask(&terminal, "hello");
        terminal.wait_for("line 30 of it");
        for (index, rows) in sizes.into_iter().enumerate() {
            terminal.resize(Size { rows, columns: 80 });
            if index == 0 {
                gate.open();
            }
        }
        terminal.wait_for("line 60 of it");
        assert_lines_once(&leave(&terminal), 60);
    }
}

#[test]
fn a_signal_removes_the_footer() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
        let double =
            Double::start([reply::stream(["the first half\n\n", "never sent"]).stall_after(1)]);
        let terminal = conversation(&double, USUAL);
        ask(&terminal, "hello");
        terminal.wait_for("the first half");
        terminal.type_text("a draft");
        terminal.wait_for("amx › a draft");
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), code);
        terminal.assert_restored();
        let left = terminal.transcript();
        assert!(!left.contains("a draft"), "{signal}: {left}");
        assert!(left.contains("the first half"), "{signal}: {left}");
    }
}

#[test]
fn a_dialogue_has_the_terminal_for_itself() {
    let double = Double::start([]);
    let terminal = conversation(&double, USUAL);
    ask(&terminal, "/set");
    wait_for_prompt(&terminal);
    let shown = leave(&terminal);
    assert!(shown.contains("/set"), "{shown}");
}

/// Asks on a terminal that has no footer, and leaves.
fn assert_prompt_in_line(terminal: &Terminal) {
    terminal.wait_for("amx ›");
    terminal.answer("hello");
    terminal.wait_for("an answer");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    let transcript = terminal.transcript();
    assert!(transcript.contains("amx › hello"), "{transcript}");
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(!raw.contains("esc to stop"), "{raw:?}");
}

#[test]
fn small_dumb_and_mute_terminals_have_the_prompt_as_it_was() {
    let chat = ["chat", "--no-save"];
    let answering = || Double::start([reply::stream(["an answer"])]);
    for (rows, columns) in [(5, 80), (24, 29)] {
        let double = answering();
        let size = Size { rows, columns };
        assert_prompt_in_line(&stage::terminal(&with_footer(&double), &chat, size));
    }
    let double = answering();
    let dumb = with_footer(&double).env("TERM", "dumb");
    assert_prompt_in_line(&stage::terminal(&dumb, &chat, USUAL));
    let double = answering();
    let mute = stage::mute_terminal(&with_footer(&double), &chat, USUAL);
    assert_prompt_in_line(&mute);
}

#[test]
fn the_setting_turns_it_off() {
    let double = Double::start([reply::stream(["an answer"])]);
    let sandbox = with_footer(&double).config("footer: false\nllm_profiles: {}\n");
    assert_prompt_in_line(&stage::terminal(&sandbox, &["chat", "--no-save"], USUAL));
}

#[test]
fn nothing_is_written_at_an_idle_prompt() {
    let double = Double::start([]);
    let terminal = conversation(&double, USUAL);
    // The last question to the terminal and the first drawing have passed.
    terminal.type_text("x");
    terminal.wait_for("amx › x");
    let before = terminal.raw_output().len();
    terminal.type_text("y");
    terminal.wait_for("amx › xy");
    let after = terminal.raw_output().len();
    assert!(after > before);
    std::thread::park_timeout(Duration::from_millis(400));
    assert_eq!(terminal.raw_output().len(), after);
    terminal.press_ctrl_c();
    leave(&terminal);
}
