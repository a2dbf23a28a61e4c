//! `amx doctor`: each planted fault is found by the name of its check with what to type; nothing is
//! changed, asked needlessly or given away.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::{Value, json};

use crate::front::{DEAD, Front};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::{Sandbox, files_below};

const PLAIN: &str = "meta-llama/llama-3.1-70b-instruct";

/// A profile in which nothing is wrong, as far as no server is asked.
const WELL: &str = "\
llm_profiles:
  work: {model: meta-llama/llama-3.1-70b-instruct, api_key: '${WORK_KEY}'}
active_llm_profile: work
";

fn sandbox() -> Sandbox {
    Sandbox::new().without("HTTPS_PROXY").env("WORK_KEY", KEY)
}

/// The profile of [`WELL`] with other fields.
fn work(fields: &str) -> String {
    format!("llm_profiles:\n  work: {{{fields}}}\n")
}

/// Fields of a profile that asks the server at this base URL.
fn at(base_url: &str, more: &str) -> String {
    work(&format!(
        "model: {PLAIN}, api_key: '${{WORK_KEY}}', base_url: '{base_url}'{more}"
    ))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn amx(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    sandbox.home().join(".amx").join(name)
}

/// The findings of a check.
fn findings<'a>(report: &'a Value, check: &str) -> Vec<&'a Value> {
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["name"] == check)
        .collect()
}

/// Damages the pages behind the first; the head stays as it was.
fn damage_pages(sandbox: &Sandbox) {
    let mut bytes = fs::read(amx(sandbox, "amx.db")).unwrap();
    bytes[4096..]
        .iter_mut()
        .step_by(3)
        .for_each(|byte| *byte ^= 0x55);
    fs::write(amx(sandbox, "amx.db"), bytes).unwrap();
}

/// Asserts that the check found a fault so serious, with this in its remedy; and that exit code and
/// totals fit.
#[track_caller]
fn assert_found(outcome: &Outcome, check: &str, status: &str, remedy: &str) {
    let report = outcome.json();
    let found = findings(&report, check);
    let is_it = |row: &&Value| {
        row["status"] == status
            && row["remedy"]
                .as_str()
                .is_some_and(|text| text.contains(remedy))
    };
    assert!(
        found.iter().any(is_it),
        "{check} did not find the {status} with '{remedy}': {found:?}\n{outcome}"
    );
    let failures = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["status"] == "failure")
        .count();
    assert_eq!(
        (report["failures"].as_u64(), &report["ok"]),
        (Some(failures as u64), &json!(failures == 0)),
        "{outcome}"
    );
    outcome.assert_code(i32::from(failures > 0));
}

/// A fault that can be seen without a server: the check that finds it, how serious it is, a part of
/// the remedy, and how it is planted.
type Planted = (&'static str, &'static str, &'static str, fn() -> Sandbox);

/// The store of a conversation with the demo.
fn with_store() -> Sandbox {
    let sandbox = sandbox().config(WELL);
    sandbox.run(["chat", "-p", "demo", "hi"]).assert_code(0);
    assert!(amx(&sandbox, "amx.db").exists());
    sandbox
}

fn in_config(text: &str) -> Sandbox {
    sandbox().config(text)
}

const IN_FILES: &[Planted] = &[
    ("config.home", "failure", "export AMX_CONFIG_DIR", || {
        sandbox().config(WELL).env("AMX_CONFIG_DIR", ".amx")
    }),
    ("config.folder", "failure", "mv ~/.amx ~/.amx.old", || {
        sandbox().file(".amx", "a file")
    }),
    ("config.folder-mode", "failure", "chmod 700 ~/.amx", || {
        let sandbox = in_config(WELL);
        set_mode(&sandbox.home().join(".amx"), 0o755);
        sandbox
    }),
    ("config.links", "failure", "cp -L ~/.amx/config.yml", || {
        let sandbox = in_config(WELL).file("elsewhere.yml", WELL);
        fs::remove_file(amx(&sandbox, "config.yml")).unwrap();
        symlink(
            sandbox.home().join("elsewhere.yml"),
            amx(&sandbox, "config.yml"),
        )
        .unwrap();
        sandbox
    }),
    ("config.links", "failure", "amx.db", || {
        let sandbox = in_config(WELL);
        symlink("/dev/null", amx(&sandbox, "amx.db")).unwrap();
        sandbox
    }),
    ("config.file", "failure", "mv ~/.amx/config.yml", || {
        let sandbox = in_config(WELL);
        fs::remove_file(amx(&sandbox, "config.yml")).unwrap();
        fs::create_dir(amx(&sandbox, "config.yml")).unwrap();
        sandbox
    }),
    ("config.file", "failure", "amx config restore", || {
        sandbox().config([0x7f, b'E', b'L', b'F', 0xff, 0xfe])
    }),
    (
        "config.file-mode",
        "failure",
        "chmod 600 ~/.amx/config.yml",
        || {
            let sandbox = in_config(WELL);
            set_mode(&amx(&sandbox, "config.yml"), 0o644);
            sandbox
        },
    ),
    (
        "config.file-mode",
        "failure",
        "chmod 600 ~/.amx/history",
        || {
            let sandbox = in_config(WELL).file(".amx/history", "hello\n");
            set_mode(&amx(&sandbox, "history"), 0o640);
            sandbox
        },
    ),
    ("config.valid", "failure", "amx config edit", || {
        in_config("llm_profiles: [oops\n")
    }),
    ("config.valid", "failure", "amx config edit", || {
        in_config(&work("model: a/b, max_tokens: many"))
    }),
    ("config.unknown-keys", "warning", "amx config edit", || {
        in_config(&work("model: a/b, temprature: 1"))
    }),
    ("config.schema", "warning", "newer amx", || {
        in_config(&format!("schema_version: 99\n{WELL}"))
    }),
    ("config.active", "failure", "amx profiles use", || {
        in_config(&WELL.replace("profile: work", "profile: wrok"))
    }),
    ("config.active", "failure", "amx profiles use", || {
        in_config("llm_profiles: {a: {model: a/b}, b: {model: a/b}}\n")
    }),
    (
        "config.backups",
        "warning",
        "rm ~/.amx/config.yml.bak.1",
        || in_config(WELL).file(".amx/config.yml.bak.1", "llm_profiles: [oops\n"),
    ),
    (
        "config.leftovers",
        "warning",
        "rm ~/.amx/.config.*.tmp",
        || in_config(WELL).file(".amx/.config.abc.tmp", ""),
    ),
    ("config.repository", "warning", ".gitignore", || {
        let sandbox = in_config(WELL);
        fs::create_dir(sandbox.home().join(".git")).unwrap();
        sandbox
    }),
    (
        "environment.values",
        "failure",
        "unset AMX_REASONING_EFFORT",
        || in_config(WELL).env("AMX_REASONING_EFFORT", "extreme"),
    ),
    (
        "environment.values",
        "failure",
        "unset AMX_LLM_TIMEOUT_SEC",
        || {
            in_config(WELL)
                .env("AMX_REASONING_EFFORT", "extreme")
                .env("AMX_LLM_TIMEOUT_SEC", "soon")
        },
    ),
    (
        "environment.values",
        "failure",
        "unset MOONSHOT_API_KEY",
        || in_config(WELL).env("MOONSHOT_API_KEY", "two words"),
    ),
    ("environment.values", "failure", "unset AMX_PROFILE", || {
        in_config(WELL).env("AMX_PROFILE", "wrok")
    }),
    ("environment.unknown", "warning", "unset AMX_MODLE", || {
        in_config(WELL).env("AMX_MODLE", "a/b")
    }),
    ("profile.settings", "failure", "export UNSET=…", || {
        in_config(&at("https://${UNSET}/v1", ""))
    }),
    ("profile.settings", "failure", "amx config edit", || {
        in_config(&work("model: a/b, provider: opnrouter"))
    }),
    ("profile.address", "warning", "https://", || {
        in_config(&at("http://elsewhere.example/v1", ", allow_insecure: true"))
    }),
    (
        "profile.address",
        "warning",
        "amx config explain base_url",
        || in_config(&at("https://openrouter.ai/v1", "")),
    ),
    ("profile.fallbacks", "warning", "fallback_profiles", || {
        in_config(&work("model: a, provider: openai, fallback_models: [b]"))
    }),
    ("profile.fallbacks", "failure", "amx config edit", || {
        in_config(
            "llm_profiles: {work: {model: a/b, fallback_profiles: [other]}, other: {provider: opnai, model: a}}\nactive_llm_profile: work\n",
        )
    }),
    ("profile.costs", "warning", "price", || {
        in_config(&work(
            "provider: openai, model: gpt-5, max_cost: {per_request: 1}",
        ))
    }),
    ("profile.reasoning", "warning", "amx config edit", || {
        in_config(&work("model: a/b, reasoning: off, reasoning_effort: high"))
    }),
    ("key.source", "failure", "export OPENROUTER_API_KEY", || {
        in_config(&work("model: a/b"))
    }),
    ("key.source", "failure", "amx add-llm-profile", sandbox),
    (
        "key.keyring",
        "failure",
        "export OPENROUTER_API_KEY",
        || in_config(&work("model: a/b, api_key: 'keyring://amx/work/api_key'")),
    ),
    ("key.readable", "failure", "export NOPE", || {
        in_config(&work("model: a/b, api_key: '${NOPE}'"))
    }),
    ("key.readable", "failure", "amx config edit", || {
        in_config(&work("model: a/b, api_key: 'file:/nonexistent/key'"))
    }),
    ("key.readable", "failure", "chmod 600", || {
        let sandbox = in_config(&work("model: a/b, api_key: 'file:~/key'")).file("key", KEY);
        set_mode(&sandbox.home().join("key"), 0o644);
        sandbox
    }),
    ("key.form", "warning", "amx add-llm-profile work", || {
        in_config(WELL).env("WORK_KEY", "AIza-of-another-provider")
    }),
    (
        "key.plain-text",
        "warning",
        "amx profiles show work",
        || in_config(&work(&format!("model: a/b, api_key: {KEY}"))),
    ),
    ("key.plain-text", "warning", "${NAME}", || {
        in_config(&work(&format!("model: a/b, headers: {{X-Api-Key: {KEY}}}")))
    }),
    ("key.plain-text", "warning", "amx config edit", || {
        in_config(&format!("# {KEY}\n{WELL}"))
    }),
    ("key.plain-text", "warning", "amx config edit", || {
        in_config(&format!("llm_profiles: [{KEY}\n"))
    }),
    (
        "key.plain-text",
        "warning",
        "rm ~/.amx/config.yml.bak.2",
        || in_config(WELL).file(".amx/config.yml.bak.2", format!("# {KEY}\n")),
    ),
    ("key.plain-text", "warning", "rm ~/.amx/history", || {
        in_config(WELL).file(".amx/history", format!("my key is {KEY}\n"))
    }),
    ("key.plain-text", "warning", "replace the key", || {
        in_config(WELL).file(
            ".bash_history",
            format!("export OPENROUTER_API_KEY={KEY}\n"),
        )
    }),
    ("key.plain-text", "warning", "amx login", || {
        in_config(WELL).file(".zshrc", format!("export OPENROUTER_API_KEY='{KEY}'\n"))
    }),
    (
        "network.authorities",
        "failure",
        "unset AMX_CA_BUNDLE",
        || in_config(WELL).env("AMX_CA_BUNDLE", "/nonexistent.pem"),
    ),
    (
        "network.authorities",
        "failure",
        "unset SSL_CERT_FILE",
        || {
            in_config(WELL)
                .file("empty.pem", "")
                .env("SSL_CERT_FILE", "empty.pem")
        },
    ),
    ("network.proxy", "failure", "unset HTTPS_PROXY", || {
        in_config(WELL).env("HTTPS_PROXY", "ftp://user:hunter2hunter2@proxy.example")
    }),
    ("store.mode", "failure", "chmod 600 ~/.amx/amx.db", || {
        let sandbox = with_store();
        set_mode(&amx(&sandbox, "amx.db"), 0o644);
        sandbox
    }),
    ("store.integrity", "failure", "amx sessions list", || {
        in_config(WELL).file(".amx/amx.db", "this is no database\n".repeat(100))
    }),
    ("store.integrity", "failure", "amx sessions list", || {
        let sandbox = with_store();
        damage_pages(&sandbox);
        sandbox
    }),
    ("store.schema", "failure", "newer amx", || {
        let sandbox = with_store();
        let mut bytes = fs::read(amx(&sandbox, "amx.db")).unwrap();
        // Where SQLite keeps `user_version`.
        bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
        fs::write(amx(&sandbox, "amx.db"), bytes).unwrap();
        sandbox
    }),
    (
        "store.aside",
        "warning",
        "sqlite3 ~/.amx/amx.db.corrupt-1795236000",
        || in_config(WELL).file(".amx/amx.db.corrupt-1795236000", "x"),
    ),
    ("terminal.characters", "warning", "export LC_ALL", || {
        in_config(WELL).env("LANG", "de_DE.ISO-8859-1")
    }),
    ("program.duplicates", "warning", "rm ~/second/amx", || {
        let sandbox = in_config(WELL);
        fs::create_dir(sandbox.home().join("first")).unwrap();
        fs::create_dir(sandbox.home().join("second")).unwrap();
        let path = format!(
            "{}/first:{}/second",
            sandbox.home().display(),
            sandbox.home().display()
        );
        sandbox
            .script("first/amx", "exit 0")
            .script("second/amx", "exit 0")
            .env("PATH", path)
    }),
    ("program.path", "warning", "command -v amx", || {
        let sandbox = in_config(WELL);
        let path = sandbox.home().to_owned();
        sandbox.script("amx", "exit 0").env("PATH", path)
    }),
];

#[test]
fn problems_in_files_and_variables_are_reported_by_name() {
    assert!(IN_FILES.len() >= 30);
    for (check, status, remedy, plant) in IN_FILES {
        assert_found(
            &plant().run(["doctor", "--offline", "--json"]),
            check,
            status,
            remedy,
        );
    }
}

#[test]
fn the_remedy_for_a_damaged_store_works() {
    let sandbox = with_store();
    damage_pages(&sandbox);
    let arguments = ["doctor", "--offline", "--json"];
    assert_found(
        &sandbox.run(arguments),
        "store.integrity",
        "failure",
        "amx sessions list",
    );
    sandbox
        .run(["sessions", "list"])
        .assert_code(0)
        .assert_stderr_has("amx.db.corrupt-");
    let report = sandbox.run(arguments).json();
    assert_eq!(findings(&report, "store.integrity")[0]["status"], "ok");
}

#[test]
fn files_of_another_owner_are_found() {
    let sandbox = in_config(WELL);
    // Only the superuser can give files away.
    if std::os::unix::fs::chown(amx(&sandbox, "config.yml"), Some(12_345), None).is_ok() {
        assert_found(
            &sandbox.run(["doctor", "--offline", "--json"]),
            "config.owner",
            "failure",
            "sudo chown -R",
        );
    }
}

/// A server that answers the three questions.
fn provider() -> Double {
    Double::start([])
        .also(routes::models())
        .also(routes::key())
        .also(routes::credits(200))
}

fn key_with(field: &'static str, value: Value) -> Double {
    let answer = move || {
        let mut data = json!({"label": "x", "limit": 10.0, "limit_remaining": 7.5, "usage": 2.5});
        data[field] = value.clone();
        reply::json(json!({"data": data}))
    };
    Double::start([])
        .also(routes::models())
        .also(routes::credits(200))
        .also(routes::get("/api/v1/key", answer))
}

fn models_as(answer: impl Fn() -> Reply + Send + 'static) -> Double {
    Double::start([])
        .also(routes::get("/api/v1/models", answer))
        .also(routes::key())
        .also(routes::credits(200))
}

fn listed(field: &'static str, value: Value) -> Double {
    models_as(move || {
        let mut model = json!({"id": PLAIN, "supported_parameters": ["max_tokens"]});
        model[field] = value.clone();
        reply::json(json!({"data": [model]}))
    })
}

/// A fault that a server shows, in a profile with more fields.
type Shown = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    fn() -> Double,
);

const AT_SERVERS: &[Shown] = &[
    ("key.limit", "failure", "raise the limit", "", || {
        key_with("limit_remaining", json!(0))
    }),
    ("key.limit", "warning", "raise the limit", "", || {
        key_with("limit_remaining", json!(0.2))
    }),
    (
        "key.expiry",
        "failure",
        "amx login --profile work",
        "",
        || key_with("expires_at", json!("2020-01-01T00:00:00Z")),
    ),
    ("key.credits", "failure", "settings/credits", "", || {
        let spent = || reply::json(json!({"data": {"total_credits": 5.0, "total_usage": 5.0}}));
        Double::start([])
            .also(routes::models())
            .also(routes::key())
            .also(routes::get("/api/v1/credits", spent))
    }),
    (
        "network.answer",
        "failure",
        "amx config explain base_url",
        "",
        || models_as(|| reply::page(200, "text/html", "<html>hello</html>")),
    ),
    (
        "network.answer",
        "failure",
        "amx config explain base_url",
        "",
        || {
            models_as(|| {
                reply::refusal(308, "moved")
                    .header("location", "https://elsewhere.example/v1/models")
            })
        },
    ),
    ("network.answer", "failure", "again", "", || {
        models_as(|| reply::refusal(503, "down"))
    }),
    (
        "network.answer",
        "warning",
        "amx config explain base_url",
        "",
        || models_as(|| reply::refusal(404, "Not Found")),
    ),
    ("network.clock", "failure", "set-ntp", "", || {
        models_as(|| {
            reply::json(json!({"data": []})).header("date", "Wed, 01 Jan 2020 00:00:00 GMT")
        })
    }),
    (
        "model.known",
        "failure",
        "amx config explain model",
        "",
        || models_as(|| reply::json(json!({"data": [{"id": "meta-llama/llama-3.1-70b-instruc"}]}))),
    ),
    (
        "model.known",
        "failure",
        "amx config edit",
        ", fallback_models: [openai/gpt-5-mni]",
        provider,
    ),
    ("model.retiring", "failure", "amx config edit", "", || {
        listed("expiration_date", json!("2020-01-01"))
    }),
    (
        "model.supports",
        "warning",
        "amx config edit",
        ", temperature: 0.2",
        || listed("supported_parameters", json!(["max_tokens"])),
    ),
    (
        "model.supports",
        "warning",
        "amx config edit",
        ", openrouter: {top_k: 4}",
        || listed("supported_parameters", json!(["max_tokens"])),
    ),
    (
        "model.room",
        "warning",
        "amx config edit",
        ", max_tokens: 20000",
        provider,
    ),
    (
        "model.room",
        "warning",
        "amx config edit",
        ", context_window: 200000",
        provider,
    ),
];

#[test]
fn problems_of_a_server_are_reported_by_name() {
    for (check, status, remedy, more, start) in AT_SERVERS {
        let double = start();
        let outcome = sandbox()
            .config(at(&double.base_url(), more))
            .run(["doctor", "--json"]);
        assert_found(&outcome, check, status, remedy);
    }
}

#[test]
fn a_key_that_is_not_accepted_is_found() {
    let double = provider();
    let outcome = sandbox()
        .env("WORK_KEY", format!("sk-or-v1-{}", "0ther".repeat(8)))
        .config(at(&double.base_url(), ""))
        .run(["doctor", "--json"]);
    assert_found(
        &outcome,
        "key.accepted",
        "failure",
        "https://openrouter.ai/keys",
    );
    assert!(!double.take_faults().is_empty());
}

#[test]
fn network_problems_are_reported_by_name() {
    let double = Double::start([]);
    let unproven = Front::tls(double.address(), "loopback");
    let secure = format!("https://{}/api/v1", unproven.address());
    // No label of a name may be as long: nobody has to be asked for it.
    let unknown =
        ["https", "http"].map(|scheme| format!("{scheme}://{}.example/api/v1", "x".repeat(70)));
    let dead = format!("http://{DEAD}/api/v1");
    let cases = [
        ("network.certificate", "AMX_CA_BUNDLE", secure, None),
        ("network.name", "getent hosts", unknown[0].clone(), None),
        ("network.name", "getent hosts", unknown[1].clone(), None),
        ("network.connection", "start the server", dead, None),
        (
            "network.connection",
            "unset HTTPS_PROXY",
            "https://elsewhere.example/v1".to_owned(),
            Some(format!("http://user:hunter2hunter2@{DEAD}")),
        ),
    ];
    for (check, remedy, base_url, proxy) in cases {
        let sandbox = proxy.into_iter().fold(sandbox(), |sandbox, proxy| {
            sandbox.env("HTTPS_PROXY", proxy)
        });
        let outcome = sandbox
            .config(at(&base_url, ", allow_insecure: true"))
            .run(["doctor", "--json"]);
        assert_found(&outcome, check, "failure", remedy);
        assert!(!outcome.stdout().contains("hunter2"), "{outcome}");
    }
}

#[test]
fn a_misspelt_model_without_a_profile_has_a_remedy_for_its_variable() {
    let double = provider();
    let sandbox = sandbox()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OPENROUTER_API_KEY", KEY);
    let misspelt = PLAIN.replace("llama-3.1", "lama-3.1");
    let outcome = sandbox.env("AMX_MODEL", misspelt).run(["doctor", "--json"]);
    let remedy = format!("export AMX_MODEL={PLAIN}");
    assert_found(&outcome, "model.known", "failure", &remedy);
    assert!(!outcome.stdout().contains("-p (none)"), "{outcome}");
}

#[test]
fn a_program_that_gives_no_key_is_found() {
    let sandbox = sandbox()
        .config(work(&format!(
            "model: a/b, base_url: 'http://{DEAD}', api_key: 'cmd:./vault'"
        )))
        .script("vault", "echo half-a-secret >&2; exit 1");
    let outcome = sandbox.run(["doctor", "--json"]);
    assert_found(
        &outcome,
        "key.readable",
        "failure",
        "run ./vault in a shell",
    );
    // What a program says about a key may be the key.
    assert!(
        !outcome.stdout().contains("half-a-secret") && !outcome.stderr().contains("half-a-secret"),
        "{outcome}"
    );
}

/// Path, mode and content of everything below a folder.
fn everything(folder: &Path) -> BTreeMap<std::path::PathBuf, (u32, Vec<u8>)> {
    let look = |path: std::path::PathBuf| {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        let content = fs::read(&path).unwrap();
        (path, (mode, content))
    };
    files_below(folder).into_iter().map(look).collect()
}

#[test]
fn without_problems_nothing_fails_and_nothing_is_changed() {
    let double = provider();
    let sandbox = sandbox().config(at(
        &double.base_url(),
        ", temperature: 0.2, max_tokens: 4096",
    ));
    sandbox.run(["chat", "-p", "demo", "hi"]).assert_code(0);
    let before = everything(sandbox.home());
    let outcome = sandbox.run(["doctor", "--json"]);
    outcome.assert_code(0);
    let report = outcome.json();
    let bad: Vec<&Value> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["remedy"].is_null())
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(everything(sandbox.home()), before);
    for (check, words) in [
        ("key.limit", "$7.50 of $10.00 remaining"),
        ("key.credits", "$17.50 remaining"),
        ("model.known", PLAIN),
        ("store.integrity", "intact, 1 session"),
    ] {
        assert_eq!(findings(&report, check)[0]["words"], words, "{outcome}");
        assert_eq!(findings(&report, check)[0]["status"], "ok", "{outcome}");
    }
    let certificate = findings(&report, "network.certificate");
    assert_eq!(certificate[0]["status"], "skipped", "{outcome}");
    // Each question once.
    let mut asked: Vec<String> = double
        .requests()
        .iter()
        .map(|recorded| recorded.request.path.clone())
        .collect();
    asked.sort();
    assert_eq!(asked, ["/api/v1/credits", "/api/v1/key", "/api/v1/models"]);
}

#[test]
fn the_report_for_people_has_a_row_for_each_check_and_names_no_user() {
    let double = provider();
    let sandbox = sandbox().config(at(&double.base_url(), ""));
    set_mode(&amx(&sandbox, "config.yml"), 0o644);
    let outcome = sandbox.run(["doctor", "--verbose"]);
    outcome
        .assert_failure(1)
        .assert_stderr_has("error: 1 check failed")
        .assert_stderr_has("hint: chmod 600 ~/.amx/config.yml");
    for check in amx::tables::CHECKS {
        assert!(
            outcome.stdout().contains(check.name),
            "{} is missing\n{outcome}",
            check.name
        );
    }
    assert!(
        outcome.stdout().contains("→ chmod 600 ~/.amx/config.yml"),
        "{outcome}"
    );
    assert!(
        !outcome
            .stdout()
            .contains(&sandbox.home().display().to_string()),
        "{outcome}"
    );
}

#[test]
fn the_short_report_has_a_line_for_each_healthy_profile() {
    let double = provider();
    let profiles: String = (1..=8)
        .map(|number| {
            format!(
                "  p{number}: {{model: {PLAIN}, api_key: '${{WORK_KEY}}', base_url: '{}'}}\n",
                double.base_url()
            )
        })
        .collect();
    let config = format!("llm_profiles:\n{profiles}active_llm_profile: p1\n");
    let outcome = sandbox().config(&config).run(["doctor"]);
    outcome.assert_code(0);
    let stdout = outcome.stdout();
    assert!(stdout.lines().count() <= 40, "{outcome}");
    for number in 1..=8 {
        let line = stdout
            .lines()
            .find(|line| line.contains(&format!(" p{number} ")))
            .unwrap();
        assert!(
            line.starts_with("  ok ")
                && line.contains(PLAIN)
                && line.contains("key accepted, model offered, $7.50 of $10.00 remaining"),
            "{outcome}"
        );
    }
    assert!(
        stdout.contains("p1, p2, p3, p4, p5, p6, p7, p8 at 127.0.0.1"),
        "one note for all of them\n{outcome}"
    );
    assert!(!stdout.contains("key.readable"), "{outcome}");
}

#[test]
fn the_short_report_ends_with_failures_profiles_and_remedies() {
    let double = provider();
    let config = format!(
        "llm_profiles:\n  good: {{model: {PLAIN}, api_key: '${{WORK_KEY}}', base_url: '{url}'}}\n  \
        lost: {{model: no/such, api_key: '${{WORK_KEY}}', base_url: '{url}'}}\n\
        active_llm_profile: good\n",
        url = double.base_url()
    );
    let outcome = sandbox().config(&config).run(["doctor"]);
    outcome.assert_failure(1);
    let stdout = outcome.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    let [.., failure, remedy] = lines.as_slice() else {
        panic!("{outcome}");
    };
    assert!(
        failure.starts_with("  failure  model.known ")
            && failure.contains(" lost at 127.0.0.1:")
            && failure.contains("unknown model 'no/such'"),
        "{outcome}"
    );
    assert!(
        remedy
            .trim()
            .starts_with("→ amx config explain model -p lost"),
        "{outcome}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("  failure  lost"))
            && lines.iter().any(|line| line.starts_with("  ok       good")),
        "{outcome}"
    );
}

#[test]
fn offline_contacts_no_server() {
    let double = Double::start([]);
    let sandbox = sandbox()
        .config(at(&double.base_url(), ""))
        .script("vault", "touch ran");
    let outcome = sandbox.run(["doctor", "--offline", "--json"]);
    outcome.assert_code(0);
    assert!(double.requests().is_empty());
    assert_eq!(
        findings(&outcome.json(), "network.answer")[0]["words"],
        "--offline"
    );
    // A program that prints a key may prompt the user too.
    let sandbox = sandbox.config(work("model: a/b, api_key: 'cmd:./vault'"));
    sandbox.run(["doctor", "--offline"]).assert_code(0);
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn a_broken_file_hides_neither_the_environment_nor_the_rest() {
    let double = provider();
    let outcome = Sandbox::with(&double)
        .config("llm_profiles: [oops\n")
        .run(["doctor", "--json"]);
    assert_found(&outcome, "config.valid", "failure", "amx config edit");
    assert_eq!(
        findings(&outcome.json(), "key.accepted")[0]["status"],
        "ok",
        "{outcome}"
    );
}

#[test]
fn one_profile_can_be_looked_at_alone() {
    let text = "llm_profiles: {a: {model: a/b, api_key: '${WORK_KEY}'}, b: {provider: nobody, model: a}}\nactive_llm_profile: a\n";
    let sandbox = sandbox().config(text);
    sandbox.run(["doctor", "--offline"]).assert_failure(1);
    sandbox
        .run(["doctor", "--offline", "-p", "a"])
        .assert_code(0);
    sandbox
        .run(["doctor", "--offline", "-p", "c"])
        .assert_failure(3);
}

#[test]
fn names_that_start_like_keys_are_not_keys() {
    let sandbox = sandbox().config(WELL).file(
        ".bash_history",
        "grep sk-estimator-doc-link-icon page.html\n",
    );
    let outcome = sandbox.run(["doctor", "--offline", "--json"]);
    assert_eq!(
        findings(&outcome.json(), "key.plain-text")[0]["status"],
        "ok",
        "{outcome}"
    );
}

#[test]
fn what_looks_like_a_key_is_not_repeated() {
    // Not a key that is known, but it could be one.
    let lookalike = format!("sk-or-v1-{}", "l00k".repeat(8));
    let sandbox = sandbox()
        .config(work(&format!(
            "model: a/b, provider: {lookalike}, {lookalike}: 1"
        )))
        .env("AMX_REASONING_EFFORT", &lookalike);
    for arguments in [
        &["doctor", "--offline"][..],
        &["doctor", "--offline", "--json"],
    ] {
        let outcome = sandbox.run(arguments);
        assert!(
            !outcome.stdout().contains(&lookalike) && !outcome.stderr().contains(&lookalike),
            "{outcome}"
        );
    }
}

#[test]
fn every_model_gets_a_one_word_request() {
    let double = Double::start([
        reply::stream(["ok"]),
        reply::refusal(400, "no/such is not a valid model ID"),
    ]);
    let base_url = double.base_url();
    let text = format!(
        "llm_profiles:\n  a: {{model: {PLAIN}, api_key: '${{WORK_KEY}}', base_url: '{base_url}'}}\n  b: {{model: x/refused, api_key: '${{WORK_KEY}}', base_url: '{base_url}'}}\n"
    );
    let outcome = sandbox().config(text).run(["doctor", "models", "--json"]);
    outcome.assert_code(1);
    let rows = outcome.json();
    assert_eq!(
        (
            &rows[0]["profile"],
            &rows[0]["ok"],
            rows[0]["total_ms"].is_u64()
        ),
        (&json!("a"), &json!(true), true),
        "{outcome}"
    );
    assert_eq!(
        (&rows[1]["profile"], &rows[1]["ok"], &rows[1]["model"]),
        (&json!("b"), &json!(false), &Value::Null),
        "{outcome}"
    );
    assert!(
        rows[1]["remedy"]
            .as_str()
            .is_some_and(|remedy| !remedy.is_empty()),
        "{outcome}"
    );
}
