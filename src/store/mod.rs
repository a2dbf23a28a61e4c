//! The database: saved conversations, the ledger of spending and the cached model catalogue, in one
//! SQLite file, `amx.db`, in the home directory of amx.
//!
//! # Files
//!
//! - `database` opens the file and runs transactions, `migrations` has the schema; `private_file`
//!   creates the file with mode 0600, `owner` recognises it, `write_lock` queues writers;
//!   `recovery` moves a damaged file aside, `repair` regenerates its index or keeps its ledger,
//!   `read_connection` reads where nobody can write.
//! - `sessions`, `turns`, `branches`, `search` and `costs` read and write conversations; `rows`
//!   maps a turn to columns, `question` and `long_answer` its long texts to pieces; `title` makes
//!   titles and checks names.
//! - `ledger`, `ledger_rows`, `requests` and `reservations` account for money. `catalog` caches the
//!   models of each server, `mcp_servers` what MCP servers list, `destinations` the log
//!   destinations of the account.
//! - `approvals` and `tool_log` have which tools run without a question, and every call of a tool.
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
//! | `pieces` | up to 256 KiB of a long part of a question, or of a long answer | `pieces.sql` |
//! | `drafts` | the answer of a pending turn so far | `schema.sql` |
//! | `contents_index` | trigrams of questions and answers, kept by triggers | `schema.sql` |
//! | `catalogs`, `models` | the catalogue of a server; its models as JSON | `catalog.sql` |
//! | `adjustments` | a field that a server refused, by server and model | `adjustments.sql` |
//! | `approvals` | a tool that runs without a question, bound to its definition | `approvals.sql` |
//! | `tool_log` | a call of a tool; rows are only added | `approvals.sql` |
//! | `mcp_servers`, `mcp_tools` | the tools that an MCP server listed last | `mcp_servers.sql` |
//! | `log_destinations` | a log destination that was listed last | `destinations.sql` |
//! | `ledger` | a request that was sent, with what it cost | `ledger.sql`, `requests.sql` |
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
//! 2. [`Store::record_request`] inserts the row of each request when the connection is there and
//!    before its first byte is sent: status `unknown`, at its worst case. A reservation covers it
//!    (`reservation`), so that it is not counted twice.
//! 3. After the answer, [`Store::settle`] updates the rows of its attempts and deletes the
//!    reservation, in one transaction. An unknown cost counts as its worst case.
//! 4. A process that is killed leaves its row unsettled, and its reservation expires: from then on
//!    the row counts for itself.
//! 5. No row is deleted, not even with its session, except one whose request was not sent after
//!    all; [`Store::spent`] sums them.

mod adjustments;
mod approvals;
mod branches;
mod catalog;
mod client_requests;
mod costs;
pub(crate) mod database;
mod destinations;
pub(crate) mod error;
pub(crate) mod id;
mod ledger;
mod ledger_rows;
mod long_answer;
mod mcp_servers;
mod migrations;
mod owner;
mod private_file;
mod question;
mod read_connection;
mod read_only;
mod recovery;
mod repair;
mod requests;
mod reservations;
mod rows;
#[cfg(test)]
pub(crate) mod samples;
mod search;
mod sessions;
mod steps;
mod title;
mod tool_log;
mod turns;
mod write_lock;

pub(crate) use approvals::StoredApproval;
pub(crate) use branches::{Branch, Fork};
pub(crate) use catalog::CatalogReader;
pub(crate) use client_requests::ClientRequest;
pub(crate) use database::Store;
pub(crate) use destinations::KnownDestination;
pub(crate) use error::StoreError;
pub(crate) use id::{ReservationId, SessionId, TurnId};
pub(crate) use ledger::{LedgerGrouping, LedgerTotal, PeriodStart};
pub(crate) use ledger_rows::LedgerRow;
pub(crate) use mcp_servers::{FailedServer, ListedServer};
pub(crate) use read_only::{ReadOnlyStore, StoreCondition, damaged_files, mark_damaged};
pub(crate) use requests::AnswerAttempts;
pub(crate) use reservations::{BudgetShortage, DayUse, ReservationOutcome, ReservationRequest};
pub(crate) use search::{SearchField, SearchHit};
pub(crate) use sessions::SessionSummary;
pub(crate) use title::check_name;
pub(crate) use tool_log::{CallEnd, LoggedCall, LoggedCallId};
pub(crate) use turns::StoredTurn;
