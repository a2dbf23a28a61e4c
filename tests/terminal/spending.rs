//! What a conversation spends: each question, each summary and what was stopped is in the ledger.

use rusqlite::Connection;

use crate::pty::USUAL;
use crate::stage;
use crate::support::double::Double;
use crate::support::reply;

const CONFIG: &str = "llm_profiles:\n  work:\n    model: a/b\nactive_llm_profile: work\n";

/// Status, cost, session, turn, and the id of the generation.
type Row = (String, Option<f64>, Option<i64>, Option<i64>, String);

#[test]
fn a_conversation_is_in_the_ledger_turn_by_turn() {
    let double = Double::start([
        reply::stream(["first answer"]).usage(11, 7, 0, 0.25),
        reply::stream(["second half\n\nand a little", "never"]).stall_after(1),
        reply::stream(["the summary"]).usage(11, 7, 0, 0.125),
    ]);
    let sandbox = stage::ready(&double).config(CONFIG);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_for("work ›");
    terminal.type_text("one");
    terminal.press_enter();
    terminal.wait_for("first answer");
    terminal.type_text("two");
    terminal.press_enter();
    terminal.wait_for("second half");
    terminal.press_ctrl_c();
    terminal.wait_for("stopped; some providers bill");
    terminal.type_text("/cost");
    terminal.press_enter();
    terminal.wait_for("today, all conversations: $0.25+");
    terminal.type_text("/compact 1");
    terminal.press_enter();
    terminal.wait_for("the summary");
    terminal.type_text("/usage");
    terminal.press_enter();
    terminal.wait_for("today, all conversations: $0.38+");
    terminal.type_text("/exit");
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let database = Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let mut statement = database
        .prepare("SELECT status, cost_usd, session, turn, generation_id FROM ledger ORDER BY id")
        .unwrap();
    let rows = statement
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .unwrap();
    let rows: Vec<Row> = rows.map(Result::unwrap).collect();
    let ids: Vec<String> = double
        .requests()
        .into_iter()
        .map(|request| request.generation_id)
        .collect();
    let expected = [
        ("ok", Some(0.25), Some(1), Some(1)),
        ("cancelled", None, Some(1), Some(2)),
        ("ok", Some(0.125), None, None),
    ];
    let expected = expected
        .into_iter()
        .zip(ids)
        .map(|((status, cost, session, turn), id)| (status.to_owned(), cost, session, turn, id));
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

#[test]
fn the_daily_cap_applies_in_a_conversation() {
    let double = Double::start([reply::stream(["first answer"]).usage(11, 7, 0, 0.2)]);
    let capped = "llm_profiles:\n  work: {model: a/b, max_tokens: 1000, \
                  price: {input: 0, output: 100}, max_cost: {per_day: 0.25}}\n\
                  active_llm_profile: work\n";
    let sandbox = stage::ready(&double).config(capped);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_for("work ›");
    terminal.type_text("one");
    terminal.press_enter();
    terminal.wait_for("first answer");
    terminal.wait_for("today $0.20 of $0.25");
    terminal.type_text("two");
    terminal.press_enter();
    terminal.wait_for("only $0.05 is left of today's cap of $0.25");
    // The refused question is at the prompt again.
    terminal.type_text("\x15");
    terminal.type_text("/exit");
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(double.requests().len(), 1);
}
