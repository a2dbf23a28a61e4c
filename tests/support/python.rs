//! Python, which the servers and tools of the tests are written in.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Fails with words that say what to do when there is no python3 for a text that names it.
#[track_caller]
pub fn require_for(text: &[u8]) {
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    let names_it = text.windows(7).any(|part| part == b"python3");
    let is_there = || {
        let mut command = Command::new("python3");
        let silent = command.arg("--version").stdout(Stdio::null());
        silent.stderr(Stdio::null()).status().is_ok()
    };
    assert!(
        !names_it || *IS_THERE.get_or_init(is_there),
        "the tests of tools and MCP servers need python3: install it, see docs/testing.md"
    );
}
