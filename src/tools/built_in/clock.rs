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
    let now = SystemTime::now();
    let timestamp = Timestamp::try_from(now).unwrap_or(Timestamp::MAX);
    let there = zone
        .to_datetime(timestamp)
        .strftime("%Y-%m-%d %H:%M:%S, %A");
    let zone_name = zone.iana_name().unwrap_or("UTC");
    let offset = zone.to_offset(timestamp);
    Ok(format!(
        "{there}, {zone_name} (UTC{offset}); {}",
        time::utc(now)
    ))
}
