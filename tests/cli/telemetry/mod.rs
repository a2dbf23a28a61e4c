//! Telemetry, against a collector that fails on anything malformed: what is sent, when, and that
//! nothing is sent without being asked for.

mod batch;
mod content;
mod golden;
mod ledger;
mod numbers;
mod off;
mod resent;
mod served;
mod settings;
mod spans;
mod stopped;
mod unreachable;
