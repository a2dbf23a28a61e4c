//! The options of `amx usage`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::present::time;
use crate::store::{LedgerGrouping, PeriodStart};

const EXAMPLES: &str = "\
Examples:
  amx usage --since 7d
  amx usage --by model --since 2026-11-01
  amx usage --live                     include the remaining credit
  amx usage --since all --csv > spent.csv
  amx usage export --csv > rows.csv    one line for each request";

const EXPORT_EXAMPLES: &str = "\
Examples:
  amx usage export --csv --since all -o ledger.csv
  amx usage export --otlp --since 1d
  amx usage export --csv --since 1d | duckdb -c \"from read_csv('/dev/stdin')\"";

/// What the rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Day,
    Model,
    Profile,
    Key,
}

impl By {
    /// The key in JSON, and the first column of CSV.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Model => "model",
            Self::Profile => "profile",
            Self::Key => "key",
        }
    }

    /// The header of the first column.
    pub(crate) fn head(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Model => "MODEL",
            Self::Profile => "PROFILE",
            Self::Key => "KEY",
        }
    }

    pub(crate) fn grouping(self) -> LedgerGrouping {
        match self {
            Self::Day => LedgerGrouping::Day,
            Self::Model => LedgerGrouping::Model,
            Self::Profile => LedgerGrouping::Profile,
            Self::Key => LedgerGrouping::Client,
        }
    }
}

/// Show spending
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct UsageArgs {
    #[command(subcommand)]
    pub command: Option<UsageCommand>,

    /// Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = since)]
    pub since: PeriodStart,

    /// Grouping of the rows
    #[arg(long, value_enum, default_value_t = By::Day)]
    pub by: By,

    /// Fetch the remaining credit from the provider
    #[arg(long)]
    pub live: bool,

    /// Profile of the account
    #[arg(short, long, value_name = "NAME", requires = "live")]
    pub profile: Option<String>,

    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,

    /// Print comma-separated values
    #[arg(long, conflicts_with = "live")]
    pub csv: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsageCommand {
    /// Export the ledger: one row for each request
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArgs),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").required(true).args(["csv", "otlp"]))]
pub(crate) struct ExportArgs {
    /// Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = since)]
    pub since: PeriodStart,

    /// Write comma-separated values with every column
    #[arg(long)]
    pub csv: bool,

    /// Send spans and token counts to the collector of the telemetry settings
    #[arg(long)]
    pub otlp: bool,

    /// File to write, readable only by you; stdout if omitted
    #[arg(short, long, value_name = "FILE", conflicts_with = "otlp")]
    pub output: Option<PathBuf>,

    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// Reads `7d`, `2w`, `12h`, `2026-11-01` or `all`.
fn since(text: &str) -> Result<PeriodStart, String> {
    let wrong = || "expected a time such as 7d, 2w, 12h, 2026-11-01 or all".to_owned();
    if text == "all" {
        return Ok(PeriodStart::Unbounded);
    }
    if time::is_day(text) {
        return Ok(PeriodStart::Day(text.to_owned()));
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let digits = text
        .strip_suffix(unit)
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(wrong)?;
    // A century: more would overflow the arithmetic.
    let count: u32 = digits
        .parse()
        .ok()
        .filter(|count| (1..=36_500).contains(count))
        .ok_or_else(wrong)?;
    match unit {
        'd' => Ok(PeriodStart::DaysAgo(count - 1)),
        'w' => Ok(PeriodStart::DaysAgo(count * 7 - 1)),
        'h' => SystemTime::now()
            .checked_sub(Duration::from_secs(u64::from(count) * 3600))
            .map(PeriodStart::Moment)
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(since("1d"), Ok(PeriodStart::DaysAgo(0)));
        assert_eq!(since("7d"), Ok(PeriodStart::DaysAgo(6)));
        assert_eq!(since("2w"), Ok(PeriodStart::DaysAgo(13)));
        assert_eq!(since("all"), Ok(PeriodStart::Unbounded));
        assert_eq!(
            since("2024-02-29"),
            Ok(PeriodStart::Day("2024-02-29".to_owned()))
        );
        assert!(
            matches!(since("12h"), Ok(PeriodStart::Moment(moment)) if moment < SystemTime::now())
        );
        for text in [
            "",
            "d",
            "0d",
            "7",
            "-7d",
            "7x",
            "1.5d",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "99999999999d",
            "7é",
            "2026-1-01",
        ] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
