//! Slash commands. Help, completion and documentation are generated from one table.

mod alternatives;
mod files;
mod models;
pub mod options;
mod sessions;
mod settings;
mod shown;
mod table;
mod templates;
mod turns;
mod words;

pub use table::{COMMANDS, Completes, SlashCommand, find, run};
pub use words::{Parsed, parse, state_words};
