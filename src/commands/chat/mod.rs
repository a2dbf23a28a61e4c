//! `amx chat`: one question, one answer.

mod args;
mod attachments;
mod body_options;
mod budget;
mod duration;
mod once;
pub mod plan;
mod prompt;
pub mod report;

pub use args::ChatArgs;
pub use once::run;
