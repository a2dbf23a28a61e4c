//! Tools: what may be called, under which names, with which arguments, and how it is run.
//!
//! [`permissions`] has the rules by which a call may run without a question. Where none allows it,
//! [`Approver`](crate::ports::approval::Approver) asks; [`gate`] does both, and writes the log.

pub(crate) mod arguments;
pub(crate) mod built_in;
mod child;
pub(crate) mod command;
pub(crate) mod definition;
pub(crate) mod dialects;
pub(crate) mod environment;
pub(crate) mod excerpt;
mod filling;
pub(crate) mod finder;
mod flattening;
pub(crate) mod gate;
mod inlining;
pub(crate) mod names;
pub(crate) mod offer;
pub(crate) mod permissions;
mod rewriting;
pub(crate) mod search;
pub(crate) mod tool;
