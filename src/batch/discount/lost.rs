//! Finds out whether a batch arrived whose submission was cut off.
//!
//! The side file has a note of the batch, and not its ID: the program was killed, or the connection
//! was lost. The API has no key that makes a submission idempotent, but a list of all batches. One
//! that is newer than everything that was known before the submission, and that has as many
//! requests, may be ours. The IDs of its requests decide it, which only its results have.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::parts::{BatchRun, unless_signalled};
use crate::ask::batch_client::{is_missing, may_pass};
use crate::batch::noted::{BatchNote, OpenBatch};
use crate::chat::error::ChatError;
use crate::config::options::Remark;
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::providers::batches::{BatchStatus, ProviderBatch};

/// Looks at the list without such a batch after which it did not arrive.
const ABSENT: u32 = 4;

/// Age of a submission after which one look is enough.
const LISTED: Duration = Duration::from_secs(600);

/// Most parts of the list that are read.
const MOST_PARTS: usize = 100;

/// What the list says about a batch.
enum Sought {
    /// Batches that may be it.
    Some(Vec<ProviderBatch>),
    None,
    /// The provider has no list.
    NoList,
    /// The provider did not answer, or a signal came.
    Unknown,
}

impl BatchRun<'_> {
    /// Looks for a batch without an ID. False when the provider does not answer.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(super) async fn find(&mut self, index: usize) -> Result<bool, CommandError> {
        let open = self.waiting[index].open.clone();
        match self.candidates(&open).await {
            Sought::Unknown => Ok(false),
            Sought::NoList => {
                self.sink.remark(&Remark::Warning(format!(
                    "at most {} may be billed twice: it is unknown whether a batch was submitted",
                    plural(open.rows, "row")
                )));
                self.again(index)
            }
            Sought::None => {
                self.waiting[index].missing += 1;
                if self.waiting[index].missing >= ABSENT || is_listed(&open) {
                    return self.again(index);
                }
                Ok(true)
            }
            Sought::Some(candidates) => {
                self.waiting[index].missing = 0;
                self.compare(index, &open, candidates).await
            }
        }
    }

    /// The rows of a batch that did not arrive are asked in another one.
    fn again(&mut self, index: usize) -> Result<bool, CommandError> {
        self.is_again = true;
        self.drop_batch(index)?;
        Ok(true)
    }

    /// The batches of the list that may be the one.
    async fn candidates(&mut self, open: &OpenBatch) -> Sought {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PARTS {
            let interrupt = self.interrupt.clone();
            let listed = self.client.list(after.as_deref());
            let list = match unless_signalled(&interrupt, listed).await {
                Ok(Ok(list)) => list,
                Ok(Err(error)) if has_no_list(&error) => return Sought::NoList,
                Ok(Err(error)) => {
                    self.not_answered(error);
                    return Sought::Unknown;
                }
                Err(signal) => {
                    self.signalled(signal);
                    return Sought::Unknown;
                }
            };
            let since = open.noted.since;
            let is_older = |batch: &ProviderBatch| batch.created_at < since;
            let is_over = list.batches.iter().any(is_older);
            found.extend(list.batches.into_iter().filter(|batch| {
                let fits = batch.total.is_none_or(|total| total == open.rows);
                !is_older(batch) && fits && !self.known.contains(&batch.id)
            }));
            match list.next {
                Some(next) if !is_over && after.as_ref() != Some(&next) => after = Some(next),
                _ => break,
            }
        }
        if found.is_empty() {
            Sought::None
        } else {
            Sought::Some(found)
        }
    }

    /// Compares the results of batches that have ended. While others run, the question is open.
    async fn compare(
        &mut self,
        index: usize,
        open: &OpenBatch,
        candidates: Vec<ProviderBatch>,
    ) -> Result<bool, CommandError> {
        for batch in candidates {
            if batch.status == BatchStatus::Running {
                continue;
            }
            match self.is_ours(&batch, &open.noted.name).await {
                None => return Ok(false),
                Some(false) => drop(self.known.insert(batch.id)),
                Some(true) => {
                    self.known.insert(batch.id.clone());
                    self.waiting[index].open.id = Some(batch.id.clone());
                    let name = open.noted.name.clone();
                    self.side
                        .note(&BatchNote::Submitted { name, id: batch.id })?;
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }

    /// Whether the requests of a batch that has ended have our IDs; `None` when it cannot be read.
    /// A batch without results answered nothing, and costs nothing.
    async fn is_ours(&mut self, batch: &ProviderBatch, name: &str) -> Option<bool> {
        let interrupt = self.interrupt.clone();
        let read = self.client.some_results(&batch.id);
        match unless_signalled(&interrupt, read).await {
            Ok(Ok(results)) => {
                let mut ids = results.iter().map(|result| &result.custom_id);
                Some(ids.any(|id| id.ends_with(name)))
            }
            Ok(Err(error)) if is_missing(&error) => Some(false),
            Ok(Err(error)) => {
                self.not_answered(error);
                None
            }
            Err(signal) => {
                self.signalled(signal);
                None
            }
        }
    }

    /// Notes the time of the provider's clock before the first submission.
    pub(super) async fn read_clock(&mut self) {
        if self.since > 0 {
            return;
        }
        let interrupt = self.interrupt.clone();
        match unless_signalled(&interrupt, self.client.list(None)).await {
            Ok(Ok(list)) => {
                let latest = list.batches.iter().map(|batch| batch.created_at).max();
                self.since = latest.unwrap_or_default();
            }
            Ok(Err(error)) if has_no_list(&error) || may_pass(&error) => {}
            Ok(Err(error)) => self.not_answered(error),
            Err(signal) => self.signalled(signal),
        }
    }
}

/// Whether the provider has no list of batches.
fn has_no_list(error: &ChatError) -> bool {
    let is_refused =
        |status| matches!(error, ChatError::Refused(refusal) if refusal.status == status);
    is_missing(error) || is_refused(405) || is_refused(501)
}

/// Whether a submission is so old that the list must have its batch.
fn is_listed(open: &OpenBatch) -> bool {
    let at = UNIX_EPOCH.checked_add(Duration::from_nanos(open.noted.at));
    let age = at.and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > LISTED)
}
