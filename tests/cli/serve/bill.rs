//! Money and rates: the ledger is the bill of the provider, and limits are never passed.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::gateway::{Gateway, usage};
use super::upstream::{Ending, Script, Upstream};
use crate::support::http::Request;

const PATHS: &[&str] = &["/v1/chat/completions", "/v1/responses", "/v1/messages"];

/// Micro-USD that the provider bills for one request after the other.
const PRICES: &[u64] = &[1, 17, 250, 999, 12_345, 100_003, 7];

/// An answer that costs so much, in the API of the request, whole or as a stream.
fn answer(request: &Request, micro: u64) -> Script {
    let is_stream = request.json()["stream"] == true;
    let cost = format!("0.{micro:06}");
    let chat = format!("{{\"prompt_tokens\":3,\"completion_tokens\":2,\"cost\":{cost}}}");
    let other = format!("{{\"input_tokens\":3,\"output_tokens\":2,\"cost\":{cost}}}");
    match request.path.rsplit('/').next().unwrap_or_default() {
        "responses" if is_stream => Script::stream(
            &[
                "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{}}\n\n",
                &format!(
                    "event: response.completed\ndata: {{\"type\":\"response.completed\",\
                    \"response\":{{\"status\":\"completed\",\"usage\":{other}}}}}\n\n"
                ),
            ],
            Ending::Complete,
        ),
        "messages" if is_stream => Script::stream(
            &[
                "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":\
                {\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
                &format!(
                    "event: message_delta\ndata: {{\"type\":\"message_delta\",\"usage\":{other}}}\n\n"
                ),
                "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            ],
            Ending::Complete,
        ),
        "completions" if is_stream => Script::stream(
            &[
                "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n",
                &format!(
                    "data: {{\"choices\":[{{\"finish_reason\":\"stop\"}}],\"usage\":{chat}}}\n\n"
                ),
                "data: [DONE]\n\n",
            ],
            Ending::Complete,
        ),
        "completions" => Script::json(200, &format!("{{\"choices\":[],\"usage\":{chat}}}")),
        _ => Script::json(200, &format!("{{\"id\":\"x\",\"usage\":{other}}}")),
    }
}

/// USD of so many micro-USD, to the last digit.
fn usd(micro: u64) -> String {
    format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

fn cost(usage: &Value) -> String {
    let cost = usage["total"]["cost_usd"].as_f64().unwrap();
    let micro = cost * 1e6;
    assert!((micro - micro.round()).abs() < 1e-3, "{cost}");
    format!("{cost:.6}")
}

/// Sends requests from several threads, each numbered, and gives how many had each status.
fn send_all(count: usize, threads: usize, send: impl Fn(usize) -> u16 + Sync) -> Vec<u16> {
    let (next, statuses) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let status = send(number);
                    statuses.lock().unwrap().push(status);
                }
            });
        }
    });
    statuses.into_inner().unwrap()
}

#[test]
fn the_ledger_is_the_bill_of_the_provider_to_the_last_digit() {
    let (bill, count) = (Arc::new(AtomicU64::new(0)), AtomicUsize::new(0));
    let billed = Arc::clone(&bill);
    let upstream = Upstream::start(move |request| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let micro = PRICES[number % PRICES.len()];
        billed.fetch_add(micro, Ordering::Relaxed);
        answer(request, micro)
    });
    let gateway = Gateway::start(&upstream);
    let client = gateway.client();
    let statuses = send_all(300, 6, |number| {
        let body = json!({"model": "a/b", "stream": number % 2 == 0}).to_string();
        client.post(PATHS[number % 3], &body).status
    });
    assert_eq!(statuses, [200; 300]);
    let usage = usage(&gateway.into_sandbox(), "key");
    assert_eq!(cost(&usage), usd(bill.load(Ordering::Relaxed)), "{usage}");
    assert_eq!(usage["total"]["requests"], json!(300));
    assert_eq!(usage["total"]["unknown"], json!(0), "{usage}");
}

#[test]
fn an_answer_without_usage_has_an_unknown_cost() {
    let upstream = Upstream::start(|request| {
        if request.json()["stream"] == true {
            let end = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n";
            return Script::stream(&[end, "data: [DONE]\n\n"], Ending::Complete);
        }
        Script::json(200, "{\"id\":\"x\",\"choices\":[]}")
    });
    let gateway = Gateway::start(&upstream);
    for path in PATHS {
        let body = json!({"model": "a/b"}).to_string();
        gateway.post(path, &body).assert_status(200);
    }
    gateway.stream(PATHS[0], "a/b").assert_status(200);
    let usage = usage(&gateway.into_sandbox(), "key");
    assert_eq!(usage["total"]["unknown"], json!(4), "{usage}");
}

#[test]
fn a_daily_limit_is_never_passed_by_requests_at_the_same_time() {
    let bill = Arc::new(AtomicU64::new(0));
    let billed = Arc::clone(&bill);
    let upstream = Upstream::start(move |request| {
        // The whole of what was reserved: five tokens at a cent.
        billed.fetch_add(50_000, Ordering::Relaxed);
        answer(request, 50_000).after(Duration::from_millis(5))
    });
    let price = "    price: {input: 0, output: 10000}\n";
    let gateway = Gateway::limited(&upstream, price, &["--per-day", "1"]);
    let client = gateway.client();
    let statuses = send_all(120, 12, |number| {
        let path = PATHS[number % 3];
        let limit = if path == "/v1/responses" {
            "max_output_tokens"
        } else {
            "max_tokens"
        };
        let body = json!({"model": "author/model", "stream": number % 2 == 0, limit: 5});
        let response = client.post(path, &body.to_string());
        if response.status != 200 {
            assert_eq!(response.header("x-should-retry"), "false");
            assert_eq!(response.status, 429, "{path}: {response:?}");
            let error = &response.json()["error"];
            let is_quota = error["code"] == "insufficient_quota"
                || error["type"] == "rate_limit_error" && path == "/v1/messages";
            assert!(is_quota, "{error}");
        }
        response.status
    });
    let passed = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((passed, bill.load(Ordering::Relaxed)), (20, 1_000_000));
    let usage = usage(&gateway.into_sandbox(), "key");
    assert_eq!(cost(&usage), "1.000000", "{usage}");
}

#[test]
fn a_thousand_requests_get_the_rate_of_their_key() {
    let upstream = Upstream::start(|_| Script::json(200, "{\"id\":\"x\"}"));
    let gateway = Gateway::limited(&upstream, "", &["--rpm", "60"]);
    let start = Instant::now();
    let client = gateway.client();
    let statuses = send_all(1000, 6, |_| client.chat("a/b").status);
    let most = 10 + usize::try_from(start.elapsed().as_secs()).unwrap() + 1;
    let passed = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((passed + refused, passed), (1000, upstream.request_count()));
    assert!((10..=most).contains(&passed), "{passed} of {most}");
    gateway.stop();
}

#[test]
fn never_more_requests_at_once_than_the_key_has() {
    let upstream = Upstream::start(|request| {
        let wait = if request.json()["stream"] == true {
            3
        } else {
            7
        };
        answer(request, 1).after(Duration::from_millis(wait))
    });
    let gateway = Gateway::limited(&upstream, "", &["--concurrent", "8"]);
    let client = gateway.client();
    let statuses = send_all(300, 20, |number| {
        let body = json!({"model": "a/b", "stream": number % 2 == 0}).to_string();
        client.post(PATHS[number % 3], &body).status
    });
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(upstream.most_live() <= 8, "{}", upstream.most_live());
    gateway.stop();
}
