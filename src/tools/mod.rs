//! Tools: what may be called, under which names, with which arguments, and how it is run.
//!
//! [`permissions`] has the rules by which a call may run without a question. Where none allows it,
//! [`Approver`](crate::ports::approval::Approver) asks; [`gate`] does both, and writes the log.

pub(crate) mod definition;
pub(crate) mod gate;
pub(crate) mod permissions;
pub(crate) mod tool;
