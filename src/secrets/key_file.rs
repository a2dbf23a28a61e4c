//! A key in a file of its own, for a `file:` reference: read with the checks of a private file, and
//! written for its owner alone.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::wire::api_key::ApiKey;
use crate::wire::files::{self, BoundedFile, Existing, ReadError};
use crate::wire::trust::{Distrust, distrust, foreign_owner};

/// The name of a key file while it is written.
const TEMPORARY_PREFIX: &str = ".key.";

/// A key file that other users may read.
#[derive(Debug, thiserror::Error)]
#[error("its permissions {mode:04o} let other users read it: chmod 600 {}", path.display())]
pub(crate) struct OpenToOthers {
    pub path: PathBuf,
    mode: u32,
}

/// The first and only line of a key file.
///
/// # Errors
/// When it, or a link to it, belongs to another user; when other users may read it; when it is no
/// regular file, or too large to be a key.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let named = std::fs::symlink_metadata(path).context("cannot be opened")?;
    if let Some(Distrust::Owner { found, .. }) =
        foreign_owner(&named).filter(|_| named.is_symlink())
    {
        bail!("it is a link of another user (ID {found})");
    }
    let file = match BoundedFile::open(path, ApiKey::LONGEST as u64 + 2) {
        Ok(file) => file,
        Err(ReadError::NotRegular) => bail!("not a regular file"),
        Err(ReadError::TooLarge { .. }) => bail!("too large to be a key"),
        Err(error) => return Err(error).context("cannot be opened"),
    };
    // Of the file that is open: its name may lead elsewhere by now.
    let metadata = file.metadata().context("its permissions cannot be read")?;
    check_access(path, &metadata)?;
    let text = match file.read_text() {
        Err(ReadError::TooLarge { .. }) => bail!("too large to be a key"),
        read => read?,
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(unix)]
fn check_access(path: &Path, metadata: &Metadata) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if let Some(Distrust::Owner { found, .. }) = foreign_owner(metadata) {
        bail!("it belongs to another user (ID {found})");
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(OpenToOthers { path, mode }.into());
    }
    Ok(())
}

/// Elsewhere a folder of the user is private by its place.
#[cfg(not(unix))]
fn check_access(_path: &Path, _metadata: &Metadata) -> anyhow::Result<()> {
    Ok(())
}

/// Writes a key to a file that only its owner may read, whole or not at all, and reads it back. Its
/// folder is created with mode 0700.
///
/// # Errors
/// When the folder belongs to another user, others may write to it, or the folder or the file is a
/// link; and when the key is not read back.
pub(crate) fn write(path: &Path, key: &ApiKey) -> anyhow::Result<()> {
    let folder = path.parent().context("the path has no folder")?;
    files::create_private_directory(folder).context("its folder cannot be created")?;
    ensure!(!files::is_symlink(folder), "its folder is a link");
    ensure!(!files::is_symlink(path), "it is a link");
    let metadata = std::fs::metadata(folder).context("its folder cannot be read")?;
    match distrust(folder, &metadata) {
        None => {}
        Some(Distrust::Owner { found, .. }) => {
            bail!("its folder belongs to another user (ID {found})")
        }
        Some(Distrust::Writable(mode)) => bail!(
            "the permissions {mode:04o} of its folder let other users write to it: chmod 700 {}",
            folder.display()
        ),
    }
    let line = format!("{}\n", key.expose());
    files::replace_private(path, line.as_bytes(), TEMPORARY_PREFIX, Existing::Replace)
        .context("cannot be written")?;
    let stored = read(path)?;
    ensure!(
        stored == key.expose(),
        "it has another key than was written"
    );
    Ok(())
}

/// Deletes a key file. One that does not exist is no error, and a link is not followed.
///
/// # Errors
/// When the system refuses it.
pub(crate) fn delete(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    const KEY: &str = "sk-or-v1-key-file-test";

    fn refusal(path: &Path) -> String {
        read(path).map_or_else(|error| format!("{error:#}"), |_| String::new())
    }

    #[test]
    fn a_written_key_is_for_its_owner_alone_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/work");
        write(&path, &ApiKey::parse(KEY).unwrap()).unwrap();
        assert_eq!(read(&path).unwrap(), KEY);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let other = ApiKey::parse("sk-or-v1-another-key").unwrap();
        write(&path, &other).unwrap();
        assert_eq!(read(&path).unwrap(), other.expose());
        delete(&path).unwrap();
        delete(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn what_others_may_read_or_never_ends_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, KEY).unwrap();
        for mode in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                refusal(&path).contains("let other users read it"),
                "{mode:o}"
            );
        }
        std::fs::write(&path, "x".repeat(ApiKey::LONGEST + 3)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(refusal(&path).contains("too large to be a key"));
        assert!(refusal(Path::new("/dev/zero")).contains("not a regular file"));
        assert!(refusal(folder.path()).contains("cannot be opened"));
        assert!(refusal(&folder.path().join("none")).contains("cannot be opened"));
    }

    #[test]
    fn nothing_is_written_through_a_link_or_where_others_may_write() {
        let folder = tempfile::tempdir().unwrap();
        let key = ApiKey::parse(KEY).unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "kept").unwrap();
        symlink(&target, &link).unwrap();
        assert!(
            write(&link, &key)
                .unwrap_err()
                .to_string()
                .contains("it is a link")
        );
        let linked = folder.path().join("folder");
        symlink(folder.path(), &linked).unwrap();
        let error = write(&linked.join("key"), &key).unwrap_err().to_string();
        assert!(error.contains("its folder is a link"), "{error}");
        let open = folder.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = write(&open.join("key"), &key).unwrap_err().to_string();
        assert!(error.contains("let other users write to it"), "{error}");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    }

    #[test]
    fn a_link_of_this_user_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        write(&target, &ApiKey::parse(KEY).unwrap()).unwrap();
        symlink(&target, &link).unwrap();
        assert_eq!(read(&link).unwrap(), KEY);
    }
}
