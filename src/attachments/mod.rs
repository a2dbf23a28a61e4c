//! What is attached to a question: files, folders and patterns, URLs, the image on the clipboard,
//! and stdin.
//!
//! Everything is read before anything is sent, and one error reports every fault.

mod attached;
mod fault;
mod file;
pub mod kinds;
mod limits;
mod reading;
mod source;
pub mod stdin;
mod text;
mod url;
mod walk;

pub use attached::{Attachment, add, sum};
pub use limits::check;
pub use reading::{AttachmentReader, StdinAccess};
pub use source::{expanded, takes_stdin};
pub use text::estimated_tokens;
