//! `amx mcp login`: metadata, registration, PKCE and the resource, against a strict double; tokens
//! in the keyring, which no other server gets.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::secret_service::{SecretService, is_wanted};
use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::python;
use crate::support::reply;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// A server behind a login, and its authorization server.
struct Locked {
    process: Child,
    folder: TempDir,
    url: String,
    issuer: String,
}

impl Locked {
    fn start(mode: &str) -> Self {
        python::require_for(b"python3");
        let folder = TempDir::with_prefix("amx-oauth-").unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/oauth_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(folder.path().join("log"))
            .args(["--mode", mode])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let (resource, issuer) = line.trim().split_once(' ').unwrap();
        Self {
            process,
            folder,
            url: format!("http://127.0.0.1:{resource}/mcp"),
            issuer: format!("http://127.0.0.1:{issuer}"),
        }
    }

    fn log(&self) -> Vec<Value> {
        written::json_lines(&self.folder.path().join("log"))
    }

    /// The log, in which nothing is bad.
    #[track_caller]
    fn clean_log(&self) -> Vec<Value> {
        let log = self.log();
        assert!(log.iter().all(|entry| entry["bad"].is_null()), "{log:?}");
        log
    }

    fn count(&self, path: &str) -> usize {
        self.log()
            .iter()
            .filter(|entry| entry["path"] == path)
            .count()
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // It ends with its stdin.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Opens what it is given, and follows its redirect.
const BROWSER: &str = "exec python3 -c 'import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1])
except urllib.error.HTTPError as error:
    print(error, file=sys.stderr)' \"$1\" >/dev/null 2>>\"$HOME/browser.log\"";

fn sandbox(service: &SecretService, servers: &[(&str, &Locked)]) -> Sandbox {
    let entries = servers
        .iter()
        .map(|(name, server)| format!("  {name}: {{url: \"{}\"}}\n", server.url));
    let config: String = entries.collect();
    let sandbox = Sandbox::new()
        .config(format!("mcp_servers:\n{config}"))
        .script("browser", BROWSER);
    let browser = sandbox.home().join("browser");
    sandbox
        .env("BROWSER", browser)
        .env("DBUS_SESSION_BUS_ADDRESS", service.address())
}

fn stored(service: &SecretService, name: &str) -> Option<Value> {
    let text = service.lookup(&format!("mcp/{name}/oauth"))?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Logs in, and asserts that no token is in an output or a file.
#[track_caller]
fn logged_in(service: &SecretService, sandbox: &Sandbox, name: &str) -> Value {
    let outcome = sandbox.run(["mcp", "login", name]);
    outcome.assert_code(0);
    let token = stored(service, name).unwrap();
    assert_nowhere(&outcome, sandbox, &token);
    token
}

#[track_caller]
fn assert_nowhere(outcome: &Outcome, sandbox: &Sandbox, token: &Value) {
    let config = fs::read_to_string(sandbox.home().join(".amx/config.yml")).unwrap();
    for secret in ["access_token", "refresh_token"] {
        let secret = token[secret].as_str().unwrap();
        let all = format!("{}{}{config}", outcome.stdout(), outcome.stderr());
        assert!(!all.contains(secret), "{outcome}");
    }
}

#[test]
fn a_login_ends_with_a_token_in_the_keyring() {
    if !is_wanted("a_login_ends_with_a_token_in_the_keyring") {
        return;
    }
    let service = SecretService::unlocked();
    for mode in ["", "no_scope", "well_known"] {
        let server = Locked::start(mode);
        let sandbox = sandbox(&service, &[("docs", &server)]);
        let token = logged_in(&service, &sandbox, "docs");
        assert_eq!(token["issuer"], server.issuer.as_str());
        assert_eq!(token["resource"], server.url.as_str());
        let log = server.clean_log();
        assert_eq!(server.count("/register"), 1, "{log:?}");
        assert_eq!(server.count("/token"), 1, "{log:?}");
        let out = sandbox.run(["mcp", "logout", "docs"]);
        out.assert_code(0);
        assert!(out.stdout().contains("and its issuer revoked it"), "{out}");
        assert_nowhere(&out, &sandbox, &token);
        let log = server.clean_log();
        let revoked = log.iter().filter_map(|entry| entry["revoked"].as_str());
        // The server writes its log after its answers, in any order.
        let revoked: BTreeSet<&str> = revoked.collect();
        assert_eq!(revoked, BTreeSet::from(["refresh_token", "access_token"]));
        assert_eq!(stored(&service, "docs"), None);
        sandbox
            .run(["mcp", "logout", "docs"])
            .assert_failure(1)
            .assert_stderr_has("amx mcp login docs");
    }
}

#[test]
fn a_logout_that_is_not_revoked_still_removes_the_token() {
    if !is_wanted("a_logout_that_is_not_revoked_still_removes_the_token") {
        return;
    }
    let service = SecretService::unlocked();
    for (mode, requests) in [("no_revocation", 0), ("revocation_fails", 1)] {
        let server = Locked::start(mode);
        let sandbox = sandbox(&service, &[("docs", &server)]);
        logged_in(&service, &sandbox, "docs");
        let out = sandbox.run(["mcp", "logout", "docs"]);
        out.assert_code(0);
        assert!(!out.stdout().contains("revoked"), "{out}");
        let warned = out.stderr().contains("did not revoke the token");
        assert_eq!(warned, mode == "revocation_fails", "{out}");
        assert_eq!(server.count("/revoke"), requests);
        assert_eq!(stored(&service, "docs"), None);
    }
}

/// Prints where a browser would end, which does not follow the last redirect.
const ENDS_AT: &str = "
import sys, urllib.error, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
try:
    urllib.request.build_opener(Stay).open(sys.argv[1])
except urllib.error.HTTPError as error:
    print(error.headers['Location'])
";

#[test]
fn over_ssh_the_url_of_another_browser_is_pasted() {
    if !is_wanted("over_ssh_the_url_of_another_browser_is_pasted") {
        return;
    }
    let service = SecretService::unlocked();
    let server = Locked::start("");
    let sandbox = sandbox(&service, &[("docs", &server)]).open_stdin();
    let running = sandbox.spawn(["mcp", "login", "docs", "--headless"]);
    running.wait_for(&Stream::Stderr, "Paste the URL of that page:");
    let told = running.told();
    let mut words = told.split_whitespace();
    let page = words.find(|word| word.contains("/authorize?")).unwrap();
    // Nothing listens where it ends.
    let ended = Command::new("python3")
        .args(["-c", ENDS_AT, page])
        .output()
        .unwrap();
    let ended = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.starts_with("http://127.0.0.1:"), "{ended}");
    let outcome = running.write_and_close(ended.into_bytes()).wait();
    outcome.assert_code(0);
    let token = stored(&service, "docs").unwrap();
    assert_nowhere(&outcome, &sandbox, &token);
    server.clean_log();
    let other = sandbox.spawn(["mcp", "login", "docs", "--headless"]);
    let outcome = other
        .write_and_close(b"http://127.0.0.1:1/callback?code=x&state=y".to_vec())
        .wait();
    outcome
        .assert_code(4)
        .assert_stderr_has("the URL does not belong to this login");
}

#[test]
fn what_the_standards_forbid_ends_a_login_without_a_token() {
    if !is_wanted("what_the_standards_forbid_ends_a_login_without_a_token") {
        return;
    }
    let service = SecretService::unlocked();
    for (mode, code, says) in [
        ("deny", 4, "the login was denied"),
        (
            "wrong_iss",
            4,
            "the answer is of another issuer: 'https://evil.example'",
        ),
        ("no_iss", 4, "the answer does not name its issuer"),
        (
            "other_issuer",
            4,
            "is of another issuer: 'https://evil.example'",
        ),
        (
            "other_resource",
            4,
            "describes another resource: 'https://other.example/mcp'",
        ),
        ("no_pkce", 4, "does not support PKCE with S256"),
        ("no_registration", 4, "set oauth.client_id"),
        (
            "audience",
            4,
            "the token is for another server (https://other.example/mcp)",
        ),
        ("open", 1, "the server requires no login"),
    ] {
        let server = Locked::start(mode);
        let sandbox = sandbox(&service, &[("docs", &server)]);
        let outcome = sandbox.run(["mcp", "login", "docs"]);
        outcome.assert_code(code).assert_stderr_has(says);
        server.clean_log();
        assert_eq!(stored(&service, "docs"), None, "{mode}");
    }
    // An answer with another state is not taken: the login goes on waiting.
    let server = Locked::start("wrong_state");
    let sandbox = sandbox(&service, &[("docs", &server)]);
    let running = sandbox.spawn(["mcp", "login", "docs"]);
    let log = sandbox.home().join("browser.log");
    while !fs::read_to_string(&log).is_ok_and(|text| text.contains("400")) {
        std::thread::yield_now();
    }
    running.signal("TERM");
    running.wait().assert_code(143);
    assert_eq!(server.count("/token"), 0);
}

#[test]
fn a_login_needs_a_url_and_a_keyring_before_anything_is_sent() {
    let server = Locked::start("");
    let config = format!(
        "mcp_servers:\n  docs: {{url: \"{}\"}}\n  files: {{command: x}}\n  own: {{url: \
        \"https://h.example\", headers: {{Authorization: \"${{T}}\"}}}}\n",
        server.url
    );
    let sandbox = Sandbox::new().config(config).env("AMX_NO_KEYRING", "1");
    for (name, code, says) in [
        ("docs", 4, "the keyring cannot be used"),
        (
            "docs",
            4,
            "hint: write ${VARIABLE} or cmd:PROGRAM in place of the secret",
        ),
        ("files", 2, "only servers with a URL have a login"),
        ("own", 3, "has its own header Authorization"),
        ("dcos", 3, "did you mean 'docs'?"),
    ] {
        let outcome = sandbox.run(["mcp", "login", name]);
        outcome.assert_failure(code).assert_stderr_has(says);
    }
    assert!(server.log().is_empty());
}

#[test]
fn a_question_without_the_login_of_its_only_server_is_exit_4() {
    let server = Locked::start("");
    let double = Double::start([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(format!(
        "mcp_servers:\n  one: {{url: \"{}\"}}\n",
        server.url
    ));
    let ask = |tools| sandbox.run(["chat", "-m", "a/b", "--tool", tools, "hi"]);
    ask("one__*")
        .assert_failure(4)
        .assert_stderr_has("the server requires a login (401)")
        .assert_stderr_has("amx mcp login one");
    assert_eq!(double.requests().len(), 0);
    // With another tool the question is asked, without those of the server.
    ask("one__*,now")
        .assert_code(0)
        .assert_stdout("Hi.\n")
        .assert_stderr_has("warning: no tools of MCP server one")
        .assert_stderr_has("amx mcp login one");
    server.clean_log();
}

#[test]
fn a_server_behind_a_login_gets_its_token_and_no_other_server_does() {
    if !is_wanted("a_server_behind_a_login_gets_its_token_and_no_other_server_does") {
        return;
    }
    let service = SecretService::unlocked();
    let (one, other) = (Locked::start(""), Locked::start(""));
    let sandbox = sandbox(&service, &[("one", &one), ("other", &other)]);
    sandbox
        .run(["mcp", "test", "one"])
        .assert_failure(4)
        .assert_stderr_has("hint: amx mcp login one");
    let token = logged_in(&service, &sandbox, "one");
    let tested = sandbox.run(["mcp", "test", "one"]);
    tested.assert_code(0);
    assert!(tested.stdout().contains("secret_word"), "{tested}");
    assert_nowhere(&tested, &sandbox, &token);
    // The token of one server under the name of another: it is not sent.
    service.store("mcp/other/oauth", &token.to_string());
    sandbox.run(["mcp", "test", "other"]).assert_failure(4);
    let log = other.clean_log();
    assert!(
        log.iter().all(|entry| entry["has_token"] == false),
        "{log:?}"
    );
    one.clean_log();
}

#[test]
fn a_refused_token_is_renewed_once() {
    if !is_wanted("a_refused_token_is_renewed_once") {
        return;
    }
    let service = SecretService::unlocked();
    for (mode, code) in [("short", 0), ("expired", 0), ("no_refresh", 4)] {
        let server = Locked::start(mode);
        let sandbox = sandbox(&service, &[("docs", &server)]);
        let before = logged_in(&service, &sandbox, "docs");
        sandbox.run(["mcp", "test", "docs"]).assert_code(code);
        let after = stored(&service, "docs").unwrap();
        let is_renewed = after["access_token"] != before["access_token"];
        assert_eq!(is_renewed, code == 0, "{mode}");
        assert_eq!(server.count("/token"), 2, "{mode}");
    }
}

#[test]
fn two_processes_renew_a_token_once() {
    if !is_wanted("two_processes_renew_a_token_once") {
        return;
    }
    let service = SecretService::unlocked();
    let server = Locked::start("together");
    let sandbox = sandbox(&service, &[("docs", &server)]);
    logged_in(&service, &sandbox, "docs");
    std::thread::scope(|scope| {
        let test = || sandbox.run(["mcp", "test", "docs"]);
        let both = [scope.spawn(test), scope.spawn(test)];
        for outcome in both.map(|process| process.join().unwrap()) {
            outcome.assert_code(0);
        }
    });
    server.clean_log();
    // The code of the login, and one refresh token.
    assert_eq!(server.count("/token"), 2);
}
