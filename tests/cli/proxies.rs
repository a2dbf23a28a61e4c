//! Proxies of the environment: used for what they are named for, never for the demo, and
//! unreachable ones are an error that names them.

use crate::front::{DEAD, Front, Seen, pem};
use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// A server that only a proxy can reach: no other resolver has its name.
const ELSEWHERE: &str = "https://elsewhere.example/api/v1";

const ELSEWHERE_PLAIN: &str = "\
llm_profiles:
  p: {model: a/b, base_url: 'http://elsewhere.example/api/v1', allow_insecure: true}
";

fn sandbox() -> Sandbox {
    Sandbox::new()
        .without("HTTPS_PROXY")
        .env("OPENROUTER_API_KEY", KEY)
        .env("AMX_CA_BUNDLE", pem("authority"))
}

fn url(front: &Front) -> String {
    format!("http://{}", front.address())
}

#[test]
fn https_goes_through_the_tunnel_of_a_proxy() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let double = Double::start([reply::stream(["Hello"])]);
        let server = Front::tls(double.address(), "elsewhere");
        let proxy = Front::proxy(server.address());
        let outcome = sandbox()
            .env("OPENROUTER_BASE_URL", ELSEWHERE)
            .env(variable, url(&proxy))
            .run(["chat", "hi"]);
        outcome.assert_answer("Hello\n");
        let seen = proxy.seen();
        assert_eq!(
            (seen.connections, server.seen().opened),
            (1, 1),
            "{variable}"
        );
        assert!(
            seen.heads[0].starts_with("CONNECT elsewhere.example:443 HTTP/1.1\r\n"),
            "{seen:?}"
        );
        // What the proxy sees is outside of TLS.
        assert!(
            !seen.heads[0].to_lowercase().contains("bearer") && !seen.heads[0].contains("/api/v1"),
            "{seen:?}"
        );
    }
}

#[test]
fn a_proxy_cannot_stand_in_for_the_server() {
    let double = Double::start([]);
    let server = Front::tls(double.address(), "loopback");
    let proxy = Front::proxy(server.address());
    let outcome = sandbox()
        .env("OPENROUTER_BASE_URL", ELSEWHERE)
        .env("HTTPS_PROXY", url(&proxy))
        .run(["chat", "hi"]);
    outcome.assert_failure(6).assert_stderr_has("certificate");
    assert_eq!(
        (proxy.seen().connections, server.seen().opened),
        (1, 0),
        "{outcome}"
    );
}

#[test]
fn http_is_asked_of_a_proxy_in_absolute_form() {
    for variable in ["HTTP_PROXY", "http_proxy"] {
        let double = Double::start([reply::stream(["Hello"])]);
        let proxy = Front::proxy(double.address());
        let outcome = sandbox()
            .config(ELSEWHERE_PLAIN)
            .env(variable, url(&proxy))
            .run(["chat", "hi"]);
        outcome.assert_code(0).assert_stdout("Hello\n");
        let seen = proxy.seen();
        assert_eq!(seen.connections, 1, "{variable}");
        assert!(
            seen.heads[0]
                .starts_with("POST http://elsewhere.example/api/v1/chat/completions HTTP/1.1\r\n"),
            "{seen:?}"
        );
        assert_eq!(double.request().header("host"), "elsewhere.example");
    }
}

#[test]
fn the_proxy_of_one_scheme_is_not_that_of_the_other() {
    let double = Double::start([reply::stream(["Hello"])]);
    let server = Front::tls(double.address(), "loopback");
    let secure = format!("https://{}/api/v1", server.address());
    sandbox()
        .env("OPENROUTER_BASE_URL", secure)
        .env("HTTP_PROXY", format!("http://{DEAD}"))
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
    let double = Double::start([reply::stream(["Hello"])]);
    sandbox()
        .double(&double)
        .env("HTTPS_PROXY", format!("http://{DEAD}"))
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn no_proxy_names_what_is_asked_directly() {
    let proxy = Front::refusing_proxy();
    for (host, names) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "elsewhere.example, 127.0.0.0/8"),
        ("localhost", "localhost"),
        ("localhost", "*"),
    ] {
        let double = Double::start([reply::stream(["Hello"])]);
        let server = Front::tls(double.address(), "loopback");
        let secure = format!("https://{host}:{}/api/v1", server.address().port());
        let sandbox = sandbox()
            .env("OPENROUTER_BASE_URL", secure)
            .env("HTTPS_PROXY", url(&proxy))
            .env("NO_PROXY", names);
        sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    }
    assert_eq!(proxy.seen(), Seen::default());
    let server = Front::plain();
    let secure = format!("https://{}/api/v1", server.address());
    let sandbox = sandbox()
        .env("OPENROUTER_BASE_URL", secure)
        .env("HTTPS_PROXY", url(&proxy))
        .env("NO_PROXY", "elsewhere.example,10.0.0.0/8");
    assert_unreachable(&sandbox.run(["chat", "hi"]));
    assert_eq!(
        (proxy.seen().connections, server.seen().connections),
        (4, 0)
    );
}

/// Nothing reached the provider: exit 6 after four attempts, and the word to look at the proxy. The
/// password is not shown.
#[track_caller]
fn assert_unreachable(outcome: &Outcome) {
    outcome
        .assert_failure(6)
        .assert_stdout("")
        .assert_mentions("proxy")
        .assert_stderr_lacks("hunter2hunter2");
    assert_eq!(outcome.lines_starting("note: "), 3, "{outcome}");
}

#[test]
fn a_proxy_that_cannot_be_reached_is_an_error_of_the_network() {
    let proxies = [
        ("HTTPS_PROXY", "http://"),
        ("HTTPS_PROXY", "http://user:hunter2hunter2@"),
        ("ALL_PROXY", "socks5://"),
        ("ALL_PROXY", "socks5h://"),
    ];
    for (variable, scheme) in proxies {
        let double = Double::start([]);
        let server = Front::tls(double.address(), "loopback");
        let secure = format!("https://{}/api/v1", server.address());
        let outcome = sandbox()
            .env("OPENROUTER_BASE_URL", secure)
            .env(variable, format!("{scheme}{DEAD}"))
            .run(["chat", "hi"]);
        assert_unreachable(&outcome);
        assert_eq!(
            server.seen(),
            Seen::default(),
            "the proxy was passed by\n{outcome}"
        );
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_by() {
    for (variable, value) in [
        ("HTTPS_PROXY", "ftp://user:hunter2hunter2@proxy.example"),
        ("https_proxy", "http://proxy.example:99999"),
        ("ALL_PROXY", "sock5://proxy.example:1080"),
    ] {
        let double = Double::start([]);
        let server = Front::tls(double.address(), "loopback");
        let secure = format!("https://{}/api/v1", server.address());
        for arguments in [&["chat", "hi"][..], &["models", "sync"]] {
            let outcome = sandbox()
                .env("OPENROUTER_BASE_URL", &secure)
                .env(variable, value)
                .run(arguments);
            outcome
                .assert_failure(3)
                .assert_stdout("")
                .assert_stderr_has(&format!("{variable} is not a proxy URL"))
                .assert_stderr_lacks("hunter2hunter2");
        }
        assert_eq!(server.seen(), Seen::default(), "{variable}");
    }
    let double = Double::start([reply::stream(["Hello"])]);
    sandbox()
        .double(&double)
        .env("HTTP_PROXY", "ftp://proxy.example")
        .run(["chat", "hi"])
        .assert_answer("Hello\n");
}

#[test]
fn a_plain_request_does_not_pass_by_a_dead_proxy_either() {
    for (variable, scheme) in [("HTTP_PROXY", "http://"), ("ALL_PROXY", "socks5://")] {
        assert_unreachable(
            &sandbox()
                .config(ELSEWHERE_PLAIN)
                .env(variable, format!("{scheme}{DEAD}"))
                .run(["chat", "hi"]),
        );
    }
}

#[test]
fn a_plain_request_to_this_machine_never_leaves_it() {
    for (variable, host) in [
        ("HTTP_PROXY", "127.0.0.1"),
        ("http_proxy", "localhost"),
        ("ALL_PROXY", "127.0.0.1"),
    ] {
        let proxied = Double::start([]);
        let proxy = Front::proxy(proxied.address());
        let double = Double::start([reply::stream(["Hello"])]);
        let base = double.base_url().replace("127.0.0.1", host);
        sandbox()
            .env("OPENROUTER_BASE_URL", base)
            .env(variable, url(&proxy))
            .run(["chat", "hi"])
            .assert_answer("Hello\n");
        assert_eq!(proxy.seen(), Seen::default(), "{variable}");
    }
}

#[test]
fn a_proxy_that_lets_nobody_through_is_an_error_of_the_network() {
    let proxy = Front::refusing_proxy();
    let with_password = url(&proxy).replace("http://", "http://user:hunter2hunter2@");
    let outcome = sandbox()
        .env("OPENROUTER_BASE_URL", ELSEWHERE)
        .env("HTTPS_PROXY", with_password)
        .run(["chat", "hi"]);
    assert_unreachable(&outcome);
    let seen = proxy.seen();
    // "user:hunter2hunter2" in base64.
    let is_known = |head: &String| {
        head.to_lowercase().contains("proxy-authorization: basic ")
            && head.contains("dXNlcjpodW50ZXIyaHVudGVyMg==")
    };
    assert!(
        seen.heads.len() == 4 && seen.heads.iter().all(is_known),
        "{seen:?}"
    );
}

#[test]
fn the_demo_never_uses_a_proxy() {
    let double = Double::start([]);
    let proxy = Front::proxy(double.address());
    for scheme in ["http", "socks5"] {
        let address = format!("{scheme}://{}", proxy.address());
        let variables = [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ];
        let sandbox = variables
            .into_iter()
            .fold(Sandbox::new(), |sandbox, variable| {
                sandbox.env(variable, &address)
            });
        let outcome = sandbox.run(["chat", "-p", "demo", "hi"]);
        outcome.assert_code(0);
        assert!(outcome.stdout().contains("scripted"), "{outcome}");
    }
    assert_eq!(proxy.seen(), Seen::default());
}
