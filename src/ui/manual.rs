//! Manual pages in roff, one for the program and one for each command.

use clap::{Arg, Command};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::cli;
use super::help::{self, Detail, about};
use crate::commands::arguments::groups;
use crate::config::env;
use crate::ports::error::{CommandError, KINDS};

/// Files that amx reads and writes, each with its meaning.
const FILES: &[(&str, &str)] = &[
    (
        "~/.amx/config.yml",
        "The configuration: profiles and settings. AMX_CONFIG_DIR names another folder for all of \
        these files.",
    ),
    (
        "~/.amx/config.yml.bak.N",
        "Earlier versions of config.yml, 1 (newest) to 5, for amx config restore.",
    ),
    (
        "~/.amx/amx.db",
        "Saved conversations and usage, in a SQLite database.",
    ),
    ("~/.amx/templates/", "Prompt templates, in Markdown."),
    ("~/.amx/schemas/", "Saved schemas, in JSON."),
    ("~/.amx/history", "Lines typed in conversations."),
];

/// The name of each page, the program's first: `amx`, `amx-chat`, …
pub(super) fn names() -> Vec<String> {
    let definition = cli::definition();
    let commands = definition
        .get_subcommands()
        .map(|command| format!("amx-{}", command.get_name()));
    ["amx".to_owned()].into_iter().chain(commands).collect()
}

/// The page of the program, or of one of its commands.
///
/// # Errors
/// When there is no such command.
pub(super) fn page(command: Option<&str>) -> Result<String, CommandError> {
    let mut definition = cli::definition();
    definition.build();
    let Some(name) = command else {
        return Ok(main_page(&definition));
    };
    let command = definition.find_subcommand(name).ok_or_else(|| {
        CommandError::usage(format!("there is no command '{}'", name.escape_debug()))
            .hint("amx --help")
    })?;
    Ok(command_page(command))
}

fn main_page(definition: &Command) -> String {
    let mut page = Page::titled("amx", definition);
    page.section("COMMANDS");
    for command in definition.get_subcommands() {
        let name = format!("amx-{}(1)", command.get_name());
        page.entry([bold(name)], &about(command));
    }
    page.options(definition, "SH");
    page.common_sections();
    page.examples(&example_lines(definition), "EXAMPLES");
    page.section("SEE ALSO");
    let others: Vec<String> = names()
        .drain(1..)
        .map(|name| format!("{name}(1)"))
        .collect();
    page.roff.text([roman(others.join(", "))]);
    page.text()
}

fn command_page(command: &Command) -> String {
    let mut page = Page::titled(&format!("amx-{}", command.get_name()), command);
    page.options(command, "SH");
    for inner in command.get_subcommands() {
        let name = inner.get_bin_name().unwrap_or_else(|| inner.get_name());
        page.section(&name.to_uppercase());
        page.roff.text([roman(about(inner))]);
        page.synopsis(inner);
        page.options(inner, "SS");
    }
    page.common_sections();
    let inner = command.get_subcommands().flat_map(example_lines);
    let examples: Vec<String> = example_lines(command).into_iter().chain(inner).collect();
    page.examples(&examples, "EXAMPLES");
    page.section("SEE ALSO");
    page.roff.text([bold("amx"), roman("(1)")]);
    page.text()
}

/// The lines below the heading of the examples in the help of a command.
fn example_lines(command: &Command) -> Vec<String> {
    let examples = command.get_after_help().map(ToString::to_string);
    let lines = examples.unwrap_or_default();
    lines
        .lines()
        .skip(1)
        .map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned())
        .collect()
}

/// A page under construction.
struct Page {
    roff: Roff,
}

impl Page {
    /// The title, the name, the synopsis and the description.
    fn titled(name: &str, command: &Command) -> Self {
        let source = format!("amx {}", env!("CARGO_PKG_VERSION"));
        let mut page = Self {
            roff: Roff::default(),
        };
        page.roff
            .control("TH", [name, "1", "", &source, "amx manual"]);
        page.section("NAME");
        page.roff
            .text([roman(format!("{name} - {}", about(command)))]);
        page.section("SYNOPSIS");
        page.synopsis(command);
        page
    }

    fn section(&mut self, heading: &str) {
        self.roff.control("SH", [heading]);
    }

    /// A term with its meaning.
    fn entry<I: Into<Vec<Inline>>>(&mut self, term: I, meaning: &str) {
        self.roff.control("TP", []);
        self.roff.text(term);
        self.roff.text([roman(meaning)]);
    }

    /// One line a form: `amx chat [OPTIONS] [PROMPT]...`.
    fn synopsis(&mut self, command: &Command) {
        let usage = command.clone().render_usage().to_string();
        let forms = usage.trim_start_matches("Usage:").lines().map(str::trim);
        for (index, form) in forms.enumerate() {
            if index > 0 {
                self.roff.control("br", []);
            }
            self.roff.text([bold(form)]);
        }
    }

    /// Arguments and options in the groups of the help; `kind` is `SH` or `SS`.
    fn options(&mut self, command: &Command, kind: &str) {
        let (positional, flags): (Vec<&Arg>, Vec<&Arg>) = command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
            // Every subcommand has it, and the page has named it.
            .filter(|argument| kind == "SH" || argument.get_id() != "help")
            .partition(|argument| {
                argument.is_positional() && argument.get_help_heading().is_none()
            });
        self.group("ARGUMENTS", kind, &positional);
        let is_in = |argument: &&Arg, group: &str| argument.get_help_heading() == Some(group);
        for group in groups::ORDER {
            let inside: Vec<&Arg> = flags
                .iter()
                .copied()
                .filter(|flag| is_in(flag, group))
                .collect();
            self.group(&group.to_uppercase(), kind, &inside);
        }
        let rest: Vec<&Arg> = flags
            .into_iter()
            .filter(|flag| flag.get_help_heading().is_none())
            .collect();
        self.group("OPTIONS", kind, &rest);
    }

    fn group(&mut self, heading: &str, kind: &str, arguments: &[&Arg]) {
        if arguments.is_empty() {
            return;
        }
        self.roff.control(kind, [heading]);
        for argument in arguments {
            let meaning = match argument.get_id().as_str() {
                "help" => "Print a summary (-h) or all options (--help)".to_owned(),
                _ => help::meaning(argument, Detail::Full),
            };
            self.entry(term(argument), &meaning);
        }
    }

    /// What holds for every command.
    fn common_sections(&mut self) {
        self.section("EXIT STATUS");
        self.entry([bold("0")], "success");
        for (_, code, name, meaning) in KINDS {
            self.entry([bold(code.to_string())], &format!("{name}: {meaning}"));
        }
        self.section("ENVIRONMENT");
        for variable in env::ALL {
            self.entry([bold(variable.name)], variable.meaning);
        }
        for (name, meaning) in help::key_variables() {
            self.entry([bold(name)], &meaning);
        }
        self.section("FILES");
        for (path, meaning) in FILES {
            self.entry([italic(*path)], meaning);
        }
    }

    /// Lines as they are typed.
    fn examples(&mut self, lines: &[String], heading: &str) {
        if lines.is_empty() {
            return;
        }
        self.section(heading);
        self.roff.control("nf", []);
        for line in lines {
            self.roff.text([roman(line)]);
        }
        self.roff.control("fi", []);
    }

    fn text(&self) -> String {
        self.roff.render()
    }
}

/// `-p, --profile <NAME>`, with the placeholder in italics.
fn term(argument: &Arg) -> Vec<Inline> {
    let shown = argument.to_string();
    if argument.is_positional() {
        return vec![italic(shown)];
    }
    let mut term = Vec::new();
    if let (Some(short), true) = (argument.get_short(), argument.get_long().is_some()) {
        term.extend([bold(format!("-{short}")), roman(", ")]);
    }
    let end = shown.find([' ', '[', '=']).unwrap_or(shown.len());
    term.push(bold(&shown[..end]));
    if end < shown.len() {
        term.push(italic(&shown[end..]));
    }
    term
}
