//! The options of the `tools` commands.

use clap::Args;

use crate::commands::arguments::at_least_one;
use crate::commands::arguments::tools::ToolRules;

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Name of the tool
    #[arg(value_name = "NAME", id = "tool")]
    pub name: String,
    /// Profile whose model the declaration is for
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Model that the declaration is for
    #[arg(short, long, value_name = "ID")]
    pub model: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Name of the tool
    #[arg(value_name = "NAME", id = "tool")]
    pub name: String,
    /// Its arguments as a JSON object
    #[arg(value_name = "JSON", default_value = "{}")]
    pub arguments: String,
    #[command(flatten)]
    pub rules: ToolRules,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    /// Name of the tool
    #[arg(value_name = "NAME", id = "tool")]
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show at most N, the last ones
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one())]
    pub limit: Option<usize>,
}
