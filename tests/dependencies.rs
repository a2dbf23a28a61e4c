//! Proves which crates the program is built from on Linux, and that they stay few.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    reason = "a test without cargo or its list has failed"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Most crates, those of build scripts included: each costs everyone who builds amx.
const MOST: usize = 300;

/// One name a line.
const LIST: &str = "tests/data/crates.txt";

/// The crates that `cargo build` compiles or runs on Linux: names, without versions.
fn built() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--prefix", "none"])
        .args(["--edges", "normal,build", "--format", "{p}"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "amx")
        .map(str::to_owned)
        .collect()
}

/// A change of `Cargo.lock` shows here what it brought. `AMX_WRITE_DOCUMENTS=1` writes the list.
#[test]
fn the_crates_of_the_program_are_listed_and_few() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST);
    let built = built();
    assert!(built.contains("reqwest"), "{built:?}");
    #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
    let is_writing = std::env::var_os("AMX_WRITE_DOCUMENTS").is_some();
    if is_writing {
        let text: String = built.iter().map(|name| format!("{name}\n")).collect();
        std::fs::write(&path, text).expect("the list can be written");
    }
    let text = std::fs::read_to_string(&path).expect("the list is there");
    let listed: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    let came: Vec<_> = built.difference(&listed).collect();
    let went: Vec<_> = listed.difference(&built).collect();
    assert!(
        came.is_empty() && went.is_empty(),
        "{LIST}: came {came:?}, went {went:?}; AMX_WRITE_DOCUMENTS=1 writes it"
    );
    assert!(
        built.len() <= MOST,
        "{} crates, at most {MOST}",
        built.len()
    );
}
