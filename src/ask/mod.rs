//! How an answer comes about: plan, checks, request, judgement, ledger.

pub mod alternatives;
pub mod body_options;
pub mod connection;
pub mod documents;
pub mod failure;
pub mod gathering;
pub mod model_facts;
pub mod model_list;
pub mod parallel;
pub mod plan;
pub mod preflight;
pub mod remembered;
pub mod rounds;
mod routing;
pub mod run;
pub mod schema_source;
pub mod schema_verdict;
pub mod session;
pub mod spend;
pub mod template;
pub mod trial;
