//! Client keys: made, listed, removed, checked, limited.

use std::io::Write;

use serde_json::json;

use super::client::{connect, parse, read_all};
use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Script, Upstream};
use crate::support::sandbox::Sandbox;

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, r#"{"id":"c1","choices":[],"usage":{"cost":0.25}}"#))
}

#[test]
fn a_key_is_printed_once_and_kept_as_a_hash() {
    let sandbox = Sandbox::new();
    let limits = [
        "--per-day",
        "5",
        "--rpm",
        "60",
        "--models",
        "anthropic/*,fast",
    ];
    let key = add_key(&sandbox, "laptop", &limits);
    assert!(key.len() == 47 && key.starts_with("amx-"), "{key}");
    let path = sandbox.home().join(".amx/serve-keys.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        !text.contains(&key[4..]) && text.contains("\"sha256\""),
        "{text}"
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let list = sandbox.run(["serve", "keys", "list", "--json"]).json();
    assert_eq!(list["keys"][0]["name"], json!("laptop"));
    assert_eq!(list["keys"][0]["models"], json!(["anthropic/*", "fast"]));
    sandbox.run(["serve", "keys", "list"]).assert_code(0);
    sandbox
        .run(["serve", "keys", "add", "laptop"])
        .assert_failure(5);
    sandbox
        .run(["serve", "keys", "remove", "phone"])
        .assert_failure(5);
    sandbox
        .run(["serve", "keys", "add", "a b"])
        .assert_failure(2);
    sandbox
        .run(["serve", "keys", "remove", "laptop"])
        .assert_code(0);
    let list = sandbox.run(["serve", "keys", "list", "--json"]).json();
    assert_eq!(list["keys"], json!([]));
}

#[test]
fn without_keys_and_without_a_terminal_the_server_does_not_start() {
    let upstream = answering();
    let sandbox = sandbox(&config(&upstream, ""));
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    sandbox
        .run(listen)
        .assert_failure(4)
        .assert_stderr_has("amx serve keys add NAME");
    let others = ["serve", "--listen", "0.0.0.0:0"];
    sandbox
        .run(others)
        .assert_failure(2)
        .assert_stderr_has("amx serve keys add NAME");
}

#[test]
fn every_route_needs_a_valid_key() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let key = gateway.key.clone();
    let bearer = format!("Bearer {key}");
    let (short, longer) = (bearer[..bearer.len() - 1].to_owned(), format!("{bearer}x"));
    let (upper, basic) = (
        format!("Bearer {}", key.to_uppercase()),
        format!("Basic {key}"),
    );
    let routes = [
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/responses"),
        ("POST", "/v1/messages"),
        ("POST", "/v1/embeddings"),
        ("GET", "/v1/models"),
        ("GET", "/v1/models/x"),
        ("GET", "/metrics"),
        ("GET", "/"),
        ("HEAD", "/"),
        ("POST", "/v1/messages/count_tokens"),
    ];
    for (method, path) in routes {
        let none = gateway.request(method, path, &[("authorization", "")], "{}");
        gateway.send(&none).assert_status(401);
        let query = format!("{path}?key={key}&api_key={key}");
        let none = gateway.request(method, &query, &[("authorization", "")], "{}");
        gateway.send(&none).assert_status(401);
    }
    for wrong in [
        "Bearer", "Bearer ", "Bearer x", &short, &longer, &upper, &basic, &key,
    ] {
        let request = gateway.request("GET", "/v1/models", &[("authorization", wrong)], "");
        gateway.send(&request).assert_status(401);
    }
    // Too many wrong ones are asked to wait; a valid one never is.
    let wrong = gateway.request("GET", "/v1/models", &[("authorization", "Bearer x")], "");
    for _ in 0..2 {
        gateway.send(&wrong).assert_status(401);
    }
    let response = gateway.send(&wrong).assert_status(429);
    assert!(response.header("retry-after").parse::<u32>().unwrap() <= 60);
    gateway.get("/v1/models").assert_status(200);
    let named = gateway.request(
        "GET",
        "/v1/models",
        &[("authorization", ""), ("x-api-key", &key)],
        "",
    );
    gateway.send(&named).assert_status(200);
    let both = gateway.request("GET", "/v1/models", &[("x-api-key", &key)], "");
    gateway.send(&both).assert_status(200);
    let differing = gateway.request("GET", "/v1/models", &[("x-api-key", "other")], "");
    gateway.send(&differing).assert_status(429);
    assert_eq!(upstream.request_count(), 0);
    let open = gateway.request("GET", "/healthz", &[("authorization", "")], "");
    assert_eq!(
        gateway.send(&open).assert_status(200).json(),
        json!({"status": "ok"})
    );
    gateway.stop();
}

#[test]
fn a_removed_key_stops_working_while_the_server_runs() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    gateway.get("/v1/models").assert_status(200);
    gateway
        .sandbox()
        .run(["serve", "keys", "remove", "laptop"])
        .assert_code(0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while gateway.get("/v1/models").status != 401 {
        assert!(std::time::Instant::now() < deadline, "the key still works");
    }
    gateway.stop();
}

#[test]
fn a_rate_is_kept_with_the_time_to_wait() {
    let upstream = answering();
    let gateway = Gateway::limited(&upstream, "", &["--rpm", "6"]);
    gateway.chat("a/b").assert_status(200);
    let response = gateway.chat("a/b").assert_status(429);
    assert_eq!(response.json()["error"]["code"], json!("rate_limited"));
    let wait: u32 = response.header("retry-after").parse().unwrap();
    assert!((9..=10).contains(&wait), "{wait}");
    assert_eq!(upstream.request_count(), 1);
    gateway.stop();
}

#[test]
fn a_daily_limit_reserves_before_and_settles_after() {
    let upstream = answering();
    // 16 tokens of prompt more than bytes, and one of output, at a USD each.
    let price = "    price: {input: 1000000, output: 1000000}\n";
    let gateway = Gateway::limited(&upstream, price, &["--per-day", "50.5"]);
    let body = json!({"model": "author/model", "max_tokens": 1}).to_string();
    let worst = body.len() + 16 + 1;
    assert!((50..100).contains(&worst), "{worst}");
    let response = gateway
        .post("/v1/chat/completions", &body)
        .assert_status(429);
    assert_eq!(
        response.json()["error"]["code"],
        json!("insufficient_quota")
    );
    assert_eq!(response.header("x-should-retry"), "false");
    assert_eq!(upstream.request_count(), 0);
    let small = r#"{"max_tokens":1}"#;
    // Each costs a quarter and reserves 33: two after the other fit, in 50.5.
    for _ in 0..3 {
        gateway
            .post("/v1/chat/completions", small)
            .assert_status(200);
    }
    let sandbox = gateway.into_sandbox();
    let usage = super::gateway::usage(&sandbox, "day");
    assert_eq!(usage["total"]["cost_usd"], json!(0.75), "{usage}");
}

#[test]
fn a_limit_on_money_needs_a_price() {
    let upstream = answering();
    let gateway = Gateway::limited(&upstream, "", &["--per-day", "5"]);
    let response = gateway.chat("un/known").assert_status(429);
    assert_eq!(
        response.json()["error"]["code"],
        json!("insufficient_quota")
    );
    let message = response.json()["error"]["message"].to_string();
    assert!(
        message.contains("price of the model is unknown"),
        "{message}"
    );
    // The prices were looked for at the start.
    let paths: Vec<String> = upstream
        .requests()
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    assert_eq!(paths, ["/api/v1/models"]);
    gateway.stop();
}

#[test]
fn requests_at_the_same_time_are_limited() {
    let upstream = Upstream::start(|_| {
        Script::json(200, "{\"id\":\"c\"}").after(std::time::Duration::from_millis(300))
    });
    let gateway = Gateway::limited(&upstream, "", &["--concurrent", "2"]);
    let request = gateway.request("POST", "/v1/chat/completions", &[], "{}");
    let mut clients: Vec<_> = (0..6).map(|_| connect(gateway.address)).collect();
    for client in &mut clients {
        client.write_all(&request).unwrap();
    }
    let statuses: Vec<u16> = clients
        .iter_mut()
        .map(|client| parse(&read_all(client)).unwrap().status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        2,
        "{statuses:?}"
    );
    assert_eq!(upstream.most_live(), 2);
    gateway.chat("a/b").assert_status(200);
    gateway.stop();
}
