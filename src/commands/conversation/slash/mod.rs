//! Slash commands. Help, completion and documentation are generated from one table.

mod alternatives;
mod copy;
mod files;
mod groups;
mod help;
mod lists;
mod models;
mod names;
pub(crate) mod options;
mod sessions;
mod settings;
mod shown;
pub(crate) mod table;
mod templates;
mod turns;
mod words;

pub(crate) use groups::{group_of, grouped};
pub(crate) use help::KEYS;
pub(crate) use names::{ALIASES, find, is_command, run};
pub(crate) use table::{COMMANDS, Completes, SlashCommand};
pub(crate) use words::{Parsed, parse, state_words};
