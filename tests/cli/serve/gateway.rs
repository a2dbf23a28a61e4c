//! The gateway under test, in a sandbox of its own.

use std::net::SocketAddr;

use serde_json::Value;

use super::client::{self, Response, exchange, parse};
use super::upstream::Upstream;
use crate::support::double::KEY;
use crate::support::outcome::Outcome;
use crate::support::running::{Running, Stream};
use crate::support::sandbox::Sandbox;

/// A running `amx serve` with one client key.
pub struct Gateway {
    sandbox: Sandbox,
    running: Option<Running>,
    pub address: SocketAddr,
    pub key: String,
}

/// A configuration whose only profile is `work`, at the provider, with more below it.
pub fn config(upstream: &Upstream, more: &str) -> String {
    format!(
        "active_llm_profile: work\nllm_profiles:\n  work:\n    provider: openrouter\n    model: author/model\n    base_url: \
        {}\n{more}",
        upstream.base_url()
    )
}

/// A sandbox with a configuration and the provider's key.
pub fn sandbox(config: &str) -> Sandbox {
    Sandbox::new()
        .config(config)
        .env("OPENROUTER_API_KEY", KEY)
        .env("AMX_NO_KEYRING", "1")
}

/// Adds a client key; the arguments follow its name.
pub fn add_key(sandbox: &Sandbox, name: &str, limits: &[&str]) -> String {
    let added = sandbox.run([&["serve", "keys", "add", name], limits].concat());
    added.assert_code(0);
    added.stdout().trim().to_owned()
}

/// A client with a valid key.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    key: String,
}

impl Client {
    fn headers(&self) -> Vec<(String, String)> {
        vec![
            ("host".to_owned(), self.address.to_string()),
            ("authorization".to_owned(), format!("Bearer {}", self.key)),
            ("content-type".to_owned(), "application/json".to_owned()),
        ]
    }

    fn request(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Vec<u8> {
        let own = self.headers();
        let is_replaced = |name: &str| {
            more.iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        let mut headers: Vec<(&str, &str)> = own
            .iter()
            .filter(|(name, _)| !is_replaced(name))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        headers.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        client::request(method, path, &headers, body.as_bytes())
    }

    #[track_caller]
    fn send(&self, bytes: &[u8]) -> Response {
        let answer = exchange(self.address, bytes);
        parse(&answer).unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&answer)))
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &str) -> Response {
        self.send(&self.request("POST", path, &[], body))
    }

    /// Asks for a chat completion of a model.
    #[track_caller]
    pub fn chat(&self, model: &str) -> Response {
        let body = serde_json::json!({"model": model, "messages": []});
        self.post("/v1/chat/completions", &body.to_string())
    }
}

impl Gateway {
    /// Starts with a profile `work` at the provider.
    #[track_caller]
    pub fn start(upstream: &Upstream) -> Self {
        Self::with(upstream, "", &[])
    }

    /// The same with more configuration below the profile, and more arguments.
    #[track_caller]
    pub fn with(upstream: &Upstream, more: &str, arguments: &[&str]) -> Self {
        let sandbox = sandbox(&config(upstream, more));
        let key = add_key(&sandbox, "laptop", &[]);
        Self::run(sandbox, key, arguments)
    }

    /// Starts with a key that has limits.
    #[track_caller]
    pub fn limited(upstream: &Upstream, more: &str, limits: &[&str]) -> Self {
        let sandbox = sandbox(&config(upstream, more));
        let key = add_key(&sandbox, "laptop", limits);
        Self::run(sandbox, key, &[])
    }

    /// Starts in a sandbox, on any port.
    #[track_caller]
    pub fn run(sandbox: Sandbox, key: String, arguments: &[&str]) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let running = sandbox.spawn(all);
        running.wait_for(&Stream::Stdout, "/v1");
        let printed = running.printed();
        let address = printed
            .trim()
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix("/v1"))
            .and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {printed:?}"));
        Self {
            sandbox,
            running: Some(running),
            address,
            key,
        }
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// What sends its requests; threads may share it.
    pub fn client(&self) -> Client {
        Client {
            address: self.address,
            key: self.key.clone(),
        }
    }

    /// The bytes of a request with a valid key; headers given here replace or add.
    pub fn request(&self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Vec<u8> {
        self.client().request(method, path, more, body)
    }

    #[track_caller]
    pub fn send(&self, bytes: &[u8]) -> Response {
        self.client().send(bytes)
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &str) -> Response {
        self.client().post(path, body)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Response {
        self.send(&self.request("GET", path, &[], ""))
    }

    /// Asks for a chat completion of a model.
    #[track_caller]
    pub fn chat(&self, model: &str) -> Response {
        self.client().chat(model)
    }

    /// The same as a stream.
    #[track_caller]
    pub fn stream(&self, path: &str, model: &str) -> Response {
        let body = serde_json::json!({"model": model, "stream": true});
        self.post(path, &body.to_string())
    }

    /// Ends the server, which must end well, and checks that no key of the provider leaked.
    #[track_caller]
    pub fn stop(mut self) -> Outcome {
        let running = self.running.take().unwrap();
        running.signal("TERM");
        let outcome = running.wait();
        outcome.assert_code(0);
        self.sandbox.assert_key_nowhere(&outcome);
        outcome
    }

    /// Waits for the end of a server that has received a signal.
    #[track_caller]
    pub fn stop_after_signal(mut self) {
        self.take_running().wait().assert_code(0);
    }

    pub fn take_running(&mut self) -> Running {
        self.running.take().unwrap()
    }

    /// Ends the server and returns its sandbox, in which the ledger is complete.
    #[track_caller]
    pub fn into_sandbox(mut self) -> Sandbox {
        let running = self.running.take().unwrap();
        running.signal("TERM");
        running.wait().assert_code(0);
        std::mem::replace(&mut self.sandbox, Sandbox::new())
    }
}

/// What the ledger has for each value of a grouping.
#[track_caller]
pub fn usage(sandbox: &Sandbox, by: &str) -> Value {
    sandbox
        .run(["usage", "--since", "1d", "--by", by, "--json"])
        .json()
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            // A test that failed leaves it running.
            running.try_signal("KILL");
        }
    }
}
