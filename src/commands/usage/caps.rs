//! The daily caps of the profiles, and what is left of them today.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::config::ConfigFile;
use crate::ports::context::Context;
use crate::present::money::usd;
use crate::store::{DayUse, Store, StoreError};

/// The daily cap of a profile.
pub(super) struct DayCap {
    pub profile: String,
    /// USD per day.
    pub cap: f64,
    pub used: DayUse,
}

/// The daily caps of all profiles, by name. A configuration that cannot be read has none: the
/// ledger is shown all the same.
pub(super) fn of(
    store: Option<&Store>,
    now: SystemTime,
    context: &Context<'_>,
) -> Result<Vec<DayCap>, StoreError> {
    let home = context.home().ok();
    let config = home.and_then(|home| ConfigFile::load(&home).ok());
    let profiles = config.map(|config| config.profiles).unwrap_or_default();
    let capped = profiles.into_iter().filter_map(|(profile, settings)| {
        let cap = settings.max_cost?.per_day?;
        Some((profile, cap))
    });
    let day_cap = |(profile, cap): (String, f64)| {
        let used = store.map_or(Ok(DayUse::default()), |store| store.day_use(&profile, now))?;
        Ok(DayCap { profile, cap, used })
    };
    capped.map(day_cap).collect()
}

impl DayCap {
    /// `$0.20 of $0.25`, with what is reserved for answers in progress.
    pub(super) fn words(&self) -> String {
        let used = self.used.spent + self.used.reserved;
        format!("{} of {}", usd(used), usd(self.cap))
    }

    pub(super) fn left(&self) -> f64 {
        self.used.left(self.cap)
    }

    /// The line below the table.
    pub(super) fn line(&self) -> String {
        format!(
            "{}: {} spent today, {} left",
            self.profile,
            self.words(),
            usd(self.left())
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "profile": self.profile,
            "per_day": self.cap,
            "spent_today": self.used.spent,
            "reserved": self.used.reserved,
            "left_today": self.left(),
        })
    }
}
