//! The history file: one JSON string a line, written by several processes at once.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::platform::system::System;
use crate::wire::files::{Existing, create_private_directory, private_options, replace_private};
use crate::wire::lock::try_lock;

/// Lines stored.
pub(super) const CAPACITY: usize = 10_000;

/// Lines left when the file is full, so that it is not rewritten each time.
const LEFT_OF_FULL: usize = CAPACITY * 9 / 10;

/// Bytes of the file that are read, from its end.
const LARGEST: u64 = 4 << 20;

/// Time between two attempts at a lock that another process holds, and their number.
const LOCK_PAUSE: Duration = Duration::from_millis(5);
const LOCK_LOOKS: u32 = 100;

pub(super) struct HistoryFile {
    path: PathBuf,
    system: System,
}

impl HistoryFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            system: System::CURRENT,
        }
    }

    /// The stored lines, oldest first; none where the file cannot be read.
    pub(super) fn load(&self) -> Vec<String> {
        let read =
            || -> io::Result<String> { tail(&mut open(&self.path, private_options().read(true))?) };
        // On Windows a file cannot be read while it is locked.
        let mut looks = (1..LOCK_LOOKS).map(|_| read());
        let text = looks.find(|read| !read.as_ref().is_err_and(is_locked));
        let text = match text.unwrap_or_else(read) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != ErrorKind::NotFound {
                    tracing::debug!(%error, "the history cannot be read");
                }
                return Vec::new();
            }
        };
        let lines: Vec<&str> = text.lines().collect();
        // An incomplete line was cut off while it was written.
        lines[lines.len().saturating_sub(CAPACITY)..]
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Adds a line. Creates a missing folder and file, readable only by their owner.
    pub(super) fn append(&self, text: &str) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            create_private(directory)?;
        }
        let line = format!("{}\n", serde_json::Value::from(text));
        let mut file = self.lock()?;
        let before = tail(&mut file)?;
        // A writer that was killed left no line end.
        let line = if before.is_empty() || before.ends_with('\n') {
            line
        } else {
            format!("\n{line}")
        };
        let lines = before.lines().count();
        if lines < CAPACITY && file.metadata()?.len() < LARGEST {
            return file.write_all(line.as_bytes());
        }
        let kept: String = before
            .lines()
            .skip(lines.saturating_sub(LEFT_OF_FULL))
            .map(|line| format!("{line}\n"))
            .collect();
        self.replace(&mut file, &(kept + line.trim_start()))
    }

    /// The file, locked against other writers until it is closed.
    fn lock(&self) -> io::Result<File> {
        let mut create = private_options();
        create.read(true).create(true);
        // On Windows a file that is only appended to cannot be shortened.
        if self.system.is_windows() {
            create.write(true);
        } else {
            create.append(true);
        }
        for _ in 0..LOCK_LOOKS {
            let file = open(&self.path, &mut create)?;
            make_private(&file)?;
            if try_lock(&file)? && is_still_at(&file, &self.path) {
                return Ok(file);
            }
            // Locked by another process, or replaced meanwhile.
            drop(file);
            std::thread::park_timeout(LOCK_PAUSE);
        }
        Err(ErrorKind::WouldBlock.into())
    }

    /// Replaces the content by another file, whole. On Windows no file can take the place of an
    /// open one, so that the locked one is written.
    fn replace(&self, file: &mut File, text: &str) -> io::Result<()> {
        if self.system.is_windows() {
            file.rewind()?;
            file.write_all(text.as_bytes())?;
            return file.set_len(text.len() as u64);
        }
        replace_private(&self.path, text.as_bytes(), ".history-", Existing::Replace)
    }
}

/// Whether another process has locked the bytes, on Windows. Waits a moment if so.
fn is_locked(error: &io::Error) -> bool {
    /// `ERROR_LOCK_VIOLATION`.
    const LOCK_VIOLATION: i32 = 33;
    let is_locked = System::CURRENT.is_windows() && error.raw_os_error() == Some(LOCK_VIOLATION);
    if is_locked {
        std::thread::park_timeout(LOCK_PAUSE);
    }
    is_locked
}

/// The end of the file, from the start of a line. Bytes that are not text are replaced.
fn tail(file: &mut File) -> io::Result<String> {
    let start = file.metadata()?.len().saturating_sub(LARGEST);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let cut = if start == 0 {
        0
    } else {
        text.find('\n').map_or(text.len(), |at| at + 1)
    };
    Ok(text[cut..].to_owned())
}

/// Opens a file, never through a link, and never waits for the other end of a pipe.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("the history is not a file"))
    }
}

/// Readable and writable only by its owner, whatever the umask is.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o777 != 0o600 {
        permissions.set_mode(0o600);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

/// The file has the permissions of its folder.
#[cfg(not(unix))]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

fn create_private(directory: &Path) -> io::Result<()> {
    if directory.is_dir() || directory.as_os_str().is_empty() {
        return Ok(());
    }
    create_private_directory(directory)
}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(ours), Ok(theirs)) = (file.metadata(), std::fs::symlink_metadata(path)) else {
        return false;
    };
    (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())
}

#[cfg(not(unix))]
fn is_still_at(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/history");
        (directory, path)
    }

    #[test]
    fn lines_come_back_as_they_were() {
        let (_directory, path) = in_folder();
        let file = HistoryFile::new(path);
        assert_eq!(file.load(), Vec::<String>::new());
        let lines = ["one", "two\nlines \\ \"quoted\"", "ünï\u{2060}\t"];
        for line in lines {
            file.append(line).unwrap();
        }
        assert_eq!(file.load(), lines);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_private_and_never_behind_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (directory, path) = in_folder();
        let file = HistoryFile::new(path.clone());
        file.append("a line").unwrap();
        assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        file.append("another").unwrap();
        assert_eq!(mode(&path), 0o600);
        let target = directory.path().join("target");
        std::fs::write(&target, "\"theirs\"\n").unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(file.append("a line").is_err());
        assert_eq!(file.load(), Vec::<String>::new());
        assert_eq!(std::fs::read_to_string(target).unwrap(), "\"theirs\"\n");
    }

    #[test]
    fn writers_at_once_lose_nothing_even_when_it_is_full() {
        let (_directory, path) = in_folder();
        HistoryFile::new(path.clone()).append("first").unwrap();
        let full: String = (0..CAPACITY - 50)
            .map(|number| format!("\"old {number}\"\n"))
            .collect();
        std::fs::write(&path, full).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let file = HistoryFile::new(path.clone());
                scope.spawn(move || {
                    (0..25).for_each(|number| file.append(&format!("{writer} {number}")).unwrap());
                });
            }
        });
        let lines = HistoryFile::new(path.clone()).load();
        assert!(
            lines.len() <= CAPACITY && lines.len() > LEFT_OF_FULL,
            "{}",
            lines.len()
        );
        let mut new: Vec<&String> = lines
            .iter()
            .filter(|line| !line.starts_with("old"))
            .collect();
        new.sort();
        new.dedup();
        assert_eq!(new.len(), 100);
        assert!(std::fs::read_to_string(path).unwrap().lines().count() <= CAPACITY);
    }

    #[test]
    fn an_open_file_that_is_full_is_shortened_in_place() {
        let (_directory, path) = in_folder();
        let file = HistoryFile {
            path: path.clone(),
            system: System::Windows,
        };
        file.append("first").unwrap();
        std::fs::write(&path, "\"old\"\n".repeat(CAPACITY)).unwrap();
        file.append("new").unwrap();
        let lines = file.load();
        assert_eq!(lines.len(), LEFT_OF_FULL + 1);
        assert_eq!(lines.last().map(String::as_str), Some("new"));
    }

    #[test]
    fn broken_lines_are_skipped() {
        let (_directory, path) = in_folder();
        let file = HistoryFile::new(path.clone());
        file.append("whole").unwrap();
        std::fs::write(&path, b"\"whole\"\nnonsense\n\"\xff\"\n\"torn").unwrap();
        file.append("after").unwrap();
        assert_eq!(file.load(), ["whole", "\u{fffd}", "after"]);
    }

    #[test]
    fn of_a_huge_file_the_end_is_read() {
        let (_directory, path) = in_folder();
        let file = HistoryFile::new(path.clone());
        file.append("first").unwrap();
        let line = format!("\"{}\"\n", "x".repeat(1022));
        std::fs::write(&path, line.repeat(8192)).unwrap();
        assert!(file.load().len() < 4200);
        file.append("last").unwrap();
        assert_eq!(file.load().last().map(String::as_str), Some("last"));
        assert!(std::fs::metadata(path).unwrap().len() <= LARGEST + 10);
    }
}
