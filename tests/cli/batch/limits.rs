//! The limits of servers: what their replies say is left of them, and a pace for each server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::crowd::{Answered, Asked, Crowd};
use crate::support::double::KEY;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

use super::{PROMPT, csv, final_lines, sandbox};

const OUT: &str = "out.jsonl";

const BASE: [&str; 5] = ["batch", "rows.csv", PROMPT, "-o", OUT];

/// Requests that a [`Bucket`] takes at once, and those that it is refilled with in a second.
const SIZE: f64 = 10.0;
const REFILLED: f64 = 20.0;

/// A limit as OpenAI has it: refilled all the time, and each reply says what is left.
struct Bucket {
    left: f64,
    since: Instant,
}

impl Bucket {
    fn reply(&mut self, asked: &Asked) -> Reply {
        let now = Instant::now();
        let refilled = (now - self.since).as_secs_f64() * REFILLED;
        (self.left, self.since) = ((self.left + refilled).min(SIZE), now);
        if self.left < 1.0 {
            return reply::refusal(429, "Slow down.").header("retry-after", "1");
        }
        self.left -= 1.0;
        let reset = format!("{:.0}ms", (SIZE - self.left) / REFILLED * 1000.0);
        reply::stream([asked.prompt.as_str()])
            .header("x-ratelimit-limit-requests", &SIZE.to_string())
            .header(
                "x-ratelimit-remaining-requests",
                &self.left.floor().to_string(),
            )
            .header("x-ratelimit-reset-requests", &reset)
    }
}

fn refused(requests: &[Answered]) -> usize {
    requests.iter().filter(|one| one.status == 429).count()
}

#[test]
fn a_limit_that_replies_report_is_followed_before_it_refuses() {
    let bucket = Mutex::new(Bucket {
        left: SIZE,
        since: Instant::now(),
    });
    let crowd = Crowd::start(move |asked| {
        let reply = bucket.lock().unwrap().reply(asked);
        (reply, Duration::from_millis(20))
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(100));
    // One at a time: no request is on its way while a reply says that none is left.
    sandbox
        .run(BASE.into_iter().chain(["--concurrency", "1"]))
        .assert_code(0);
    let requests = crowd.requests();
    assert_eq!(final_lines(&sandbox, OUT).len(), 100);
    assert!(refused(&requests) <= 2, "{} refused", refused(&requests));
}

#[test]
fn a_window_that_is_used_up_holds_every_row_until_it_ends() {
    let crowd = Crowd::start(|asked| {
        let reply = reply::stream([asked.prompt.as_str()]);
        let reply = if asked.before == 9 {
            reply
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", "3")
        } else {
            reply
        };
        (reply, Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(40));
    sandbox
        .run(BASE.into_iter().chain(["--concurrency", "1"]))
        .assert_code(0);
    let requests = crowd.requests();
    assert_eq!(requests.len(), 40);
    let (before, after) = (requests[9].at, requests[10].at);
    let least = before + Duration::from_millis(2400);
    assert!(after >= least, "{before:?}, {after:?}");
}

/// Two profiles, of which the first falls back to the second.
fn with_fallback(first: &Crowd, second: &Crowd) -> Sandbox {
    let profile = |crowd: &Crowd, model: &str, more: &str| {
        let url = crowd.base_url();
        format!("{{model: {model}, base_url: '{url}', api_key: '${{TEST_KEY}}'{more}}}")
    };
    let first = profile(first, "a/one", ", fallback_profiles: [b]");
    let second = profile(second, "b/two", "");
    let config = format!("llm_profiles:\n  a: {first}\n  b: {second}\nactive_llm_profile: a\n");
    Sandbox::new()
        .env("TEST_KEY", KEY)
        .config(config)
        .file("rows.csv", csv(60))
}

/// A refusal after which the next profile is asked at once.
fn gone() -> Reply {
    let availability = json!({"retryable": false});
    let error = json!({"code": 500, "message": "Gone.", "availability": availability});
    reply::json(json!({"error": error})).status(500)
}

#[test]
fn a_wait_of_the_server_of_a_fallback_profile_holds_only_that_server() {
    const FAILING: usize = 12;
    let held_at: Arc<OnceLock<Instant>> = Arc::default();
    let meanwhile = Arc::new(AtomicUsize::new(0));
    let first = Crowd::start({
        let (held_at, meanwhile) = (Arc::clone(&held_at), Arc::clone(&meanwhile));
        move |asked| {
            let since = held_at.get().map(Instant::elapsed);
            if since.is_some_and(|since| since < Duration::from_millis(2400)) {
                meanwhile.fetch_add(1, Ordering::AcqRel);
            }
            let number: usize = asked.prompt["text ".len()..].parse().unwrap();
            let reply = if number < FAILING {
                gone()
            } else {
                reply::stream(["first"])
            };
            (reply, Duration::from_millis(5))
        }
    });
    let second = Crowd::start(move |asked| {
        let reply = if asked.before == 5 {
            held_at.get_or_init(Instant::now);
            reply::refusal(429, "Slow down.").header("retry-after", "3")
        } else {
            reply::stream(["second"])
        };
        (reply, Duration::from_millis(5))
    });
    let sandbox = with_fallback(&first, &second);
    sandbox
        .run(BASE.into_iter().chain(["--concurrency", "32"]))
        .assert_code(0);
    let lines = final_lines(&sandbox, OUT);
    let of = |text: &str| lines.iter().filter(|line| line["content"] == text).count();
    assert_eq!((of("first"), of("second")), (60 - FAILING, FAILING));
    let requests = second.requests();
    assert_eq!((requests.len(), refused(&requests)), (FAILING + 1, 1));
    let refusal = requests.iter().find(|one| one.status == 429).unwrap();
    // As for the server of the profile itself: before 0.8 s the refusal may be on its way.
    let held = refusal.at + Duration::from_millis(800)..refusal.at + Duration::from_millis(2400);
    let during = requests.iter().filter(|one| held.contains(&one.at)).count();
    assert_eq!(during, 0, "requests while it asked to wait");
    let meanwhile = meanwhile.load(Ordering::Acquire);
    assert!(meanwhile >= 40, "{meanwhile} requests to the other server");
}

/// A server whose model `a/busy` asks to wait for a day.
fn with_a_busy_model() -> Crowd {
    Crowd::start(|asked| {
        let reply = if asked.body["model"] == "a/busy" {
            reply::refusal(429, "Slow down.").header("retry-after", "86400")
        } else {
            reply::stream([asked.prompt.as_str()])
        };
        (reply, Duration::ZERO)
    })
}

/// Lines of OpenAI's batch API that ask these models.
fn openai_lines<'a>(models: impl Iterator<Item = &'a str>) -> String {
    let line = |(row, model): (usize, &str)| {
        let messages = json!([{"role": "user", "content": "Hi"}]);
        let body = json!({"model": model, "messages": messages});
        let line = json!({"custom_id": format!("r{row}"), "method": "POST",
            "url": "/v1/chat/completions", "body": body});
        format!("{line}\n")
    };
    models.enumerate().map(line).collect()
}

#[test]
fn a_long_wait_for_the_model_of_one_row_does_not_end_the_job() {
    let models = |row: usize| if row == 1 { "a/busy" } else { "a/free" };
    let rows = (0..6).map(|row| format!("r{row},text {row},{}\n", models(row)));
    let rows: String = std::iter::once("id,text,model\n".to_owned())
        .chain(rows)
        .collect();
    let lines = openai_lines((0..6).map(models));
    let of_columns = ["batch", "rows.csv", PROMPT, "--from-row", "model"];
    for arguments in [&of_columns[..], &["batch", "lines.jsonl"]] {
        let crowd = with_a_busy_model();
        let sandbox = sandbox(&crowd)
            .file("rows.csv", rows.clone())
            .file("lines.jsonl", lines.clone());
        let more = ["-o", OUT, "--concurrency", "1"];
        sandbox
            .run(arguments.iter().copied().chain(more))
            .assert_failure(13)
            .assert_stderr_has("6 rows: 5 ok, 1 failed");
        assert_eq!(final_lines(&sandbox, OUT).len(), 6);
    }
}

#[test]
fn a_long_wait_for_the_model_of_every_line_ends_the_job() {
    let crowd = with_a_busy_model();
    let lines = openai_lines(std::iter::repeat_n("a/busy", 40));
    let sandbox = sandbox(&crowd).file("lines.jsonl", lines);
    sandbox
        .run(["batch", "lines.jsonl", "-o", OUT])
        .assert_failure(8)
        .assert_stderr_has("40 not asked")
        .assert_stderr_has("run the same command again in 24 h");
    assert_eq!(final_lines(&sandbox, OUT), [] as [Value; 0]);
}

#[test]
fn a_server_that_asks_for_a_long_wait_ends_the_job() {
    for (wait, words) in [
        ("86400", "run the same command again in 24 h"),
        (
            "99999999999999999999",
            "run the same command again in 3650 days",
        ),
    ] {
        let is_back = Arc::new(AtomicUsize::new(0));
        let crowd = Crowd::start({
            let is_back = Arc::clone(&is_back);
            move |asked| {
                let is_refused = asked.before >= 3 && is_back.load(Ordering::Acquire) == 0;
                let busy = || reply::refusal(429, "Slow down.").header("retry-after", wait);
                let answer = || reply::stream([asked.prompt.as_str()]);
                let reply = if is_refused { busy() } else { answer() };
                (reply, Duration::ZERO)
            }
        });
        let sandbox = sandbox(&crowd).file("rows.csv", csv(20));
        sandbox
            .run(BASE.into_iter().chain(["--concurrency", "2"]))
            .assert_failure(8)
            .assert_stderr_has("20 rows: 3 ok, 17 not asked")
            .assert_stderr_has(words);
        assert_eq!(final_lines(&sandbox, OUT).len(), 3);
        assert!(crowd.requests().len() <= 5, "{}", crowd.requests().len());
        is_back.store(1, Ordering::Release);
        sandbox.run(BASE).assert_code(0);
        assert_eq!(final_lines(&sandbox, OUT).len(), 20);
    }
}

#[test]
fn a_fallback_profile_takes_over_from_a_server_that_asks_for_a_long_wait() {
    let busy = |_: &Asked| {
        let reply = reply::refusal(429, "Slow down.").header("retry-after", "86400");
        (reply, Duration::ZERO)
    };
    let first = Crowd::start(busy);
    let second = Crowd::start(|asked| (reply::stream([asked.prompt.as_str()]), Duration::ZERO));
    let sandbox = with_fallback(&first, &second).file("rows.csv", csv(40));
    sandbox.run(BASE).assert_code(0);
    assert_eq!(final_lines(&sandbox, OUT).len(), 40);
    assert_eq!(second.requests().len(), 40);
}
