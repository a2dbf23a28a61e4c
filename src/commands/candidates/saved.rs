//! Candidates that are files of amx: templates, their variables, and schemas.

use std::path::Path;

use super::candidate::{Candidate, TypedWord};
use crate::config::Home;
use crate::config::template::{INPUT, STDIN, folder};

/// Templates with their descriptions.
pub(crate) fn templates(home: &Home) -> Vec<(String, String)> {
    let about = |name: &String| {
        folder::load(home, name)
            .ok()
            .and_then(|template| template.settings.description)
            .unwrap_or_default()
    };
    folder::names(home)
        .into_iter()
        .map(|name| (name.clone(), about(&name)))
        .collect()
}

/// `NAME=` for the variables of the template on the line, with their defaults.
pub(super) fn variables(word: &TypedWord<'_>, home: &Home) -> Vec<Candidate> {
    let template = word.flag(&["--template"]);
    let template = template.and_then(|name| folder::load(home, name).ok());
    let Some(template) = template.filter(|_| !word.text.contains('=')) else {
        return Vec::new();
    };
    template
        .variables()
        .iter()
        .filter(|variable| {
            variable.name.starts_with(word.text)
                && ![INPUT, STDIN].contains(&variable.name.as_str())
        })
        .map(|variable| {
            let default = variable.default.as_deref();
            let about = default.map_or("required".to_owned(), |text| format!("default: {text}"));
            Candidate::open(format!("{}=", variable.name), about)
        })
        .collect()
}

/// The names of the saved schemas.
pub(super) fn schemas(home: &Home) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(home.schemas()).into_iter().flatten();
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let name = Path::new(&name);
            let is_json = name
                .extension()
                .is_some_and(|extension| extension == "json");
            let stem = name.file_stem()?.to_str()?;
            (is_json && home.saved_schema(stem).is_some()).then(|| stem.to_owned())
        })
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| (name, "saved schema".to_owned()))
        .collect()
}
