//! `amx logs kinds`: every kind of destination with its fields. Nothing is requested.

use serde_json::{Value, json};

use super::args::KindsArgs;
use crate::account::destinations::kinds::{DestinationKind, Field, FieldForm, KINDS, Need};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::{Line, Page, Role};

/// Columns of the name of a field.
const NAME_WIDTH: usize = 16;

pub(super) fn run(args: &KindsArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let is_asked =
        |kind: &&DestinationKind| args.kind.as_deref().is_none_or(|name| name == kind.name);
    let kinds: Vec<&DestinationKind> = KINDS.iter().filter(is_asked).collect();
    if args.json {
        let rows: Value = kinds.iter().map(|kind| to_json(kind)).collect();
        return Ok(context.output.json(&rows)?);
    }
    let mut page = Page::default();
    for kind in kinds {
        page.gap();
        page.line(Line::of(Role::Strong, kind.name).with(Role::Dim, format!("  {}", kind.title)));
        if kind.is_open() {
            page.line(Line::plain("  any field: OpenRouter does not publish them").hanging(2));
        }
        page.lines(kind.all_fields().map(line));
    }
    Ok(context.output.page(&page)?)
}

fn line(field: &Field) -> Line {
    Line::plain(format!("  {:<NAME_WIDTH$}  {}", field.name, about(field))).hanging(NAME_WIDTH + 4)
}

/// What a field is, in a few words.
pub(super) fn about(field: &Field) -> String {
    let form = match field.form {
        FieldForm::Text => "text".to_owned(),
        FieldForm::Secret => "secret".to_owned(),
        FieldForm::Url => "URL".to_owned(),
        FieldForm::Word(words) => words.join(" or "),
        FieldForm::Headers => "secret; a JSON object, or headers.NAME=VALUE".to_owned(),
    };
    match field.need {
        Need::Required => form,
        Need::Optional => format!("{form} (optional)"),
        Need::Default(default) => format!("{form} (default {default})"),
    }
}

fn to_json(kind: &DestinationKind) -> Value {
    let fields = kind.all_fields().map(|field| {
        let default = match field.need {
            Need::Default(default) => Some(default),
            _ => None,
        };
        json!({
            "name": field.name,
            "secret": field.is_secret(),
            "required": field.need == Need::Required,
            "default": default,
        })
    });
    json!({
        "type": kind.name,
        "title": kind.title,
        "open": kind.is_open(),
        "fields": fields.collect::<Value>(),
    })
}
