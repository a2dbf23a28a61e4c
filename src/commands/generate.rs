//! `completions` and `man`: printed from the definition of the command line.

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  source <(amx completions bash)            in ~/.bashrc; the same for zsh in ~/.zshrc
  amx completions fish | source             in ~/.config/fish/config.fish
  eval (amx completions elvish | slurp)     in ~/.config/elvish/rc.elv
  amx completions powershell | Out-String | Invoke-Expression";

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
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell to make completions for
    pub shell: Shell,

    /// A script that knows commands and options by itself and no names
    #[arg(long = "static")]
    pub is_static: bool,
}

impl CompletionsArgs {
    pub fn wanted(&self) -> Generated {
        if self.is_static {
            Generated::StaticCompletions(self.shell)
        } else {
            Generated::Completions(self.shell)
        }
    }
}

/// What can be generated.
#[derive(Debug, Clone, Copy)]
pub enum Generated {
    /// Asks the program at each press of Tab, so that it knows profiles, models and sessions.
    Completions(Shell),
    StaticCompletions(Shell),
    Manual,
}
