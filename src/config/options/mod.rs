//! The options of a request: one table, from which checks, flags, slash commands and documentation
//! are generated.

pub mod check;
pub mod kind;
pub mod merged;
mod origin;
pub mod path;
mod row;
mod rules;
pub mod table;

pub use kind::ValueKind;
pub use merged::MergedOptions;
pub use origin::{Origin, Remark, Spellings};
pub use row::{Reach, RequestOption};
pub use rules::{give_way, overlay};
pub use table::OPTIONS;
