//! The end of a stream: the client that leaves, and the server that ends.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::client::{chunks, connect, exchange, parse, read_all};
use super::gateway::Gateway;
use super::upstream::{Ending, Script, Upstream};

const CHUNK: &str = "data: {\"id\":\"c1\",\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":{\
    \"content\":\"x\"},\"finish_reason\":null}]}\n\n";

const BODY: &str = r#"{"model":"a/b","stream":true}"#;

const CHAT: &str = "/v1/chat/completions";

fn holding() -> Upstream {
    Upstream::start(|_| Script::stream(&[CHUNK], Ending::Silence))
}

/// A stream of which the first event was read.
fn opened(gateway: &Gateway) -> std::net::TcpStream {
    let mut connection = connect(gateway.address);
    connection
        .write_all(&gateway.request("POST", CHAT, &[], BODY))
        .unwrap();
    let mut seen = Vec::new();
    let mut piece = [0; 1024];
    while !String::from_utf8_lossy(&seen).contains("\"x\"") {
        let read = connection.read(&mut piece).unwrap();
        assert!(
            read > 0,
            "the stream ended: {}",
            String::from_utf8_lossy(&seen)
        );
        seen.extend_from_slice(&piece[..read]);
    }
    connection
}

/// Begins the end of the server, which then refuses requests.
#[track_caller]
fn end(gateway: &Gateway) {
    let start = Instant::now();
    gateway.running().signal("TERM");
    while gateway.get("/v1/models").status != 503 {
        let elapsed = start.elapsed();
        assert!(elapsed < Duration::from_secs(10), "a request was answered");
    }
}

#[test]
fn a_client_that_leaves_ends_the_request_at_the_provider() {
    let upstream = holding();
    let gateway = Gateway::start(&upstream);
    for number in 1..=20 {
        let connection = opened(&gateway);
        let left = Instant::now();
        drop(connection);
        let ended = upstream.wait_for_leaving(number)[number - 1];
        assert!(ended.saturating_duration_since(left) < Duration::from_secs(5));
    }
    gateway.stop();
}

#[test]
fn a_client_that_leaves_before_the_answer_ends_the_request_too() {
    let upstream = Upstream::start(|_| Script::json(200, "{}").after(Duration::from_secs(15)));
    let gateway = Gateway::start(&upstream);
    for (number, body) in [BODY, r#"{"model":"a/b"}"#].iter().enumerate() {
        let mut connection = connect(gateway.address);
        connection
            .write_all(&gateway.request("POST", CHAT, &[], body))
            .unwrap();
        upstream.wait_for_requests(number + 1);
        let left = Instant::now();
        drop(connection);
        let ended = upstream.wait_for_leaving(number + 1)[number];
        assert!(ended.saturating_duration_since(left) < Duration::from_secs(5));
    }
    gateway.stop();
}

#[test]
fn the_end_of_the_server_waits_for_streams_and_then_cuts_them() {
    let upstream = holding();
    let gateway = Gateway::with(&upstream, "", &["--drain", "2s"]);
    let mut streams: Vec<_> = (0..50).map(|_| opened(&gateway)).collect();
    let start = Instant::now();
    end(&gateway);
    for stream in &mut streams {
        let rest = String::from_utf8_lossy(&read_all(stream)).into_owned();
        assert!(rest.contains("shutting down"), "{rest}");
        assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
    }
    let elapsed = start.elapsed();
    assert!((1900..9000).contains(&elapsed.as_millis()), "{elapsed:?}");
    gateway.stop_after_signal();
}

#[test]
fn what_waits_for_its_answer_is_refused_when_the_server_has_to_end() {
    let upstream = Upstream::start(|_| Script::json(200, "{}").after(Duration::from_secs(30)));
    let arguments = ["--drain", "1s", "--keep-alive", "200ms", "--log", "json"];
    let gateway = Gateway::with(&upstream, "", &arguments);
    let messages = "/v1/messages";
    let asked = [
        (CHAT, r#"{"model":"a/b"}"#),
        (CHAT, BODY),
        (messages, r#"{"model":"a/b","max_tokens":9,"stream":true}"#),
    ];
    let mut waiting = asked.map(|(path, body)| {
        let mut connection = connect(gateway.address);
        let request = gateway.request("POST", path, &[], body);
        connection.write_all(&request).unwrap();
        connection
    });
    upstream.wait_for_requests(asked.len());
    end(&gateway);
    let answers = waiting.each_mut().map(|connection| {
        let answer = parse(&read_all(connection)).unwrap();
        assert!(answer.is_complete, "{answer:?}");
        assert!(answer.text().contains("shutting down"), "{answer:?}");
        answer
    });
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [503, 200, 200]
    );
    assert_eq!(answers[0].header("x-should-retry"), "false");
    assert!(answers[2].text().contains("event: error"), "{answers:?}");
    let mut gateway = gateway;
    let outcome = gateway.take_running().wait();
    outcome.assert_code(0);
    let log = outcome.stderr();
    assert!(!log.contains("client went away"), "{log}");
}

/// A client that connected before the end may have its first request on the way.
#[test]
fn a_connection_without_a_request_is_answered_while_the_server_ends() {
    let upstream = holding();
    let gateway = Gateway::with(&upstream, "", &["--drain", "2s"]);
    let mut waiting = connect(gateway.address);
    let _held = opened(&gateway);
    end(&gateway);
    waiting
        .write_all(&gateway.request("GET", "/v1/models", &[], ""))
        .unwrap();
    let answer = read_all(&mut waiting);
    parse(&answer).unwrap().assert_status(503);
    gateway.stop_after_signal();
}

#[test]
fn a_stream_that_ends_in_time_is_not_cut() {
    const LAST: &str = "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\
        \"stop\"}]}\n\n";
    let upstream = Upstream::start(|_| {
        Script::stream(&[CHUNK, LAST], Ending::Complete).after(Duration::from_millis(700))
    });
    let gateway = Gateway::start(&upstream);
    let mut connection = connect(gateway.address);
    connection
        .write_all(&gateway.request("POST", CHAT, &[], BODY))
        .unwrap();
    upstream.wait_for_requests(1);
    let start = Instant::now();
    gateway.running().signal("INT");
    let response = parse(&read_all(&mut connection))
        .unwrap()
        .assert_status(200);
    assert_eq!(response.text(), [CHUNK, LAST].concat());
    gateway.stop_after_signal();
    assert!(
        start.elapsed() < Duration::from_secs(9),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let upstream = holding();
        let mut gateway = Gateway::start(&upstream);
        let _stream = opened(&gateway);
        gateway.running().signal(signal);
        gateway
            .running()
            .wait_for(&crate::support::running::Stream::Stderr, "in progress");
        gateway.running().signal(signal);
        gateway.take_running().wait().assert_code(code);
    }
}

#[test]
fn a_hang_up_reads_the_configuration_again_and_a_broken_one_is_ignored() {
    let upstream = Upstream::start(|_| Script::json(200, r#"{"id":"c1"}"#));
    let gateway = Gateway::start(&upstream);
    let path = gateway.sandbox().home().join(".amx/config.yml");
    let before = std::fs::read_to_string(&path).unwrap();
    let stderr = crate::support::running::Stream::Stderr;
    std::fs::write(&path, "llm_profiles: [").unwrap();
    gateway.running().signal("HUP");
    gateway
        .running()
        .wait_for(&stderr, "configuration not reloaded");
    gateway.chat("fast").assert_status(200);
    assert!(upstream.last_body().contains("\"fast\""));
    let aliases = "model_aliases:\n  - {pattern: fast, replacement: a/b}\n";
    std::fs::write(&path, format!("{before}{aliases}")).unwrap();
    gateway.running().signal("HUP");
    gateway
        .running()
        .wait_for(&stderr, "configuration reloaded");
    gateway.chat("fast").assert_status(200);
    assert!(upstream.last_body().contains("\"a/b\""));
    gateway.stop();
}

#[test]
fn pieces_that_arrive_together_are_sent_together() {
    const LAST: &str = "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\
        \"stop\"}]}\n\n";
    let pieces = [&[CHUNK; 60][..], &[LAST]].concat();
    let expected = pieces.concat();
    for is_together in [true, false] {
        let script = Script::stream(&pieces, Ending::Complete);
        let upstream = Upstream::start(move |_| {
            if is_together {
                script.clone().together()
            } else {
                script.clone()
            }
        });
        let gateway = Gateway::start(&upstream);
        let answer = exchange(gateway.address, &gateway.request("POST", CHAT, &[], BODY));
        let body = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let (chunks, is_complete) = chunks(&answer[body..]);
        assert!(is_complete && chunks.concat() == expected.as_bytes());
        if is_together {
            assert!(chunks.len() < 20, "{} writes", chunks.len());
        }
        gateway.stop();
    }
}

/// A reasoning model may be silent for longer than the interval of the comments.
#[test]
fn a_stream_that_starts_late_is_reported_as_it_was_answered() {
    const LAST: &str = "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\
        \"stop\"}]}\n\n";
    let upstream = Upstream::start(|request| {
        let script = if request.json()["model"] == "a/b" {
            Script::stream(&[CHUNK, LAST], Ending::Complete)
        } else {
            Script::json(400, r#"{"error":{"message":"own words","code":400}}"#)
        };
        script.after(Duration::from_millis(800))
    });
    let arguments = ["--keep-alive", "200ms", "--log", "json", "--metrics"];
    let gateway = Gateway::with(&upstream, "", &arguments);
    let late = gateway.stream(CHAT, "a/b").assert_status(200);
    assert!(
        late.text().starts_with(": amx\n\n") && late.text().ends_with(LAST),
        "{}",
        late.text()
    );
    let refused = gateway.stream(CHAT, "c/d").assert_status(200);
    let metrics = gateway.get("/metrics").text();
    assert!(!metrics.contains("499"), "{metrics}");
    let outcome = gateway.stop();
    for answer in [late, refused] {
        let id = answer.header("x-request-id");
        let stderr = outcome.stderr();
        let mut lines = stderr.lines().filter(|line| line.contains(id));
        let line: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        assert_eq!(line["request_id"], id);
        assert_eq!(line["status"], 200, "{line}");
    }
}
