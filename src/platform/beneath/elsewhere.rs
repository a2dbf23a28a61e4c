//! Folders of other systems: the path is resolved and compared, then opened.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::entry::{BeneathError, Entry, EntryKind};

/// The folder below which nothing is read.
#[derive(Debug, Clone)]
pub(super) struct Private(PathBuf);

impl Private {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        path.canonicalize().map(Self)
    }
}

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    root: PathBuf,
    private: Option<Private>,
}

impl Folder {
    pub(super) fn open(path: &Path, private: Option<Private>) -> Result<Self, BeneathError> {
        let folder = Self {
            path: path.to_owned(),
            root: path.to_owned(),
            private,
        };
        folder.resolved(Path::new("."))?;
        Ok(folder)
    }

    fn resolved(&self, path: &Path) -> Result<PathBuf, BeneathError> {
        let path = self.path.join(path).canonicalize()?;
        if !path.starts_with(&self.root) {
            return Err(BeneathError::Outside);
        }
        let private = self.private.as_ref();
        if private.is_some_and(|Private(private)| path.starts_with(private)) {
            return Err(BeneathError::Private);
        }
        Ok(path)
    }

    pub(super) fn file_below(&self, path: &Path) -> Result<File, BeneathError> {
        let path = self.resolved(path)?;
        let metadata = path.metadata()?;
        if metadata.is_dir() {
            return Err(BeneathError::IsFolder);
        } else if !metadata.is_file() {
            return Err(BeneathError::NotRegular);
        }
        Ok(File::open(path)?)
    }

    pub(super) fn folder_below(&self, path: &Path) -> Result<Self, BeneathError> {
        Ok(Self {
            path: self.resolved(path)?,
            root: self.root.clone(),
            private: self.private.clone(),
        })
    }

    pub(crate) fn file(&self, name: &str) -> Result<File, BeneathError> {
        self.file_below(Path::new(name))
    }

    pub(crate) fn folder(&self, name: &str) -> Result<Self, BeneathError> {
        self.folder_below(Path::new(name))
    }

    pub(crate) fn entries(&self) -> Result<Vec<Entry>, BeneathError> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let kind = match entry.file_type()? {
                kind if kind.is_file() => EntryKind::File,
                kind if kind.is_dir() => EntryKind::Folder,
                _ => EntryKind::Other,
            };
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(Entry { name, kind });
            }
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }
}
