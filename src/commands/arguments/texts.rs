//! The options of requests with texts, which `embed` and `rerank` share.

use std::time::Duration;

use clap::Args;

use super::groups;
use super::recording::RecordingArgs;
use super::settings::{amount, model};
use crate::ask::run::RunOptions;
use crate::present::duration;

/// Who is asked, and within which limits.
#[derive(Debug, Default, Args)]
pub(crate) struct TextsArgs {
    /// Profile to use
    #[arg(short, long, value_name = "NAME", help_heading = groups::MODEL)]
    pub profile: Option<String>,

    /// Model ID
    #[arg(
        short,
        long,
        value_name = "ID",
        value_parser = model,
        help_heading = groups::MODEL
    )]
    pub model: Option<String>,

    /// Set a request field, such as input_type=query
    #[arg(long = "option", value_name = "KEY=VALUE", help_heading = groups::MODEL)]
    pub options: Vec<String>,

    /// Do not send if the requests could cost more
    #[arg(
        long,
        value_name = "USD",
        value_parser = amount,
        allow_negative_numbers = true,
        help_heading = groups::LIMITS
    )]
    pub max_cost: Option<f64>,

    /// Time limit for each request, such as 90s or 2m
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration::parse,
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub timeout: Option<Duration>,

    /// Omit notes and progress
    #[arg(short, long, help_heading = groups::OUTPUT)]
    pub quiet: bool,

    /// Print the body of the first request, and send nothing
    #[arg(long, help_heading = groups::OUTPUT)]
    pub dry_run: bool,

    #[command(flatten)]
    pub recording: RecordingArgs,
}

impl TextsArgs {
    /// How a request is sent.
    pub(crate) fn run_options(&self) -> RunOptions {
        RunOptions {
            limit: self.timeout,
            ..RunOptions::default()
        }
    }
}
