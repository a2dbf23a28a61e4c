//! Keys in a real Secret Service, as `logout` removes them and `doctor` finds them; and what both
//! say without one.

use serde_json::Value;

use crate::secret_service::{HungBus, SecretService, is_wanted};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::routes;
use crate::support::sandbox::Sandbox;
use amx::tables::KEYRING_DEADLINE;

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// Two profiles whose keys are in the keyring, and one whose key is not.
const CONFIG: &str = "\
llm_profiles:
  openrouter: {model: a/b, api_key: keyring://amx/openrouter/api_key}
  work: {model: a/b, api_key: keyring://amx/work/api_key}
  shared: {model: a/b, api_key: keyring://amx/work/api_key}
  vault: {model: a/b, api_key: 'cmd:touch ran'}
active_llm_profile: openrouter
";

fn sandbox(service: &SecretService) -> Sandbox {
    Sandbox::new().config(CONFIG).env(BUS, service.address())
}

#[test]
fn logout_removes_the_key_that_login_made_or_the_one_named() {
    if !is_wanted("logout_removes_the_key_that_login_made_or_the_one_named") {
        return;
    }
    let service = SecretService::unlocked();
    for name in ["openrouter", "work"] {
        service.store(&format!("{name}/api_key"), KEY);
        service.store(&format!("{name}/api_key.origin"), "https://openrouter.ai");
    }
    let outcome = sandbox(&service).run(["logout"]);
    outcome.assert_answer(
        "✓ Removed the key of profile 'openrouter' from the keyring\n  The key is still valid; revoke it at https://openrouter.ai/keys\n",
    );
    assert_eq!(
        (
            service.lookup("openrouter/api_key"),
            service.lookup("openrouter/api_key.origin")
        ),
        (None, None)
    );
    assert_eq!(service.lookup("work/api_key").as_deref(), Some(KEY));
    sandbox(&service)
        .run(["logout"])
        .assert_failure(1)
        .assert_stderr_has("hint: amx login --profile openrouter");
    let outcome = sandbox(&service)
        .env("OPENROUTER_API_KEY", "sk-or-v1-of-the-environment")
        .run(["logout", "-p", "work"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("'shared' used the same key")
        .assert_stderr_has("OPENROUTER_API_KEY is set");
    assert_eq!(service.count(), 0);
}

#[test]
fn logout_without_a_name_removes_the_key_that_a_removed_profile_left() {
    if !is_wanted("logout_without_a_name_removes_the_key_that_a_removed_profile_left") {
        return;
    }
    let service = SecretService::unlocked();
    for name in ["openrouter", "box"] {
        service.store(&format!("{name}/api_key"), KEY);
    }
    let config = "llm_profiles:\n  box: {provider: deepseek, model: m, api_key: \
        keyring://amx/box/api_key}\nactive_llm_profile: box\n";
    let sandbox = Sandbox::new().config(config).env(BUS, service.address());
    sandbox.run(["logout"]).assert_code(0);
    assert_eq!(service.lookup("openrouter/api_key"), None);
    sandbox
        .run(["logout"])
        .assert_failure(2)
        .assert_stderr_has("hint: amx logout NAME");
    assert_eq!(service.lookup("box/api_key").as_deref(), Some(KEY));
}

#[test]
fn a_key_that_another_profile_uses_outlives_a_profile() {
    if !is_wanted("a_key_that_another_profile_uses_outlives_a_profile") {
        return;
    }
    let service = SecretService::unlocked();
    service.store("work/api_key", KEY);
    let renamed = sandbox(&service);
    renamed
        .run(["profiles", "rename", "work", "job"])
        .assert_code(0);
    let text = std::fs::read_to_string(renamed.home().join(".amx/config.yml")).unwrap();
    assert_eq!(
        text.matches("keyring://amx/job/api_key").count(),
        2,
        "{text}"
    );
    assert_eq!(service.lookup("work/api_key"), None);
    renamed
        .run(["profiles", "remove", "job", "--yes"])
        .assert_code(0)
        .assert_stderr_has("profile 'shared' uses it");
    assert_eq!(service.lookup("job/api_key").as_deref(), Some(KEY));
    let flags = [
        "--no-input",
        "--provider",
        "openrouter",
        "--model",
        "a/b",
        "--no-check",
    ];
    let again = renamed.stdin("sk-or-v1-a-key-of-another");
    again
        .run([&["add-llm-profile", "job", "--api-key-stdin"], &flags[..]].concat())
        .assert_failure(2)
        .assert_stderr_has("has the key of profile 'shared'");
    assert_eq!(service.lookup("job/api_key").as_deref(), Some(KEY));
}

#[test]
fn logout_takes_no_key_that_is_not_the_profiles_own() {
    let sandbox = || Sandbox::new().config(CONFIG);
    sandbox()
        .run(["logout", "-p", "shared"])
        .assert_failure(1)
        .assert_stderr_has("keyring://amx/work/api_key");
    sandbox()
        .run(["logout", "-p", "vault"])
        .assert_failure(1)
        .assert_stderr_has("amx config explain api_key -p vault");
    sandbox()
        .run(["logout", "-p", "opnrouter"])
        .assert_failure(3)
        .assert_stderr_has("openrouter");
    // Nobody is there to ask.
    sandbox().run(["logout"]).assert_failure(4);
    assert!(!sandbox().home().join("ran").exists());
}

/// The finding of a check about a profile.
#[track_caller]
fn finding(outcome: &Outcome, check: &str, profile: Option<&str>) -> Value {
    let report = outcome.json();
    let is_it = |row: &&Value| row["name"] == check && row["profile"].as_str() == profile;
    let Some(found) = report["checks"].as_array().unwrap().iter().find(is_it) else {
        panic!("no {check}\n{outcome}")
    };
    found.clone()
}

#[test]
fn doctor_finds_a_key_for_another_server_and_one_that_is_gone() {
    if !is_wanted("doctor_finds_a_key_for_another_server_and_one_that_is_gone") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([])
        .also(routes::models())
        .also(routes::key())
        .also(routes::credits(200));
    service.store("here/api_key", KEY);
    service.store(
        "here/api_key.origin",
        &format!("http://{}", double.address()),
    );
    service.store("elsewhere/api_key", KEY);
    service.store("elsewhere/api_key.origin", "https://openrouter.ai");
    let profile = |name: &str| {
        format!(
            "  {name}: {{model: openai/gpt-5-mini, base_url: '{}', api_key: 'keyring://amx/{name}/api_key'}}\n",
            double.base_url()
        )
    };
    let config = ["here", "elsewhere", "gone"].map(profile).concat();
    let outcome = Sandbox::new()
        .config(format!("llm_profiles:\n{config}active_llm_profile: here\n"))
        .env(BUS, service.address())
        .run(["doctor", "--json"]);
    outcome.assert_code(1);
    for (check, profile, status) in [
        ("key.keyring", None, "ok"),
        ("key.binding", Some("here"), "ok"),
        ("key.accepted", Some("here"), "ok"),
        ("key.binding", Some("elsewhere"), "failure"),
        ("key.accepted", Some("elsewhere"), "skipped"),
        ("key.readable", Some("gone"), "failure"),
    ] {
        assert_eq!(
            finding(&outcome, check, profile)["status"],
            status,
            "{check} of {profile:?}\n{outcome}"
        );
    }
    // Only the key that belongs to the server has been sent to it.
    let sent = double
        .requests()
        .iter()
        .filter(|asked| !asked.header("authorization").is_empty())
        .count();
    assert_eq!((sent, double.requests().len()), (3, 4), "{outcome}");
}

#[test]
fn doctor_reads_a_hung_keyring_only_once() {
    let bus = HungBus::start();
    let outcome = Sandbox::new().config(CONFIG).env(BUS, bus.address()).run([
        "doctor",
        "--offline",
        "--json",
    ]);
    outcome.assert_code(1);
    assert_eq!(
        finding(&outcome, "key.keyring", None)["status"],
        "failure",
        "{outcome}"
    );
    // Three profiles keep their key there: to wait for one after another would take so long at
    // least.
    assert!(outcome.elapsed < 2 * KEYRING_DEADLINE, "{outcome}");
}

#[test]
fn doctor_leaves_the_keyring_alone_where_no_key_is_kept_there() {
    let bus = HungBus::start();
    let config = "llm_profiles: {p: {model: a/b, api_key: '${WORK_KEY}'}}\n";
    Sandbox::new()
        .config(config)
        .env("WORK_KEY", KEY)
        .env(BUS, bus.address())
        .run(["doctor", "--offline"])
        .assert_code(0);
    assert!(!bus.was_touched());
}
