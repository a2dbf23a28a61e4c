//! Arguments that several verbs share.

pub mod ask;
pub mod attachments;
pub mod duration;
pub mod groups;
pub mod option_flags;
pub mod recording;
pub mod schema;
pub mod settings;
pub mod template;

use clap::Args;

#[derive(Debug, Args)]
pub struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
