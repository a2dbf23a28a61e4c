//! The menus below the prompt: slash commands and their arguments, and files after an `@`.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::completion::{CompletionNames, SlashCompleter};
use super::slash::{ALIASES, COMMANDS, SlashCommand, find, group_of, grouped};
use crate::attachments::file_index::FileIndex;
use crate::attachments::mention::{mentioned, open_mention, quote_of, written};
use crate::commands::candidates;
use crate::config::Home;
use crate::ports::entered_text::EnteredText;
use crate::ports::input::Completer;
use crate::ports::menu::{Menu, MenuAction, MenuRow, MenuSource};
use crate::present::fuzzy::FuzzyMatcher;

/// Most rows of a menu.
const MOST_ROWS: usize = 50;

/// Time for the search of files at one key.
const SEARCH: Duration = Duration::from_millis(8);

/// After this time the files are collected again.
const FRESH: Duration = Duration::from_secs(10);

/// The heading of templates.
const TEMPLATES: &str = "Templates";

/// The menus of a conversation.
pub(super) struct ConversationMenus {
    names: Arc<Mutex<CompletionNames>>,
    home: Option<Home>,
    arguments: SlashCompleter,
    files: FileMenu,
    /// Name and description of each template, read when a `/` is typed.
    templates: Vec<(String, String)>,
}

impl ConversationMenus {
    pub(super) fn new(names: Arc<Mutex<CompletionNames>>, home: Option<Home>) -> Self {
        Self {
            arguments: SlashCompleter::new(Arc::clone(&names), home.clone()),
            names,
            home,
            files: FileMenu::default(),
            templates: Vec::new(),
        }
    }

    /// The commands and templates whose name starts with what is typed, slash included.
    fn commands(&mut self, typed: &str) -> Vec<MenuRow> {
        if typed == "/" {
            let home = self.home.as_ref();
            self.templates = home.map(candidates::templates).unwrap_or_default();
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let start = &typed[1..];
        let row = |name: &str, command: &SlashCommand| MenuRow {
            label: format!("/{name}"),
            matched: std::iter::once(0..typed.len()).collect(),
            value: names.value(command.name),
            about: command.meaning.to_owned(),
            group: group_of(command.name),
            span: 0..typed.len(),
            insert: format!(
                "/{name}{}",
                if command.argument.is_empty() { "" } else { " " }
            ),
            action: action(typed, command.runs_alone()),
        };
        let commands = grouped().into_iter().flat_map(|(_, commands)| commands);
        let mut rows: Vec<MenuRow> = commands
            .filter(|command| command.name.starts_with(start))
            .map(|command| row(command.name, command))
            .collect();
        let aliases = ALIASES.iter().filter(|(alias, _)| alias.starts_with(start));
        if !start.is_empty() {
            let found = aliases.filter_map(|(alias, name)| Some(row(alias, find(name)?)));
            rows.extend(found);
        }
        let templates = self.templates.iter().filter(|(name, _)| {
            name.starts_with(start) && COMMANDS.iter().all(|command| command.name != *name)
        });
        rows.extend(templates.map(|(name, about)| MenuRow {
            label: format!("/{name}"),
            matched: std::iter::once(0..typed.len()).collect(),
            value: String::new(),
            about: about.clone(),
            group: TEMPLATES,
            span: 0..typed.len(),
            insert: format!("/{name} "),
            // It usually takes a text.
            action: action(typed, typed[1..] == **name),
        }));
        // What is typed whole is meant.
        rows.sort_by_key(|row| row.label != typed);
        rows
    }

    fn arguments(&mut self, text: &str, cursor: usize) -> Vec<MenuRow> {
        let candidates = self.arguments.complete(text, cursor);
        candidates
            .into_iter()
            .map(|candidate| MenuRow {
                insert: if candidate.is_whole {
                    format!("{} ", candidate.value)
                } else {
                    candidate.value.clone()
                },
                label: candidate.value,
                matched: Vec::new(),
                value: String::new(),
                about: candidate.description,
                group: "",
                span: candidate.span,
                action: MenuAction::Offer,
            })
            .collect()
    }
}

/// A `/` alone chooses nothing yet.
fn action(typed: &str, runs_alone: bool) -> MenuAction {
    if runs_alone && typed != "/" {
        MenuAction::Submit
    } else {
        MenuAction::Insert
    }
}

impl MenuSource for ConversationMenus {
    fn menu(&mut self, text: &EnteredText, cursor: usize) -> Menu {
        let before = text.slice(0..cursor);
        let is_command = before.text.starts_with('/') && text.is_typed(0..1);
        let is_mention = || takes_mentions(&before) && open_mention(&before).is_some();
        if is_command && !before.text.contains('\n') && !is_mention() {
            // In the middle of a name, and before an argument that is there, nothing is offered.
            let rest = &text.text[cursor..];
            let mut rows = if before.text.contains(char::is_whitespace) {
                self.arguments(&text.text, cursor)
            } else if rest.is_empty() && !before.text[1..].starts_with('/') {
                self.commands(&before.text)
            } else {
                Vec::new()
            };
            rows.truncate(MOST_ROWS);
            return Menu {
                rows,
                ..Menu::default()
            };
        }
        if !takes_mentions(&before) {
            return Menu::default();
        }
        match open_mention(&before) {
            Some(at) => self.files.menu(&before.text[at + 1..], at..cursor),
            None => Menu::default(),
        }
    }

    fn chips(&mut self, text: &EnteredText) -> Vec<String> {
        if takes_mentions(text) {
            mentioned(text)
        } else {
            Vec::new()
        }
    }
}

/// Whether what a line mentions is attached: a question, or a template with words.
fn takes_mentions(line: &EnteredText) -> bool {
    let text = line.text.as_str();
    if !line.is_typed(0..1) {
        return true;
    }
    match text.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') => {
            let (name, argument) = rest.split_once(' ').unwrap_or((rest, ""));
            let is_template = find(name).is_none_or(|command| command.name == "template");
            !argument.is_empty() && is_template
        }
        _ => !text.starts_with('!'),
    }
}

/// The files below the current folder.
#[derive(Default)]
struct FileMenu {
    visible: Option<FileIndex>,
    /// With hidden files and folders: used when a part starts with a dot.
    hidden: Option<FileIndex>,
    matcher: Option<FuzzyMatcher>,
}

impl FileMenu {
    /// `typed` is the mention without its `@`, and `span` all of it.
    fn menu(&mut self, typed: &str, span: std::ops::Range<usize>) -> Menu {
        let query = typed.trim_start_matches(['"', '\'']);
        let is_outside = query.starts_with(['/', '~', '\\']) || query.starts_with("..");
        if is_outside || query.starts_with("./") || query.contains("://") {
            return outside(typed, span);
        }
        let wants_hidden = query.split('/').any(|part| part.starts_with('.'));
        let slot = if wants_hidden {
            &mut self.hidden
        } else {
            &mut self.visible
        };
        let is_old = |index: &FileIndex| index.has_ended() && index.age() > FRESH;
        // While a path is typed the list stays as it is.
        if query.is_empty() && slot.as_ref().is_some_and(is_old) {
            *slot = None;
        }
        let index = slot.get_or_insert_with(|| FileIndex::start(Path::new("."), wants_hidden));
        let matcher = self.matcher.get_or_insert_with(FuzzyMatcher::of_paths);
        // Before the rows are read, so that no row is missed.
        let is_growing = !index.has_ended();
        let until = Instant::now() + SEARCH;
        let (mut rows, found) = index.read(|paths| {
            let searched = paths.iter().map(String::as_str);
            let found = matcher.rank_while(query, searched, || Instant::now() < until);
            let best = found.iter().take(MOST_ROWS);
            let rows = best.filter_map(|best| file_row(&paths[best.row], query, &span));
            (rows.collect::<Vec<_>>(), found.len())
        });
        for row in &mut rows {
            row.matched = matcher.positions(query, &row.label);
        }
        if "clipboard".starts_with(query) {
            rows.push(clipboard_row(span));
        }
        let unlisted = found.saturating_sub(MOST_ROWS);
        let note = match (unlisted, index.is_cut()) {
            _ if is_growing => "searching…",
            (0, true) => "the folder has more files than are searched",
            _ => "",
        };
        Menu {
            rows,
            unlisted,
            has_paths: true,
            note: note.to_owned(),
            is_growing,
        }
    }
}

fn file_row(path: &str, query: &str, span: &std::ops::Range<usize>) -> Option<MenuRow> {
    let mention = written(path)?;
    // After a folder one of its files may follow, unless it was typed whole.
    let insert = if path.ends_with('/') && path != query {
        let quote = quote_of(&mention[1..]);
        quote
            .map_or(mention.as_str(), |quote| mention.trim_end_matches(quote))
            .to_owned()
    } else {
        format!("{mention} ")
    };
    Some(MenuRow {
        label: path.to_owned(),
        matched: Vec::new(),
        value: String::new(),
        about: String::new(),
        group: "",
        span: span.clone(),
        insert,
        action: MenuAction::Insert,
    })
}

fn clipboard_row(span: std::ops::Range<usize>) -> MenuRow {
    MenuRow {
        label: "clipboard".to_owned(),
        matched: Vec::new(),
        value: String::new(),
        about: "the image on the clipboard".to_owned(),
        group: "",
        span,
        insert: "@clipboard ".to_owned(),
        action: MenuAction::Insert,
    }
}

/// Paths outside the current folder, a folder at a time.
fn outside(typed: &str, span: std::ops::Range<usize>) -> Menu {
    let start = span.start + 1;
    let candidates = super::completion::files(typed, &(start..span.end));
    let rows = candidates.into_iter().take(MOST_ROWS).map(|candidate| {
        let blank = if candidate.is_whole { " " } else { "" };
        MenuRow {
            insert: format!("{}{blank}", candidate.value),
            label: candidate.value,
            matched: Vec::new(),
            value: String::new(),
            about: String::new(),
            group: "",
            span: candidate.span,
            action: MenuAction::Insert,
        }
    });
    Menu {
        rows: rows.collect(),
        has_paths: true,
        ..Menu::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menus() -> ConversationMenus {
        let names = CompletionNames {
            models: ["openai/gpt-5".to_owned()].into(),
            values: vec![("model", "openai/gpt-5".to_owned())],
            ..CompletionNames::default()
        };
        ConversationMenus::new(Arc::new(Mutex::new(names)), None)
    }

    fn rows(text: &str) -> Vec<MenuRow> {
        menus().menu(&EnteredText::typed(text), text.len()).rows
    }

    fn labels(text: &str) -> Vec<String> {
        rows(text).into_iter().map(|row| row.label).collect()
    }

    #[test]
    fn commands_are_filtered_by_what_is_typed() {
        assert_eq!(labels("/und"), ["/undo"]);
        assert_eq!(labels("/mod"), ["/model", "/models"]);
        assert_eq!(labels("/models"), ["/models"]);
        assert_eq!(labels("/qui"), ["/quit"]);
        assert_eq!(rows("/").len(), COMMANDS.len().min(MOST_ROWS));
        for none in ["/nope", "//und", "hello", "", "!ls", " /und", "/und\n"] {
            assert_eq!(labels(none), Vec::<String>::new(), "{none:?}");
        }
        assert!(menus().menu(&EnteredText::data("/und"), 4).rows.is_empty());
        assert!(
            menus()
                .menu(&EnteredText::typed("/undo"), 3)
                .rows
                .is_empty()
        );
    }

    #[test]
    fn a_row_has_value_group_and_meaning() {
        let row = rows("/model").remove(0);
        assert_eq!(
            (row.label.as_str(), row.value.as_str()),
            ("/model", "openai/gpt-5")
        );
        assert_eq!((row.group, row.span), ("Model and settings", 0..6));
        assert!(row.about.starts_with("switch to another model"));
    }

    #[test]
    fn enter_runs_a_command_that_needs_nothing_more() {
        let first = |text| rows(text).remove(0);
        assert_eq!(
            (first("/und").action, first("/und").insert.as_str()),
            (MenuAction::Submit, "/undo ")
        );
        assert_eq!(first("/use").action, MenuAction::Insert);
        assert_eq!(first("/").action, MenuAction::Insert);
        let argument = first("/model gpt");
        assert_eq!(argument.action, MenuAction::Offer);
        assert_eq!(
            (argument.insert.as_str(), argument.span),
            ("openai/gpt-5 ", 7..10)
        );
    }

    #[test]
    fn a_mention_that_is_being_typed_has_the_files_outside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("my notes.md"), "x").unwrap();
        let at = folder.path().display();
        let text = format!("see @{at}/my");
        let row = rows(&text).remove(0);
        let mut line = text.clone();
        line.replace_range(row.span, &row.insert);
        assert_eq!(line, format!("see @\"{at}/my notes.md\" "));
    }

    #[test]
    fn a_folder_is_entered_and_then_chosen() {
        let row = |path, query| file_row(path, query, &(0..1)).unwrap().insert;
        assert_eq!(row("src/", "sr"), "@src/");
        assert_eq!(row("src/", "src/"), "@src/ ");
        assert_eq!(row("my src/", "my"), "@\"my src/");
        assert_eq!(row("a.rs", "a"), "@a.rs ");
    }

    #[test]
    fn files_of_the_folder_are_found_fuzzily_and_do_not_block() {
        let mut menus = menus();
        let text = EnteredText::typed("@uiprinter");
        let found = loop {
            let started = Instant::now();
            let menu = menus.menu(&text, text.text.len());
            assert!(started.elapsed() < Duration::from_secs(1), "a key waits");
            if !menu.is_growing {
                break menu;
            }
            std::thread::yield_now();
        };
        assert!(
            found
                .rows
                .iter()
                .any(|row| row.label == "src/ui/printer.rs")
        );
    }
}
