//! Days as providers write them: how far away one is.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: u64 = 86_400;

/// Days from now to a day such as `2026-12-31` or `2026-12-31T23:59:59Z`; negative when it is over.
/// `None` when it is no such text.
pub fn days_until(text: &str, now: SystemTime) -> Option<i64> {
    let mut parts = text
        .get(..10)?
        .split('-')
        .map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let today = now.duration_since(UNIX_EPOCH).ok()?.as_secs() / SECONDS_A_DAY;
    Some(days_since_1970(year, month, day) - i64::try_from(today).ok()?)
}

/// The year is taken to begin in March, so that the leap day is its last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
}
