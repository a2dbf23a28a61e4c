//! Holds the parts of a release against each other: the workflow, archives, checksums, formula,
//! packages, and the version with its commit.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the packaging has failed"
)]

mod artefacts;
#[path = "../../build/version.rs"]
mod build_version;
mod version;

use std::path::Path;
use std::process::{Command, Output, Stdio};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// What a successful command prints.
fn printed(command: &mut Command) -> String {
    let output = run(command);
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
