//! amx: profile-based access to any LLM from the terminal.
//!
//! A floor imports from those below it, never from those above; `tests/architecture.rs` proves it.
//!
//! | floor | modules |
//! |---|---|
//! | how it looks | [`ui`] |
//! | what is typed | [`commands`] |
//! | how an answer comes about | [`ask`] |
//! | what goes along | [`attachments`] |
//! | what is asked of the outside | [`ports`], [`store`] |
//! | what is known | [`present`], [`account`], [`config`], [`catalog`], [`demo`], [`providers`] |
//! | the conversation with a model | [`chat`] |
//! | keys | [`secrets`] |
//! | bytes | [`wire`] |

pub mod ui;

pub mod commands;

pub mod ask;

pub mod attachments;

pub mod ports;
pub mod store;

pub mod account;
pub mod config;
pub mod present;

pub mod catalog;
pub mod demo;
pub mod providers;

pub mod chat;

pub mod secrets;

pub mod wire;
