//! The options of the `sessions` commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct ListArgs {
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// Only the newest N
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<usize>,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words that must all occur, in any order; a part of a word is enough
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
    /// Only the newest N
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// What to write
    #[arg(short, long, value_enum, default_value_t = ExportFormat::Markdown)]
    pub format: ExportFormat,
    /// File to write, readable by you only; stdout when left out
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Every branch, not only the current one
    #[arg(long)]
    pub all_branches: bool,
    /// Replace the file when there is one
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct RenameArgs {
    /// Number or name of the session
    #[arg(value_name = "SESSION")]
    pub session: String,
    /// The new name
    pub name: String,
}

#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Numbers or names of sessions
    #[arg(required = true, value_name = "SESSION")]
    pub sessions: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}
