//! Variables and other placeholders in the texts of other programs, as amx writes them.

use std::path::Path;

use super::programs::Variables;
use crate::config::mcp_draft::{DraftText, Part};
use crate::secrets::reference::is_variable_name;

/// What placeholders of folders stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folders<'a> {
    pub home: Option<&'a Path>,
    /// Of the file's project; a file of a user has none.
    pub project: Option<&'a Path>,
}

/// A text of a program in the form of config.yml.
///
/// # Errors
/// Which placeholder has no meaning here, in words that follow the name of the setting.
pub(super) fn translated(
    text: &str,
    variables: Variables,
    folders: &Folders<'_>,
) -> Result<DraftText, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(after) = rest.strip_prefix("${") else {
            rest = &rest[1..];
            let length = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            let name = &rest[..length];
            if variables == Variables::Dollar && is_variable_name(name) {
                plain.push_str(&format!("${{{name}}}"));
                rest = &rest[length..];
            } else {
                plain.push('$');
            }
            continue;
        };
        if variables == Variables::None {
            plain.push_str("$${");
            rest = after;
            continue;
        }
        let (inside, behind) = after
            .split_once('}')
            .ok_or_else(|| "has a '${' without '}'".to_owned())?;
        match placeholder(inside, folders)? {
            Part::Text(text) => plain.push_str(&text),
            input @ Part::Input(_) => {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(input);
            }
        }
        rest = behind;
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts.retain(|part| *part != Part::Text(String::new()) || text.is_empty());
    Ok(DraftText(parts))
}

/// What stands between the braces.
fn placeholder(inside: &str, folders: &Folders<'_>) -> Result<Part, String> {
    let folder = |path: Option<&Path>, name: &str| {
        let text = path.and_then(Path::to_str);
        text.map(|text| Part::Text(text.replace("${", "$${")))
            .ok_or_else(|| format!("has ${{{name}}}, which a file outside a project cannot have"))
    };
    if let Some(id) = inside.strip_prefix("input:") {
        return Ok(Part::Input(id.to_owned()));
    }
    match inside {
        "userHome" => return folder(folders.home, inside),
        "workspaceFolder" | "workspaceRoot" => return folder(folders.project, inside),
        "workspaceFolderBasename" => {
            let name = folders.project.and_then(Path::file_name).map(Path::new);
            return folder(name, inside);
        }
        "/" | "pathSeparator" => return Ok(Part::Text(std::path::MAIN_SEPARATOR.to_string())),
        _ => {}
    }
    let inside = inside.strip_prefix("env:").unwrap_or(inside);
    let name = inside.split(":-").next().unwrap_or_default();
    if is_variable_name(name) {
        Ok(Part::Text(format!("${{{inside}}}")))
    } else {
        Err(format!("has ${{{inside}}}, which amx does not support"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated_to(text: &str, variables: Variables) -> Result<String, String> {
        let folders = Folders {
            home: Some(Path::new("/home/ada")),
            project: Some(Path::new("/home/me/web")),
        };
        let DraftText(parts) = translated(text, variables, &folders)?;
        let shown = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Input(id) => format!("<{id}>"),
        };
        Ok(parts.iter().map(shown).collect())
    }

    #[test]
    fn each_program_has_its_own_form_of_variables() {
        for (text, variables, expected) in [
            ("${A:-b}/$A", Variables::Braces, "${A:-b}/$A"),
            ("${env:A}-${A}", Variables::Prefixed, "${A}-${A}"),
            ("${userHome}/x", Variables::Prefixed, "/home/ada/x"),
            (
                "${workspaceFolder}${/}y",
                Variables::Prefixed,
                "/home/me/web/y",
            ),
            (
                "Bearer ${input:token}!",
                Variables::Prefixed,
                "Bearer <token>!",
            ),
            ("$A/${B} $5", Variables::Dollar, "${A}/${B} $5"),
            ("$A ${B}", Variables::None, "$A $${B}"),
            ("", Variables::Braces, ""),
        ] {
            assert_eq!(translated_to(text, variables).unwrap(), expected, "{text}");
        }
        assert_eq!(
            translated_to("${command:x}", Variables::Prefixed).unwrap_err(),
            "has ${command:x}, which amx does not support"
        );
    }
}
