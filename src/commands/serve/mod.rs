//! `amx serve`: the profiles behind one URL.

pub(crate) mod args;
mod catalogue;
mod keys;
mod place;
mod run;
mod settings;

use args::{ServeArgs, ServeCommand};

use crate::ports::context::Context;
use crate::ports::error::CommandError;

/// Runs the server, or a command about its keys.
pub(crate) fn run(args: &ServeArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.command {
        Some(ServeCommand::Keys(command)) => keys::run(command, context),
        None => run::run(args, context),
    }
}
