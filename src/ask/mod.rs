//! How an answer comes about: two calls are the whole recipe.
//!
//! [`prepare`](prepare::prepare) plans a question and runs every check on it; nothing is sent.
//! [`run`](run::run) holds the day's cap back, sends it, judges the answer and books what was sent.
//! Every verb that asks a model calls both; [`run_all`](parallel::run_all) is the second for
//! several answers side by side. Nothing here knows of a command line or a terminal: what is to be
//! read comes back as [`Remark`](crate::config::options::Remark)s, and what arrives goes to a
//! [`sink`].

pub mod alternatives;
pub mod body_options;
pub mod connection;
pub mod decisions;
mod documents;
pub mod ended;
pub mod explain;
pub mod failure;
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
pub mod remembered;
pub mod rounds;
mod routing;
pub mod run;
pub mod schema_source;
mod schema_verdict;
pub mod session;
pub mod sink;
mod spend;
pub mod template;
pub mod trial;
