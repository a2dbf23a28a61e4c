//! Templates: files with a question in them, the settings that it is asked with, and variables to
//! be filled in.

mod document;
pub mod folder;
mod front_matter;
mod layer;
mod placeholder;

pub use document::{INPUT, STDIN, Template, Variable};
pub use layer::TemplateLayer;
