//! `amx mcp import`: servers from the files of other programs. Nothing is started, nothing is
//! written unasked, and a file of a project has no effect before.

mod answers;
mod found;
mod report;

use found::{Candidate, Found, State};

use super::args::ImportArgs;
use super::write::{self, Existing, Prepared};
use crate::config::ConfigFile;
use crate::config::home::user_home;
use crate::config::mcp_draft::Answers;
use crate::platform::paths::shown_below;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::secrets::SecretError;
use crate::secrets::value::Values;

pub(super) fn run(args: &ImportArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let mut found = found::search(args)?;
    report::list(&found, context)?;
    report::codex_blocks(&found, context)?;
    if found.ready().count() == 0 {
        return nothing_to_import(&found);
    }
    if !context.input.can_ask() && !args.yes {
        return Err(CommandError::usage(format!(
            "{} found; nothing is imported without a terminal or --yes",
            plural(found.ready().count(), "server")
        ))
        .hint("amx mcp import --yes"));
    }
    if !args.yes {
        choose(&mut found, context)?;
    }
    import(&mut found, &config, context)?;
    report::failures(&found)
}

fn nothing_to_import(found: &Found) -> Result<(), CommandError> {
    if found.refused().next().is_some() {
        return report::failures(found);
    }
    if found.candidates.is_empty() && found.blocks.is_empty() {
        return Err(CommandError::new(
            ErrorKind::No,
            "no MCP servers of another program were found",
        )
        .hint("amx mcp import FILE"));
    }
    Ok(())
}

/// Lets a person choose all, some or none.
fn choose(found: &mut Found, context: &mut Context<'_>) -> Result<(), CommandError> {
    let count = found.ready().count();
    let nothing = || CommandError::new(ErrorKind::No, "nothing was imported");
    if count == 1 {
        return if context.input.confirm("Import it?", false)? {
            Ok(())
        } else {
            Err(nothing())
        };
    }
    let items = [
        format!("All {count}"),
        "Some, one by one".to_owned(),
        "None".to_owned(),
    ];
    match context.input.choose("Import which servers?", &items, 0)? {
        0 => {}
        1 => {
            for candidate in found.candidates.iter_mut().filter(|one| one.is_ready()) {
                let question = format!("Import {}?", candidate.name());
                if !context.input.confirm(&question, false)? {
                    candidate.state = State::Declined;
                }
            }
        }
        _ => return Err(nothing()),
    }
    if found.ready().count() == 0 {
        return Err(nothing());
    }
    Ok(())
}

fn import(
    found: &mut Found,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let values = context.equipment.values();
    let mut typed: Vec<(usize, Answers)> = Vec::new();
    let mut prepared: Vec<Prepared> = Vec::new();
    for candidate in found.candidates.iter_mut().filter(|one| one.is_ready()) {
        let at = match typed.iter().position(|(file, _)| *file == candidate.file) {
            Some(at) => at,
            None => {
                typed.push((candidate.file, Answers::new()));
                typed.len() - 1
            }
        };
        let inputs = &found.inputs[candidate.file];
        let asked = answers::complete(candidate, inputs, &mut typed[at].1, context);
        let outcome = match asked {
            Ok(()) => prepare(candidate, &typed[at].1, config, &values),
            Err(error) if error.is_signal() => {
                write::undo(&prepared, &values);
                return Err(error);
            }
            Err(error) => Err(error.message),
        };
        match outcome {
            Ok(Some(server)) => prepared.push(server),
            Ok(None) => candidate.state = State::AlreadyThere,
            Err(why) => candidate.state = State::Refused(why),
        }
    }
    report::late_refusals(found, context);
    if prepared.is_empty() {
        return Ok(());
    }
    write::write(&prepared, &values, context)?;
    let names: Vec<&str> = prepared.iter().map(|server| server.name.as_str()).collect();
    let path = shown_below(user_home().as_deref(), &config.path);
    Ok(context
        .output
        .sentence(&format!("✓ Imported {} to {path}", names.join(", ")))?)
}

/// The server, with its secrets in the keyring; `None` when config.yml has the same one.
fn prepare(
    candidate: &Candidate,
    answers: &Answers,
    config: &ConfigFile,
    values: &Values,
) -> Result<Option<Prepared>, String> {
    let Some(draft) = candidate.draft() else {
        return Ok(None);
    };
    let refused = |error| without_keyring(candidate, &error);
    // Before anything is stored: the secret of a server that is there is not that of the file.
    match write::existing(draft, answers, config).map_err(refused)? {
        Existing::None => write::prepare(draft, answers, values)
            .map(Some)
            .map_err(refused),
        Existing::Same => Ok(None),
        Existing::Different => Err(format!(
            "config.yml has another server of this name: amx mcp remove {}",
            draft.name
        )),
    }
}

/// Why a server with secrets was not imported, and how it can be written by hand.
fn without_keyring(candidate: &Candidate, error: &CommandError) -> String {
    let is_keyring = error.kind == ErrorKind::Credentials
        && error.message
            == SecretError::from(crate::secrets::keyring::KeyringError::Disabled).to_string();
    let settings = candidate.secret_settings();
    if !is_keyring || settings.is_empty() {
        return error.in_one_line();
    }
    format!(
        "{}; without one, write {}",
        error.in_one_line(),
        settings.join(", ")
    )
}
