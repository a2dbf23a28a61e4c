//! Runs the program as a person does: on a terminal, with a keyring, with signals.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must end"
)]

#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/secret_service.rs"]
mod secret_service;
#[expect(
    dead_code,
    reason = "the tests without a terminal use the rest of the harness"
)]
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/svg.rs"]
mod svg;

mod approvals;
mod approvals_in_chat;
mod approvals_of_servers;
mod commands_output;
mod completion;
mod config;
mod dialogue;
mod dialogues;
mod display;
mod endings;
mod everyday;
mod first_run;
mod footer;
mod hostile_answers;
mod instruments;
mod interrupt;
mod keyring;
mod killed;
mod line_editor;
mod login;
mod looks;
mod markdown;
mod mcp_add;
mod options;
mod picker;
mod pictures;
mod pictures_cast;
mod profiles;
mod prompt;
mod regressions;
mod servers;
mod shell_command;
mod shell_init;
mod spending;
mod stage;
mod status_rows;
mod surface;
mod suspended;
mod telemetry;
mod tool_turns;
mod window;
mod without_keyring;
mod wizard;
mod writes;
