//! The cap on the cost of a job, over all its runs. Amounts are in USD.

use crate::ask::preflight::caps::fits;

/// What is spent and held of a cap.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JobBudget {
    pub cap: Option<f64>,
    pub spent: f64,
    /// What the rows in flight may cost.
    pub held: f64,
}

impl JobBudget {
    /// Holds what a row may cost; with room for a second request where there is some. `None` when
    /// the cap does not afford it now.
    pub(crate) fn hold(&mut self, worst: f64, second: f64) -> Option<f64> {
        let Some(cap) = self.cap else {
            self.held += worst;
            return Some(worst);
        };
        let left = cap - self.spent - self.held;
        if !fits(worst, left) {
            return None;
        }
        let granted = (worst + second).min(left).max(worst);
        self.held += granted;
        Some(granted)
    }

    /// A row has ended.
    pub(crate) fn settle(&mut self, granted: f64, cost: f64) {
        self.held = (self.held - granted).max(0.0);
        self.spent += cost;
    }
}
