//! The ports: the interfaces for output, input and signals, and the error of every command.

pub mod answer_report;
pub mod context;
pub mod equipment;
pub mod error;
pub mod files;
pub mod generated;
pub mod input;
pub mod interrupt;
pub mod output;

pub use context::Context;
pub use equipment::Equipment;
pub use error::{CommandError, ErrorKind};
