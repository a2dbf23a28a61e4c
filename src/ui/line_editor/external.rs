//! The line in the user's own editor.

use std::io::{Read, Write};
use std::process::Command;

use super::paste;
use crate::ask::connection::key_variables;
use crate::config::Environment;
use crate::platform::system::System;

/// Longest text that an editor may return, in bytes.
const LARGEST: u64 = 16 << 20;

/// The program and its arguments from VISUAL or EDITOR; without them that of the system.
pub(in crate::ui) fn command(environment: &Environment) -> Vec<String> {
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| environment.named(name).ok().flatten());
    named
        .and_then(|line| System::CURRENT.words(line))
        .filter(|words| !words.is_empty())
        .unwrap_or_else(|| vec![System::CURRENT.default_editor().to_owned()])
}

/// The text that the editor returns. The error is a sentence for the user.
pub(in crate::ui) fn edit(text: &str, command: &[String]) -> Result<String, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("EDITOR is not a command".to_owned());
    };
    let failed = |error: std::io::Error| format!("the line cannot be edited in {program}: {error}");
    // Created with mode 0600, and deleted afterwards.
    let mut file = tempfile::Builder::new()
        .prefix("amx-")
        .suffix(".md")
        .tempfile()
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let mut editing = Command::new(program);
    editing.args(arguments).arg(file.path());
    // The editor needs no keys.
    for variable in key_variables() {
        editing.env_remove(variable);
    }
    let status = editing
        .status()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if !status.success() {
        return Err(format!(
            "{program} exited with {status}; the line is unchanged"
        ));
    }
    let mut edited = Vec::new();
    // By name: an editor may have put another file in its place.
    std::fs::File::open(file.path())
        .and_then(|file| file.take(LARGEST).read_to_end(&mut edited))
        .map_err(failed)?;
    Ok(paste::cleaned(&String::from_utf8_lossy(&edited))
        .trim_end_matches('\n')
        .to_owned())
}
