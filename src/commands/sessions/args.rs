//! The options of the `sessions` commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::commands::arguments::at_least_one;

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show at most N, newest first
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one())]
    pub limit: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// Name or number of a branch, instead of the current one
    #[arg(short, long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Words that must all occur, in any order; parts of words match
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show at most N, newest first
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = at_least_one()
    )]
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// Format of the export
    #[arg(short, long, value_enum, default_value_t = ExportFormat::Markdown)]
    pub format: ExportFormat,
    /// File to write, readable only by you; stdout if omitted
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Include every branch, not only the current one
    #[arg(long)]
    pub all_branches: bool,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// New name
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Numbers or names of sessions
    #[arg(required = true, value_name = "SESSION")]
    pub sessions: Vec<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}
