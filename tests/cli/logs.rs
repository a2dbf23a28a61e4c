//! `amx logs`: the log destinations of an account, and that their secrets are shown nowhere.

use std::fs;

use serde_json::{Value, json};

use crate::secret_service::{SecretService, is_wanted};
use crate::support::destinations::{Account, PATH};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::{Sandbox, files_below};

/// Secrets of destinations: with a form that is known, and with none.
const PUBLIC: &str = "pk-lf-11112222-3333-4444-5555-666677778888";
const SECRET: &str = "sk-lf-99990000-aaaa-bbbb-cccc-ddddeeeeffff";
const SHORT: &str = "hunter2-horse";

/// A sandbox with the management key of the double, and no key for models.
fn sandbox(double: &Double) -> Sandbox {
    Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OPENROUTER_MANAGEMENT_KEY", KEY)
}

fn langfuse() -> Value {
    json!({"publicKey": PUBLIC, "secretKey": SECRET, "baseUrl": "https://eu.example"})
}

fn account() -> Account {
    Account::with(&[
        ("langfuse", "production", langfuse()),
        (
            "webhook",
            "hook",
            json!({"url": "https://u:hunter2-horse@a.example/x?token=hunter2-horse"}),
        ),
        (
            "clickhouse",
            "warehouse",
            json!({"host": "h", "database": "d", "username": "u", "password": SHORT}),
        ),
    ])
}

/// No secret is in an output or in a file of the sandbox.
#[track_caller]
fn assert_hidden(sandbox: &Sandbox, outcome: &Outcome) {
    for secret in [PUBLIC, SECRET, SHORT] {
        outcome.assert_stderr_lacks(secret);
        assert!(!outcome.stdout().contains(secret), "{outcome}");
        let folder = sandbox.home().join(".amx");
        for path in folder
            .exists()
            .then(|| files_below(&folder))
            .into_iter()
            .flatten()
        {
            let bytes = fs::read(&path).unwrap();
            let is_there = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!is_there, "a secret is in {}", path.display());
        }
    }
}

#[test]
fn destinations_are_listed_and_shown_without_their_secrets() {
    let account = account();
    let double = Double::start([]).also(account.list());
    let sandbox = sandbox(&double);
    fs::create_dir(sandbox.home().join(".amx")).unwrap();
    let list = sandbox.run(["logs", "list"]);
    list.assert_code(0);
    assert!(
        list.stdout().lines().nth(1).is_some_and(|line| {
            line.starts_with("production  langfuse    enabled") && line.ends_with(&Account::id(1))
        }),
        "{list}"
    );
    assert_hidden(&sandbox, &list);
    let rows = sandbox.run(["logs", "list", "--json"]);
    assert_eq!(rows.json()[0]["config"]["publicKey"], "pk-l...8888");
    assert_eq!(rows.json()[1]["config"]["url"], "https://a.example/x?***");
    assert_eq!(rows.json()[2]["config"]["password"], "***");
    assert_hidden(&sandbox, &rows);
    for wanted in ["warehouse", &Account::id(3)[..8]] {
        let shown = sandbox.run(["logs", "show", wanted]);
        shown.assert_code(0);
        assert!(shown.stdout().contains("password          ***"), "{shown}");
        assert!(shown.stdout().contains("username          u"), "{shown}");
        assert_hidden(&sandbox, &shown);
    }
}

#[test]
fn a_destination_is_added_from_files_variables_and_stdin() {
    let account = Account::default();
    let double = Double::start([])
        .also(account.list())
        .also(account.create());
    let sandbox = sandbox(&double)
        .env("LF_PUBLIC", PUBLIC)
        .file("secret.txt", format!("{SECRET}\n"));
    let path = format!("secretKey=@{}/secret.txt", sandbox.home().display());
    let added = sandbox.run([
        "logs",
        "add",
        "langfuse",
        "--name",
        "production",
        "--set",
        "publicKey=${LF_PUBLIC}",
        "--set",
        &path,
        "--sampling-rate",
        "0.25",
        "--privacy-mode",
        "--api-key-hash",
        "5f0cae9d",
    ]);
    added.assert_answer(&format!(
        "✓ Added langfuse destination 'production' ({})\n",
        Account::id(1)
    ));
    assert_hidden(&sandbox, &added);
    let stored = account.stored();
    assert_eq!(
        stored[0]["config"],
        json!({"publicKey": PUBLIC, "secretKey": SECRET})
    );
    assert_eq!(stored[0]["sampling_rate"], 0.25);
    assert_eq!(stored[0]["privacy_mode"], true);
    assert_eq!(stored[0]["api_key_hashes"], json!(["5f0cae9d"]));
    let sandbox = sandbox.stdin(format!("{{\"Authorization\": \"{SHORT}\"}}\n"));
    let added = sandbox.run([
        "logs",
        "add",
        "otel-collector",
        "--set",
        "endpoint=https://otel.example.com",
        "--set",
        "headers=@-",
        "--set",
        "headers.X-Scope=${LF_PUBLIC}",
        "--json",
    ]);
    assert_eq!(added.json()["name"], "OpenTelemetry Collector");
    assert_eq!(
        added.json()["config"]["headers"],
        json!({"Authorization": "***", "X-Scope": "***"})
    );
    assert_hidden(&sandbox, &added);
    assert_eq!(
        account.stored()[1]["config"]["headers"],
        json!({"Authorization": SHORT, "X-Scope": PUBLIC})
    );
}

#[test]
fn every_kind_with_published_fields_can_be_added() {
    let account = Account::default();
    let double = Double::start([])
        .also(account.list())
        .also(account.create());
    let sandbox = sandbox(&double).env("VALUE", "https://a.example");
    let kinds = sandbox.run(["logs", "kinds", "--json"]).json();
    let mut count = 0;
    for kind in kinds.as_array().unwrap() {
        if kind["open"] == true {
            continue;
        }
        let mut words = vec!["logs".to_owned(), "add".to_owned()];
        words.push(kind["type"].as_str().unwrap().to_owned());
        for field in kind["fields"].as_array().unwrap() {
            if field["required"] == true {
                let name = field["name"].as_str().unwrap();
                words.extend(["--set".to_owned(), format!("{name}=${{VALUE}}")]);
            }
        }
        sandbox.run(&words).assert_code(0);
        count += 1;
    }
    assert_eq!(count, 17);
    assert_eq!(account.stored().len(), 17);
}

#[test]
fn a_sixth_destination_of_a_kind_is_refused_before_it_is_sent() {
    let row = (
        "otel-collector",
        "o",
        json!({"endpoint": "https://o.example"}),
    );
    let account = Account::with(&[row.clone(), row.clone(), row.clone(), row.clone(), row]);
    let double = Double::start([]).also(account.list());
    sandbox(&double)
        .run([
            "logs",
            "add",
            "otel-collector",
            "--set",
            "endpoint=https://o.example",
        ])
        .assert_failure(7)
        .assert_stderr_has("has 5 otel-collector destinations; OpenRouter accepts 5 of a kind");
}

#[test]
fn a_destination_is_changed_and_nothing_else_is_sent() {
    let account = account();
    let id = Account::id(1);
    let double = Double::start([])
        .also(account.list())
        .also(account.change(&id));
    let sandbox = sandbox(&double).env("NEW", SHORT);
    let changed = sandbox.run([
        "logs",
        "set",
        "production",
        "--set",
        "secretKey=${NEW}",
        "--enabled=false",
    ]);
    changed.assert_answer(&format!(
        "✓ Changed langfuse destination 'production' ({id})\n"
    ));
    assert_hidden(&sandbox, &changed);
    let sent = double.requests().pop().unwrap().json();
    assert_eq!(
        sent,
        json!({"enabled": false, "config": {"secretKey": SHORT}})
    );
    assert_eq!(account.stored()[0]["config"]["publicKey"], PUBLIC);
    sandbox
        .run(["logs", "set", "production", "--all-api-keys"])
        .assert_code(0);
    let sent = double.requests().pop().unwrap().json();
    assert_eq!(sent, json!({"api_key_hashes": null}));
    sandbox
        .run(["logs", "set", "production"])
        .assert_failure(2)
        .assert_stderr_has("nothing to change");
}

#[test]
fn a_destination_is_removed_by_its_id_with_yes_only() {
    let account = account();
    let id = Account::id(2);
    let double = Double::start([])
        .also(account.get(&id))
        .also(account.delete(&id));
    let sandbox = sandbox(&double);
    sandbox
        .run(["logs", "remove", &id])
        .assert_failure(2)
        .assert_stderr_has("amx logs remove NAME --yes");
    assert!(double.requests().is_empty(), "nothing is sent for nothing");
    sandbox
        .run(["logs", "remove", &id, "--yes"])
        .assert_answer(&format!("✓ Removed webhook destination 'hook' ({id})\n"));
    assert_eq!(account.stored().len(), 2);
    sandbox
        .run(["logs", "remove", &id, "--yes"])
        .assert_failure(7)
        .assert_stderr_has(&format!("no destination '{id}'"))
        .assert_stderr_has("hint: amx logs list");
}

#[test]
fn a_name_that_none_or_several_have_is_refused() {
    let config = json!({"endpoint": "https://o.example"});
    let account = Account::with(&[
        ("otel-collector", "twice", config.clone()),
        ("otel-collector", "twice", config),
    ]);
    let double = Double::start([]).also(account.list());
    let sandbox = sandbox(&double);
    sandbox
        .run(["logs", "show", "twice"])
        .assert_failure(2)
        .assert_stderr_has(&Account::id(2));
    sandbox
        .run(["logs", "show", "twise"])
        .assert_failure(7)
        .assert_stderr_has("did you mean 'twice'?");
}

/// Arguments after `logs`, the exit code, and what stderr has.
const REFUSED: &[(&[&str], i32, &str)] = &[
    (&["add", "langfuse"], 2, "needs publicKey, secretKey"),
    (&["add", "langfus"], 2, "invalid value 'langfus'"),
    (
        &["add", "langfuse", "--set", "secretKey=hunter2-horse"],
        2,
        "secretKey is a secret",
    ),
    (
        &["add", "webhook", "--set", "headers.A=hunter2-horse"],
        2,
        "headers.A is a secret",
    ),
    (
        &["add", "raindrop", "--set", "writeKey=hunter2-horse"],
        2,
        "writeKey is a secret",
    ),
    (
        &["add", "langfuse", "--set", "secret=x"],
        2,
        "did you mean 'secretKey'?",
    ),
    (
        &["add", "webhook", "--set", "url=ftp://a"],
        2,
        "url must be a URL",
    ),
    (
        &["add", "webhook", "--set", "method=GET"],
        2,
        "method must be POST or PUT",
    ),
    (&["add", "webhook", "--set", "url="], 2, "url is empty"),
    (&["add", "webhook", "--set", "=x"], 2, "FIELD=VALUE"),
    (&["add", "webhook", "--set", "url"], 2, "needs a terminal"),
    (
        &["add", "webhook", "--set", "url=@none.txt"],
        5,
        "cannot read none.txt",
    ),
    (
        &["add", "sentry", "--set", "dsn=${NOT_SET}"],
        4,
        "${NOT_SET}",
    ),
    (
        &["add", "s3", "--set", "region=@-", "--set", "prefix=@-"],
        2,
        "only one field",
    ),
    (
        &["add", "webhook", "--sampling-rate", "1.5"],
        2,
        "from 0.0001 to 1",
    ),
];

#[test]
fn values_that_cannot_be_sent_are_refused_without_a_request() {
    let double = Double::start([]);
    let sandbox = sandbox(&double);
    for (words, code, text) in REFUSED {
        let words = ["logs"].iter().chain(*words);
        let outcome = sandbox.run(words);
        outcome.assert_failure(*code).assert_stderr_has(text);
        assert_hidden(&sandbox, &outcome);
    }
    assert!(double.requests().is_empty());
}

#[test]
fn a_key_that_may_not_manage_logs_is_reported_with_the_way_to_one_that_may() {
    let page = "https://openrouter.ai/settings/management-keys";
    let unset = Sandbox::new().env("OPENROUTER_API_KEY", KEY);
    unset
        .run(["logs", "list"])
        .assert_failure(4)
        .assert_stderr_has("no management key")
        .assert_stderr_has(page);
    let double = Double::start([]).also(routes::get(PATH, || {
        reply::refusal(403, "Only management keys can access this endpoint")
    }));
    let refused = sandbox(&double).run(["logs", "list"]);
    refused
        .assert_failure(4)
        .assert_stderr_has("a management key is needed (403)")
        .assert_stderr_has("caused by: Only management keys")
        .assert_stderr_has(page);
    let unknown = Double::start([])
        .also(Account::default().list())
        .accepting("sk-or-v1-other");
    let failure = sandbox(&unknown)
        .run(["logs", "list", "--json"])
        .json_failure(4);
    assert_eq!(failure["status"], 401);
    assert_eq!(
        unknown.take_faults().len(),
        2,
        "401, and a route without an answer"
    );
}

#[test]
fn the_management_key_may_be_a_reference_of_the_configuration_but_no_plain_text() {
    let account = account();
    let double = Double::start([]).also(account.list());
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OR_ADMIN", KEY)
        .config("management_key: ${OR_ADMIN}\n");
    sandbox.run(["logs", "list"]).assert_code(0);
    sandbox.run(["config", "validate"]).assert_code(0);
    let plain = Sandbox::new().config(format!("management_key: {SHORT}\n"));
    let outcome = plain.run(["logs", "list"]);
    outcome
        .assert_failure(3)
        .assert_stderr_has("config.yml:1:17: management_key must be a reference to a key")
        .assert_stderr_lacks(SHORT);
}

#[test]
fn what_openrouter_does_not_accept_is_reported_in_its_words() {
    let account = Account::default();
    let double = Double::start([])
        .also(account.list())
        .also(account.create());
    sandbox(&double)
        .run(["logs", "add", "raindrop", "--set", "writeKey=${HOME}"])
        .assert_failure(7)
        .assert_stderr_has("OpenRouter rejected the destination (400)")
        .assert_stderr_has("caused by: type: Invalid option");
}

#[test]
fn destinations_that_were_listed_are_completed() {
    let account = account();
    let double = Double::start([]).also(account.list());
    let sandbox = sandbox(&double).config("keys: emacs\n");
    sandbox.run(["logs", "list"]).assert_code(0);
    let sandbox = candidates_of(
        sandbox,
        &["logs", "show", ""],
        &["hook", "production", "warehouse"],
    );
    let sandbox = candidates_of(sandbox, &["logs", "add", "webh"], &["webhook"]);
    let fields = ["publicKey=", "secretKey=", "baseUrl=", "headers="];
    let sandbox = candidates_of(sandbox, &["logs", "add", "langfuse", "--set", ""], &fields);
    candidates_of(
        sandbox,
        &["logs", "set", "production", "--set", "se"],
        &["secretKey="],
    );
}

#[track_caller]
fn candidates_of(sandbox: Sandbox, words: &[&str], expected: &[&str]) -> Sandbox {
    let sandbox = sandbox.env("AMX_COMPLETE", "fish");
    let outcome = sandbox.run(["--", "amx"].iter().chain(words));
    let found: Vec<String> = outcome
        .stdout()
        .lines()
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .filter(|word| !word.starts_with('-'))
        .collect();
    assert_eq!(found, expected, "{outcome}");
    sandbox.without("AMX_COMPLETE")
}

#[test]
fn the_management_key_is_tried_stored_for_its_server_and_removed() {
    if !is_wanted("the_management_key_is_tried_stored_for_its_server_and_removed") {
        return;
    }
    let service = SecretService::unlocked();
    let account = account();
    let double = Double::start([]).also(account.list());
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("DBUS_SESSION_BUS_ADDRESS", service.address())
        .stdin(format!("{KEY}\n"));
    sandbox
        .run(["logs", "key", "--stdin"])
        .assert_answer("✓ Stored the management key at keyring://amx/management/openrouter\n");
    assert_eq!(
        service.lookup("management/openrouter").as_deref(),
        Some(KEY)
    );
    let origin = format!("http://{}", double.address());
    let bound = service.lookup("management/openrouter.origin");
    assert_eq!(bound, Some(origin));
    sandbox.run(["logs", "list"]).assert_code(0);
    let elsewhere = sandbox.env("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1");
    elsewhere
        .run(["logs", "list"])
        .assert_failure(4)
        .assert_stderr_has("bound to");
    elsewhere.run(["logs", "key", "--remove"]).assert_code(0);
    assert_eq!(service.lookup("management/openrouter"), None);
    elsewhere
        .run(["logs", "key", "--remove"])
        .assert_failure(1)
        .assert_stderr_has("no management key in the keyring");
}
