//! Checks of `amx serve`: the servers that run on this machine, and the keys of their clients.

use super::check::{Finding, or_ok};
use super::subject::Subject;
use crate::gateway::key_file;
use crate::gateway::running::{self, RunningServer};
use crate::present::count::plural;
use crate::wire::redact::without_keys;
use crate::wire::server::{ListenAddress, health};

/// The servers answer.
pub(super) fn servers(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return Vec::new();
    };
    let running = running::list(home);
    if running.is_empty() {
        return vec![Finding::skipped("amx serve is not running")];
    }
    running
        .iter()
        .map(|server| examined(server, subject))
        .collect()
}

fn examined(server: &RunningServer, subject: &Subject) -> Finding {
    let process = server.pid;
    let address = ListenAddress::parse(&server.listen);
    let shown = match &address {
        Ok(ListenAddress::Unix(path)) => format!("unix:{}", subject.shown(path)),
        _ => without_keys(&server.listen),
    };
    let words = format!("amx serve, process ID {process}, at {shown}");
    match address {
        Ok(_) if subject.is_offline => Finding::skipped(format!("{words}: --offline")),
        Ok(address) if !address.is_local() => Finding::warning(
            format!("{words}: others can reach it, unencrypted"),
            "amx serve --listen 127.0.0.1:4180",
        ),
        Ok(address) => state(&address, &words, process),
        Err(_) => Finding::note(words),
    }
}

fn state(address: &ListenAddress, words: &str, process: u32) -> Finding {
    match health(address) {
        Ok(200) => Finding::ok(format!("{words}: answers")),
        Ok(503) => Finding::note(format!("{words}: is ending")),
        Ok(status) => Finding::warning(format!("{words}: status {status}"), end(process)),
        Err(error) => Finding::failure(format!("{words} does not answer: {error}"), end(process)),
    }
}

fn end(process: u32) -> String {
    format!("kill {process}")
}

/// The keys of clients can be read and are valid.
pub(super) fn client_keys(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return Vec::new();
    };
    if !key_file::path(home).exists() {
        return vec![Finding::skipped("no keys of clients")];
    }
    match key_file::read(home) {
        Ok(keys) => {
            let expired = keys.iter().filter(|key| key.has_expired(subject.now));
            let expired: Vec<Finding> = expired
                .map(|key| {
                    let words = format!("the key of client '{}' has expired", key.name);
                    Finding::warning(words, format!("amx serve keys remove {}", key.name))
                })
                .collect();
            or_ok(expired, &plural(keys.len(), "client key"))
        }
        Err(error) => vec![Finding::failure(
            subject.without_home(&error.to_string()),
            "amx serve keys list",
        )],
    }
}
