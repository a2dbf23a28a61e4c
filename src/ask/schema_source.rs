//! Finds the schema that somebody names: a file, a saved one, JSON as it stands, or the short form.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::body_options;
use crate::chat::schema::{Schema, read_short_form};
use crate::config::options::Origin;
use crate::config::{Home, SchemaChoice, Setting, Settings, ValueSource, home, yaml};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files;

/// Largest schema, in bytes; providers take far less.
const LARGEST_SCHEMA: u64 = 1024 * 1024;

/// Fields of the body that decide the form of the answer themselves.
const DECIDING: &[&str] = &["response_format", "tools", "tool_choice"];

/// What an error shows instead of a hint of its own.
const EXAMPLE: &str = "amx chat --schema 'name, age int, bio: what they did' …";

/// The schema that holds, if one does.
///
/// # Errors
/// [`ErrorKind::Input`] when it cannot be found, read or used.
pub fn of(settings: &Settings, equipment: &Equipment) -> Result<Option<Schema>, CommandError> {
    let Some(choice) = settings
        .schema
        .as_ref()
        .filter(|choice| !choice.value.is_off())
    else {
        return Ok(None);
    };
    if let Some((field, is_typed)) = decided_elsewhere(settings) {
        return match &choice.source {
            ValueSource::Flag { option } if is_typed => Err(CommandError::usage(format!(
                "{option} and -o {field} both decide the form of the answer"
            ))
            .hint(EXAMPLE)),
            // What is named now beats what was chosen earlier in the conversation.
            ValueSource::Flag { .. } | ValueSource::Template { .. } if !is_typed => {
                load(choice, equipment).map(Some)
            }
            // What was typed beats what stands in the profile.
            _ => Ok(None),
        };
    }
    load(choice, equipment).map(Some)
}

/// The field of the body that decides the form of the answer, and whether it was typed now.
fn decided_elsewhere(settings: &Settings) -> Option<(&'static str, bool)> {
    let chosen = DECIDING
        .iter()
        .filter(|field| settings.options.is_chosen(field));
    let is_typed = |field: &str| !matches!(settings.options.origin(field), Some(Origin::Chosen(how)) if how == body_options::REMEMBERED);
    chosen
        .map(|field| (*field, is_typed(field)))
        .max_by_key(|(_, is_typed)| *is_typed)
}

/// Finds and checks a schema. Nothing is fetched.
pub fn load(choice: &Setting<SchemaChoice>, equipment: &Equipment) -> Result<Schema, CommandError> {
    let label = match &choice.source {
        ValueSource::Flag { option } => (*option).to_owned(),
        source => format!("schema of {source}"),
    };
    if choice.value.text.trim().is_empty() {
        return Err(CommandError::usage(format!("{label} is empty"))
            .hint("--schema off   (asks for no form)")
            .hint(EXAMPLE));
    }
    let home = equipment.home().ok();
    // A path in config.yml is one beside config.yml, wherever the program runs.
    let base = home
        .as_ref()
        .map(Home::directory)
        .filter(|_| !matches!(choice.source, ValueSource::Flag { .. }));
    let found = find(choice.value.text.trim(), base, home.as_ref(), &label)?;
    Schema::new(&found.name, found.value, choice.value.is_many).map_err(|fault| {
        let place = if fault.pointer.is_empty() {
            "its root".to_owned()
        } else {
            fault.pointer
        };
        let words = format!(
            "{label}: {} cannot be used, at {place}: {}",
            found.place, fault.what
        );
        CommandError::new(ErrorKind::Input, words)
            .hint("the forms of a schema: https://json-schema.org/learn")
            .hint(EXAMPLE)
    })
}

/// A schema as it was found.
struct FoundSchema {
    name: String,
    /// What it is called in errors.
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
    if path.as_ref().is_some_and(|path| path.exists()) || text.ends_with('/') {
        return read(&path.unwrap_or_default(), label);
    }
    if let Some(saved) = home
        .and_then(|home| home.saved_schema(text))
        .filter(|saved| saved.exists())
    {
        return read(&saved, label);
    }
    if text.starts_with(['{', '[']) {
        let value = parse_json(text, label, "the JSON")?;
        return Ok(FoundSchema {
            name: titled(&value),
            place: "the JSON".to_owned(),
            value,
        });
    }
    // One word alone is a name that was mistyped rather than a schema of one field.
    if !text.contains([' ', ',', ':', '\n', '[']) {
        let shown: String = text.chars().take(80).collect();
        let words = format!(
            "{label}: there is no file '{}', and no saved schema of that name",
            shown.escape_debug()
        );
        let error = CommandError::new(ErrorKind::Input, words);
        return Err(match home {
            Some(home) => error
                .hint(format!("ls {}", files::quoted(&home.schemas())))
                .hint(EXAMPLE),
            None => error.hint(EXAMPLE),
        });
    }
    let value = read_short_form(text).map_err(|why| {
        let words =
            format!("{label} is no file, no saved schema and no JSON, and in the short form {why}");
        CommandError::new(ErrorKind::Input, words).hint(EXAMPLE)
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
    let path = match (text.strip_prefix("~/"), home::user_home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    Some(base.map_or_else(|| path.clone(), |base| base.join(&path)))
}

fn read(path: &Path, label: &str) -> Result<FoundSchema, CommandError> {
    let bytes = files::read_bounded(path, LARGEST_SCHEMA, "cannot be read as a schema")?;
    let place = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(
            ErrorKind::Input,
            format!("{label}: {place} is not UTF-8 text (byte {at})"),
        )
        .hint(EXAMPLE)
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
                format!("{label}: in the short form of {place} {why}"),
            )
            .hint(EXAMPLE)
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
        .hint(EXAMPLE)
    })
}

fn parse_yaml(text: &str, label: &str, place: &str) -> Result<Value, CommandError> {
    yaml::parse(text).map_err(|error| {
        CommandError::new(
            ErrorKind::Input,
            format!("{label}: {place} is not YAML: {error}"),
        )
        .hint(EXAMPLE)
    })
}

/// What a schema calls itself.
fn titled(schema: &Value) -> String {
    schema["title"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, folder: &Path) -> Result<FoundSchema, CommandError> {
        find(text, Some(folder), Some(&Home::at(folder)), "--schema")
    }

    #[test]
    fn a_file_beats_a_saved_schema_and_that_the_short_form() {
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
        write("bad.json", "{\"a\": }");
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
        // References inside the file that would unfold to more than memory holds.
        let rows = ('b'..='z').zip('a'..).map(|(name, before)| format!("{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"));
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
