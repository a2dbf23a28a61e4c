//! Telemetry, against a collector that fails on anything malformed: what is sent, when, and that
//! nothing is sent without being asked for.

mod content;
mod golden;
mod off;
mod settings;
mod spans;
mod unreachable;
