//! `amx login`: through the browser and by a pasted code, refused, denied and given up; the key
//! goes to the keyring or nowhere.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use crate::pty::USUAL;
use crate::secret_service::{HungBus, SecretService, is_wanted, no_bus};
use crate::stage::{self, mode};
use crate::support::double::{Double, KEY, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::running::{Running, Stream};
use crate::support::sandbox::Sandbox;

const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

const EXCHANGE: &str = "/api/v1/auth/keys";

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

const CODE: &str = "code-4711";

const HEADLESS: &[&str] = &["login", "--headless"];

/// The last part of the page's URL.
const END_OF_PAGE: &str = "key_label=amx\n";

/// A sandbox with a keyring and no key, whose standard input stays open and whose browser cannot be
/// started.
fn sandbox(service: &SecretService, double: &Double) -> Sandbox {
    stage::keyless(double)
        .env(BUS, service.address())
        .env("BROWSER", "/nonexistent/browser")
        .open_stdin()
}

/// A login that waits, and the page that it wants to be opened.
struct Waiting {
    running: Running,
    page: Url,
}

impl Waiting {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let running = sandbox.spawn(arguments);
        running.wait_for(&Stream::Stderr, END_OF_PAGE);
        let page = page_in(&running.told());
        Self { running, page }
    }

    fn value(&self, name: &str) -> String {
        self.page
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// Comes back from the browser: gives status and body.
    fn call(&self, place: &str) -> (u16, String) {
        let callback = Url::parse(&self.value("callback_url")).unwrap();
        assert_eq!(
            (callback.scheme(), callback.host_str(), callback.path()),
            ("http", Some("127.0.0.1"), "/callback")
        );
        let mut connection = TcpStream::connect(("127.0.0.1", callback.port().unwrap())).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            connection,
            "GET {place} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or_default();
        (status, answer)
    }

    /// Comes back with this code and the state that the page was given.
    fn come_back(&self, code: &str) -> (u16, String) {
        self.call(&format!(
            "/callback?code={code}&state={}",
            self.value("state")
        ))
    }

    /// Pastes the code into a pipe and waits for the end.
    fn paste(self, sandbox: &Sandbox, code: &str) -> Outcome {
        checked(
            sandbox,
            self.running
                .write_and_close(format!("{code}\n").into_bytes()),
        )
    }
}

/// Waits for the end, and asserts that the key is in no output and no file.
fn checked(sandbox: &Sandbox, running: Running) -> Outcome {
    let outcome = running.wait();
    sandbox.assert_key_nowhere(&outcome);
    outcome
}

fn page_in(told: &str) -> Url {
    let lines: Vec<&str> = told
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("/auth?"))
        .collect();
    assert_eq!(lines.len(), 1, "one address was expected: {told}");
    Url::parse(lines[0]).unwrap()
}

/// The double gives the key for the code to whoever knows the verifier of the challenge that the
/// page carries.
fn expect_exchange(double: &Double, waiting: &Waiting) {
    double.learn(routes::login(CODE, waiting.value("code_challenge"), KEY));
}

/// The exchange that was made, which needs no key and shows none.
#[track_caller]
fn exchange(double: &Double) -> Recorded {
    let exchanges: Vec<Recorded> = double
        .requests()
        .into_iter()
        .filter(|recorded| recorded.request.path == EXCHANGE)
        .collect();
    assert_eq!(exchanges.len(), 1, "one exchange was expected");
    assert_eq!(exchanges[0].request.header("authorization"), None);
    exchanges[0].clone()
}

#[track_caller]
fn assert_nothing_kept(service: &SecretService, sandbox: &Sandbox) {
    assert_eq!(service.count(), 0, "something is in the keyring");
    stage::assert_nothing_written(sandbox);
}

#[test]
fn a_pasted_code_becomes_a_profile_that_works() {
    if !is_wanted("a_pasted_code_becomes_a_profile_that_works") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([reply::stream(["a scripted answer"])]);
    let sandbox = sandbox(&service, &double);
    let waiting = Waiting::start(&sandbox, HEADLESS);
    let query: BTreeMap<String, String> = waiting.page.query_pairs().into_owned().collect();
    assert_eq!(
        query.keys().collect::<Vec<_>>(),
        ["code_challenge", "code_challenge_method", "key_label"]
    );
    assert_eq!(
        (
            query["code_challenge_method"].as_str(),
            query["code_challenge"].len()
        ),
        ("S256", 43)
    );
    assert_eq!(
        waiting.page.origin().ascii_serialization(),
        format!("http://{}", double.address())
    );
    assert_eq!(waiting.page.path(), "/auth");
    expect_exchange(&double, &waiting);
    let outcome = waiting.paste(&sandbox, CODE);
    outcome.assert_code(0);
    assert!(outcome.stdout().contains("openrouter"), "{outcome}");
    let sent = exchange(&double).json();
    let fields: Vec<&String> = sent.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["code", "code_verifier", "code_challenge_method"]);
    outcome.assert_stderr_lacks(sent["code_verifier"].as_str().unwrap());
    assert_works(&service, sandbox);
}

/// The key is in the keyring, the profile is the active one, and a chat uses both.
#[track_caller]
fn assert_works(service: &SecretService, sandbox: Sandbox) {
    assert_eq!(service.lookup("openrouter/api_key").as_deref(), Some(KEY));
    let config = stage::config(&sandbox);
    assert!(
        config.contains("api_key: keyring://amx/openrouter/api_key")
            && config.contains("active_llm_profile: openrouter"),
        "{config}"
    );
    assert_eq!(
        (
            mode(&sandbox.home().join(".amx")),
            mode(&stage::config_file(&sandbox))
        ),
        (0o700, 0o600)
    );
    sandbox
        .stdin("")
        .run(["chat", "hello"])
        .assert_answer("a scripted answer\n");
}

#[test]
fn every_login_has_a_challenge_of_its_own() {
    if !is_wanted("every_login_has_a_challenge_of_its_own") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double);
    let pages = [0, 1].map(|_| Waiting::start(&sandbox, &["login"]));
    assert_ne!(
        pages[0].value("code_challenge"),
        pages[1].value("code_challenge")
    );
    assert_ne!(pages[0].value("state"), pages[1].value("state"));
    for page in pages {
        page.running.signal("INT");
        checked(&sandbox, page.running).assert_code(130);
    }
}

#[test]
fn a_code_can_be_pasted_on_a_terminal() {
    if !is_wanted("a_code_can_be_pasted_on_a_terminal") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([reply::stream(["a scripted answer"])]);
    let sandbox = sandbox(&service, &double);
    let terminal = stage::terminal(&sandbox, HEADLESS, USUAL);
    terminal.wait_for_question("Code");
    let page = page_in(&terminal.transcript());
    let challenge = page
        .query_pairs()
        .find(|(key, _)| key == "code_challenge")
        .unwrap()
        .1
        .into_owned();
    double.learn(routes::login(CODE, challenge, KEY));
    terminal.answer(&format!("  {CODE} "));
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
    assert!(
        !terminal.transcript().contains(&KEY[9..]),
        "{}",
        terminal.transcript()
    );
    assert_works(&service, sandbox);
}

#[test]
fn the_browser_brings_the_code() {
    if !is_wanted("the_browser_brings_the_code") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([reply::stream(["a scripted answer"])]);
    let sandbox = sandbox(&service, &double);
    let waiting = Waiting::start(&sandbox, &["login"]);
    waiting
        .running
        .wait_for(&Stream::Stderr, "amx login --headless");
    expect_exchange(&double, &waiting);
    assert_eq!(
        waiting
            .call(&format!(
                "/favicon.ico?code=evil&state={}",
                waiting.value("state")
            ))
            .0,
        404
    );
    for place in [
        "/callback",
        "/callback?code=evil",
        "/callback?code=evil&state=",
        "/callback?code=evil&state=s1",
        "/callback?state=s1",
    ] {
        assert_eq!(waiting.call(place).0, 400, "{place}");
    }
    assert_eq!(
        double.requests().len(),
        0,
        "a code without the state was exchanged"
    );
    let (status, page) = waiting.come_back(CODE);
    assert!(status == 200 && page.contains("Logged in"), "{page}");
    checked(&sandbox, waiting.running).assert_code(0);
    assert_eq!(exchange(&double).json()["code"], CODE);
    assert_works(&service, sandbox);
}

#[test]
fn the_browser_gets_only_the_url() {
    if !is_wanted("the_browser_gets_only_the_url") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double).script(
        "browser",
        "printf '%s\\n' \"$#\" \"$@\" >\"$HOME/part\" && mv \"$HOME/part\" \"$HOME/opened\"",
    );
    let browser = sandbox.home().join("browser");
    let sandbox = sandbox.env("BROWSER", browser);
    let waiting = Waiting::start(&sandbox, &["login"]);
    let opened = sandbox.home().join("opened");
    let deadline = Instant::now() + PATIENCE;
    while !opened.exists() {
        assert!(Instant::now() < deadline, "the browser was not started");
    }
    assert_eq!(
        std::fs::read_to_string(opened).unwrap(),
        format!("1\n{}\n", waiting.page)
    );
    waiting.running.signal("TERM");
    checked(&sandbox, waiting.running).assert_code(143);
}

#[test]
fn a_login_that_is_not_allowed_is_exit_4() {
    if !is_wanted("a_login_that_is_not_allowed_is_exit_4") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double);
    let waiting = Waiting::start(&sandbox, &["login"]);
    let (status, page) = waiting.call("/callback?error=access_denied");
    assert!(
        status == 200 && page.contains("The login was denied"),
        "{page}"
    );
    let outcome = checked(&sandbox, waiting.running);
    outcome
        .assert_code(4)
        .assert_stdout("")
        .assert_stderr_has("error: the login was denied")
        .assert_stderr_has("hint: amx login");
    assert_nothing_kept(&service, &sandbox);
}

#[test]
fn a_signal_while_waiting_leaves_nothing() {
    if !is_wanted("a_signal_while_waiting_leaves_nothing") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double);
    for arguments in [HEADLESS, &["login"]] {
        let waiting = Waiting::start(&sandbox, arguments);
        waiting.running.signal("INT");
        let outcome = checked(&sandbox, waiting.running);
        outcome
            .assert_code(130)
            .assert_stdout("")
            .assert_stderr_lacks("error");
        let terminal = stage::terminal(&sandbox, arguments, USUAL);
        terminal.wait_for("key_label=amx");
        terminal.press_ctrl_c();
        assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
        terminal.assert_restored();
        assert_nothing_kept(&service, &sandbox);
    }
}

/// A headless login whose code is answered so; the provider must have been asked exactly once.
#[track_caller]
fn assert_refused(service: &SecretService, refusal: Reply, words: &str) {
    let double = Double::start([refusal.on("POST", EXCHANGE)]);
    let sandbox = sandbox(service, &double);
    let outcome = Waiting::start(&sandbox, HEADLESS).paste(&sandbox, CODE);
    outcome
        .assert_code(4)
        .assert_stdout("")
        .assert_stderr_has(words)
        .assert_stderr_has("hint: amx login");
    assert_eq!(exchange(&double).json()["code"], CODE);
    assert_nothing_kept(service, &sandbox);
}

#[test]
fn a_refused_code_is_exit_4_in_the_words_of_the_provider() {
    if !is_wanted("a_refused_code_is_exit_4_in_the_words_of_the_provider") {
        return;
    }
    let service = SecretService::unlocked();
    assert_refused(
        &service,
        reply::refusal(400, "Invalid code"),
        "caused by: Invalid code",
    );
    assert_refused(
        &service,
        reply::refusal(403, "Invalid code or code_verifier"),
        "caused by: Invalid code or code_verifier",
    );
    assert_refused(
        &service,
        reply::page(502, "text/html", "<h1>Bad gateway</h1>"),
        "(502)",
    );
    for odd in [
        Value::Null,
        serde_json::json!({"user_id": "user_2c"}),
        serde_json::json!({"key": 7}),
        serde_json::json!({"key": "with space"}),
    ] {
        assert_refused(&service, reply::json(odd), "error: ");
    }
}

#[test]
fn a_code_for_another_challenge_is_refused() {
    if !is_wanted("a_code_for_another_challenge_is_refused") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double);
    let waiting = Waiting::start(&sandbox, HEADLESS);
    double.learn(routes::login(
        CODE,
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        KEY,
    ));
    waiting
        .paste(&sandbox, CODE)
        .assert_code(4)
        .assert_stderr_has("Invalid code or code_verifier");
    assert_nothing_kept(&service, &sandbox);
}

#[test]
fn a_pipe_that_brings_no_code_is_exit_5() {
    if !is_wanted("a_pipe_that_brings_no_code_is_exit_5") {
        return;
    }
    let service = SecretService::unlocked();
    let double = Double::start([]);
    let sandbox = sandbox(&service, &double);
    Waiting::start(&sandbox, HEADLESS)
        .paste(&sandbox, " ")
        .assert_code(5)
        .assert_stdout("");
    assert_nothing_kept(&service, &sandbox);
}

/// A keyring that will not take the key is found out before anybody opens a page for nothing.
#[track_caller]
fn assert_no_page(sandbox: &Sandbox) {
    for arguments in [HEADLESS, &["login"]] {
        let outcome = sandbox.run(arguments);
        outcome
            .assert_failure(4)
            .assert_stdout("")
            .assert_stderr_lacks("/auth")
            .assert_stderr_has("OPENROUTER_API_KEY");
        assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
        stage::assert_nothing_written(sandbox);
    }
}

#[test]
fn without_a_keyring_no_url_is_printed() {
    let double = Double::start([]);
    let hung = HungBus::start();
    for bus in [&hung.address(), no_bus()] {
        assert_no_page(&stage::keyless(&double).env(BUS, bus));
    }
    assert_no_page(&stage::keyless(&double).env("AMX_NO_KEYRING", "1"));
}

#[test]
fn a_locked_keyring_keeps_nothing() {
    if !is_wanted("a_locked_keyring_keeps_nothing") {
        return;
    }
    let service = SecretService::unlocked();
    service.store("other/api_key", "sk-of-another-program");
    let locked = service.locked_again();
    let double = Double::start([reply::json(serde_json::json!({"key": KEY})).on("POST", EXCHANGE)]);
    let sandbox = sandbox(&locked, &double).stdin(CODE);
    let outcome = sandbox.run(HEADLESS);
    outcome
        .assert_code(4)
        .assert_stdout("")
        .assert_stderr_has("OPENROUTER_API_KEY");
    assert!(outcome.elapsed < Duration::from_secs(10), "{outcome}");
    stage::assert_nothing_written(&sandbox);
    // Whether the code is spent before the lock is found is not the point here.
    double.take_faults();
}

#[test]
fn a_profile_of_another_provider_is_left_alone() {
    let double = Double::start([]);
    let hung = HungBus::start();
    let config = "llm_profiles:\n  mine: {provider: openai, model: gpt-5-mini}\n";
    let sandbox = stage::keyless(&double)
        .env(BUS, hung.address())
        .config(config);
    for name in ["mine", "no/name", ""] {
        sandbox
            .run(["login", "--profile", name])
            .assert_failure(2)
            .assert_stdout("")
            .assert_stderr_lacks("/auth");
    }
    assert_eq!(stage::config(&sandbox), config);
    assert!(
        !hung.was_touched(),
        "the keyring was asked before the arguments were looked at"
    );
}
