//! What the footer reports: silence, reasoning, what the settings switch on, and how it gives way
//! to a small terminal. And what closes a menu or a list without a choice.

use serde_json::json;

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;

/// A conversation with the footer and this config.yml.
fn conversation(double: &Double, config: &str, arguments: &[&str], size: Size) -> Terminal {
    let sandbox = stage::ready(double)
        .without("AMX_NO_FOOTER")
        .without("AMX_MODEL")
        .config(config);
    let terminal = stage::terminal(&sandbox, arguments, size);
    wait_for_prompt(&terminal);
    terminal
}

const PROFILE: &str = "llm_profiles:\n  work: {model: test/plain}\nactive_llm_profile: work\n";

fn wait_for_prompt(terminal: &Terminal) {
    on_screen(terminal, "work ›");
    terminal.wait_until("keys", |_| terminal.modes().gives_keys());
}

/// Waits until a text is visible now.
fn on_screen(terminal: &Terminal, text: &str) {
    terminal.wait_until(&format!("{text:?} on the screen"), |seen| {
        seen.screen().contents().contains(text)
    });
}

/// The last row that has text.
fn last_row(terminal: &Terminal) -> String {
    last_of(&terminal.screen()).to_owned()
}

fn last_of(screen: &str) -> &str {
    screen.trim_end().lines().last().unwrap_or_default()
}

fn leave(terminal: &Terminal) {
    wait_for_prompt(terminal);
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn silence_is_reported_with_its_seconds_and_esc_ends_it() {
    for size in [USUAL, SMALL] {
        let double = Double::start([reply::stream(["Some words"]).stall_after(1)]);
        let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], size);
        terminal.answer("hello");
        on_screen(&terminal, "no data for 2 s");
        assert_eq!(last_row(&terminal).trim(), "test/plain");
        terminal.type_text("\x1b");
        terminal.wait_for("stopped");
        terminal.wait_until_gone("no data for");
        leave(&terminal);
        assert_eq!(terminal.transcript().matches("Some words").count(), 1);
    }
}

#[test]
fn an_answer_that_is_stopped_before_its_first_word_is_reported() {
    for keys in ["\x1b", "\x03"] {
        let double = Double::start([reply::stream(["never seen"]).stall_after(0)]);
        let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], USUAL);
        terminal.answer("hello");
        on_screen(&terminal, "esc to stop");
        double.wait_for_requests(1);
        terminal.type_text(keys);
        terminal.wait_for("note: stopped");
        leave(&terminal);
    }
}

#[test]
fn reasoning_is_reported_with_its_last_line_above_the_model() {
    let gate = Gate::default();
    let reply = reply::stream(["The answer."])
        .reasoning(["first step\n", "second step"])
        .gate_after(0, &gate);
    let double = Double::start([reply]);
    let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, "thinking 0 s");
    on_screen(&terminal, "second step");
    assert_eq!(last_row(&terminal).trim(), "test/plain");
    gate.open();
    terminal.wait_for("The answer.");
    leave(&terminal);
    let transcript = terminal.transcript();
    assert!(!transcript.contains("second step"), "{transcript}");
    assert!(transcript.contains("thought for"), "{transcript}");
}

#[test]
fn the_last_row_has_what_the_settings_switch_on() {
    let switched = "llm_profiles:\n  work:\n    model: test/plain\n    private: true\n    \
        web: true\n    \
        tools: [now]\n    price: {input: 1, output: 1}\n    max_cost: {per_day: 2}\n\
        active_llm_profile: work\n";
    let double = Double::start([reply::stream(["One."]).usage(3, 1, 0, 0.25)]);
    let terminal = conversation(&double, switched, &["chat", "--no-save"], USUAL);
    // There is no store yet.
    on_screen(&terminal, "today $0 of $2.00 · tools · web · private");
    terminal.answer("hello");
    let row = "$0.25 this session · today $0.25 of $2.00 · tools · web · private";
    on_screen(&terminal, row);
    terminal.answer("/web off");
    on_screen(&terminal, "tools · private");
    terminal.answer("/tools off");
    on_screen(&terminal, "$2.00 · private");
    leave(&terminal);

    for (setting, row) in [("[tools, model]", "tools · test/plain"), ("off", "work ›")] {
        let config = format!("status: {setting}\n{switched}");
        let double = Double::start([]);
        let terminal = conversation(&double, &config, &["chat", "--no-save"], USUAL);
        terminal.wait_until("the last row", |seen| {
            last_of(&seen.screen().contents()).trim() == row
        });
        leave(&terminal);
    }
}

#[test]
fn a_terminal_that_becomes_too_small_loses_the_footer_and_no_text() {
    let gate = Gate::default();
    let lines: Vec<String> = (1..=9).map(|n| format!("line {n}.\n\n")).collect();
    let texts = lines.iter().map(String::as_str);
    let double = Double::start([reply::stream(texts).gate_after(4, &gate)]);
    let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, "esc to stop");
    on_screen(&terminal, "line 3.");
    for (rows, columns) in [(5, 80), (24, 25), (24, 80)] {
        terminal.resize(Size { rows, columns });
        if (rows, columns) == (24, 80) {
            on_screen(&terminal, "esc to stop");
        } else {
            terminal.wait_until_gone("esc to stop");
        }
    }
    gate.open();
    terminal.wait_for("line 9.");
    leave(&terminal);
    let transcript = terminal.transcript();
    for line in &lines {
        let count = transcript.matches(line.trim()).count();
        assert_eq!(count, 1, "{line} in:\n{transcript}");
    }
}

#[test]
fn esc_closes_the_menu_and_keeps_the_line() {
    let double = Double::start([]);
    let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], USUAL);
    terminal.type_text("/mo");
    on_screen(&terminal, "list the models of this profile");
    terminal.type_text("\x1b");
    terminal.wait_until_gone("list the models of this profile");
    on_screen(&terminal, "work › /mo");
    terminal.press_ctrl_c();
    terminal.wait_until_gone("/mo");
    leave(&terminal);
}

#[test]
fn a_conversation_is_deleted_from_the_list_by_two_keys_and_never_the_current_one() {
    let answers = ["one", "two"].map(|text| reply::stream([text]));
    let double = Double::start(answers);
    let terminal = conversation(&double, PROFILE, &["chat", "--session", "old"], USUAL);
    terminal.answer("First?");
    terminal.wait_for("one");
    wait_for_prompt(&terminal);
    terminal.answer("/new current");
    wait_for_prompt(&terminal);
    terminal.answer("Second?");
    terminal.wait_for("two");
    wait_for_prompt(&terminal);
    terminal.answer("/resume");
    on_screen(&terminal, "Resume ›");
    terminal.type_text("current");
    on_screen(&terminal, "❯ current");
    terminal.type_text("\x04\x04");
    on_screen(&terminal, "❯ current");
    terminal.type_text("\x15old");
    on_screen(&terminal, "❯ old");
    terminal.type_text("\x04");
    on_screen(&terminal, "Ctrl-D again deletes it permanently");
    terminal.type_text("\x04");
    on_screen(&terminal, "Deleted");
    terminal.type_text("\x1b");
    wait_for_prompt(&terminal);
    terminal.answer("/resume old");
    terminal.wait_for("error:");
    leave(&terminal);
}

#[test]
fn the_share_of_the_context_is_that_of_the_turns_that_are_shown() {
    let double = Double::start([
        reply::stream(["One."]).usage(300, 100, 0, 0.25),
        reply::stream(["Two, and"]).stall_after(1),
    ]);
    let config = "llm_profiles:\n  work: {model: test/plain, context_window: 1000}\n\
        active_llm_profile: work\n";
    let terminal = conversation(&double, config, &["chat"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, " · 40 % of 1k · ");
    // An answer that is stopped has no counts of its own.
    terminal.answer("again");
    terminal.wait_for("Two,");
    terminal.type_text("\x1b");
    terminal.wait_for("note: stopped");
    terminal.wait_until_gone("esc to stop");
    on_screen(&terminal, " · 40 % of 1k · ");
    for (command, has_share) in [("/new", false), ("/resume 1", true), ("/undo 2", false)] {
        wait_for_prompt(&terminal);
        terminal.answer(command);
        terminal.wait_until(&format!("the row after {command}"), |seen| {
            let screen = seen.screen().contents();
            let is_done = screen.contains(&format!("▌ {command}"));
            is_done && last_of(&screen).contains("40 % of 1k") == has_share
        });
    }
    leave(&terminal);
}

#[test]
fn the_share_of_the_context_is_that_of_the_last_request_of_a_turn() {
    let call = json!({
        "index": 0,
        "id": "call_0",
        "type": "function",
        "function": {"name": "weather", "arguments": "{\"town\": \"Oslo\"}"},
    });
    let double = Double::start([
        reply::stream([])
            .finish("tool_calls")
            .tool(call)
            .usage(400, 50, 0, 0.25),
        reply::stream(["Cold."]).usage(500, 100, 0, 0.25),
    ]);
    let config = "llm_profiles:\n  work: {model: test/plain, context_window: 1000}\n\
        active_llm_profile: work\ntools:\n  weather:\n    command: [printf, cold]\n    \
        parameters: {town: string}\n    approve: allow\n";
    let terminal = conversation(&double, config, &["chat", "--tool", "weather"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, " · 60 % of 1k · ");
    assert!(!terminal.transcript().contains("context window"));
    leave(&terminal);
}

#[test]
fn web_search_that_the_provider_lacks_is_refused_at_once() {
    let double = Double::start([]);
    let config = format!(
        "llm_profiles:\n  work: {{provider: local, model: m, base_url: '{}'}}\n\
        active_llm_profile: work\n",
        double.base_url()
    );
    let terminal = conversation(&double, &config, &["chat", "--no-save"], USUAL);
    terminal.answer("/web on");
    terminal.wait_for("does not search the web");
    terminal.wait_for("/model   (selects another model)");
    wait_for_prompt(&terminal);
    terminal.answer("/web");
    terminal.wait_for("Web search: off");
    leave(&terminal);
}

#[test]
fn web_search_is_turned_off_whatever_else_the_provider_lacks() {
    let double = Double::start([]);
    let config = format!(
        "llm_profiles:\n  network: {{provider: local, model: m, base_url: '{0}'}}\n  \
        work: {{provider: openrouter, model: a/b, base_url: '{0}'}}\n\
        active_llm_profile: work\n",
        double.base_url()
    );
    let arguments = ["chat", "--no-save", "--cache"];
    let terminal = conversation(&double, &config, &arguments, USUAL);
    terminal.answer("/profile network");
    on_screen(&terminal, "network ›");
    terminal.answer("/web off");
    terminal.wait_for("Web search: off");
    leave(&terminal);
}

/// The rows of a transcript, no two of which are empty and follow each other.
#[track_caller]
fn rows_without_twins(transcript: &str) -> Vec<&str> {
    let rows: Vec<&str> = transcript.trim_end().lines().map(str::trim_end).collect();
    let is_twice = rows.windows(2).any(|pair| pair == ["", ""]);
    assert!(!is_twice, "{transcript}");
    rows
}

#[test]
fn one_empty_row_stands_above_the_status_of_an_answer_without_text() {
    let gate = Gate::default();
    let thinks = reply::stream(["never seen"]).reasoning(["a thought\n"]);
    let ends_empty = reply::stream(["Two.\n", "\n\n", "\n"]);
    let double = Double::start([thinks.gate_after(0, &gate), ends_empty]);
    let terminal = conversation(&double, PROFILE, &["chat"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, "thinking");
    terminal.type_text("\x1b");
    terminal.wait_for("stopped · test/plain");
    wait_for_prompt(&terminal);
    terminal.answer("again");
    terminal.wait_for("Two.");
    terminal.wait_for("session $");
    leave(&terminal);
    rows_without_twins(&terminal.transcript());
}

#[test]
fn empty_rows_do_not_follow_each_other() {
    let double = Double::start([reply::stream(["One."]).reasoning(["a thought\n"])]);
    let terminal = conversation(&double, PROFILE, &["chat"], USUAL);
    terminal.answer("hello");
    on_screen(&terminal, "this session");
    wait_for_prompt(&terminal);
    terminal.answer("/resume");
    on_screen(&terminal, "Resume ›");
    terminal.type_text("\x1b");
    wait_for_prompt(&terminal);
    let transcript = terminal.transcript();
    let rows = rows_without_twins(&transcript);
    let answer = rows.iter().position(|row| *row == "One.").unwrap();
    assert_eq!(rows[answer - 1], "", "{transcript}");
    assert!(rows[answer - 2].starts_with("thought for"), "{transcript}");
    leave(&terminal);
}

#[test]
fn attachments_that_were_sent_are_not_listed_while_the_answer_streams() {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["first\n\n", "second"]).gate_after(1, &gate)]);
    let terminal = conversation(&double, PROFILE, &["chat"], USUAL);
    terminal.answer("!echo hi");
    on_screen(&terminal, "\n !echo hi · ");
    wait_for_prompt(&terminal);
    terminal.answer("hello");
    on_screen(&terminal, "first");
    terminal.wait_until_gone("\n !echo hi · ");
    gate.open();
    terminal.wait_for("second");
    leave(&terminal);
}

#[test]
fn what_was_attached_is_indented_below_its_mark() {
    let double = Double::start([]);
    let terminal = conversation(&double, PROFILE, &["chat", "--no-save"], SMALL);
    terminal.answer("!echo hi");
    on_screen(&terminal, "tokens ·\n  exit code 0; sent with");
    leave(&terminal);
}
