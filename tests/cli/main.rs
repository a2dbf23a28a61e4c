//! Drives the real program as a shell, a pipe and a CI job would, against a loopback OpenRouter.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "the tests on a terminal use the rest of the harness")]
#[path = "../support/mod.rs"]
mod support;

mod answer;
mod attachments;
mod bad_config;
mod configured;
mod distorted_replies;
mod distribution;
mod double_itself;
mod failures;
mod fallback;
mod front;
mod inert_text;
mod limits;
mod machine_output;
mod options;
mod piped_input;
mod proxies;
mod reasoning;
mod refusals;
mod regressions;
mod retries;
mod secrecy;
mod secure_connections;
mod streams;
mod tool_calls;
mod whole_bodies;
