//! MCP servers from the files of other programs, translated to those of amx. Nothing here reads a
//! file, asks a question or starts a program, but `env_file`, which reads what a server names.

mod codex;
mod entry;
mod env_file;
mod json_text;
mod placeholders;
mod programs;
mod toml_text;

pub(crate) use codex::block as codex_block;
pub(crate) use entry::{Imported, Outcome};
pub(crate) use programs::{IDS, SourceFile, known_files, source_of, with_id};

use std::path::Path;

use serde_json::{Map, Value};

/// A file of another program, read.
#[derive(Debug, Default)]
pub(crate) struct ImportedFile {
    pub servers: Vec<Imported>,
    pub inputs: Vec<ImportInput>,
}

/// What VS Code asks for when a server is started first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportInput {
    pub id: String,
    pub question: String,
    pub default: Option<String>,
    /// Empty where any text may be typed.
    pub options: Vec<String>,
    pub is_secret: bool,
    /// It is the output of a command of the editor.
    pub is_command: bool,
}

/// The servers of a file. `home` is the home directory.
///
/// # Errors
/// Why the file cannot be read, in words that follow its name.
pub(crate) fn read(
    source: &SourceFile,
    text: &str,
    home: Option<&Path>,
) -> Result<ImportedFile, String> {
    let root = if source.program.is_toml {
        toml_text::tables(text, "mcp_servers")?
    } else {
        json_text::parse(text)?
    };
    let sections = sections(&root, source);
    let context = placeholders::Folders {
        home,
        project: source.project.as_deref(),
    };
    let servers = sections
        .into_iter()
        .flatten()
        .map(|(name, value)| entry::read(name, value, source.program, &context))
        .collect();
    Ok(ImportedFile {
        servers,
        inputs: inputs(&root),
    })
}

/// The mappings of names to servers; those of Claude Code for the project too.
fn sections<'a>(root: &'a Value, source: &SourceFile) -> Vec<&'a Map<String, Value>> {
    let own = source
        .program
        .sections
        .iter()
        .filter_map(|section| root.get(section));
    let of_project = source.folder.as_ref().and_then(|folder| {
        root.get("projects")?
            .get(folder.to_str()?)?
            .get("mcpServers")
    });
    own.chain(of_project).filter_map(Value::as_object).collect()
}

fn inputs(root: &Value) -> Vec<ImportInput> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let items = root.get("inputs").and_then(Value::as_array);
    let input = |value: &Value| {
        let id = text(value, "id")?;
        let options = value.get("options").and_then(Value::as_array);
        let label = |option: &Value| match option {
            Value::String(label) => Some(label.clone()),
            other => text(other, "value").or_else(|| text(other, "label")),
        };
        Some(ImportInput {
            question: text(value, "description").unwrap_or_else(|| id.clone()),
            default: text(value, "default"),
            options: options.into_iter().flatten().filter_map(label).collect(),
            is_secret: value.get("password").and_then(Value::as_bool) == Some(true),
            is_command: value.get("type").and_then(Value::as_str) == Some("command"),
            id,
        })
    };
    items.into_iter().flatten().filter_map(input).collect()
}
