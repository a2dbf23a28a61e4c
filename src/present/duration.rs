//! Reads a length of time such as `90s`, `1m30s`, `500ms` or plain seconds.

use std::time::Duration;

const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

/// Longest time accepted, in seconds.
const LONGEST: f64 = 86_400.0;

pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is written like 90s, 2m, 1m30s or 500ms".to_owned();
    let mut seconds = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = if rest.is_empty() {
            "s"
        } else {
            &rest[..letters]
        };
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(wrong)?;
        seconds += number * factor;
        rest = &rest[letters..];
    }
    if seconds <= 0.0 || seconds > LONGEST {
        return Err("it must be more than nothing and at most a day".to_owned());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, millis) in [
            ("90s", 90_000),
            ("90", 90_000),
            ("2m", 120_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("1.5s", 1500),
            ("24h", 86_400_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "-1s",
            "1x",
            "0s",
            "25h",
            "1 s",
            "1..2s",
            "NaN",
            "99999999999999999999h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
