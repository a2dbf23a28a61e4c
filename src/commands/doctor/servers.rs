//! Sends the requests to the servers of the profiles: in parallel, once for each server and key.

use std::time::Duration;

use tokio::task::JoinSet;

use super::subject::{ExaminedProfile, KeyState, ServerState, Subject};
use crate::account::inspection::{InspectedServer, InspectionFailure};
use crate::ask::connection;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::wire::api_key::ApiKey;

/// Time limit for all requests together.
const DEADLINE: Duration = Duration::from_secs(15);

/// Fills in the response of each profile's server.
pub(super) fn ask(subject: &mut Subject, context: &Context<'_>) -> Result<(), CommandError> {
    let mut servers: Vec<(InspectedServer, Vec<usize>)> = Vec::new();
    for (index, profile) in subject.profiles.iter_mut().enumerate() {
        if let Some(why) = not_asked(profile, subject.is_offline) {
            profile.server = ServerState::NotAsked(why);
            continue;
        }
        let server = match server_of(profile, context) {
            Ok(server) => server,
            Err(error) => {
                profile.server = ServerState::Unreached((InspectionFailure::SetUp, error.message));
                continue;
            }
        };
        match servers
            .iter_mut()
            .find(|(other, _)| is_same(other, &server))
        {
            Some((_, indices)) => indices.push(index),
            None => servers.push((server, vec![index])),
        }
    }
    if servers.is_empty() {
        return Ok(());
    }
    let states = context.equipment.run(async {
        let mut tasks = JoinSet::new();
        for (server, indices) in servers {
            tasks.spawn(async move { (indices, server.inspect(DEADLINE).await) });
        }
        let mut states = Vec::new();
        while let Some(done) = tasks.join_next().await {
            states.extend(done.ok());
        }
        states
    })?;
    for (indices, outcome) in states {
        let state = outcome.map_or_else(ServerState::Unreached, |answered| {
            ServerState::Answered(Box::new(answered))
        });
        for index in indices {
            subject.profiles[index].server = state.clone();
        }
    }
    Ok(())
}

fn not_asked(profile: &ExaminedProfile, is_offline: bool) -> Option<&'static str> {
    if profile.settings.entry.is_demo() {
        Some("the demo is built in")
    } else if is_offline {
        Some("--offline")
    } else if matches!(profile.key, KeyState::Missing) && profile.settings.is_unconfigured() {
        Some("no profile is set up")
    } else {
        None
    }
}

fn server_of(
    profile: &ExaminedProfile,
    context: &Context<'_>,
) -> Result<InspectedServer, CommandError> {
    let settings = &profile.settings;
    let key = match &profile.key {
        KeyState::Found(key) => Some(key.clone()),
        _ => None,
    };
    Ok(InspectedServer {
        base_url: settings.base_url.value.clone(),
        headers: settings
            .entry
            .with_list_headers(connection::headers(settings)),
        key,
        key_header: settings.entry.list_key,
        query: settings.entry.list_query,
        prefix: settings.entry.list_prefix,
        client: connection::client_options(settings, &context.equipment)?,
        reports_account: settings.entry.is_openrouter,
    })
}

fn is_same(one: &InspectedServer, other: &InspectedServer) -> bool {
    let key = |server: &InspectedServer| server.key.as_ref().map(ApiKey::expose).map(str::to_owned);
    one.base_url == other.base_url
        && key(one) == key(other)
        && one.headers == other.headers
        && one.reports_account == other.reports_account
}
