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

mod adjustments;
mod advice;
pub(crate) mod alternatives;
pub(crate) mod answer_media;
mod answer_trace;
pub(crate) mod arrived;
pub(crate) mod batch_client;
pub(crate) mod batch_ledger;
pub(crate) mod batch_trace;
pub(crate) mod body_options;
pub(crate) mod connection;
mod damaged_store;
pub(crate) mod decisions;
mod documents;
mod endpoint_models;
pub(crate) mod explain;
pub(crate) mod failure;
pub(crate) mod finished_answer;
pub(crate) mod images;
mod job_trace;
mod ledger_log;
mod machine_advice;
pub(crate) mod model_facts;
pub(crate) mod model_list;
mod next_request;
pub(crate) mod outcome;
pub(crate) mod output_limit;
mod own_fields;
pub(crate) mod own_request;
pub(crate) mod parallel;
pub(crate) mod plan;
pub(crate) mod preflight;
pub(crate) mod prepare;
mod price_lookup;
mod prices;
mod pull;
pub(crate) mod question;
mod rate_limit_hints;
mod rating;
mod refused_fields;
mod refused_tools;
mod round_trace;
pub(crate) mod rounds;
mod routing;
pub(crate) mod row_request;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod schema_source;
mod schema_verdict;
pub(crate) mod services;
pub(crate) mod session;
pub(crate) mod session_settings;
pub(crate) mod shell_command;
pub(crate) mod sink;
mod spend;
mod step_room;
mod step_rounds;
pub(crate) mod suggestion;
pub(crate) mod template;
pub(crate) mod texts;
pub(crate) mod tools;
pub(crate) mod traced_requests;
pub(crate) mod trial;
