//! Answers that keep to a schema: where the schema comes from, and the requests until an answer does.

mod args;
mod rounds;
mod source;

pub use args::SchemaArgs;
pub use rounds::ask;
pub use source::{load, of};
