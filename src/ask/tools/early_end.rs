//! What ends the calls of an answer early: a signal, the time limit, an output that failed.

use std::time::Duration;

use super::side_by_side::SideBySide;
use super::steps::TimeLimit;
use super::tape::ReplayEnd;
use crate::chat::error::ChatError;
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;

/// Why the calls of an answer do not come to their end.
pub(super) enum Stop {
    /// None of them may run.
    Refused(CommandError),
    Signalled(CommandError),
    Failed(ChatError),
    Output(OutputError),
}

impl Stop {
    /// Why a call has no result.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Failed(_) => "stopped by the time limit",
            Self::Output(_) => "stopped because the output failed",
            Self::Refused(_) | Self::Signalled(_) => "interrupted by the user",
        }
    }
}

impl From<ReplayEnd> for Stop {
    fn from(end: ReplayEnd) -> Self {
        match end {
            ReplayEnd::Refused(error) => Self::Refused(error),
            ReplayEnd::Missing(error) => Self::Failed(ChatError::Wire(error.into())),
        }
    }
}

impl From<OutputError> for Stop {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

/// What ends the calls early.
pub(super) struct Limits<'a> {
    interrupt: &'a Interrupt,
    /// When no time is left, and the limit itself.
    deadline: Option<(tokio::time::Instant, Duration)>,
}

impl<'a> Limits<'a> {
    pub(super) fn new(interrupt: &'a Interrupt, limit: Option<TimeLimit>) -> Self {
        let deadline = limit.and_then(|limit| {
            let deadline = tokio::time::Instant::now().checked_add(limit.left)?;
            Some((deadline, limit.given))
        });
        Self {
            interrupt,
            deadline,
        }
    }

    /// The next of the futures that ends.
    pub(super) async fn next<T>(
        &self,
        futures: &mut SideBySide<'_, T>,
    ) -> Result<Option<(usize, T)>, Stop> {
        let expired = async {
            match self.deadline {
                Some((deadline, limit)) => {
                    tokio::time::sleep_until(deadline).await;
                    limit
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.interrupt.wait() => Err(Stop::Signalled(signal.into())),
            limit = expired => Err(Stop::Failed(ChatError::TimeLimit { limit })),
            next = futures.next() => Ok(next),
        }
    }
}
