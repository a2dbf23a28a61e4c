//! `completions` and `man`: printed from the definition of the command line.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::ports::generated::{Generated, Shell};

const EXAMPLES: &str = "\
Examples:
  source <(amx completions bash)            in ~/.bashrc; the same for zsh in ~/.zshrc
  amx completions fish | source             in ~/.config/fish/config.fish
  eval (amx completions elvish | slurp)     in ~/.config/elvish/rc.elv
  amx completions powershell | Out-String | Invoke-Expression";

impl ValueEnum for Shell {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Bash,
            Self::Elvish,
            Self::Fish,
            Self::PowerShell,
            Self::Zsh,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Zsh => "zsh",
        }))
    }
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
