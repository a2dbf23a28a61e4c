//! Completion scripts and manual pages, generated from the definition of the command line.

use std::path::Path;

use clap_complete::aot;

use super::{cli, completion, manual};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::generated::{Generated, Shell};

/// The text to print. Pages that go to a folder are written to it, and their paths are the text.
pub(super) fn render(what: Generated) -> Result<String, CommandError> {
    match what {
        Generated::Completions(shell) => completion::script(name_of(shell)),
        Generated::StaticCompletions(shell) => completions(shell),
        Generated::Manual(command) => manual::page(command.as_deref()),
        Generated::Manuals(folder) => manuals(&folder),
    }
}

fn manuals(folder: &Path) -> Result<String, CommandError> {
    let failed = |error: std::io::Error| {
        let message = format!("manual pages cannot be written to {}", folder.display());
        CommandError::new(ErrorKind::LocalIo, message)
            .caused_by(error)
            .hint("check the folder, its permissions and the free space")
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut written = String::new();
    for name in manual::names() {
        let path = folder.join(format!("{name}.1"));
        let page = manual::page(name.strip_prefix("amx-"))?;
        std::fs::write(&path, page).map_err(failed)?;
        written.push_str(&format!("{}\n", path.display()));
    }
    Ok(written)
}

fn completions(shell: Shell) -> Result<String, CommandError> {
    let mut definition = cli::definition();
    let mut script = Vec::new();
    let bytes = &mut script;
    match shell {
        Shell::Bash => aot::generate(aot::Bash, &mut definition, "amx", bytes),
        Shell::Elvish => aot::generate(aot::Elvish, &mut definition, "amx", bytes),
        Shell::Fish => aot::generate(aot::Fish, &mut definition, "amx", bytes),
        Shell::PowerShell => aot::generate(aot::PowerShell, &mut definition, "amx", bytes),
        Shell::Zsh => aot::generate(aot::Zsh, &mut definition, "amx", bytes),
    }
    String::from_utf8(script).map_err(|source| {
        CommandError::new(ErrorKind::Bug, "the completion script is not text").caused_by(source)
    })
}

fn name_of(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "bash",
        Shell::Elvish => "elvish",
        Shell::Fish => "fish",
        Shell::PowerShell => "powershell",
        Shell::Zsh => "zsh",
    }
}
