//! `/observability/destinations` of an account: what the real routes accept, what they refuse, and
//! the masks in their answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::http::Request;
use super::reply::{Reply, json as body, refusal};
use super::routes::Route;

pub const PATH: &str = "/api/v1/observability/destinations";

/// The default workspace.
const WORKSPACE: &str = "550e8400-e29b-41d4-a716-446655440000";

/// Type, required fields, and further ones; as in the schemas of the API.
const TYPES: &[(&str, &[&str], &[&str])] = &[
    ("arize", &["apiKey", "spaceKey", "modelId"], &["baseUrl"]),
    ("braintrust", &["apiKey", "projectId"], &["baseUrl"]),
    (
        "clickhouse",
        &["host", "database", "username", "password"],
        &["table"],
    ),
    ("datadog", &["apiKey", "mlApp"], &["url"]),
    ("grafana", &["apiKey", "instanceId"], &["baseUrl"]),
    ("langfuse", &["publicKey", "secretKey"], &["baseUrl"]),
    (
        "langsmith",
        &["apiKey"],
        &["project", "workspaceId", "endpoint"],
    ),
    ("newrelic", &["licenseKey"], &["region"]),
    ("opik", &["apiKey", "workspace", "projectName"], &[]),
    ("otel-collector", &["endpoint"], &[]),
    ("posthog", &["apiKey"], &["endpoint"]),
    ("ramp", &["apiKey"], &["baseUrl"]),
    (
        "s3",
        &["bucketName", "accessKeyId", "secretAccessKey"],
        &[
            "sessionToken",
            "region",
            "endpoint",
            "prefix",
            "pathTemplate",
        ],
    ),
    ("sentry", &["dsn", "otlpEndpoint"], &[]),
    (
        "snowflake",
        &["account", "token"],
        &["database", "schema", "table", "warehouse"],
    ),
    ("weave", &["apiKey", "entity", "project"], &["baseUrl"]),
    ("webhook", &["url"], &["method"]),
];

/// The members of a request; `type` and `workspace_id` only of a new destination.
const MEMBERS: &[&str] = &[
    "name",
    "config",
    "enabled",
    "privacy_mode",
    "sampling_rate",
    "api_key_hashes",
    "filter_rules",
];

/// An account with its destinations. Clones share them.
#[derive(Clone, Default)]
pub struct Account(Arc<Mutex<Vec<Value>>>);

impl Account {
    /// The ID of the destination of a number.
    pub fn id(number: usize) -> String {
        format!("{number:08x}-aaaa-4bbb-8ccc-dddddddddddd")
    }

    /// An account with these destinations: type, name and configuration.
    pub fn with(rows: &[(&str, &str, Value)]) -> Self {
        let account = Self::default();
        for (kind, name, config) in rows {
            let new = json!({"type": kind, "name": name, "config": config});
            account.insert(&new);
        }
        account
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is stored, with its secrets.
    pub fn stored(&self) -> Vec<Value> {
        self.rows().clone()
    }

    fn insert(&self, sent: &Value) -> Value {
        let mut rows = self.rows();
        let mut row = json!({
            "id": Self::id(rows.len() + 1), "enabled": true, "privacy_mode": false,
            "sampling_rate": 1, "api_key_hashes": null, "filter_rules": null,
            "created_at": "2026-11-24T10:30:00Z", "updated_at": "2026-11-24T10:30:00Z",
            "workspace_id": WORKSPACE,
        });
        merge(&mut row, sent);
        rows.push(row.clone());
        row
    }

    /// `GET` of the list.
    pub fn list(&self) -> Route {
        let account = self.clone();
        Route::answering("GET", PATH, move |request| account.listed(request))
    }

    fn listed(&self, request: &Request) -> Reply {
        let number = |name: &str, default: usize| {
            let pairs = request
                .query
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            let found = pairs.into_iter().find(|(key, _)| *key == name);
            found.map_or(Some(default), |(_, text)| text.parse::<usize>().ok())
        };
        let (Some(limit), Some(offset)) = (number("limit", 50), number("offset", 0)) else {
            return refusal(400, "limit: Invalid input");
        };
        if !(1..=100).contains(&limit) {
            return refusal(400, "limit: Invalid input");
        }
        let rows = self.rows();
        let page: Vec<Value> = rows.iter().skip(offset).take(limit).map(masked).collect();
        body(json!({"data": page, "total_count": rows.len()}))
    }

    /// `POST` of a new destination.
    pub fn create(&self) -> Route {
        let account = self.clone();
        Route::answering("POST", PATH, move |request| account.created(request))
    }

    fn created(&self, request: &Request) -> Reply {
        let sent = request.json();
        let kind = sent["type"].as_str().unwrap_or_default();
        let Some((_, required, _)) = TYPES.iter().find(|(name, ..)| *name == kind) else {
            return refusal(400, "type: Invalid option");
        };
        if let Some(fault) = fault(&sent, kind, &["type", "workspace_id"]) {
            return refusal(400, &fault);
        }
        if sent["name"].as_str().is_none_or(str::is_empty) {
            return refusal(400, "name: Required");
        }
        let is_missing = |field: &&&str| sent["config"][**field].as_str().is_none_or(str::is_empty);
        if let Some(field) = required.iter().find(is_missing) {
            return refusal(400, &format!("config.{field}: Required"));
        }
        if self.rows().iter().filter(|row| row["type"] == kind).count() >= 5 {
            return refusal(400, "Maximum of 5 destinations per type reached");
        }
        body(json!({"data": masked(&self.insert(&sent))})).status(201)
    }

    /// `GET` of one destination.
    pub fn get(&self, id: &str) -> Route {
        let (account, id) = (self.clone(), id.to_owned());
        Route::answering("GET", path(&id), move |_| {
            let rows = account.rows();
            let found = rows.iter().find(|row| row["id"] == id.as_str());
            found.map_or_else(not_found, |row| body(json!({"data": masked(row)})))
        })
    }

    /// `PATCH` of one destination.
    pub fn change(&self, id: &str) -> Route {
        let (account, id) = (self.clone(), id.to_owned());
        Route::answering("PATCH", path(&id), move |request| {
            let sent = request.json();
            let mut rows = account.rows();
            let Some(row) = rows.iter_mut().find(|row| row["id"] == id.as_str()) else {
                return not_found();
            };
            let kind = row["type"].as_str().unwrap_or_default().to_owned();
            if let Some(fault) = fault(&sent, &kind, &[]) {
                return refusal(400, &fault);
            }
            merge(row, &sent);
            body(json!({"data": masked(row)}))
        })
    }

    /// `DELETE` of one destination.
    pub fn delete(&self, id: &str) -> Route {
        let (account, id) = (self.clone(), id.to_owned());
        Route::answering("DELETE", path(&id), move |request| {
            if !request.body.is_empty() {
                return refusal(400, "no body is expected");
            }
            let mut rows = account.rows();
            let before = rows.len();
            rows.retain(|row| row["id"] != id.as_str());
            if rows.len() == before {
                return not_found();
            }
            body(json!({"deleted": true}))
        })
    }
}

/// Lives as long as the tests.
fn path(id: &str) -> &'static str {
    Box::leak(format!("{PATH}/{id}").into_boxed_str())
}

fn not_found() -> Reply {
    refusal(404, "Observability destination not found")
}

fn merge(row: &mut Value, sent: &Value) {
    for (name, value) in sent.as_object().into_iter().flatten() {
        if name == "config" && row["config"].is_object() {
            for (field, value) in value.as_object().into_iter().flatten() {
                row["config"][field] = value.clone();
            }
        } else {
            row[name] = value.clone();
        }
    }
}

type Fits = fn(&Value) -> bool;

/// What the schema refuses in a request.
fn fault(sent: &Value, kind: &str, further: &[&str]) -> Option<String> {
    let sent = sent.as_object()?;
    let is_known = |name: &str| MEMBERS.contains(&name) || further.contains(&name);
    if let Some(unknown) = sent.keys().find(|name| !is_known(name)) {
        return Some(format!("Unrecognized key: \"{unknown}\""));
    }
    let fits: [(&str, Fits); 5] = [
        ("config", Value::is_object),
        ("enabled", Value::is_boolean),
        ("privacy_mode", Value::is_boolean),
        ("sampling_rate", |value| {
            value
                .as_f64()
                .is_some_and(|rate| (0.0001..=1.0).contains(&rate))
        }),
        ("api_key_hashes", |value| {
            value.is_null() || value.as_array().is_some_and(|hashes| !hashes.is_empty())
        }),
    ];
    let misfit = fits
        .iter()
        .find(|(name, fits)| sent.get(*name).is_some_and(|value| !fits(value)));
    if let Some((name, _)) = misfit {
        return Some(format!("{name}: Invalid input"));
    }
    let (_, required, others) = TYPES.iter().find(|(name, ..)| *name == kind)?;
    let config = sent.get("config")?.as_object()?;
    let is_field =
        |name: &str| required.contains(&name) || others.contains(&name) || name == "headers";
    let unknown = config.keys().find(|name| !is_field(name));
    unknown.map(|name| format!("config: Unrecognized key: \"{name}\""))
}

/// A destination as an answer has it: secrets are cut in the middle, short ones are not masked at
/// all, which is what a client must not rely on.
fn masked(row: &Value) -> Value {
    let mut row = row.clone();
    if let Some(config) = row["config"].as_object() {
        let config: Map<String, Value> = config.iter().map(masked_field).collect();
        row["config"] = Value::Object(config);
    }
    row
}

fn masked_field((name, value): (&String, &Value)) -> (String, Value) {
    let is_secret = ["Key", "secret", "token", "password", "dsn", "accessKeyId"]
        .iter()
        .any(|word| name.contains(word));
    let text = value.as_str().unwrap_or_default();
    if !is_secret || text.len() < 20 {
        return (name.clone(), value.clone());
    }
    let mask = format!("{}...{}", &text[..4], &text[text.len() - 4..]);
    (name.clone(), json!(mask))
}
