//! The daily caps of profiles: what a request may cost is reserved in the store, as for any other
//! request of this machine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::client_body::ClientBody;
use super::front::Front;
use super::problem::Problem;
use super::route::Route;
use crate::config::Home;
use crate::store::{ReservationId, ReservationOutcome, ReservationRequest, Store, StoreError};
use crate::wire::background::unblock;

/// When a request has ended in any case.
const LONGEST_REQUEST: Duration = Duration::from_secs(3600);

/// What is held back for one request, by profile.
pub(super) type Reserved = Vec<(String, ReservationId)>;

/// The store that the caps are kept in, opened when a profile has one.
#[derive(Clone)]
pub(super) struct ProfileCaps {
    home: Home,
    store: Arc<Mutex<Option<Store>>>,
}

impl ProfileCaps {
    pub(super) fn at(home: Home) -> Self {
        Self {
            home,
            store: Arc::default(),
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
        body: &ClientBody,
    ) -> Result<Reserved, Problem> {
        let mut requests = Vec::new();
        for target in &route.targets {
            let Some(cap) = target.most_usd_per_day.filter(|_| target.offers(front)) else {
                continue;
            };
            let Some(worst) = target.worst_case(front, body) else {
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
            return Ok(Vec::new());
        }
        let profiles: Vec<String> = requests.iter().map(|one| one.profile.clone()).collect();
        let caps = self.clone();
        match unblock(move || caps.ask(&requests)).await {
            Some(Ok(ReservationOutcome::Granted(granted))) => Ok(profiles
                .into_iter()
                .zip(granted.into_iter().map(|granted| granted.id))
                .collect()),
            Some(Ok(ReservationOutcome::Refused(shortage))) => Err(Problem::quota(format!(
                "the request could exceed the daily cap of profile '{}'",
                profiles[shortage.index]
            ))),
            Some(Err(_)) | None => {
                let message = "the ledger cannot be read, so a daily cap cannot be enforced";
                Err(Problem::new(503, "caps_unavailable", message))
            }
        }
    }

    fn ask(&self, requests: &[ReservationRequest]) -> Result<ReservationOutcome, StoreError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match store.take() {
            Some(open) => open,
            None => Store::open(&self.home)?,
        };
        let outcome = open.reserve(requests, SystemTime::now())?;
        *store = Some(open);
        Ok(outcome)
    }
}
