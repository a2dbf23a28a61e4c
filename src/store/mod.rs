//! The database: saved conversations, the ledger of spending and the cached model catalogue, in one
//! SQLite file, `amx.db`, in the home directory of amx.
//!
//! # Files
//!
//! - `database` opens the file, migrates it and runs transactions; `private_file` creates it with
//!   mode 0600, `write_lock` queues writers, `recovery` moves a damaged file aside.
//! - `sessions`, `turns`, `branches`, `search` and `costs` read and write conversations; `rows`
//!   maps a turn to columns, `question` its question to JSON and pieces; `title` makes titles and
//!   checks names.
//! - `ledger` and `reservations` account for money. `catalog` caches the models of each server.
//! - Two read paths never create, migrate or repair the file: [`CatalogReader`], which treats every
//!   failure as an empty cache, and [`ReadOnlyStore`], for `doctor` and shell completion.
//!
//! # Tables
//!
//! | table | a row is | file |
//! |---|---|---|
//! | `sessions` | a conversation: name, title, settings, head of its branch | `schema.sql` |
//! | `turns` | a turn without its text: parent, state, model, usage, cost | `schema.sql` |
//! | `contents` | its text: question, answer, reasoning, summary | `schema.sql` |
//! | `pieces` | up to 256 KiB of a long part of a question, such as a file | `pieces.sql` |
//! | `drafts` | the answer of a pending turn so far | `schema.sql` |
//! | `contents_index` | trigrams of questions and answers, kept by triggers | `schema.sql` |
//! | `catalogs`, `models` | the catalogue of a server; its models as JSON | `catalog.sql` |
//! | `ledger` | a request that reached a provider, with what it cost | `ledger.sql` |
//! | `reservations` | money held back for an answer in progress | `ledger.sql` |
//!
//! # Life of a turn
//!
//! 1. [`Store::create_session`] or [`Store::start_turn`] saves the question before it is sent: rows
//!    in `turns` (state `pending`), `contents` and `pieces`; the head of the session moves to the
//!    new turn.
//! 2. [`Store::checkpoint`] saves the answer so far in `drafts`, about once a second; it is skipped
//!    while another process writes. Readers prefer a draft to the answer in `contents`.
//! 3. [`Store::finish_turn`] deletes the draft, writes the answer to `contents`, and its state
//!    (`complete`, `stopped` or `failed`), usage and cost to `turns`. Without this step, after a
//!    crash, the turn stays `pending`, with its draft.
//! 4. [`Store::set_head`] moves between branches and never deletes. [`Store::summarise`] stores a
//!    summary that replaces the turns up to it in later requests. [`Store::delete`] removes a
//!    session with its turns and overwrites their bytes.
//!
//! # Life of a ledger row
//!
//! 1. Where a profile has a daily cap, [`Store::reserve`] inserts a reservation before the request
//!    is sent, if today's ledger rows and the other reservations leave room below the cap.
//! 2. After the answer, [`Store::settle`] inserts a row for each attempt that reached the provider
//!    and deletes the reservation, in one transaction. An unknown cost counts as its worst case.
//! 3. A reservation that expires unsettled belongs to a process that was killed: the next `reserve`
//!    turns it into a row of status `lost` and unknown cost.
//! 4. Rows are never changed or deleted, not even with their session; [`Store::spent`] sums them.

mod branches;
mod catalog;
mod costs;
mod database;
mod error;
mod id;
mod ledger;
mod private_file;
mod question;
mod read_only;
mod recovery;
mod reservations;
mod rows;
#[cfg(test)]
mod samples;
mod search;
mod sessions;
mod title;
mod turns;
mod write_lock;

pub use crate::present::text::shortened;
pub use branches::Branch;
pub use catalog::{CachedCatalog, CatalogReader};
pub use database::Store;
pub use error::StoreError;
pub use id::{ReservationId, SessionId, TurnId};
pub use ledger::{AnswerAttempts, LedgerGrouping, LedgerTotal, PeriodStart};
pub use read_only::{ReadOnlyStore, StoreCondition, damaged_files};
pub use reservations::{BudgetShortage, Reservation, ReservationOutcome, ReservationRequest};
pub use search::{SearchField, SearchHit};
pub use sessions::SessionSummary;
pub use title::check_name;
pub use turns::StoredTurn;
