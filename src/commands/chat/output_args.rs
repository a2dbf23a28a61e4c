//! The options of `amx chat` for where an answer goes, and how much is printed beside it.

use std::path::PathBuf;

use clap::Args;

use crate::commands::arguments::groups;
use crate::ports::output::OutputChoices;

/// Where the answer goes.
#[derive(Debug, Default, Args)]
pub(crate) struct OutputArgs {
    /// Print only the code blocks, or block N
    ///
    /// numbered as their labels on the terminal; exit 10 if there is none
    #[arg(
        short = 'x',
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u16).range(1..),
        conflicts_with_all = ["json", "jsonl", "dry_run", "alternatives", "execute"],
        help_heading = groups::OUTPUT
    )]
    #[expect(
        clippy::option_option,
        reason = "the flag may be absent, alone, or with a number"
    )]
    pub extract: Option<Option<u16>>,

    /// Write the answer to a new file
    ///
    /// an interrupted answer goes to FILE.partial
    #[arg(long, value_name = "FILE", help_heading = groups::OUTPUT)]
    pub output: Option<PathBuf>,

    /// Replace the file of --output when the answer is complete
    #[arg(
        long,
        requires = "output",
        help_heading = groups::OUTPUT,
        hide_short_help = true
    )]
    pub overwrite: bool,

    /// Copy the answer to the clipboard
    ///
    /// with -x its code
    #[arg(
        long,
        conflicts_with_all = ["dry_run", "alternatives", "execute"],
        help_heading = groups::OUTPUT,
        hide_short_help = true
    )]
    pub copy: bool,

    /// Omit notes, the status line and the spinner
    #[arg(short, long, help_heading = groups::OUTPUT)]
    pub quiet: bool,

    /// Print tokens and cost on stderr, also in a pipe
    #[arg(
        long,
        conflicts_with_all = ["json", "jsonl"],
        help_heading = groups::OUTPUT,
        hide_short_help = true
    )]
    pub usage: bool,
}

impl OutputArgs {
    /// Whether the answer is for something else than the screen: no conversation follows it.
    pub(super) fn has_destination(&self) -> bool {
        self.extract.is_some() || self.output.is_some() || self.copy
    }

    /// The choices for the output, without the file.
    pub(super) fn choices(&self) -> OutputChoices {
        OutputChoices {
            is_quiet: self.quiet,
            shows_usage: self.usage,
            file: None,
        }
    }
}
