//! The stub server of MCP behind a URL.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sandbox::Sandbox;
use super::written;

/// Longest wait for something that the server notes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs until this is dropped. Its log and state are in the home of a sandbox.
pub struct McpOverHttp {
    process: Child,
    url: String,
    log: std::path::PathBuf,
}

impl McpOverHttp {
    /// Starts the server with these arguments, and waits until it listens.
    pub fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
        let (port, log) = (sandbox.home().join("port"), sandbox.home().join("log"));
        let process = Command::new("python3")
            .arg(script)
            .args(["--http", "port", "--log", "log", "--state", "state"])
            .args(arguments)
            .current_dir(sandbox.home())
            .spawn()
            .unwrap();
        written::wait(&port);
        let port = fs::read_to_string(port).unwrap();
        Self {
            process,
            url: format!("http://127.0.0.1:{port}/mcp"),
            log,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the server noted so far.
    pub fn log(&self) -> Vec<Value> {
        written::json_lines(&self.log)
    }

    /// Waits until the log has so many of these entries.
    #[track_caller]
    pub fn wait_for(&self, what: &str, count: usize, is_meant: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        while self.log().iter().filter(|entry| is_meant(entry)).count() < count {
            assert!(start.elapsed() < PATIENCE, "no {what}: {:#?}", self.log());
            std::thread::yield_now();
        }
    }

    /// Requests and notifications of this method.
    pub fn received(&self, method: &str) -> Vec<Value> {
        let of_method = |entry: &Value| entry["received"]["method"] == method;
        self.log().into_iter().filter(of_method).collect()
    }

    /// Fails when the server was sent what the protocol does not allow.
    #[track_caller]
    pub fn assert_followed(&self) {
        let log = self.log();
        let bad: Vec<&Value> = log.iter().filter(|entry| !entry["bad"].is_null()).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

impl Drop for McpOverHttp {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
