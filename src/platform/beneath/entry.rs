//! What is below a folder, and why it is not opened.

/// Why something below a folder is not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeneathError {
    #[error("it is outside the folders that may be read")]
    Outside,
    #[error("the folder of amx is never read")]
    Private,
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it is a folder")]
    IsFolder,
    /// Another name of it may be outside the folder.
    #[cfg(unix)]
    #[error("it has several hard links")]
    HardLinks,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl BeneathError {
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound)
    }
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    /// Links among others, which a walk does not follow.
    Other,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub kind: EntryKind,
}
