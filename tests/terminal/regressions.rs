//! Mistakes that showed on a terminal once, or with a keyring, each with the least that showed it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread::JoinHandle;

use serde_json::json;

use crate::pty::{SMALL, Terminal, USUAL, squeeze};
use crate::secret_service::{SecretService, is_wanted};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Keys with what Markdown takes for marks.
const MARKED_KEYS: [&str; 3] = [
    "AIzaSy-_abcdefghijklmnop_-qrstuv",
    "AIza_Sy_abcdefghijklmnop__qrstuv__",
    "AIza*Sy*abcdefghijklmnop**qrstuv**",
];

/// A server that streams one answer to any request, whatever the key.
fn serve(texts: &[&str]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let mut body: String = texts
        .iter()
        .map(|text| {
            format!(
                "data: {}\n\n",
                json!({"choices": [{"delta": {"content": text}}]})
            )
        })
        .collect();
    body.push_str(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        let mut piece = [0; 4096];
        // The question is the last thing in the body.
        while !String::from_utf8_lossy(&received).contains("\"hello\"") {
            let read = connection.read(&mut piece).unwrap();
            assert_ne!(read, 0, "the request ends before its question");
            received.extend_from_slice(&piece[..read]);
        }
        connection.write_all(answer.as_bytes()).unwrap();
    });
    (url, server)
}

#[test]
fn a_key_with_marks_of_markdown_is_not_rendered() {
    for key in MARKED_KEYS {
        for size in [USUAL, SMALL] {
            let (first, second) = key.split_at(11);
            let (url, server) = serve(&[
                "your keys are ",
                key,
                " and **",
                first,
                second,
                "** and\n\n# ",
                key,
                "\n\n- ",
                first,
                second,
            ]);
            let sandbox = stage::bare()
                .env("AMX_MODEL", "a/b")
                .env("OPENROUTER_BASE_URL", url)
                .env("OPENROUTER_API_KEY", key);
            let terminal = stage::terminal(&sandbox, &["chat", "hello"], size);
            assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
            server.join().unwrap();
            let shown = squeeze(&terminal.transcript()).replace(' ', "");
            let is_told = ["abcdefgh", "ijklmnop", "qrstuv", key]
                .iter()
                .any(|piece| shown.contains(piece));
            assert!(
                !is_told && shown.contains("yourkeysare"),
                "{key} at {size:?}: {shown}"
            );
            assert_eq!(
                shown.matches("redacted").count(),
                4,
                "{key} at {size:?}: {shown}"
            );
        }
    }
}

#[test]
fn long_runs_of_marks_take_no_time() {
    for text in ["-".repeat(9000), "*a ".repeat(40_000)] {
        let double = Double::start([reply::stream([text.as_str()])]);
        let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], USUAL);
        assert_eq!(terminal.wait_exit(), 0, "{}", &text[..8]);
        terminal.assert_restored();
    }
}

/// Runs a script in a shell with job control, on a terminal.
fn job_control(sandbox: &Sandbox, script: &str) -> Terminal {
    Terminal::launch(
        "/bin/bash",
        &["--norc", "-ic", script],
        sandbox.environment(),
        sandbox.home(),
        USUAL,
    )
}

#[test]
fn a_job_in_the_background_is_not_stopped() {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["the first half\n\n", "the rest"])
        .reasoning(["hm"])
        .gate_after(1, &gate)]);
    let sandbox = stage::ready(&double).env("AMX", env!("CARGO_BIN_EXE_amx"));
    let terminal = job_control(
        &sandbox,
        "\"$AMX\" chat hello > answer & wait $!; echo \"ended with $?\"",
    );
    double.wait_for_request();
    gate.open();
    terminal.wait_for("ended with 0");
    assert_eq!(terminal.wait_exit(), 0);
    assert_eq!(
        std::fs::read_to_string(sandbox.home().join("answer")).unwrap(),
        "the first half\n\nthe rest\n"
    );
}

#[test]
fn unreadable_reasoning_does_not_lose_the_answer() {
    for closed in ["2>/dev/full", "2>&-"] {
        let double = Double::start([
            reply::stream(["the ", "answer"]).reasoning(["a thought\n", "another\n"])
        ]);
        let sandbox = stage::ready(&double);
        let output = stage::shell(
            &sandbox,
            &format!("\"$AMX\" chat --show-reasoning hello {closed}"),
        )
        .stdin(Stdio::null())
        .output()
        .unwrap();
        assert_eq!(
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stdout).as_ref()
            ),
            (Some(0), "the answer\n"),
            "{closed}"
        );
    }
}

#[test]
fn a_new_provider_gets_nothing_of_the_old_one() {
    if !is_wanted("a_new_provider_gets_nothing_of_the_old_one") {
        return;
    }
    let service = SecretService::unlocked();
    // Fails this test when anybody asks it anything.
    let old = Double::start([]);
    let config = format!(
        "llm_profiles:\n  a: {{provider: local, model: m, base_url: '{}', \
         api_key: '${{OLD_KEY}}'}}\nactive_llm_profile: a\n",
        old.base_url()
    );
    let sandbox = stage::bare()
        .env("DBUS_SESSION_BUS_ADDRESS", service.address())
        .env("OLD_KEY", KEY)
        .config(config)
        .stdin("sk-a-key-of-openai-0123456789");
    let outcome = sandbox.run([
        "add-llm-profile",
        "a",
        "--no-input",
        "--provider",
        "openai",
        "--model",
        "gpt",
        "--api-key-stdin",
    ]);
    outcome
        .assert_code(0)
        .assert_stderr_has("could not be verified");
    let written = stage::config(&sandbox);
    assert!(
        !written.contains("base_url") && !written.contains("OLD_KEY"),
        "{written}"
    );
    assert!(
        written.contains("provider: openai") && written.contains("keyring://amx/a/api_key"),
        "{written}"
    );
    assert_eq!(
        service.lookup("a/api_key").as_deref(),
        Some("sk-a-key-of-openai-0123456789")
    );
    assert_eq!(
        service.lookup("a/api_key.origin").as_deref(),
        Some("https://api.openai.com")
    );
}

#[test]
fn force_counts_for_the_files_of_a_template() {
    let double = Double::start([reply::stream(["All of them."])]);
    let mut sandbox = stage::ready(&double).file("all.md", "---\nfiles: [many/]\n---\nRead.\n");
    std::fs::create_dir(sandbox.home().join("many")).unwrap();
    for number in 0..=200 {
        sandbox = sandbox.file(&format!("many/{number}.txt"), "a");
    }
    let terminal = stage::terminal(&sandbox, &["chat", "--force"], USUAL);
    stage::wait_for_prompt(&terminal);
    terminal.answer("/template ./all.md");
    terminal.wait_for("All of them.");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}
