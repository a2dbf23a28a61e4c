//! The options of `amx usage`.

use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};

use crate::store::{LedgerGrouping, PeriodStart};

const EXAMPLES: &str = "\
Examples:
  amx usage --since 7d
  amx usage --by model --since 2026-11-01
  amx usage --live                     include the remaining credit
  amx usage --since all --csv > spent.csv";

/// What the rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Day,
    Model,
    Profile,
}

impl By {
    /// The head of the first column, and the key in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Model => "model",
            Self::Profile => "profile",
        }
    }

    pub fn grouping(self) -> LedgerGrouping {
        match self {
            Self::Day => LedgerGrouping::Day,
            Self::Model => LedgerGrouping::Model,
            Self::Profile => LedgerGrouping::Profile,
        }
    }
}

/// Show spending
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct UsageArgs {
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

/// Reads `7d`, `2w`, `12h`, `2026-11-01` or `all`.
fn since(text: &str) -> Result<PeriodStart, String> {
    let wrong = || "a time is written like 7d, 2w, 12h, 2026-11-01 or all".to_owned();
    if text == "all" {
        return Ok(PeriodStart::Unbounded);
    }
    if is_day(text) {
        return Ok(PeriodStart::Day(text.to_owned()));
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let digits = text
        .strip_suffix(unit)
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(wrong)?;
    // A century is as good as for ever, and overflows nothing.
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

/// Whether it is a day of the calendar, `2026-11-21`.
fn is_day(text: &str) -> bool {
    let has_form = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    let number = |range: std::ops::Range<usize>| {
        text.get(range)
            .and_then(|part| part.parse::<u32>().ok())
            .unwrap_or(0)
    };
    if !has_form {
        return false;
    }
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
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
