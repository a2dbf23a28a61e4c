//! The limits of a further request of an answer, decided again: its prompt has grown, and less is
//! left of the caps. Costs are in USD.

use super::decisions::Decisions;
use super::output_limit::{Bounds, LimitReason, OutputLimit, prompt_space};
use super::plan::PlannedTarget;
use super::preflight::cap_check;
use super::preflight::caps::{self, CapKind};
use crate::config::ValueSource;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::usd_apart;

/// A request that exceeds a cap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shortfall {
    worst: f64,
    left: f64,
    kind: CapKind,
}

impl PlannedTarget {
    /// Makes the next request fit after messages were added to it, and reserves what it could cost.
    /// A limit that amx chose is lowered to what the context window and the caps leave; none is
    /// raised.
    ///
    /// # Errors
    /// When the request could cost more than is left of a cap.
    pub(super) fn fit_next(&mut self) -> Result<(), Shortfall> {
        let window = self.settings.context_window.into_iter();
        let bounds = Bounds {
            prompt: prompt_space(&self.target.request.messages),
            window: window.chain(self.facts.refused_window()).min(),
        };
        let decided = Decisions::of(&self.settings, &self.facts, bounds, &mut Vec::new()).limit;
        if decided.reason == LimitReason::Window {
            self.lower(decided);
        }
        let most = self.target.most_tokens.into_iter().chain(bounds.room());
        self.target.most_tokens = most.min();
        self.update_price();
        while let Some((worst, left)) = self.target.reserve_next() {
            let limit = self.affordable(left);
            if limit.is_none_or(|limit| !self.lower(limit)) {
                let is_of_request = self.target.most_usd.is_some_and(|most| worst > most);
                let kind = if is_of_request {
                    CapKind::Request
                } else {
                    CapKind::Day
                };
                return Err(Shortfall { worst, left, kind });
            }
            self.update_worst_case();
        }
        Ok(())
    }

    /// The present limit under what is left of a cap.
    fn affordable(&self, left: f64) -> Option<OutputLimit> {
        let worst = self.target.worst_case?;
        let present = OutputLimit {
            tokens: self.target.request.max_tokens,
            reason: self.decisions.limit.reason,
        };
        Some(present.under(caps::affordable_steps(left, worst), &self.settings))
    }

    /// Whether a limit is lower than the present one, which it replaces.
    fn lower(&mut self, limit: OutputLimit) -> bool {
        let is_lower = limit.tokens < self.target.request.max_tokens;
        if is_lower {
            self.decisions.limit = limit;
            self.target.request.max_tokens = limit.tokens;
        }
        is_lower
    }

    /// The error for a request that exceeds a cap: `what` is the request, and what precedes it.
    pub(super) fn over_cap(&self, what: &str, shortfall: Shortfall) -> CommandError {
        let Shortfall { worst, left, kind } = shortfall;
        let [could, remains] = usd_apart(worst, left);
        let message = format!("{what} could cost {could}, more than the {remains} left of the cap");
        let settings = &self.settings;
        let (name, cap) = match (kind, &settings.max_cost) {
            (CapKind::Request, Some(cap)) => match cap.source {
                ValueSource::Flag { option } => (option, Some(cap.value)),
                _ => ("max_cost.per_request", Some(cap.value)),
            },
            (CapKind::Request, None) => ("the cap", None),
            (CapKind::Day, _) => ("max_cost.per_day", settings.max_cost_per_day),
        };
        let is_shared = self.target.most_usd_together.is_some() && kind == CapKind::Request;
        let hint = match cap.filter(|_| !is_shared) {
            Some(cap) => cap_check::remedy(self, left, (cap - left).max(0.0), name),
            // A share of the cap says nothing of the rest.
            None => format!("raise {name}"),
        };
        CommandError::new(ErrorKind::Limit, message).hint(hint)
    }
}
