//! The setting of the response cache: whether a provider may answer from it, and for how long.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest time that a response is cached, in seconds.
const LONGEST: u32 = 86_400;

/// The units of a time, each with its seconds.
const UNITS: &[(char, u32)] = &[('s', 1), ('m', 60), ('h', 3600), ('d', LONGEST)];

/// Whether the provider may answer from its cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenCache", into = "String")]
pub enum CacheChoice {
    Off,
    /// For so many seconds; `None` for the provider's default.
    On(Option<u32>),
    /// Answer again, and cache that answer in place of the old one.
    Refresh,
}

/// The setting as config.yml may have it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum WrittenCache {
    Switch(bool),
    Seconds(u32),
    Text(String),
}

/// A value that is no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be on, off, refresh, or a time from 1s to 24h such as 300 or 5m")]
pub struct BadCache;

impl TryFrom<WrittenCache> for CacheChoice {
    type Error = BadCache;

    fn try_from(written: WrittenCache) -> Result<Self, BadCache> {
        match written {
            WrittenCache::Switch(true) => Ok(Self::On(None)),
            WrittenCache::Switch(false) => Ok(Self::Off),
            WrittenCache::Seconds(seconds) => timed(seconds),
            WrittenCache::Text(text) => text.parse(),
        }
    }
}

impl From<CacheChoice> for String {
    fn from(choice: CacheChoice) -> Self {
        choice.to_string()
    }
}

impl FromStr for CacheChoice {
    type Err = BadCache;

    fn from_str(text: &str) -> Result<Self, BadCache> {
        match text {
            "on" | "true" => return Ok(Self::On(None)),
            "off" | "false" => return Ok(Self::Off),
            "refresh" => return Ok(Self::Refresh),
            _ => {}
        }
        let unit = UNITS.iter().find(|(unit, _)| text.ends_with(*unit));
        let (number, scale) =
            unit.map_or((text, 1), |(_, scale)| (&text[..text.len() - 1], *scale));
        let count: u32 = number.parse().map_err(|_| BadCache)?;
        timed(count.checked_mul(scale).ok_or(BadCache)?)
    }
}

fn timed(seconds: u32) -> Result<CacheChoice, BadCache> {
    (1..=LONGEST)
        .contains(&seconds)
        .then_some(CacheChoice::On(Some(seconds)))
        .ok_or(BadCache)
}

impl fmt::Display for CacheChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => formatter.write_str("off"),
            Self::On(None) => formatter.write_str("on"),
            Self::On(Some(seconds)) => write!(formatter, "{seconds}s"),
            Self::Refresh => formatter.write_str("refresh"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_word_or_a_time_of_a_day_at_most() {
        let read = |text: &str| text.parse::<CacheChoice>();
        for (text, choice) in [
            ("on", CacheChoice::On(None)),
            ("off", CacheChoice::Off),
            ("refresh", CacheChoice::Refresh),
            ("300", CacheChoice::On(Some(300))),
            ("5m", CacheChoice::On(Some(300))),
            ("1d", CacheChoice::On(Some(LONGEST))),
        ] {
            assert_eq!(read(text), Ok(choice), "{text}");
            assert_eq!(read(&choice.to_string()), Ok(choice), "{text}");
        }
        for bad in [
            "",
            "0",
            "0s",
            "86401",
            "25h",
            "2d",
            "m",
            "-1",
            "1.5m",
            "4294967295h",
            "always",
        ] {
            assert_eq!(read(bad), Err(BadCache), "{bad}");
        }
    }

    #[test]
    fn a_profile_may_have_a_switch_a_number_or_a_text() {
        let read = |yaml: &str| serde_yaml::from_str::<CacheChoice>(yaml).ok();
        assert_eq!(read("true"), Some(CacheChoice::On(None)));
        assert_eq!(read("false"), Some(CacheChoice::Off));
        assert_eq!(read("60"), Some(CacheChoice::On(Some(60))));
        assert_eq!(read("1h"), Some(CacheChoice::On(Some(3600))));
        assert_eq!((read("0"), read("[1]")), (None, None));
    }
}
