//! Telemetry of a conversation: nothing of it is on the terminal, and each question is a trace.

use std::collections::BTreeSet;

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::collector::{Collector, Manner, attributes};
use crate::support::double::Double;
use crate::support::reply;

fn conversation(double: &Double, collector: &Collector) -> Terminal {
    let sandbox = stage::ready(double).config(collector.config("  metrics: false\n"));
    stage::terminal(&sandbox, &["chat"], USUAL)
}

fn wait_for_prompt(terminal: &Terminal) {
    terminal.wait_until("the prompt", |seen| {
        seen.screen().contents().contains("amx ›")
    });
}

fn ask(terminal: &Terminal, question: &str) {
    wait_for_prompt(terminal);
    terminal.answer(question);
}

/// Leaves the conversation.
fn leave(terminal: &Terminal) {
    wait_for_prompt(terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn a_stopped_answer_is_a_trace_and_the_conversation_continues() {
    let double = Double::start([
        reply::stream(["the first half\n\n", "never sent"]).stall_after(1),
        reply::stream(["an answer"]),
    ]);
    let collector = Collector::start();
    let terminal = conversation(&double, &collector);
    ask(&terminal, "hello");
    terminal.wait_for("the first half");
    terminal.press_ctrl_c();
    collector.wait_for_requests(1);
    ask(&terminal, "again");
    terminal.wait_for("an answer");
    leave(&terminal);
    let spans = collector.spans();
    assert_eq!(spans.len(), 4, "{spans:#?}");
    let kinds: Vec<bool> = spans
        .iter()
        .map(|span| attributes(span).contains_key("error.type"))
        .collect();
    assert_eq!(kinds, [true, true, false, false]);
    assert_eq!(attributes(&spans[1])["error.type"], "cancelled");
    let conversations: BTreeSet<String> = spans
        .iter()
        .map(|span| attributes(span)["gen_ai.conversation.id"].to_string())
        .collect();
    assert_eq!(conversations.len(), 1, "{conversations:?}");
}

#[test]
fn a_collector_that_does_not_answer_is_one_warning_after_the_conversation() {
    let double = Double::start([reply::stream(["one"]), reply::stream(["two"])]);
    let collector = Collector::answering(Manner::Silent);
    let terminal = conversation(&double, &collector);
    for (question, answer) in [("hello", "one"), ("again", "two")] {
        ask(&terminal, question);
        terminal.wait_for(answer);
        wait_for_prompt(&terminal);
        let transcript = terminal.transcript();
        assert!(!transcript.contains("telemetry"), "{transcript}");
    }
    leave(&terminal);
    let transcript = terminal.transcript();
    let warnings = transcript.matches("telemetry was not sent").count();
    assert_eq!(warnings, 1, "{transcript}");
}
