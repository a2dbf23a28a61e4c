//! Bad input by raw sockets: hosts, web pages, types, sizes, slow clients.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{connect, exchange, parse, read_all};
use super::gateway::Gateway;
use super::upstream::{Script, Upstream};

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, r#"{"id":"c1","choices":[]}"#))
}

const CHAT: &str = "/v1/chat/completions";

#[test]
fn requests_for_another_host_reach_no_handler() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let port = gateway.address.port();
    let other = if port == 1 { 2 } else { port - 1 };
    let wrong = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("evil.localhost:{port}"),
        format!("localhost.:{port}"),
        format!("127.0.0.1.:{port}"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "[::1]".to_owned(),
        format!("localhost:{other}"),
        format!("127.0.0.1:{other}"),
        format!("user@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}@evil.example"),
        format!("127.0.0.1:{port}/"),
        format!("0x7f.0.0.1:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("::1:{port}"),
        format!("[::1]x:{port}"),
        format!("[127.0.0.1]:{port}"),
        format!("127.0.0.1:{port}0"),
        format!("127.0.0.1:0{port}"),
        format!("127.0.0.1 :{port}"),
        format!("http://127.0.0.1:{port}"),
        "*".to_owned(),
        "null".to_owned(),
        ":".to_owned(),
        format!(":{port}"),
        "amx".to_owned(),
    ];
    assert_eq!(wrong.len(), 30);
    for host in &wrong {
        let request = gateway.request("POST", CHAT, &[("host", host)], "{}");
        let answer = parse(&exchange(gateway.address, &request));
        let status = answer.map(|answer| answer.status);
        assert!(matches!(status, Some(400 | 421)), "{host}: {status:?}");
    }
    for host in [
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
        format!("10.0.0.1:{port}"),
    ] {
        let request = gateway.request("POST", CHAT, &[("host", &host)], "{}");
        gateway.send(&request).assert_status(200);
    }
    assert_eq!(upstream.request_count(), 3);
    gateway.stop();
}

#[test]
fn two_hosts_no_host_and_a_foreign_request_line_are_refused() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let (host, key) = (gateway.address, &gateway.key);
    let head = format!("authorization: Bearer {key}\r\nconnection: close\r\n\r\n");
    for start in [
        format!("GET /v1/models HTTP/1.1\r\nhost: {host}\r\nhost: evil.example\r\n"),
        format!("GET /v1/models HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\n"),
        "GET /v1/models HTTP/1.1\r\n".to_owned(),
        format!("GET http://evil.example/v1/models HTTP/1.1\r\nhost: {host}\r\n"),
        format!("GET http://u@{host}/v1/models HTTP/1.1\r\nhost: {host}\r\n"),
        "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n".to_owned(),
    ] {
        let answer = parse(&exchange(host, format!("{start}{head}").as_bytes())).unwrap();
        assert!(
            matches!(answer.status, 400 | 421),
            "{start}: {}",
            answer.status
        );
    }
    let absolute = format!("GET http://{host}/v1/models HTTP/1.1\r\nhost: {host}\r\n{head}");
    gateway.send(absolute.as_bytes()).assert_status(200);
    gateway.stop();
}

/// Origins of web pages and extensions that are not allowed.
const ORIGINS: &[&str] = &[
    "null",
    "http://evil.example",
    "https://evil.example",
    "https://app.example.evil.example",
    "https://app.example:444",
    "http://app.example",
    "https://APP.example",
    "https://app.example/",
    " ",
    "chrome-extension://abcdef",
    "moz-extension://abcdef",
    "file://",
    "http://localhost:4180",
    "http://127.0.0.1",
    "https://sub.app.example",
    "*",
    "https://app.example:443",
    "https://app.example.",
    "https://user@app.example",
    "https://app.example https://evil.example",
    "safari-web-extension://abcdef",
    "app://localhost",
    "http://[::1]:4180",
    "HTTPS://app.example",
    "about:blank",
];

#[test]
fn web_pages_are_refused_unless_their_origin_is_allowed() {
    let upstream = answering();
    let arguments = ["--allow-origin", "https://app.example"];
    let gateway = Gateway::with(&upstream, "", &arguments);
    assert_eq!(ORIGINS.len(), 25);
    let types = [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
    ];
    for &origin in ORIGINS {
        for (method, path) in [
            ("GET", "/v1/models"),
            ("OPTIONS", CHAT),
            ("GET", "/healthz"),
        ] {
            let request = gateway.request(method, path, &[("origin", origin)], "");
            let response = gateway.send(&request).assert_status(403);
            assert_eq!(
                response.header("access-control-allow-origin"),
                "",
                "{origin}"
            );
        }
        for kind in types {
            let more = [("origin", origin), ("content-type", kind)];
            let response = gateway.send(&gateway.request("POST", CHAT, &more, "{}"));
            assert_eq!(
                (
                    response.status,
                    response.header("access-control-allow-origin")
                ),
                (403, "")
            );
        }
    }
    assert_eq!(upstream.request_count(), 0);
    gateway.stop();
}

#[test]
fn a_web_page_of_an_allowed_origin_needs_a_key_as_well() {
    let upstream = answering();
    let arguments = ["--allow-origin", "https://app.example"];
    let gateway = Gateway::with(&upstream, "", &arguments);
    let own = [("origin", "https://app.example")];
    let preflight = gateway
        .send(&gateway.request("OPTIONS", CHAT, &own, ""))
        .assert_status(204);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        "https://app.example"
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    let response = gateway
        .send(&gateway.request("POST", CHAT, &own, "{}"))
        .assert_status(200);
    assert_eq!(
        response.header("access-control-allow-origin"),
        "https://app.example"
    );
    let bare = gateway.request("POST", CHAT, &[own[0], ("authorization", "")], "{}");
    gateway.send(&bare).assert_status(401);
    gateway.stop();
}

#[test]
fn only_plain_json_within_the_limits_is_read() {
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "", &["--max-body", "1MiB"]);
    for (more, status) in [
        (("content-type", "text/plain"), 415),
        (("content-type", ""), 415),
        (("content-type", "application/x-www-form-urlencoded"), 415),
        (("content-type", "application/json; charset=utf-8"), 200),
        (("content-encoding", "gzip"), 415),
        (("content-encoding", "identity"), 200),
    ] {
        let request = gateway.request("POST", CHAT, &[more], "{}");
        gateway.send(&request).assert_status(status);
    }
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    gateway.post(CHAT, &large).assert_status(413);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(40);
    let mut endless = gateway.request("POST", CHAT, &[("transfer-encoding", "chunked")], "");
    let text = String::from_utf8(endless.clone()).unwrap();
    endless = text.replace("content-length: 0\r\n", "").into_bytes();
    endless.extend_from_slice(chunk.as_bytes());
    gateway.send(&endless).assert_status(413);
    for body in [
        "",
        "[]",
        "{",
        "nonsense",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"\u{1}\"}",
    ] {
        gateway.post(CHAT, body).assert_status(400);
    }
    let deep = format!("{{\"a\":{}", "[".repeat(500_000));
    gateway.post(CHAT, &deep).assert_status(400);
    let head = "x".repeat(33 * 1024);
    let request = gateway.request("GET", "/v1/models", &[("x-long", &head)], "");
    let status = parse(&exchange(gateway.address, &request)).map(|answer| answer.status);
    assert!(matches!(status, None | Some(431)), "{status:?}");
    assert_eq!(upstream.request_count(), 2);
    gateway.stop();
}

#[test]
fn a_client_cannot_choose_server_or_key() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let members = [
        "base_url",
        "baseURL",
        "BASE_URL",
        "base-url",
        "api_key",
        "apiKey",
        "api_base",
        "apiBase",
        "api_host",
        "api_version",
        "proxy",
        "proxies",
        "http_proxy",
        "https_proxy",
        "headers",
        "extra_headers",
        "default_headers",
        "endpoint",
        "azure_endpoint",
        "custom_llm_provider",
        "upstream_url",
        "target_url",
        "user_config",
    ];
    for member in members {
        let body = json!({"model": "a/b", member: "http://evil.example"}).to_string();
        let response = gateway.post(CHAT, &body).assert_status(400);
        assert!(response.text().contains(member), "{}", response.text());
    }
    let headers = [
        "x-base-url",
        "x-api-base",
        "x-upstream",
        "x-upstream-url",
        "x-target-url",
        "x-proxy-url",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-host",
        "x-forwarded-for",
        "x-forwarded-proto",
        "forwarded",
    ];
    for header in headers {
        let request = gateway.request("POST", CHAT, &[(header, "evil.example")], "{}");
        gateway.send(&request).assert_status(400);
    }
    assert_eq!(upstream.request_count(), 0);
    gateway.stop();
}

#[test]
fn behind_a_proxy_its_headers_are_accepted_and_dropped() {
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "", &["--allow-host", "llm.example"]);
    let more = [("host", "llm.example"), ("x-forwarded-for", "192.0.2.1")];
    gateway
        .send(&gateway.request("POST", CHAT, &more, "{}"))
        .assert_status(200);
    let request = upstream.requests().pop().unwrap();
    assert_eq!(request.header("x-forwarded-for"), None);
    let evil = gateway.request("POST", CHAT, &[("host", "evil.example")], "{}");
    gateway.send(&evil).assert_status(421);
    gateway.stop();
}

#[test]
fn unknown_routes_and_methods_are_404_and_405() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/chat",
        "/v1/completions",
        "/v1/chat/completions/",
        "/v2/models",
        "/debug/pprof",
        "/debug",
        "/metrics",
        "/admin",
        "/config",
        "/..%2f",
        "/../etc/passwd",
        "/v1/..%2fmodels",
        "/v1/messages/count_tokens",
        "/chat/completions",
        "/responses",
        "/api/v1/chat/completions",
        "/v1/models/",
        "//v1/models",
        "/V1/models",
        "/v1%2fmodels",
    ] {
        gateway.get(path).assert_status(404);
        gateway.post(path, "{}").assert_status(404);
    }
    let head = gateway.send(&gateway.request("HEAD", "/", &[], ""));
    assert_eq!((head.status, head.text().as_str()), (404, ""));
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE"] {
        gateway
            .send(&gateway.request(method, CHAT, &[], ""))
            .assert_status(405);
    }
    gateway.post("/v1/models", "{}").assert_status(405);
    let hint = gateway.post("/chat/completions", "{}").text();
    assert!(hint.contains("/v1/chat/completions"), "{hint}");
    let counted = gateway.post("/v1/messages/count_tokens", "{}").json();
    assert_eq!(counted["type"], json!("error"));
    assert_eq!(counted["error"]["type"], json!("not_found_error"));
    assert_eq!(upstream.request_count(), 0);
    gateway.stop();
}

#[test]
fn slow_clients_are_gone_in_time_and_do_not_hold_the_server() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let start = Instant::now();
    let mut silent: Vec<_> = (0..60).map(|_| connect(gateway.address)).collect();
    let mut slow: Vec<_> = (0..60).map(|_| connect(gateway.address)).collect();
    for byte in b"GET /v1/models" {
        slow.iter_mut()
            .for_each(|connection| drop(connection.write_all(&[*byte])));
        let asked = Instant::now();
        gateway.chat("a/b").assert_status(200);
        assert!(
            asked.elapsed() < Duration::from_secs(8),
            "{:?}",
            asked.elapsed()
        );
    }
    for connection in silent.iter_mut().chain(&mut slow) {
        read_all(connection);
    }
    let elapsed = start.elapsed();
    assert!((9..=20).contains(&elapsed.as_secs()), "{elapsed:?}");
    gateway.stop();
}
