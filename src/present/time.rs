//! Points in time, days and durations, as people and programs read them.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

const SECONDS_PER_DAY: u64 = 86_400;

/// RFC 3339 in UTC, whole seconds: `2026-11-21T05:18:39Z`. A time beyond the year 9999 is the last
/// that has this form.
pub(crate) fn utc(time: SystemTime) -> String {
    let timestamp = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same with milliseconds: `2026-11-21T05:18:39.042Z`.
pub(crate) fn utc_millis(time: SystemTime) -> String {
    let timestamp = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    timestamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// For people: `2026-11-21 06:18` in the time zone of the machine, with `UTC` where that is not
/// known.
pub(crate) fn local(time: SystemTime) -> String {
    local_in(time, &TimeZone::system())
}

fn local_in(time: SystemTime, zone: &TimeZone) -> String {
    let form = if zone.is_unknown() {
        "%Y-%m-%d %H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M"
    };
    civil(time, zone).strftime(form).to_string()
}

/// A time of the past in short, in the time zone of the machine: `today 14:02`, `Nov 21 14:02`,
/// `2025-11-21`.
pub(crate) fn recent(time: SystemTime, now: SystemTime) -> String {
    recent_in(time, now, &TimeZone::system())
}

fn recent_in(time: SystemTime, now: SystemTime, zone: &TimeZone) -> String {
    let (time, now) = (civil(time, zone), civil(now, zone));
    let form = if time.date() == now.date() {
        "today %H:%M"
    } else if time.year() == now.year() {
        "%b %-d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    time.strftime(form).to_string()
}

fn civil(time: SystemTime, zone: &TimeZone) -> DateTime {
    zone.to_datetime(Timestamp::try_from(time).unwrap_or(Timestamp::MAX))
}

/// The day in UTC: `2026-11-21`.
pub(crate) fn day(time: SystemTime) -> String {
    utc(time).chars().take("YYYY-MM-DD".len()).collect()
}

/// Whether a text is a day of the calendar in the form `2026-11-21`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == "YYYY-MM-DD".len() && text.parse::<Date>().is_ok()
}

/// Days from now, in UTC, to a day such as `2026-12-31` or the day of `2026-12-31T23:59:59Z`;
/// negative in the past. `None` when the text starts with no day.
pub(crate) fn days_until(text: &str, now: SystemTime) -> Option<i64> {
    let day = text.get(.."YYYY-MM-DD".len()).filter(|day| is_day(day))?;
    let day: Date = day.parse().ok()?;
    let today = Offset::UTC
        .to_datetime(Timestamp::try_from(now).ok()?)
        .date();
    Some(i64::from(today.until(day).ok()?.get_days()))
}

/// How long ago, in one unit: `12 s`, `5 min`, `3 h`, `4 days`.
pub(crate) fn age(time: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(time).unwrap_or_default().as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..SECONDS_PER_DAY => format!("{} h", seconds / 3600),
        _ => super::count::plural(seconds / SECONDS_PER_DAY, "day"),
    }
}

/// A duration in seconds with one decimal place: `1.3 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Whole milliseconds, for JSON.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn times_are_those_of_the_calendar() {
        let utc_of = |seconds: u64| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(utc_of(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc_of(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(utc_of(951_868_800), "2000-03-01T00:00:00Z");
        assert_eq!(utc_of(1_709_164_800), "2024-02-29T00:00:00Z");
        assert_eq!(utc_of(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(utc_of(4_102_444_800), "2100-01-01T00:00:00Z");
        assert_eq!(
            utc(UNIX_EPOCH - Duration::from_secs(1)),
            "1969-12-31T23:59:59Z"
        );
        assert_eq!(
            day(UNIX_EPOCH + Duration::from_secs(1_709_164_800)),
            "2024-02-29"
        );
    }

    #[test]
    fn times_for_people_are_local() {
        let zone = |hours| TimeZone::fixed(Offset::constant(hours));
        // 2026-11-21 23:30 UTC.
        let late = UNIX_EPOCH + Duration::from_secs(1_795_303_800);
        assert_eq!(local_in(late, &zone(-5)), "2026-11-21 18:30");
        assert_eq!(local_in(late, &zone(1)), "2026-11-22 00:30");
        assert_eq!(local_in(late, &TimeZone::unknown()), "2026-11-21 23:30 UTC");
        let ago =
            |seconds, hours| recent_in(late - Duration::from_secs(seconds), late, &zone(hours));
        assert_eq!(ago(3600, 0), "today 22:30");
        assert_eq!(ago(3600, 1), "Nov 21 23:30");
        assert_eq!(ago(20 * SECONDS_PER_DAY, 0), "Nov 1 23:30");
        assert_eq!(ago(400 * SECONDS_PER_DAY, 0), "2025-10-17");
    }

    #[test]
    fn only_days_of_the_calendar_are_days() {
        assert!(is_day("2024-02-29") && is_day("2026-11-01"));
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "soon",
            "",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_today() {
        // 2026-11-21 12:00 UTC.
        let now = UNIX_EPOCH + Duration::from_secs(1_795_262_400);
        assert_eq!(days_until("2026-11-21", now), Some(0));
        assert_eq!(days_until("2026-12-01T00:00:00Z", now), Some(10));
        assert_eq!(days_until("2024-02-29", now), Some(-996));
        for text in ["", "soon", "2026-13-01", "2026-12", "éééééééééé"] {
            assert_eq!(days_until(text, now), None, "{text}");
        }
    }

    #[test]
    fn ages_have_one_unit() {
        let ages = [0, 59, 60, 3599, 3600, 86_399, 86_400, 172_799, 172_800]
            .map(|seconds| age(UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(seconds)));
        assert_eq!(
            ages,
            [
                "0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "1 day", "1 day", "2 days"
            ]
        );
        assert_eq!(age(UNIX_EPOCH + Duration::from_secs(5), UNIX_EPOCH), "0 s");
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(seconds(Duration::from_millis(1_349)), "1.3 s");
        assert_eq!(millis(Duration::from_micros(1_999)), 1);
    }
}
