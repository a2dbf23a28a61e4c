//! The replies of every provider, from the files in `tests/data/providers`, and what comes of each.

use serde_json::Value;

use crate::support::provider_replies::{
    Expected, PROVIDER_KEY, ProviderFolder, ProviderServer, folders,
};
use crate::support::sandbox::Sandbox;

/// Runs a case and reports what differs, in one line each.
fn run(folder: &ProviderFolder, case: &str) -> Vec<String> {
    let expected = folder.expected(case);
    let mut differences = as_text(folder, case, &expected);
    if expected.json.is_some() {
        differences.extend(as_json(folder, case, &expected));
    }
    let place = format!("{}/{case}", folder.name());
    differences
        .into_iter()
        .map(|difference| format!("{place}: {difference}"))
        .collect()
}

fn as_text(folder: &ProviderFolder, case: &str, expected: &Expected) -> Vec<String> {
    let server = ProviderServer::start(folder, case);
    let sandbox = Sandbox::new().config(folder.config(&server.base_url));
    let question = ["chat".to_owned(), "hi".to_owned()];
    let outcome = sandbox.run(question.iter().chain(&expected.arguments));
    let (stdout, stderr) = (outcome.stdout(), outcome.stderr());
    let mut differences = Vec::new();
    if outcome.code != expected.exit {
        differences.push(format!("exit {}, not {}", outcome.code, expected.exit));
    }
    if let Some(text) = expected.stdout.as_ref().filter(|text| **text != stdout) {
        differences.push(format!("stdout is {stdout:?}, not {text:?}"));
    }
    let missing = expected
        .stderr
        .iter()
        .filter(|text| !stderr.contains(*text));
    differences.extend(missing.map(|text| format!("stderr lacks {text:?}")));
    let unwanted = expected.lacks.iter().filter(|text| stderr.contains(*text));
    differences.extend(unwanted.map(|text| format!("stderr has {text:?}")));
    let requests = server.requests("/v1/chat/completions").len();
    if requests != expected.requests {
        differences.push(format!("{requests} requests, not {}", expected.requests));
    }
    if stderr.contains(PROVIDER_KEY) || stdout.contains(PROVIDER_KEY) {
        differences.push("the key is shown".to_owned());
    }
    if !differences.is_empty() {
        differences.push(format!("stderr:\n{stderr}"));
    }
    differences
}

fn as_json(folder: &ProviderFolder, case: &str, expected: &Expected) -> Vec<String> {
    let server = ProviderServer::start(folder, case);
    let sandbox = Sandbox::new().config(folder.config(&server.base_url));
    let question = ["chat".to_owned(), "--json".to_owned(), "hi".to_owned()];
    let outcome = sandbox.run(question.iter().chain(&expected.arguments));
    let object: Value = serde_json::from_str(&outcome.stdout()).unwrap_or_default();
    let fields = expected.json.iter().flatten();
    fields
        .filter(|(name, value)| object[name.as_str()] != **value)
        .map(|(name, value)| format!("{name} is {}, not {value}", object[name.as_str()]))
        .collect()
}

/// A part of the names of the cases to run.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests are no part of the program, and their choice is given from outside"
)]
fn only() -> String {
    std::env::var("AMX_TEST_PROVIDER").unwrap_or_default()
}

#[test]
fn every_reply_of_every_provider_is_read_right() {
    let only = only();
    let mut count = 0;
    let mut differences = Vec::new();
    for folder in folders() {
        for case in folder.cases() {
            if format!("{}/{case}", folder.name()).contains(&only) {
                count += 1;
                differences.extend(run(&folder, &case));
            }
        }
    }
    assert!(count > 0, "no case has '{only}' in its name");
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn the_model_list_of_every_provider_is_read() {
    for folder in folders().iter().filter(|folder| folder.has("models.json")) {
        let server = ProviderServer::start(folder, "");
        let sandbox = Sandbox::new().config(folder.config(&server.base_url));
        let listed = sandbox.run(["models", "-p", "p", "--json"]).json();
        let expected: Value = serde_json::from_str(&folder.text("models.expected.json")).unwrap();
        let rows = expected.as_array().unwrap();
        let place = folder.name();
        assert_eq!(listed.as_array().map(Vec::len), Some(rows.len()), "{place}");
        for (listed, row) in listed.as_array().into_iter().flatten().zip(rows) {
            for (field, value) in row.as_object().unwrap() {
                assert_eq!(listed[field], *value, "{place}: {field} of {listed}");
            }
        }
        let asked = server.requests("/v1/models");
        let bearer = format!("Bearer {PROVIDER_KEY}");
        for request in &asked {
            let header = |name: &str| request.header(name).map(str::to_owned);
            if place == "anthropic" {
                assert_eq!(header("x-api-key").as_deref(), Some(PROVIDER_KEY));
                assert_eq!(header("anthropic-version").as_deref(), Some("2023-06-01"));
                assert_eq!(header("authorization"), None);
                // Without it, a page has 20 models.
                assert_eq!(request.query, "limit=1000");
            } else {
                assert_eq!(header("authorization"), Some(bearer.clone()), "{place}");
                assert_eq!(header("x-api-key"), None, "{place}");
            }
        }
        assert!(!asked.is_empty(), "{place}");
    }
}

/// The finding of `doctor` about the key of a folder's profile: its status and its words.
fn key_finding(folder: &ProviderFolder) -> (String, String) {
    let server = ProviderServer::start(folder, "");
    let sandbox = Sandbox::new().config(folder.config(&server.base_url));
    let outcome = sandbox.run(["doctor", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout()).unwrap();
    let text = report.to_string();
    let finding = find(&report, "key.accepted").unwrap_or_else(|| panic!("{text}"));
    let word = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    (word("status"), finding.to_string())
}

/// The object with this `check` anywhere in a report.
fn find<'a>(report: &'a Value, check: &str) -> Option<&'a Value> {
    match report {
        Value::Object(fields) if fields.values().any(|value| value == check) => Some(report),
        Value::Object(fields) => fields.values().find_map(|value| find(value, check)),
        Value::Array(items) => items.iter().find_map(|item| find(item, check)),
        _ => None,
    }
}

#[test]
fn doctor_sends_the_key_as_each_provider_takes_it() {
    for folder in folders() {
        if !folder.has("models.json") || folder.name() == "ollama" {
            continue;
        }
        let (status, words) = key_finding(&folder);
        assert_eq!(status, "ok", "{}: {words}", folder.name());
    }
}

/// `doctor` about a key whose check is refused.
fn doctor_of_refused_list(status: u16, body: &str) -> (String, String) {
    let folder = folders()
        .into_iter()
        .find(|folder| folder.name() == "openai");
    let folder = folder.unwrap();
    let server = ProviderServer::refusing_list(status, body);
    let sandbox = Sandbox::new().config(folder.config(&server.base_url));
    let report = sandbox.run(["doctor", "--json"]).stdout();
    let report: Value = serde_json::from_str(&report).unwrap();
    let finding = find(&report, "key.accepted").unwrap_or_else(|| panic!("{report}"));
    let status = finding["status"].as_str().unwrap_or_default().to_owned();
    (status, finding.to_string())
}

#[test]
fn a_restricted_key_is_not_a_rejected_one() {
    let restricted = r#"{"error": {"message": "You have insufficient permissions for this operation. Missing scopes: api.model.read.", "type": "invalid_request_error"}}"#;
    let region = r#"{"error": {"message": "Country, region, or territory not supported", "type": "request_forbidden", "code": "unsupported_country_region_territory"}}"#;
    for (status, body, words) in [
        (403, restricted, "Missing scopes"),
        (401, restricted, "Missing scopes"),
        (403, region, "region"),
    ] {
        let (found, finding) = doctor_of_refused_list(status, body);
        assert_eq!(found, "warning", "{finding}");
        assert!(finding.contains(words), "{finding}");
    }
    let wrong =
        r#"{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}"#;
    for status in [401, 403] {
        let (found, finding) = doctor_of_refused_list(status, wrong);
        assert_eq!(found, "failure", "{finding}");
    }
}

#[test]
fn a_model_list_that_is_an_error_shows_its_words_and_the_url_to_check() {
    let words = "Unexpected endpoint or method. (GET /models)";
    let folder = folders()
        .into_iter()
        .find(|folder| folder.name() == "lmstudio")
        .unwrap();
    let server = ProviderServer::listing(&format!(r#"{{"error":"{words}"}}"#));
    let sandbox = Sandbox::new().config(folder.config(&server.base_url));
    sandbox
        .run(["models", "-p", "p"])
        .assert_failure(7)
        .assert_stderr_has(words)
        .assert_stderr_has("most servers want …/v1");
}
