//! The options of the `profiles` commands.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// Name of the profile
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct NamedArgs {
    /// Name of the profile; the active one if omitted
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name of the profile
    pub name: String,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// Name of the profile
    pub name: String,
    /// New name
    pub to: String,
}
