//! The options of the `templates` commands.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Name or path of the template
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// Name of the template
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Name of the template
    pub name: String,
    /// Do not open an editor: write stdin, or a starter template
    #[arg(long)]
    pub no_edit: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// Name of the template
    pub name: Option<String>,
}
