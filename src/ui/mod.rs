//! How it looks: the command line, the two streams, renderers, prompts and errors.

mod answer_end;
mod answer_parts;
mod approval;
mod blank_rows;
mod capabilities;
mod cli;
mod clipboard;
mod clipboard_image;
mod completion;
mod core_files;
#[cfg(unix)]
mod footer;
mod generate;
mod help;
mod helper;
mod implied_command;
mod inline_image;
mod input_mode;
mod json;
#[cfg(unix)]
mod key_parser;
mod key_question;
mod keyboard_input;
mod last_row;
mod line_break;
mod line_editor;
mod log;
mod manual;
mod markdown;
mod mode;
mod near_command;
#[cfg(not(unix))]
mod no_footer;
mod page;
mod pager;
mod panics;
mod paragraph;
mod picker;
mod printer;
mod prompts;
mod question;
mod raw_keyboard;
mod report;
mod role;
mod sanitise;
mod several;
mod signals;
mod spinner;
mod stand_ins;
mod standard_streams;
mod status;
mod stderr_lines;
mod stdin;
mod style;
mod terminal;
#[cfg(unix)]
mod terminal_changes;
#[cfg(unix)]
mod terminal_query;
mod terminal_size;
mod text;
#[cfg_attr(not(unix), expect(dead_code, reason = "for the footer"))]
mod theme;
#[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "for the footer"))]
mod window;

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::commands;
use crate::config::Environment;
use crate::platform::children;
use crate::platform::processes::launch;
use crate::ports::context::Context;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::fetched::FetchedCatalogs;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::Output;
use crate::telemetry::Telemetry;
use cli::Parsed;
#[cfg(not(unix))]
use no_footer as footer;
use pager::Pager;
use printer::Printer;
use style::Style;

/// Runs the program with the process's arguments and environment.
pub fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if let Some(code) = launch::become_program(&arguments) {
        return ExitCode::from(code);
    }
    launch::enable();
    // Before the environment is read: it may hold keys.
    core_files::forbid();
    let environment = Environment::from_process();
    ExitCode::from(run(arguments, environment))
}

fn run(arguments: Vec<std::ffi::OsString>, environment: Environment) -> u8 {
    signals::ignore_file_size_limit();
    let mut printer = Printer::new(&environment);
    panics::report(&environment, cli::wants_json(&arguments));
    let is_for_programs = cli::wants_json(&arguments).is_some();
    let mut equipment = None;
    let outcome = obey(arguments, environment, &mut printer, &mut equipment);
    printer.restore();
    children::end_all();
    let is_signal = outcome.as_ref().is_err_and(CommandError::is_signal);
    let code = match outcome {
        Ok(()) => 0,
        Err(error) => {
            let error = error.with_default_hint();
            printer.report(&error);
            error.exit_code()
        }
    };
    // Everything is on the screen.
    if let Some(equipment) = equipment {
        let warning = send_telemetry(&equipment, is_signal);
        // JSON is complete, and what it has no place for is in the log.
        if let Some(warning) = warning.filter(|_| !is_for_programs) {
            printer.paragraph("warning: ", &warning, Style::Warning);
        }
    }
    code
}

/// Sends the telemetry that is left, and returns the warning that it was not sent. Nobody who
/// pressed Ctrl-C waits for a collector, unless there is no file for what is left: then nobody
/// watches.
fn send_telemetry(equipment: &Equipment, is_signal: bool) -> Option<String> {
    if is_signal {
        if equipment.telemetry.keep_rest() {
            return None;
        }
        // The signal that ended the program does not end the wait; another one does.
        equipment.interrupt.disarm_all();
    }
    equipment.end_telemetry();
    equipment.telemetry.warning()
}

fn obey(
    arguments: Vec<std::ffi::OsString>,
    environment: Environment,
    printer: &mut Printer,
    used: &mut Option<Equipment>,
) -> Result<(), CommandError> {
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
    // What a conversation shows stays below it on the screen.
    if !matches!(command, commands::Command::Chat(_)) {
        printer.pager = Pager::find(&environment, interrupt.clone());
    }
    let mut input = prompts::Prompts::new(interrupt.clone(), &environment);
    let equipment = Equipment {
        environment,
        interrupt,
        tape: None,
        is_watched: printer.is_terminal(),
        fetched: FetchedCatalogs::default(),
        telemetry: Telemetry::default(),
    };
    *used = Some(equipment.clone());
    let mut context = Context {
        equipment,
        output: printer,
        input: &mut input,
        warned: BTreeSet::new(),
    };
    commands::run(command, &mut context)
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
