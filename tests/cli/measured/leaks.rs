//! The key is looked for in stdout, stderr, files, command lines and the environment of children,
//! over every shape of a failure.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::{routes, trust};

/// The key of another provider, which the program of a `cmd:` reference must not see.
const OTHER_KEY: &str = "sk-ant-api03-0123456789abcdef0123456789abcdef";

const FORMS: &[&[&str]] = &[
    &["chat", "hi"],
    &["chat", "--json", "hi"],
    &["chat", "--jsonl", "hi"],
    &["chat", "--no-stream", "hi"],
    &["compare", "-m", "test/plain", "-m", "test/other", "hi"],
    &["profiles", "test", "work"],
];

/// Where the key comes from, as `api_key` of the profile; the first is a variable.
const SOURCES: usize = 3;

fn shapes() -> Vec<Reply> {
    let words = format!("Incorrect API key provided: {KEY}.");
    let raw = json!({"error": {"message": words}}).to_string();
    let halves = KEY.split_at(30);
    vec![
        reply::stream(["your key is ", halves.0, halves.1]),
        reply::stream(["Hello"]).reasoning([halves.0, halves.1]),
        reply::whole(&words),
        reply::refusal(400, &words),
        reply::refusal(401, &words),
        reply::refusal(402, &words),
        reply::refusal(403, &words),
        reply::refusal(404, &words),
        reply::refusal(422, &words),
        reply::refusal(429, &words).header("retry-after", "0"),
        reply::refusal(503, &words),
        reply::refusal_with(400, &words, json!({"raw": raw, "provider_name": KEY})),
        reply::page(403, "text/html", &format!("<title>Bearer {KEY}</title>")),
        reply::refusal(308, &words).header("location", &format!("http://127.0.0.1:9/{KEY}")),
        reply::json(json!({"error": {"code": 400, "message": words}})),
        reply::stream(["partial"]).error_event(&json!({"code": 400, "message": words})),
        reply::stream(["partial ", "never"]).cut_after(1),
        reply::page(200, "text/event-stream", &format!("data: {KEY}\n\n")),
    ]
}

/// A home whose key comes from one of the sources.
fn sandbox(double: &Double, source: usize) -> Sandbox {
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("ANTHROPIC_API_KEY", OTHER_KEY)
        .env("AMX_LOG", "trace")
        .file("key.txt", KEY);
    let key = sandbox.home().join("key.txt").display().to_string();
    let program = sandbox.home().join("give").display().to_string();
    let script = format!("env > seen; tr '\\0' ' ' < /proc/$PPID/cmdline >> seen\ncat '{key}'");
    let api_key = match source {
        1 => format!(", api_key: 'file:{key}'"),
        2 => format!(", api_key: 'cmd:{program}'"),
        _ => String::new(),
    };
    let sandbox = sandbox.script("give", &script).config(format!(
        "llm_profiles: {{work: {{provider: openrouter, model: test/plain{api_key}}}}}\n"
    ));
    if source == 0 {
        sandbox.env("OPENROUTER_API_KEY", KEY)
    } else {
        sandbox
    }
}

/// Looks through the command lines of all processes until it is over; the number of looks.
fn watch_command_lines(is_over: &AtomicBool, looks: &AtomicUsize) {
    let secret = KEY.trim_start_matches("sk-or-v1-");
    while !is_over.load(Ordering::Acquire) {
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            assert!(!line.contains(secret), "the key is in a command line");
        }
        looks.fetch_add(1, Ordering::Relaxed);
    }
}

fn run(case: usize) {
    let shapes = shapes();
    let shape = &shapes[case % shapes.len()];
    let form = FORMS[case / shapes.len() % FORMS.len()];
    let source = (case + case / (shapes.len() * FORMS.len())) % SOURCES;
    let scripted = shape.clone();
    let double = Double::start([]).also(routes::chat(move |_| scripted.clone()));
    if form[0] == "profiles" {
        double.learn(routes::key());
    }
    let sandbox = sandbox(&double, source);
    // Looks for the key in both outputs and every file.
    let outcome = sandbox.run(form);
    // A command that is refused before it asks anything measures nothing.
    assert!(![2, 70].contains(&outcome.code), "{outcome}");
    if source == 2 {
        let seen = fs::read_to_string(sandbox.home().join("seen")).unwrap();
        assert!(
            !seen.contains(OTHER_KEY) && seen.contains("amx"),
            "{form:?}: {seen}"
        );
    }
    // What was asked depends on the shape.
    double.take_faults();
}

#[test]
fn no_shape_of_a_failure_shows_the_key_anywhere() {
    let runs = trust::scaled(shapes().len());
    let (is_over, looks) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch_command_lines(&is_over, &looks));
        let outcome = std::panic::catch_unwind(|| trust::in_threads(runs, run));
        is_over.store(true, Ordering::Release);
        watcher.join().unwrap();
        outcome.unwrap();
    });
    let looks = looks.into_inner();
    let counts = [("runs", runs), ("scans of /proc", looks), ("violations", 0)];
    trust::report("leaks", &counts);
}
