//! Reads all attachments of a question.

use std::path::PathBuf;
use std::time::Duration;

use super::attached::{Attachment, add, size};
use super::fault::{self, AttachmentFault};
use super::kinds::{Treatment, kind_of};
use super::limits::{self, LARGEST_FILE, MOST_FILES, MOST_TOGETHER, USUAL_BYTES, USUAL_FILES};
use super::source::AttachmentSource;
use super::text::shown_name;
use super::walk::{self, FolderListing, FoundFile, counted};
use super::{file, stdin, url};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Whether stdin may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StdinAccess {
    /// The timeout without data.
    May(Duration),
    /// The reason why not.
    MayNot(&'static str),
}

/// How attachments are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttachmentReader {
    /// Allows folders and patterns to attach more than the usual amount.
    pub force: bool,
    pub stdin: StdinAccess,
}

/// What is read last, because it is gone afterwards or takes its time.
enum Later {
    Stdin(String),
    Clipboard,
}

/// What the words turned out to be; numbers are places among them.
struct Sorted {
    groups: Vec<Vec<Attachment>>,
    later: Vec<(usize, Later)>,
    trees: Vec<(usize, PathBuf, FolderListing)>,
    faults: Vec<AttachmentFault>,
}

impl AttachmentReader {
    /// In a conversation stdin is the keyboard.
    pub(crate) fn at_prompt(force: bool) -> Self {
        Self {
            force,
            stdin: StdinAccess::MayNot("the conversation reads your input from it"),
        }
    }

    /// Reads what the words name, in their order; a file that several of them name is read once.
    ///
    /// # Errors
    /// One for everything that cannot be attached: nothing has been sent or written by then.
    pub(crate) fn read(
        &self,
        words: &[PathBuf],
        context: &mut Context<'_>,
    ) -> Result<Vec<Attachment>, CommandError> {
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
        if let Some(error) = fault::merged(faults) {
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
            if let Some(words) = tree.skipped() {
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
            let read = match AttachmentSource::parse(word) {
                AttachmentSource::Stdin { name } => self
                    .may_take_stdin(later)
                    .map(|()| later.push((at, Later::Stdin(name)))),
                AttachmentSource::Clipboard => {
                    later.push((at, Later::Clipboard));
                    Ok(())
                }
                AttachmentSource::Url(text) => {
                    url::read(&text).map(|attached| groups[at].push(attached))
                }
                AttachmentSource::Path(path) if path.is_dir() => {
                    walk::folder(&path).map(|tree| trees.push((at, path, tree)))
                }
                AttachmentSource::Path(path) => {
                    file::named(&path).map(|attached| groups[at].push(attached))
                }
                AttachmentSource::Pattern { below, pattern } => walk::pattern(&below, &pattern)
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
            StdinAccess::MayNot(why) => refused(why),
            StdinAccess::May(_)
                if later
                    .iter()
                    .any(|(_, what)| matches!(what, Later::Stdin(_))) =>
            {
                refused("it can be read only once")
            }
            StdinAccess::May(_) => Ok(()),
        }
    }

    /// Checks the files of folders and patterns against the usual amount and the fixed limits.
    fn bound(&self, trees: &[(usize, PathBuf, FolderListing)], faults: &mut Vec<AttachmentFault>) {
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
        let least = if trees.iter().any(|(_, _, tree)| tree.is_cut) {
            "at least "
        } else {
            ""
        };
        let message = format!(
            "{} would attach {least}{held}, more than {most_files} files or {}",
            named.join(", "),
            size(most_bytes)
        );
        let error = CommandError::new(ErrorKind::Input, message).caused_by_words(limits::largest(
            files.iter().map(|found| (found.bytes, found.name.as_str())),
        ));
        let fault = AttachmentFault::new(named.join(", "), error)
            .hint("narrow it down: amx chat -f 'src/**/*.rs' …");
        faults.push(if is_too_much {
            fault
        } else {
            fault.hint("--force   (attaches all of it)")
        });
    }

    fn read_late(
        &self,
        what: Later,
        context: &mut Context<'_>,
    ) -> Result<Attachment, CommandError> {
        let (name, bytes) = match (what, self.stdin) {
            (Later::Stdin(name), StdinAccess::May(patience)) => {
                (shown_name(&name), stdin::read(patience, context)?)
            }
            (Later::Stdin(name), StdinAccess::MayNot(why)) => {
                return Err(CommandError::usage(format!("{name}: {why}")));
            }
            (Later::Clipboard, _) => ("clipboard".to_owned(), pasted(context)?),
        };
        file::of_bytes(&name, bytes).map_err(|fault| fault.error)
    }
}

/// The files that are named one by one, with their sizes: too much together is not even read.
fn sizes_of(words: &[PathBuf]) -> Vec<(u64, String)> {
    let named = words
        .iter()
        .filter_map(|word| match AttachmentSource::parse(word) {
            AttachmentSource::Path(path) => Some((
                std::fs::metadata(&path)
                    .ok()
                    .filter(std::fs::Metadata::is_file)?
                    .len(),
                path.display().to_string(),
            )),
            _ => None,
        });
    // A file that is too large by itself has its own error.
    named.filter(|(bytes, _)| *bytes <= LARGEST_FILE).collect()
}

fn pasted(context: &mut Context<'_>) -> Result<Vec<u8>, CommandError> {
    let none = |why: String| {
        let error =
            CommandError::new(ErrorKind::Input, "no image on the clipboard").caused_by_words(why);
        error.hint("save the image to a file, and attach it: amx chat -f FILE …")
    };
    let limit = usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX);
    let bytes = context.output.pasted_image(limit).map_err(none)?;
    let is_image =
        kind_of(&bytes).is_some_and(|kind| matches!(kind.treatment, Treatment::Image(_)));
    if is_image {
        Ok(bytes)
    } else {
        Err(none(
            "its data is not a PNG, JPEG, WebP or GIF image".to_owned(),
        ))
    }
}

/// Reads the files that were found. One that is not text after its head is counted and skipped.
fn read_tree(
    tree: &mut FolderListing,
    to: &mut Vec<Attachment>,
    faults: &mut Vec<AttachmentFault>,
) {
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

    fn tree(sizes: impl IntoIterator<Item = u64>) -> Vec<(usize, PathBuf, FolderListing)> {
        let found = |(index, bytes)| FoundFile {
            path: PathBuf::new(),
            name: format!("f{index}"),
            bytes,
        };
        vec![(
            0,
            PathBuf::from("src"),
            FolderListing {
                files: sizes.into_iter().enumerate().map(found).collect(),
                ..FolderListing::default()
            },
        )]
    }

    fn bound(force: bool, trees: &[(usize, PathBuf, FolderListing)]) -> Option<CommandError> {
        let mut faults = Vec::new();
        AttachmentReader {
            force,
            stdin: StdinAccess::MayNot(""),
        }
        .bound(trees, &mut faults);
        fault::merged(faults)
    }

    #[test]
    fn force_raises_the_usual_amount_and_never_the_limit() {
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
