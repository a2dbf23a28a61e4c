//! Slash commands. Help, completion and documentation are generated from one table.

mod alternatives;
pub(crate) mod command;
mod copy;
mod dispatch;
mod files;
mod groups;
mod help;
mod lists;
mod models;
mod names;
pub(crate) mod options;
mod servers;
mod sessions;
mod settings;
mod shown;
pub(crate) mod table;
mod templates;
mod tools;
mod turns;
mod words;

pub(crate) use command::{Completes, SlashCommand};
pub(crate) use dispatch::{find, grouped, is_command, run};
pub(crate) use groups::group_of;
pub(crate) use help::key_help;
pub(crate) use names::ALIASES;
pub(crate) use table::COMMANDS;
pub(crate) use words::{Parsed, parse, state_words};
