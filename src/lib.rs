//! amx: profile-based access to any LLM from the terminal.
//!
//! A floor imports from those below it, never from those above; `tests/architecture.rs` proves it.
//!
//! | floor | modules |
//! |---|---|
//! | how it looks | `ui` |
//! | what is typed | `commands` |
//! | the profiles behind one URL | `gateway` |
//! | many questions | `batch` |
//! | how an answer comes about | `ask` |
//! | what goes along and what may be called | `attachments`, `tools`, `mcp` |
//! | what is asked of the outside | `ports`, `store` |
//! | what a collector receives | `telemetry` |
//! | what is known | `present`, `account`, `config`, `catalog`, `demo`, `providers` |
//! | the conversation with a model | `chat` |
//! | keys | `secrets` |
//! | bytes | `wire` |
//! | the operating system | `platform` |

#![warn(unreachable_pub)]

mod ui;

mod commands;

mod batch;
mod gateway;

mod ask;

mod attachments;
mod mcp;
mod tools;

mod ports;
mod store;

mod telemetry;

mod account;
mod config;
mod present;

mod catalog;
mod demo;
mod providers;

mod chat;

mod secrets;

mod wire;

mod platform;

pub use ui::main;

/// What the tests of the whole program read: its tables and its store.
pub mod tables {
    pub use crate::attachments::kinds::{FileKind, KINDS as ATTACHMENT_KINDS, Treatment};
    pub use crate::chat::cost::{Cost, CostSource};
    pub use crate::chat::message::ContentPart;
    pub use crate::chat::reasoning::is_reasoning_model;
    pub use crate::chat::turn::{Turn, TurnState};
    pub use crate::commands::conversation::slash::command::SlashCommand;
    pub use crate::commands::conversation::slash::table::COMMANDS as SLASH_COMMANDS;
    pub use crate::commands::doctor::check::Check;
    pub use crate::commands::doctor::table::CHECKS;
    pub use crate::config::env::ALL as VARIABLES;
    pub use crate::config::home::Home;
    pub use crate::config::options::kind::ValueKind;
    pub use crate::config::options::row::RequestOption;
    pub use crate::config::options::table::OPTIONS;
    pub use crate::ports::error::KINDS as ERROR_KINDS;
    pub use crate::providers::registry::PROVIDERS;
    pub use crate::secrets::keyring::DEADLINE as KEYRING_DEADLINE;
    pub use crate::store::database::Store;
    pub use crate::store::error::StoreError;
    pub use crate::store::id::{SessionId, TurnId};
    pub use crate::telemetry::variables::VARIABLES as TELEMETRY_VARIABLES;
}
