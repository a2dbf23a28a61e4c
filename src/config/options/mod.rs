//! The options of a request: one table, from which checks, flags, slash commands and documentation
//! come.

pub mod check;
pub mod kind;
pub mod merged;
pub mod path;
mod rules;
pub mod table;

pub use kind::ValueKind;
pub use merged::{MergedOptions, Origin, Remark};
pub use rules::{give_way, overlay};
pub use table::{OPTIONS, Reach, RequestOption};
