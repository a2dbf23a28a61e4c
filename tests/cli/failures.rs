//! The table of exit codes, row by row: each failure says what, why and what next.

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// A failure that a user can meet, and its documented exit code.
struct Row {
    code: i32,
    script: Vec<Reply>,
    arguments: &'static [&'static str],
    stdin: &'static [u8],
    config: &'static str,
}

impl Row {
    fn new(code: i32, arguments: &'static [&'static str]) -> Self {
        Self {
            code,
            script: Vec::new(),
            arguments,
            stdin: b"",
            config: "",
        }
    }

    fn answered(code: i32, script: impl Into<Vec<Reply>>) -> Self {
        Self {
            script: script.into(),
            ..Self::new(code, &["chat", "-m", "a/b", "hi"])
        }
    }

    fn run(&self, more: &[&'static str]) -> Outcome {
        let double = Double::start(self.script.clone());
        let sandbox = if self.code == 4 {
            Sandbox::new()
        } else {
            Sandbox::with(&double)
        };
        let sandbox = if self.config.is_empty() {
            sandbox
        } else {
            sandbox.config(self.config)
        };
        let sandbox = if self.stdin.is_empty() {
            sandbox
        } else {
            sandbox.stdin(self.stdin)
        };
        sandbox.run(self.arguments.iter().chain(more))
    }
}

fn table() -> Vec<Row> {
    let busy = vec![reply::refusal(503, "overloaded").header("retry-after", "0"); 4];
    vec![
        Row::new(2, &["chat", "--bogus", "hi"]),
        Row::new(2, &["chta", "hi"]),
        Row {
            config: "active_llm_profile: nowhere\n",
            ..Row::new(3, &["chat", "hi"])
        },
        Row::new(4, &["chat", "hi"]),
        Row {
            stdin: b"a\0b",
            ..Row::new(5, &["chat", "hi"])
        },
        Row {
            config: "llm_profiles:\n  p: {model: a/b, provider: local, base_url: 'http://127.0.0.1:9/v1'}\n",
            ..Row::new(6, &["chat", "hi"])
        },
        Row::answered(7, [reply::refusal(400, "no")]),
        Row::answered(8, busy),
        Row::answered(9, [reply::stream(["partial", "never"]).cut_after(1)]),
        Row::answered(10, [reply::stream([])]),
        Row {
            config: "llm_profiles:\n  p: {model: a/b, price: {input: 1, output: 100}, max_cost: {per_request: 0.01}}\n",
            ..Row::new(14, &["chat", "hi"])
        },
    ]
}

#[test]
fn every_failure_has_its_code_and_a_hint() {
    for row in table() {
        row.run(&[]).assert_failure(row.code);
    }
}

#[test]
fn every_failure_is_one_object_when_asked() {
    for row in table() {
        let error = row.run(&["--json"]).json_failure(row.code);
        let is_text = |field: &str| error[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(
            ["kind", "message", "hint"].into_iter().all(is_text),
            "{error}"
        );
        assert!(error["retryable"].is_boolean(), "{error}");
    }
}

#[test]
fn codes_are_told_apart_by_kind() {
    let kinds: Vec<String> = table()
        .iter()
        .skip(1)
        .map(|row| row.run(&["--json"]).json_failure(row.code)["kind"].to_string())
        .collect();
    let mut distinct = kinds.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), kinds.len(), "{kinds:?}");
}

#[test]
fn a_dead_server_of_another_provider_is_named() {
    let sandbox = Sandbox::new().config(
        "llm_profiles:\n  p: {model: a/b, provider: local, base_url: 'http://127.0.0.1:9/v1'}\n",
    );
    sandbox
        .run(["chat", "hi"])
        .assert_failure(6)
        .assert_stderr_has("127.0.0.1:9");
}

#[test]
fn a_key_from_a_command_is_read_once_more_after_a_401() {
    let rotate = "echo run >>\"$HOME/runs\"; if [ -e \"$HOME/rotated\" ]; then cat \"$HOME/good\"; \
        else : >\"$HOME/rotated\"; echo sk-or-v1-expired-key; fi";
    let double = Double::start([reply::refused_by_rule(), reply::stream(["Hello"])]);
    let sandbox = Sandbox::new().file("good", KEY).script("key.sh", rotate);
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'cmd:{}'}}\n",
        double.base_url(),
        sandbox.home().join("key.sh").display()
    );
    let sandbox = sandbox.config(config);
    sandbox
        .run(["chat", "hi"])
        .assert_code(0)
        .assert_stdout("Hello\n");
    let sent: Vec<String> = double
        .requests()
        .iter()
        .map(|request| request.header("authorization").to_owned())
        .collect();
    assert_eq!(
        sent,
        [
            "Bearer sk-or-v1-expired-key".to_owned(),
            format!("Bearer {KEY}")
        ]
    );
    assert_eq!(
        std::fs::read_to_string(sandbox.home().join("runs")).unwrap(),
        "run\nrun\n"
    );
}

#[test]
fn a_key_from_a_command_that_stays_wrong_is_read_twice_and_no_more() {
    let double = Double::start([reply::refused_by_rule(), reply::refused_by_rule()]);
    let sandbox = Sandbox::new().script("key.sh", "echo sk-or-v1-expired-key");
    let config = format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'cmd:{}'}}\n",
        double.base_url(),
        sandbox.home().join("key.sh").display()
    );
    sandbox
        .config(config)
        .run(["chat", "hi"])
        .assert_failure(4)
        .assert_stderr_lacks("expired-key");
}

#[test]
fn a_key_that_cannot_be_read_names_its_source() {
    for (reference, words) in [
        ("cmd:/nonexistent/program get key", "/nonexistent/program"),
        ("cmd:false", "false"),
        ("${UNSET_KEY}", "UNSET_KEY"),
        ("file:/nonexistent/key", "/nonexistent/key"),
    ] {
        let double = Double::start([]);
        let config = format!(
            "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: '{reference}'}}\n",
            double.base_url()
        );
        Sandbox::new()
            .config(config)
            .run(["chat", "hi"])
            .assert_failure(4)
            .assert_stderr_has(words);
    }
}
