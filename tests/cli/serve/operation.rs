//! What an operator sees: a port that is taken, running servers, sockets of a service manager, the
//! catalogue that limits need, warnings.

use std::net::TcpListener;
use std::os::fd::AsRawFd;

use serde_json::{Value, json};

use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Script, Upstream};
use crate::support::running::Stream;

const CATALOGUE: &str = r#"{"data":[{"id":"author/model","name":"Model","created":1700000000,"context_length":8192,"architecture":{"input_modalities":["text"],"output_modalities":["text"]},"pricing":{"prompt":"0.000001","completion":"0.000002"},"supported_parameters":["max_tokens"]}]}"#;

fn answering() -> Upstream {
    Upstream::start(|request| {
        if request.path.ends_with("/models") {
            return Script::json(200, CATALOGUE);
        }
        Script::json(200, r#"{"id":"c1","choices":[],"usage":{"cost":0.25}}"#)
    })
}

fn paths(upstream: &Upstream) -> Vec<String> {
    let requests = upstream.requests().into_iter();
    requests.map(|request| request.path).collect()
}

/// The row of a check of doctor.
fn row(report: &Value, name: &str) -> Value {
    let mut rows = report["checks"].as_array().unwrap().iter();
    rows.find(|row| row["name"] == name).unwrap().clone()
}

#[test]
fn a_taken_port_names_the_process_that_has_it() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let listen = gateway.address.to_string();
    let process = gateway.running().id();
    gateway
        .sandbox()
        .run(["serve", "--listen", &listen])
        .assert_failure(12)
        .assert_stderr_has(&format!(
            "cannot listen on {listen}: amx serve with process ID {process} is using it"
        ));
    gateway.stop();
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let listen = other.local_addr().unwrap().to_string();
    let sandbox = sandbox(&config(&upstream, ""));
    add_key(&sandbox, "laptop", &[]);
    let outcome = sandbox.run(["serve", "--listen", &listen]);
    outcome
        .assert_failure(12)
        .assert_stderr_has(&format!("cannot listen on {listen}"))
        .assert_stderr_lacks("process ID");
}

#[test]
fn doctor_lists_the_servers_that_run_and_the_keys() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let (listen, process) = (gateway.address.to_string(), gateway.running().id());
    let report = gateway.sandbox().run(["doctor", "--json"]).json();
    let found = row(&report, "serve.servers");
    let words = format!("amx serve, process ID {process}, at {listen}: answers");
    assert_eq!(
        (&found["status"], &found["words"]),
        (&json!("ok"), &json!(words)),
        "{found}"
    );
    assert_eq!(row(&report, "serve.keys")["words"], json!("1 client key"));
    // One that does not run any more is not listed, also when it was killed.
    let sandbox = gateway.into_sandbox();
    let running = sandbox.spawn(["serve", "--listen", "127.0.0.1:0"]);
    running.wait_for(&Stream::Stdout, "/v1");
    running.signal("KILL");
    running.wait();
    let report = sandbox.run(["doctor", "--json"]).json();
    assert_eq!(row(&report, "serve.servers")["status"], json!("skipped"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_socket_of_a_service_manager_is_used_unless_another_is_chosen() {
    let upstream = answering();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::empty()).unwrap();
    let line = |process: &str, count: &str| {
        format!(
            "exec /bin/bash -c 'exec 3<&{}; export LISTEN_FDS={count} LISTEN_PID={process}; exec \
            \"$@\"' bash \"$@\"",
            listener.as_raw_fd()
        )
    };
    let start = |process: &str, count: &str, arguments: &[&str]| {
        let sandbox = sandbox(&config(&upstream, ""));
        let key = add_key(&sandbox, "laptop", &[]);
        let sandbox = sandbox.shell(&line(process, count));
        let running = sandbox.spawn([&["serve"], arguments].concat());
        (sandbox, running, key)
    };
    let (_sandbox, running, key) = start("$$", "1", &[]);
    running.wait_for(&Stream::Stdout, &format!("http://{address}/v1"));
    let bytes = super::client::request(
        "GET",
        "/v1/models",
        &[("host", &address.to_string()), ("x-api-key", &key)],
        b"",
    );
    let answer = super::client::exchange(address, &bytes);
    assert_eq!(super::client::parse(&answer).unwrap().status, 200);
    running.signal("TERM");
    running.wait().assert_code(0);
    // Several sockets are an error; those of another process and those not asked for are ignored.
    let (_sandbox, running, _) = start("$$", "2", &[]);
    running
        .wait()
        .assert_failure(12)
        .assert_stderr_has("expected one socket in LISTEN_FDS, not 2");
    let (_sandbox, running, _) = start("$$", "1", &["--listen", "127.0.0.1:0"]);
    running.wait_for(&Stream::Stdout, "/v1");
    assert!(!running.printed().contains(&address.to_string()));
    running.signal("TERM");
    running.wait().assert_code(0);
    let (_sandbox, running, _) = start("1", "1", &["--listen", "unix:amx.sock"]);
    running.wait_for(&Stream::Stdout, "unix:amx.sock");
    running.signal("TERM");
    running.wait().assert_code(0);
}

#[test]
fn the_catalogue_is_fetched_where_a_limit_needs_prices() {
    let upstream = answering();
    let gateway = Gateway::limited(&upstream, "", &["--per-day", "1"]);
    assert_eq!(paths(&upstream), ["/api/v1/models"]);
    let body = json!({"model": "author/model", "max_tokens": 9}).to_string();
    gateway
        .post("/v1/chat/completions", &body)
        .assert_status(200);
    let sandbox = gateway.into_sandbox();
    // It is cached then.
    let gateway = Gateway::run(sandbox, String::new(), &["--force-model", "no/such"]);
    assert_eq!(upstream.request_count(), 2);
    gateway
        .running()
        .wait_for(&Stream::Stderr, "does not list no/such");
    gateway.stop();
    // Without a limit nothing is fetched.
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "", &["--force-model", "no/such"]);
    assert_eq!(upstream.request_count(), 0);
    let outcome = gateway.stop();
    outcome.assert_stderr_lacks("does not list");
}

#[test]
fn a_catalogue_that_cannot_be_fetched_is_a_warning() {
    let upstream = Upstream::start(|_| Script::json(404, "{}"));
    let gateway = Gateway::with(&upstream, "", &["--per-day", "1"]);
    gateway
        .running()
        .wait_for(&Stream::Stderr, "amx models sync");
    let response = gateway.chat("author/model").assert_status(429);
    assert_eq!(
        response.json()["error"]["code"],
        json!("insufficient_quota")
    );
    gateway.stop();
}
