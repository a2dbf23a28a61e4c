//! The pager: a program that shows what is longer than the screen.

use std::io::{IsTerminal, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::signals;
use crate::ask::connection::key_variables;
use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::interrupt::{Interrupt, Signal};
use crate::wire::background::spawn_or_run;

/// The pager where none is chosen.
const DEFAULT: &str = "less";

/// Options of less where `LESS` is unset: quit if the text fits, keep colours, leave the text on
/// the screen.
const LESS: &str = "FRX";

/// How often the end of the pager is looked for.
const POLL: Duration = Duration::from_millis(10);

/// A program that reads text from stdin and shows it on the terminal.
pub(super) struct Pager {
    program: String,
    arguments: Vec<String>,
    /// Options of less are set by the user.
    has_less: bool,
    interrupt: Interrupt,
}

impl Pager {
    /// `AMX_PAGER`, else `PAGER`, else less. `None` where both streams are no terminal, and where
    /// the variable is empty or `cat`.
    pub(super) fn find(environment: &Environment, interrupt: Interrupt) -> Option<Self> {
        let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        let term = environment.get(&env::TERM).ok().flatten();
        if !is_terminal || System::CURRENT.is_dumb(term) {
            return None;
        }
        let (program, arguments) = chosen(environment)?;
        Some(Self {
            program,
            arguments,
            has_less: environment.named("LESS").ok().flatten().is_some(),
            interrupt,
        })
    }

    /// Shows a text until the user leaves the pager. False when the pager did not work: the text
    /// must be shown otherwise.
    pub(super) fn show(&self, text: &str) -> bool {
        // A Ctrl-C is for the pager.
        self.interrupt.arm();
        let shown = self.run(text);
        // Another signal ends the program, as it does without a pager.
        let has_interrupted = signals::noticed(&self.interrupt);
        shown.is_some_and(|(status, was_interrupted)| {
            // A pager that a signal ended had been started.
            status.success() || status.code().is_none() || was_interrupted || has_interrupted
        })
    }

    /// How the pager ended, and whether a Ctrl-C came meanwhile; `None` when it cannot be started.
    fn run(&self, text: &str) -> Option<(ExitStatus, bool)> {
        let mut child = self.command().spawn().ok()?;
        if let Some(mut stdin) = child.stdin.take() {
            let text = text.to_owned();
            // The user may leave before everything is read.
            spawn_or_run(move || drop(stdin.write_all(text.as_bytes())));
        }
        self.wait(&mut child)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped());
        if !self.has_less {
            command.env("LESS", LESS);
        } else if self.program == DEFAULT {
            // Options of the user that do not show colours would show their codes.
            command.arg("-R");
        }
        for variable in key_variables() {
            command.env_remove(variable);
        }
        command
    }

    fn wait(&self, child: &mut Child) -> Option<(ExitStatus, bool)> {
        let mut was_interrupted = false;
        loop {
            if let Some(status) = child.try_wait().ok()? {
                return Some((status, was_interrupted));
            }
            match self.interrupt.pending() {
                Some(Signal::Interrupt) => {
                    was_interrupted = true;
                    self.interrupt.acknowledge();
                }
                Some(Signal::Terminate | Signal::HangUp) => {
                    stop(child);
                    return None;
                }
                None => self.interrupt.wait_blocking(POLL),
            }
        }
    }
}

/// Ends a pager so that it restores the terminal.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    if let Some(process) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // It may have ended just now.
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = child.kill();
    let _ = child.wait();
}

/// The program and its arguments; `None` for no pager.
fn chosen(environment: &Environment) -> Option<(String, Vec<String>)> {
    let variables = [&env::AMX_PAGER, &env::PAGER];
    let variable = variables
        .into_iter()
        .find(|variable| environment.is_present(variable));
    let line = match variable {
        Some(variable) => environment.get(variable).ok().flatten().unwrap_or_default(),
        None => DEFAULT,
    };
    let words = System::CURRENT.words(line)?;
    let (program, arguments) = words.split_first()?;
    (program != "cat").then(|| (program.clone(), arguments.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_chooses_the_pager_or_none() {
        let chosen = |pairs: &[(&str, &str)]| {
            let words = chosen(&Environment::from_pairs(pairs.iter().copied()));
            words.map(|(program, arguments)| [&[program], arguments.as_slice()].concat().join(" "))
        };
        assert_eq!(chosen(&[]).as_deref(), Some("less"));
        assert_eq!(chosen(&[("PAGER", "most -s")]).as_deref(), Some("most -s"));
        let both = [("PAGER", "most"), ("AMX_PAGER", "'my pager' -x")];
        assert_eq!(chosen(&both).as_deref(), Some("my pager -x"));
        for off in ["", " ", "cat"] {
            assert_eq!(chosen(&[("PAGER", off)]), None, "{off:?}");
            assert_eq!(chosen(&[("PAGER", "less"), ("AMX_PAGER", off)]), None);
        }
    }
}
