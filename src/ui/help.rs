//! Draws the help of a command: options in groups, all meanings in one column.

use std::ffi::OsString;
use std::fmt::Write;

use clap::builder::styling::Style;
use clap::{Arg, Command};

use super::paragraph;
use crate::commands::arguments::groups;
use crate::config::env;
use crate::providers::registry::PROVIDERS;

/// Widest page, in columns: longer lines are hard to read.
const WIDEST: usize = 100;

/// Widest term beside which a meaning starts; a wider one has its meaning below.
const WIDEST_TERM: usize = 26;

/// Columns that a meaning needs beside its term; with less room all of them go below.
const LEAST_MEANING: usize = 30;

/// Columns before a meaning below its term.
const BELOW: &str = "          ";

/// How much of the help is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// `-h`: one screen.
    Summary,
    /// `--help`: every option.
    Full,
}

/// A section of the page: a heading and its rows.
struct Section<'a> {
    kind: Kind,
    heading: &'a str,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Commands,
    Options,
    Environment,
}

/// An option, an argument or a command with its meaning.
struct Row {
    term: String,
    /// Bytes of the term that are typed as they stand; the rest is a placeholder.
    literal: usize,
    meaning: String,
}

/// The help of the command that these arguments name, with styling.
pub(super) fn text(mut definition: Command, arguments: &[OsString], width: usize) -> String {
    definition.build();
    let detail = detail_of(arguments);
    let command = command(&definition, arguments);
    page(&mut command.clone(), detail, width.min(WIDEST))
}

/// The call that prints the help of the command that these arguments name.
pub(super) fn call(mut definition: Command, arguments: &[OsString]) -> String {
    definition.build();
    let command = command(&definition, arguments);
    format!("{} --help", command.get_bin_name().unwrap_or("amx"))
}

fn command<'a>(definition: &'a Command, arguments: &[OsString]) -> &'a Command {
    named(arguments)
        .try_fold(definition, |command, name| {
            command.find_subcommand(name).ok_or(command)
        })
        .unwrap_or_else(|command| command)
}

/// The words before the first option: commands and their subcommands, maybe followed by a prompt.
fn named(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    arguments
        .iter()
        .skip(1)
        .map_while(|argument| argument.to_str())
        .take_while(|argument| !argument.starts_with('-'))
}

fn detail_of(arguments: &[OsString]) -> Detail {
    let mut flags = arguments.iter().take_while(|argument| *argument != "--");
    if flags.any(|argument| argument == "--help") {
        Detail::Full
    } else {
        Detail::Summary
    }
}

/// The whole page, which ends in a line feed.
fn page(command: &mut Command, detail: Detail, width: usize) -> String {
    let usage = command.render_usage().ansi().to_string();
    let command = &*command;
    let about = about(command);
    let mut page = format!("{}\n\n{usage}\n", paragraph::wrapped(&about, width));
    let mut sections = sections(command, detail);
    if detail == Detail::Full
        && !command
            .get_bin_name()
            .is_some_and(|name| name.contains(' '))
    {
        sections.push(environment());
    }
    let heading = *command.get_styles().get_header();
    let literal = *command.get_styles().get_literal();
    for section in &sections {
        let column = column_of(&sections, section.kind);
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n{heading}{}:{heading:#}", section.heading);
        for row in &section.rows {
            page.push_str(&row.drawn(literal, column, width));
        }
    }
    if let Some(examples) = command.get_after_help() {
        let _ = writeln!(page, "\n{}", headed(&examples.to_string(), heading));
    }
    page
}

/// Examples with their first line as a heading.
fn headed(examples: &str, style: Style) -> String {
    match examples.split_once('\n') {
        Some((heading, rest)) => format!("{style}{heading}{style:#}\n{rest}"),
        None => examples.to_owned(),
    }
}

/// The column in which meanings start, for all sections of a kind.
fn column_of(sections: &[Section<'_>], kind: Kind) -> usize {
    let alike = sections.iter().filter(|section| section.kind == kind);
    let widest = alike
        .flat_map(|section| &section.rows)
        .map(|row| row.term.chars().count())
        .filter(|width| *width <= WIDEST_TERM)
        .max();
    widest.unwrap_or_default() + 4
}

impl Row {
    fn drawn(&self, literal: Style, column: usize, width: usize) -> String {
        let (typed, placeholder) = self.term.split_at(self.literal);
        let term = format!("  {literal}{typed}{literal:#}{placeholder}");
        let taken = 2 + self.term.chars().count();
        let room = width.saturating_sub(column);
        if room < LEAST_MEANING {
            let meaning = paragraph::wrapped(&format!("{BELOW}{}", self.meaning), width);
            return format!("{term}\n{meaning}\n");
        }
        let indent = " ".repeat(column);
        let meaning = paragraph::wrapped(&self.meaning, room).replace('\n', &format!("\n{indent}"));
        if taken + 2 > column {
            return format!("{term}\n{indent}{meaning}\n");
        }
        format!("{term}{}{meaning}\n", " ".repeat(column - taken))
    }
}

fn sections(command: &Command, detail: Detail) -> Vec<Section<'_>> {
    let is_shown = |argument: &&Arg| {
        !argument.is_hide_set() && (detail == Detail::Full || !argument.is_hide_short_help_set())
    };
    let shown: Vec<&Arg> = command.get_arguments().filter(is_shown).collect();
    let has_more = shown.len() < command.get_arguments().count();
    let inside = |heading: &str| -> Vec<Row> {
        let inside = shown.iter().filter(|shown| heading_of(shown) == heading);
        inside
            .map(|argument| row(argument, detail, has_more))
            .collect()
    };
    let headings = ["Arguments"]
        .iter()
        .chain(groups::ORDER)
        .chain(&["Options"]);
    let mut sections = vec![commands(command)];
    sections.extend(headings.map(|heading| Section {
        kind: Kind::Options,
        heading,
        rows: inside(heading),
    }));
    sections.retain(|section| !section.rows.is_empty());
    // The flag of the help needs no section of its own.
    if let [.., last_but_one, last] = sections.as_mut_slice()
        && let [_] = last.rows.as_slice()
        && last_but_one.kind == last.kind
        && last_but_one.heading != "Arguments"
    {
        last_but_one.rows.append(&mut last.rows);
        sections.pop();
    }
    sections
}

fn commands(command: &Command) -> Section<'_> {
    let visible = command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set());
    let rows = visible.map(|inner| Row {
        term: inner.get_name().to_owned(),
        literal: inner.get_name().len(),
        meaning: about(inner),
    });
    Section {
        kind: Kind::Commands,
        heading: "Commands",
        rows: rows.collect(),
    }
}

/// The line that says what a command does.
pub(super) fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn heading_of(argument: &Arg) -> &str {
    let default = if argument.is_positional() {
        "Arguments"
    } else {
        "Options"
    };
    argument.get_help_heading().unwrap_or(default)
}

fn row(argument: &Arg, detail: Detail, has_more: bool) -> Row {
    let meaning = match argument.get_id().as_str() {
        "help" if has_more => "Print this summary; --help lists all options".to_owned(),
        "help" => "Print help".to_owned(),
        _ => meaning(argument, detail),
    };
    let shown = argument.to_string();
    if argument.is_positional() {
        return Row {
            term: shown,
            literal: 0,
            meaning,
        };
    }
    let short = match argument.get_short() {
        Some(short) if argument.get_long().is_some() => format!("-{short}, "),
        Some(_) => String::new(),
        None => "    ".to_owned(),
    };
    let literal = short.len() + shown.find([' ', '[', '=']).unwrap_or(shown.len());
    Row {
        term: format!("{short}{shown}"),
        literal,
        meaning,
    }
}

/// The help of an argument, followed by its values and its default.
pub(super) fn meaning(argument: &Arg, detail: Detail) -> String {
    let long = argument.get_long_help().filter(|_| detail == Detail::Full);
    let help = long
        .or_else(|| argument.get_help())
        .map(ToString::to_string);
    // The summary is the first paragraph of the full help.
    let mut meaning = help.unwrap_or_default().replace("\n\n", "; ");
    let takes_values = argument
        .get_num_args()
        .is_some_and(|count| count.takes_values());
    if !takes_values {
        return meaning;
    }
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if !values.is_empty() && !argument.is_hide_possible_values_set() {
        // Writing to a string cannot fail.
        let _ = write!(meaning, " [{}]", values.join(", "));
    }
    let defaults: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    if !defaults.is_empty() {
        let _ = write!(meaning, " [default: {}]", defaults.join(", "));
    }
    meaning
}

fn environment() -> Section<'static> {
    let row = |(name, meaning): (&str, String)| Row {
        term: name.to_owned(),
        literal: name.len(),
        meaning,
    };
    let mut rows: Vec<Row> = env::ALL
        .iter()
        .map(|variable| row((variable.name, variable.meaning.to_owned())))
        .collect();
    rows.extend(key_variables().map(row));
    Section {
        kind: Kind::Environment,
        heading: "Environment",
        rows,
    }
}

/// The variables of API keys, with their meanings.
pub(super) fn key_variables() -> impl Iterator<Item = (&'static str, String)> {
    PROVIDERS
        .iter()
        .filter(|entry| !entry.is_demo())
        .map(|entry| {
            (
                entry.key_variable,
                format!("key of provider {}", entry.name),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::super::cli;
    use super::*;

    /// The page without styling.
    fn plain(line: &str, width: usize) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let page = text(cli::definition(), &arguments, width);
        console::strip_ansi_codes(&page).into_owned()
    }

    /// Every command line that prints help.
    fn pages() -> Vec<String> {
        fn add(command: &Command, path: &str, lines: &mut Vec<String>) {
            let path = format!("{path}{} ", command.get_name());
            lines.extend(["-h", "--help"].map(|flag| format!("{path}{flag}")));
            for inner in command.get_subcommands() {
                add(inner, &path, lines);
            }
        }
        let mut definition = cli::definition();
        definition.build();
        let mut lines = Vec::new();
        add(&definition, "", &mut lines);
        lines
    }

    #[test]
    fn no_page_is_wider_than_80_columns_and_every_summary_fits_on_a_screen() {
        let pages = pages();
        assert!(pages.len() > 60, "{pages:?}");
        for line in pages {
            let page = plain(&line, 80);
            for drawn in page.lines() {
                assert!(drawn.chars().count() <= 80, "{line}: {drawn}");
                assert_eq!(drawn.trim_end(), drawn, "{line}");
            }
            let height = page.lines().count();
            assert!(
                line.ends_with("--help") || height <= 45,
                "{line}: {height} lines\n{page}"
            );
        }
    }

    #[test]
    fn the_summary_of_chat_is_grouped_and_names_the_conversation() {
        let page = plain("amx chat -h", 80);
        let headings: Vec<&str> = page
            .lines()
            .filter(|line| line.ends_with(':') && !line.starts_with(' '))
            .collect();
        assert_eq!(
            headings,
            [
                "Question:",
                "Model:",
                "Answer:",
                "Conversation:",
                "Limits:",
                "Output:",
                "Examples:"
            ]
        );
        let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains("With no prompt on a terminal, starts a conversation"),
            "{page}"
        );
        assert!(flat.contains("--help lists all options"), "{page}");
        assert!(!page.contains("--provider-sort"), "{page}");
    }

    #[test]
    fn the_full_help_has_every_option_in_the_same_groups() {
        let page = plain("amx chat --help", 100);
        for heading in groups::ORDER {
            assert!(
                page.contains(&format!("\n{heading}:\n")),
                "{heading}\n{page}"
            );
        }
        assert!(page.contains("--provider-sort"), "{page}");
        let mut definition = cli::definition();
        definition.build();
        for command in definition.get_subcommands() {
            for heading in command.get_arguments().filter_map(Arg::get_help_heading) {
                assert!(
                    groups::ORDER.contains(&heading),
                    "{heading} would not be shown"
                );
            }
        }
    }

    #[test]
    fn the_command_is_found_before_the_first_option() {
        assert!(plain("amx sessions export -f json -h", 80).contains("amx sessions export"));
        assert!(plain("amx models claude -h", 80).contains("Usage: amx models [OPTIONS]"));
        assert!(plain("amx -h chat", 80).contains("Usage: amx [COMMAND]"));
    }
}
