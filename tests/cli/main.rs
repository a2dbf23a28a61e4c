//! Runs the real program as a shell, a pipe and a CI job would, against a loopback OpenRouter.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[expect(
    dead_code,
    clippy::expect_used,
    reason = "the tests on a terminal use the rest of it"
)]
#[path = "../support/secret_service.rs"]
mod secret_service;
#[expect(
    dead_code,
    reason = "the tests on a terminal use the rest of the harness"
)]
#[path = "../support/mod.rs"]
mod support;

mod alternatives;
mod answer;
mod approvals;
mod attachments;
mod availability;
mod bad_config;
mod batch;
mod call_results;
mod compare;
mod completion;
mod configured;
mod continuing;
mod distorted_replies;
mod distribution;
mod doctor;
mod double_itself;
mod echoed_keys;
mod embed;
mod everyday;
mod everyday_media;
mod explain;
mod failures;
mod fallback;
mod front;
mod generation_settings;
mod guidance;
mod identity;
mod image;
mod inert_text;
mod integrations;
mod killed_requests;
mod ledger;
mod limits;
mod logs;
mod machine;
mod machine_output;
mod mcp;
mod mcp_config;
mod mcp_eras;
mod mcp_http;
mod mcp_import;
mod mcp_login;
mod mcp_questions;
mod mcp_recipes;
mod measured;
mod merged_config;
mod model_forms;
mod models;
mod models_in_chat;
mod nowhere;
mod option_layers;
mod options;
mod options_in_chat;
mod options_on_the_wire;
mod piped_input;
mod profile_changes;
mod providers;
mod proxies;
mod reasoning;
mod recording;
mod refusals;
mod refused_requests;
mod regressions;
mod rerank;
mod response_cache;
mod retries;
mod schema;
mod secrecy;
mod secure_connections;
mod seeds;
mod serve;
mod sessions;
mod shell_command;
mod side_by_side;
mod spending_table;
mod store_under_load;
mod stored_keys;
mod streams;
mod telemetry;
mod templates;
mod tool_calls;
mod tool_commands;
mod tool_loop;
mod tool_processes;
mod tool_settings;
mod tool_steps;
mod trust;
mod usage_export;
mod variants;
mod web_search;
mod whole_bodies;
