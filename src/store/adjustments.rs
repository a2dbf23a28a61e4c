//! What servers refused of what amx sends by itself: remembered for a week, by server and model.

use std::time::{Duration, SystemTime};

use rusqlite::params;

use super::catalog::CatalogReader;
use super::database::Store;
use super::error::StoreError;
use super::rows;
use crate::chat::adjustment::Adjustment;

/// How long an adjustment is used: a server may be updated, or restarted with another context.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

impl Store {
    /// Saves adjustments for a model; `server` is its base URL.
    pub(crate) fn save_adjustments(
        &mut self,
        server: &str,
        model: &str,
        adjustments: &[Adjustment],
        now: SystemTime,
    ) -> Result<(), StoreError> {
        self.write("saving what the server refused", |transaction| {
            let sql = "INSERT OR REPLACE INTO adjustments (server, model, name, value, learned_at) \
                VALUES (?, ?, ?, ?, ?)";
            for adjustment in adjustments {
                let (name, value) = adjustment.to_row();
                let at = rows::nanoseconds(now);
                transaction.execute(sql, params![server, model, name, value, at])?;
            }
            Ok(())
        })
    }
}

impl CatalogReader {
    /// The adjustments for a model that are not too old; none when they cannot be read.
    pub(crate) fn adjustments(
        &self,
        server: &str,
        model: &str,
        now: SystemTime,
    ) -> Vec<Adjustment> {
        let since = rows::nanoseconds(now.checked_sub(LIFETIME).unwrap_or(now));
        let sql = "SELECT name, value FROM adjustments WHERE server = ? AND model = ? AND \
            learned_at > ? ORDER BY name";
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            self.connection()
                .prepare(sql)?
                .query_map(params![server, model, since], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect()
        };
        let rows = read().unwrap_or_default();
        let decoded = |(name, value): &(String, String)| Adjustment::from_row(name, value);
        rows.iter().filter_map(decoded).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::store;
    use std::time::UNIX_EPOCH;

    #[test]
    fn adjustments_are_read_back_until_they_are_too_old() {
        let (_directory, home, mut store) = store();
        let now = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let first = [
            Adjustment::Omit("max_tokens".to_owned()),
            Adjustment::Omit("stream_options".to_owned()),
        ];
        let later = Adjustment::LimitField("max_completion_tokens");
        store.save_adjustments("s", "m", &first, now).unwrap();
        let saved = store.save_adjustments("s", "m", std::slice::from_ref(&later), now);
        saved.unwrap();
        let reader = CatalogReader::open(&home).unwrap();
        let read = |server, model, after| reader.adjustments(server, model, now + after);
        assert_eq!(read("s", "m", Duration::ZERO), [later, first[1].clone()]);
        assert_eq!(read("s", "other", Duration::ZERO), []);
        assert_eq!(read("other", "m", Duration::ZERO), []);
        assert_eq!(read("s", "m", LIFETIME + Duration::from_secs(1)), []);
    }
}
