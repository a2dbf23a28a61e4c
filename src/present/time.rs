//! Moments as people and programs read them.

use std::time::{SystemTime, UNIX_EPOCH};

/// `2026-11-21T05:18:39Z`.
pub fn utc(time: SystemTime) -> String {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX / 2),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX / 2),
    };
    let (year, month, day) = date_of(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of so many days since 1970-01-01, in the Gregorian calendar. The year begins
/// in March here, so that the leap day is its last (H. Hinnant, `civil_from_days`).
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// How long ago, in one unit: `12 s`, `5 min`, `3 h`, `4 days`.
pub fn age(time: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(time).unwrap_or_default().as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_are_those_of_the_calendar() {
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
}
