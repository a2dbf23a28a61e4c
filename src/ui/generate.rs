//! Completions and the manual, made from the definition of the command line.

use clap_complete::aot;

use super::cli;
use crate::commands::generate::{Generated, Shell};
use crate::commands::{CommandError, Kind};

pub fn render(what: Generated) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    match what {
        Generated::Completions(shell) => completions(shell, &mut bytes),
        Generated::Manual => {
            let manual = clap_mangen::Man::new(cli::definition());
            manual.render(&mut bytes).map_err(|source| CommandError::new(Kind::LocalIo, "the manual cannot be made").caused_by(source))?;
        }
    }
    String::from_utf8(bytes).map_err(|source| CommandError::new(Kind::Bug, "the generated text is not text").caused_by(source))
}

fn completions(shell: Shell, bytes: &mut Vec<u8>) {
    let mut definition = cli::definition();
    match shell {
        Shell::Bash => aot::generate(aot::Bash, &mut definition, "amx", bytes),
        Shell::Elvish => aot::generate(aot::Elvish, &mut definition, "amx", bytes),
        Shell::Fish => aot::generate(aot::Fish, &mut definition, "amx", bytes),
        Shell::PowerShell => aot::generate(aot::PowerShell, &mut definition, "amx", bytes),
        Shell::Zsh => aot::generate(aot::Zsh, &mut definition, "amx", bytes),
    }
}
