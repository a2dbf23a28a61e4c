//! Opens what is below a folder, and nothing else: links are resolved by the kernel, which refuses
//! those that leave the folder, also when somebody replaces a part of the path meanwhile.
//!
//! Linux does it with `openat2`. Elsewhere, and where that call is missing, each part of the path
//! is opened by itself, and a link is refused. On Windows the path is resolved and compared.

#[cfg(not(unix))]
mod elsewhere;
mod entry;
#[cfg(unix)]
mod unix;

use std::fs::File;
use std::path::{Component, Path, PathBuf};

#[cfg(not(unix))]
use elsewhere::Private;
#[cfg(unix)]
use unix::Private;

#[cfg(not(unix))]
pub(crate) use elsewhere::Folder;
pub(crate) use entry::{BeneathError, EntryKind};
#[cfg(unix)]
pub(crate) use unix::Folder;

/// A folder whose content may be read.
#[derive(Debug)]
pub(crate) struct Root {
    /// Without links.
    pub path: PathBuf,
    folder: Folder,
}

impl Root {
    /// Opens a folder. `private` is the folder below which nothing is read.
    ///
    /// # Errors
    /// When it cannot be opened, or is private itself.
    pub(crate) fn open(path: &Path, private: Option<&Path>) -> Result<Self, BeneathError> {
        let path = path.canonicalize()?;
        let private = private.and_then(|private| Private::of(private).ok());
        let folder = Folder::open(&path, private)?;
        Ok(Self { path, folder })
    }

    /// A path below the root; an absolute one must be inside it. `..` is resolved by who opens it.
    fn relative<'a>(&self, path: &'a Path) -> Result<&'a Path, BeneathError> {
        if path.is_absolute() {
            return path
                .strip_prefix(&self.path)
                .map_err(|_| BeneathError::Outside);
        }
        let is_plain = |part| {
            matches!(
                part,
                Component::Normal(_) | Component::CurDir | Component::ParentDir
            )
        };
        if path.components().all(is_plain) {
            Ok(path)
        } else {
            Err(BeneathError::Outside)
        }
    }

    /// Opens a regular file.
    pub(crate) fn file(&self, path: &Path) -> Result<File, BeneathError> {
        self.folder.file_below(self.relative(path)?)
    }

    /// Opens a folder.
    pub(crate) fn folder(&self, path: &Path) -> Result<Folder, BeneathError> {
        let relative = self.relative(path)?;
        let here = Path::new(".");
        let relative = if relative.as_os_str().is_empty() {
            here
        } else {
            relative
        };
        self.folder.folder_below(relative)
    }
}
