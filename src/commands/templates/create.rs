//! `amx templates new`: creates a template, in the editor or from stdin.

use std::path::Path;
use std::time::Duration;

use super::args::NewArgs;
use super::edit::validate;
use crate::commands::editor;
use crate::config::Home;
use crate::config::template::{Template, folder};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::StdinKind;
use crate::wire::files::read_text;

/// How long to wait for data on stdin.
const STDIN_TIMEOUT: Duration = Duration::from_secs(30);

/// The text of a new template.
const SKELETON: &str = "\
---
# Every setting is optional. amx templates list shows the description.
description:
# profile: work
# model: anthropic/claude-sonnet-5
# system: You review {{lang}} code.
# temperature: 0.2
# max_tokens: 4096
# reasoning_effort: low
# files: [style.md]
# options: {provider: {sort: price}}
# vars: {lang: rust}
---
{{input}}
";

pub(super) fn run(args: &NewArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (home, name) = (context.home()?, args.name.as_str());
    let path = folder::path_of(&home, name).map_err(|error| {
        CommandError::usage(CommandError::from(error).message).hint("amx templates new review")
    })?;
    if path.symlink_metadata().is_ok() {
        return Err(
            CommandError::usage(format!("template '{name}' already exists"))
                .hint(format!("amx templates edit {name}")),
        );
    }
    let is_piped = context.input.stdin_kind() == StdinKind::Piped;
    if is_piped {
        let text = piped(context)?;
        return write(name, &path, &text, context);
    }
    if args.no_edit {
        return write(name, &path, SKELETON, context);
    }
    context.require_terminal(
        "templates new",
        &format!("echo 'Explain {{{{input}}}}' | amx templates new {name}"),
    )?;
    compose(name, &home, context)
}

/// Writes a text that is a valid template; nothing is written otherwise.
fn write(
    name: &str,
    path: &Path,
    text: &str,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    Template::parse(name, path, text).map_err(|error| {
        CommandError {
            kind: ErrorKind::Input,
            hints: Vec::new(),
            ..CommandError::from(error)
        }
        .hint("correct the text, then run the command again")
    })?;
    folder::create(&context.home()?, name, text)?;
    let created = format!("✓ Created template '{name}'");
    context.output.sentence(&created)?;
    validate(name, context)
}

/// Opens a new template in the editor; one that was not changed is removed again.
fn compose(name: &str, home: &Home, context: &mut Context<'_>) -> Result<(), CommandError> {
    let path = folder::create(home, name, SKELETON)?;
    let edited = editor::open(&path, context);
    let is_untouched = read_text(&path, SKELETON.len() as u64).is_ok_and(|text| text == SKELETON);
    if is_untouched {
        // Left behind, it would be listed as a template.
        let _ = std::fs::remove_file(&path);
    }
    edited?;
    if is_untouched {
        return Err(CommandError::new(
            ErrorKind::No,
            "the template was not changed; nothing was saved",
        )
        .hint(format!("amx templates new {name} --no-edit")));
    }
    validate(name, context)
}

fn piped(context: &mut Context<'_>) -> Result<String, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.say("note: waiting for data on stdin");
    })?;
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0') && !text.trim().is_empty());
    text.ok_or_else(|| {
        CommandError::new(ErrorKind::Input, "no text on stdin")
            .hint("echo 'Explain {{input}}' | amx templates new NAME")
    })
}
