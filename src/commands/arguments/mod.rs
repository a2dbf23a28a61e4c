//! Arguments that several verbs share.

pub(crate) mod ask;
pub(crate) mod attachments;
pub(crate) mod groups;
pub(crate) mod model;
pub(crate) mod option_flags;
pub(crate) mod recording;
pub(crate) mod schema;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod template;
pub(crate) mod texts;
pub(crate) mod tools;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
