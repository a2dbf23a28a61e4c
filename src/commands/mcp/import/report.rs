//! What `amx mcp import` shows: every server with its command, and why some are not imported.

use super::found::{Candidate, Found, State};
use crate::config::mcp_draft::{Answers, DraftTarget, DraftText, Part};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::present::page::{Line, Page, Role};

/// Lists the servers of each file.
pub(super) fn list(found: &Found, context: &mut Context<'_>) -> Result<(), CommandError> {
    let mut page = Page::default();
    for (index, file) in found.files.iter().enumerate() {
        page.line(Line::of(Role::Strong, format!("From {file}:")));
        for candidate in found.candidates.iter().filter(|one| one.file == index) {
            page.lines(lines(candidate));
        }
    }
    Ok(context.output.page(&page)?)
}

fn lines(candidate: &Candidate) -> Vec<Line> {
    let mut lines = vec![first_line(candidate).hanging(4)];
    if let (true, Some(draft)) = (candidate.is_ready(), candidate.draft()) {
        let secrets = draft.written(&Answers::new(), &|_| String::new());
        for secret in secrets.map(|(_, secrets)| secrets).unwrap_or_default() {
            lines.push(Line::plain(format!(
                "    {} goes to the keyring",
                secret.entry
            )));
        }
        let mut asked: Vec<&str> = draft
            .texts()
            .iter()
            .flat_map(|text| text.inputs())
            .collect();
        asked.dedup();
        for id in asked {
            lines.push(Line::plain(format!(
                "    {id} is asked for, and goes to the keyring"
            )));
        }
    }
    for note in &candidate.server.notes {
        lines.push(Line::plain(format!("    {note}")));
    }
    lines
}

fn first_line(candidate: &Candidate) -> Line {
    let name = Line::plain("  ").with(Role::Strong, candidate.name());
    match &candidate.state {
        State::Refused(why) => name.and(format!(" is not imported: {why}")),
        State::TurnedOff => name.and(" is turned off there, and not imported"),
        State::Twice => name.and(" is the same as above"),
        _ => name.and(format!("  {}", target(candidate))),
    }
}

/// Command or URL, in the form of the other program's file.
fn target(candidate: &Candidate) -> String {
    let shown = |text: &DraftText| -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Input(id) => format!("<{id}>"),
        };
        text.0.iter().map(part).collect()
    };
    match candidate.draft().map(|draft| &draft.target) {
        Some(DraftTarget::Stdio { command, .. }) => {
            command.iter().map(shown).collect::<Vec<_>>().join(" ")
        }
        Some(DraftTarget::Http { url, .. }) => shown(url),
        None => String::new(),
    }
}

/// Prints the servers that are not written, as a block for config.yml.
pub(super) fn codex_blocks(found: &Found, context: &mut Context<'_>) -> Result<(), CommandError> {
    for block in &found.blocks {
        context
            .output
            .say("Servers of Codex are not written. Copy this to config.yml (amx config edit):");
        for line in block.lines() {
            context.output.line(line)?;
        }
    }
    Ok(())
}

/// Warns about servers that could not be imported after all.
pub(super) fn late_refusals(found: &Found, context: &mut Context<'_>) {
    for candidate in &found.candidates {
        match (&candidate.state, candidate.draft()) {
            (State::Refused(why), Some(draft)) => {
                context
                    .output
                    .warning(&format!("{} is not imported: {why}", draft.name));
            }
            (State::AlreadyThere, Some(draft)) => {
                context
                    .output
                    .note(&format!("{} is in config.yml already", draft.name));
            }
            _ => {}
        }
    }
}

/// The end of an import: an error when a server was refused.
pub(super) fn failures(found: &Found) -> Result<(), CommandError> {
    let refused: Vec<&str> = found.refused().map(|(name, _)| name).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(
        ErrorKind::Partial,
        format!(
            "{} not imported: {}",
            plural(refused.len(), "server"),
            refused.join(", ")
        ),
    )
    .hint("amx mcp add NAME -- COMMAND, or amx mcp add NAME URL"))
}
