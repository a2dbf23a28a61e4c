//! The books: what a day's cap allows is held back before a question is sent, and what was sent is
//! written down after the answer.

use std::time::{Duration, SystemTime};

use super::plan::Planned;
use super::preflight::budget;
use crate::chat::answer::Attempt;
use crate::chat::target::Target;
use crate::config::Home;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{
    Booked, ReservationId, ReservationRequest, Reserved, SessionId, Shortage, Store, StoreError,
    TurnId,
};

/// Longest time for an answer under a cap of the day, unless `--timeout` says otherwise: what is
/// held back for it must end some day, also when its process was killed.
const LONGEST_ANSWER: Duration = Duration::from_secs(3600);

/// From the end of that time until the books must be closed: keys are looked up, other writers
/// waited for.
const MARGIN: Duration = Duration::from_secs(60);

/// Below this, what is held back is the dust of sums, in USD.
const HELD_AT_LEAST: f64 = 1e-9;

/// Open while an answer comes about. Dropped without being closed they let go of what they hold.
pub struct SpendGuard {
    /// `None` where nothing is kept.
    home: Option<Home>,
    /// Open already when something is held back.
    store: Option<Store>,
    held: Vec<ReservationId>,
    /// Time for the whole answer.
    pub limit: Option<Duration>,
}

impl SpendGuard {
    /// Holds back what the answer may cost where a profile has a cap for the day, and lets no target
    /// spend more.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the day has too little left, or the worst case is not known.
    pub fn open(
        planned: &mut [Planned],
        limit: Option<Duration>,
        context: &mut Context<'_>,
    ) -> Result<Self, CommandError> {
        Self::hold(
            &mut planned.iter_mut().collect::<Vec<_>>(),
            limit,
            1,
            context,
        )
    }

    /// The same for several answers: what all of them may cost is held back, or nothing. So many
    /// `rounds` of the limit may pass until the last is there.
    pub fn open_all(
        lanes: &mut [Vec<Planned>],
        limit: Option<Duration>,
        rounds: u32,
        context: &mut Context<'_>,
    ) -> Result<Self, CommandError> {
        Self::hold(
            &mut lanes.iter_mut().flatten().collect::<Vec<_>>(),
            limit,
            rounds,
            context,
        )
    }

    fn hold(
        planned: &mut [&mut Planned],
        limit: Option<Duration>,
        rounds: u32,
        context: &mut Context<'_>,
    ) -> Result<Self, CommandError> {
        // What is answered from a recording was billed when it was recorded.
        if context.is_replaying() {
            return Ok(Self {
                home: None,
                store: None,
                held: Vec::new(),
                limit,
            });
        }
        let mut books = Self {
            home: kept_at(context),
            store: None,
            held: Vec::new(),
            limit,
        };
        let capped: Vec<usize> = (0..planned.len())
            .filter(|index| cap(planned[*index]).is_some())
            .collect();
        if capped.is_empty() {
            return Ok(books);
        }
        let limit = limit.unwrap_or(LONGEST_ANSWER);
        books.limit = Some(limit);
        let now = SystemTime::now();
        let over = now + limit.saturating_mul(rounds) + MARGIN;
        let mut wishes = capped
            .iter()
            .map(|index| wish(planned[*index], over))
            .collect::<Result<Vec<ReservationRequest>, _>>()?;
        let mut store = open_store(&context.home()?, context)?;
        let mut reserved = store.reserve(&wishes, now)?;
        if wishes.len() > 1 && matches!(reserved, Reserved::Refused(_)) {
            // Room for larger budgets is not taken away from the other answers.
            wishes.iter_mut().for_each(|wish| wish.most = wish.least);
            reserved = store.reserve(&wishes, now)?;
        }
        match reserved {
            Reserved::Granted(granted) => {
                for (index, granted) in capped.into_iter().zip(granted) {
                    let target = &mut planned[index].target;
                    target.most_usd = Some(
                        target
                            .most_usd
                            .map_or(granted.usd, |most| most.min(granted.usd)),
                    );
                    books.held.push(granted.id);
                }
            }
            Reserved::Refused(shortage) => {
                return Err(refusal(
                    &planned[capped[shortage.index]].target,
                    &wishes,
                    shortage,
                ));
            }
        }
        books.store = Some(store);
        Ok(books)
    }

    /// Writes down what was sent. `place` is the turn that it was sent for.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when the ledger cannot be written.
    pub fn close(
        self,
        attempts: &[Attempt],
        place: Option<(SessionId, TurnId)>,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        self.close_all(&[(attempts, place)], context)
    }

    /// The same for several answers.
    pub fn close_all(
        mut self,
        answers: &[Booked<'_>],
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let has_rows = answers
            .iter()
            .flat_map(|(attempts, _)| *attempts)
            .any(|attempt| attempt.sent.is_some());
        if self.held.is_empty() && !(has_rows && self.home.is_some()) {
            return Ok(());
        }
        let written = self.write(answers, context);
        self.held.clear();
        written.map_err(|error| {
            let mut error = CommandError::from(error);
            error.message = format!("what was sent is not in the ledger: {}", error.message);
            error.kind = ErrorKind::LocalIo;
            error
        })
    }

    fn write(
        &mut self,
        answers: &[Booked<'_>],
        context: &mut Context<'_>,
    ) -> Result<(), StoreError> {
        if self.store.is_none()
            && let Some(home) = &self.home
        {
            self.store = Some(open_store(home, context)?);
        }
        self.store
            .as_mut()
            .map_or(Ok(()), |store| store.settle_all(&self.held, answers))
    }
}

impl Drop for SpendGuard {
    fn drop(&mut self) {
        // After a fault nobody knows what was sent: what is held back ends by itself.
        if let Some(store) = self
            .store
            .as_mut()
            .filter(|_| !self.held.is_empty() && !std::thread::panicking())
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
        context.output.warning(&format!(
            "the file of conversations and costs could not be read; it \
            was moved to {}, and a new one begun",
            path.display()
        ));
    }
    Ok(store)
}

/// The day's cap that holds for a target. The demo costs nothing.
fn cap(planned: &Planned) -> Option<f64> {
    planned
        .settings
        .max_cost_per_day
        .filter(|_| !planned.settings.entry.is_demo())
}

fn wish(planned: &Planned, expires_at: SystemTime) -> Result<ReservationRequest, CommandError> {
    let target = &planned.target;
    let cap = cap(planned).unwrap_or_default();
    let worst = budget::checkable(target, cap)?;
    let least = worst.of(target.request.max_tokens);
    // Room for the larger budget too, if there is any.
    let larger = target.request.effort.and_then(|_| target.larger_budget());
    let both = least + larger.map_or(0.0, |larger| worst.of(larger));
    // An answer that does not keep to its schema is asked for once more.
    let both = if planned.form.is_some() {
        both * 2.0
    } else {
        both
    };
    let most = target
        .most_usd
        .map_or(both, |most| both.min(most).max(least));
    let (profile, provider, model) = (
        target.profile.clone(),
        target.provider.name().to_owned(),
        target.request.model.clone(),
    );
    Ok(ReservationRequest {
        profile,
        provider,
        model,
        cap,
        least,
        most,
        expires_at,
    })
}

fn refusal(target: &Target, wishes: &[ReservationRequest], shortage: Shortage) -> CommandError {
    let ReservationRequest { cap, profile, .. } = &wishes[shortage.index];
    let of_profile = |wishes: &[ReservationRequest]| {
        wishes
            .iter()
            .filter(|wish| wish.profile == *profile)
            .map(|wish| wish.least)
            .collect::<Vec<f64>>()
    };
    // What was held back for the first of several answers was given back.
    let (all, own) = (of_profile(wishes), of_profile(&wishes[..shortage.index]));
    let (least, reserved) = (
        all.iter().sum::<f64>(),
        (shortage.reserved - own.iter().sum::<f64>()).max(0.0),
    );
    let left = (cap - shortage.spent - reserved).max(0.0);
    let what = if all.len() == 1 {
        "the answer".to_owned()
    } else {
        format!("the {} answers together", all.len())
    };
    let message = format!(
        "{what} could cost ${least:.4}, and ${left:.4} is left of today's cap of ${cap} \
        (max_cost.per_day of profile '{profile}')"
    );
    let held = if reserved > HELD_AT_LEAST {
        format!(", ${reserved:.4} held back for answers under way")
    } else {
        String::new()
    };
    let each = if all.len() == 1 { "" } else { "each " };
    let words = format!(
        "{each}{}; ${:.4} spent today{held}",
        budget::arithmetic(target),
        shortage.spent
    );
    CommandError::new(ErrorKind::Limit, message)
        .caused_by_words(words)
        .hint("lower --max-tokens, shorten the prompt, or raise max_cost.per_day")
        .hint("amx usage --since 1d --by profile")
}
