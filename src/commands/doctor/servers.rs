//! Asks the servers that the profiles name, all at once, and each only once for a key.

use std::time::Duration;

use tokio::task::JoinSet;

use super::subject::{KeyState, Patient, ServerState, Subject};
use crate::account::inspection::{InspectedServer, InspectionFailure};
use crate::ask::connection;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::ApiKey;

/// Longest time for the network altogether.
const DEADLINE: Duration = Duration::from_secs(15);

/// Fills in what each profile's server answered.
pub fn ask(subject: &mut Subject, context: &Context<'_>) -> Result<(), CommandError> {
    let mut servers: Vec<(InspectedServer, Vec<usize>)> = Vec::new();
    for (index, patient) in subject.patients.iter_mut().enumerate() {
        if let Some(why) = not_asked(patient, subject.is_offline) {
            patient.server = ServerState::NotAsked(why);
            continue;
        }
        let server = match server_of(patient, context) {
            Ok(server) => server,
            Err(error) => {
                patient.server =
                    ServerState::InspectionError((InspectionFailure::SetUp, error.message));
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
        let state = outcome.map_or_else(ServerState::InspectionError, |answered| {
            ServerState::ServerInspection(Box::new(answered))
        });
        for index in indices {
            subject.patients[index].server = state.clone();
        }
    }
    Ok(())
}

fn not_asked(patient: &Patient, is_offline: bool) -> Option<&'static str> {
    if patient.settings.entry.is_demo() {
        Some("the demo runs inside the program")
    } else if is_offline {
        Some("--offline")
    } else if matches!(patient.key, KeyState::Missing) && patient.settings.is_unconfigured() {
        Some("nothing is set up")
    } else {
        None
    }
}

fn server_of(patient: &Patient, context: &Context<'_>) -> Result<InspectedServer, CommandError> {
    let settings = &patient.settings;
    let key = match &patient.key {
        KeyState::Found(key) => Some(key.clone()),
        _ => None,
    };
    Ok(InspectedServer {
        base_url: settings.base_url.value.clone(),
        headers: connection::headers(settings),
        key,
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
