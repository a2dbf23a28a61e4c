//! The ports: the interfaces for output, input and signals, and the error of every command.

pub(crate) mod answer_check;
pub(crate) mod answer_report;
pub(crate) mod approval;
pub(crate) mod call_words;
mod config_error;
pub(crate) mod context;
pub(crate) mod entered_text;
pub(crate) mod equipment;
pub(crate) mod error;
pub(crate) mod fetched;
pub(crate) mod files;
pub(crate) mod generated;
pub(crate) mod input;
pub(crate) mod interrupt;
pub(crate) mod menu;
pub(crate) mod output;
pub(crate) mod pick;
pub(crate) mod saved_media;

pub(crate) use context::Context;
pub(crate) use error::CommandError;
