//! The options of a request: one table, from which checks, flags, slash commands and documentation
//! come.

pub mod check;
pub mod kind;
pub mod laid;
pub mod path;
mod rules;
pub mod table;

pub use kind::Kind;
pub use laid::{Laid, Origin, Remark};
pub use rules::{give_way, overlay};
pub use table::{OPTIONS, Reach, RequestOption};
