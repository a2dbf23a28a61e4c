//! Where the server listens: a port or socket of its own, or one that a service manager opened.

use std::io;
use std::net::SocketAddr;

use super::args::ServeArgs;
use super::settings;
use crate::config::{ConfigFile, Home};
use crate::gateway::running::{self, RunningServer};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::server::{ListenAddress, Listener};

/// The socket of a service manager, unless another place was chosen.
///
/// # Errors
/// There is one that cannot be used.
pub(super) fn inherited(
    args: &ServeArgs,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Option<Listener>, CommandError> {
    if settings::chooses_listen(args, config) {
        return Ok(None);
    }
    let environment = &context.equipment.environment;
    let (count, process) = (
        environment.named("LISTEN_FDS")?,
        environment.named("LISTEN_PID")?,
    );
    Listener::inherited(count, process).map_err(|error| {
        let message = "the socket of the service manager cannot be used";
        let error = CommandError::new(ErrorKind::LocalIo, message).caused_by(error);
        error.hint("amx serve --listen 127.0.0.1:4180   (a port of its own)")
    })
}

/// Opens the port or socket.
///
/// # Errors
/// It is taken, or the system refuses it.
pub(super) fn open(listen: &ListenAddress, home: &Home) -> Result<Listener, CommandError> {
    Listener::bind(listen).map_err(|error| {
        let holder = (error.kind() == io::ErrorKind::AddrInUse)
            .then(|| holder(listen, home))
            .flatten();
        let error = match holder {
            Some(server) => {
                let message = format!(
                    "cannot listen on {listen}: amx serve with process ID {} is using it",
                    server.pid
                );
                CommandError::new(ErrorKind::LocalIo, message)
            }
            None => {
                let message = format!("cannot listen on {listen}");
                CommandError::new(ErrorKind::LocalIo, message).caused_by(error)
            }
        };
        error.hint("amx serve --listen 127.0.0.1:0   (any free port)")
    })
}

/// The other server of this folder that listens there.
fn holder(listen: &ListenAddress, home: &Home) -> Option<RunningServer> {
    let mut servers = running::list(home).into_iter();
    servers.find(|server| {
        let other = ListenAddress::parse(&server.listen);
        other.is_ok_and(|other| overlaps(listen, &other))
    })
}

/// Whether two servers cannot listen at the same time.
fn overlaps(one: &ListenAddress, other: &ListenAddress) -> bool {
    let is_all = |address: &SocketAddr| address.ip().is_unspecified();
    match (one, other) {
        (ListenAddress::Tcp(one), ListenAddress::Tcp(other)) => {
            let is_same = one.ip() == other.ip() || is_all(one) || is_all(other);
            one.port() == other.port() && is_same
        }
        (one, other) => one == other,
    }
}
