//! The fields of a destination, as `--set` or a prompt gives them. A secret comes from a prompt, a
//! file, stdin, the environment or a program, never from the command line itself.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::account::destinations::kinds::{self, DestinationKind, Field, FieldForm};
use crate::catalog::nearest::closest;
use crate::config::home::expanded;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::value::{ValueForm, ValueOwner, is_reference};
use crate::wire::api_key::remember;
use crate::wire::client::Url;
use crate::wire::files;

/// Largest value, in bytes.
const LARGEST_VALUE: u64 = 256 * 1024;

/// How long to wait for a value on stdin.
const STDIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Between `headers` and the name of a header.
const HEADER_FIELD: &str = "headers";

/// The fields of `--set`, as the API has them.
///
/// # Errors
/// A field is unknown, a secret is on the command line, or a value cannot be read.
pub(super) fn given(
    kind: Option<&DestinationKind>,
    texts: &[String],
    context: &mut Context<'_>,
) -> Result<Map<String, Value>, CommandError> {
    refuse_second_stdin(texts)?;
    let mut config = Map::new();
    for text in texts {
        let (name, written) = match text.split_once('=') {
            Some((name, written)) => (name, Some(written)),
            None => (text.as_str(), None),
        };
        let place = Place::find(kind, name)?;
        let value = match written {
            Some(written) => place.read(written, context)?,
            None => ask(name, place.is_secret, None, context)?,
        };
        place.put(&value, &mut config)?;
    }
    Ok(config)
}

/// Prompts for a field without a value; `default` is what OpenRouter would use.
///
/// # Errors
/// There is no terminal.
pub(super) fn ask(
    name: &str,
    is_secret: bool,
    default: Option<&str>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let flags = format!("--set {name}=@FILE, --set '{name}=${{VARIABLE}}'");
    context.require_terminal("a field without a value", &flags)?;
    let check = |text: &str| {
        if text.trim().is_empty() {
            Err("type a value, or press Ctrl-C".to_owned())
        } else {
            Ok(())
        }
    };
    if !is_secret {
        return Ok(context.input.text(name, default, &check)?);
    }
    Ok(context.input.secret(name, false, &check)?)
}

/// Adds a prompted value.
///
/// # Errors
/// It does not have the form of its field.
pub(super) fn put(
    field: &'static Field,
    value: &str,
    config: &mut Map<String, Value>,
) -> Result<(), CommandError> {
    Place::of(field).put(value, config)
}

fn refuse_second_stdin(texts: &[String]) -> Result<(), CommandError> {
    if texts.iter().filter(|text| text.ends_with("=@-")).count() < 2 {
        return Ok(());
    }
    Err(CommandError::usage("only one field can be read from stdin").hint("--set FIELD=@FILE"))
}

/// Where a value belongs.
struct Place<'a> {
    name: &'a str,
    form: FieldForm,
    is_secret: bool,
    /// The name of one header.
    header: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(field: &'static Field) -> Self {
        Self {
            name: field.name,
            form: field.form,
            is_secret: field.is_secret(),
            header: None,
        }
    }

    fn find(kind: Option<&DestinationKind>, written: &'a str) -> Result<Self, CommandError> {
        let (name, header) = match written.split_once('.') {
            Some((HEADER_FIELD, header)) if !header.is_empty() => (HEADER_FIELD, Some(header)),
            _ => (written, None),
        };
        let kind = kind.filter(|kind| !kind.is_open());
        if name.is_empty() {
            return Err(CommandError::usage("a field has the form FIELD=VALUE")
                .hint("amx logs kinds   (the fields of each kind)"));
        }
        if let Some(field) = kind.and_then(|kind| kind.field(name)) {
            return Ok(Self {
                header,
                ..Self::of(field)
            });
        }
        if let Some(kind) = kind {
            return Err(unknown(kind, name));
        }
        Ok(Self {
            name,
            form: if name == HEADER_FIELD {
                FieldForm::Headers
            } else {
                FieldForm::Text
            },
            is_secret: kinds::names_a_secret(name),
            header,
        })
    }

    /// The value that a text of the command line stands for.
    fn read(&self, written: &str, context: &mut Context<'_>) -> Result<String, CommandError> {
        if let Some(path) = written.strip_prefix('@') {
            let text = if path == "-" {
                stdin(context)?
            } else {
                file(path)?
            };
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            return Ok(text);
        }
        if !is_reference(written) {
            return if self.is_secret {
                remember(written);
                Err(self.on_the_command_line())
            } else {
                Ok(written.to_owned())
            };
        }
        let owner = ValueOwner::new("logs", self.name, None);
        let place = format!("--set {}", self.name);
        let values = context.equipment.values();
        Ok(values.resolve(written, ValueForm::Value, &place, &owner)?)
    }

    /// Registers a secret for redaction. Of an object of headers only the values are secrets; the
    /// whole would be found in the JSON that is printed.
    fn remember(&self, text: &str) {
        let is_object = self.form == FieldForm::Headers && self.header.is_none();
        if self.is_secret && !is_object {
            remember(text);
        }
    }

    fn on_the_command_line(&self) -> CommandError {
        let name = match self.header {
            Some(header) => format!("{HEADER_FIELD}.{header}"),
            None => self.name.to_owned(),
        };
        CommandError::usage(format!(
            "{name} is a secret: on the command line, other users and the shell's history would \
            see it"
        ))
        .hint(format!("--set {name}   (prompts for it)"))
        .hint(format!("--set {name}=@FILE, or {name}=@- for stdin"))
        .hint(format!("--set '{name}=${{VARIABLE}}'"))
    }

    /// Checks a value and adds it.
    fn put(&self, text: &str, config: &mut Map<String, Value>) -> Result<(), CommandError> {
        if text.trim().is_empty() {
            return Err(self.wrong("is empty"));
        }
        self.remember(text);
        if self.name == HEADER_FIELD {
            return self.put_headers(text, config);
        }
        match self.form {
            FieldForm::Url if !is_web_url(text) => {
                return Err(self.wrong("must be a URL, https://…"));
            }
            FieldForm::Word(words) if !words.contains(&text) => {
                return Err(self.wrong(&format!("must be {}", words.join(" or "))));
            }
            _ => {}
        }
        config.insert(self.name.to_owned(), Value::String(text.to_owned()));
        Ok(())
    }

    fn put_headers(&self, text: &str, config: &mut Map<String, Value>) -> Result<(), CommandError> {
        let added: Map<String, Value> = match self.header {
            Some(name) => Map::from_iter([(name.to_owned(), Value::String(text.to_owned()))]),
            None => serde_json::from_str(text)
                .ok()
                .filter(|map: &Map<String, Value>| map.values().all(Value::is_string))
                .ok_or_else(|| self.wrong("must be a JSON object of texts"))?,
        };
        added.values().filter_map(Value::as_str).for_each(remember);
        let headers = config
            .entry(HEADER_FIELD)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(headers) = headers.as_object_mut() {
            headers.extend(added);
        }
        Ok(())
    }

    /// The error of a value, which is not repeated: it may be a secret.
    fn wrong(&self, why: &str) -> CommandError {
        CommandError::usage(format!("{} {why}", self.name.escape_debug()))
            .hint("amx logs kinds   (the fields of each kind)")
    }
}

fn unknown(kind: &DestinationKind, name: &str) -> CommandError {
    let names: Vec<&str> = kind.all_fields().map(|field| field.name).collect();
    let error = CommandError::usage(format!(
        "a {} destination has no field '{}'",
        kind.name,
        name.escape_debug()
    ));
    match closest(name, names.iter().copied()) {
        Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
        None => error.hint(format!("its fields: {}", names.join(", "))),
    }
}

fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

fn file(path: &str) -> Result<String, CommandError> {
    let path = expanded(path);
    files::read_text(Path::new(&path), LARGEST_VALUE).map_err(|error| {
        let message = format!("cannot read {}", path.display());
        CommandError::new(ErrorKind::Input, message)
            .caused_by(std::io::Error::from(error))
            .hint("--set FIELD=@FILE")
    })
}

fn stdin(context: &mut Context<'_>) -> Result<String, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.note("waiting for a value on stdin");
    })?;
    String::from_utf8(bytes).map_err(|_| {
        CommandError::new(ErrorKind::Input, "the value on stdin is not valid UTF-8")
            .hint("--set FIELD=@FILE")
    })
}
