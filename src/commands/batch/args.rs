//! The options of `amx batch`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::ask_args::BatchAskArgs;
use super::shard::ShardChoice;
use super::values;
use crate::batch::input::InputFormat;
use crate::batch::options::{FromRow, KeptColumns, LineOrder, MaxErrors, OutputForm};
use crate::commands::arguments::groups;
use crate::commands::arguments::model::ModelArgs;
use crate::commands::arguments::tools::RefusedToolArgs;

const EXAMPLES: &str = "\
Examples:
  amx batch reviews.csv \"Sentiment, one word: {{text}}\" -o out.jsonl
  amx batch rows.jsonl --template classify --schema label.json -o out.jsonl
  amx batch rows.jsonl --template classify -o out.jsonl    again: resumes
  amx batch prompts.txt \"{{input}}\" -o out.jsonl --max-cost 5 --concurrency 64";

/// Ask each row of a file once, and resume a stopped job
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct BatchArgs {
    #[command(subcommand)]
    pub command: Option<BatchCommand>,

    /// Files with rows, or '-' for stdin; then a prompt
    ///
    /// jsonl, csv, tsv, lines of text or OpenAI's batch lines
    #[arg(value_name = "FILE", help_heading = groups::QUESTION, value_hint = ValueHint::FilePath)]
    pub words: Vec<String>,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub ask: BatchAskArgs,

    #[command(flatten)]
    pub refused: RefusedToolArgs,

    #[command(flatten)]
    pub rows: RowArgs,

    #[command(flatten)]
    pub job: JobArgs,
}

/// What else can be done with outputs.
#[derive(Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Put the outputs of all shards together, in the order of the input
    Merge(MergeArgs),
}

/// Put the outputs of all shards together, in the order of the input
#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Outputs of all shards, or one output to compact
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// File to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}

/// What rows are, and what of them goes into the output.
#[derive(Debug, Default, Args)]
pub(crate) struct RowArgs {
    /// Input format [jsonl, csv, tsv, lines, openai]
    ///
    /// by the name of the file without it
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = values::format,
        help_heading = groups::QUESTION
    )]
    pub from: Option<InputFormat>,

    /// Column with the ID of a row; else custom_id, id, or its number
    #[arg(long, value_name = "COLUMN", help_heading = groups::QUESTION, hide_short_help = true)]
    pub id: Option<String>,

    /// Copy these columns into the output, or 'all'
    #[arg(
        long,
        value_name = "COLUMNS",
        value_parser = values::kept,
        help_heading = groups::OUTPUT, hide_short_help = true)]
    pub keep: Option<KeptColumns>,

    /// Use these columns of a row as settings [model, schema, system]
    #[arg(
        long,
        value_name = "COLUMNS",
        value_parser = values::from_row,
        help_heading = groups::QUESTION, hide_short_help = true)]
    pub from_row: Option<FromRow>,

    /// Column with a file to attach, below the folder of the input
    #[arg(long, value_name = "COLUMN", help_heading = groups::QUESTION, hide_short_help = true)]
    pub file_column: Option<String>,

    /// Ask the first rows only
    #[arg(long, value_name = "ROWS", help_heading = groups::QUESTION, hide_short_help = true)]
    pub limit: Option<u64>,

    /// Ask so many rows, the same ones each time
    #[arg(long, value_name = "ROWS", help_heading = groups::QUESTION, hide_short_help = true)]
    pub sample: Option<u64>,

    /// Write rows that cannot be asked as skipped
    #[arg(long, help_heading = groups::QUESTION, hide_short_help = true)]
    pub skip_bad: bool,
}

/// How the job runs.
#[derive(Debug, Default, Args)]
pub(crate) struct JobArgs {
    /// Output and journal: a line of JSON for each row
    #[arg(
        short,
        long,
        value_name = "FILE",
        help_heading = groups::OUTPUT,
        value_hint = ValueHint::FilePath
    )]
    pub output: Option<PathBuf>,

    /// Ask one of N parts of the rows, I from 0; 'auto' reads the scheduler's variables
    #[arg(
        long,
        value_name = "I/N",
        value_parser = super::shard::read,
        help_heading = groups::QUESTION, hide_short_help = true)]
    pub shard: Option<ShardChoice>,

    /// Form of the output [jsonl, csv, openai]
    #[arg(
        long = "as",
        value_name = "FORM",
        value_parser = values::form,
        help_heading = groups::OUTPUT
    )]
    pub form: Option<OutputForm>,

    /// Write failed rows to this file instead
    #[arg(
        long,
        value_name = "FILE",
        requires = "output",
        help_heading = groups::OUTPUT,
        value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub errors: Option<PathBuf>,

    /// Estimate tokens and cost, and send nothing
    #[arg(long, help_heading = groups::OUTPUT)]
    pub dry_run: bool,

    /// Order of the lines [done, input]
    #[arg(
        long,
        value_name = "ORDER",
        value_parser = values::order,
        help_heading = groups::OUTPUT, hide_short_help = true)]
    pub order: Option<LineOrder>,

    /// Most requests at once, 1 to 1024 (16)
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        help_heading = groups::LIMITS
    )]
    pub concurrency: Option<u16>,

    /// Most requests a minute, such as 300/min
    #[arg(
        long,
        value_name = "N/min",
        value_parser = values::per_minute,
        help_heading = groups::LIMITS
    )]
    pub rate: Option<f64>,

    /// Most tokens of prompts a minute, such as 200000/min
    #[arg(
        long,
        value_name = "N/min",
        value_parser = values::per_minute,
        help_heading = groups::LIMITS, hide_short_help = true)]
    pub tokens: Option<f64>,

    /// Ask so many rows in one request, 1 to 1000 (1)
    #[arg(
        long,
        value_name = "ROWS",
        value_parser = clap::value_parser!(u16).range(1..=1000),
        help_heading = groups::LIMITS, hide_short_help = true)]
    pub group: Option<u16>,

    /// Do not send a row if its answer could cost more
    #[arg(
        long,
        value_name = "USD",
        value_parser = values::amount,
        help_heading = groups::LIMITS, hide_short_help = true)]
    pub max_cost_row: Option<f64>,

    /// Stop after so many failed rows, such as 50 or 5%
    #[arg(
        long,
        value_name = "ROWS|PERCENT",
        value_parser = values::max_errors,
        help_heading = groups::LIMITS, hide_short_help = true)]
    pub max_errors: Option<MaxErrors>,

    /// Use the provider's batches at about half the price
    #[arg(
        long,
        requires = "output",
        conflicts_with_all = [
            "concurrency", "rate", "tokens", "group", "order", "max_errors", "record", "replay"
        ],
        help_heading = groups::LIMITS
    )]
    pub discount: bool,

    /// With --discount, end when the batches are submitted
    #[arg(long, requires = "discount", help_heading = groups::LIMITS, hide_short_help = true)]
    pub detach: bool,

    /// Ask failed rows once more
    #[arg(long, help_heading = groups::LIMITS, hide_short_help = true)]
    pub retry_failed: bool,

    /// Start over; the old output is renamed to FILE.1
    #[arg(
        long,
        conflicts_with = "retry_failed",
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub restart: bool,
}
