//! Limits that two servers share in a real Redis, with `AMX_TEST_REDIS=1`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::gateway::{Gateway, add_key, config, sandbox};
use super::upstream::{Script, Upstream};

const CHAT: &str = "/v1/chat/completions";

/// A Redis that keeps nothing on disk.
struct Redis {
    process: Child,
    port: u16,
}

impl Redis {
    /// `None` where it is not wanted.
    fn start() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
        let is_wanted = std::env::var_os("AMX_TEST_REDIS").is_some();
        if !is_wanted {
            return None;
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not listen");
            std::thread::yield_now();
        }
        Some(Self { process, port })
    }

    /// What it answers to a command.
    fn ask(&self, command: &str) -> String {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(connection, "{command}\r\n").unwrap();
        connection.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have been stopped.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Two servers with the same key.
fn pair(upstream: &Upstream, redis: &Redis, more: &str, limits: &[&str]) -> [Gateway; 2] {
    pair_with(upstream, redis, more, limits, &[])
}

/// The same, with more arguments.
fn pair_with(
    upstream: &Upstream,
    redis: &Redis,
    more: &str,
    limits: &[&str],
    arguments: &[&str],
) -> [Gateway; 2] {
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let first = sandbox(&config(upstream, more));
    let key = add_key(&first, "laptop", limits);
    let keys = std::fs::read(first.home().join(".amx/serve-keys.json")).unwrap();
    let second = sandbox(&config(upstream, more)).file(".amx/serve-keys.json", keys);
    let arguments = [&["--state", url.as_str()], arguments].concat();
    [first, second].map(|sandbox| Gateway::run(sandbox, key.clone(), &arguments))
}

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, r#"{"id":"c1","usage":{"cost":0.25}}"#))
}

#[test]
fn a_rate_holds_for_both_servers() {
    let Some(redis) = Redis::start() else { return };
    let upstream = answering();
    let pair = pair(&upstream, &redis, "", &["--rpm", "60"]);
    let start = Instant::now();
    for _ in 0..100 {
        for gateway in &pair {
            let response = gateway.chat("a/b");
            assert!(matches!(response.status, 200 | 429), "{response:?}");
        }
    }
    // Ten at once, and then one a second.
    let most = 10 + usize::try_from(start.elapsed().as_secs()).unwrap() + 1;
    let count = upstream.request_count();
    assert!((10..=most).contains(&count), "{count} of {most}");
    pair.into_iter().for_each(|gateway| drop(gateway.stop()));
}

#[test]
fn money_is_reserved_for_both_servers_and_refused_without_redis() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let upstream = answering();
    let price = "    price: {input: 1000000, output: 1000000}\n";
    let pair = pair(&upstream, &redis, price, &["--per-day", "34"]);
    // Each reserves 33 USD and costs a quarter: five fit, one after the other.
    let small = r#"{"max_tokens":1}"#;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let deadline = Instant::now() + Duration::from_secs(2);
        let gateway = &pair[number % 2];
        let mut status = gateway.post("/v1/chat/completions", small).status;
        // The one before is settled off the path of its request.
        while status == 429 && number < 5 && Instant::now() < deadline {
            status = gateway.post("/v1/chat/completions", small).status;
        }
        statuses.push(status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    redis.stop();
    let response = pair[0]
        .post("/v1/chat/completions", small)
        .assert_status(503);
    assert_eq!(
        response.json()["error"]["code"],
        json!("limits_unavailable")
    );
    pair.into_iter().for_each(|gateway| drop(gateway.stop()));
}

#[test]
fn a_place_that_redis_lost_gives_no_money_back() {
    let Some(redis) = Redis::start() else { return };
    let upstream = Upstream::start(|_| {
        Script::json(200, r#"{"id":"c1","usage":{"cost":0.25}}"#).after(Duration::from_secs(1))
    });
    let price = "    price: {input: 1000000, output: 1000000}\n";
    let [gateway, other] = pair(&upstream, &redis, price, &["--per-day", "34"]);
    let client = gateway.client();
    let asking = std::thread::spawn(move || client.post(CHAT, r#"{"max_tokens":1}"#).status);
    upstream.wait_for_requests(1);
    redis.ask("FLUSHALL");
    assert_eq!(asking.join().unwrap(), 200);
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let names = redis.ask("KEYS *:day:*");
        let name = names.lines().find(|line| line.starts_with("amx:"));
        if let Some(name) = name {
            let spent = redis.ask(&format!("GET {name}"));
            assert!(spent.contains("250000"), "{spent}");
            break;
        }
        assert!(Instant::now() < deadline, "{names}");
        std::thread::yield_now();
    }
    drop([gateway, other].map(Gateway::stop));
}

#[test]
fn a_rate_is_open_without_redis_and_costs_little_time() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let upstream = answering();
    let pair = pair(&upstream, &redis, "", &["--rpm", "6"]);
    pair[0].chat("a/b").assert_status(200);
    pair[1].chat("a/b").assert_status(429);
    redis.stop();
    for _ in 0..10 {
        let asked = Instant::now();
        pair[0].chat("a/b").assert_status(200);
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
    }
    pair.into_iter().for_each(|gateway| drop(gateway.stop()));
}

#[test]
fn each_kind_of_limit_fails_as_it_was_told_to() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let upstream = answering();
    let price = "    price: {input: 1, output: 1}\n";
    let arguments = ["--state-rate", "closed"];
    let rate = pair_with(&upstream, &redis, price, &["--rpm", "600"], &arguments);
    let arguments = ["--state-money", "open"];
    let money = pair_with(&upstream, &redis, price, &["--per-day", "5"], &arguments);
    for gateway in rate.iter().chain(&money) {
        gateway.chat("author/model").assert_status(200);
    }
    redis.stop();
    let response = rate[0].chat("author/model").assert_status(503);
    assert_eq!(
        response.json()["error"]["code"],
        json!("limits_unavailable")
    );
    money[0].chat("author/model").assert_status(200);
    // Also without a log the operator is warned, once.
    for gateway in [&rate[0], &money[0]] {
        gateway.chat("author/model");
    }
    let warnings = rate.into_iter().chain(money).map(|gateway| {
        let outcome = gateway.stop();
        outcome.stderr().matches("Redis does not answer").count()
    });
    assert_eq!(warnings.collect::<Vec<_>>(), [1, 0, 1, 0]);
}
