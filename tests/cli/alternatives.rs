//! `chat --alternatives`: several answers at once, rated, the surest first, and what becomes of
//! those that fail.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// An answer of one token with this probability.
fn sure(text: &'static str, probability: f64) -> Reply {
    reply::stream([text]).logprobs([probability.ln()])
}

fn contents(outcome: &Outcome) -> Vec<String> {
    let object = outcome.json();
    let list = object["alternatives"].as_array().unwrap().clone();
    list.iter()
        .map(|one| one["content"].as_str().unwrap().to_owned())
        .collect()
}

fn count(sandbox: &Sandbox, table: &str) -> i64 {
    let database = Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    database
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
}

#[test]
fn answers_run_in_parallel_and_the_most_confident_is_first() {
    let gate = Gate::default();
    let answers = [
        ("poor", 0.3),
        ("good", 0.9),
        ("fair", 0.6),
        ("best", 0.95),
        ("worst", 0.1),
    ];
    let double = Double::start(
        answers.map(|(text, probability)| sure(text, probability).gate_after(0, &gate)),
    );
    let running = Sandbox::with(&double).spawn(["chat", "--alternatives", "5", "hi"]);
    // None of them is answered before all have been asked.
    double.wait_for_requests(5);
    gate.open();
    let list = "1. HIGH 0.95 (logprobs)\nbest\n\n2. HIGH 0.90 (logprobs)\ngood\n\n3. MEDIUM 0.60 (logprobs)\nfair\n\n\
                4. LOW 0.30 (logprobs)\npoor\n\n5. LOW 0.10 (logprobs)\nworst\n";
    running.wait().assert_answer(list);
    for request in double.requests() {
        assert_eq!(
            (request.prompt(), &request.json()["logprobs"]),
            (json!("hi"), &json!(true))
        );
    }
}

#[test]
fn json_lists_all_answers_with_the_sum_of_tokens_and_cost() {
    let double = Double::start([
        sure("fair", 0.5).usage(10, 5, 0, 0.25),
        sure("good", 0.85).usage(10, 7, 0, 0.5),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives=2", "--json", "hi"]);
    outcome.assert_code(0);
    assert_eq!(contents(&outcome), ["good", "fair"]);
    let object = outcome.json();
    assert_eq!(object["content"], "good");
    assert_eq!(
        (&object["cost_usd"], &object["cost_source"]),
        (&json!(0.75), &json!("provider"))
    );
    assert_eq!(
        (
            &object["usage"]["prompt_tokens"],
            &object["usage"]["completion_tokens"]
        ),
        (&json!(20), &json!(12))
    );
    let confidence = |index: usize| object["alternatives"][index]["confidence"].clone();
    // The bounds belong to the bucket above.
    assert_eq!(
        (&confidence(0)["bucket"], &confidence(1)["bucket"]),
        (&json!("HIGH"), &json!("MEDIUM"))
    );
    assert_eq!(confidence(0)["source"], "logprobs");
    assert!((confidence(0)["score"].as_f64().unwrap() - 0.85).abs() < 1e-9);
    assert_eq!(object.get("failed"), None);
}

#[test]
fn the_profile_sets_the_number_and_plain_chat_gives_one_answer() {
    let double = Double::start([sure("one", 0.9), sure("two", 0.8), reply::stream(["plain"])]);
    let sandbox =
        Sandbox::with(&double).config("llm_profiles:\n  p: {model: a/b, n_alternatives: 2}\n");
    assert_eq!(
        contents(&sandbox.run(["chat", "--alternatives", "--json", "hi"])),
        ["one", "two"]
    );
    sandbox.run(["chat", "hi"]).assert_answer("plain\n");
    assert_eq!(double.requests()[2].json().get("logprobs"), None);
}

#[test]
fn one_alternative_is_allowed_and_a_word_starts_the_question() {
    let double = Double::start([sure("one", 0.9)]);
    Sandbox::with(&double)
        .run(["chat", "--alternatives", "1", "3", "words"])
        .assert_answer("1. HIGH 0.90 (logprobs)\none\n");
    assert_eq!(double.request().prompt(), "3 words");
    let none = Double::start([]);
    for number in ["0", "6", "-1", "999"] {
        Sandbox::with(&none)
            .run(["chat", "--alternatives", number, "hi"])
            .assert_failure(2);
    }
}

#[test]
fn without_log_probabilities_the_declaration_is_used_and_removed() {
    let script = [
        reply::stream(["The risk is HIGH.\n", "\nConf", "idence: L", "OW\n"]),
        reply::stream(["Sure.\n\n**confidence: high**  "]),
        reply::stream(["Nothing declared."]),
        reply::stream(["Unknown.\nConfidence: ABSOLUTE"]),
    ];
    let double = Double::start(script);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "4", "--json", "hi"]);
    let mut found: Vec<(String, Value)> = Vec::new();
    for one in outcome.json()["alternatives"].as_array().unwrap() {
        assert_eq!(
            (&one["confidence"]["source"], &one["confidence"]["score"]),
            (&json!("declared"), &Value::Null)
        );
        found.push((
            one["content"].as_str().unwrap().to_owned(),
            one["confidence"]["bucket"].clone(),
        ));
    }
    assert_eq!(
        (found[0].0.as_str(), &found[0].1),
        ("Sure.", &json!("HIGH"))
    );
    assert_eq!(
        (found[3].0.as_str(), &found[3].1),
        ("The risk is HIGH.", &json!("LOW"))
    );
    found[1..3].sort_by(|left, right| left.0.cmp(&right.0));
    assert_eq!(
        found[1..3],
        [
            ("Nothing declared.".to_owned(), json!("MEDIUM")),
            ("Unknown.".to_owned(), json!("MEDIUM"))
        ]
    );
    let system = double.requests()[0].json()["messages"][0].clone();
    assert!(
        system["role"] == "system"
            && system["content"]
                .as_str()
                .unwrap()
                .contains("`Confidence: HIGH`"),
        "{system}"
    );
}

#[test]
fn log_probabilities_of_the_declaration_do_not_count() {
    let tokens = ["The", " answer", "\n\nConfidence", ": LOW"];
    let whole = reply::stream(tokens).logprobs([-0.1, -0.4, -9.0, -9.0]);
    let double = Double::start([whole]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "1", "--json", "hi"]);
    let confidence = outcome.json()["alternatives"][0]["confidence"].clone();
    // (-0.1·3 - 0.4·6) / 9 = -0.3; exp = 0.740818…
    assert!(
        (confidence["score"].as_f64().unwrap() - 0.740_818_22).abs() < 1e-8,
        "{confidence}"
    );
    assert_eq!(
        (&confidence["bucket"], &confidence["source"]),
        (&json!("MEDIUM"), &json!("logprobs"))
    );
    assert_eq!(outcome.json()["content"], "The answer");
}

#[test]
fn log_probabilities_may_come_in_any_chunk() {
    let token = |text: &str, logprob: f64| json!({"token": text, "logprob": logprob, "bytes": text.as_bytes(), "top_logprobs": []});
    let event = |logprobs: Value| json!({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": null, "logprobs": logprobs}]});
    let script = reply::stream(["Yes"])
        .event(event(json!({"content": null, "refusal": null})))
        .event(event(
            json!({"content": [token("Y", -0.2), token("es", -0.05)]}),
        ));
    let double = Double::start([script]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "1", "--json", "hi"]);
    // (-0.2·1 - 0.05·2) / 3 = -0.1; exp = 0.904837…
    let score = outcome.json()["confidence"]["score"].as_f64().unwrap();
    assert!((score - 0.904_837_418).abs() < 1e-8, "{score}");
    let double = Double::start([reply::whole("Yes").logprobs([-0.1])]);
    let outcome =
        Sandbox::with(&double).run(["chat", "--no-stream", "--alternatives", "1", "--json", "hi"]);
    assert!(
        (outcome.json()["confidence"]["score"].as_f64().unwrap() - 0.904_837_418).abs() < 1e-8,
        "{outcome}"
    );
}

#[test]
fn refused_log_probabilities_are_omitted_in_a_second_request() {
    for (status, words) in [
        (400, "logprobs is not supported with this model"),
        (
            404,
            "No endpoints found that can handle the requested parameters.",
        ),
    ] {
        let double = Double::start([
            reply::refusal(status, words),
            reply::stream(["Yes.\nConfidence: HIGH"]),
        ]);
        let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "1", "hi"]);
        outcome
            .assert_code(0)
            .assert_stdout("1. HIGH (declared)\nYes.\n")
            .assert_stderr_has("retrying without log probabilities");
        assert_eq!(outcome.lines_starting("note: "), 1, "{outcome}");
        let sent: Vec<Value> = double
            .requests()
            .iter()
            .map(|request| request.json().get("logprobs").cloned().unwrap_or_default())
            .collect();
        assert_eq!(sent, [json!(true), Value::Null]);
    }
    // Refused for another reason, it is not asked again.
    let double = Double::start([reply::refusal(400, "temperature: Invalid input")]);
    Sandbox::with(&double)
        .run(["chat", "--alternatives", "1", "hi"])
        .assert_failure(7);
}

#[test]
fn both_attempts_are_reported_after_a_second_request() {
    let double = Double::start([
        reply::refusal(400, "logprobs: not supported"),
        reply::stream(["Yes.\nConfidence: HIGH"]),
    ]);
    let outcome =
        Sandbox::with(&double)
            .config("")
            .run(["chat", "--alternatives", "1", "--json", "hi"]);
    let attempts = outcome.json()["alternatives"][0]["attempts"].clone();
    assert_eq!(
        (&attempts[0]["status"], &attempts[1]["status"]),
        (&json!(400), &json!("ok"))
    );
    assert_eq!(outcome.json()["cost_usd"], 0.00042);
}

#[test]
fn log_probabilities_are_not_requested_if_the_catalogue_excludes_them() {
    let plain = json!({"id": "acme/plain", "context_length": 1000, "architecture": {"input_modalities": ["text"]},
        "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["max_tokens"]});
    let double = Double::start([reply::stream(["Yes.\nConfidence: HIGH"])])
        .also(routes::listed(vec![plain]));
    let sandbox = Sandbox::with(&double).config("");
    sandbox.run(["models", "sync"]).assert_code(0);
    sandbox
        .run(["chat", "-m", "acme/plain", "--alternatives", "1", "hi"])
        .assert_answer("1. HIGH (declared)\nYes.\n");
    assert_eq!(
        double.requests().last().unwrap().json().get("logprobs"),
        None
    );
}

#[test]
fn a_json_answer_has_no_declaration() {
    let double = Double::start([sure("{}", 0.9), reply::stream(["{}"])]);
    let sandbox = Sandbox::with(&double);
    let schema = ["-o", "response_format={\"type\":\"json_object\"}", "hi"];
    sandbox
        .run(
            ["chat", "--alternatives", "1", "--json"]
                .iter()
                .chain(&schema),
        )
        .assert_code(0);
    assert_eq!(
        double.requests()[0].json()["messages"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let bare = sandbox.run(
        ["chat", "--alternatives", "1", "--json"]
            .iter()
            .chain(&schema),
    );
    assert_eq!(
        bare.json()["confidence"],
        json!({"score": null, "bucket": "MEDIUM", "source": "declared"})
    );
}

#[test]
fn an_answer_that_does_not_match_the_schema_has_failed() {
    let (good, bad) = (r#"{"name":"Ada","age":36}"#, r#"{"name":"Ada"}"#);
    let double = Double::start([sure(good, 0.6), sure(bad, 0.9)]);
    let outcome = Sandbox::with(&double).run([
        "chat",
        "--alternatives",
        "2",
        "--schema",
        "name, age int",
        "--json",
        "hi",
    ]);
    let object = outcome.json();
    assert_eq!(
        (&object["structured"], contents(&outcome)),
        (&json!({"name": "Ada", "age": 36}), vec![good.to_owned()])
    );
    assert_eq!(
        (
            &object["failed"][0]["content"],
            &object["failed"][0]["error"]["exit_code"]
        ),
        (&json!(bad), &json!(10))
    );
    assert_eq!(
        outcome.json_failure(13)["caused_by"],
        "the answer does not match the schema: \"age\" is a required property"
    );
    // There is no declaration, however the schema is sent.
    for request in double.requests() {
        let body = request.json();
        assert_eq!(
            (
                &body["response_format"]["type"],
                body["messages"].as_array().unwrap().len()
            ),
            (&json!("json_schema"), 1)
        );
    }
}

#[test]
fn a_refused_schema_form_is_replaced_by_the_next() {
    let fragment = json!({"index": 0, "id": "c", "type": "function", "function": {"name": "answer", "arguments": "{\"name\":\"Ada\"}"}});
    let call = reply::stream([]).tool(fragment).finish("tool_calls");
    // The first refusal may be about the log probabilities, the second is not.
    let double = Double::start([reply::refused_by_rule(), reply::refused_by_rule(), call]);
    let arguments = [
        "chat",
        "-m",
        "mistralai/mistral-nemo",
        "-o",
        "provider.sort=price",
        "--alternatives",
        "1",
        "--schema",
        "name str",
        "hi",
    ];
    let outcome = Sandbox::with(&double).run(arguments);
    outcome.assert_code(0);
    outcome
        .assert_stdout("1. MEDIUM (declared)\n{\"name\":\"Ada\"}\n")
        .assert_stderr_has("retrying with a tool call");
    let last = double.requests()[2].json();
    assert_eq!(
        (
            &last["provider"],
            last["tools"].is_array(),
            last.get("response_format")
        ),
        (&json!({"sort": "price"}), true, None)
    );
}

#[test]
fn a_failed_answer_does_not_affect_the_others() {
    let double = Double::start([
        sure("good", 0.9),
        reply::refusal(402, "Insufficient credits."),
        sure("fair", 0.6),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "3", "hi"]);
    outcome
        .assert_failure(13)
        .assert_stderr_has("error: 1 of 3 alternatives failed")
        .assert_stderr_has("Insufficient credits.");
    let list = "1. HIGH 0.90 (logprobs)\ngood\n\n2. MEDIUM 0.60 (logprobs)\nfair\n\n3. failed: the account has no credits left (402): Insufficient credits.\n";
    outcome.assert_stdout(list);
    let double = Double::start([
        sure("good", 0.9),
        reply::refusal(402, "Insufficient credits."),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "2", "--json", "hi"]);
    assert_eq!(contents(&outcome), ["good"]);
    assert_eq!(outcome.json()["failed"][0]["error"]["status"], 402);
    assert_eq!(
        outcome.json()["cost_usd"],
        0.00042,
        "a refusal costs nothing"
    );
    assert_eq!(outcome.json_failure(13)["kind"], "partial");
}

#[test]
fn when_all_fail_the_error_is_that_of_the_first() {
    let double = Double::start([
        reply::refusal(402, "Insufficient credits."),
        reply::refusal(402, "Insufficient credits."),
    ]);
    Sandbox::with(&double)
        .run(["chat", "--alternatives", "2", "hi"])
        .assert_failure(7)
        .assert_stdout("")
        .assert_stderr_has("no credits");
}

#[test]
fn the_partial_text_of_an_interrupted_answer_is_shown_and_saved() {
    let double = Double::start([
        sure("whole", 0.9),
        reply::stream(["half", "never"]).cut_after(1),
    ]);
    let sandbox = Sandbox::with(&double).config("");
    let outcome = sandbox.run(["chat", "--alternatives", "2", "hi"]);
    outcome.assert_failure(13);
    assert!(
        outcome
            .stdout()
            .contains("\n2. failed: connection lost mid-answer")
            && outcome.stdout().ends_with("\nhalf\n"),
        "{outcome}"
    );
    assert_eq!(count(&sandbox, "turns"), 2);
    assert_eq!(count(&sandbox, "ledger"), 2);
}

#[test]
fn max_cost_limits_all_answers_together() {
    let config =
        "llm_profiles:\n  p: {model: a/b, max_tokens: 1000, price: {input: 0, output: 100}}\n";
    let double = Double::start([sure("one", 0.9), sure("two", 0.8)]);
    let sandbox = Sandbox::with(&double).config(config);
    let refused = sandbox.run(["chat", "--alternatives", "3", "--max-cost", "0.25", "hi"]);
    refused.assert_failure(14).assert_stderr_has(
        "the 3 answers could cost $0.30 together, more than the cap of $0.25 (--max-cost)",
    );
    refused.assert_stderr_has("3 answers, each at most");
    assert_eq!(double.requests().len(), 0);
    sandbox
        .run(["chat", "--alternatives", "2", "--max-cost", "0.25", "hi"])
        .assert_code(0);
}

#[test]
fn the_daily_cap_limits_all_answers_together() {
    let config = "llm_profiles:\n  p: {model: a/b, max_tokens: 1000, price: {input: 0, output: 100}, max_cost: {per_day: 0.25}}\n";
    let double = Double::start([sure("one", 0.9), sure("two", 0.8)]);
    let sandbox = Sandbox::with(&double).config(config);
    let refused = sandbox.run(["chat", "--alternatives", "3", "hi"]);
    refused.assert_failure(14).assert_stderr_has(
        "the 3 answers could cost $0.30, but only $0.25 is left of today's cap of $0.25",
    );
    refused.assert_stderr_lacks("reserved for");
    assert_eq!(double.requests().len(), 0);
    sandbox
        .run(["chat", "--alternatives", "2", "hi"])
        .assert_code(0);
}

#[test]
fn each_answer_is_a_branch_and_the_best_is_continued() {
    let double = Double::start([
        sure("fair", 0.6),
        sure("best", 0.9),
        reply::stream(["more"]),
    ]);
    let sandbox = Sandbox::with(&double).config("");
    sandbox
        .run(["chat", "--alternatives", "2", "hi"])
        .assert_code(0);
    assert_eq!(
        (
            count(&sandbox, "sessions"),
            count(&sandbox, "turns"),
            count(&sandbox, "ledger WHERE turn IS NOT NULL")
        ),
        (1, 2, 2)
    );
    assert_eq!(count(&sandbox, "(SELECT DISTINCT turn FROM ledger)"), 2);
    sandbox.run(["chat", "-c", "go on"]).assert_code(0);
    let sent = double.requests()[2].json();
    let said: Vec<&str> = sent["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["hi", "best", "go on"]);
}

#[test]
fn a_conversation_is_continued() {
    let double = Double::start([reply::stream(["Ada."]), sure("one", 0.9), sure("two", 0.8)]);
    let sandbox = Sandbox::with(&double).config("");
    sandbox
        .run(["chat", "--session", "s", "who?"])
        .assert_code(0);
    assert_eq!(
        sandbox
            .run([
                "chat",
                "--session",
                "s",
                "--alternatives",
                "2",
                "--json",
                "why?"
            ])
            .json()["session"],
        "s"
    );
    assert_eq!(
        double.requests()[2].json()["messages"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert_eq!(
        (count(&sandbox, "sessions"), count(&sandbox, "turns")),
        (1, 3)
    );
}

#[test]
fn ctrl_c_keeps_what_is_complete() {
    let double = Double::start([
        sure("whole", 0.9),
        reply::stream(["half", "never"]).stall_after(1),
    ]);
    let sandbox = Sandbox::with(&double).config("");
    let running = sandbox.spawn(["chat", "--alternatives", "2", "--jsonl", "hi"]);
    running.wait_for(&Stream::Stdout, "\"type\":\"end\"");
    running.wait_for(&Stream::Stdout, "half");
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130);
    let lines = outcome.json_lines();
    let last = lines.iter().rfind(|line| line["type"] == "end").unwrap();
    assert_eq!(
        (
            last["alternatives"].as_array().unwrap().len(),
            last["failed"].as_array().unwrap().len()
        ),
        (1, 1)
    );
    assert_eq!(count(&sandbox, "ledger"), 2);
}

#[test]
fn events_have_the_number_of_their_answer() {
    let double = Double::start([
        reply::stream(["a", "a\n\nConfidence: ", "HIGH"]),
        reply::stream(["b", "b\nConfidence: LOW\n"]),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "2", "--jsonl", "hi"]);
    let lines = outcome.json_lines();
    let mut texts = [String::new(), String::new()];
    for line in lines.iter().filter(|line| line["type"] == "text") {
        let number = usize::try_from(line["alternative"].as_u64().unwrap()).unwrap();
        texts[number - 1].push_str(line["text"].as_str().unwrap());
    }
    texts.sort();
    assert_eq!(texts, ["aa", "bb"]);
    let ends: Vec<&Value> = lines.iter().filter(|line| line["type"] == "end").collect();
    assert_eq!(ends.len(), 3);
    assert!(
        ends[2].get("alternative").is_none() && ends[2]["cost_usd"] == 0.00084,
        "{outcome}"
    );
    assert_eq!(lines.last().unwrap(), ends[2]);
}

#[test]
fn a_key_command_runs_once_for_all_answers() {
    let double = Double::start([sure("one", 0.9), sure("two", 0.8), sure("three", 0.7)]);
    let sandbox = Sandbox::new();
    let home = sandbox.home().display().to_string();
    let key = crate::support::double::KEY;
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'cmd:{home}/key.sh'}}\n",
        double.base_url()
    );
    let sandbox = sandbox
        .script("key.sh", &format!("echo run >> {home}/runs\necho {key}"))
        .config(config);
    sandbox
        .run(["chat", "--alternatives", "3", "hi"])
        .assert_code(0);
    assert_eq!(
        std::fs::read_to_string(sandbox.home().join("runs")).unwrap(),
        "run\n"
    );
}

#[test]
fn notes_on_temperature_zero_and_retries_have_the_number() {
    let double = Double::start([
        reply::refusal(503, "overloaded").header("retry-after", "0"),
        sure("one", 0.9),
        sure("two", 0.8),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "2", "-t", "0", "hi"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("note: at temperature 0");
    let retried = outcome.stderr().lines().any(|line| {
        line.starts_with("note: 1: retrying in") || line.starts_with("note: 2: retrying in")
    });
    assert!(retried, "{outcome}");
}

#[test]
fn hostile_answers_stay_inert() {
    let double = Double::start([
        sure("a\u{1b}]52;c;ZXZpbA==\u{7}b", 0.9),
        reply::refusal(400, "no \u{1b}[2J way"),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "2", "hi"]);
    outcome.assert_code(13);
    let is_live = |c: char| c.is_control() && c != '\n';
    assert!(
        !outcome.stdout().contains(is_live) && !outcome.stderr().contains(is_live),
        "{outcome}"
    );
}

#[test]
fn the_demo_supports_alternatives_and_dry_run_sends_nothing() {
    let outcome = Sandbox::new().run(["chat", "-p", "demo", "--alternatives", "3", "hi"]);
    outcome.assert_code(0);
    assert!(
        outcome.stdout().starts_with("1. HIGH 0.93 (logprobs)\n")
            && outcome.stdout().contains("\n3. LOW 0.33 (logprobs)\n"),
        "{outcome}"
    );
    let declared = Sandbox::new().run([
        "chat",
        "-p",
        "demo",
        "-m",
        "demo/thinking",
        "--alternatives",
        "1",
        "hi",
    ]);
    assert!(
        declared.stdout().starts_with("1. MEDIUM (declared)\n")
            && !declared.stdout().contains("Confidence:"),
        "{declared}"
    );
    let double = Double::start([]);
    let body = Sandbox::with(&double)
        .run(["chat", "--alternatives", "3", "--dry-run", "hi"])
        .json();
    assert_eq!(
        (&body["logprobs"], &body["messages"][1]["content"]),
        (&json!(true), &json!("hi"))
    );
}
