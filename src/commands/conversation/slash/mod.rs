//! Slash commands. Help, completion and documentation are generated from one table.

mod alternatives;
mod files;
mod lists;
mod models;
pub(crate) mod options;
mod sessions;
mod settings;
mod shown;
pub(crate) mod table;
mod templates;
mod turns;
mod words;

pub(crate) use table::{COMMANDS, Completes, SlashCommand, find, run};
pub(crate) use words::{Parsed, parse, state_words};
