//! How it looks: the command line, the two streams, renderers, prompts and errors.

mod cli;
mod clipboard;
mod clipboard_image;
mod completion;
mod generate;
mod help;
mod helper;
mod input_mode;
mod json;
mod keyboard_input;
mod line_editor;
mod log;
mod manual;
mod markdown;
mod paragraph;
mod printer;
mod prompts;
mod report;
mod sanitise;
mod signals;
mod spinner;
mod status;
mod stdin;
mod style;
mod terminal;
mod text;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use crate::commands;
use crate::config::Environment;
use crate::ports::context::Context;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::ports::output::Output;
use cli::Parsed;
use printer::Printer;

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    let environment = Environment::from_process();
    let arguments = std::env::args_os().collect();
    ExitCode::from(run(arguments, environment))
}

fn run(arguments: Vec<std::ffi::OsString>, environment: Environment) -> u8 {
    let mut printer = Printer::new(&environment);
    let outcome = guarded(&mut printer, |printer| {
        if let Some(candidates) = completion::answer(&arguments, &environment) {
            return Ok(printer.own_text(&candidates)?);
        }
        if let Some(in_lines) = cli::wants_json(&arguments) {
            printer.expect_json(in_lines);
        }
        let command = match cli::parse(&arguments, terminal::width())? {
            Parsed::Run(command) => command,
            Parsed::Show { text, is_failure } => return show(&text, is_failure, printer),
        };
        log::start(&environment)?;
        let interrupt = Interrupt::default();
        signals::listen(interrupt.clone());
        let mut input = prompts::Prompts::new(interrupt.clone());
        let equipment = Equipment {
            environment,
            interrupt,
            tape: None,
            is_watched: printer.is_terminal(),
        };
        let mut context = Context {
            equipment,
            output: printer,
            input: &mut input,
        };
        commands::run(command, &mut context)
    });
    match outcome {
        Ok(()) => 0,
        Err(error) => {
            let error = error.with_default_hint();
            printer.report(&error);
            error.kind.exit_code()
        }
    }
}

fn show(
    text: &clap::builder::StyledStr,
    is_failure: bool,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    let text = if printer.is_styled() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    printer.own_text(&text)?;
    if is_failure {
        Err(CommandError::new(ErrorKind::Usage, ""))
    } else {
        Ok(())
    }
}

/// Turns a panic into an error with a request for a report; restores the terminal either way.
fn guarded(
    printer: &mut Printer,
    body: impl FnOnce(&mut Printer) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    report::keep_panics_quiet();
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| body(printer)));
    printer.restore();
    outcome.unwrap_or_else(|_| {
        let place = report::place_of_last_panic();
        Err(
            CommandError::new(ErrorKind::Bug, format!("internal error ({place})"))
                .hint("please report it: https://github.com/amx-cli/amx/issues"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_request_for_a_report() {
        let mut printer = Printer::new(&Environment::default());
        let error = guarded(&mut printer, |_| panic!("on purpose")).unwrap_err();
        assert_eq!(error.kind.exit_code(), 70);
        assert!(error.message.contains("src/ui/mod.rs"), "{}", error.message);
        assert!(!error.message.contains("on purpose"));
    }
}
