//! Completion scripts and manual pages, generated from the definition of the command line.

use std::path::Path;

use clap_complete::aot;

use super::{cli, completion, manual};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::generated::{BindingShell, Generated, Shell};

/// Where clap's script for bash takes the word before the one to complete.
const PREVIOUS_WORD: &str = "    prev=\"$3\"\n";

/// Bash makes three words of `--flag=value`.
const JOINED_WORD: &str = r#"    if [[ "$prev" == "=" ]]; then
        prev="${COMP_WORDS[COMP_CWORD-2]}"
    elif [[ "$cur" == "=" ]]; then
        cur=""
    fi
"#;

/// The text to print. Pages that go to a folder are written to it, and their paths are the text.
pub(super) fn render(what: Generated) -> Result<String, CommandError> {
    match what {
        Generated::Completions(shell) => Ok(completion::script(shell).to_owned()),
        Generated::StaticCompletions(shell) => completions(shell),
        Generated::KeyBinding(shell) => Ok(key_binding(shell).to_owned()),
        Generated::Manual(command) => manual::page(command.as_deref()),
        Generated::Manuals(folder) => manuals(&folder),
    }
}

/// The script that binds Alt-E.
fn key_binding(shell: BindingShell) -> &'static str {
    match shell {
        BindingShell::Bash => include_str!("key_bindings/amx.bash"),
        BindingShell::Fish => include_str!("key_bindings/amx.fish"),
        BindingShell::Zsh => include_str!("key_bindings/amx.zsh"),
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
    let mut definition = completion::static_values(cli::definition());
    let mut script = Vec::new();
    let bytes = &mut script;
    match shell {
        Shell::Bash => aot::generate(aot::Bash, &mut definition, "amx", bytes),
        Shell::Elvish => aot::generate(aot::Elvish, &mut definition, "amx", bytes),
        Shell::Fish => aot::generate(aot::Fish, &mut definition, "amx", bytes),
        Shell::PowerShell => aot::generate(aot::PowerShell, &mut definition, "amx", bytes),
        Shell::Zsh => aot::generate(aot::Zsh, &mut definition, "amx", bytes),
    }
    let script = String::from_utf8(script).map_err(|source| {
        CommandError::new(ErrorKind::Bug, "the completion script is not text").caused_by(source)
    })?;
    Ok(match shell {
        Shell::Bash => script.replacen(PREVIOUS_WORD, &[PREVIOUS_WORD, JOINED_WORD].concat(), 1),
        _ => script,
    })
}
