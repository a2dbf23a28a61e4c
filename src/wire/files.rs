//! Files: bounded reads of regular files, and writes that only the owner may read.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result as IoResult, Take, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// Least space that a small change of a file needs, in bytes.
#[cfg(unix)]
const LEAST_SPACE: u64 = 64 * 1024;

/// Suffix of files that are being written, see [`replace_private`].
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Io(#[from] Error),
    /// A pipe may never end, a device may never stop.
    #[error("it is not a regular file")]
    NotRegular,
    #[error("it is larger than {} MiB", limit / MIB)]
    TooLarge { limit: u64 },
    /// `valid`: the bytes before the first one that is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText { valid: Vec<u8> },
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::Io(error) => return error,
            ReadError::NotRegular => ErrorKind::InvalidInput,
            ReadError::TooLarge { .. } => ErrorKind::FileTooLarge,
            ReadError::NotText { .. } => ErrorKind::InvalidData,
        };
        Self::new(kind, error.to_string())
    }
}

/// A regular file of at most so many bytes, open for reading. One that grows meanwhile gives one
/// byte more than its limit.
#[derive(Debug)]
pub(crate) struct BoundedFile {
    file: Take<File>,
    /// Bytes when it was opened.
    pub length: u64,
    limit: u64,
}

impl BoundedFile {
    /// # Errors
    /// [`ReadError::NotRegular`] for a pipe or device, an I/O error for a folder. `TooLarge` comes
    /// from the size that the file has now.
    pub(crate) fn open(path: &Path, limit: u64) -> Result<Self, ReadError> {
        let opened = Self::open_any_size(path, limit)?;
        if opened.length > limit {
            return Err(ReadError::TooLarge { limit });
        }
        Ok(opened)
    }

    /// The same for a caller that reports the size itself, or reads only the beginning.
    pub(crate) fn open_any_size(path: &Path, limit: u64) -> Result<Self, ReadError> {
        // Before it is opened, because opening a device may do something, and afterwards, because
        // the path may name another file by then.
        check_regular(&std::fs::metadata(path)?)?;
        let file = open_at_once(path)?;
        let metadata = file.metadata()?;
        check_regular(&metadata)?;
        Ok(Self {
            length: metadata.len(),
            file: file.take(limit.saturating_add(1)),
            limit,
        })
    }

    /// Owner, permissions and size of the file that is open.
    pub(crate) fn metadata(&self) -> IoResult<Metadata> {
        self.file.get_ref().metadata()
    }

    /// All bytes.
    pub(crate) fn read(mut self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
        self.file.read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.limit {
            return Err(ReadError::TooLarge { limit: self.limit });
        }
        Ok(bytes)
    }

    /// All of it as text.
    pub(crate) fn read_text(self) -> Result<String, ReadError> {
        text_of(self.read()?)
    }
}

fn check_regular(metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_dir() {
        Err(Error::from(ErrorKind::IsADirectory).into())
    } else if metadata.is_file() {
        Ok(())
    } else {
        Err(ReadError::NotRegular)
    }
}

/// Whether the file system of a folder has no space left for this user.
#[cfg(unix)]
pub(crate) fn is_full(folder: &Path) -> bool {
    // One that counts no blocks has no limit of its own.
    rustix::fs::statvfs(folder).is_ok_and(|volume| {
        volume.f_blocks > 0 && volume.f_bavail.saturating_mul(volume.f_frsize) < LEAST_SPACE
    })
}

#[cfg(not(unix))]
pub(crate) fn is_full(_folder: &Path) -> bool {
    false
}

/// Opens a file for reading without waiting: opening a pipe waits for its other end.
fn open_at_once(path: &Path) -> IoResult<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    options.open(path)
}

/// Opens a device or a pipe for writing. Opening a pipe that no process reads would wait for one.
pub(crate) fn open_device(path: &Path) -> IoResult<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    // Open until the end: a reader would take the end of the only writer for the end of the text.
    #[cfg(unix)]
    let _first = {
        use rustix::{fs::OFlags, io::Errno};
        let mut at_once = options.clone();
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut at_once,
            OFlags::NONBLOCK.bits().cast_signed(),
        );
        let first = at_once.open(path);
        let has_no_reader =
            |error: &Error| error.raw_os_error() == Some(Errno::NXIO.raw_os_error());
        // A socket gives the same error: it cannot be opened at all.
        if first.as_ref().is_err_and(has_no_reader) && is_pipe(path) {
            return Err(Error::other("no process reads from it"));
        }
        first
    };
    options.open(path)
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

impl Read for BoundedFile {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        self.file.read(buffer)
    }
}

/// All bytes of a regular file, at most `limit`.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    BoundedFile::open(path, limit)?.read()
}

/// The text of a regular file of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    BoundedFile::open(path, limit)?.read_text()
}

/// The text of some bytes.
fn text_of(bytes: Vec<u8>) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(valid);
        ReadError::NotText { valid: bytes }
    })
}

/// Options for files that only their owner may read (0600).
pub(crate) fn private_options() -> OpenOptions {
    #[cfg(unix)]
    {
        let mut options = OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
    }
    // Elsewhere a file has the permissions of its folder.
    #[cfg(not(unix))]
    OpenOptions::new()
}

/// A new file that only its owner may read. A file or a link of that name is an error of the kind
/// `AlreadyExists`.
pub(crate) fn create_private(path: &Path) -> IoResult<File> {
    private_options().write(true).create_new(true).open(path)
}

/// Whether a file of that name may be there before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Replace,
    Refuse,
}

/// Writes a file that only its owner may read, whole or not at all: a new file beside it
/// (`PREFIX….tmp`), flushed to disk, takes its place.
pub(crate) fn replace_private(
    path: &Path,
    bytes: &[u8],
    prefix: &str,
    existing: Existing,
) -> IoResult<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(prefix)
        .suffix(TEMPORARY_SUFFIX)
        .tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match existing {
        Existing::Replace => take_place(file, path)?,
        Existing::Refuse => drop(file.persist_noclobber(path).map_err(|error| error.error)?),
    }
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}

/// Renames a temporary file. The standard library replaces a file that another process has open on
/// Windows too, which the method of `tempfile` does not.
fn take_place(file: NamedTempFile, path: &Path) -> IoResult<()> {
    let (file, temporary) = file.keep().map_err(|error| error.error)?;
    drop(file);
    std::fs::rename(&temporary, path).inspect_err(|_| {
        // The error of the rename is the one to report.
        let _ = std::fs::remove_file(&temporary);
    })
}

/// Creates a folder, and those above it, with mode 0700 whatever the umask says.
pub(crate) fn create_private_directory(path: &Path) -> IoResult<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether a path names a symbolic link, which private files are never written through.
pub(crate) fn is_symlink(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_bounded(&path, 4).unwrap(), b"four");
        assert!(matches!(
            read_bounded(&path, 3),
            Err(ReadError::TooLarge { limit: 3 })
        ));
        let failed = |path: &Path| Error::from(read_bounded(path, 4).unwrap_err()).kind();
        assert_eq!(failed(folder.path()), ErrorKind::IsADirectory);
        assert_eq!(failed(&folder.path().join("none")), ErrorKind::NotFound);
        #[cfg(unix)]
        assert_eq!(failed(Path::new("/dev/null")), ErrorKind::InvalidInput);
        std::fs::write(&path, b"ab\xff").unwrap();
        assert!(matches!(read_text(&path, 4), Err(ReadError::NotText { valid }) if valid == b"ab"));
    }

    #[cfg(unix)]
    #[test]
    fn only_a_pipe_has_no_reader() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let words = |path: &Path| open_device(path).unwrap_err().to_string();
        assert_eq!(words(&pipe), "no process reads from it");
        assert!(!words(&socket).contains("no process"), "{}", words(&socket));
    }

    #[test]
    fn a_private_file_is_new_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        create_private(&path).unwrap();
        assert_eq!(
            create_private(&path).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        replace_private(&path, b"new", ".a", Existing::Replace).unwrap();
        assert_eq!(read_text(&path, 9).unwrap(), "new");
        let refused = replace_private(&path, b"newer", ".a", Existing::Refuse);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, symlink};
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let link = folder.path().join("link");
            symlink(folder.path().join("elsewhere"), &link).unwrap();
            assert!(is_symlink(&link) && !is_symlink(&path));
            assert_eq!(
                create_private(&link).unwrap_err().kind(),
                ErrorKind::AlreadyExists
            );
        }
    }
}
