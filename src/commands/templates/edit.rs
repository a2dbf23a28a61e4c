//! `amx templates edit`: opens a template in the editor and validates it.

use crate::ask::template::ChosenTemplate;
use crate::commands::editor;
use crate::config::template::folder;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::plural;

pub(super) fn run(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal(
        "templates edit",
        &format!("edit the file that `amx templates path {name}` names"),
    )?;
    let path = folder::existing(&context.home()?, name)?;
    editor::open(&path, context)?;
    validate(name, context)
}

/// Reports that a template is valid; an error says what is not.
pub(super) fn validate(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let chosen = ChosenTemplate::find(name, &context.equipment)?;
    chosen.layer()?;
    Ok(context.output.sentence(&format!(
        "✓ {} is valid ({})",
        chosen.template.path.display(),
        plural(chosen.template.variables().len(), "variable")
    ))?)
}
