//! `--template NAME --var name=value`: a question from a file with its variables filled in, and the
//! settings of the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::body_options;
use crate::catalog::nearest::closest;
use crate::config::home::expanded;
use crate::config::template::{INPUT, STDIN, Template, Variable, folder};
use crate::config::{Overrides, SchemaChoice, TemplateLayer};
use crate::platform::commands::PIPE_FILE;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// A template with the values of its variables.
pub(crate) struct ChosenTemplate {
    pub template: Template,
    values: BTreeMap<String, String>,
}

impl ChosenTemplate {
    /// Reads a template. Variables with a default have their value.
    ///
    /// # Errors
    /// When there is no such template, or it is invalid.
    pub(crate) fn find(name: &str, equipment: &Equipment) -> Result<Self, CommandError> {
        let template = folder::load(&equipment.home()?, name)?;
        let defaults = template
            .variables()
            .iter()
            .filter_map(|variable| Some((variable.name.clone(), variable.default.clone()?)));
        Ok(Self {
            values: defaults.collect(),
            template,
        })
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// When the template has no such variable, or it is filled from the prompt or stdin.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        if [INPUT, STDIN].contains(&name) {
            let error = CommandError::usage(format!(
                "cannot set {{{{{name}}}}}: it is filled from {}",
                source_of(name)
            ));
            return Err(error.hint(format!("amx templates show {}", self.template.name)));
        }
        if self.template.variable(name).is_none() {
            return Err(self.no_variable(name));
        }
        self.values.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Fills a variable of any name, for example one that the user was prompted for.
    pub(crate) fn fill(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// The values so far: defaults, and what was set.
    pub(crate) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
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
                "variables: {}",
                known().collect::<Vec<_>>().join(", ")
            )),
            None => error.hint(format!("amx templates show {}", self.template.name)),
        }
    }

    /// Whether it has a question, not only settings.
    pub(crate) fn asks(&self) -> bool {
        self.template.asks()
    }

    /// The variables without a value, in the order of the text. The prompt fills `{{input}}`, stdin
    /// fills `{{stdin}}`; without a prompt, stdin fills `{{input}}`.
    pub(crate) fn missing(&self, has_words: bool, has_stdin: bool) -> Vec<&Variable> {
        let takes_stdin = self.template.variable(STDIN).is_some();
        let is_filled = |name: &str| match name {
            INPUT => has_words || (has_stdin && !takes_stdin),
            STDIN => has_stdin,
            _ => false,
        };
        self.template
            .variables()
            .iter()
            .filter(|variable| {
                !self.values.contains_key(&variable.name) && !is_filled(&variable.name)
            })
            .collect()
    }

    /// Checks that every variable has a value.
    ///
    /// # Errors
    /// All missing variables, with their lines in the file.
    pub(crate) fn check(&self, has_words: bool, has_stdin: bool) -> Result<(), CommandError> {
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
            .hint(self.command(&missing)))
    }

    /// The command line with the missing values.
    fn command(&self, missing: &[&Variable]) -> String {
        let is_missing = |name: &str| missing.iter().any(|variable| variable.name == name);
        let vars = missing
            .iter()
            .filter(|variable| ![INPUT, STDIN].contains(&variable.name.as_str()));
        let vars: String = vars
            .map(|variable| format!(" --var {}=…", variable.name))
            .collect();
        let pipe = if is_missing(STDIN) {
            PIPE_FILE.with([])
        } else {
            String::new()
        };
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

    /// The question: prompt and stdin in their variables, or appended to a text without them.
    ///
    /// # Errors
    /// When a variable has no value.
    pub(crate) fn question(
        &self,
        words: &str,
        stdin: Option<String>,
    ) -> Result<String, CommandError> {
        let takes = |name: &str| self.template.variable(name).is_some();
        let words = Some(words.to_owned()).filter(|words| !words.trim().is_empty());
        let (words, stdin) = match (words, stdin) {
            // As without a template, piped text alone is the question.
            (None, Some(stdin)) if !takes(STDIN) => (Some(stdin), None),
            given => given,
        };
        self.check(words.is_some(), stdin.is_some())?;
        let mut values = self.values.clone();
        let mut below = Vec::new();
        for (name, given) in [(INPUT, words), (STDIN, stdin)] {
            let Some(given) = given else { continue };
            if takes(name) {
                // Trailing newlines are removed, as by `$(…)` in a shell.
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

    /// The attachments. Relative paths start at the folder of the template.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folder = self.template.path.parent().unwrap_or(Path::new(""));
        let path = |file: &String| {
            if file.starts_with("https://") || file.starts_with("http://") {
                PathBuf::from(file)
            } else {
                folder.join(expanded(file))
            }
        };
        self.template.settings.files.iter().map(path).collect()
    }

    /// The inline schema, or a schema file in the folder of the template, else any value of
    /// `--schema`.
    fn schema(&self) -> Option<SchemaChoice> {
        let Some(text) = self.template.settings.schema.as_ref()?.as_str() else {
            return self
                .template
                .settings
                .schema
                .as_ref()
                .map(|schema| SchemaChoice::one(schema.to_string()));
        };
        let path = self
            .template
            .path
            .parent()
            .unwrap_or(Path::new(""))
            .join(text);
        // The working directory may change before it is read.
        let path = std::path::absolute(&path).unwrap_or(path);
        Some(SchemaChoice::one(if path.is_file() {
            path.display().to_string()
        } else {
            text.to_owned()
        }))
    }

    /// The settings of the template.
    ///
    /// # Errors
    /// When an option is invalid.
    pub(crate) fn layer(&self) -> Result<TemplateLayer, CommandError> {
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
            tools: settings.tools.clone(),
            body: layer.body,
            spellings: layer.spellings,
        })
    }

    /// The error of an option, with its line in the file.
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

/// Where the value of `{{input}}` or `{{stdin}}` comes from.
fn source_of(name: &str) -> &'static str {
    if name == INPUT {
        "the prompt"
    } else {
        "piped text"
    }
}
