//! The options of the `templates` commands.

use clap::Args;

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Name of a template, or the path of a file
    pub name: String,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NameArgs {
    /// Name of the template
    pub name: String,
}

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Name of the template
    pub name: String,
    /// Open no editor: write what stdin brings, else a template to begin with
    #[arg(long)]
    pub no_edit: bool,
}

#[derive(Debug, Args)]
pub struct PathArgs {
    /// Name of a template
    pub name: Option<String>,
}
