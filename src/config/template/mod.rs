//! Templates: files with a question in them, the settings that it is asked with, and variables to
//! be filled in.

mod document;
pub(crate) mod folder;
mod front_matter;
mod layer;
mod placeholder;

pub(crate) use document::{INPUT, STDIN, Template, Variable};
pub(crate) use layer::TemplateLayer;
pub(crate) use placeholder::Pattern;
