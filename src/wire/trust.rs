//! Who else may change a file: what a configuration is checked for before it is obeyed.

use std::fs::Metadata;
use std::path::Path;

/// Why a file or folder is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// The user IDs of an owner who is neither this user nor root, and of this user.
    Owner { found: u32, user: u32 },
    /// The mode, in which group or others have write permission.
    Writable(u32),
}

/// The owner of a file, when that is neither this user nor root. Of a link: whose it is.
#[cfg(unix)]
pub(crate) fn foreign_owner(metadata: &Metadata) -> Option<Distrust> {
    use std::os::unix::fs::MetadataExt;
    let (found, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    (found != 0 && found != user).then_some(Distrust::Owner { found, user })
}

#[cfg(not(unix))]
pub(crate) fn foreign_owner(_metadata: &Metadata) -> Option<Distrust> {
    None
}

/// Why a file or folder is not trusted; `None` when only this user and root can change it. Modes
/// that nobody can use, on a file system that is mounted read-only, count as no permission.
#[cfg(unix)]
pub(crate) fn distrust(path: &Path, metadata: &Metadata) -> Option<Distrust> {
    use std::os::unix::fs::PermissionsExt;
    if let Some(owner) = foreign_owner(metadata) {
        return Some(owner);
    }
    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o022 != 0 && !is_read_only(path)).then_some(Distrust::Writable(mode))
}

#[cfg(unix)]
fn is_read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|volume| {
        volume
            .f_flag
            .contains(rustix::fs::StatVfsMountFlags::RDONLY)
    })
}

/// Elsewhere a folder of the user is private by its place.
#[cfg(not(unix))]
pub(crate) fn distrust(_path: &Path, _metadata: &Metadata) -> Option<Distrust> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_others_may_write_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "").unwrap();
        let found = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            distrust(&path, &std::fs::metadata(&path).unwrap())
        };
        for mode in [0o600, 0o644, 0o400, 0o755] {
            assert_eq!(found(mode), None, "{mode:o}");
        }
        for mode in [0o660, 0o664, 0o602, 0o666] {
            assert_eq!(found(mode), Some(Distrust::Writable(mode)), "{mode:o}");
        }
    }
}
