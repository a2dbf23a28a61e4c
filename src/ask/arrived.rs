//! Judges a reply that came in another way than by a request of its own, such as a result of a
//! batch.

use super::outcome::Outcome;
use super::prepare::PreparedRow;
use super::rows::Unseen;
use super::run::RunOptions;
use crate::wire::client::Reply;

/// The outcome of a reply to a prepared question. Sends nothing, and writes no ledger.
pub(crate) async fn judge(
    prepared: PreparedRow,
    status: u16,
    body: Vec<u8>,
    options: RunOptions,
) -> Outcome {
    let task = prepared.task(options, None);
    task.arrived(Reply::inner(status, body), &mut Unseen).await
}
