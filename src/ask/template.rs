//! `--template NAME --var name=value`: a question from a file, its variables filled in, with the
//! settings that it brings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::body_options;
use crate::catalog::nearest::closest;
use crate::config::template::{INPUT, STDIN, Template, Variable, folder};
use crate::config::{Overrides, SchemaChoice, TemplateLayer};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// A template with the values that are given for it.
pub struct ChosenTemplate {
    pub template: Template,
    values: BTreeMap<String, String>,
}

impl ChosenTemplate {
    pub fn find(name: &str, equipment: &Equipment) -> Result<Self, CommandError> {
        let template = folder::load(&equipment.home()?, name)?;
        let defaults = template
            .variables()
            .iter()
            .filter_map(|known| Some((known.name.clone(), known.default.clone()?)));
        Ok(Self {
            values: defaults.collect(),
            template,
        })
    }

    /// Gives a variable its value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        if [INPUT, STDIN].contains(&name) {
            let error = CommandError::usage(format!(
                "{{{{{name}}}}} is no variable to be given: {}",
                filled_by(name)
            ));
            return Err(error.hint(format!("amx templates show {}", self.template.name)));
        }
        if self.template.variable(name).is_none() {
            return Err(self.no_variable(name));
        }
        self.values.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Fills a variable, whatever it is called.
    pub fn answer(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    fn no_variable(&self, name: &str) -> CommandError {
        let known = || {
            self.template
                .variables()
                .iter()
                .map(|known| known.name.as_str())
                .filter(|known| ![INPUT, STDIN].contains(known))
        };
        let error = CommandError::usage(format!(
            "template '{}' has no variable '{}'",
            self.template.name,
            name.escape_debug()
        ));
        match closest(name, known()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None if known().next().is_some() => error.hint(format!(
                "its variables are {}",
                known().collect::<Vec<_>>().join(", ")
            )),
            None => error.hint(format!("amx templates show {}", self.template.name)),
        }
    }

    /// Whether it is a question, and not settings alone.
    pub fn asks(&self) -> bool {
        self.template.asks()
    }

    /// The variables without a value, in the order of the text. Words fill `{{input}}` and stdin
    /// `{{stdin}}`; stdin alone is the question.
    pub fn missing(&self, has_words: bool, has_stdin: bool) -> Vec<&Variable> {
        let takes_stdin = self.template.variable(STDIN).is_some();
        let is_there = |name: &str| match name {
            INPUT => has_words || (has_stdin && !takes_stdin),
            STDIN => has_stdin,
            _ => false,
        };
        self.template
            .variables()
            .iter()
            .filter(|known| !self.values.contains_key(&known.name) && !is_there(&known.name))
            .collect()
    }

    /// Everything that is missing is an error, all at once.
    pub fn check(&self, has_words: bool, has_stdin: bool) -> Result<(), CommandError> {
        let missing = self.missing(has_words, has_stdin);
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = missing
            .iter()
            .map(|variable| format!("{{{{{}}}}}", variable.name))
            .collect();
        let places = missing.iter().map(|variable| {
            format!(
                "{{{{{}}}}} at {}:{}",
                variable.name,
                self.template.path.display(),
                variable.line
            )
        });
        let error = CommandError::usage(format!(
            "template '{}' needs a value for {}",
            self.template.name,
            names.join(", ")
        ));
        Err(error
            .caused_by_words(places.collect::<Vec<_>>().join(", "))
            .hint(self.call(&missing)))
    }

    /// The command that gives what is missing.
    fn call(&self, missing: &[&Variable]) -> String {
        let is_missing = |name: &str| missing.iter().any(|variable| variable.name == name);
        let vars = missing
            .iter()
            .filter(|variable| ![INPUT, STDIN].contains(&variable.name.as_str()));
        let vars: String = vars
            .map(|variable| format!(" --var {}=…", variable.name))
            .collect();
        let pipe = if is_missing(STDIN) { "cat FILE | " } else { "" };
        let words = if is_missing(INPUT) {
            " \"your question\""
        } else {
            ""
        };
        format!(
            "{pipe}amx chat --template {}{vars}{words}",
            self.template.name
        )
    }

    /// The question: words and stdin in their places, or below the text where it has none.
    pub fn question(&self, words: &str, stdin: Option<String>) -> Result<String, CommandError> {
        let takes = |name: &str| self.template.variable(name).is_some();
        let words = Some(words.to_owned()).filter(|words| !words.trim().is_empty());
        let (words, stdin) = match (words, stdin) {
            // As without a template: what is piped alone is the question.
            (None, Some(stdin)) if !takes(STDIN) => (Some(stdin), None),
            given => given,
        };
        self.check(words.is_some(), stdin.is_some())?;
        let mut values = self.values.clone();
        let mut below = Vec::new();
        for (name, given) in [(INPUT, words), (STDIN, stdin)] {
            let Some(given) = given else { continue };
            if takes(name) {
                // The text says what stands around it, as in `$(…)` of a shell.
                values.insert(
                    name.to_owned(),
                    given.trim_end_matches(['\n', '\r']).to_owned(),
                );
            } else {
                below.push(given);
            }
        }
        let question = self.template.question(&values);
        Ok(std::iter::once(question)
            .chain(below)
            .collect::<Vec<_>>()
            .join("\n\n"))
    }

    /// The files that go along; what is not absolute lies beside the template.
    pub fn files(&self) -> Vec<PathBuf> {
        let folder = self.template.path.parent().unwrap_or(Path::new(""));
        let place =
            |file: &String| match (file.strip_prefix("~/"), crate::config::home::user_home()) {
                (Some(rest), Some(home)) => home.join(rest),
                _ if file.starts_with("https://") || file.starts_with("http://") => {
                    PathBuf::from(file)
                }
                _ => folder.join(file),
            };
        self.template.settings.files.iter().map(place).collect()
    }

    /// The schema that stands in it, or the file of one that lies beside it; else what `--schema`
    /// takes.
    fn schema(&self) -> Option<SchemaChoice> {
        let Some(text) = self.template.settings.schema.as_ref()?.as_str() else {
            return self
                .template
                .settings
                .schema
                .as_ref()
                .map(|schema| SchemaChoice::one(schema.to_string()));
        };
        let beside = self
            .template
            .path
            .parent()
            .unwrap_or(Path::new(""))
            .join(text);
        // Wherever it is read from, it is this one.
        let beside = std::path::absolute(&beside).unwrap_or(beside);
        Some(SchemaChoice::one(if beside.is_file() {
            beside.display().to_string()
        } else {
            text.to_owned()
        }))
    }

    /// The settings that it brings.
    pub fn layer(&self) -> Result<TemplateLayer, CommandError> {
        let settings = &self.template.settings;
        let mut layer = Overrides {
            generation: settings.generation,
            ..Overrides::default()
        };
        for (name, value) in &settings.options {
            layer = body_options::apply(&[format!("{name}={value}")], std::iter::empty(), layer)
                .map_err(|error| self.at_option(name, &error))?;
        }
        Ok(TemplateLayer {
            name: self.template.name.clone(),
            profile: settings.profile.clone(),
            model: settings.model.clone(),
            system: self.template.system(&self.values),
            generation: layer.generation,
            schema: self.schema(),
            body: layer.body,
            spellings: layer.spellings,
        })
    }

    /// What is wrong with an option, said of its place in the file.
    fn at_option(&self, name: &str, error: &CommandError) -> CommandError {
        let what = error.message.strip_prefix("-o ").unwrap_or(&error.message);
        folder::with_hint(
            self.template
                .fault(&["options", name], &format!("options: {what}")),
            &self.template.name,
        )
        .into()
    }
}

fn filled_by(name: &str) -> &'static str {
    if name == INPUT {
        "the words of the prompt fill it"
    } else {
        "text that is piped fills it"
    }
}
