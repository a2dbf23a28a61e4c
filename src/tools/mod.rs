//! Tools: what may be called, under which names, with which arguments, and how it is run.
//!
//! Nothing in this folder decides whether a call may run: that is asked through
//! [`Approver`](crate::ports::approval::Approver), by the loop of rounds in `ask`.

pub(crate) mod tool;
