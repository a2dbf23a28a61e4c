//! `completions` and `man`: printed from the definition of the command line.

use clap::{Args, ValueEnum};

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  amx completions zsh > ~/.zfunc/_amx")]
pub struct CompletionsArgs {
    /// The shell to make completions for
    pub shell: Shell,
}

/// What can be generated.
#[derive(Debug, Clone, Copy)]
pub enum Generated {
    Completions(Shell),
    Manual,
}
