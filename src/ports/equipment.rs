//! What the engine works with: the environment, the home, the keyring, recordings, signals.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::{CommandError, ErrorKind};
use super::fetched::FetchedCatalogs;
use super::interrupt::Interrupt;
use crate::config::ConfigFile;
use crate::config::{Environment, Home, env};
use crate::platform::open_files;
use crate::secrets::value::Values;
use crate::secrets::{Keyring, SecretStore};
use crate::telemetry::{Means, Telemetry};
use crate::wire::options::ClientOptions;
use crate::wire::proxy::UnusableProxies;
use crate::wire::tape::Tape;

/// Most events that are received at once. Of many answers that arrive together, the first ones are
/// handled, and what follows them is sent, before the last ones are read.
const EVENTS: usize = 8;

/// Most steps between two looks for events: enough to finish what follows from [`EVENTS`], so that
/// the connection of an answer is free before the next request.
const STEPS: u32 = 256;

/// Runs a future on this thread. What is still blocked when it completes, such as a DNS query on a
/// thread of its own, is not waited for.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when the system refuses an event queue.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, CommandError> {
    let built = open_files::check_room().and_then(|()| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_io_events_per_tick(EVENTS)
            .event_interval(STEPS)
            .build()
    });
    let runtime = built.map_err(|source| {
        CommandError::new(ErrorKind::LocalIo, "the system refuses an event queue")
            .caused_by(source)
            .hint("ulimit -n 1024   (raises the limit of open files, where that is the cause)")
    })?;
    let output = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(output)
}

/// Nothing in it is read before it is needed.
#[derive(Clone)]
pub struct Equipment {
    pub environment: Environment,
    pub interrupt: Interrupt,
    /// Records the exchanges with providers, or answers in their place.
    pub tape: Option<Tape>,
    /// Stdout is a terminal: a ledger is kept even where amx was never set up.
    pub is_watched: bool,
    /// The model catalogues that were fetched for a price.
    pub fetched: FetchedCatalogs,
    /// Sends traces of answers, where the user asks for it.
    pub(crate) telemetry: Telemetry,
}

impl Equipment {
    /// Runs a future on this thread, as [`block_on`] does. A signal ends it, and is the error.
    ///
    /// # Errors
    /// The signal, or what [`block_on`] reports.
    pub fn run<F: Future>(&self, future: F) -> Result<F::Output, CommandError> {
        self.interrupt.arm();
        let ended = block_on(async {
            tokio::select! {
                biased;
                signal = self.interrupt.wait() => Err(signal.into()),
                output = future => Ok(output),
            }
        });
        self.interrupt.disarm();
        ended?
    }

    /// Whether answers come from a recording: nothing is sent, and nothing is billed.
    pub fn is_replaying(&self) -> bool {
        self.tape.as_ref().is_some_and(Tape::is_replay)
    }

    /// The folder of configuration and store.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when neither `HOME` nor `AMX_CONFIG_DIR` names one.
    pub fn home(&self) -> Result<Home, CommandError> {
        Ok(Home::find(&self.environment)?)
    }

    /// Where ledger and catalogue are kept: nowhere when amx was never set up and nobody watches,
    /// so that a CI job leaves nothing behind.
    pub fn kept_at(&self) -> Option<Home> {
        let home = self.home().ok()?;
        (self.is_watched || home.directory().is_dir()).then_some(home)
    }

    pub fn keyring(&self) -> Arc<dyn SecretStore> {
        Arc::new(Keyring {
            disabled: self.environment.is_set(&env::AMX_NO_KEYRING),
        })
    }

    /// What resolves the values of tools and servers.
    pub(crate) fn values(&self) -> Values {
        let environment = self.environment.clone();
        Values {
            store: self.keyring(),
            variable: Box::new(move |name| {
                environment.named(name).ok().flatten().map(str::to_owned)
            }),
            withheld_variables: env::key_variables(),
        }
    }

    /// Opens the telemetry that the configuration asks for. A replay has none.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when its settings are not valid.
    pub(crate) fn open_telemetry(&self, config: &ConfigFile) -> Result<(), CommandError> {
        if self.is_replaying() {
            return Ok(());
        }
        let client = self.client_options()?;
        let means = || Means {
            values: self.values(),
            client,
            home: self.kept_at(),
        };
        Ok(self.telemetry.open(config, &self.environment, means)?)
    }

    /// Waits a moment for telemetry that was not sent yet; a signal ends the wait.
    pub(crate) fn end_telemetry(&self) {
        if self.telemetry.is_on() {
            // The answer is complete: neither a signal nor a system without an event queue
            // changes it.
            let _ = self.run(self.telemetry.flush());
        }
    }

    /// How to set up HTTP, as the environment says.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when a variable is not text.
    pub fn client_options(&self) -> Result<ClientOptions, CommandError> {
        let path = |variable| -> Result<Option<PathBuf>, CommandError> {
            Ok(self.environment.get(variable)?.map(PathBuf::from))
        };
        Ok(ClientOptions {
            extra_authorities: path(&env::AMX_CA_BUNDLE)?,
            system_authorities: path(&env::SSL_CERT_FILE)?,
            unusable_proxies: UnusableProxies::find(|name| self.environment.named(name)),
            ..ClientOptions::default()
        })
    }
}
