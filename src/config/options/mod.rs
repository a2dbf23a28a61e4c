//! The options of a request: one table, from which checks, flags, slash commands and documentation
//! are generated.

pub(crate) mod check;
pub(crate) mod kind;
pub(crate) mod merged;
mod origin;
pub(crate) mod path;
pub(crate) mod row;
mod rules;
pub(crate) mod table;

pub(crate) use kind::ValueKind;
pub(crate) use merged::MergedOptions;
pub(crate) use origin::{Origin, Remark, Spellings};
pub(crate) use row::RequestOption;
pub(crate) use rules::{give_way, overlay};
pub(crate) use table::OPTIONS;
