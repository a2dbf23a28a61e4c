//! The options of the `config` commands.

use clap::Args;

use crate::commands::arguments::settings::{SettingArgs, model};

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Name of a setting, such as model or base_url
    pub key: Option<String>,
    /// Profile to explain
    #[arg(short, long)]
    pub profile: Option<String>,
    /// As if `chat` were given this model
    #[arg(short, long, value_name = "ID", value_parser = model)]
    pub model: Option<String>,
    #[command(flatten)]
    pub settings: SettingArgs,
    /// As if `chat` were given this template
    #[arg(long, value_name = "NAME|FILE")]
    pub template: Option<String>,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Age of the backup
    #[arg(default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub age: u8,
}
