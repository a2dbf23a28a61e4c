//! The profile and the model of a question, as `chat` and `batch` have them.

use clap::Args;

use super::groups;
use super::settings::model;

/// Which profile and which model are asked.
#[derive(Debug, Default, Args)]
pub(crate) struct ModelArgs {
    /// Profile to use
    #[arg(short, long, value_name = "NAME", help_heading = groups::MODEL)]
    pub profile: Option<String>,

    /// Model ID, or several: ID,ID (fallbacks)
    ///
    /// also PROVIDER:ID, PROFILE:ID or ID?temperature=0.7
    #[arg(
        short,
        long,
        value_name = "ID",
        value_parser = model,
        help_heading = groups::MODEL
    )]
    pub model: Option<String>,
}
