//! The file of `--output`: written beside its name, and named when what it is for is complete.

use std::fs::File;
use std::io::{Error, ErrorKind as IoErrorKind, Result as IoResult, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::chat::media_form;
use crate::platform::commands::MAKE_FOLDER;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::wire::files::open_device;

/// What is appended to the name for an answer that is not complete.
const PARTIAL: &str = ".partial";

/// Most files with the same name and a number.
const MOST_NUMBERED: usize = 1000;

/// The name that stands for stdout.
const STDOUT: &str = "-";

/// The path of `--output`; `None` where it is omitted or `-`, which is stdout.
pub(crate) fn named(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| *path != Path::new(STDOUT))
}

/// What is written.
#[derive(Debug, Clone, Copy)]
struct OutputForm {
    /// Only the owner may read it.
    is_private: bool,
    /// The flag that replaces a file.
    flag: &'static str,
    /// A name for a hint.
    example: &'static str,
}

const ANSWER: OutputForm = OutputForm {
    is_private: false,
    flag: "--overwrite",
    example: "answer.md",
};

const EXPORT: OutputForm = OutputForm {
    is_private: true,
    flag: "--force",
    example: "export.txt",
};

/// The file of one answer, or of an export.
#[derive(Debug)]
pub(crate) struct OutputFile {
    /// As the user wrote it.
    path: PathBuf,
    is_overwriting: bool,
    /// The flag that replaces a file.
    flag: &'static str,
    /// `None` for a device or a pipe, which is written to directly.
    temporary: Option<NamedTempFile>,
    /// Its name is that of an image, audio or video: the text of the answer goes to stdout.
    is_media: bool,
}

impl OutputFile {
    /// Creates the file under a temporary name in the same folder, so that nothing is sent when it
    /// could not be written. Returns it with the handle to write to.
    ///
    /// # Errors
    /// When there is a file of that name and `is_overwriting` is false, or none can be created.
    pub(crate) fn create(path: &Path, is_overwriting: bool) -> Result<(Self, File), CommandError> {
        Self::create_as(ANSWER, path, is_overwriting)
    }

    /// The same for an export of stored data, which only the owner may read.
    ///
    /// # Errors
    /// As of [`Self::create`].
    pub(crate) fn export(path: &Path, is_overwriting: bool) -> Result<(Self, File), CommandError> {
        Self::create_as(EXPORT, path, is_overwriting)
    }

    fn create_as(
        form: OutputForm,
        path: &Path,
        is_overwriting: bool,
    ) -> Result<(Self, File), CommandError> {
        let existing = std::fs::symlink_metadata(path).ok();
        let target = std::fs::metadata(path).ok();
        if target.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            let message = format!("--output {} is a folder", path.display());
            return Err(CommandError::usage(message)
                .hint(format!("--output {}", quoted(&path.join(form.example)))));
        }
        let is_device = target.as_ref().is_some_and(|target| !target.is_file());
        let open = || -> IoResult<(Option<NamedTempFile>, File)> {
            if is_device {
                return Ok((None, open_device(path)?));
            }
            let temporary = create_beside(path, form.is_private)?;
            if let Some(target) = target.as_ref().filter(|_| !form.is_private) {
                temporary.as_file().set_permissions(target.permissions())?;
            }
            let file = temporary.reopen()?;
            Ok((Some(temporary), file))
        };
        if existing.is_some() && !is_device && !is_overwriting {
            return Err(exists(path, form.flag));
        }
        let (temporary, file) = open().map_err(|error| cannot_write(path, error))?;
        let created = Self {
            path: path.to_owned(),
            is_overwriting,
            flag: form.flag,
            temporary,
            is_media: is_media(path),
        };
        Ok((created, file))
    }

    /// Whether the file is for an image or audio, by its name.
    pub(crate) fn is_media(&self) -> bool {
        self.is_media
    }

    /// Writes the bytes of an image or audio clip. Returns the name that the file will have.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn write(&self, bytes: &[u8]) -> IoResult<PathBuf> {
        match &self.temporary {
            Some(temporary) => temporary.as_file().write_all(bytes)?,
            None => open_device(&self.path)?.write_all(bytes)?,
        }
        Ok(self.path.clone())
    }

    /// Names the file after the answer has ended. Returns the name that it got: with `.partial`
    /// when the answer is not complete, `None` when nothing was written, or a device or a pipe has
    /// the incomplete answer.
    ///
    /// # Errors
    /// When another file of the name has appeared, or the folder has gone.
    pub(crate) fn close(self, is_complete: bool) -> Result<Option<PathBuf>, CommandError> {
        let Some(temporary) = self.temporary else {
            return Ok(is_complete.then_some(self.path));
        };
        let is_empty = temporary.as_file().metadata().is_ok_and(|it| it.len() == 0);
        if is_empty && (!is_complete || self.is_media) {
            return Ok(None);
        }
        // The data before the name: after a crash the name never has an empty file.
        let _ = temporary.as_file().sync_all();
        if !is_complete {
            return keep_partial(temporary, &self.path, self.flag).map(Some);
        }
        // A link stays one, and what it points to is replaced.
        let target = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let named = if self.is_overwriting {
            temporary.persist(&target)
        } else {
            temporary.persist_noclobber(&target)
        };
        match named {
            Ok(_) => Ok(Some(self.path)),
            Err(failed) => {
                let error = failed.error;
                let kept = keep_partial(failed.file, &self.path, self.flag)?;
                Err(cannot_write(&self.path, error)
                    .hint(format!("the whole text is in {}", quoted(&kept))))
            }
        }
    }
}

/// Names the file, and says so. `outcome` is how the command ended otherwise, which is reported
/// first.
///
/// # Errors
/// The error of the outcome, or why the file could not be named.
pub(crate) fn end(
    file: OutputFile,
    is_complete: bool,
    outcome: Result<(), CommandError>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let unwritten = context.output.take_file_error();
    let unwritten = unwritten.map(|error| cannot_write(&file.path, error));
    let is_complete = is_complete && unwritten.is_none();
    let outcome = context.first_of(outcome.err(), unwritten);
    match file.close(is_complete) {
        Ok(Some(path)) if is_complete => {
            context.output.note(&format!("wrote {}", path.display()));
        }
        Ok(Some(path)) => {
            context
                .output
                .warning(&format!("the incomplete answer is in {}", path.display()));
        }
        Ok(None) => {}
        Err(unnamed) => return context.first_of(outcome.err(), Some(unnamed)),
    }
    outcome
}

/// A new file with a temporary name in the folder of `path`. It has the permissions of any new
/// file, for the user chose where the answer goes, or `is_private`.
fn create_beside(path: &Path, is_private: bool) -> IoResult<NamedTempFile> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if target.file_name().is_none() {
        return Err(IoErrorKind::IsADirectory.into());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".amx-output.").suffix(".tmp");
    #[cfg(unix)]
    if !is_private {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = is_private;
    builder.tempfile_in(folder)
}

fn is_media(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(media_form::is_extension)
}

/// Gives an incomplete answer the first free name of `FILE.partial`, `FILE.partial.2`, ….
fn keep_partial(
    mut temporary: NamedTempFile,
    path: &Path,
    flag: &str,
) -> Result<PathBuf, CommandError> {
    let mut name = path.as_os_str().to_owned();
    name.push(PARTIAL);
    for number in 1..=MOST_NUMBERED {
        let mut numbered = name.clone();
        if number > 1 {
            numbered.push(format!(".{number}"));
        }
        match temporary.persist_noclobber(&numbered) {
            Ok(_) => return Ok(numbered.into()),
            Err(failed) if failed.error.kind() == IoErrorKind::AlreadyExists => {
                temporary = failed.file;
            }
            Err(failed) => return Err(cannot_write(Path::new(&numbered), failed.error)),
        }
    }
    Err(exists(Path::new(&name), flag))
}

fn exists(path: &Path, flag: &str) -> CommandError {
    CommandError::usage(format!("{} already exists", path.display()))
        .hint(format!("choose another name, or replace it with {flag}"))
}

/// The error for a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: Error) -> CommandError {
    let message = format!("{} cannot be written", path.display());
    let refused = CommandError::new(ErrorKind::LocalIo, message);
    let folder = path.parent().unwrap_or(Path::new(""));
    if error.kind() == IoErrorKind::NotFound && !folder.as_os_str().is_empty() && !folder.exists() {
        return refused
            .caused_by_words(format!("the folder {} does not exist", folder.display()))
            .hint(MAKE_FOLDER.with([&quoted(folder)]));
    }
    // The path of a temporary file is not the one that was given.
    let words = error.to_string();
    let words = words
        .split_once(" at path ")
        .map_or(&*words, |(why, _)| why);
    refused
        .caused_by_words(words)
        .hint("check the folder, its permissions and the space left")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, is_overwriting: bool, text: &str) -> OutputFile {
        let (output, mut file) = OutputFile::create(path, is_overwriting).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        output
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_missing_folder_is_named_and_a_temporary_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no/notes.md");
        let error = OutputFile::create(&missing, false).unwrap_err();
        let parent = missing.parent().unwrap();
        let wanted = format!("the folder {} does not exist", parent.display());
        assert_eq!(error.cause(), Some(wanted));
        assert_eq!(error.hints, [MAKE_FOLDER.with([&quoted(parent)])]);
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = OutputFile::create(&folder.path().join("file/notes.md"), false).unwrap_err();
        assert!(!error.cause().unwrap().contains(".amx-output"), "{error:?}");
    }

    #[test]
    fn the_name_is_given_when_the_answer_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        let output = write(&path, false, "whole");
        assert!(!path.exists());
        assert_eq!(output.close(true).unwrap(), Some(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        let refused = OutputFile::create(&path, false).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Usage);
        write(&path, true, "newer").close(true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer");
        assert_eq!(names(folder.path()), ["a.md"]);
    }

    #[test]
    fn a_dash_is_stdout() {
        assert_eq!(named(Some(Path::new("-"))), None);
        assert_eq!(named(None), None);
        assert_eq!(named(Some(Path::new("./-"))), Some(Path::new("./-")));
    }

    #[cfg(unix)]
    #[test]
    fn an_export_is_private_and_replaces_what_a_link_points_to() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.csv"), folder.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        symlink(&path, &link).unwrap();
        let refused = OutputFile::export(&link, false).unwrap_err();
        assert!(refused.hints.iter().any(|hint| hint.contains("--force")));
        let (output, mut file) = OutputFile::export(&link, true).unwrap();
        file.write_all(b"new").unwrap();
        output.close(true).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_incomplete_answer_never_has_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        std::fs::write(&path, "old").unwrap();
        for _ in 0..2 {
            write(&path, true, "half").close(false).unwrap();
        }
        assert_eq!(write(&path, true, "").close(false).unwrap(), None);
        drop(write(&path, true, "nothing was sent"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(
            names(folder.path()),
            ["a.md", "a.md.partial", "a.md.partial.2"]
        );
    }

    #[test]
    fn a_file_that_appeared_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        let output = write(&path, false, "mine");
        std::fs::write(&path, "theirs").unwrap();
        let error = output.close(true).unwrap_err();
        assert!(error.hints.iter().any(|hint| hint.contains("a.md.partial")));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        assert!(OutputFile::create(folder.path(), true).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_file_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.md"), folder.path().join("link"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let usual = folder.path().join("usual");
        std::fs::write(&usual, "").unwrap();
        write(&path, false, "one").close(true).unwrap();
        assert_eq!(mode(&path), mode(&usual));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write(&link, true, "two").close(true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(mode(&path), 0o640);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let (device, _) = OutputFile::create(Path::new("/dev/null"), false).unwrap();
        device.close(true).unwrap();
    }
}
