//! Completion at the prompt: commands, profiles, models, sessions, files. Never uses the network.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::slash::{COMMANDS, Completes, SlashCommand, find};
use crate::commands::candidates;
use crate::config::Home;
use crate::config::home::expanded;
use crate::config::options::{OPTIONS, RequestOption, table};
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::input::{Candidate, Completer};
use crate::present::fuzzy::FuzzyMatcher;
use crate::store::{CatalogReader, Store};

/// Maximum number of candidates.
const MAX_CANDIDATES: usize = 100;

/// The names that the conversation offers for completion.
#[derive(Debug, Default)]
pub(super) struct CompletionNames {
    /// Each profile with its model.
    pub profiles: Vec<(String, String)>,
    pub models: BTreeSet<String>,
    /// The server whose cached catalogue is offered as well.
    pub server: String,
    /// The current value of each slash command that has one.
    pub values: Vec<(&'static str, String)>,
}

impl CompletionNames {
    /// The current value of a command; empty without one.
    pub(super) fn value(&self, command: &str) -> String {
        let found = self.values.iter().find(|(name, _)| *name == command);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// Completes slash commands and their arguments.
pub(super) struct SlashCompleter {
    names: Arc<Mutex<CompletionNames>>,
    home: Option<Home>,
}

impl SlashCompleter {
    pub(super) fn new(names: Arc<Mutex<CompletionNames>>, home: Option<Home>) -> Self {
        Self { names, home }
    }

    /// The models of this run, and those of the cached catalogue.
    fn models(&self, names: &CompletionNames) -> BTreeSet<String> {
        let mut models = names.models.clone();
        models.extend(self.catalogue(&names.server));
        models
    }

    /// `before` is the part of the argument before the word.
    fn argument(
        &self,
        completes: Completes,
        before: &str,
        word: &str,
        span: &Range<usize>,
    ) -> Vec<Candidate> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let plain = |value: &str, description: &str| Candidate {
            value: value.to_owned(),
            description: description.to_owned(),
            span: span.clone(),
            is_whole: true,
        };
        let starting = |known: Vec<(String, String)>| -> Vec<Candidate> {
            let known = known.iter().filter(|(name, _)| name.starts_with(word));
            known.map(|(name, about)| plain(name, about)).collect()
        };
        match completes {
            Completes::Nothing => Vec::new(),
            Completes::Words(words) => starting_with(word, words.iter().copied())
                .map(|candidate| plain(candidate, ""))
                .collect(),
            Completes::Tools(words) => starting(self.tools(words, before)),
            Completes::Options if before.is_empty() => option_names(word)
                .map(|option| plain(option.name, option.meaning))
                .collect(),
            Completes::Options => starting_with(word, option_words(before))
                .map(|candidate| plain(candidate, ""))
                .collect(),
            Completes::Commands => matching_commands(word.trim_start_matches('/'))
                .map(|command| plain(command.name, command.meaning))
                .collect(),
            Completes::Profiles => starting(names.profiles.clone()),
            // Few people remember the author.
            Completes::Models => best(FuzzyMatcher::of_paths(), word, self.models(&names), |id| {
                id.clone()
            })
            .map(|id| plain(&id, ""))
            .collect(),
            Completes::Sessions => {
                drop(names);
                best(
                    FuzzyMatcher::new(),
                    word,
                    self.sessions(),
                    |(label, title)| format!("{label} {title}"),
                )
                .map(|(label, title)| plain(&label, &title))
                .collect()
            }
            Completes::Files => files(word, span),
            Completes::Templates => starting(self.templates()),
        }
    }

    /// The names of tools, and before the first of them the words.
    fn tools(&self, words: &'static [&'static str], before: &str) -> Vec<(String, String)> {
        let tools = self.home.as_ref().map(candidates::tools);
        let words = if before.is_empty() { words } else { &[] };
        let words = words.iter().map(|word| ((*word).to_owned(), String::new()));
        words.chain(tools.unwrap_or_default()).collect()
    }

    fn templates(&self) -> Vec<(String, String)> {
        self.home
            .as_ref()
            .map(candidates::templates)
            .unwrap_or_default()
    }

    /// The model IDs of the cached catalogue.
    fn catalogue(&self, server: &str) -> Vec<String> {
        self.home
            .as_ref()
            .and_then(CatalogReader::open)
            .map(|reader| reader.ids(server))
            .unwrap_or_default()
    }

    /// Name or number of each saved conversation, with its title; none when the store cannot be
    /// read.
    fn sessions(&self) -> Vec<(String, String)> {
        let store = self.home.as_ref().and_then(Store::open_unchanged);
        let sessions = store
            .and_then(|store| store.sessions(Some(MAX_CANDIDATES)).ok())
            .unwrap_or_default();
        sessions
            .into_iter()
            .map(|session| {
                (
                    session.name.unwrap_or_else(|| session.id.to_string()),
                    session.title,
                )
            })
            .collect()
    }
}

impl Completer for SlashCompleter {
    fn complete(&mut self, line: &str, cursor: usize) -> Vec<Candidate> {
        let Some(typed) = line
            .get(..cursor)
            .filter(|typed| typed.starts_with('/') && !typed.contains('\n'))
        else {
            return Vec::new();
        };
        let mut candidates = match typed.split_once(char::is_whitespace) {
            None => commands(typed),
            Some((name, rest)) => {
                let Some(command) = find(&name[1..]) else {
                    return Vec::new();
                };
                let word_at = cursor - rest.len() + word_start(rest);
                let before = line[cursor - rest.len()..word_at].trim();
                self.argument(
                    command.completes,
                    before,
                    &line[word_at..cursor],
                    &(word_at..cursor),
                )
            }
        };
        candidates.truncate(MAX_CANDIDATES);
        candidates
    }
}

/// The values that match a word, the best first.
fn best<T>(
    mut matcher: FuzzyMatcher,
    word: &str,
    values: impl IntoIterator<Item = T>,
    text: impl Fn(&T) -> String,
) -> impl Iterator<Item = T> {
    let mut values: Vec<Option<T>> = values.into_iter().map(Some).collect();
    let rows: Vec<String> = values.iter().flatten().map(text).collect();
    let ranked = matcher.rank(word, rows.iter().map(String::as_str));
    ranked
        .into_iter()
        .filter_map(move |found| values[found.row].take())
}

/// Where the last word starts; a quoted text is one word.
fn word_start(text: &str) -> usize {
    let (mut start, mut quote) = (0, None);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => start = at + c.len_utf8(),
            None => {}
        }
    }
    start
}

/// The slash commands whose name starts with `start`.
fn matching_commands(start: &str) -> impl Iterator<Item = &'static SlashCommand> {
    COMMANDS
        .iter()
        .filter(move |command| command.name.starts_with(start))
}

/// The slash commands that start like `typed`, slash included.
fn commands(typed: &str) -> Vec<Candidate> {
    let candidate = |command: &SlashCommand| Candidate {
        value: format!("/{}", command.name),
        description: command.meaning.to_owned(),
        span: 0..typed.len(),
        is_whole: true,
    };
    matching_commands(&typed[1..]).map(candidate).collect()
}

/// Files and folders that start like the word; hidden ones only when the word starts with a dot.
pub(super) fn files(word: &str, span: &Range<usize>) -> Vec<Candidate> {
    let quote = word.chars().next().filter(|c| matches!(c, '"' | '\''));
    let word = quote.map_or(word, |quote| word.trim_matches(quote));
    let separators = paths::separators(System::CURRENT);
    let (folder, start) = word
        .rsplit_once(separators)
        .map_or(("", word), |(folder, start)| {
            (&word[..=folder.len()], start)
        });
    let searched = if folder.is_empty() {
        PathBuf::from(".")
    } else {
        expanded(folder)
    };
    let Ok(entries) = std::fs::read_dir(searched) else {
        return Vec::new();
    };
    let named = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path().is_dir())));
    let matches = |name: &str| {
        name.starts_with(start)
            && (start.starts_with('.') || !name.starts_with('.'))
            && !name.contains(['\n', '\'', '"', '\\'])
    };
    let mut found: Vec<(String, bool)> = named.filter(|(name, _)| matches(name)).collect();
    found.sort();
    let candidate = |(name, is_folder): (String, bool)| {
        let path = format!("{folder}{name}{}", if is_folder { "/" } else { "" });
        let quote = quote.or(path.contains(char::is_whitespace).then_some('"'));
        // The quote stays open after a folder, because a file name follows.
        let value = match quote {
            Some(quote) if is_folder => format!("{quote}{path}"),
            Some(quote) => format!("{quote}{path}{quote}"),
            None => path,
        };
        Candidate {
            value,
            description: String::new(),
            span: span.clone(),
            is_whole: !is_folder,
        }
    };
    found.into_iter().map(candidate).collect()
}

/// The candidates that start with what is typed.
fn starting_with<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = &'a str> {
    candidates
        .into_iter()
        .filter(move |candidate| candidate.starts_with(typed))
}

/// The options whose name, or the part after its dot, starts like the word.
fn option_names(word: &str) -> impl Iterator<Item = &'static RequestOption> {
    OPTIONS.iter().filter(move |option| {
        option.name.starts_with(word)
            || option
                .name
                .rsplit('.')
                .next()
                .is_some_and(|last| last.starts_with(word))
    })
}

/// The values of an option, and the word that resets it.
fn option_words(name: &str) -> Vec<&'static str> {
    table::find(name).map_or_else(Vec::new, |option| {
        option.kind.words().into_iter().chain(["off"]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Model;

    fn completer() -> SlashCompleter {
        let names = CompletionNames {
            profiles: vec![
                ("work".to_owned(), "openai/gpt-5".to_owned()),
                ("home".to_owned(), String::new()),
            ],
            models: ["anthropic/claude-sonnet-4", "openai/gpt-5"]
                .map(str::to_owned)
                .into(),
            ..CompletionNames::default()
        };
        SlashCompleter::new(Arc::new(Mutex::new(names)), None)
    }

    fn values(line: &str) -> Vec<String> {
        completer()
            .complete(line, line.len())
            .into_iter()
            .map(|candidate| candidate.value)
            .collect()
    }

    #[test]
    fn commands_and_their_arguments_are_completed() {
        assert_eq!(values("/mo"), ["/model", "/models"]);
        assert_eq!(values("/use-llm w"), ["work"]);
        assert_eq!(values("/model gpt"), ["openai/gpt-5"]);
        assert_eq!(values("/effort m"), ["minimal", "medium", "max"]);
        assert_eq!(values("/retry openai/gpt-5 -t 1"), Vec::<String>::new());
        assert_eq!(values("/help und"), ["undo"]);
        assert_eq!(values("/set sort"), ["provider.sort"]);
        assert_eq!(
            values("/set top_"),
            ["top_p", "top_k", "top_a", "top_logprobs"]
        );
        assert_eq!(values("/set provider.data_collection d"), ["deny"]);
        assert_eq!(values("/set seed o"), ["off"]);
        assert_eq!(values("what is /mo"), Vec::<String>::new());
        assert_eq!(values("/nonsense x"), Vec::<String>::new());
    }

    #[test]
    fn a_candidate_replaces_only_its_word() {
        let candidates = completer().complete("/use-llm w rest", 10);
        assert_eq!(
            (candidates[0].value.as_str(), candidates[0].span.clone()),
            ("work", 9..10)
        );
    }

    #[test]
    fn models_of_the_cached_catalogue_are_offered() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let models = [Model {
            id: "acme/gpt-clone".to_owned(),
            ..Model::default()
        }];
        Store::open(&home)
            .unwrap()
            .save_catalog(
                "https://s.example/v1",
                &models,
                std::time::SystemTime::UNIX_EPOCH,
            )
            .unwrap();
        let names = CompletionNames {
            models: ["openai/gpt-5".to_owned()].into(),
            server: "https://s.example/v1".to_owned(),
            ..CompletionNames::default()
        };
        let mut completer = SlashCompleter::new(Arc::new(Mutex::new(names)), Some(home));
        let values: Vec<String> = completer
            .complete("/model gpt", 10)
            .into_iter()
            .map(|candidate| candidate.value)
            .collect();
        assert_eq!(values, ["acme/gpt-clone", "openai/gpt-5"]);
    }

    #[test]
    fn files_are_completed_below_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes.md", "number", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("nested")).unwrap();
        let at = folder.path().display();
        assert_eq!(
            values(&format!("/file {at}/n")),
            [
                format!("{at}/nested/"),
                format!("{at}/notes.md"),
                format!("{at}/number")
            ]
        );
        assert_eq!(values(&format!("/file {at}/.h")), [format!("{at}/.hidden")]);
        assert_eq!(values(&format!("/file {at}/none/x")), Vec::<String>::new());
        std::fs::write(folder.path().join("my plan.md"), "").unwrap();
        std::fs::create_dir(folder.path().join("my folder")).unwrap();
        let quoted = [format!("\"{at}/my folder/"), format!("\"{at}/my plan.md\"")];
        assert_eq!(values(&format!("/file {at}/my")), quoted);
        assert_eq!(values(&format!("/file a.txt \"{at}/my ")), quoted);
        assert_eq!(
            values(&format!("/file '{at}/my p")),
            [format!("'{at}/my plan.md'")]
        );
    }
}
