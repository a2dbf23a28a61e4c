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
use clap::builder::RangedU64ValueParser;

/// Reads a number of rows to show: 0 would show nothing, and look like there was nothing.
pub(crate) fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

#[derive(Debug, Args)]
pub(crate) struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
