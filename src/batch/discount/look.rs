//! Looks at the batches until all of them have ended.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::parts::{BatchRun, WaitingBatch, unless_signalled};
use crate::ask::batch_client::{is_missing, may_pass};
use crate::batch::ending::Stop;
use crate::chat::error::ChatError;
use crate::ports::error::CommandError;
use crate::providers::batches::{BatchStatus, ProviderBatch};

/// Looks in a row at which the provider may not have a batch: a new one takes its time to appear.
const MOST_MISSING: u32 = 12;

/// How long results are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Rounds of looks in a row that may all fail.
const MOST_FAILED: u32 = 20;

impl BatchRun<'_> {
    /// Looks at each batch once, and writes the lines of those that have ended. `only_old` omits
    /// those that were submitted in this run.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(super) async fn look_at_all(&mut self, only_old: bool) -> Result<(), CommandError> {
        let (mut index, mut failed, mut looked) = (0, 0, 0);
        while self.stop.is_none() && index < self.waiting.len() {
            if only_old && self.waiting[index].is_new {
                index += 1;
                continue;
            }
            looked += 1;
            let before = self.waiting.len();
            let is_answered = match self.waiting[index].open.id.clone() {
                Some(id) => self.look_at(index, &id).await?,
                None => self.find(index).await?,
            };
            failed += u32::from(!is_answered);
            if self.waiting.len() == before {
                index += 1;
            } else {
                self.pauses.reset();
            }
            self.show(None);
        }
        self.failed_looks = if failed > 0 && failed == looked {
            self.failed_looks + 1
        } else {
            0
        };
        Ok(())
    }

    /// Looks at a batch. False when the provider does not answer.
    async fn look_at(&mut self, index: usize, id: &str) -> Result<bool, CommandError> {
        let interrupt = self.interrupt.clone();
        let looked = unless_signalled(&interrupt, self.client.batch(id)).await;
        let error = match looked {
            Err(signal) => {
                self.signalled(signal);
                return Ok(true);
            }
            Ok(Ok(batch)) => return self.seen(index, batch).await,
            Ok(Err(error)) => error,
        };
        if is_missing(&error) {
            let waiting = &mut self.waiting[index];
            waiting.missing += 1;
            if waiting.missing > MOST_MISSING || waiting.is_seen || is_over(waiting) {
                self.write_lines(index, None, Vec::new()).await?;
            }
            return Ok(true);
        }
        self.not_answered(error);
        Ok(false)
    }

    /// The API did not answer: the next look may help, or the run stops.
    pub(super) fn not_answered(&mut self, error: ChatError) {
        tracing::debug!(%error, "a look failed");
        if may_pass(&error) && self.failed_looks < MOST_FAILED {
            self.asked = error.wait();
            return;
        }
        let error = self.explained(error);
        self.stop(Stop::Refused(error));
    }

    /// The provider reports a batch.
    async fn seen(&mut self, index: usize, batch: ProviderBatch) -> Result<bool, CommandError> {
        let waiting = &mut self.waiting[index];
        (waiting.is_seen, waiting.missing) = (true, 0);
        if waiting.word != batch.word {
            waiting.word.clone_from(&batch.word);
            self.pauses.reset();
        }
        if batch.status == BatchStatus::Running {
            return Ok(true);
        }
        self.fetch(index, batch).await
    }
}

/// Whether the results of a batch are no longer kept.
fn is_over(waiting: &WaitingBatch) -> bool {
    let at = UNIX_EPOCH.checked_add(Duration::from_nanos(waiting.open.noted.at));
    let age = at.and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > KEPT)
}
