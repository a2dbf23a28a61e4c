//! The folders that the file tools may read, and the walk through what is below them.

use std::fs::File;
use std::io::Read;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::platform::beneath::{BeneathError, EntryKind, Folder, Root};

/// Deepest folder that a walk enters, below where it starts.
const DEEPEST: usize = 32;

/// Most entries that a walk looks at.
const MOST_ENTRIES: usize = 200_000;

/// Longest walk.
const LONGEST_WALK: Duration = Duration::from_secs(20);

/// The result of a call for files where none may be read.
const NONE: &str = "no folder may be read; the user can name one with --root DIR";

/// The folders of `--root`.
#[derive(Debug)]
pub(super) struct Folders {
    roots: Vec<Root>,
}

impl Folders {
    pub(super) fn open(
        roots: &[PathBuf],
        private: Option<&Path>,
    ) -> Result<Self, (PathBuf, BeneathError)> {
        let open = |path: &PathBuf| Root::open(path, private).map_err(|why| (path.clone(), why));
        Ok(Self {
            roots: roots.iter().map(open).collect::<Result<_, _>>()?,
        })
    }

    /// The roots, for a person.
    pub(super) fn shown(&self) -> String {
        let paths = self.roots.iter().map(|root| root.path.to_string_lossy());
        paths.collect::<Vec<_>>().join(", ")
    }

    /// Opens a file: below the first root that has it.
    pub(super) fn file(&self, path: &str) -> Result<File, String> {
        self.first(path, |root| root.file(Path::new(path)))
            .map(|(_, file)| file)
    }

    /// Opens a folder, with the path by which its content is called.
    pub(super) fn folder(&self, path: &str) -> Result<(PathBuf, Folder), String> {
        let (root, folder) = self.first(path, |root| root.folder(Path::new(path)))?;
        let relative = Path::new(path)
            .strip_prefix(&root.path)
            .unwrap_or(Path::new(path));
        let relative = if relative == Path::new(".") {
            Path::new("")
        } else {
            relative
        };
        // With several roots, a relative path would not say which one.
        let shown = if self.roots.len() > 1 {
            root.path.join(relative)
        } else {
            relative.to_owned()
        };
        Ok((shown, folder))
    }

    fn first<T>(
        &self,
        path: &str,
        open: impl Fn(&Root) -> Result<T, BeneathError>,
    ) -> Result<(&Root, T), String> {
        let mut reason = NONE.to_owned();
        for (index, root) in self.roots.iter().enumerate() {
            match open(root) {
                Ok(opened) => return Ok((root, opened)),
                // What is missing here may be below the next one; the first reason says most.
                Err(error) if index == 0 || !error.is_not_found() => {
                    reason = format!("{path}: {error}");
                }
                Err(_) => {}
            }
        }
        Err(reason)
    }
}

/// A file that a walk comes to.
pub(super) struct Found<'a> {
    /// Its path, as the model can call it.
    pub path: String,
    pub name: &'a str,
    folder: &'a Folder,
}

impl Found<'_> {
    /// Whether it matches a pattern: with `/` its path, else its name.
    pub(super) fn matches(&self, pattern: &str) -> bool {
        let text = if pattern.contains('/') {
            &self.path
        } else {
            self.name
        };
        crate::tools::names::matches(pattern, text)
    }

    /// Its first bytes, when it is text.
    pub(super) fn text(&self, most: u64) -> Option<String> {
        let file = self.folder.file(self.name).ok()?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).ok()?;
        text_of(bytes)
    }
}

/// A text of whole characters; `None` for anything else.
pub(super) fn text_of(mut bytes: Vec<u8>) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        if error.error_len().is_some() {
            return None;
        }
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).ok()
}

/// Visits the files below a folder in the order of their names, without following links, and
/// without what starts with a dot. `visit` returns whether to continue.
pub(super) fn walk(
    folder: &Folder,
    path: &Path,
    is_stopped: &AtomicBool,
    visit: &mut dyn FnMut(&Found<'_>) -> bool,
) -> WalkEnd {
    let mut walk = Walk {
        is_stopped,
        visit,
        left: MOST_ENTRIES,
        until: Instant::now() + LONGEST_WALK,
        ended: WalkEnd::Complete,
    };
    walk.enter(folder, path, 0);
    walk.ended
}

/// Why a walk has not seen every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WalkEnd {
    /// It has, or has seen as much as its caller needs.
    Complete,
    /// There are more files than a walk looks at, or it took too long.
    TooMany,
    /// Some folders are too deep.
    TooDeep,
}

impl WalkEnd {
    /// The line below a result that has only a part.
    pub(super) fn line(self) -> Option<&'static str> {
        match self {
            Self::Complete => None,
            Self::TooMany => {
                Some("[incomplete: there are too many files; name a folder further down]")
            }
            Self::TooDeep => {
                Some("[incomplete: some folders are too deep; name a folder further down]")
            }
        }
    }
}

struct Walk<'a> {
    is_stopped: &'a AtomicBool,
    visit: &'a mut dyn FnMut(&Found<'_>) -> bool,
    left: usize,
    until: Instant,
    ended: WalkEnd,
}

impl Walk<'_> {
    /// Returns whether to continue. What cannot be opened is skipped.
    fn enter(&mut self, folder: &Folder, path: &Path, depth: usize) -> bool {
        for entry in folder.entries().unwrap_or_default() {
            if self.left == 0 || Instant::now() >= self.until {
                self.ended = WalkEnd::TooMany;
                return false;
            }
            if self.is_stopped.load(Ordering::Relaxed) {
                return false;
            }
            self.left -= 1;
            if entry.name.starts_with('.') {
                continue;
            }
            let below = path.join(&entry.name);
            let may_continue = match entry.kind {
                EntryKind::Folder if depth < DEEPEST => match folder.folder(&entry.name) {
                    Ok(inner) => self.enter(&inner, &below, depth + 1),
                    Err(_) => true,
                },
                EntryKind::Folder => {
                    self.ended = WalkEnd::TooDeep;
                    true
                }
                EntryKind::File => (self.visit)(&Found {
                    path: below.to_string_lossy().replace(MAIN_SEPARATOR, "/"),
                    name: &entry.name,
                    folder,
                }),
                EntryKind::Other => true,
            };
            if !may_continue {
                return false;
            }
        }
        true
    }
}
