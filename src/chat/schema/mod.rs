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
mod value;
mod wrapping;

pub(crate) use check::{Violation, percent_decoded};
pub(crate) use form::{Form, Way};
pub(crate) use repair::ask_again;
pub(crate) use shape::Schema;
pub(crate) use short_form::read as read_short_form;
pub(crate) use value::{fault_of, violations_of};
