//! Drives the program as a person does: on a terminal, with a keyring, with signals.

#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/secret_service.rs"]
mod secret_service;

mod instruments;
