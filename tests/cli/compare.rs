//! `amx compare`: the same question to several, at once, in the order given.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::gate::Gate;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::{Sandbox, files_below};

const TWO: [&str; 6] = ["compare", "-m", "a/one", "-m", "b/two", "hi"];

fn one() -> Reply {
    reply::stream(["first"])
        .only_for("a/one")
        .usage(10, 100, 0, 0.25)
}

fn two() -> Reply {
    reply::stream(["second"])
        .only_for("b/two")
        .usage(20, 200, 0, 0.5)
}

#[test]
fn requests_run_in_parallel_and_answers_keep_the_given_order() {
    let gate = Gate::default();
    // The second is answered first.
    let double = Double::start([one().gate_after(0, &gate), two()]);
    let running = Sandbox::with(&double).spawn(TWO);
    double.wait_for_requests(2);
    gate.open();
    let outcome = running.wait();
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        [
            "MODEL", "FIRST", "TOTAL", "IN", "OUT", "TOK/S", "COST", "FINISH"
        ]
    );
    assert!(
        lines[1].starts_with("1. a/one")
            && lines[1].contains("  10  100  ")
            && lines[1].ends_with("$0.25  stop"),
        "{outcome}"
    );
    assert!(
        lines[2].starts_with("2. b/two") && lines[2].ends_with("$0.50  stop"),
        "{outcome}"
    );
    assert_eq!(
        lines[3..],
        ["", "1. a/one", "first", "", "2. b/two", "second"]
    );
    let bodies: Vec<Value> = double
        .requests()
        .iter()
        .map(|request| request.json()["messages"].clone())
        .collect();
    assert_eq!(bodies[0], json!([{"role": "user", "content": "hi"}]));
    assert_eq!(bodies[0], bodies[1]);
}

#[test]
fn json_is_a_list_of_the_usual_objects() {
    let double = Double::start([one(), two()]);
    let outcome = Sandbox::with(&double).run(TWO.iter().chain(&["--json"]));
    outcome.assert_code(0);
    let list = outcome.json();
    assert_eq!(
        [&list[0]["content"], &list[1]["content"]],
        ["first", "second"]
    );
    assert_eq!(
        (&list[0]["requested_model"], &list[1]["cost_usd"]),
        (&json!("a/one"), &json!(0.5))
    );
    assert!(
        list[0]["timing"]["total_ms"].is_u64()
            && list[0]["tokens_per_second"].is_f64()
            && list[0].get("error").is_none(),
        "{outcome}"
    );
}

#[test]
fn profiles_use_their_own_models_or_the_ones_that_follow() {
    let first = Double::start([one(), reply::stream(["third"]).only_for("c/three")]);
    let second = Double::start([two()]);
    let config = format!(
        "llm_profiles:\n  x: {{model: x/own, base_url: '{}', api_key: '${{TEST_KEY}}'}}\n  y: {{model: b/two, base_url: '{}', api_key: '${{TEST_KEY}}'}}\n\
         active_llm_profile: x\n",
        first.base_url(),
        second.base_url()
    );
    let sandbox = Sandbox::new()
        .env("TEST_KEY", KEY)
        .env("AMX_MODEL", "not/this")
        .config(config);
    let outcome = sandbox.run([
        "compare", "-m", "a/one", "-p", "y", "-p", "x", "-m", "c/three", "hi",
    ]);
    outcome.assert_code(0);
    for heading in [
        "\n1. a/one (x)\nfirst\n",
        "\n2. b/two (y)\nsecond\n",
        "\n3. c/three (x)\nthird\n",
    ] {
        assert!(outcome.stdout().contains(heading), "{heading}\n{outcome}");
    }
}

#[test]
fn a_failed_answer_does_not_affect_the_others() {
    let refused = || reply::refusal(402, "Insufficient credits.").only_for("a/one");
    let double = Double::start([refused(), two(), refused(), two()]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(TWO);
    outcome
        .assert_failure(13)
        .assert_stderr_has("error: 1 of 2 answers failed");
    assert!(
        outcome.stdout().contains("failed (402)")
            && outcome.stdout().ends_with("\n2. b/two\nsecond\n"),
        "{outcome}"
    );
    assert!(
        outcome.stdout().contains(
            "\n1. a/one: failed: the account has no credits left (402): Insufficient credits.\n"
        ),
        "{outcome}"
    );
    let json = sandbox.run(TWO.iter().chain(&["--json"]));
    assert_eq!(
        (
            &json.json()[0]["error"]["status"],
            &json.json()[1]["content"]
        ),
        (&json!(402), &json!("second"))
    );
    json.json_failure(13);
}

#[test]
fn when_all_fail_the_error_is_that_of_the_first() {
    let double = Double::start([
        reply::refusal(402, "Insufficient credits.").only_for("a/one"),
        reply::refusal(404, "No such").only_for("b/two"),
    ]);
    Sandbox::with(&double)
        .run(TWO)
        .assert_failure(7)
        .assert_stdout("")
        .assert_stderr_has("no credits");
}

#[test]
fn two_answers_are_required_and_can_be_of_one_model() {
    let none = Double::start([]);
    for arguments in [
        &["compare", "hi"][..],
        &["compare", "-m", "a/one", "hi"],
        &["compare", "-p", "demo", "-m", "a/one", "hi"],
    ] {
        Sandbox::with(&none)
            .run(arguments)
            .assert_failure(2)
            .assert_stderr_has("at least two");
    }
    let double = Double::start([one(), one()]);
    let outcome = Sandbox::with(&double).run(["compare", "-m", "a/one", "-m", "a/one", "hi"]);
    assert!(
        outcome
            .stdout()
            .contains("\n1. a/one\nfirst\n\n2. a/one\nfirst\n"),
        "{outcome}"
    );
}

#[test]
fn the_flags_of_chat_apply_to_all_answers() {
    let double = Double::start([
        reply::whole("first").only_for("a/one"),
        reply::whole("second").only_for("b/two"),
    ]);
    let sandbox = Sandbox::with(&double)
        .file("note.txt", "attached")
        .stdin("piped");
    let flags = [
        "-s",
        "Be brief.",
        "-t",
        "0.5",
        "--max-tokens",
        "77",
        "--no-stream",
        "-o",
        "seed=7",
        "-f",
        "note.txt",
    ];
    sandbox.run(TWO.iter().chain(&flags)).assert_code(0);
    for request in double.requests() {
        let body = request.json();
        assert_eq!(
            (&body["temperature"], &body["max_tokens"], &body["seed"]),
            (&json!(0.5), &json!(77), &json!(7))
        );
        assert_eq!(
            body["messages"][0],
            json!({"role": "system", "content": "Be brief."})
        );
        assert!(
            body["messages"][1]["content"]
                .to_string()
                .contains("hi\\n\\npiped"),
            "{body}"
        );
    }
}

#[test]
fn a_template_applies_to_all_and_a_recording_replays_all() {
    let schema = "---\nsystem: Be brief.\nschema: name str\n---\nWho wrote {{what}}?\n";
    let (ada, alan) = (r#"{"name":"Ada"}"#, r#"{"name":"Alan"}"#);
    let gate = Gate::default();
    let double = Double::start([
        reply::stream([ada]).only_for("a/one").gate_after(0, &gate),
        reply::stream([alan]).only_for("b/two"),
    ]);
    let sandbox = Sandbox::with(&double).config("{}");
    std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
    let sandbox = sandbox.file(".amx/templates/who.md", schema);
    let arguments = [
        "compare",
        "--template",
        "who",
        "--var",
        "what=it",
        "-m",
        "a/one",
        "-m",
        "b/two",
        "--json",
    ];
    let running = sandbox.spawn(arguments.iter().chain(&["--record", "run.jsonl"]));
    double.wait_for_requests(2);
    gate.open();
    let outcome = running.wait();
    let values =
        |outcome: &Outcome| [0, 1].map(|index| outcome.json()[index]["structured"]["name"].clone());
    assert_eq!(values(&outcome), ["Ada", "Alan"], "{outcome}");
    for request in double.requests() {
        assert_eq!(
            (&request.json()["messages"][0]["content"], request.prompt()),
            (&json!("Be brief."), json!("Who wrote it?"))
        );
    }
    let alone = sandbox
        .env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1")
        .without("OPENROUTER_API_KEY");
    let replayed = alone.run(arguments.iter().chain(&["--replay", "run.jsonl"]));
    assert_eq!(
        (values(&replayed), &replayed.json()[0]["replayed"]),
        (["Ada", "Alan"].map(Value::from), &json!(true)),
        "{replayed}"
    );
}

#[test]
fn a_named_profile_ignores_the_model_of_the_template() {
    let double = Double::start([one(), two()]);
    let sandbox =
        Sandbox::with(&double).config("llm_profiles: {x: {model: a/one}, y: {model: b/two}}\n");
    std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
    let sandbox = sandbox.file(".amx/templates/tm.md", "---\nmodel: c/third\n---\nhi\n");
    sandbox
        .run(["compare", "--template", "tm", "-p", "x", "-p", "y"])
        .assert_code(0);
    let asked: Vec<Value> = double
        .requests()
        .iter()
        .map(|request| request.json()["model"].clone())
        .collect();
    assert!(
        asked.contains(&json!("a/one")) && asked.contains(&json!("b/two")),
        "{asked:?}"
    );
}

#[test]
fn an_unsupported_parameter_is_omitted_with_one_warning() {
    let model = |id: &str| json!({"id": id, "context_length": 9000, "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["max_tokens"]});
    let double =
        Double::start([one(), two()]).also(routes::listed(vec![model("a/one"), model("b/two")]));
    let sandbox = Sandbox::with(&double).config("{}");
    sandbox.run(["models", "sync"]).assert_code(0);
    let outcome = sandbox.run(TWO.iter().chain(&["--seed", "7"]));
    outcome
        .assert_code(0)
        .assert_stderr_has("a/one does not support seed; not sent")
        .assert_stderr_has("b/two does not support seed; not sent");
    let refused = sandbox.run(TWO.iter().chain(&["--seed", "7", "--strict"]));
    refused
        .assert_failure(2)
        .assert_stderr_has("a/one does not support seed");
    for request in double
        .requests()
        .iter()
        .filter(|request| request.request.path == reply::CHAT)
    {
        assert_eq!(request.json().get("seed"), None);
    }
}

#[test]
fn the_cap_limits_all_answers_together() {
    let config =
        "llm_profiles:\n  p: {model: a/b, max_tokens: 1000, price: {input: 0, output: 100}}\n";
    let none = Double::start([]);
    let outcome = Sandbox::with(&none)
        .config(config)
        .run(TWO.iter().chain(&["--max-cost", "0.15"]));
    outcome
        .assert_failure(14)
        .assert_stderr_has("the 2 answers could cost $0.20 together");
}

#[test]
fn a_key_command_runs_once_for_each_profile() {
    let double = Double::start([one(), two(), reply::stream(["third"]).only_for("c/three")]);
    let sandbox = Sandbox::new();
    let home = sandbox.home().display().to_string();
    let profile = |name: &str| {
        format!(
            "  {name}: {{model: c/three, base_url: '{}', api_key: 'cmd:{home}/key.sh'}}\n",
            double.base_url()
        )
    };
    let config = format!("llm_profiles:\n{}{}", profile("p"), profile("q"));
    let sandbox = sandbox
        .script("key.sh", &format!("echo run >> {home}/runs\necho {KEY}"))
        .config(config);
    sandbox
        .run([
            "compare", "-p", "p", "-m", "a/one", "-m", "b/two", "-p", "q", "hi",
        ])
        .assert_code(0);
    assert_eq!(
        std::fs::read_to_string(sandbox.home().join("runs")).unwrap(),
        "run\nrun\n"
    );
}

#[test]
fn each_request_is_in_the_ledger_and_no_session_is_saved() {
    let double = Double::start([one(), two()]);
    let sandbox = Sandbox::with(&double).config("");
    sandbox.run(TWO).assert_code(0);
    let usage = sandbox.run(["usage", "--by", "model", "--json"]).json();
    assert_eq!(
        (&usage["total"]["requests"], &usage["total"]["cost_usd"]),
        (&json!(2), &json!(0.75))
    );
    assert_eq!(
        sandbox.run(["sessions", "list", "--json"]).json(),
        json!([])
    );
}

#[test]
fn without_a_configuration_folder_nothing_is_written() {
    let double = Double::start([one(), two()]);
    let sandbox = Sandbox::with(&double);
    sandbox.run(TWO).assert_code(0);
    assert!(files_below(sandbox.home()).is_empty());
}

#[test]
fn at_most_five_requests_run_in_parallel() {
    let gate = Gate::default();
    let models = ["m/1", "m/2", "m/3", "m/4", "m/5", "m/6", "m/7"];
    let double = Double::start(
        models.map(|model| reply::stream([model]).only_for(model).gate_after(0, &gate)),
    );
    let arguments = models.iter().flat_map(|model| ["-m", model]);
    let running = Sandbox::with(&double).spawn(["compare", "hi"].into_iter().chain(arguments));
    double.wait_for_requests(5);
    let first: Vec<Value> = double
        .requests()
        .iter()
        .map(|request| request.json()["model"].clone())
        .collect();
    assert!(
        !first.contains(&json!("m/6")) && !first.contains(&json!("m/7")),
        "{first:?}"
    );
    gate.open();
    running.wait().assert_code(0);
    assert_eq!(double.requests().len(), 7);
}

#[test]
fn ctrl_c_stops_all_answers() {
    let double = Double::start([
        one(),
        reply::stream(["half", "never"])
            .only_for("b/two")
            .stall_after(1),
    ]);
    let running = Sandbox::with(&double).spawn(TWO);
    double.wait_for_requests(2);
    running.signal("INT");
    running.wait().assert_code(130).assert_stderr_lacks("error");
    double.wait_for_disconnect();
}

#[test]
fn the_demo_can_be_compared() {
    let outcome = Sandbox::new().run([
        "compare",
        "-p",
        "demo",
        "-m",
        "demo/scripted",
        "-m",
        "demo/thinking",
        "hi",
    ]);
    outcome.assert_code(0);
    assert!(
        outcome
            .stdout()
            .contains("\n1. demo/scripted\nThis answer is")
            && outcome.stdout().contains("\n2. demo/thinking\n"),
        "{outcome}"
    );
}
