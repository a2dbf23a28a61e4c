//! Reads everything that is asked to be attached.

use std::path::PathBuf;
use std::time::Duration;

use super::attached::{Attached, add, size};
use super::fault::{self, AttachmentFault};
use super::kinds::{Treatment, kind_of};
use super::limits::{self, LARGEST_FILE, MOST_FILES, MOST_TOGETHER, USUAL_BYTES, USUAL_FILES};
use super::text::shown_name;
use super::walk::{self, FoundFile, Tree, counted};
use super::wanted::Wanted;
use super::{address, file, stdin};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Whether stdin may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// After so long a silence it is given up.
    May(Duration),
    /// Why not.
    MayNot(&'static str),
}

/// How attachments are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Lets folders and patterns bring more than is usual.
    pub force: bool,
    pub stdin: Stdin,
}

/// What is read last, because it is gone afterwards or takes its time.
enum Later {
    Stdin(String),
    Clipboard,
}

/// What the words turned out to be; numbers are places among them.
struct Sorted {
    groups: Vec<Vec<Attached>>,
    later: Vec<(usize, Later)>,
    trees: Vec<(usize, PathBuf, Tree)>,
    faults: Vec<AttachmentFault>,
}

impl Reading {
    /// In a conversation stdin is the keyboard.
    pub fn at_prompt(force: bool) -> Self {
        Self {
            force,
            stdin: Stdin::MayNot("it is the keyboard of this conversation"),
        }
    }

    /// Reads what the words name, in their order; a file that several of them name is read once.
    ///
    /// # Errors
    /// One for everything that cannot be attached: nothing has been sent or written by then.
    pub fn read(
        &self,
        words: &[PathBuf],
        context: &mut Context<'_>,
    ) -> Result<Vec<Attached>, CommandError> {
        limits::together(&sizes_of(words))?;
        let Sorted {
            mut groups,
            later,
            mut trees,
            mut faults,
        } = self.sort(words);
        if faults.is_empty() {
            for (at, _, tree) in &mut trees {
                read_tree(tree, &mut groups[*at], &mut faults);
            }
        }
        if let Some(error) = fault::together(faults) {
            return Err(error);
        }
        for (at, what) in later {
            groups[at].push(self.read_late(what, context)?);
        }
        let mut attached = Vec::new();
        groups
            .into_iter()
            .for_each(|group| add(&mut attached, group));
        limits::check(&attached)?;
        for (_, path, tree) in &trees {
            if let Some(words) = tree.left_out() {
                context.output.note(&format!("{}: {words}", path.display()));
            }
        }
        Ok(attached)
    }

    /// Reads what is named, finds what is meant by folders and patterns, and puts off the rest.
    fn sort(&self, words: &[PathBuf]) -> Sorted {
        let mut sorted = Sorted {
            groups: vec![Vec::new(); words.len()],
            later: Vec::new(),
            trees: Vec::new(),
            faults: Vec::new(),
        };
        for (at, word) in words.iter().enumerate() {
            let Sorted {
                groups,
                later,
                trees,
                faults,
            } = &mut sorted;
            let read = match Wanted::parse(word) {
                Wanted::Stdin { name } => self
                    .may_take_stdin(later)
                    .map(|()| later.push((at, Later::Stdin(name)))),
                Wanted::Clipboard => {
                    later.push((at, Later::Clipboard));
                    Ok(())
                }
                Wanted::Address(text) => {
                    address::read(&text).map(|attached| groups[at].push(attached))
                }
                Wanted::Path(path) if path.is_dir() => {
                    walk::folder(&path).map(|tree| trees.push((at, path, tree)))
                }
                Wanted::Path(path) => file::named(&path).map(|attached| groups[at].push(attached)),
                Wanted::Pattern { below, pattern } => walk::pattern(&below, &pattern)
                    .map(|tree| trees.push((at, below.join(pattern), tree))),
            };
            faults.extend(read.err());
        }
        for (_, _, tree) in &mut sorted.trees {
            sorted.faults.append(&mut tree.faults);
        }
        self.bound(&sorted.trees, &mut sorted.faults);
        sorted
    }

    fn may_take_stdin(&self, later: &[(usize, Later)]) -> Result<(), AttachmentFault> {
        let refused = |why: &str| {
            Err(AttachmentFault::new(
                "stdin",
                CommandError::usage(format!("stdin cannot be attached: {why}"))
                    .hint("amx chat -f FILE …"),
            ))
        };
        match self.stdin {
            Stdin::MayNot(why) => refused(why),
            Stdin::May(_)
                if later
                    .iter()
                    .any(|(_, what)| matches!(what, Later::Stdin(_))) =>
            {
                refused("it can be read only once")
            }
            Stdin::May(_) => Ok(()),
        }
    }

    /// Holds what folders and patterns bring against what is usual, and against what nothing lifts.
    fn bound(&self, trees: &[(usize, PathBuf, Tree)], faults: &mut Vec<AttachmentFault>) {
        let files: Vec<&FoundFile> = trees.iter().flat_map(|(_, _, tree)| &tree.files).collect();
        let bytes: u64 = files.iter().map(|found| found.bytes).sum();
        let is_too_much = files.len() > MOST_FILES || bytes > MOST_TOGETHER;
        let is_unusual = files.len() > USUAL_FILES || bytes > USUAL_BYTES;
        if !is_too_much && (self.force || !is_unusual) {
            return;
        }
        let (most_files, most_bytes) = if is_too_much {
            (MOST_FILES, MOST_TOGETHER)
        } else {
            (USUAL_FILES, USUAL_BYTES)
        };
        let named: Vec<String> = trees
            .iter()
            .map(|(_, path, _)| path.display().to_string())
            .collect();
        let held = format!("{} of {}", counted(files.len(), "file"), size(bytes));
        let message = format!(
            "{} would attach {held}, more than {most_files} files or {}",
            named.join(", "),
            size(most_bytes)
        );
        let error = CommandError::new(ErrorKind::Input, message).caused_by_words(limits::largest(
            files.iter().map(|found| (found.bytes, found.name.as_str())),
        ));
        let fault = AttachmentFault::new(named.join(", "), error)
            .hint("name less of it: amx chat -f 'src/**/*.rs' …");
        faults.push(if is_too_much {
            fault
        } else {
            fault.hint("--force   (attaches all of it)")
        });
    }

    fn read_late(&self, what: Later, context: &mut Context<'_>) -> Result<Attached, CommandError> {
        let (name, bytes) = match (what, self.stdin) {
            (Later::Stdin(name), Stdin::May(patience)) => {
                (shown_name(&name), stdin::read(patience, context)?)
            }
            (Later::Stdin(name), Stdin::MayNot(why)) => {
                return Err(CommandError::usage(format!("{name}: {why}")));
            }
            (Later::Clipboard, _) => ("clipboard".to_owned(), pasted(context)?),
        };
        file::of_bytes(&name, bytes).map_err(|fault| fault.error)
    }
}

/// The files that are named one by one, with their sizes: too much together is not even read.
fn sizes_of(words: &[PathBuf]) -> Vec<(u64, String)> {
    let named = words.iter().filter_map(|word| match Wanted::parse(word) {
        Wanted::Path(path) => Some((
            std::fs::metadata(&path)
                .ok()
                .filter(std::fs::Metadata::is_file)?
                .len(),
            path.display().to_string(),
        )),
        _ => None,
    });
    // What is too large by itself is told of by itself.
    named.filter(|(bytes, _)| *bytes <= LARGEST_FILE).collect()
}

fn pasted(context: &mut Context<'_>) -> Result<Vec<u8>, CommandError> {
    let none = |why: String| {
        let error = CommandError::new(
            ErrorKind::Input,
            "there is no picture to take from the clipboard",
        )
        .caused_by_words(why);
        error.hint("save the picture to a file, and attach that: amx chat -f FILE …")
    };
    let limit = usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX);
    let bytes = context.output.pasted_image(limit).map_err(none)?;
    let is_image =
        kind_of(&bytes).is_some_and(|kind| matches!(kind.treatment, Treatment::Image(_)));
    if is_image {
        Ok(bytes)
    } else {
        Err(none(
            "what came is not a PNG, JPEG, WebP or GIF picture".to_owned(),
        ))
    }
}

/// Of what was found some may turn out not to be text behind its beginning: it is left out as well.
fn read_tree(tree: &mut Tree, to: &mut Vec<Attached>, faults: &mut Vec<AttachmentFault>) {
    for found in &tree.files {
        match file::found(found) {
            Ok(Some(attached)) => to.push(attached),
            Ok(None) => tree.not_text += 1,
            Err(fault) => faults.push(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(sizes: impl IntoIterator<Item = u64>) -> Vec<(usize, PathBuf, Tree)> {
        let found = |(index, bytes)| FoundFile {
            path: PathBuf::new(),
            name: format!("f{index}"),
            bytes,
        };
        vec![(
            0,
            PathBuf::from("src"),
            Tree {
                files: sizes.into_iter().enumerate().map(found).collect(),
                ..Tree::default()
            },
        )]
    }

    fn bound(force: bool, trees: &[(usize, PathBuf, Tree)]) -> Option<CommandError> {
        let mut faults = Vec::new();
        Reading {
            force,
            stdin: Stdin::MayNot(""),
        }
        .bound(trees, &mut faults);
        fault::together(faults)
    }

    #[test]
    fn more_than_is_usual_needs_a_word_and_more_than_is_allowed_gets_none() {
        assert!(bound(false, &tree(vec![1; USUAL_FILES])).is_none());
        assert!(bound(false, &tree([USUAL_BYTES])).is_none());
        for unusual in [tree(vec![1; USUAL_FILES + 1]), tree([USUAL_BYTES, 1])] {
            let error = bound(false, &unusual).unwrap();
            assert!(
                error.hints.iter().any(|hint| hint.starts_with("--force"))
                    && error.cause().unwrap().contains("the largest: f0")
            );
            assert!(bound(true, &unusual).is_none());
        }
        for too_much in [tree(vec![1; MOST_FILES + 1]), tree([MOST_TOGETHER, 1])] {
            let error = bound(true, &too_much).unwrap();
            assert!(
                !error.hints.iter().any(|hint| hint.contains("--force")),
                "{:?}",
                error.hints
            );
        }
    }
}
