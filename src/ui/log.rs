//! `AMX_LOG`: what happens inside, on stderr, without secrets.

use std::io::{self, Write};
use std::str::FromStr;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::sanitise::inert;
use crate::config::{Environment, env};
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::redact::{cut, without_keys};

/// Starts logging when AMX_LOG is set.
pub(super) fn start(environment: &Environment) -> Result<(), CommandError> {
    let Some(text) = environment.get(&env::AMX_LOG)? else {
        return Ok(());
    };
    let Ok(filter) = Targets::from_str(text) else {
        let shown = cut(text, 40);
        return Err(CommandError::new(
            ErrorKind::Config,
            format!(
                "AMX_LOG is '{}': that is not a filter",
                shown.escape_debug()
            ),
        )
        .hint("AMX_LOG=debug amx …"));
    };
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| CleanStderr);
    // A second start in the same process keeps the first.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    Ok(())
}

/// Each line of the log arrives whole.
struct CleanStderr;

impl Write for CleanStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let clean = without_keys(&inert(&String::from_utf8_lossy(bytes)));
        io::stderr().write_all(clean.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
