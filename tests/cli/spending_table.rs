//! Caps, costs and the ledger: every row of `tests/data/spending.yml`, through the program.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const CATALOGUE: &str = "/api/v1/models";

/// A row; the head of the file says what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    config: Option<String>,
    models: Option<BTreeMap<String, [f64; 2]>>,
    refused: Option<u16>,
    #[serde(default)]
    before: Vec<Vec<String>>,
    arguments: Vec<String>,
    answers: Option<Vec<Value>>,
    #[serde(default)]
    sent: BTreeMap<String, Value>,
    #[serde(default)]
    catalogue: usize,
    ledger: Option<Vec<(String, Option<f64>)>>,
    #[serde(default)]
    total: BTreeMap<String, Value>,
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    exit: i32,
}

/// An answer with this usage object.
fn answer(usage: &Value) -> Reply {
    let mut reply = reply::stream(["Hello"]);
    reply.answer.usage = (!usage.is_null()).then(|| usage.clone());
    reply
}

/// A model of the catalogue; prices in USD per million tokens.
fn listed((id, [input, output]): (&String, &[f64; 2])) -> Value {
    let per_token = |price: f64| {
        if price < 0.0 {
            "-1".to_owned()
        } else {
            format!("{:.12}", price / 1e6)
        }
    };
    json!({
        "id": id,
        "name": id,
        "context_length": 400_000,
        "pricing": {"prompt": per_token(*input), "completion": per_token(*output)},
    })
}

fn rows_of_ledger(sandbox: &Sandbox) -> Vec<(String, Option<f64>)> {
    let database = Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let mut statement = database
        .prepare("SELECT status, cost_usd FROM ledger ORDER BY id")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

impl Row {
    /// Runs the row; what is wrong with it panics.
    fn execute(&self) {
        let usual = vec![Value::Null];
        let answers = self.answers.as_ref().unwrap_or(&usual);
        let mut double = Double::start(answers.iter().map(answer));
        if let Some(models) = &self.models {
            double = double.also(routes::listed(models.iter().map(listed).collect()));
        }
        if let Some(status) = self.refused {
            double = double.also(routes::models_refused(status));
        }
        let sandbox = Sandbox::with(&double).env("TZ", "UTC");
        let sandbox = self.config.iter().fold(sandbox, Sandbox::config);
        for earlier in &self.before {
            sandbox.run(earlier).assert_code(0);
        }
        let outcome = sandbox.run(&self.arguments);
        if self.exit > 1 {
            outcome.assert_failure(self.exit);
        } else {
            outcome.assert_code(self.exit);
        }
        self.check_words(&outcome);
        self.check_requests(&double, answers.len(), &outcome);
        self.check_ledger(&sandbox, &outcome);
        let is_saved = self.config.is_some() || self.ledger.is_some();
        let folder = sandbox.home().join(".amx");
        assert_eq!(folder.exists(), is_saved, "{outcome}");
    }

    fn check_words(&self, outcome: &Outcome) {
        for word in &self.stdout {
            assert!(outcome.stdout().contains(word), "'{word}'\n{outcome}");
        }
        // An error is wrapped to the width of the terminal.
        let stderr = outcome.stderr();
        let stderr = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in &self.stderr {
            assert!(stderr.contains(word), "'{word}'\n{outcome}");
        }
        for word in &self.lacks {
            assert!(!stderr.contains(word), "'{word}'\n{outcome}");
        }
    }

    fn check_requests(&self, double: &Double, answers: usize, outcome: &Outcome) {
        let requests = double.requests();
        let (lists, questions): (Vec<_>, Vec<_>) = requests
            .iter()
            .partition(|request| request.request.path == CATALOGUE);
        assert_eq!(lists.len(), self.catalogue, "{outcome}");
        // OpenRouter lists its models without a key.
        assert!(
            lists
                .iter()
                .all(|list| list.header("authorization").is_empty())
        );
        assert_eq!(questions.len(), answers, "{outcome}");
        for (pointer, expected) in &self.sent {
            let body = questions.last().unwrap().json();
            let sent = body.pointer(pointer).unwrap_or(&Value::Null);
            assert_eq!(sent, expected, "{pointer} of {body}\n{outcome}");
        }
    }

    fn check_ledger(&self, sandbox: &Sandbox, outcome: &Outcome) {
        if let Some(expected) = &self.ledger {
            assert_eq!(&rows_of_ledger(sandbox), expected, "{outcome}");
        }
        if self.total.is_empty() {
            return;
        }
        let usage = sandbox.run(["usage", "--json"]).json();
        for (pointer, expected) in &self.total {
            let found = usage.pointer(pointer);
            assert_eq!(found, Some(expected), "{pointer} of {usage}");
        }
    }
}

#[test]
fn every_row_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/spending.yml");
    let rows: Vec<Row> = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(rows.len() >= 25, "only {} rows were found", rows.len());
    let wrong = |row: &&Row| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| row.execute())).is_err()
    };
    let wrong: Vec<&str> = rows
        .iter()
        .filter(wrong)
        .map(|row| row.name.as_str())
        .collect();
    assert!(wrong.is_empty(), "wrong: {wrong:#?}");
}
