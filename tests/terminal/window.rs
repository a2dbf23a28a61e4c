//! What surrounds a conversation: the title of the window, marks, notifications, and titles from
//! the model. Each can be switched off, and everything is as it was at the end.

use serde_json::Value;

use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::{Double, Recorded};
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const QUIET: &str = "terminal_title: false\nprompt_marks: false\nnotifications: off\n";

fn started(double: &Double, config: &str) -> (Sandbox, Terminal) {
    let sandbox = stage::ready(double).config(config);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("the prompt reads keys", |_| terminal.modes().gives_keys());
    (sandbox, terminal)
}

fn raw(terminal: &Terminal) -> String {
    String::from_utf8_lossy(&terminal.raw_output()).into_owned()
}

fn wait_for_title(terminal: &Terminal, title: &str) {
    let sequence = format!("\u{1b}]2;{title}\u{1b}");
    terminal.wait_until(&sequence, |seen| {
        String::from_utf8_lossy(&seen.raw).contains(&sequence)
    });
}

fn leave(terminal: &Terminal) {
    terminal.type_text("/exit\r");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn the_window_has_the_title_of_the_session_and_gets_its_own_back() {
    let double = Double::start([reply::stream(["Blue."])]);
    let (_sandbox, terminal) = started(&double, "{}");
    terminal.type_text("why is it so?\r");
    terminal.wait_for("Blue.");
    wait_for_title(&terminal, "amx: why is it so?");
    leave(&terminal);
    let titles = terminal.events().titles;
    assert_eq!(titles.first().map(String::as_str), Some("amx: test/plain"));
    assert_eq!(titles.last().map(String::as_str), Some(""));
    let raw = raw(&terminal);
    assert!(raw.contains("\u{1b}[22;2t") && raw.contains("\u{1b}[23;2t"));
}

#[test]
fn entries_and_their_output_are_marked() {
    for (name, value) in [("AMX_NO_FOOTER", "1"), ("AMX_TEST", "1")] {
        let double = Double::start([reply::stream(["Blue."])]);
        let sandbox = stage::ready(&double).env(name, value);
        let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
        terminal.wait_until("the prompt reads keys", |_| terminal.modes().gives_keys());
        terminal.type_text("why?\r");
        terminal.wait_for("Blue.");
        terminal.wait_until("the prompt reads keys", |_| terminal.modes().gives_keys());
        terminal.type_text("/model\u{1b}[D\u{1b}[C a b c\r");
        leave(&terminal);
        let raw = raw(&terminal);
        let (_, after) = raw
            .split_once("\u{1b}]133;C")
            .unwrap_or_else(|| panic!("{raw:?}"));
        let (answer, _) = after
            .split_once("\u{1b}]133;D;0")
            .unwrap_or_else(|| panic!("{raw:?}"));
        assert!(answer.contains("Blue."), "{answer:?}");
        for mark in ["\u{1b}]133;A", "\u{1b}]133;B"] {
            assert!(raw.contains(mark), "{name}: {mark:?}");
        }
    }
}

#[test]
fn focus_is_reported_while_there_is_a_footer_and_not_afterwards() {
    let double = Double::start([reply::stream(["Blue."])]);
    let sandbox = stage::ready(&double).without("AMX_NO_FOOTER");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("focus is reported", |seen| {
        String::from_utf8_lossy(&seen.raw).contains("\u{1b}[?1004h")
    });
    // What the terminal reports is no text.
    terminal.type_text("\u{1b}[Owhy?\u{1b}[I\r");
    terminal.wait_for("Blue.");
    leave(&terminal);
    let asked = double.request().json()["messages"][0]["content"].clone();
    assert_eq!(asked, "why?");
    let raw = raw(&terminal);
    let (on, off) = (raw.rfind("\u{1b}[?1004h"), raw.rfind("\u{1b}[?1004l"));
    assert!(on.is_some() && off > on, "{on:?} {off:?}");
}

#[test]
fn everything_can_be_switched_off() {
    let double = Double::start([reply::stream(["Blue."])]);
    let (_sandbox, terminal) = started(&double, QUIET);
    terminal.type_text("why?\r");
    terminal.wait_for("Blue.");
    leave(&terminal);
    let raw = raw(&terminal);
    for sequence in [
        "\u{1b}]2;",
        "\u{1b}]133;",
        "\u{1b}[?1004",
        "\u{1b}[22;2t",
        "\u{7}",
    ] {
        assert!(!raw.contains(sequence), "{sequence:?}");
    }
}

#[test]
fn a_single_answer_sets_no_title() {
    let double = Double::start([reply::stream(["Blue."])]);
    let sandbox = stage::ready(&double).config("{}");
    let terminal = stage::terminal(&sandbox, &["chat", "why?"], USUAL);
    assert_eq!(terminal.wait_exit(), 0);
    let raw = raw(&terminal);
    assert!(
        !raw.contains("\u{1b}]2;") && !raw.contains("\u{1b}]133;"),
        "{raw:?}"
    );
}

fn last_question(recorded: &Recorded) -> String {
    let body = recorded.json();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    messages
        .last()
        .and_then(|message| message["content"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[test]
fn the_model_gives_one_title_for_a_session_when_it_is_asked_to() {
    let double = Double::start([
        reply::stream(["Blue."]),
        reply::stream(["\"Why the sky\nis blue\"."]),
        reply::stream(["Still blue."]),
    ]);
    let (sandbox, terminal) = started(&double, "titles: model\n");
    terminal.type_text("what colour is it?\r");
    terminal.wait_for("Blue.");
    double.wait_for_requests(2);
    while stored_title(&sandbox) != "Why the sky" {
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    terminal.type_text("and now?\r");
    terminal.wait_for("Still blue.");
    wait_for_title(&terminal, "amx: Why the sky");
    leave(&terminal);
    let asked: Vec<String> = double.requests().iter().map(last_question).collect();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].contains("title of at most six words"), "{asked:?}");
    assert!(asked[1].contains("User: what colour is it?\n\nAssistant: Blue."));
    let usage = sandbox.run(["usage", "--json"]);
    usage.assert_code(0);
    let requests = usage.json().to_string();
    assert!(requests.contains("\"requests\":3"), "{requests}");
}

/// The title of the latest session.
fn stored_title(sandbox: &Sandbox) -> String {
    let listed = sandbox.run(["sessions", "list", "--json"]);
    let first: Value = listed.json()[0].clone();
    first["title"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_title_that_does_not_come_delays_nothing() {
    let gate = Gate::default();
    let double = Double::start([
        reply::stream(["Blue."]),
        reply::stream(["Never"]).gate_after(0, &gate),
        reply::stream(["Still blue."]),
    ]);
    let (_sandbox, terminal) = started(&double, "titles: model\n");
    terminal.type_text("why?\r");
    terminal.wait_for("Blue.");
    double.wait_for_requests(2);
    terminal.type_text("and now?\r");
    terminal.wait_for("Still blue.");
    leave(&terminal);
    gate.open();
    double.take_faults();
}

#[test]
fn without_the_setting_nothing_is_sent_for_a_title() {
    let double = Double::start([reply::stream(["Blue."])]);
    let (_sandbox, terminal) = started(&double, "titles: first-line\n");
    terminal.type_text("why?\r");
    terminal.wait_for("Blue.");
    leave(&terminal);
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn hints_of_a_conversation_are_slash_commands() {
    let double = Double::start([]);
    let (_sandbox, terminal) = started(&double, "llm_profiles: {work: {model: a/b}}\n");
    terminal.type_text("/profile wrok\r");
    terminal.wait_for("/llm-profiles");
    terminal.type_text("/schema \"name, age int\"\r");
    terminal.wait_for("Schema set");
    leave(&terminal);
    assert!(!terminal.transcript().contains("hint: amx "));
}
