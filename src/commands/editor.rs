//! Opens the user's editor: `$VISUAL`, else `$EDITOR`, else `vi`, on Windows
//! `notepad`.

use std::io::Write;
use std::path::Path;

use crate::ask::connection;
use crate::platform::commands::SET_EDITOR;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::files::read_text;

/// Longest text that an editor may leave behind, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Opens a file in the editor and waits until it exits.
pub(super) fn open(path: &Path, context: &mut Context<'_>) -> Result<(), CommandError> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| context.equipment.environment.named(name).ok().flatten())
        .unwrap_or(System::CURRENT.default_editor())
        .to_owned();
    let words = System::CURRENT
        .words(&editor)
        .filter(|words| !words.is_empty());
    let Some((program, arguments)) = words.as_deref().and_then(<[String]>::split_first) else {
        return Err(CommandError::usage("EDITOR is not a command").hint(SET_EDITOR.with([])));
    };
    let mut editing = std::process::Command::new(program);
    editing.args(arguments).arg(path);
    for variable in connection::key_variables() {
        editing.env_remove(variable);
    }
    context.input.lend_terminal();
    match editing.status() {
        Ok(status) if status.success() => {
            // A Ctrl-C meant for the editor was delivered to this program as well.
            context.equipment.interrupt.acknowledge();
            Ok(())
        }
        Ok(status) => Err(CommandError::new(
            ErrorKind::No,
            format!("{program} exited with {status}"),
        )),
        Err(source) => Err(CommandError::new(
            ErrorKind::LocalIo,
            format!("{program} could not be started"),
        )
        .caused_by(source)
        .hint(SET_EDITOR.with([]))),
    }
}

/// Opens a text in the editor. `None` when it was not changed, or emptied. The extension of the
/// file name sets the editor's language.
pub(super) fn edit_text(
    text: &str,
    file_name: &str,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let failed = |source: std::io::Error| {
        CommandError::new(
            ErrorKind::LocalIo,
            "the text could not be passed to the editor",
        )
        .caused_by(source)
    };
    // Only the user may read the prompt.
    let folder = tempfile::Builder::new()
        .prefix("amx-")
        .tempdir()
        .map_err(failed)?;
    let path = folder.path().join(file_name);
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(failed)?;
    open(&path, context)?;
    let edited = read_text(&path, LARGEST).map_err(|error| failed(error.into()))?;
    let edited = edited.trim_end();
    Ok((!edited.trim().is_empty() && edited != text.trim_end()).then(|| edited.to_owned()))
}
