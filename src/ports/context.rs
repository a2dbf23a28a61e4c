//! What every command is given: environment, home, configuration when asked for, and the two ports.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::{CommandError, ErrorKind};
use super::input::Input;
use super::interrupt::Interrupt;
use super::output::Output;
use crate::chat::{ClientOptions, Tape};
use crate::config::{ConfigFile, Environment, Home, env};
use crate::secrets::{Keyring, SecretStore};

/// Runs a future on this thread, for commands that need the network. What still hangs when it is
/// done, such as the look-up of a name, is not waited for.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|source| {
        CommandError::new(ErrorKind::LocalIo, "the system gives no event queue").caused_by(source)
    })?;
    let output = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(output)
}

/// Opened for each run. Nothing in it is read before a command asks.
pub struct Context<'a> {
    pub environment: Environment,
    pub output: &'a mut dyn Output,
    pub input: &'a mut dyn Input,
    pub interrupt: Interrupt,
    /// Records the exchanges with providers, or answers in their place.
    pub tape: Option<Tape>,
}

impl Context<'_> {
    /// Runs a future on this thread, as [`block_on`] does. A signal ends it, and is the error.
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

    pub fn home(&self) -> Result<Home, CommandError> {
        Ok(Home::find(&self.environment)?)
    }

    /// The configuration; its warnings are shown.
    pub fn config(&mut self) -> Result<ConfigFile, CommandError> {
        let config = ConfigFile::load(&self.home()?)?;
        for warning in &config.warnings {
            self.output.warning(warning);
        }
        Ok(config)
    }

    pub fn keyring(&self) -> Arc<dyn SecretStore> {
        Arc::new(Keyring {
            disabled: self.environment.is_set(&env::AMX_NO_KEYRING),
        })
    }

    /// How to set up HTTP, as the environment says.
    pub fn client_options(&self) -> Result<ClientOptions, CommandError> {
        let path = |variable| -> Result<Option<PathBuf>, CommandError> {
            Ok(self.environment.get(variable)?.map(PathBuf::from))
        };
        Ok(ClientOptions {
            extra_authorities: path(&env::AMX_CA_BUNDLE)?,
            system_authorities: path(&env::SSL_CERT_FILE)?,
            ..ClientOptions::default()
        })
    }

    /// An error unless questions can be asked; it names the flags that answer instead.
    pub fn require_terminal(&self, command: &str, flags: &str) -> Result<(), CommandError> {
        if self.input.can_ask() {
            return Ok(());
        }
        Err(CommandError::usage(format!(
            "{command} asks questions, and there is no terminal to ask on"
        ))
        .hint(flags))
    }

    /// What a command ends with: the first error, with the other one as a warning before it.
    pub fn first_of(
        &mut self,
        first: Option<CommandError>,
        other: Option<CommandError>,
    ) -> Result<(), CommandError> {
        match (first, other) {
            (Some(first), other) => {
                if let Some(other) = other {
                    self.output.warning(&other.message);
                }
                Err(first)
            }
            (None, other) => other.map_or(Ok(()), Err),
        }
    }
}
