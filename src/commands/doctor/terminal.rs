//! Checks of the terminal: kind, colour, width, characters, keyboard.

use super::check::Finding;
use super::subject::Subject;
use crate::config::env;
use crate::platform::commands::{SET_LOCALE, SET_TERM};
use crate::ports::input::StdinKind;

/// Columns below which tables and code are hard to read.
const NARROW: usize = 40;

/// The variables that set the locale, in order of precedence.
const LOCALE_VARIABLES: &[&str] = &["LC_ALL", "LC_CTYPE", "LANG"];

fn variable<'a>(subject: &'a Subject, name: &str) -> Option<&'a str> {
    subject.environment.named(name).ok().flatten()
}

pub(super) fn kind(subject: &Subject) -> Vec<Finding> {
    let term = variable(subject, env::TERM.name);
    vec![match (subject.terminal.is_terminal, term) {
        (false, _) => Finding::note("stdout is not a terminal: answers are plain Markdown"),
        (true, term) if subject.system.is_dumb(term) => Finding::warning(
            match term {
                None => "TERM is not set: no colour, no animation".to_owned(),
                Some(term) => format!("TERM is {term}: no colour, no animation"),
            },
            subject.command(SET_TERM, []),
        ),
        (true, term) => Finding::ok(term.unwrap_or("terminal").escape_debug().to_string()),
    }]
}

pub(super) fn colour(subject: &Subject) -> Vec<Finding> {
    let is_dumb = subject.system.is_dumb(variable(subject, env::TERM.name));
    vec![if subject.environment.is_set(&env::NO_COLOR) {
        Finding::note("NO_COLOR is set: no colour, no styling")
    } else if !subject.terminal.is_terminal || is_dumb {
        Finding::skipped("not available on this output")
    } else {
        Finding::ok("the 16 colours of the terminal")
    }]
}

pub(super) fn width(subject: &Subject) -> Vec<Finding> {
    vec![match subject.terminal.width {
        _ if !subject.terminal.is_terminal => Finding::skipped("stdout is not a terminal"),
        width if width < NARROW => Finding::warning(
            format!("{width} columns: too narrow for tables and code"),
            "make the window wider",
        ),
        width => Finding::ok(format!("{width} columns")),
    }]
}

/// Output is always UTF-8; a terminal with another encoding shows it wrong.
pub(super) fn characters(subject: &Subject) -> Vec<Finding> {
    if subject.system.is_windows() {
        return vec![characters_of_windows(subject)];
    }
    let set = LOCALE_VARIABLES
        .iter()
        .find_map(|name| Some((*name, variable(subject, name)?)));
    let remedy = subject.command(SET_LOCALE, []);
    vec![match set {
        Some((_, value)) if is_utf8(value) => Finding::ok(value.escape_debug().to_string()),
        Some((name, value)) => Finding::warning(
            format!("{name} is '{}'; amx writes UTF-8", value.escape_debug()),
            remedy,
        ),
        None => Finding::warning("no locale is set; amx writes UTF-8", remedy),
    }]
}

/// A console receives text as Unicode. PowerShell decodes output that it pipes or captures.
fn characters_of_windows(subject: &Subject) -> Finding {
    if subject.terminal.is_terminal {
        Finding::ok("the console receives Unicode")
    } else {
        Finding::note(
            "the output is UTF-8; for pipelines of Windows PowerShell, set \
            [Console]::OutputEncoding and $OutputEncoding to UTF-8",
        )
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

pub(super) fn keyboard(subject: &Subject) -> Vec<Finding> {
    let is_in = |name: &str| variable(subject, name).is_some();
    vec![match (subject.terminal.can_ask, subject.terminal.stdin) {
        (true, _) if is_in("TMUX") || is_in("STY") => Finding::note(
            "inside tmux or screen: Alt-Enter inserts a new line; so does \\ at the end of a line",
        ),
        (true, _) => Finding::ok("prompts available; Alt-Enter inserts a new line"),
        (false, StdinKind::Terminal) => {
            Finding::note("stderr is not a terminal: no prompts, no conversation")
        }
        (false, StdinKind::Empty) => Finding::note("stdin is empty: no prompts, no conversation"),
        (false, StdinKind::Piped) => {
            Finding::note("stdin is a pipe: it is read as part of the prompt")
        }
    }]
}
