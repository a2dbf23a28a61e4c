//! `amx sessions export`: one session as a document, on stdout or in a file of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{ExportArgs, ExportFormat};
use super::{json as json_of, transcript};
use crate::commands::output_file::{self, OutputFile, cannot_write};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::{SessionSummary, Store, StoredTurn};
use crate::wire::control_characters::{inert_json, is_active_in_text};

/// Writes the session where the arguments say.
pub(crate) fn run(
    args: &ExportArgs,
    session: &SessionSummary,
    store: &Store,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let turns = if args.all_branches {
        all_turns(session, store)?
    } else {
        store.path(session.id)?
    };
    let path = output_file::named(args.output.as_deref());
    let text = match args.format {
        ExportFormat::Json => {
            let value = whole(session, &turns, store)?;
            let Some(path) = path else {
                return Ok(context.output.json(&value)?);
            };
            return written(path, &inert_json(format!("{value}\n")), args, context);
        }
        ExportFormat::Markdown => transcript::markdown(session, &turns),
    };
    match path {
        Some(path) => written(path, &inert(&text), args, context),
        None => Ok(context.output.line(text.trim_end())?),
    }
}

/// Session, settings and turns in one object.
pub(crate) fn whole(
    session: &SessionSummary,
    turns: &[StoredTurn],
    store: &Store,
) -> Result<Value, CommandError> {
    let branches = store.branches(session.id)?;
    let mut value = json_of::summary(session);
    value["head"] = branches
        .iter()
        .find(|branch| branch.is_current)
        .map(|branch| branch.last.0)
        .into();
    value["settings"] = store.settings(session.id)?;
    value["branches"] = branches.iter().map(json_of::branch).collect();
    // In place of the number of turns.
    value["turns"] = json!(turns.iter().map(json_of::turn).collect::<Vec<_>>());
    Ok(value)
}

/// The turns of all branches, each once, in the order in which they were asked.
fn all_turns(session: &SessionSummary, store: &Store) -> Result<Vec<StoredTurn>, CommandError> {
    let mut turns = BTreeMap::new();
    for branch in store.branches(session.id)? {
        turns.extend(
            store
                .path_to(branch.last)?
                .into_iter()
                .map(|stored| (stored.id, stored)),
        );
    }
    Ok(turns.into_values().collect())
}

/// Without what could drive a terminal: files are shown on terminals too.
fn inert(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(is_active_in_text, "\u{fffd}")
}

/// Creates or replaces the file, readable by its owner only.
fn written(
    path: &Path,
    text: &str,
    args: &ExportArgs,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let (output, mut file) = OutputFile::export(path, args.force)?;
    file.write_all(text.as_bytes())
        .map_err(|error| cannot_write(path, error))?;
    output.close(true)?;
    Ok(context
        .output
        .sentence(&format!("✓ Exported to {}", path.display()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exported_file_has_no_control_characters() {
        let hostile = "a\u{1b}[31m\r\nb\tc\u{9b}1\u{202e}d\u{7f}漢";
        assert_eq!(
            inert(hostile),
            "a\u{fffd}[31m\nb\tc\u{fffd}1\u{fffd}d\u{fffd}漢"
        );
        let value = json!({"text": hostile});
        let escaped = inert_json(value.to_string());
        assert!(!escaped.chars().any(char::is_control), "{escaped}");
        assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
    }
}
