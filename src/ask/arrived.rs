//! Judges a reply that came in another way than by a request of its own, such as a result of a
//! batch.

use std::time::SystemTime;

use super::batch_trace::BatchRowTrace;
use super::outcome::Outcome;
use super::prepare::PreparedRow;
use super::rows::Unseen;
use super::run::RunOptions;
use crate::wire::client::Reply;

/// The outcome of a reply to a prepared question. Sends nothing, and writes no ledger; its trace
/// has the request.
pub(crate) async fn judge(
    prepared: PreparedRow,
    status: u16,
    body: Vec<u8>,
    options: RunOptions,
    trace: Option<&BatchRowTrace>,
) -> Outcome {
    let mut task = prepared.task(options, None);
    task.trace = trace.map(|row| row.trace.clone());
    let submitted = trace.map_or_else(SystemTime::now, |row| row.submitted);
    task.arrived(Reply::inner(status, body), submitted, &mut Unseen)
        .await
}
