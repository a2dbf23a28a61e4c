//! What is attached to a question: files, folders and patterns, URLs, the image on the clipboard,
//! and stdin.
//!
//! Everything is read before anything is sent, and one error reports every fault.

mod attached;
mod command_output;
mod escape_sequence;
mod fault;
mod file;
pub(crate) mod file_index;
pub(crate) mod kinds;
mod limits;
pub(crate) mod mention;
mod neighbours;
mod reading;
pub(crate) mod row_file;
mod source;
pub(crate) mod stdin;
mod text;
mod url;
mod walk;

pub(crate) use attached::{Attachment, add, sum};
pub(crate) use command_output::CommandOutput;
pub(crate) use limits::check;
pub(crate) use reading::{AttachmentReader, StdinAccess};
pub(crate) use source::takes_stdin;
pub(crate) use text::estimated_tokens;
