//! One template: front matter, body and variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::front_matter::{self, FrontMatter};
use super::placeholder::Pattern;
use crate::catalog::nearest::closest;
use crate::config::error::{ConfigError, Position};
use crate::config::locate;

/// The variable for the prompt.
pub(crate) const INPUT: &str = "input";

/// The variable for data on stdin.
pub(crate) const STDIN: &str = "stdin";

const FENCE: &str = "---";

/// A parsed template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// A name, or a path.
    pub name: String,
    pub path: PathBuf,
    pub settings: FrontMatter,
    /// The question as it is written, without leading and trailing blank lines.
    pub body: String,
    question: Pattern,
    system: Pattern,
    variables: Vec<Variable>,
    /// The front matter, at the same lines as in the file.
    front: String,
}

/// A variable of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub name: String,
    /// `None` when a value is required.
    pub default: Option<String>,
    /// The line of its first use, from 1.
    pub line: usize,
}

impl Template {
    /// Parses a template. Errors name file, line and column.
    pub(crate) fn parse(name: &str, path: &Path, text: &str) -> Result<Self, ConfigError> {
        let text = text
            .strip_prefix('\u{feff}')
            .unwrap_or(text)
            .replace("\r\n", "\n");
        let (front, body_at) = split(path, &text)?;
        let settings = front_matter::read(path, &front)?;
        let body = text[body_at..].trim_end();
        let body_at = body_at + leading_blank_lines(body);
        let body = text[body_at..].trim_end().to_owned();
        let place = |offset: usize| locate::position_at(&text, offset);
        let malformed = |position: Option<Position>| ConfigError::Invalid {
            path: path.to_owned(),
            position,
            what: "'{{' without a name and '}}' after it; write \\{{ for a literal '{{'".to_owned(),
            hint: None,
        };
        let question =
            Pattern::parse(&body).map_err(|fault| malformed(Some(place(body_at + fault.at))))?;
        let system_place = locate::position_of(&front, &["system"]);
        let system = Pattern::parse(settings.system.as_deref().unwrap_or_default())
            .map_err(|_| malformed(system_place))?;
        let in_body = question
            .variables()
            .map(|(name, at)| (name.to_owned(), place(body_at + at).line));
        let in_system = system
            .variables()
            .map(|(name, _)| (name.to_owned(), system_place.map_or(1, |place| place.line)));
        let mut variables: Vec<Variable> = Vec::new();
        for (name, line) in in_system.chain(in_body) {
            if variables.iter().all(|known| known.name != name) {
                let default = settings
                    .vars
                    .iter()
                    .find(|(declared, _)| *declared == name)
                    .and_then(|(_, default)| default.clone());
                variables.push(Variable {
                    name,
                    default,
                    line,
                });
            }
        }
        let template = Self {
            name: name.to_owned(),
            path: path.to_owned(),
            settings,
            body,
            question,
            system,
            variables,
            front,
        };
        template.check()?;
        Ok(template)
    }

    /// Checks the variables.
    fn check(&self) -> Result<(), ConfigError> {
        // Prompt and stdin are the question, not instructions.
        if let Some(name) = [INPUT, STDIN]
            .into_iter()
            .find(|name| self.system.has(name))
        {
            return Err(self.fault(
                &["system"],
                &format!("system cannot use {{{{{name}}}}}: it belongs in the question"),
            ));
        }
        for (name, _) in &self.settings.vars {
            if self.variable(name).is_none() {
                let near = closest(name, self.variables.iter().map(|known| known.name.as_str()));
                let suggestion =
                    near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                return Err(self.fault(
                    &["vars", name],
                    &format!("the template does not use {{{{{name}}}}}{suggestion}"),
                ));
            }
        }
        Ok(())
    }

    /// An error at a setting of the front matter.
    pub(crate) fn fault(&self, keys: &[&str], what: &str) -> ConfigError {
        front_matter::fault(&self.path, &self.front, keys, what)
    }

    /// Every variable of system prompt and question, in order.
    pub(crate) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|known| known.name == name)
    }

    /// The variables of the system prompt.
    pub(crate) fn system_variables(&self) -> impl Iterator<Item = &str> {
        self.system.variables().map(|(name, _)| name)
    }

    /// Whether it has a question, and not settings alone.
    pub(crate) fn asks(&self) -> bool {
        !self.body.is_empty()
    }

    /// The question with these values.
    pub(crate) fn question(&self, values: &BTreeMap<String, String>) -> String {
        self.question.fill(values)
    }

    /// The system prompt with these values.
    pub(crate) fn system(&self, values: &BTreeMap<String, String>) -> Option<String> {
        self.settings
            .system
            .as_ref()
            .map(|_| self.system.fill(values))
    }
}

/// The front matter, with a blank line instead of its fence, and the offset of the body.
fn split(path: &Path, text: &str) -> Result<(String, usize), ConfigError> {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|first| first.trim_end() == FENCE) else {
        return Ok((String::new(), 0));
    };
    let mut at = first.len();
    for line in lines {
        if line.trim_end() == FENCE {
            return Ok((format!("\n{}", &text[first.len()..at]), at + line.len()));
        }
        at += line.len();
    }
    let position = Some(Position { line: 1, column: 1 });
    Err(ConfigError::Invalid {
        path: path.to_owned(),
        position,
        what: "the front matter has no closing line '---'".to_owned(),
        hint: None,
    })
}

/// The length of the leading blank lines, in bytes.
fn leading_blank_lines(text: &str) -> usize {
    text.split_inclusive('\n')
        .take_while(|line| line.trim().is_empty())
        .map(str::len)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Template, String> {
        Template::parse("t", Path::new("t.md"), text).map_err(|error| error.to_string())
    }

    fn fault(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn front_matter_and_body_are_separated() {
        let template = parse("---\nmodel: a/b\nsystem: You know {{lang}}.\nvars: {lang: rust, n: 3}\n---\n\n\nLook {{n}} times:\n\n{{stdin}}\n\n").unwrap();
        assert_eq!(
            (template.settings.model.as_deref(), template.body.as_str()),
            (Some("a/b"), "Look {{n}} times:\n\n{{stdin}}")
        );
        let variables: Vec<_> = template
            .variables()
            .iter()
            .map(|known| (known.name.as_str(), known.default.as_deref(), known.line))
            .collect();
        assert_eq!(
            variables,
            [
                ("lang", Some("rust"), 3),
                ("n", Some("3"), 8),
                ("stdin", None, 10)
            ]
        );
        for text in [
            "no front matter {{x}}",
            "---\n---\nno front matter {{x}}",
            "---\r\n# none\r\n---\r\nno front matter {{x}}\r\n",
        ] {
            assert_eq!(
                parse(text).unwrap().body,
                "no front matter {{x}}",
                "{text:?}"
            );
        }
        assert!(!parse("---\nmodel: a/b\n---\n \n").unwrap().asks());
    }

    #[test]
    fn a_rule_in_the_body_is_not_front_matter() {
        assert_eq!(parse("one\n---\ntwo").unwrap().body, "one\n---\ntwo");
        assert_eq!(
            parse("---\nmodel: a/b\n---\none\n---\ntwo").unwrap().body,
            "one\n---\ntwo"
        );
    }

    #[test]
    fn errors_of_settings_name_line_and_column() {
        assert_eq!(
            fault("---\nmodel: a/b\n"),
            "t.md:1:1: the front matter has no closing line '---'"
        );
        assert_eq!(
            fault("---\nmodle: a/b\n---\nx"),
            "t.md:2:1: unknown setting 'modle'; did you mean 'model'?"
        );
        assert!(
            fault("---\nqqq: 1\n---\nx")
                .starts_with("t.md:2:1: unknown setting 'qqq'; use one of description, profile")
        );
        assert_eq!(
            fault("---\n\ntemperature: 3\n---\nx"),
            "t.md:3:14: temperature must be a number from 0 to 2"
        );
        assert_eq!(
            fault("---\ntemperature: warm\n---\nx"),
            "t.md:2:14: temperature must be a number from 0 to 2"
        );
        assert_eq!(
            fault("---\nmodel: a b\n---\nx"),
            "t.md:2:8: model: not a model ID: it is empty, or has white space or hidden \
            characters"
        );
        assert_eq!(
            fault("---\nmax_tokens: 0\n---\nx"),
            "t.md:2:13: max_tokens must be a whole number, 1 or more"
        );
        assert!(
            fault("---\nreasoning_effort: big\n---\nx")
                .starts_with("t.md:2:19: reasoning_effort must be one of none")
        );
    }

    #[test]
    fn errors_of_files_vars_and_syntax_name_line_and_column() {
        assert_eq!(
            fault("---\nfiles: a.txt\n---\nx"),
            "t.md:2:8: files must be a list of paths"
        );
        assert_eq!(
            fault("---\nvars:\n  a: [1]\n---\n{{a}}"),
            "t.md:3:6: the default of a must be a string, a number, or true or false"
        );
        assert_eq!(
            fault("---\nvars:\n  lnag: x\n---\n{{lang}}"),
            "t.md:3:9: the template does not use {{lnag}}; did you mean 'lang'?"
        );
        assert!(
            fault("---\nsystem: '{{stdin}}'\n---\nx")
                .starts_with("t.md:2:9: system cannot use {{stdin}}")
        );
        assert!(fault("---\nmodel: [\n---\nx").starts_with("t.md:"));
        assert!(fault("---\n- a\n---\nx").contains("must be a mapping"));
        assert!(
            fault("---\nmodel: a\nmodel: b\n---\nx").starts_with("t.md:3:1: duplicate entry"),
            "{}",
            fault("---\nmodel: a\nmodel: b\n---\nx")
        );
        assert!(
            fault("---\nmodel: a\n---\n\nüber {{ \n").starts_with("t.md:5:6: '{{' without a name")
        );
    }

    #[test]
    fn values_are_not_expanded() {
        let template = parse("{{input}} {{a}}").unwrap();
        let values = BTreeMap::from(
            [("input", "{{a}}"), ("a", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        assert_eq!(template.question(&values), "{{a}} 1");
    }
}
