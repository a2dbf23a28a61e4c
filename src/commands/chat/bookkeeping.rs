//! The books: what a day's cap allows is held back before a question is sent, and what was sent is written down after the answer.

use std::time::{Duration, SystemTime};

use super::budget;
use super::plan::Planned;
use crate::chat::answer::Attempt;
use crate::chat::leg::Leg;
use crate::chat::reasoning;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::config::Home;
use crate::store::{ReservationId, Reserved, SessionId, Shortage, Store, StoreError, TurnId, Wish};

/// Longest time for an answer under a cap of the day, unless `--timeout` says otherwise: what is
/// held back for it must end some day, also when its process was killed.
const LONGEST_ANSWER: Duration = Duration::from_secs(3600);

/// From the end of that time until the books must be closed: keys are looked up, other writers waited for.
const MARGIN: Duration = Duration::from_secs(60);

/// Open while an answer comes about. Dropped without being closed they let go of what they hold.
pub struct Books {
    /// `None` where nothing is kept.
    home: Option<Home>,
    /// Open already when something is held back.
    store: Option<Store>,
    held: Vec<ReservationId>,
    /// Time for the whole answer.
    pub limit: Option<Duration>,
}

impl Books {
    /// Holds back what the answer may cost where a profile has a cap for the day, and lets no leg
    /// spend more.
    ///
    /// # Errors
    /// [`Kind::Limit`] when the day has too little left, or the worst case is not known.
    pub fn open(planned: &mut [Planned], limit: Option<Duration>, context: &mut Context<'_>) -> Result<Self, CommandError> {
        // What is answered from a recording was billed when it was recorded.
        if context.is_replaying() {
            return Ok(Self { home: None, store: None, held: Vec::new(), limit });
        }
        let mut books = Self { home: kept_at(context), store: None, held: Vec::new(), limit };
        let capped: Vec<usize> = (0..planned.len()).filter(|index| cap(&planned[*index]).is_some()).collect();
        if capped.is_empty() {
            return Ok(books);
        }
        let limit = limit.unwrap_or(LONGEST_ANSWER);
        books.limit = Some(limit);
        let now = SystemTime::now();
        let wishes = capped.iter().map(|index| wish(&planned[*index], now + limit + MARGIN)).collect::<Result<Vec<Wish>, _>>()?;
        let mut store = open_store(&context.home()?, context)?;
        match store.reserve(&wishes, now)? {
            Reserved::Granted(granted) => {
                for (index, granted) in capped.into_iter().zip(granted) {
                    let leg = &mut planned[index].leg;
                    leg.most_usd = Some(leg.most_usd.map_or(granted.usd, |most| most.min(granted.usd)));
                    books.held.push(granted.id);
                }
            }
            Reserved::Refused(shortage) => return Err(refusal(&planned[capped[shortage.index]].leg, &wishes[shortage.index], shortage)),
        }
        books.store = Some(store);
        Ok(books)
    }

    /// Writes down what was sent. `place` is the turn that it was sent for.
    ///
    /// # Errors
    /// [`Kind::LocalIo`] when the ledger cannot be written.
    pub fn close(mut self, attempts: &[Attempt], place: Option<(SessionId, TurnId)>, context: &mut Context<'_>) -> Result<(), CommandError> {
        let has_rows = attempts.iter().any(|attempt| attempt.sent.is_some());
        if self.held.is_empty() && !(has_rows && self.home.is_some()) {
            return Ok(());
        }
        let written = self.write(attempts, place, context);
        self.held.clear();
        written.map_err(|error| {
            let mut error = CommandError::from(error);
            error.message = format!("what was sent is not in the ledger: {}", error.message);
            error.kind = Kind::LocalIo;
            error
        })
    }

    fn write(&mut self, attempts: &[Attempt], place: Option<(SessionId, TurnId)>, context: &mut Context<'_>) -> Result<(), StoreError> {
        if self.store.is_none()
            && let Some(home) = &self.home
        {
            self.store = Some(open_store(home, context)?);
        }
        self.store.as_mut().map_or(Ok(()), |store| store.settle(&self.held, attempts, place))
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        // After a fault nobody knows what was sent: what is held back ends by itself.
        if let Some(store) = self.store.as_mut().filter(|_| !self.held.is_empty() && !std::thread::panicking())
            && let Err(error) = store.settle(&self.held, &[], None)
        {
            tracing::debug!(%error, "what was held back ends by itself");
        }
    }
}

/// Where the ledger is kept: nowhere when amx was never set up and nobody watches, so that a CI job
/// leaves nothing behind.
fn kept_at(context: &Context<'_>) -> Option<Home> {
    let home = context.home().ok()?;
    (context.output.is_terminal() || home.directory().is_dir()).then_some(home)
}

fn open_store(home: &Home, context: &mut Context<'_>) -> Result<Store, StoreError> {
    let store = Store::open(home)?;
    if let Some(path) = store.moved_aside() {
        context.output.warning(&format!("the file of conversations and costs could not be read; it was moved to {}, and a new one begun", path.display()));
    }
    Ok(store)
}

/// The day's cap that holds for a leg. The demo costs nothing.
fn cap(planned: &Planned) -> Option<f64> {
    planned.settings.max_cost_per_day.filter(|_| !planned.settings.entry.is_demo())
}

fn wish(planned: &Planned, expires_at: SystemTime) -> Result<Wish, CommandError> {
    let leg = &planned.leg;
    let cap = cap(planned).unwrap_or_default();
    let worst = budget::checkable(leg, cap)?;
    let least = worst.of(leg.request.max_tokens);
    // Room for the larger budget too, if there is any.
    let larger = leg.request.effort.and_then(|_| reasoning::retry_budget(leg.request.max_tokens));
    let both = least + larger.map_or(0.0, |larger| worst.of(larger));
    // An answer that does not keep to its schema is asked for once more.
    let both = if planned.form.is_some() { both * 2.0 } else { both };
    let most = leg.most_usd.map_or(both, |most| both.min(most).max(least));
    let (profile, provider, model) = (leg.profile.clone(), leg.provider.name().to_owned(), leg.request.model.clone());
    Ok(Wish { profile, provider, model, cap, least, most, expires_at })
}

fn refusal(leg: &Leg, wish: &Wish, shortage: Shortage) -> CommandError {
    let Wish { cap, least, profile, .. } = wish;
    let left = (cap - shortage.spent - shortage.reserved).max(0.0);
    let message = format!("the answer could cost ${least:.4}, and ${left:.4} is left of today's cap of ${cap} (max_cost.per_day of profile '{profile}')");
    let held = if shortage.reserved > 0.0 { format!(", ${:.4} held back for answers under way", shortage.reserved) } else { String::new() };
    let words = format!("{}; ${:.4} spent today{held}", budget::arithmetic(leg), shortage.spent);
    CommandError::new(Kind::Limit, message)
        .caused_by_words(words)
        .hint("lower --max-tokens, shorten the prompt, or raise max_cost.per_day")
        .hint("amx usage --since 1d --by profile")
}
