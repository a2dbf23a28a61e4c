//! Several answers at once, where one of them takes more than one exchange: the recording, the
//! caps, who answered, and how it is told.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

const ADA: &str = r#"{"name":"Ada"}"#;

fn busy() -> Reply {
    reply::refusal(503, "overloaded").header("retry-after", "0")
}

/// The models that were asked, sorted.
fn models(double: &Double) -> Vec<String> {
    let mut models: Vec<String> = double
        .requests()
        .iter()
        .map(|request| request.json()["model"].as_str().unwrap().to_owned())
        .collect();
    models.sort();
    models
}

fn times(double: &Double, model: &str) -> usize {
    models(double)
        .iter()
        .filter(|asked| *asked == model)
        .count()
}

/// A sandbox with these profiles, all of them at the double.
fn profiles(double: &Double, profiles: &[(&str, &str)]) -> Sandbox {
    let profile = |(name, fields): &(&str, &str)| {
        format!(
            "  {name}: {{base_url: '{}', api_key: '${{TEST_KEY}}', {fields}}}\n",
            double.base_url()
        )
    };
    let profiles: String = profiles.iter().map(profile).collect();
    Sandbox::new()
        .env("TEST_KEY", KEY)
        .config(format!("llm_profiles:\n{profiles}"))
}

/// The lines of `--jsonl` of this type.
fn of_type(outcome: &Outcome, kind: &str) -> Vec<Value> {
    outcome
        .json_lines()
        .into_iter()
        .filter(|line| line["type"] == kind)
        .collect()
}

/// Records, and replays without provider and key.
fn recorded_and_replayed(double: &Double, arguments: &[&str]) -> (Sandbox, Outcome, Outcome) {
    let sandbox = Sandbox::with(double);
    let recorded = sandbox.run(arguments.iter().chain(&["--record", "run.jsonl"]));
    let sandbox = sandbox
        .env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
        .without("OPENROUTER_API_KEY");
    let replayed = sandbox.run(arguments.iter().chain(&["--replay", "run.jsonl"]));
    (sandbox, recorded, replayed)
}

/// The exchanges of the recording.
fn exchanges(sandbox: &Sandbox) -> Vec<Value> {
    let text = std::fs::read_to_string(sandbox.home().join("run.jsonl")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn answers_that_took_several_exchanges_are_replayed() {
    // While the first waits to ask again, the other one is answered.
    let slow = reply::refusal(503, "overloaded")
        .header("retry-after", "1")
        .only_for("a/ra");
    let double = Double::start([
        slow,
        reply::stream(["first"]).only_for("a/ra"),
        reply::stream(["second"]).only_for("a/rb"),
    ]);
    let (sandbox, recorded, replayed) = recorded_and_replayed(
        &double,
        &["compare", "-m", "a/ra", "-m", "a/rb", "--json", "hi"],
    );
    recorded.assert_code(0);
    replayed.assert_code(0);
    let contents = |outcome: &Outcome| [0, 1].map(|index| outcome.json()[index]["content"].clone());
    assert_eq!(
        (contents(&recorded), contents(&replayed)),
        (
            ["first", "second"].map(Value::from),
            ["first", "second"].map(Value::from)
        )
    );
    let mut lanes: Vec<String> = exchanges(&sandbox)
        .iter()
        .map(|exchange| {
            format!(
                "{} {}",
                exchange["request"]["body"]["model"], exchange["lane"]
            )
        })
        .collect();
    lanes.sort();
    assert_eq!(lanes, ["\"a/ra\" 1", "\"a/ra\" 1", "\"a/rb\" 2"]);
}

#[test]
fn each_lane_of_a_recording_is_one_answer() {
    let (bad, good) = (
        reply::refusal(400, "response_format is not supported"),
        reply::stream([ADA]),
    );
    let script = ["a/ra", "a/rb"]
        .into_iter()
        .flat_map(|model| [bad.clone().only_for(model), good.clone().only_for(model)]);
    let double = Double::start(script);
    let (sandbox, recorded, replayed) = recorded_and_replayed(
        &double,
        &[
            "compare", "-m", "a/ra", "-m", "a/rb", "--schema", "name str", "--json", "hi",
        ],
    );
    recorded.assert_code(0);
    replayed.assert_code(0);
    assert_eq!(
        [0, 1].map(|index| replayed.json()[index]["structured"]["name"].clone()),
        ["Ada", "Ada"]
    );
    // What is asked beyond that is missed in its own lane.
    let text = std::fs::read_to_string(sandbox.home().join("run.jsonl")).unwrap();
    let short: String = text
        .split_inclusive('\n')
        .filter(|line| !(line.contains("\"lane\":2") && line.contains("Receives the answer")))
        .collect();
    let sandbox = sandbox.file("run.jsonl", short);
    let missed = sandbox.run([
        "compare",
        "-m",
        "a/ra",
        "-m",
        "a/rb",
        "--schema",
        "name str",
        "--replay",
        "run.jsonl",
        "hi",
    ]);
    missed
        .assert_failure(13)
        .assert_stderr_has("run.jsonl has 1 exchange of answer 2, no exchange 2");
    assert!(
        missed.stdout().contains("\n1. a/ra\n{\"name\":\"Ada\"}\n"),
        "{missed}"
    );
}

#[test]
fn a_recording_without_lanes_is_still_replayed() {
    let double = Double::start([
        reply::stream(["first"]).only_for("a/one"),
        reply::stream(["second"]).only_for("b/two"),
    ]);
    let arguments = ["compare", "-m", "a/one", "-m", "b/two", "--json", "hi"];
    let (sandbox, recorded, _) = recorded_and_replayed(&double, &arguments);
    recorded.assert_code(0);
    let text = std::fs::read_to_string(sandbox.home().join("run.jsonl")).unwrap();
    let without = text.replace("\"lane\":1,", "").replace("\"lane\":2,", "");
    assert_ne!(text, without);
    let replayed = sandbox
        .file("run.jsonl", without)
        .run(arguments.iter().chain(&["--replay", "run.jsonl"]));
    assert_eq!(
        [0, 1].map(|index| replayed.json()[index]["content"].clone()),
        ["first", "second"]
    );
}

#[test]
fn profiles_that_failed_are_not_asked_again_after_a_refused_form() {
    let refused = reply::refusal(400, "response_format is not supported").only_for("b/fb");
    let script = (0..4).map(|_| busy().only_for("a/fa"));
    let script = script.chain([
        refused,
        reply::stream([ADA]).only_for("b/fb"),
        reply::stream([r#"{"name":"Alan"}"#]).only_for("c/back"),
    ]);
    let double = Double::start(script);
    let sandbox = profiles(
        &double,
        &[
            ("fa", "model: a/fa, fallback_profiles: [fb]"),
            ("fb", "model: b/fb"),
            ("back", "model: c/back"),
        ],
    );
    let outcome = sandbox.run([
        "compare", "-p", "fa", "-p", "back", "--schema", "name str", "--json", "hi",
    ]);
    outcome.assert_code(0);
    assert_eq!(
        [0, 1].map(|index| outcome.json()[index]["structured"]["name"].clone()),
        ["Ada", "Alan"]
    );
    assert_eq!(
        (
            outcome.json()[0]["requested_model"].clone(),
            outcome.json()[0]["profile"].clone()
        ),
        (json!("a/fa"), json!("fb"))
    );
    assert_eq!([times(&double, "a/fa"), times(&double, "b/fb")], [4, 2]);
}

#[test]
fn profiles_that_failed_are_not_asked_again_without_log_probabilities() {
    let refused = reply::refusal(400, "logprobs: not supported").only_for("b/fb");
    let script = (0..4).map(|_| busy().only_for("a/fa")).chain([
        refused,
        reply::stream(["Yes.\nConfidence: HIGH"]).only_for("b/fb"),
    ]);
    let double = Double::start(script);
    let sandbox = profiles(
        &double,
        &[
            ("fa", "model: a/fa, fallback_profiles: [fb]"),
            ("fb", "model: b/fb"),
        ],
    );
    sandbox
        .run(["chat", "-p", "fa", "--alternatives", "1", "hi"])
        .assert_code(0)
        .assert_stdout("1. HIGH (declared)\nYes.\n");
    assert_eq!([times(&double, "a/fa"), times(&double, "b/fb")], [4, 2]);
}

#[test]
fn asking_in_another_form_stays_within_the_cap_of_each_answer() {
    // Each request counts as its worst case, 0.04 and a little, while its cost is unknown.
    let priced = "max_tokens: 1000, price: {input: 1, output: 40}, max_cost: {per_request: 0.05}";
    let refused = reply::refusal(400, "response_format is not supported").only_for("b/fb");
    let double = Double::start([
        reply::empty().only_for("a/fa"),
        refused,
        reply::stream([ADA]).only_for("b/fb"),
        reply::stream([ADA]).only_for("c/back"),
    ]);
    let first = format!("model: a/fa, fallback_profiles: [fb], {priced}");
    let sandbox = profiles(
        &double,
        &[
            ("fa", &first),
            ("fb", &format!("model: b/fb, {priced}")),
            ("back", "model: c/back"),
        ],
    );
    sandbox
        .run([
            "compare", "-p", "fa", "-p", "back", "--schema", "name str", "hi",
        ])
        .assert_code(0);
    assert_eq!(times(&double, "a/fa"), 1);
}

#[test]
fn the_shared_cap_includes_fallback_profiles() {
    let priced = "max_tokens: 1000, price: {input: 1, output: 40}";
    let double = Double::start([
        reply::empty().only_for("a/ca"),
        reply::empty().only_for("a/ca"),
    ]);
    let sandbox = profiles(
        &double,
        &[
            (
                "ca",
                &format!("model: a/ca, fallback_profiles: [cb], {priced}"),
            ),
            ("cb", &format!("model: b/cb, {priced}")),
        ],
    );
    let outcome = sandbox.run([
        "chat",
        "-p",
        "ca",
        "--alternatives",
        "2",
        "--max-cost",
        "0.09",
        "hi",
    ]);
    outcome.assert_failure(8);
    assert_eq!(models(&double), ["a/ca", "a/ca"]);
    // With room for both, it is asked.
    let double = Double::start([
        busy().only_for("a/ca"),
        busy().only_for("a/ca"),
        busy().only_for("a/ca"),
        busy().only_for("a/ca"),
        reply::stream(["Yes"]),
    ]);
    let sandbox = profiles(
        &double,
        &[
            (
                "ca",
                &format!("model: a/ca, fallback_profiles: [cb], {priced}"),
            ),
            ("cb", &format!("model: b/cb, {priced}")),
        ],
    );
    sandbox
        .run([
            "chat",
            "-p",
            "ca",
            "--alternatives",
            "1",
            "--max-cost",
            "0.05",
            "hi",
        ])
        .assert_code(0);
    assert_eq!(times(&double, "b/cb"), 1);
}

#[test]
fn another_model_that_answered_is_reported_in_the_list() {
    let double = Double::start([
        reply::stream(["first"])
            .only_for("a/srv")
            .served_by("c/d", "Cloud"),
        reply::stream(["second"]).only_for("b/two"),
    ]);
    let outcome = Sandbox::with(&double).run(["compare", "-m", "a/srv,c/d", "-m", "b/two", "hi"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("note: 1: answered by c/d (asked for a/srv)");
    assert_eq!(outcome.lines_starting("note: "), 1, "{outcome}");
    let double = Double::start([reply::stream(["first"]).served_by("c/d", "Cloud")]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "a/srv", "--alternatives", "1", "hi"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("note: 1: answered by c/d (asked for a/srv)");
}

#[test]
fn a_comparison_has_the_confidence_of_each_answer() {
    let sure = |text: &'static str, model| {
        reply::stream([text])
            .logprobs([0.9_f64.ln()])
            .only_for(model)
    };
    let double = Double::start([
        sure("first", "a/one"),
        reply::stream(["second"]).only_for("b/two"),
    ]);
    let outcome = Sandbox::with(&double).run([
        "compare",
        "-m",
        "a/one",
        "-m",
        "b/two",
        "-o",
        "logprobs=true",
        "--json",
        "hi",
    ]);
    outcome.assert_code(0);
    let confidence = outcome.json()[0]["confidence"].clone();
    assert_eq!(
        (&confidence["bucket"], &confidence["source"]),
        (&json!("HIGH"), &json!("logprobs")),
        "{outcome}"
    );
    assert_eq!(outcome.json()[1]["confidence"], Value::Null);
}

#[test]
fn an_answer_that_never_started_is_listed_after_ctrl_c() {
    let waiting = ["m/2", "m/3", "m/4", "m/5", "m/6"].map(|model| {
        reply::stream(["half", "never"])
            .only_for(model)
            .stall_after(1)
    });
    let double = Double::start(
        [reply::stream(["whole"]).only_for("m/1")]
            .into_iter()
            .chain(waiting),
    );
    let sandbox = profiles(&double, &[("p", "model: m/1")]);
    let models = ["m/1", "m/2", "m/3", "m/4", "m/5", "m/6", "m/7"];
    let running = sandbox.spawn(
        ["compare", "--json", "hi", "-p", "p"]
            .into_iter()
            .chain(models.iter().flat_map(|model| ["-m", model])),
    );
    // The sixth is asked when the first is complete; the seventh waits.
    double.wait_for_requests(6);
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130);
    let last = outcome.json()[6].clone();
    assert_eq!(
        [
            &last["profile"],
            &last["provider"],
            &last["requested_model"]
        ],
        ["p", "openrouter", "m/7"],
        "{outcome}"
    );
    assert_eq!(
        (&last["attempts"], &last["error"]["message"]),
        (&json!([]), &json!("stopped"))
    );
}

#[test]
fn after_ctrl_c_the_progress_lines_have_each_outcome() {
    let double = Double::start([
        reply::stream(["whole"]),
        reply::stream(["half", "never"]).stall_after(1),
    ]);
    let running = Sandbox::with(&double).spawn(["chat", "--alternatives", "2", "--jsonl", "hi"]);
    running.wait_for(&Stream::Stdout, "\"type\":\"end\"");
    running.wait_for(&Stream::Stdout, "half");
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130);
    let errors = of_type(&outcome, "error");
    let ended = of_type(&outcome, "end")
        .into_iter()
        .chain(errors.clone())
        .filter_map(|line| line["alternative"].as_u64());
    let mut ended: Vec<u64> = ended.collect();
    ended.sort_unstable();
    assert_eq!(ended, [1, 2], "{outcome}");
    assert_eq!(
        (errors.len(), outcome.json_lines().last()),
        (2, errors.last()),
        "{outcome}"
    );
    for line in &errors {
        assert_eq!(
            [
                &line["error"]["kind"],
                &line["error"]["message"],
                &line["error"]["hint"]
            ],
            [&json!("signal"), &json!("stopped"), &Value::Null],
            "{outcome}"
        );
    }
}

#[test]
fn a_value_stands_on_one_line_in_a_pipe() {
    let double = Double::start([
        reply::stream([ADA]).only_for("a/one"),
        reply::stream([ADA]).only_for("b/two"),
    ]);
    let outcome = Sandbox::with(&double).run([
        "compare", "-m", "a/one", "-m", "b/two", "--schema", "name str", "hi",
    ]);
    assert!(
        outcome
            .stdout()
            .ends_with("\n1. a/one\n{\"name\":\"Ada\"}\n\n2. b/two\n{\"name\":\"Ada\"}\n"),
        "{outcome}"
    );
}

#[test]
fn a_profile_starts_once_however_often_it_is_asked() {
    // A form that is refused, then a bad answer, then a good one.
    let double = Double::start([
        reply::refusal(400, "response_format is not supported"),
        reply::stream(["no JSON"]),
        reply::stream([ADA]),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--schema", "name str", "--jsonl", "hi"]);
    outcome.assert_code(0);
    assert_eq!(
        (
            of_type(&outcome, "start").len(),
            of_type(&outcome, "retry").len()
        ),
        (1, 2),
        "{outcome}"
    );
    assert_eq!(of_type(&outcome, "text")[0]["text"], ADA);
    let double = Double::start([
        reply::refusal(400, "logprobs: not supported"),
        reply::stream(["Yes.\nConfidence: HIGH"]),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--alternatives", "1", "--jsonl", "hi"]);
    assert_eq!(
        (
            of_type(&outcome, "start").len(),
            of_type(&outcome, "retry").len()
        ),
        (1, 1),
        "{outcome}"
    );
}
