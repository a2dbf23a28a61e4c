//! The options of the `tools` commands.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    /// Name of the tool
    #[arg(value_name = "NAME")]
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show at most N, the last ones
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<usize>,
}
