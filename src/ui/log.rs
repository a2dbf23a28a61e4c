//! `AMX_LOG`: what happens inside, on stderr, without secrets.

use std::io::{self, Write};
use std::str::FromStr;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::printer::Printer;
use super::redact::redacted;
use super::sanitise::inert;
use crate::commands::output::Output;
use crate::config::{Environment, env};

/// Begins to log when the environment asks for it.
pub fn start(environment: &Environment, printer: &mut Printer) {
    let Some(filter) = environment.get(&env::AMX_LOG).ok().flatten() else { return };
    let Ok(filter) = Targets::from_str(filter) else {
        printer.warning("AMX_LOG is not a filter such as debug or amx=trace; nothing is logged");
        return;
    };
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| CleanStderr);
    // A second start in the same process keeps the first.
    let _ = tracing_subscriber::registry().with(filter).with(layer).try_init();
}

/// Each line of the log arrives whole.
struct CleanStderr;

impl Write for CleanStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let clean = redacted(&inert(&String::from_utf8_lossy(bytes)));
        io::stderr().write_all(clean.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
