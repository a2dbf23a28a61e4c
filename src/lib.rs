//! amx: profile-based access to any LLM from the terminal.
//!
//! Four floors. A floor imports from those below it, never from those above, and nothing above the
//! middle floor reaches past it to `wire`; `tests/architecture.rs` proves it.
//!
//! | floor | modules | question it answers |
//! |---|---|---|
//! | top | [`ui`] | how does it look? |
//! | commands | [`commands`] | what happens? |
//! | middle | [`config`], [`secrets`], [`chat`], [`providers`], [`catalog`], [`account`], [`store`], [`demo`] | what does amx know? |
//! | bottom | [`wire`] | how do the bytes travel? |

pub mod ui;

pub mod commands;

pub mod account;
pub mod catalog;
pub mod chat;
pub mod config;
pub mod demo;
pub mod providers;
pub mod secrets;
pub mod store;

pub mod wire;
