//! A stub server, and a place for its log, for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::offer::{ServerTools, offered};
use super::servers::{ServerWait, Servers};
use crate::config::Environment;
use crate::config::command_tool::Approve;
use crate::config::mcp_server::{McpServer, Transport};
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::fetched::FetchedCatalogs;
use crate::ports::interrupt::Interrupt;
use crate::telemetry::Telemetry;
use crate::tools::tool::ToolOutput;

/// A folder for the log of a server, and a home for what is kept.
pub(crate) struct StubServer {
    folder: TempDir,
    pub equipment: Equipment,
}

impl StubServer {
    pub(crate) fn new() -> Self {
        let python = std::process::Command::new("python3").arg("-V").output();
        assert!(
            python.is_ok(),
            "these tests need python3: see docs/testing.md"
        );
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let process = Environment::from_process();
        let path = process.named("PATH").unwrap().unwrap();
        let pairs = [
            ("AMX_CONFIG_DIR", home.to_str().unwrap()),
            ("PATH", path),
            ("SECRET_API_KEY", "sk-never-passed-on"),
            ("TOKEN", "t0k3n"),
        ];
        let equipment = Equipment {
            environment: Environment::from_pairs(pairs),
            interrupt: Interrupt::default(),
            tape: None,
            is_watched: true,
            fetched: FetchedCatalogs::default(),
            telemetry: Telemetry::default(),
        };
        Self { folder, equipment }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The stub server with these arguments.
    pub(crate) fn server(&self, arguments: &[&str]) -> McpServer {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mcp_server.py");
        let log = self.file("log");
        let state = self.file("state");
        let mut command: Vec<String> = ["python3", script.to_str().unwrap()]
            .into_iter()
            .chain(["--log", log.to_str().unwrap()])
            .chain(["--state", state.to_str().unwrap()])
            .map(str::to_owned)
            .collect();
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        McpServer {
            name: "stub".to_owned(),
            transport: Transport::Stdio {
                command,
                env: BTreeMap::from([("GIVEN".to_owned(), "a ${TOKEN}".to_owned())]),
                cwd: None,
            },
            timeout: Duration::from_secs(20),
            start_timeout: Duration::from_secs(20),
            only: Vec::new(),
            except: Vec::new(),
            approve: Approve::Ask,
            approve_tools: BTreeMap::new(),
        }
    }

    /// With more patience than a busy machine needs.
    pub(crate) fn servers(&self) -> Servers {
        Servers::waiting(&self.equipment, Duration::from_secs(60))
    }

    /// With the patience of the program.
    pub(super) fn usual_servers(&self) -> Servers {
        Servers::new(&self.equipment)
    }

    /// What the server wrote to its log so far, in whole lines.
    pub(crate) fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        let written = text.rfind('\n').map_or("", |end| &text[..end]);
        written
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// How often the server started.
    pub(super) fn starts(&self) -> usize {
        let is_start = |entry: &&Value| entry["event"] == "start";
        self.log().iter().filter(is_start).count()
    }

    pub(super) fn methods(&self) -> Vec<String> {
        let method = |entry: &Value| entry["received"]["method"].as_str().map(str::to_owned);
        self.log().iter().filter_map(method).collect()
    }
}

pub(super) fn listed(servers: &Servers, server: &McpServer) -> ServerTools {
    all_of(servers, std::slice::from_ref(server))
}

pub(super) fn all_of(handle: &Servers, servers: &[McpServer]) -> ServerTools {
    let mut ignored = |_: &ServerWait| {};
    block_on(handle.start_missing(servers, &mut ignored)).unwrap();
    offered(handle, servers)
}

pub(super) fn names(found: &ServerTools) -> Vec<&str> {
    found.tools.iter().map(|tool| tool.name.as_str()).collect()
}

pub(super) fn call(found: &ServerTools, name: &str, arguments: &Value) -> ToolOutput {
    let tool = found.tools.iter().find(|tool| tool.name == name).unwrap();
    block_on(async {
        let call = tool.runner.prepare(arguments).await.unwrap();
        call.run().await
    })
    .unwrap()
}

pub(super) const ALL: [&str; 7] = [
    "stub__echo",
    "stub__add",
    "stub__get_image",
    "stub__delete_all",
    "stub__wait",
    "stub__where",
    "stub__env",
];

/// A stub server behind a URL; it ends with this.
pub(super) struct HttpServer {
    process: std::process::Child,
    pub port: u16,
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl StubServer {
    /// Starts the stub server with these arguments, and waits until it listens.
    pub(super) fn http(&self, arguments: &[&str]) -> HttpServer {
        let file = self.file("port");
        let _ = std::fs::remove_file(&file);
        let mut all = vec!["--http", file.to_str().unwrap()];
        all.extend(arguments);
        let Transport::Stdio { command, .. } = self.server(&all).transport else {
            panic!();
        };
        let process = std::process::Command::new(&command[0])
            .args(&command[1..])
            .spawn()
            .unwrap();
        let port = loop {
            // It appears whole, by a rename.
            if let Ok(text) = std::fs::read_to_string(&file) {
                break text.parse().unwrap();
            }
            std::thread::yield_now();
        };
        HttpServer { process, port }
    }

    /// The settings for a server behind a URL.
    pub(super) fn at(&self, server: &HttpServer, headers: &[(&str, &str)]) -> McpServer {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        McpServer {
            transport: Transport::Http {
                url: format!("http://127.0.0.1:{}/mcp", server.port),
                headers: headers.iter().map(pair).collect(),
            },
            ..self.server(&[])
        }
    }
}
