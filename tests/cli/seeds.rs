//! What documents of other systems promise, as far as amx can express it: every row of
//! `tests/data/seeds.yml`, through the program.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes::{self, Route};
use crate::support::sandbox::Sandbox;

/// Documents that rows are made of.
const DOCUMENTS: usize = 5;

/// A row; the head of the file says what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    source: String,
    config: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    before: Vec<Vec<String>>,
    arguments: Option<Vec<String>>,
    agent: Option<String>,
    #[serde(default)]
    routes: Vec<String>,
    answers: Option<Vec<Answer>>,
    requests: Option<usize>,
    #[serde(default)]
    sent: BTreeMap<String, Value>,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    holds: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    exit: i32,
    because: Option<String>,
    elsewhere: Option<String>,
}

/// How the double answers one question.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Answer {
    /// A stream with this text.
    text: Option<String>,
    /// One body with this text.
    whole: Option<String>,
    /// Thoughts before the text.
    thinks: Option<String>,
    finish: Option<String>,
    /// The model that answers, where it is not the one that was asked.
    served: Option<String>,
    /// A call of this tool instead of a text.
    tool: Option<String>,
    /// A refusal with this status.
    refuse: Option<u16>,
    words: String,
    /// `Retry-After` of a refusal.
    after: Option<String>,
    /// The refusal of a rule that the request breaks.
    rule: bool,
    /// No answer at all.
    silent: bool,
}

impl Answer {
    fn reply(&self) -> Reply {
        if self.rule {
            return reply::refused_by_rule();
        }
        if self.silent {
            return reply::silence();
        }
        if let Some(status) = self.refuse {
            let refusal = reply::refusal(status, &self.words);
            return self.after.iter().fold(refusal, |refusal, after| {
                refusal.header("retry-after", after)
            });
        }
        if let Some(text) = &self.whole {
            return reply::whole(text);
        }
        let mut stream = reply::stream([self.text.as_deref().unwrap_or_default()])
            .reasoning(self.thinks.as_deref());
        if self.finish.as_deref() == Some("length") {
            stream = stream.finish("length").usage(11, 32_768, 32_768, 0.01);
        }
        if let Some(name) = &self.tool {
            stream = stream.finish("tool_calls").tool(json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}));
        }
        self.served.iter().fold(stream, |stream, model| {
            stream.served_by(model, "Scripted Cloud")
        })
    }
}

fn route(name: &str) -> Route {
    match name {
        "models" => routes::models(),
        "key" => routes::key(),
        "credits" => routes::credits(200),
        "endpoints-of-llama" => routes::get(
            "/api/v1/models/meta-llama/llama-3.1-70b-instruct/endpoints",
            || reply::json(json!({"data": {"id": "x", "endpoints": []}})),
        ),
        other => panic!("there is no endpoint '{other}'"),
    }
}

impl Row {
    /// Runs the row; what is wrong with it panics.
    fn execute(&self) {
        let arguments = self.arguments.as_ref().unwrap();
        let usual = vec![Answer {
            text: Some("Hello".to_owned()),
            ..Answer::default()
        }];
        let answers = self.answers.as_ref().unwrap_or(&usual);
        let mut double = Double::start(answers.iter().map(Answer::reply));
        if let Some(agent) = &self.agent {
            double = double.agent(agent);
        }
        let double = self
            .routes
            .iter()
            .fold(double, |double, name| double.also(route(name)));
        let mut sandbox = Sandbox::new();
        let home = sandbox.home().display().to_string();
        let filled = |text: &str| {
            text.replace("{url}", &double.base_url())
                .replace("{key}", KEY)
                .replace("{home}", &home)
        };
        if !self.bare {
            sandbox = sandbox.double(&double);
        }
        sandbox = self.env.iter().fold(sandbox, |sandbox, (name, value)| {
            sandbox.env(name, filled(value))
        });
        sandbox = self.files.iter().fold(sandbox, |sandbox, (path, text)| {
            sandbox.file(path, filled(text))
        });
        sandbox = self
            .config
            .iter()
            .fold(sandbox, |sandbox, text| sandbox.config(filled(text)));
        for earlier in &self.before {
            sandbox.run(earlier).assert_code(0);
        }
        let outcome = sandbox.run(arguments.iter().map(|argument| filled(argument)));
        if self.exit == 0 || self.exit == 1 {
            outcome.assert_code(self.exit);
        } else {
            outcome.assert_failure(self.exit);
        }
        self.check_words(&outcome, &sandbox);
        self.check_requests(&double, answers.len(), filled, &outcome);
    }

    fn check_words(&self, outcome: &Outcome, sandbox: &Sandbox) {
        let said = |place: &str, text: &str, words: &[String]| {
            for word in words {
                assert!(
                    text.contains(word.as_str()),
                    "{place} does not say '{word}'\n{outcome}"
                );
            }
        };
        said("stdout", &outcome.stdout(), &self.stdout);
        said("stderr", &outcome.stderr(), &self.stderr);
        for (path, words) in &self.holds {
            said(
                path,
                &std::fs::read_to_string(sandbox.home().join(path)).unwrap(),
                words,
            );
        }
    }

    fn check_requests(
        &self,
        double: &Double,
        answers: usize,
        filled: impl Fn(&str) -> String,
        outcome: &Outcome,
    ) {
        let questions: Vec<Recorded> = double
            .requests()
            .into_iter()
            .filter(|request| request.request.method == "POST")
            .collect();
        assert_eq!(
            questions.len(),
            self.requests.unwrap_or(answers),
            "another number of questions came\n{outcome}"
        );
        if self.sent.is_empty() && self.headers.is_empty() {
            return;
        }
        let last = questions
            .last()
            .unwrap_or_else(|| panic!("nothing was asked\n{outcome}"));
        let body = last.json();
        for (pointer, expected) in &self.sent {
            let sent = body.pointer(pointer).unwrap_or(&Value::Null);
            assert_eq!(sent, expected, "{pointer} of {body}\n{outcome}");
        }
        for (name, expected) in &self.headers {
            assert_eq!(
                last.header(name),
                expected.as_deref().map(&filled).unwrap_or_default(),
                "header {name}\n{outcome}"
            );
        }
    }
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/seeds.yml");
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every row that is executed, of one document; all that are wrong are reported together.
fn hold(document: usize) {
    let rows = rows()
        .into_iter()
        .filter(|row| row.source.starts_with(&document.to_string()) && row.arguments.is_some());
    let (mut held, mut failed) = (0, Vec::new());
    for row in rows {
        held += 1;
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| row.execute())).is_err() {
            failed.push(row.source);
        }
    }
    assert!(held >= 10, "only {held} rows were found");
    assert!(failed.is_empty(), "wrong: {failed:#?}");
}

#[test]
fn a_page_on_openrouter() {
    hold(0);
}

#[test]
fn a_page_of_an_agent_runtime() {
    hold(1);
}

#[test]
fn a_page_of_a_proxy() {
    hold(2);
}

#[test]
fn a_page_of_a_library() {
    hold(3);
}

#[test]
fn a_note_on_the_service() {
    hold(4);
}

#[test]
fn every_row_is_executed_somewhere_or_says_why_not() {
    let rows = rows();
    for row in &rows {
        let document = row
            .source
            .split(' ')
            .next()
            .and_then(|number| number.parse::<usize>().ok());
        assert!(
            document.is_some_and(|document| document < DOCUMENTS),
            "{}: no such document",
            row.source
        );
        let ways = [
            row.arguments.is_some(),
            row.because.is_some(),
            row.elsewhere.is_some(),
        ];
        assert_eq!(
            ways.into_iter().filter(|way| *way).count(),
            1,
            "{}: executed, elsewhere or because",
            row.source
        );
        let expects = !row.sent.is_empty()
            || !row.headers.is_empty()
            || !row.stdout.is_empty()
            || !row.stderr.is_empty()
            || !row.holds.is_empty();
        assert!(
            row.arguments.is_none() || expects,
            "{}: nothing is expected",
            row.source
        );
        if let Some((file, name)) = row
            .elsewhere
            .as_deref()
            .and_then(|place| place.split_once(": "))
        {
            let text =
                std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            assert!(
                text.contains(&format!("fn {name}(")),
                "{}: {file} has no test '{name}'",
                row.source
            );
        }
    }
    let mut sources: Vec<&str> = rows
        .iter()
        .filter(|row| row.arguments.is_some())
        .map(|row| row.source.as_str())
        .collect();
    let count = sources.len();
    sources.sort_unstable();
    sources.dedup();
    assert_eq!(sources.len(), count, "a row stands there twice");
    assert!(count >= 100, "there are only {count} rows");
}
