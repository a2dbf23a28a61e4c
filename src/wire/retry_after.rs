//! How long a server asks to wait: `Retry-After` in seconds or as a date, and the reset times that
//! some send instead.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest wait that is reported; larger values are cut to it.
pub(crate) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The units of a wait in words, in seconds; of each spelling.
const UNITS: &[(&str, f64)] = &[
    ("ms", 0.001),
    ("milliseconds", 0.001),
    ("s", 1.0),
    ("sec", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("h", 3600.0),
    ("hour", 3600.0),
    ("hours", 3600.0),
    ("d", 86_400.0),
    ("day", 86_400.0),
    ("days", 86_400.0),
];

/// Reads the value of a `Retry-After` header: whole or fractional seconds, or one of the three date
/// forms of RFC 9110 §5.6.7. A moment in the past is a wait of zero. `None` for anything else
/// (empty, negative, words), so that the caller's own back-off applies.
pub(crate) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(
            value
                .parse()
                .map_or(LONGEST, |seconds| Duration::from_secs(seconds).min(LONGEST)),
        );
    }
    if value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return value.parse().ok().and_then(from_seconds);
    }
    let moment = httpdate::parse_http_date(value).ok()?;
    Some(
        moment
            .duration_since(now)
            .unwrap_or(Duration::ZERO)
            .min(LONGEST),
    )
}

/// A wait given as a number of seconds in JSON. `None` when it is negative or not a number.
pub(crate) fn from_seconds(seconds: f64) -> Option<Duration> {
    if seconds.is_nan() || seconds < 0.0 {
        return None;
    }
    Some(
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(LONGEST)
            .min(LONGEST),
    )
}

/// Reads `X-RateLimit-Reset`: OpenRouter sends the epoch in milliseconds, others in seconds, some a
/// number of seconds from now. The three cannot be confused: they differ by orders of magnitude.
pub(crate) fn parse_reset(value: &str, now: SystemTime) -> Option<Duration> {
    let number: u64 = value.trim().parse().ok()?;
    let moment = match number {
        0..1_000_000_000 => return Some(Duration::from_secs(number).min(LONGEST)),
        1_000_000_000..100_000_000_000 => Duration::from_secs(number),
        _ => Duration::from_millis(number),
    };
    // Durations reach further than the clock of Windows does.
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(moment.saturating_sub(now).min(LONGEST))
}

/// Reads numbers with units as far as there are any, each unit smaller than the one before it:
/// `9m38.016s`, `26 seconds`, `1 minute and 30 seconds`. `None` without one.
pub(crate) fn in_units(text: &str) -> Option<Duration> {
    let (mut seconds, mut rest, mut larger) = (None, text, f64::INFINITY);
    while let Some((number, unit, after)) = next_part(rest).filter(|part| part.1 < larger) {
        seconds = Some(seconds.unwrap_or_default() + number * unit);
        let after = after.trim_start_matches([' ', ',']);
        (rest, larger) = (
            after.strip_prefix("and ").unwrap_or(after).trim_start(),
            unit,
        );
    }
    seconds.and_then(from_seconds)
}

/// The next number with its unit in seconds, and what follows.
fn next_part(text: &str) -> Option<(f64, f64, &str)> {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let end = text.find(|c| !is_digit(c))?;
    let number = text.get(..end)?.trim_end_matches('.').parse().ok()?;
    let rest = text.get(end..)?.trim_start_matches(' ');
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name)?;
    Some((number, *unit, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 1994-11-06 08:49:37 UTC, the moment of the examples in RFC 9110.
    fn example_moment() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    #[test]
    fn seconds_are_read() {
        let now = example_moment();
        assert_eq!(parse("0", now), Some(Duration::ZERO));
        assert_eq!(parse(" 12 ", now), Some(Duration::from_secs(12)));
        assert_eq!(parse("1.5", now), Some(Duration::from_millis(1500)));
        assert_eq!(parse("99999999999999999999999999", now), Some(LONGEST));
    }

    #[test]
    fn the_three_date_forms_are_read() {
        let now = example_moment() - Duration::from_secs(30);
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(date, now), Some(Duration::from_secs(30)), "{date}");
        }
        assert_eq!(
            parse(
                "Sun, 06 Nov 1994 08:49:37 GMT",
                now + Duration::from_secs(60)
            ),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn an_invalid_value_is_no_wait() {
        for value in [
            "",
            "  ",
            "-5",
            "soon",
            "1.2.3",
            "NaN",
            "inf",
            "0x10",
            "5 seconds",
        ] {
            assert_eq!(parse(value, example_moment()), None, "{value:?}");
        }
        assert_eq!(from_seconds(-1.0), None);
        assert_eq!(from_seconds(f64::NAN), None);
        assert_eq!(from_seconds(f64::INFINITY), Some(LONGEST));
    }

    #[test]
    fn a_reset_may_be_in_milliseconds_seconds_or_relative() {
        let now = example_moment();
        assert_eq!(
            parse_reset("784111787000", now),
            Some(Duration::from_secs(10))
        );
        assert_eq!(
            parse_reset("1784111777", now),
            Some(LONGEST.min(Duration::from_secs(1_000_000_000)))
        );
        assert_eq!(parse_reset("30", now), Some(Duration::from_secs(30)));
        assert_eq!(
            parse_reset("18446744073709551615", now).map(|wait| wait <= LONGEST),
            Some(true)
        );
        assert_eq!(parse_reset("99999999999999999999999", now), None);
    }

    #[test]
    fn units_are_added_up_from_large_to_small() {
        for (text, seconds) in [
            ("26 seconds", 26),
            ("9m38s", 578),
            ("1 minute 30 seconds", 90),
            ("1 minute and 30 seconds", 90),
            ("2 hours, 1 minute, and 5 seconds.", 7265),
            ("20s, 3 minutes after the first", 20),
            ("6 seconds and more", 6),
        ] {
            assert_eq!(in_units(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(in_units("and 5 seconds"), None);
    }

    proptest! {
        #[test]
        fn no_value_panics_or_exceeds_the_longest_wait(value in "\\PC{0,40}") {
            let now = example_moment();
            prop_assert!(parse(&value, now).unwrap_or_default() <= LONGEST);
            prop_assert!(parse_reset(&value, now).unwrap_or_default() <= LONGEST);
        }
    }
}
