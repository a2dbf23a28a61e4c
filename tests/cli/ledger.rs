//! The ledger: what the provider received and what it billed is what the rows say, whatever became
//! of the answers.

use std::fs;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// A row, as far as a provider has its values.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    generation_id: Option<String>,
    profile: String,
    model: String,
    status: String,
    may_have_cost: bool,
    cost: Option<f64>,
}

fn database(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.home().join(".amx/amx.db")).unwrap()
}

fn rows(sandbox: &Sandbox) -> Vec<Row> {
    let database = database(sandbox);
    let mut statement = database
        .prepare(
            "SELECT generation_id, profile, requested_model, status, \
        may_have_cost, cost_usd FROM ledger ORDER BY id",
        )
        .unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Row {
            generation_id: row.get(0)?,
            profile: row.get(1)?,
            model: row.get(2)?,
            status: row.get(3)?,
            may_have_cost: row.get(4)?,
            cost: row.get(5)?,
        })
    };
    statement
        .query_map([], row)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn statuses(sandbox: &Sandbox) -> Vec<String> {
    rows(sandbox).into_iter().map(|row| row.status).collect()
}

/// A sandbox with these profiles, all at the double.
fn configured(double: &Double, profiles: &str) -> Sandbox {
    Sandbox::with(double).config(format!("llm_profiles:\n{profiles}"))
}

fn plain(double: &Double) -> Sandbox {
    configured(double, "  p: {model: a/b}\n")
}

/// One command of the mixed run.
struct Exchange {
    script: Vec<Reply>,
    arguments: &'static [&'static str],
    /// Status and cost of each request; a cost of `None` is not known, and a refusal has none.
    expected: Vec<(&'static str, Option<f64>)>,
    is_stopped: bool,
}

/// A cost that needs all digits of its number.
fn odd_cost(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    let number = number as f64;
    0.01 * (number + 1.0) / 7.0
}

fn busy() -> Reply {
    reply::refusal(503, "overloaded").header("retry-after", "0")
}

fn billed(number: usize) -> Reply {
    reply::stream(["Hello"]).usage(11, 7, 0, odd_cost(number))
}

fn exchange(
    script: Vec<Reply>,
    arguments: &'static [&'static str],
    expected: Vec<(&'static str, Option<f64>)>,
) -> Exchange {
    Exchange {
        script,
        arguments,
        expected,
        is_stopped: false,
    }
}

/// How many kinds of exchange end with an answer.
const ANSWERED_KINDS: usize = 8;

/// How many kinds of exchange end without one.
const UNANSWERED_KINDS: usize = 5;

const KINDS: usize = ANSWERED_KINDS + UNANSWERED_KINDS;

/// The exchanges that end with an answer, each with costs of its own.
fn answered(kind: usize, number: usize) -> Exchange {
    let (cost, second) = (odd_cost(2 * number), odd_cost(2 * number + 1));
    let only_reasoning = || {
        reply::stream([""])
            .reasoning(["hm"])
            .finish("length")
            .usage(10, 32768, 32768, cost)
    };
    let hello = || billed(2 * number);
    match kind {
        0 => exchange(vec![hello()], &["chat", "hi"], vec![("ok", Some(cost))]),
        1 => exchange(
            vec![busy(), hello()],
            &["chat", "hi"],
            vec![("503", None), ("ok", Some(cost))],
        ),
        2 => exchange(
            vec![only_reasoning(), billed(2 * number + 1)],
            &["chat", "-m", "openai/o3", "hi"],
            vec![("length", Some(cost)), ("ok", Some(second))],
        ),
        3 => exchange(
            vec![busy(), busy(), busy(), busy(), hello()],
            &["chat", "hi"],
            [vec![("503", None); 4], vec![("ok", Some(cost))]].concat(),
        ),
        4 => exchange(
            vec![reply::whole("Hello").usage(11, 7, 0, cost)],
            &["chat", "--no-stream", "--json", "hi"],
            vec![("ok", Some(cost))],
        ),
        5 => exchange(
            vec![reply::empty().header("retry-after", "0"), hello()],
            &["chat", "hi"],
            vec![("empty", None), ("ok", Some(cost))],
        ),
        6 => exchange(
            vec![reply::stream(["Hello"]).no_usage()],
            &["chat", "--jsonl", "hi"],
            vec![("ok", None)],
        ),
        _ => exchange(
            vec![hello()],
            &["profiles", "test", "b"],
            vec![("ok", Some(cost))],
        ),
    }
}

/// The exchanges that end without an answer, none of which has a known cost.
fn unanswered(kind: usize, gate: &Gate) -> Exchange {
    match kind {
        0 => exchange(
            vec![reply::stream(["half", "never"]).cut_after(1)],
            &["chat", "hi"],
            vec![("cut", None)],
        ),
        1 => Exchange {
            is_stopped: true,
            ..exchange(
                vec![reply::stream(["half", "never"]).gate_after(1, gate)],
                &["chat", "hi"],
                vec![("cancelled", None)],
            )
        },
        2 => exchange(
            vec![reply::refusal(402, "Insufficient credits. Add more")],
            &["chat", "hi"],
            vec![("402", None)],
        ),
        3 => exchange(
            vec![reply::hang_up()],
            &["chat", "--no-save", "hi"],
            vec![("cut", None)],
        ),
        _ => exchange(
            vec![reply::stream(["half"]).error_event(&json!({"code": 502, "message": "Upstream"}))],
            &["chat", "hi"],
            vec![("502", None)],
        ),
    }
}

/// Runs one command and checks that its exit code fits its last status.
fn run(sandbox: &Sandbox, exchange: &Exchange) {
    let running = sandbox.spawn(exchange.arguments);
    if exchange.is_stopped {
        running.wait_for(&Stream::Stdout, "half");
        running.signal("INT");
    }
    let outcome = running.wait();
    let ends_well = exchange
        .expected
        .last()
        .is_some_and(|(status, _)| *status == "ok");
    assert_eq!(outcome.code == 0, ends_well, "{outcome}");
}

/// Each row has the status, cost, generation ID and model of the request at its place.
fn assert_rows(found: &[Row], requests: &[Recorded], exchanges: &[Exchange]) {
    let expected = exchanges
        .iter()
        .flat_map(|exchange| exchange.expected.clone());
    let is_refusal = |status: &str| ["503", "402"].contains(&status);
    for ((row, request), (status, cost)) in found.iter().zip(requests).zip(expected) {
        // A connection that ends before the head carries no generation ID.
        let id = Some(request.generation_id.clone())
            .filter(|_| row.generation_id.is_some() || status != "cut");
        assert_eq!(
            (row.status.as_str(), row.cost, &row.generation_id),
            (status, cost, &id),
            "{row:?}"
        );
        assert_eq!(row.may_have_cost, !is_refusal(status), "{row:?}");
        assert_eq!(request.json()["model"], row.model, "{row:?}");
    }
}

/// `amx usage` counts and sums these rows.
fn assert_total(sandbox: &Sandbox, rows: &[Row]) {
    let refused = rows.iter().filter(|row| !row.may_have_cost).count();
    let unknown = rows
        .iter()
        .filter(|row| row.may_have_cost && row.cost.is_none())
        .count();
    let total = &sandbox
        .run(["usage", "--since", "2d", "--by", "profile", "--json"])
        .json()["total"];
    assert_eq!(
        (&total["requests"], &total["refused"], &total["unknown"]),
        (&json!(rows.len()), &json!(refused), &json!(unknown))
    );
    let sum: f64 = rows.iter().filter_map(|row| row.cost).sum();
    assert!(
        (total["cost_usd"].as_f64().unwrap() - sum).abs() < 1e-9,
        "{total} is not {sum}"
    );
}

#[test]
fn two_hundred_requests_of_all_kinds_are_two_hundred_rows() {
    let gate = Gate::default();
    let exchanges: Vec<Exchange> = (0..10 * KINDS)
        .map(|number| match number % KINDS {
            kind if kind < ANSWERED_KINDS => answered(kind, number),
            kind => unanswered(kind - ANSWERED_KINDS, &gate),
        })
        .collect();
    let double = Double::start(
        exchanges
            .iter()
            .flat_map(|exchange| exchange.script.clone()),
    );
    let sandbox = configured(
        &double,
        "  a: {model: a/one, fallback_profiles: [b]}\n  b: {model: b/two}\nactive_llm_profile: a\n",
    );
    for exchange in &exchanges {
        run(&sandbox, exchange);
    }
    let requests = double.requests();
    assert_eq!(requests.len(), 200);
    let found = rows(&sandbox);
    assert_eq!(found.len(), 200);
    assert_rows(&found, &requests, &exchanges);
    assert_total(&sandbox, &found);
}

#[test]
fn an_unsent_request_has_no_row() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = plain(&double);
    sandbox.run(["chat", "hi"]).assert_code(0);
    drop(double);
    sandbox
        .run(["chat", "--timeout", "2s", "hi"])
        .assert_failure(6);
    let sandbox = sandbox.without("OPENROUTER_API_KEY");
    sandbox.run(["chat", "hi"]).assert_failure(4);
    assert_eq!(statuses(&sandbox), ["ok"]);
}

#[test]
fn a_signal_before_a_retry_adds_no_row() {
    let double = Double::start([reply::refusal(503, "busy").header("retry-after", "50")]);
    let sandbox = plain(&double);
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stderr, "retrying in");
    running.signal("INT");
    running.wait().assert_code(130);
    assert_eq!(statuses(&sandbox), ["503"]);
}

#[test]
fn rows_name_the_turn_and_contain_no_text() {
    let double = Double::start([billed(1), billed(2)]);
    let sandbox = plain(&double);
    sandbox
        .run(["chat", "--no-save", "xyzzy-question"])
        .assert_code(0);
    let bytes = fs::read(sandbox.home().join(".amx/amx.db")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("xyzzy"));
    sandbox.run(["chat", "hi"]).assert_code(0);
    let database = database(&sandbox);
    let place = |id: i64| -> (Option<i64>, Option<i64>) {
        database
            .query_row(
                "SELECT session, turn FROM ledger WHERE id = ?",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap()
    };
    assert_eq!((place(1), place(2)), ((None, None), (Some(1), Some(1))));
    sandbox
        .run(["sessions", "delete", "1", "--yes"])
        .assert_code(0);
    assert_eq!(rows(&sandbox).len(), 2, "what was spent stays spent");
}

#[test]
fn without_a_configuration_folder_nothing_is_written() {
    let double = Double::start([billed(1)]);
    let sandbox = Sandbox::with(&double);
    sandbox.run(["chat", "hi"]).assert_code(0);
    assert!(!sandbox.home().join(".amx").exists());
    sandbox.run(["usage", "--json"]).assert_code(0);
    assert!(!sandbox.home().join(".amx").exists());
}

#[test]
fn a_ledger_that_cannot_be_written_is_reported_after_the_answer() {
    let double = Double::start([billed(1), billed(2)]);
    let sandbox = plain(&double).file(".amx/amx.db.lock", "");
    fs::remove_file(sandbox.home().join(".amx/amx.db.lock")).unwrap();
    fs::create_dir(sandbox.home().join(".amx/amx.db.lock")).unwrap();
    sandbox
        .run(["chat", "--no-save", "hi"])
        .assert_failure(12)
        .assert_stdout("Hello\n")
        .assert_stderr_has("ledger");
    let json = sandbox.run(["chat", "--no-save", "--json", "hi"]);
    assert_eq!(json.json()["content"], "Hello");
    json.json_failure(12);
}

const CAPPED: &str = "  p: {model: a/b, max_tokens: 1000, price: {input: 0, output: 100}, max_cost: {per_day: 0.25}}\n";

#[test]
fn the_daily_cap_refuses_with_its_calculation_and_sends_nothing() {
    let double = Double::start([reply::stream(["Hello"]).usage(11, 7, 0, 0.2)]);
    let sandbox = configured(&double, CAPPED);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let refused = sandbox.run(["chat", "hi"]);
    refused
        .assert_failure(14)
        .assert_stdout("")
        .assert_stderr_has("could cost $0.10, but only $0.05 is left of today's cap of $0.25");
    refused
        .assert_stderr_has("1,000 output tokens x $100/M; $0.20 spent today")
        .assert_stderr_has("max_cost.per_day of profile 'p'");
    assert_eq!(
        sandbox.run(["chat", "--json", "hi"]).json_failure(14)["kind"],
        "limit"
    );
    assert_eq!(double.requests().len(), 1);
    assert_eq!(statuses(&sandbox), ["ok"], "what was not sent is no row");
}

#[test]
fn a_smaller_answer_still_fits_under_the_daily_cap() {
    let double = Double::start([
        reply::stream(["Hello"]).usage(11, 7, 0, 0.2),
        reply::stream(["Hello"]).usage(11, 7, 0, 0.03),
    ]);
    let sandbox = configured(&double, CAPPED);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    sandbox
        .run(["chat", "--max-tokens", "500", "hi"])
        .assert_answer("Hello\n");
    sandbox
        .run(["chat", "--max-tokens", "500", "hi"])
        .assert_failure(14);
}

#[test]
fn an_unknown_price_or_size_is_refused_under_a_daily_cap() {
    let double = Double::start([]).also(routes::models());
    let sandbox = configured(&double, "  p: {model: a/b, max_cost: {per_day: 5}}\n");
    sandbox
        .run(["chat", "hi"])
        .assert_failure(14)
        .assert_stderr_has("the price of a/b is unknown");
    sandbox
        .run(["profiles", "test", "p"])
        .assert_failure(14)
        .assert_stderr_has("the price of a/b is unknown");
}

#[test]
fn an_unknown_cost_counts_as_the_worst_case() {
    let double = Double::start([
        reply::stream(["half", "never"]).cut_after(1),
        reply::stream(["half", "never"]).cut_after(1),
    ]);
    let sandbox = configured(&double, CAPPED);
    sandbox.run(["chat", "hi"]).assert_failure(9);
    sandbox.run(["chat", "hi"]).assert_failure(9);
    sandbox
        .run(["chat", "hi"])
        .assert_failure(14)
        .assert_stderr_has("$0.20 spent today");
    let total = &sandbox.run(["usage", "--json"]).json()["total"];
    assert_eq!(
        (&total["cost_usd"], &total["unknown"]),
        (&Value::Null, &json!(2))
    );
}

#[test]
fn a_retry_must_fit_under_the_daily_cap() {
    // An empty answer may have been billed: 0.1 each, and only 0.1 was reserved.
    let double = Double::start([reply::empty()]);
    let sandbox = configured(&double, CAPPED);
    sandbox
        .run(["chat", "hi"])
        .assert_failure(8)
        .assert_stderr_has("may have been billed");
    assert_eq!(double.requests().len(), 1);
    // Without a cap of the day, what the whole answer may cost decides.
    let double = Double::start([reply::empty(), reply::empty()]);
    let sandbox = configured(&double, &CAPPED.replace("per_day", "per_request"));
    sandbox.run(["chat", "hi"]).assert_failure(8);
    assert_eq!(double.requests().len(), 2);
}

#[test]
fn a_larger_limit_must_fit_under_the_daily_cap() {
    let thinks = || {
        reply::stream([""])
            .reasoning(["hm"])
            .finish("length")
            .usage(10, 32768, 32768, 0.03)
    };
    let profile = |cap: f64| {
        format!(
            "  p: {{model: openai/o3, price: {{input: 0, output: 1}}, max_cost: {{per_day: {cap}}}}}\n"
        )
    };
    let double = Double::start([thinks()]);
    let sandbox = configured(&double, &profile(0.1));
    sandbox
        .run(["chat", "hi"])
        .assert_failure(14)
        .assert_stderr_has("max_cost.per_day");
    assert_eq!(double.requests().len(), 1);
    let double = Double::start([thinks(), billed(1)]);
    let sandbox = configured(&double, &profile(0.2));
    sandbox
        .run(["chat", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n");
    assert_eq!(statuses(&sandbox), ["length", "ok"]);
}

#[test]
fn each_profile_has_its_own_daily_cap() {
    let double = Double::start([
        busy(),
        busy(),
        busy(),
        busy(),
        reply::stream(["Hello"]).usage(11, 7, 0, 0.2),
    ]);
    let capped = "max_tokens: 1000, price: {input: 0, output: 100}, max_cost: {per_day: 0.25}";
    let profiles = format!(
        "  a: {{model: a/one, {capped}, fallback_profiles: [b]}}\n  b: {{model: b/two, {capped}}}\nactive_llm_profile: a\n"
    );
    let sandbox = configured(&double, &profiles);
    sandbox
        .run(["chat", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n");
    sandbox.run(["chat", "-p", "b", "hi"]).assert_failure(14);
    // The one it falls back to has nothing left: that is found before anything is sent.
    sandbox
        .run(["chat", "hi"])
        .assert_failure(14)
        .assert_stderr_has("profile 'b'");
    assert_eq!(double.requests().len(), 5);
}

/// What answers under way hold back.
fn held(sandbox: &Sandbox) -> i64 {
    database(sandbox)
        .query_row("SELECT count(*) FROM reservations", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn sixteen_processes_stay_below_the_cap_together() {
    let gate = Gate::default();
    let slow = || {
        reply::stream(["Hello", "!"])
            .usage(11, 7, 0, 0.08)
            .gate_after(1, &gate)
    };
    // 0.35 holds three worst cases of 0.1; after three bills of 0.08 one more fits.
    let double = Double::start([
        slow(),
        slow(),
        slow(),
        reply::stream(["Hello"]).usage(11, 7, 0, 0.08),
    ]);
    let sandbox = configured(&double, &CAPPED.replace("0.25", "0.35"));
    let mut waiting: Vec<_> = (0..16).map(|_| sandbox.spawn(["chat", "hi"])).collect();
    double.wait_for_requests(3);
    // Thirteen give up while three are held at the gate.
    let mut refused = Vec::new();
    while waiting.len() > 3 {
        let over = waiting.iter_mut().position(|running| !running.is_running());
        match over {
            Some(over) => refused.push(waiting.remove(over).wait()),
            None => std::thread::yield_now(),
        }
    }
    assert!(refused.iter().all(|outcome| {
        outcome
            .assert_failure(14)
            .stderr()
            .contains("reserved for answers in progress")
    }));
    assert_eq!((double.requests().len(), held(&sandbox)), (3, 3));
    gate.open();
    for running in waiting {
        running.wait().assert_answer("Hello!\n");
    }
    assert_eq!(held(&sandbox), 0);
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    sandbox.run(["chat", "hi"]).assert_failure(14);
    let spent = sandbox.run(["usage", "--json"]).json()["total"]["cost_usd"]
        .as_f64()
        .unwrap();
    assert_eq!(
        (spent.to_string().as_str(), double.requests().len()),
        ("0.32", 4)
    );
}

#[test]
fn the_reservation_of_a_killed_process_expires() {
    let double = Double::start([
        reply::stream(["half", "never"]).stall_after(1),
        reply::stream(["Hello"]).usage(11, 7, 0, 0.01),
    ]);
    let sandbox = configured(&double, &CAPPED.replace("0.25", "0.35"));
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "half");
    running.signal("KILL");
    running.wait().assert_code(137);
    let large = ["chat", "--max-tokens", "2600", "hi"];
    sandbox
        .run(large)
        .assert_failure(14)
        .assert_stderr_has("$0.10 reserved for");
    assert_eq!(
        database(&sandbox)
            .execute(
                "UPDATE reservations SET made_at = made_at - 7200000000000, \
            expires_at = expires_at - 7200000000000",
                []
            )
            .unwrap(),
        1
    );
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert_eq!(
        (statuses(&sandbox), held(&sandbox)),
        (vec!["unknown".to_owned(), "ok".to_owned()], 0)
    );
    // Its request counts at its worst case.
    sandbox
        .run(large)
        .assert_failure(14)
        .assert_stderr_has("$0.11 spent today");
}

#[test]
fn a_failure_before_sending_reserves_nothing() {
    let double = Double::start([]);
    let sandbox = configured(&double, CAPPED).without("OPENROUTER_API_KEY");
    sandbox.run(["chat", "hi"]).assert_failure(4);
    assert_eq!((held(&sandbox), rows(&sandbox).len()), (0, 0));
}

/// Rows of another time, as if they had been written then.
fn put_back(sandbox: &Sandbox, id: i64, days: i64) {
    let changed = database(sandbox)
        .execute(
            "UPDATE ledger SET at = at - ?2 * 86400000000000 WHERE id = ?1",
            [id, days],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

/// Three requests: yesterday's, and two of today with other models and profiles.
fn spent_three_times() -> (Double, Sandbox) {
    let odd = reply::stream(["Hello"])
        .usage(10, 20, 0, 0.25)
        .served_by("odd \"model\", =x", "Cloud");
    let double = Double::start([
        reply::stream(["Hello"]).usage(100, 50, 0, 0.000_183_7),
        odd,
        reply::stream(["Hello"]).no_usage(),
    ]);
    let sandbox = configured(
        &double,
        "  p: {model: a/b}\n  q: {model: c/d}\nactive_llm_profile: p\n",
    )
    .env("TZ", "UTC");
    for arguments in [
        &["chat", "hi"][..],
        &["chat", "hi"],
        &["chat", "-p", "q", "hi"],
    ] {
        sandbox.run(arguments).assert_code(0);
    }
    put_back(&sandbox, 1, 40);
    (double, sandbox)
}

#[test]
fn usage_is_added_up_by_day_model_and_profile() {
    let (_double, sandbox) = spent_three_times();
    let of = |by: &str| {
        sandbox
            .run(["usage", "--since", "all", "--by", by, "--json"])
            .json()
    };
    let days = of("day");
    assert_eq!(
        (
            &days["since"],
            &days["by"],
            days["rows"].as_array().unwrap().len()
        ),
        (&Value::Null, &json!("day"), 2)
    );
    assert_eq!(
        (&days["rows"][0]["cost_usd"], &days["rows"][1]["unknown"]),
        (&json!(0.000_183_7), &json!(1))
    );
    assert_eq!(
        (&days["total"]["cost_usd"], &days["total"]["prompt_tokens"]),
        (&json!(0.250_183_7), &json!(110))
    );
    let named = |by: &str| -> Vec<(Value, Value)> {
        of(by)["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row[by].clone(), row["cost_usd"].clone()))
            .collect()
    };
    assert_eq!(
        named("model"),
        [
            (json!("odd \"model\", =x"), json!(0.25)),
            (json!("a/b"), json!(0.000_183_7)),
            (json!("c/d"), Value::Null)
        ]
    );
    assert_eq!(
        named("profile"),
        [(json!("p"), json!(0.250_183_7)), (json!("q"), Value::Null)]
    );
    let recent = sandbox.run(["usage", "--since", "7d", "--json"]).json();
    assert_eq!(
        (
            &recent["total"]["requests"],
            recent["since"].as_str().unwrap().len()
        ),
        (&json!(2), 10)
    );
}

#[test]
fn usage_is_a_table_in_a_pipe_and_csv_for_a_spreadsheet() {
    let (_double, sandbox) = spent_three_times();
    let table = sandbox.run(["usage", "--since", "all", "--by", "profile"]);
    table
        .assert_code(0)
        .assert_stderr_has("note: the cost of 1 request is unknown");
    assert_eq!(
        table.stdout(),
        "PROFILE  REQUESTS   IN  OUT     COST\np               2  110   70   $0.25\nq               1    -    -  unknown\ntotal           3  110   70   $0.25+\n"
    );
    let csv = sandbox.run(["usage", "--since", "all", "--by", "model", "--csv"]);
    let head = "model,requests,refused,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,cost_usd,estimates,unknown";
    csv.assert_answer(&format!("{head}\n\"odd \"\"model\"\", =x\",1,0,10,20,0,0,0.25,0,0\na/b,1,0,100,50,0,0,0.0001837,0,0\nc/d,1,0,,,,,,0,1\n"));
}

/// The reply without a bill.
fn without_cost(mut reply: Reply) -> Reply {
    reply.answer.usage.as_mut().unwrap()["cost"] = Value::Null;
    reply
}

#[test]
fn estimates_are_marked() {
    let double = Double::start([without_cost(
        reply::stream(["Hello"]).usage(1_000_000, 7, 0, 0.0),
    )]);
    let sandbox = configured(
        &double,
        "  p: {model: a/b, price: {input: 0.5, output: 0}}\n",
    );
    sandbox.run(["chat", "hi"]).assert_code(0);
    sandbox
        .run(["usage"])
        .assert_code(0)
        .assert_stderr_has("~ marks")
        .assert_stderr_lacks("unknown");
    assert!(sandbox.run(["usage"]).stdout().contains("~$0.50"));
    let total = &sandbox.run(["usage", "--json"]).json()["total"];
    assert_eq!(
        (&total["cost_usd"], &total["estimates"]),
        (&json!(0.5), &json!(1))
    );
}

/// The cost of an answer as `--json` has it: USD and where it is from.
fn cost_of(sandbox: &Sandbox) -> (Value, Value) {
    let outcome = sandbox.run(["chat", "--json", "hi"]);
    let mut answer = outcome.assert_code(0).json();
    (answer["cost_usd"].take(), answer["cost_source"].take())
}

#[test]
fn an_answer_costs_what_each_attempt_costs_at_its_own_price() {
    let only_reasoning = reply::stream([""])
        .reasoning(["hm"])
        .finish("length")
        .usage(1_000_000, 1_000_000, 0, 0.0);
    let mut script = vec![without_cost(only_reasoning)];
    script.extend(vec![busy(); 4]);
    let answer = reply::stream(["Hello"]).usage(1_000_000, 1_000_000, 0, 0.0);
    script.push(without_cost(answer));
    let double = Double::start(script);
    let sandbox = configured(
        &double,
        "  a: {model: openai/o3, price: {input: 10, output: 50}, fallback_profiles: [b]}\n  \
            b: {model: b/two, price: {input: 0.25, output: 0.25}}\nactive_llm_profile: a\n",
    );
    assert_eq!(cost_of(&sandbox), (json!(60.5), json!("estimate")));
    let total = &sandbox.run(["usage", "--json"]).json()["total"];
    assert_eq!(total["cost_usd"], json!(60.5));
}

#[test]
fn an_error_in_the_place_of_an_answer_adds_no_cost() {
    let error = json!({"code": 502, "message": "bad gateway"});
    let failed = reply::stream([]).error_event(&error);
    let double = Double::start([failed, reply::stream(["Hello"]).usage(1, 1, 0, 0.25)]);
    assert_eq!(cost_of(&plain(&double)), (json!(0.25), json!("provider")));
}

#[test]
fn an_attempt_without_a_reply_makes_the_cost_unknown() {
    let only_reasoning = reply::stream([""])
        .reasoning(["hm"])
        .finish("length")
        .usage(10, 32768, 32768, 0.25);
    let double = Double::start([only_reasoning, reply::hang_up()]);
    let sandbox = configured(&double, "  p: {model: openai/o3}\n");
    sandbox.run(["chat", "hi"]).assert_failure(9);
    let costs: Vec<Option<f64>> = rows(&sandbox).into_iter().map(|row| row.cost).collect();
    assert_eq!(costs, [Some(0.25), None]);
    let saved = "SELECT cost_usd, cost_source FROM turns";
    let saved: (Option<f64>, String) = database(&sandbox)
        .query_row(saved, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(saved, (None, "unknown".to_owned()));
}

#[test]
fn an_empty_ledger_is_reported() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["usage"])
        .assert_code(0)
        .assert_stdout("")
        .assert_stderr_has("no requests in this period");
    assert_eq!(sandbox.run(["usage", "--json"]).json()["rows"], json!([]));
    sandbox
        .run(["usage", "--since", "yesterday"])
        .assert_failure(2)
        .assert_mentions("7d");
    sandbox.run(["usage", "--csv", "--json"]).json_failure(2);
}

#[test]
fn usage_live_shows_the_account() {
    let double = Double::start([])
        .also(routes::key())
        .also(routes::credits(200));
    let live = Sandbox::with(&double).run(["usage", "--live"]);
    live.assert_code(0);
    assert!(
        live.stdout().contains("$7.50 of $10.00 remaining")
            && live.stdout().contains("$0.10 today")
            && live.stdout().contains("credits"),
        "{live}"
    );
    let account = &Sandbox::with(&double)
        .run(["usage", "--live", "--json"])
        .json()["account"];
    assert_eq!(
        (&account["limit_remaining"], &account["credits"]["left"]),
        (&json!(7.5), &json!(17.5))
    );
}

#[test]
fn credits_that_the_key_cannot_read_are_a_note() {
    for status in [401, 403] {
        let double = Double::start([])
            .also(routes::key())
            .also(routes::credits(status));
        let live = Sandbox::with(&double).run(["usage", "--live"]);
        live.assert_code(0)
            .assert_stderr_has("note: account credits require a management key");
        assert!(
            live.stdout().contains("$7.50 of $10.00 remaining")
                && !live.stdout().contains("credits "),
            "{live}"
        );
        assert_eq!(
            Sandbox::with(&double)
                .run(["usage", "--live", "--json"])
                .json()["account"]["credits"],
            Value::Null
        );
    }
}

#[test]
fn an_unreachable_account_is_an_error_after_the_table() {
    let (double, sandbox) = spent_three_times();
    drop(double);
    let live = sandbox.run(["usage", "--live"]);
    live.assert_failure(6);
    assert!(live.stdout().contains("total"), "{live}");
    let live = sandbox.run(["usage", "--live", "--json"]);
    live.assert_code(6);
    let report: Value = serde_json::from_str(&live.stdout()).unwrap();
    assert_eq!(report["account"], Value::Null);
    assert!(!report["rows"].as_array().unwrap().is_empty(), "{live}");
    Sandbox::new().run(["usage", "--live"]).assert_failure(4);
    let other = Sandbox::new()
        .config("llm_profiles:\n  p: {provider: openai, model: gpt-5}\n")
        .env("OPENAI_API_KEY", KEY);
    other
        .run(["usage", "--live"])
        .assert_failure(2)
        .assert_mentions("openai");
    assert!(!other.home().join(".amx/amx.db").exists());
}
