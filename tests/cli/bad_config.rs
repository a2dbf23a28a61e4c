//! Bad configuration and bad environments, each a data file that says what must be said about it;
//! nothing is sent for any of them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::sandbox::Sandbox;

/// What the first lines of a data file expect.
struct Expectation {
    exit: i32,
    says: Vec<String>,
}

/// Reads `# exit: CODE` and any number of `# says: WORDS`.
fn expectation(path: &Path, content: &[u8]) -> Expectation {
    let text = String::from_utf8_lossy(content);
    let values = |key: &str| -> Vec<String> {
        let comments = text.lines().take_while(|line| line.starts_with('#'));
        comments
            .filter_map(|line| line.strip_prefix(key))
            .map(|value| value.trim().to_owned())
            .collect()
    };
    let exit = values("# exit:").first().and_then(|code| code.parse().ok());
    let Some(exit) = exit else {
        panic!("{} does not say which exit code it expects", path.display())
    };
    let says = values("# says:");
    assert!(
        !says.is_empty(),
        "{} does not say what must be said",
        path.display()
    );
    Expectation { exit, says }
}

fn cases(folder: &str, least: usize) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= least, "there are only {} cases", paths.len());
    paths
}

/// Checks every case and reports all that are wrong, so that one does not hide the others.
fn check_all(
    folder: &str,
    least: usize,
    run: impl Fn(&[u8], Sandbox) -> Outcome + std::panic::RefUnwindSafe,
) {
    let mut failed = Vec::new();
    for path in cases(folder, least) {
        let content = std::fs::read(&path).unwrap();
        let expected = expectation(&path, &content);
        let double = Double::start([]);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let outcome = run(&content, Sandbox::with(&double));
            outcome.assert_failure(expected.exit);
            outcome.assert_stdout("");
            for words in &expected.says {
                outcome.assert_stderr_has(words);
            }
            assert!(
                double.requests().is_empty(),
                "something was sent\n{outcome}"
            );
        }));
        if checked.is_err() {
            failed.push(
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    assert!(failed.is_empty(), "wrong: {}", failed.join(", "));
}

#[test]
fn bad_configuration_is_found_before_anything_is_sent() {
    check_all("bad_config", 100, |content, sandbox| {
        let text = String::from_utf8_lossy(content).replace("{key}", KEY);
        sandbox
            .config(text)
            .without("OPENROUTER_BASE_URL")
            .run(["chat", "hi"])
    });
}

#[test]
fn bad_environments_are_found_before_anything_is_sent() {
    check_all("bad_env", 30, |content, sandbox| {
        let text = String::from_utf8_lossy(content);
        let pairs = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='));
        let sandbox = pairs.fold(sandbox, |sandbox, (name, value)| {
            sandbox.env(name, unescape(value))
        });
        sandbox.run(["chat", "hi"])
    });
}

/// `\n`, `\t`, `\e` and `\xNN` stand for what they do in a shell; `{key}` is the key of the double.
fn unescape(value: &str) -> OsString {
    let mut bytes = Vec::new();
    let value = value.replace("{key}", KEY);
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, length) = match (first, after) {
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'e', ..]) => (0x1b, 2),
            (b'\\', [b'x', high, low, ..]) => (
                u8::from_str_radix(&String::from_utf8_lossy(&[*high, *low]), 16).unwrap(),
                4,
            ),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    OsString::from_vec(bytes)
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).config([0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0xff, 0xfe]);
    sandbox
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("config.yml");
}

#[test]
fn a_bomb_is_refused_quickly() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, previous) in ('b'..='z').zip('a'..) {
        bomb.push_str(&format!("{name}: &{name} [*{previous}, *{previous}, *{previous}, *{previous}, *{previous}, *{previous}, *{previous}]\n"));
    }
    let deep = format!(
        "llm_profiles: {}{}\n",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    let long = format!(
        "llm_profiles:\n  p: {{model: a/b, system: '{}'}}\n",
        "x".repeat(5 * 1024 * 1024)
    );
    for text in [bomb, deep, long] {
        let double = Double::start([]);
        let outcome = Sandbox::with(&double).config(text).run(["chat", "hi"]);
        outcome.assert_failure(3).assert_stderr_has("config.yml");
        assert!(outcome.elapsed.as_secs() < 10, "{outcome}");
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double);
    std::fs::create_dir_all(sandbox.home().join(".amx/config.yml")).unwrap();
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_stderr_has("config.yml").assert_failure(3);
}

#[test]
fn commands_that_need_no_configuration_work_with_a_broken_one() {
    for arguments in [&["--help"][..], &["--version"], &["chat", "--help"]] {
        let outcome = Sandbox::new()
            .config("llm_profiles: [oops\n")
            .run(arguments);
        outcome.assert_code(0);
        assert!(outcome.stdout().contains("amx"), "{outcome}");
    }
}
