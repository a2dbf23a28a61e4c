//! Files that another process writes while a test reads them.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

/// The whole lines of a file: a line that is being written is left out. Empty without a file.
pub fn whole_lines(path: &Path) -> Vec<String> {
    let text = std::fs::read(path).unwrap_or_default();
    let end = text.iter().rposition(|byte| *byte == b'\n');
    let whole = String::from_utf8_lossy(end.map_or(&[], |end| &text[..=end])).into_owned();
    whole.lines().map(str::to_owned).collect()
}

/// The whole lines of a file, each of which is JSON.
#[track_caller]
pub fn json_lines<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let parse = |line: &String| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("'{line}' is not JSON: {error}"))
    };
    whole_lines(path).iter().map(parse).collect()
}

/// Waits until a file is there.
#[track_caller]
pub fn wait(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < deadline, "{} never came", path.display());
        std::thread::yield_now();
    }
}
