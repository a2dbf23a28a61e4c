//! `completions`, `shell-init` and `man`: generated from the definition of the command line.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::ports::generated::{BindingShell, Generated, Shell};

const EXAMPLES: &str = "\
Examples:
  source <(amx completions bash)            in ~/.bashrc; zsh: in ~/.zshrc
  amx completions fish | source             in ~/.config/fish/config.fish
  eval (amx completions elvish | slurp)     in ~/.config/elvish/rc.elv
  amx completions powershell | Out-String | Invoke-Expression";

const MAN_EXAMPLES: &str = "\
Examples:
  amx man chat | man -l -
  amx man --all ~/.local/share/man/man1";

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
pub(crate) struct CompletionsArgs {
    /// Shell to print the script for
    pub shell: Shell,

    /// Print a script that does not call amx: no models, profiles or sessions
    #[arg(long = "static")]
    pub is_static: bool,
}

impl CompletionsArgs {
    /// What to generate.
    pub(crate) fn wanted(&self) -> Generated {
        if self.is_static {
            Generated::StaticCompletions(self.shell)
        } else {
            Generated::Completions(self.shell)
        }
    }
}

const BINDING_EXAMPLES: &str = "\
Examples:
  eval \"$(amx shell-init bash)\"            in ~/.bashrc; zsh: in ~/.zshrc
  amx shell-init fish | source              in ~/.config/fish/config.fish";

impl ValueEnum for BindingShell {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Bash, Self::Fish, Self::Zsh]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Bash => "bash",
            Self::Fish => "fish",
            Self::Zsh => "zsh",
        }))
    }
}

#[derive(Debug, Args)]
#[command(after_help = BINDING_EXAMPLES)]
pub(crate) struct ShellInitArgs {
    /// Shell to print the script for
    pub shell: BindingShell,
}

impl ShellInitArgs {
    /// What to generate.
    pub(crate) fn wanted(&self) -> Generated {
        Generated::KeyBinding(self.shell)
    }
}

#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// Command to print the page of, such as chat; the main page if omitted
    pub command: Option<String>,

    /// Write every page to a folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub all: Option<PathBuf>,
}

impl ManArgs {
    /// What to generate.
    pub(crate) fn wanted(self) -> Generated {
        match self.all {
            Some(folder) => Generated::Manuals(folder),
            None => Generated::Manual(self.command),
        }
    }
}
