//! Drives the real program as a shell, a pipe and a CI job would, against a loopback OpenRouter.

#[path = "../support/mod.rs"]
mod support;

mod double_itself;
