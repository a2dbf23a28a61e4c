//! What is sent along with a question: files, folders and patterns, addresses, the clipboard, and
//! what stdin brings.
//!
//! All of it is read before anything is sent, and everything that is wrong with it is told at once.

mod address;
mod attached;
mod fault;
mod file;
pub mod kinds;
mod limits;
mod reading;
pub mod stdin;
mod text;
mod walk;
mod wanted;

pub use attached::{Attached, add, sum};
pub use limits::check;
pub use reading::{Reading, Stdin};
pub use text::estimated_tokens;
pub use wanted::{expanded, takes_stdin};
