//! Resolves `--schema`: a file, a saved schema, inline JSON, or the short form.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::body_options;
use crate::chat::schema::{Schema, read_short_form};
use crate::config::options::Origin;
use crate::config::{Home, SchemaChoice, Setting, Settings, ValueSource, home, yaml};
use crate::platform::commands::LIST_NAMES;
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files;
use crate::wire::redact::cut;

/// Maximum size of a schema, in bytes; providers accept far less.
const MAX_SCHEMA: u64 = 1024 * 1024;

/// Fields of the body that conflict with a schema.
const CONFLICTING: &[&str] = &["response_format", "tools", "tool_choice"];

/// The hint of an error, in the language of the place that `label` names.
fn example(label: &str) -> &'static str {
    if label == "/schema" {
        "/schema name, age int, bio: short biography"
    } else {
        "amx chat --schema 'name, age int, bio: short biography' …"
    }
}

/// The schema of the settings; `None` without one.
///
/// # Errors
/// [`ErrorKind::Input`] when it cannot be found, read or used; [`ErrorKind::Usage`] when it
/// conflicts with `-o`.
pub(crate) fn of(
    settings: &Settings,
    equipment: &Equipment,
) -> Result<Option<Schema>, CommandError> {
    let Some(choice) = settings
        .schema
        .as_ref()
        .filter(|choice| !choice.value.is_off())
    else {
        return Ok(None);
    };
    if let Some((field, is_typed)) = conflicting_field(settings) {
        return match &choice.source {
            ValueSource::Flag { option } if is_typed => Err(CommandError::usage(format!(
                "{option} cannot be combined with -o {field}"
            ))
            .hint(example(option))),
            // A schema that is named now overrides an option chosen earlier in the conversation.
            ValueSource::Flag { .. } | ValueSource::Template { .. } if !is_typed => {
                load(choice, equipment).map(Some)
            }
            // An option that was typed overrides a schema of the profile.
            _ => Ok(None),
        };
    }
    load(choice, equipment).map(Some)
}

/// The option that conflicts with a schema, and whether it was typed now.
fn conflicting_field(settings: &Settings) -> Option<(&'static str, bool)> {
    let chosen = CONFLICTING
        .iter()
        .filter(|field| settings.options.is_chosen(field));
    let is_typed = |field: &str| match settings.options.origin(field) {
        Some(Origin::Chosen(spelling)) => spelling != body_options::REMEMBERED,
        _ => true,
    };
    chosen
        .map(|field| (*field, is_typed(field)))
        .max_by_key(|(_, is_typed)| *is_typed)
}

/// Reads and validates a schema. Fetches nothing.
///
/// # Errors
/// [`ErrorKind::Input`] when it cannot be found, read or used.
pub(crate) fn load(
    choice: &Setting<SchemaChoice>,
    equipment: &Equipment,
) -> Result<Schema, CommandError> {
    let label = match &choice.source {
        ValueSource::Flag { option } => (*option).to_owned(),
        source => format!("schema of {source}"),
    };
    load_as(&label, choice, equipment)
}

/// The same; `label` names the schema in errors.
///
/// # Errors
/// As there.
pub(crate) fn load_as(
    label: &str,
    choice: &Setting<SchemaChoice>,
    equipment: &Equipment,
) -> Result<Schema, CommandError> {
    if choice.value.text.trim().is_empty() {
        return Err(CommandError::usage(format!("{label} is empty"))
            .hint("--schema off   (no schema)")
            .hint(example(label)));
    }
    let home = equipment.home().ok();
    // A path in config.yml is relative to config.yml.
    let base = home
        .as_ref()
        .map(Home::directory)
        .filter(|_| !matches!(choice.source, ValueSource::Flag { .. }));
    let found = find(choice.value.text.trim(), base, home.as_ref(), label)?;
    Schema::new(&found.name, found.value, choice.value.is_many).map_err(|fault| {
        let place = if fault.pointer.is_empty() {
            "the root".to_owned()
        } else {
            fault.pointer
        };
        let words = format!(
            "{label}: invalid schema in {}, at {place}: {}",
            found.place, fault.what
        );
        CommandError::new(ErrorKind::Input, words)
            .hint("see https://json-schema.org/learn")
            .hint(example(label))
    })
}

/// A schema before validation.
struct FoundSchema {
    name: String,
    /// Its name in errors: a path, or the form.
    place: String,
    value: Value,
}

fn find(
    text: &str,
    base: Option<&Path>,
    home: Option<&Home>,
    label: &str,
) -> Result<FoundSchema, CommandError> {
    let path = path_of(text, base);
    if path.as_ref().is_some_and(|path| path.exists())
        || text.ends_with(paths::separators(System::CURRENT))
    {
        return read(&path.unwrap_or_default(), label);
    }
    if let Some(saved) = home
        .and_then(|home| home.saved_schema(text))
        .filter(|saved| saved.exists())
    {
        return read(&saved, label);
    }
    if text.starts_with(['{', '[']) {
        let value = parse_json(text, label, "the value")?;
        return Ok(FoundSchema {
            name: title(&value),
            place: "the JSON".to_owned(),
            value,
        });
    }
    // A single word is a mistyped name rather than a schema with one field.
    if !text.contains([' ', ',', ':', '\n', '[']) {
        let shown = cut(text, 80);
        let words = format!(
            "{label}: no file or saved schema named '{}'",
            shown.escape_debug()
        );
        let error = CommandError::new(ErrorKind::Input, words);
        return Err(match home {
            Some(home) => error
                .hint(LIST_NAMES.with([&files::quoted(&home.schemas())]))
                .hint(example(label)),
            None => error.hint(example(label)),
        });
    }
    let value = read_short_form(text).map_err(|why| {
        let words = format!(
            "{label}: no such file or saved schema, not JSON, and invalid short form: {why}"
        );
        CommandError::new(ErrorKind::Input, words).hint(example(label))
    })?;
    Ok(FoundSchema {
        name: String::new(),
        place: "the short form".to_owned(),
        value,
    })
}

/// A text as a path; `None` where it cannot be one.
fn path_of(text: &str, base: Option<&Path>) -> Option<PathBuf> {
    if text.is_empty() || text.contains(['\n', '\0']) {
        return None;
    }
    let path = home::expanded(text);
    Some(base.map_or_else(|| path.clone(), |base| base.join(&path)))
}

fn read(path: &Path, label: &str) -> Result<FoundSchema, CommandError> {
    let bytes = files::read_bounded(path, MAX_SCHEMA, "cannot be read as a schema")?;
    let place = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(
            ErrorKind::Input,
            format!("{label}: {place} is not UTF-8 text (byte {at})"),
        )
        .hint(example(label))
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let kind = path
        .extension()
        .map(|kind| kind.to_string_lossy().to_ascii_lowercase());
    let value = match kind.as_deref() {
        Some("yml" | "yaml") => parse_yaml(text, label, &place)?,
        Some("json") => parse_json(text, label, &place)?,
        _ if text.trim_start().starts_with(['{', '[']) => parse_json(text, label, &place)?,
        _ => read_short_form(text).map_err(|why| {
            CommandError::new(
                ErrorKind::Input,
                format!("{label}: invalid short form in {place}: {why}"),
            )
            .hint(example(label))
        })?,
    };
    let name = path
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(FoundSchema { name, place, value })
}

fn parse_json(text: &str, label: &str, place: &str) -> Result<Value, CommandError> {
    serde_json::from_str(text).map_err(|error| {
        CommandError::new(
            ErrorKind::Input,
            format!("{label}: {place} is not JSON: {error}"),
        )
        .hint(example(label))
    })
}

fn parse_yaml(text: &str, label: &str, place: &str) -> Result<Value, CommandError> {
    yaml::parse(text).map_err(|error| {
        CommandError::new(
            ErrorKind::Input,
            format!("{label}: {place} is not YAML: {error}"),
        )
        .hint(example(label))
    })
}

/// The title of a schema, else an empty text.
fn title(schema: &Value) -> String {
    schema["title"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, folder: &Path) -> Result<FoundSchema, CommandError> {
        find(text, Some(folder), Some(&Home::at(folder)), "--schema")
    }

    #[test]
    fn a_file_overrides_a_saved_schema_which_overrides_the_short_form() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("schemas")).unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("schemas/person.json", r#"{"title":"saved"}"#);
        write(
            "list.yaml",
            "type: object\nproperties: {a: {type: string}}\n",
        );
        write("short.txt", "name\nage int\n");
        assert_eq!(
            found("person", folder.path()).unwrap().value["title"],
            "saved"
        );
        write("person", r#"{"title":"file"}"#);
        assert_eq!(
            found("person", folder.path()).unwrap().value["title"],
            "file"
        );
        assert_eq!(
            found("list.yaml", folder.path()).unwrap().value["properties"]["a"]["type"],
            "string"
        );
        assert_eq!(
            found("short.txt", folder.path()).unwrap().value["properties"]["age"]["type"],
            "integer"
        );
        assert_eq!(
            found("name, age", folder.path()).unwrap().value["required"][1],
            "age"
        );
        let inline = found(r#"{"title":"My thing"}"#, folder.path()).unwrap();
        assert_eq!(inline.name, "My thing");
    }

    #[test]
    fn unusable_schemas_are_errors_of_the_input() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("schemas")).unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("bad.json", "{\"a\": }");
        for bad in [
            "bad.json",
            "nobody",
            "no/such.json",
            "schemas",
            "{]",
            "age years",
            "../schemas",
            "-",
            "a/",
        ] {
            assert_eq!(
                found(bad, folder.path()).map(|_| ()).unwrap_err().kind,
                ErrorKind::Input,
                "{bad}"
            );
        }
        // Aliases that would expand to more than fits into memory.
        let rows = ('b'..='z').zip('a'..).map(|(name, before)| {
            let aliases = [format!("*{before}").as_str(); 6].join(", ");
            format!("{name}: &{name} [{aliases}]\n")
        });
        write(
            "bomb.yaml",
            &format!("a: &a [x]\n{}", rows.collect::<String>()),
        );
        assert_eq!(
            found("bomb.yaml", folder.path())
                .map(|_| ())
                .unwrap_err()
                .kind,
            ErrorKind::Input
        );
        let error = found("bad.json", folder.path()).map(|_| ()).unwrap_err();
        assert!(
            error.message.contains("line 1 column 7"),
            "{}",
            error.message
        );
    }
}
