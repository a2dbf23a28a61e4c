//! The options of `doctor`.

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  amx doctor
  amx doctor --offline
  amx doctor --verbose       show every check
  amx doctor models          send a one-word request to every profile";

/// What is checked instead of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// Send a one-word request to the model of every profile; may cost a little
    Models,
}

/// Diagnose problems and suggest fixes
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// Test the models instead: a one-word request to every profile
    pub scope: Option<Scope>,

    /// Check only this profile
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Contact no server and run no key command
    #[arg(long, conflicts_with = "scope")]
    pub offline: bool,

    /// Show every check, not only what is not ok
    #[arg(short, long, conflicts_with = "scope")]
    pub verbose: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
