//! What is wrong, or probably wrong, with the command of a tool and what goes into it.

use std::collections::BTreeSet;

use super::command_pieces::{Piece, pieces};
use super::command_tool::{CommandTool, shell_variable};
use super::fields::{FieldFault, Fields, fault};
use crate::secrets::value::{self, ValueForm};
use crate::wire::control_characters::visible_name;

/// The name of the section.
pub(super) const SECTION: &str = "tools";

/// Shells whose argument after `-c` is a program, in which a value would be code.
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "fish"];

/// Something in a tool that is probably a mistake.
pub(super) struct ToolWarning {
    pub path: Vec<String>,
    pub what: String,
}

/// Checks names of variables, and the values in a command.
pub(super) fn check(tool: &CommandTool, fields: &Fields<'_>) -> Result<(), FieldFault> {
    check_variables(tool, fields)?;
    if tool.is_shell {
        check_line(tool, fields)
    } else {
        check_elements(tool, fields)
    }
}

/// Checks names and values in `env`.
fn check_variables(tool: &CommandTool, fields: &Fields<'_>) -> Result<(), FieldFault> {
    for (name, value) in &tool.env {
        let mut path = fields.path_of("env");
        path.push(name.clone());
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(fault(path, "is not the name of a variable").about_key());
        }
        if name.starts_with("AMX_ARG_") {
            return Err(fault(path, "is set by amx: it holds a parameter").about_key());
        }
        if let Some(what) = value::fault(value, ValueForm::Value, &tool.owner()) {
            return Err(fault(path, what));
        }
    }
    Ok(())
}

/// Checks the elements of a command that is run without a shell.
fn check_elements(tool: &CommandTool, fields: &Fields<'_>) -> Result<(), FieldFault> {
    let names: BTreeSet<&str> = tool.parameter_names().collect();
    for (index, element) in tool.command.iter().enumerate() {
        let pieces = pieces(element).map_err(|what| fields.fault("command", what))?;
        for piece in pieces {
            let Piece::Value(name) = piece else { continue };
            if index == 0 {
                let what = "must start with a program; a parameter cannot choose it";
                return Err(fields.fault("command", what));
            }
            if !names.contains(name.as_str()) {
                let what = format!("has {{{name}}}, which is not among parameters");
                return Err(fields.fault("command", what));
            }
        }
    }
    Ok(())
}

/// Checks the line of a shell, in which values are variables.
fn check_line(tool: &CommandTool, fields: &Fields<'_>) -> Result<(), FieldFault> {
    let line = tool.command.first().map_or("", String::as_str);
    let mut variables = BTreeSet::new();
    for name in tool.parameter_names() {
        let variable = shell_variable(name);
        let braces = format!("{{{name}}}");
        let is_in_braces = line
            .match_indices(&braces)
            .any(|(at, _)| !line[..at].ends_with('$'));
        if is_in_braces {
            let what = format!("has {braces}; a shell has the value as \"${variable}\"");
            return Err(fields.fault("command", what));
        }
        if !variables.insert(variable.clone()) {
            let what = format!("has two parameters with the variable {variable}");
            return Err(fields.fault("parameters", what));
        }
    }
    Ok(())
}

/// What is probably wrong with a valid tool.
pub(super) fn doubts(tool: &CommandTool) -> Vec<ToolWarning> {
    let path = |key: &str| vec![SECTION.to_owned(), tool.name.clone(), key.to_owned()];
    let elements: Vec<Vec<Piece>> = tool.command.iter().flat_map(|text| pieces(text)).collect();
    let is_used = |name: &str| {
        let in_line = tool.is_shell && tool.command[0].contains(&shell_variable(name));
        let is_value = |piece: &Piece| matches!(piece, Piece::Value(value) if value == name);
        tool.reads_json || in_line || elements.iter().flatten().any(is_value)
    };
    let unused = tool.parameter_names().filter(|name| !is_used(name));
    let mut warnings: Vec<ToolWarning> = unused
        .map(|name| ToolWarning {
            path: path("parameters"),
            what: format!("'{}' is not used in the command", visible_name(name)),
        })
        .collect();
    let program = tool.command[0].rsplit(['/', '\\']).next().unwrap_or("");
    let script = tool.command.iter().position(|element| element == "-c");
    let script = script.and_then(|at| elements.get(at + 1));
    let has_value = |pieces: &Vec<Piece>| pieces.iter().any(|p| matches!(p, Piece::Value(_)));
    if !tool.is_shell && SHELLS.contains(&program) && script.is_some_and(has_value) {
        warnings.push(ToolWarning {
            path: path("command"),
            what: "the model can write shell code here: a value becomes part of the script; use \
                   shell: true and \"$AMX_ARG_NAME\""
                .to_owned(),
        });
    }
    warnings
}
