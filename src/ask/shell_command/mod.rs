//! One command for the user's shell: how a model is asked for it, how its answer is read, and what
//! the command may do.

mod danger;
mod programs;
mod read;
mod request;
mod suggested;
mod words;

pub(crate) use read::{from_text, from_value};
pub(crate) use request::{explanation_question, instructions, schema};
pub(crate) use suggested::ShellCommand;
