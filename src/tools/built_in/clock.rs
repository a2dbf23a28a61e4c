//! The date and time, for `now`.

use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::folders::Folders;
use crate::present::time;

pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "time_zone": {
                "type": "string",
                "description": "an IANA name such as Europe/Paris; default: that of the user",
            },
        },
        "additionalProperties": false,
    })
}

pub(super) fn run(_: &Folders, arguments: &Value, _: &AtomicBool) -> Result<String, String> {
    let name = arguments.get("time_zone").and_then(Value::as_str);
    let zone = match name {
        None => TimeZone::system(),
        Some(name) => TimeZone::get(name).map_err(|_| format!("there is no time zone '{name}'"))?,
    };
    Ok(words(SystemTime::now(), &zone))
}

fn words(now: SystemTime, zone: &TimeZone) -> String {
    let timestamp = Timestamp::try_from(now).unwrap_or(Timestamp::MAX);
    let there = zone
        .to_datetime(timestamp)
        .strftime("%Y-%m-%d %H:%M:%S, %A");
    let info = zone.to_offset_info(timestamp);
    // A zone by a rule of POSIX has only an abbreviation, such as `<+03>-3`.
    let zone_name = zone.iana_name().unwrap_or(info.abbreviation());
    format!(
        "{there}, {zone_name} (UTC{}); {}",
        info.offset(),
        time::utc(now)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_a_name_has_its_abbreviation() {
        for (rule, expected) in [("<+03>-3", "+03 (UTC+03)"), ("UTC0", "UTC (UTC+00)")] {
            let zone = TimeZone::posix(rule).unwrap();
            let words = words(SystemTime::UNIX_EPOCH, &zone);
            assert!(words.contains(&format!("Thursday, {expected};")), "{words}");
        }
    }
}
