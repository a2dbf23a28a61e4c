//! The daily caps of profiles: what a request may cost is reserved in the store, as for any other
//! request of this machine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::cost_bound::CostBounds;
use super::front::Front;
use super::ledger::Ledger;
use super::problem::Problem;
use super::route::Route;
use crate::config::Home;
use crate::store::{ReservationId, ReservationOutcome, ReservationRequest, Store, StoreError};
use crate::wire::background::unblock;

/// When a request has ended in any case.
const LONGEST_REQUEST: Duration = Duration::from_secs(3600);

/// What is held back for one request, by profile, until it is dropped: also when the client goes
/// away while the store is waited for.
#[derive(Default)]
pub(super) struct Reserved {
    profiles: Vec<(String, ReservationId)>,
    ledger: Option<Ledger>,
}

impl Reserved {
    /// What covers the requests to a profile.
    pub(super) fn of(&self, profile: &str) -> Option<ReservationId> {
        let mut profiles = self.profiles.iter();
        let found = profiles.find(|(name, _)| name == profile);
        found.map(|(_, id)| *id)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let (Some(ledger), false) = (&self.ledger, self.profiles.is_empty()) {
            ledger.released(self.profiles.iter().map(|(_, id)| *id).collect());
        }
    }
}

/// The answer of the store.
enum CapAnswer {
    Granted(Reserved),
    /// Too little is left of the cap of this profile.
    Refused(String),
}

/// The store that the caps are kept in, opened when a profile has one.
#[derive(Clone)]
pub(super) struct ProfileCaps {
    home: Home,
    store: Arc<Mutex<Option<Store>>>,
    ledger: Ledger,
}

impl ProfileCaps {
    /// `ledger` releases what is held back.
    pub(super) fn at(home: Home, ledger: Ledger) -> Self {
        Self {
            home,
            store: Arc::default(),
            ledger,
        }
    }

    /// Holds back what a request may cost, for each of its profiles that has a cap.
    ///
    /// # Errors
    /// 429 when too little is left, 503 when that is not known.
    pub(super) async fn reserve(
        &self,
        front: Front,
        route: &Route,
        bounds: &CostBounds,
    ) -> Result<Reserved, Problem> {
        let mut requests = Vec::new();
        for (index, target) in route.targets.iter().enumerate() {
            let Some(cap) = target.most_usd_per_day.filter(|_| target.offers(front)) else {
                continue;
            };
            let Some(worst) = bounds.at(index) else {
                return Err(Problem::quota(format!(
                    "the price of {} is unknown, so the daily cap of profile '{}' cannot be \
                    enforced",
                    target.model, target.profile
                )));
            };
            requests.push(ReservationRequest {
                profile: target.profile.clone(),
                provider: target.entry.name.to_owned(),
                model: target.model.clone(),
                cap,
                least: worst,
                most: worst,
                expires_at: SystemTime::now() + LONGEST_REQUEST,
            });
        }
        if requests.is_empty() {
            return Ok(Reserved::default());
        }
        let caps = self.clone();
        match unblock(move || caps.ask(requests)).await {
            Some(Ok(CapAnswer::Granted(reserved))) => Ok(reserved),
            Some(Ok(CapAnswer::Refused(profile))) => Err(Problem::quota(format!(
                "the request could exceed the daily cap of profile '{profile}'"
            ))),
            Some(Err(_)) | None => {
                let message = "the ledger cannot be read, so a daily cap cannot be enforced";
                Err(Problem::new(503, "caps_unavailable", message))
            }
        }
    }

    fn ask(&self, requests: Vec<ReservationRequest>) -> Result<CapAnswer, StoreError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match store.take() {
            Some(open) => open,
            None => Store::open(&self.home)?,
        };
        let outcome = open.reserve(&requests, SystemTime::now())?;
        *store = Some(open);
        let mut profiles = requests.into_iter().map(|request| request.profile);
        Ok(match outcome {
            ReservationOutcome::Granted(granted) => CapAnswer::Granted(Reserved {
                profiles: profiles
                    .zip(granted.into_iter().map(|one| one.id))
                    .collect(),
                ledger: Some(self.ledger.clone()),
            }),
            ReservationOutcome::Refused(shortage) => {
                CapAnswer::Refused(profiles.nth(shortage.index).unwrap_or_default())
            }
        })
    }
}
