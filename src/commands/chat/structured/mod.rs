//! Answers that keep to a schema: where the schema comes from, and the requests until an answer
//! does.

mod args;
pub mod judged;
mod rounds;
mod source;

pub use args::SchemaArgs;
pub use rounds::{ask, leave_out_failed, settle_costs, step_down};
pub use source::{load, of};
