//! The files below a folder, by name, for a search while a path is typed. A thread collects them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkBuilder};

use crate::platform::paths;
use crate::platform::system::System;
use crate::wire::background;
use crate::wire::control_characters::is_active;

/// Most files and folders of an index.
const MOST: usize = 100_000;

/// Longest time to collect them.
const LONGEST: Duration = Duration::from_secs(10);

/// Files that are added at once.
const BATCH: usize = 512;

/// Levels of folders that are collected first: what is near is wanted most often.
const NEAR: usize = 2;

/// What has been collected so far.
#[derive(Debug, Default)]
struct Collected {
    /// Relative to the folder, with `/` between the parts; folders end with one.
    paths: Vec<String>,
    has_ended: bool,
    is_cut: bool,
}

/// The index of one folder; collecting ends when it is dropped.
#[derive(Debug)]
pub(crate) struct FileIndex {
    collected: Arc<Mutex<Collected>>,
    is_dropped: Arc<AtomicBool>,
    started: Instant,
}

impl Drop for FileIndex {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::Relaxed);
    }
}

impl FileIndex {
    /// Starts to collect what is not ignored. Hidden files and folders are omitted unless they are
    /// asked for.
    pub(crate) fn start(folder: &Path, includes_hidden: bool) -> Self {
        let index = Self {
            collected: Arc::default(),
            is_dropped: Arc::default(),
            started: Instant::now(),
        };
        let walk = IndexWalk {
            folder: folder.to_owned(),
            includes_hidden,
            collected: Arc::clone(&index.collected),
            is_dropped: Arc::clone(&index.is_dropped),
            until: index.started + LONGEST,
            batch: Vec::new(),
        };
        // Where no thread can be started there is nothing to offer.
        if background::spawn(move || walk.run()).is_err() {
            index.lock().has_ended = true;
        }
        index
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Collected> {
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How long ago it was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether everything has been collected that ever will be.
    pub(crate) fn has_ended(&self) -> bool {
        self.lock().has_ended
    }

    /// Whether there is more than the index holds.
    pub(crate) fn is_cut(&self) -> bool {
        self.lock().is_cut
    }

    /// Reads the paths collected so far; collecting waits meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&[String]) -> T) -> T {
        read(&self.lock().paths)
    }
}

struct IndexWalk {
    folder: PathBuf,
    includes_hidden: bool,
    collected: Arc<Mutex<Collected>>,
    is_dropped: Arc<AtomicBool>,
    until: Instant,
    batch: Vec<String>,
}

impl IndexWalk {
    fn run(mut self) {
        let is_whole = self.collect(Some(NEAR)) && self.collect(None);
        self.hand_over();
        let mut collected = self.lock();
        collected.is_cut = !is_whole;
        collected.has_ended = true;
    }

    /// Collects down to that level, or what is below it. False when it was ended early.
    fn collect(&mut self, depth: Option<usize>) -> bool {
        let mut count = 0;
        let walk = WalkBuilder::new(&self.folder)
            .follow_links(false)
            .require_git(false)
            .hidden(!self.includes_hidden)
            .max_depth(depth)
            .sort_by_file_name(std::cmp::Ord::cmp)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        for entry in walk.flatten() {
            if self.is_dropped.load(Ordering::Relaxed) || Instant::now() > self.until {
                return false;
            }
            count += 1;
            if count > MOST {
                return false;
            }
            let is_collected_now = depth.is_some() || entry.depth() > NEAR;
            let Some(path) = self.path_of(&entry).filter(|_| is_collected_now) else {
                continue;
            };
            self.batch.push(path);
            if self.batch.len() >= BATCH {
                self.hand_over();
            }
        }
        true
    }

    fn path_of(&self, entry: &DirEntry) -> Option<String> {
        let path = entry.path();
        let kind = entry.file_type()?;
        let is_folder = kind.is_dir();
        // A link counts as what it leads to; what is neither cannot be attached.
        if !is_folder && !path.metadata().is_ok_and(|found| found.is_file()) {
            return None;
        }
        let relative = path.strip_prefix(&self.folder).ok()?.to_str()?;
        let name = paths::pattern(System::CURRENT, relative);
        let is_shown = !name.is_empty() && !name.contains(is_active);
        is_shown.then(|| if is_folder { name + "/" } else { name })
    }

    fn hand_over(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.lock().paths.extend(batch);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Collected> {
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexed(folder: &Path, includes_hidden: bool) -> Vec<String> {
        let index = FileIndex::start(folder, includes_hidden);
        while !index.has_ended() {
            std::thread::yield_now();
        }
        assert!(!index.is_cut());
        index.read(<[String]>::to_vec)
    }

    #[test]
    fn near_files_come_first_and_ignored_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a/b/c/deep.rs",
            "a/near.rs",
            "z.rs",
            "target/out.rs",
            ".hidden/x.rs",
            ".git/config",
            "e\u{1b}[2J.rs",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        std::fs::write(folder.path().join(".gitignore"), "target/\n").unwrap();
        let visible = ["a/", "a/b/", "a/near.rs", "z.rs", "a/b/c/", "a/b/c/deep.rs"];
        assert_eq!(indexed(folder.path(), false), visible);
        let hidden = indexed(folder.path(), true);
        assert!(hidden.contains(&".hidden/x.rs".to_owned()));
        assert!(!hidden.iter().any(|path| path.starts_with(".git/")));
    }

    #[cfg(unix)]
    #[test]
    fn a_backslash_is_a_part_of_a_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a\\b.txt"), "x").unwrap();
        assert_eq!(indexed(folder.path(), false), ["a\\b.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_attached_is_no_candidate() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        std::os::unix::fs::symlink("file", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink("none", folder.path().join("dangling")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket"));
        assert!(socket.is_ok());
        assert_eq!(indexed(folder.path(), false), ["file", "link"]);
    }
}
