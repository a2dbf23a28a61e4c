//! What follows when a server refuses a request: every row of `tests/data/refused_requests.yml`,
//! through the program.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::support::double::{Double, KEY, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// JSON pointers into a body, each with its value; null: absent.
type Fields = BTreeMap<String, Value>;

/// A row; the head of the file says what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default = "local")]
    provider: String,
    model: String,
    #[serde(default)]
    profile: BTreeMap<String, Value>,
    models: Option<Value>,
    #[serde(default)]
    arguments: Vec<String>,
    replies: Vec<Refusal>,
    #[serde(default = "yes")]
    answers: bool,
    sent: Vec<Fields>,
    #[serde(default)]
    exit: i32,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    again: Option<Fields>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    #[serde(default = "bad_request")]
    status: u16,
    body: Value,
}

fn local() -> String {
    "local".to_owned()
}

fn yes() -> bool {
    true
}

fn bad_request() -> u16 {
    400
}

impl Row {
    fn double(&self, script: Vec<Reply>) -> Double {
        if self.provider == "openrouter" {
            Double::start(script)
        } else {
            Double::compatible(script)
        }
    }

    /// An answer in the form that the last request asks for.
    fn answer(&self) -> Reply {
        let is_whole = |fields: &Fields| fields.get("/stream").is_some_and(Value::is_null);
        if self.sent.last().is_some_and(is_whole) {
            reply::whole("Hello")
        } else {
            reply::stream(["Hello"])
        }
    }

    fn sandbox(&self, double: &Double) -> Sandbox {
        let mut profile = self.profile.clone();
        let own = [
            ("provider", self.provider.clone()),
            ("model", self.model.clone()),
            ("base_url", double.base_url()),
            ("api_key", "${TEST_KEY}".to_owned()),
        ];
        profile.extend(own.map(|(name, value)| (name.to_owned(), value.into())));
        let config = serde_json::json!({"llm_profiles": {"p": profile}, "active_llm_profile": "p"});
        Sandbox::new()
            .env("TEST_KEY", KEY)
            .config(config.to_string())
    }

    /// Runs the row; what is wrong with it panics.
    fn execute(&self) {
        let refusals = self.replies.iter();
        let mut script: Vec<Reply> = refusals
            .map(|refusal| reply::json(refusal.body.clone()).status(refusal.status))
            .collect();
        script.extend(self.answers.then(|| self.answer()));
        script.extend(self.again.iter().map(|_| self.answer()));
        let mut double = self.double(script);
        if let Some(models) = self.models.clone() {
            let list = move || reply::json(models.clone());
            double = double.also(routes::get("/api/v1/models", list));
        }
        let sandbox = self.sandbox(&double);
        if self.models.is_some() {
            sandbox.run(["models", "sync"]).assert_code(0);
        }
        let outcome = self.ask(&sandbox);
        self.check_words(&outcome);
        let questions = questions(&double);
        check_fields(&self.sent, &questions, &outcome);
        let Some(again) = &self.again else { return };
        let outcome = self.ask(&sandbox);
        assert_eq!(outcome.lines_starting("note: "), 0, "{outcome}");
        let fresh = questions_after(&double, questions.len());
        check_fields(std::slice::from_ref(again), &fresh, &outcome);
    }

    fn ask(&self, sandbox: &Sandbox) -> Outcome {
        let arguments = self.arguments.iter().map(String::as_str);
        let outcome = sandbox.run(["chat"].into_iter().chain(arguments).chain(["hi"]));
        if self.exit == 0 {
            outcome.assert_code(0).assert_stdout("Hello\n");
        } else {
            outcome.assert_failure(self.exit).assert_stdout("");
        }
        outcome
    }

    fn check_words(&self, outcome: &Outcome) {
        let stderr = outcome.stderr();
        let words = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in self.notes.iter().chain(&self.stderr) {
            assert!(words.contains(text), "stderr lacks '{text}'\n{outcome}");
        }
        for text in &self.lacks {
            assert!(!words.contains(text), "stderr has '{text}'\n{outcome}");
        }
        assert_eq!(
            outcome.lines_starting("note: "),
            self.notes.len(),
            "another number of notes\n{outcome}"
        );
    }
}

fn questions(double: &Double) -> Vec<Recorded> {
    let requests = double.requests().into_iter();
    requests
        .filter(|request| request.request.method == "POST")
        .collect()
}

fn questions_after(double: &Double, count: usize) -> Vec<Recorded> {
    questions(double).split_off(count)
}

fn check_fields(expected: &[Fields], questions: &[Recorded], outcome: &Outcome) {
    assert_eq!(
        questions.len(),
        expected.len(),
        "another number of requests\n{outcome}"
    );
    for (number, (fields, question)) in expected.iter().zip(questions).enumerate() {
        let body = question.json();
        for (pointer, value) in fields {
            let sent = body.pointer(pointer).unwrap_or(&Value::Null);
            assert_eq!(
                sent, value,
                "{pointer} of request {number}: {body}\n{outcome}"
            );
        }
    }
}

/// Executes the rows with this in their name alone.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests are no part of the program, and their choice is given from outside"
)]
fn only() -> String {
    std::env::var("AMX_TEST_ROW").unwrap_or_default()
}

#[test]
fn every_refusal_is_followed_by_what_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/refused_requests.yml");
    let rows: Vec<Row> = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(rows.len() >= 50, "there are only {} rows", rows.len());
    let only = only();
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| row.name.contains(&only)) {
        if catch_unwind(AssertUnwindSafe(|| row.execute())).is_err() {
            wrong.push(&row.name);
        }
    }
    assert!(wrong.is_empty(), "wrong: {wrong:#?}");
}
