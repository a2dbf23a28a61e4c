//! JSON Schemas for answers: reading and checking them, sending them to a model, and validating its
//! answer.

mod check;
mod extract;
mod form;
mod repair;
mod shape;
mod short_form;
mod strict;
mod subschemas;
mod wrapping;

pub use check::{SchemaFault, Violation};
pub use form::{Form, Way};
pub use repair::ask_again;
pub use shape::Schema;
pub use short_form::read as read_short_form;
