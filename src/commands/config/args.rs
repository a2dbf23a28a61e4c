//! The options of the `config` commands.

use clap::Args;

use crate::commands::arguments::groups;
use crate::commands::arguments::settings::{SettingArgs, model};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Setting, such as model or base_url; all if omitted
    pub key: Option<String>,
    /// Profile to explain
    #[arg(short, long, value_name = "NAME", help_heading = groups::MODEL)]
    pub profile: Option<String>,
    /// Explain as if `chat` had this model
    #[arg(
        short,
        long,
        value_name = "ID",
        value_parser = model,
        help_heading = groups::MODEL
    )]
    pub model: Option<String>,
    #[command(flatten)]
    pub settings: SettingArgs,
    /// Explain as if `chat` had this template
    #[arg(long, value_name = "NAME|FILE", help_heading = groups::QUESTION)]
    pub template: Option<String>,
    /// Print JSON
    #[arg(long, help_heading = groups::OUTPUT)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Age of the backup, 1 (newest) to 5
    #[arg(default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub age: u8,
}
