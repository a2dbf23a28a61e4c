//! The engine: every request to a model goes through two calls.
//!
//! 1. [`prepare`](prepare::prepare)`(resolved, question, checks, equipment)` plans the request for
//!    each target and runs every check. It sends nothing. The result is a
//!    [`Prepared`](prepare::Prepared): the targets, the remarks, and the failed check, if any.
//! 2. [`run`](run::run)`(prepared, options, equipment, sink)` reserves the worst-case cost under
//!    the daily cap, sends the request, judges the answer and writes the ledger. The result is an
//!    [`Outcome`](outcome::Outcome). [`run_all`](parallel::run_all) does the same for several
//!    answers in parallel.
//!
//! An `Err` of either call means that nothing was sent. An answer that failed, is incomplete or
//! does not match its schema is an `Ok` with [`Outcome::error`](outcome::Outcome::error).
//!
//! This folder imports neither the command line nor a terminal: notes and warnings are returned as
//! [`Remark`](crate::config::options::Remark)s, and events go to a [`sink`]. Costs are in USD,
//! token counts in tokens of the provider, sizes in bytes unless a name says otherwise.

pub mod alternatives;
pub mod body_options;
pub mod connection;
mod damaged_store;
pub mod decisions;
mod documents;

pub mod explain;
pub mod failure;
pub mod finished_answer;
pub mod model_facts;
pub mod model_list;
pub mod outcome;
pub mod parallel;
pub mod plan;
pub mod preflight;
pub mod prepare;
mod pull;
pub mod question;
mod rating;
pub mod rounds;
mod routing;
pub mod run;
pub mod schema_source;
mod schema_verdict;
pub mod session;
pub mod session_settings;
pub mod sink;
mod spend;
pub mod template;
pub mod trial;
