//! The options of `amx embed`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::commands::arguments::groups;
use crate::commands::arguments::texts::TextsArgs;
use crate::commands::text_inputs::TextInputArgs;

const EXAMPLES: &str = "\
Examples:
  amx embed \"first text\" \"second text\"
  amx embed --lines titles.txt -o titles.npy
  jq -r .title rows.jsonl | amx embed > vectors.jsonl
  amx embed --lines rows.jsonl --field text --dimensions 256 -o vectors.jsonl
  amx embed -p demo \"no key needed\"";

/// Turn texts into vectors
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EmbedArgs {
    /// Texts; '-' reads stdin, a text on each line
    #[arg(value_name = "TEXT", help_heading = groups::QUESTION)]
    pub texts: Vec<String>,

    #[command(flatten)]
    pub inputs: TextInputArgs,

    /// Length of the vectors, where the model supports it
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..=65_536),
        help_heading = groups::MODEL
    )]
    pub dimensions: Option<u32>,

    #[command(flatten)]
    pub ask: TextsArgs,

    /// Write the vectors to a new file; FILE.npy is a NumPy array
    ///
    /// an incomplete output goes to FILE.partial
    #[arg(
        short,
        long,
        value_name = "FILE",
        help_heading = groups::OUTPUT,
        value_hint = ValueHint::FilePath
    )]
    pub output: Option<PathBuf>,

    /// Replace the file of --output when all vectors have arrived
    #[arg(long, requires = "output", help_heading = groups::OUTPUT, hide_short_help = true)]
    pub overwrite: bool,

    /// Form of the output; without it by the name of the file
    #[arg(long, value_name = "FORM", help_heading = groups::OUTPUT)]
    pub format: Option<VectorForm>,

    /// Print one JSON object with all vectors, tokens and cost
    #[arg(long, conflicts_with = "format", help_heading = groups::OUTPUT)]
    pub json: bool,

    /// Print each text with its vector
    #[arg(long, help_heading = groups::OUTPUT)]
    pub with_input: bool,

    /// Most requests at once, 1 to 64
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64),
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub concurrency: u8,

    /// Most texts in one request; without it by the provider
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u16).range(1..=2048),
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub batch_size: Option<u16>,
}

/// The form of an output with vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VectorForm {
    /// A JSON object on each line
    Ndjson,
    /// A NumPy array of 32-bit floats
    Npy,
}
