//! The options of the `models` commands.

use clap::{Args, Subcommand, ValueEnum};

use crate::catalog::Capability;
use crate::catalog::filter::{ModelFilter, ModelOrder};
use crate::commands::arguments::at_least_one;

const EXAMPLES: &str = "\
Examples:
  amx models claude
  amx models --reasoning --tools --max-price 5 --sort price
  amx models --vision --min-context 200k --json | jq -r .[].id
  amx models show anthropic/claude-sonnet-5
  amx chat -m \"$(amx models pick)\" \"hi\"";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    #[command(flatten)]
    pub list: ListArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Show the details of a model and the providers that serve it
    #[command(after_help = "Example:\n  amx models show openai/gpt-5-mini")]
    Show(ShowArgs),
    /// Refresh the cached catalogue and print what changed
    #[command(after_help = "Example:\n  amx models sync")]
    Sync(SyncArgs),
    /// Pick a model interactively and print its ID
    #[command(after_help = "Example:\n  amx chat -m \"$(amx models pick sonnet)\" \"hi\"")]
    Pick(PickArgs),
}

#[derive(Debug, Default, Args)]
pub(crate) struct ListArgs {
    /// Parts of the ID or name; all must match
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Profile whose provider is used
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Only models with reasoning
    #[arg(long)]
    pub reasoning: bool,
    /// Only models with tool calling
    #[arg(long)]
    pub tools: bool,
    /// Only models with image input
    #[arg(long)]
    pub vision: bool,
    /// Only models with log probabilities
    #[arg(long)]
    pub logprobs: bool,
    /// Only free models (:free)
    #[arg(long)]
    pub free: bool,
    /// Maximum price per million tokens, input and output
    #[arg(long, value_name = "USD", value_parser = amount)]
    pub max_price: Option<f64>,
    /// Minimum context window, such as 200000, 200k or 1M
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub min_context: Option<u64>,
    /// Only models by this author, such as anthropic
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// Sort order
    #[arg(long, value_enum, default_value_t = SortBy::Name)]
    pub sort: SortBy,
    /// Show at most N models
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one())]
    pub limit: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// Cheapest first
    Price,
    /// Largest first
    Context,
    /// Newest first
    Newest,
    /// By ID
    #[default]
    Name,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Model ID
    #[arg(value_name = "ID")]
    pub id: String,
    /// Profile whose provider is used
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Profile whose provider is used
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PickArgs {
    /// Parts of the ID or name
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Profile whose provider is used
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
}

impl ListArgs {
    pub(crate) fn filter(&self) -> ModelFilter {
        let wanted = [
            (self.reasoning, Capability::Reasoning),
            (self.tools, Capability::Tools),
            (self.vision, Capability::Images),
            (self.logprobs, Capability::Logprobs),
        ];
        ModelFilter {
            words: self
                .query
                .iter()
                .flat_map(|text| text.split_whitespace())
                .map(str::to_owned)
                .collect(),
            capabilities: wanted
                .into_iter()
                .filter(|(is_wanted, _)| *is_wanted)
                .map(|(_, capability)| capability)
                .collect(),
            free: self.free,
            max_price: self.max_price,
            min_context: self.min_context,
            author: self.author.clone(),
        }
    }

    pub(crate) fn order(&self) -> ModelOrder {
        match self.sort {
            SortBy::Price => ModelOrder::Price,
            SortBy::Context => ModelOrder::Context,
            SortBy::Newest => ModelOrder::Newest,
            SortBy::Name => ModelOrder::Name,
        }
    }
}

fn amount(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err("it must be 0 or more".to_owned())
    }
}

/// `200000`, `200k`, `1M` or `1.5M`.
fn tokens(text: &str) -> Result<u64, String> {
    let (number, factor) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1e3),
        None => text
            .strip_suffix(['m', 'M'])
            .map_or((text, 1.0), |number| (number, 1e6)),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "it is not a number of tokens such as 200000, 200k or 1M".to_owned())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range"
    )]
    if number.is_finite() && number >= 0.0 {
        Ok((number * factor) as u64)
    } else {
        Err("it must be 0 or more".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tokens_are_written_short_or_long() {
        assert_eq!(
            ["200000", "200k", "1M", "1.5m", "0"].map(|text| tokens(text).unwrap()),
            [200_000, 200_000, 1_000_000, 1_500_000, 0]
        );
        for bad in ["", "k", "-1", "1G", "many", "inf"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }
}
