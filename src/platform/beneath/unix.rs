//! Folders of Unix: `openat2`, or part by part.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, openat};

use super::entry::{BeneathError, Entry, EntryKind};

/// Without waiting for the other end of a pipe, and without becoming anybody's terminal.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// The folder below which nothing is read.
#[derive(Debug, Clone)]
pub(super) struct Private {
    path: PathBuf,
    id: (u64, u64),
}

impl Private {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let path = path.canonicalize()?;
        let id = id_of(&path.metadata()?);
        Ok(Self { path, id })
    }
}

fn id_of(metadata: &std::fs::Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    file: File,
    private: Option<Private>,
}

impl Folder {
    pub(super) fn open(path: &Path, private: Option<Private>) -> Result<Self, BeneathError> {
        let file = File::open(path)?;
        if !file.metadata()?.is_dir() {
            return Err(Error::from(ErrorKind::NotADirectory).into());
        }
        let folder = Self { file, private };
        // The root can itself be inside the private folder.
        folder.check_ancestors(path)?;
        Ok(folder)
    }

    pub(super) fn file_below(&self, path: &Path) -> Result<File, BeneathError> {
        checked(self.below(path, READ)?)
    }

    pub(super) fn folder_below(&self, path: &Path) -> Result<Self, BeneathError> {
        self.of(self.below(path, READ | OFlags::DIRECTORY)?)
    }

    /// Opens a file of this folder, unless it is a link.
    pub(crate) fn file(&self, name: &str) -> Result<File, BeneathError> {
        checked(step(self.file.as_fd(), Path::new(name), READ)?)
    }

    /// Opens a folder of this folder, unless it is a link.
    pub(crate) fn folder(&self, name: &str) -> Result<Self, BeneathError> {
        self.of(step(
            self.file.as_fd(),
            Path::new(name),
            READ | OFlags::DIRECTORY,
        )?)
    }

    /// What is in it, by name. Names that are not UTF-8 are omitted.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, BeneathError> {
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.file).map_err(Error::from)? {
            let entry = entry.map_err(Error::from)?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Folder,
                _ => EntryKind::Other,
            };
            entries.push(Entry {
                name: name.to_owned(),
                kind,
            });
        }
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    /// A folder with the same private one, unless it is that.
    fn of(&self, file: File) -> Result<Self, BeneathError> {
        self.check_id(&file)?;
        Ok(Self {
            file,
            private: self.private.clone(),
        })
    }

    fn check_id(&self, file: &File) -> Result<(), BeneathError> {
        let Some(private) = &self.private else {
            return Ok(());
        };
        if id_of(&file.metadata()?) == private.id {
            return Err(BeneathError::Private);
        }
        Ok(())
    }

    /// Refuses a path inside the private folder, under whatever name.
    fn check_ancestors(&self, path: &Path) -> Result<(), BeneathError> {
        let Some(private) = &self.private else {
            return Ok(());
        };
        let is_private = |path: &Path| {
            let metadata = std::fs::metadata(path);
            metadata.is_ok_and(|metadata| id_of(&metadata) == private.id)
        };
        if path.starts_with(&private.path) || path.ancestors().any(is_private) {
            return Err(BeneathError::Private);
        }
        Ok(())
    }

    fn below(&self, path: &Path, flags: OFlags) -> Result<File, BeneathError> {
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.below_by_kernel(path, flags) {
            return opened;
        }
        self.below_by_steps(path, flags)
    }

    /// By one call; `None` where the kernel has none.
    #[cfg(target_os = "linux")]
    fn below_by_kernel(&self, path: &Path, flags: OFlags) -> Option<Result<File, BeneathError>> {
        use rustix::fs::{ResolveFlags, openat2};
        use rustix::io::Errno;
        use std::os::fd::AsRawFd;

        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        // `..` while somebody renames is refused, and may be tried again.
        let mut tries = 0..TRIES;
        let opened = loop {
            match openat2(&self.file, path, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN) if tries.next().is_some() => {}
                other => break other,
            }
        };
        let file = match opened {
            Ok(file) => File::from(file),
            Err(Errno::NOSYS | Errno::PERM | Errno::TOOBIG) => return None,
            Err(Errno::XDEV | Errno::LOOP | Errno::AGAIN) => {
                return Some(Err(BeneathError::Outside));
            }
            Err(error) => return Some(Err(Error::from(error).into())),
        };
        // Where the file is now, as the kernel sees it.
        let real = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let Ok(real) = real else { return None };
        Some(self.check_ancestors(&real).map(|()| file))
    }

    /// Part by part, without links. `..` goes back to a folder that is open already.
    fn below_by_steps(&self, path: &Path, flags: OFlags) -> Result<File, BeneathError> {
        let parts: Vec<Component<'_>> = path
            .components()
            .filter(|part| !matches!(part, Component::CurDir))
            .collect();
        let mut above: Vec<File> = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            match part {
                Component::ParentDir => {
                    above.pop().ok_or(BeneathError::Outside)?;
                }
                Component::Normal(name) => {
                    let here = above.last().unwrap_or(&self.file).as_fd();
                    let of_part = if is_last {
                        flags
                    } else {
                        READ | OFlags::DIRECTORY
                    };
                    let opened = step(here, Path::new(name), of_part)?;
                    self.check_id(&opened)?;
                    above.push(opened);
                }
                _ => return Err(BeneathError::Outside),
            }
        }
        match above.pop() {
            Some(file) => Ok(file),
            None => Ok(self.file.try_clone()?),
        }
    }
}

/// How often a path with `..` is tried while it changes.
#[cfg(target_os = "linux")]
const TRIES: usize = 16;

/// Opens one name in a folder, unless it is a link.
fn step(at: BorrowedFd<'_>, name: &Path, flags: OFlags) -> Result<File, BeneathError> {
    use rustix::io::Errno;
    match openat(at, name, flags | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(file) => Ok(File::from(file)),
        Err(Errno::LOOP | Errno::MLINK) => Err(BeneathError::Outside),
        Err(error) => Err(Error::from(error).into()),
    }
}

/// A regular file with one name.
fn checked(file: File) -> Result<File, BeneathError> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        Err(BeneathError::IsFolder)
    } else if !metadata.is_file() {
        Err(BeneathError::NotRegular)
    } else if metadata.nlink() > 1 {
        Err(BeneathError::HardLinks)
    } else {
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    struct Scene {
        _folder: tempfile::TempDir,
        root: crate::platform::beneath::Root,
        outside: PathBuf,
    }

    /// `outside/secret`, and the root with a file, a folder, links and the home of amx.
    fn scene() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let (root, outside) = (base.join("root"), base.join("outside"));
        for path in ["root/a/b", "root/.amx/keys", "outside"] {
            std::fs::create_dir_all(base.join(path)).unwrap();
        }
        for (path, text) in [
            ("root/a/b/file", "inside"),
            ("root/.amx/config.yml", "private"),
            ("root/.amx/keys/work", "private"),
            ("outside/secret", "secret"),
            ("outside/linked", "secret"),
        ] {
            std::fs::write(base.join(path), text).unwrap();
        }
        symlink("a/b/file", root.join("link")).unwrap();
        symlink(&outside, root.join("absolute")).unwrap();
        symlink("../outside", root.join("up")).unwrap();
        symlink("../../outside/secret", root.join("a/secret")).unwrap();
        symlink(".amx", root.join("home")).unwrap();
        symlink("/proc/self/root", root.join("proc")).unwrap();
        std::fs::hard_link(outside.join("linked"), root.join("hard")).unwrap();
        let opened = crate::platform::beneath::Root::open(&root, Some(&root.join(".amx")));
        Scene {
            _folder: folder,
            root: opened.unwrap(),
            outside,
        }
    }

    fn text(file: Result<File, BeneathError>) -> Result<String, BeneathError> {
        let mut text = String::new();
        file?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn escapes(scene: &Scene) -> Vec<String> {
        let outside = scene.outside.to_string_lossy();
        [
            "../outside/secret",
            "a/../../outside/secret",
            "absolute/secret",
            "up/secret",
            "a/secret",
            "hard",
            "proc/etc/passwd",
            "proc",
            ".amx/config.yml",
            ".amx/keys/work",
            "home/config.yml",
            "a/../.amx/config.yml",
            "/etc/passwd",
            "a",
            "",
            &format!("{outside}/secret"),
        ]
        .map(str::to_owned)
        .to_vec()
    }

    #[test]
    fn only_what_is_below_the_root_is_opened() {
        let scene = scene();
        for path in ["a/b/file", "a/../a/./b/file", "link"] {
            let opened = text(scene.root.file(Path::new(path)));
            assert_eq!(opened.unwrap(), "inside", "{path}");
        }
        let absolute = scene.root.path.join("a/b/file");
        assert_eq!(text(scene.root.file(&absolute)).unwrap(), "inside");
        for path in escapes(&scene) {
            assert!(text(scene.root.file(Path::new(&path))).is_err(), "{path}");
        }
        assert!(scene.root.folder(Path::new(".amx")).is_err());
        assert!(
            crate::platform::beneath::Root::open(&scene.root.path.join(".amx/keys"), None).is_ok()
        );
        let own = scene.root.path.join(".amx");
        let private = crate::platform::beneath::Root::open(&own.join("keys"), Some(&own));
        assert!(matches!(private, Err(BeneathError::Private)));
    }

    #[test]
    fn the_walk_by_steps_refuses_the_same() {
        let scene = scene();
        let folder = &scene.root.folder;
        let open = |path: &str| {
            let path = Path::new(path);
            let relative = scene.root.relative(path)?;
            text(folder.below_by_steps(relative, READ).and_then(checked))
        };
        for path in ["a/b/file", "a/../a/./b/file"] {
            assert_eq!(open(path).unwrap(), "inside", "{path}");
        }
        for path in escapes(&scene) {
            assert!(open(&path).is_err(), "{path}");
        }
    }

    #[test]
    fn pipes_are_neither_waited_for_nor_read() {
        let scene = scene();
        let pipe = scene.root.path.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let opened = scene.root.file(Path::new("pipe"));
        assert!(matches!(opened, Err(BeneathError::NotRegular)));
    }

    #[test]
    fn a_path_that_is_swapped_meanwhile_leads_nowhere_else() {
        use std::sync::atomic::{AtomicBool, Ordering};

        let scene = scene();
        let root = scene.root.path.clone();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/secret"), "inside").unwrap();
        let is_over = AtomicBool::new(false);
        let mut inside = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (here, there) = (root.join("swap"), root.join("other"));
                symlink(&scene.outside, &there).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    std::fs::rename(root.join("real"), &here).unwrap();
                    std::fs::rename(&here, root.join("real")).unwrap();
                    std::fs::rename(&there, &here).unwrap();
                    std::fs::rename(&here, &there).unwrap();
                }
            });
            let seconds = 20 * u64::try_from(scale()).unwrap();
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
            // On a busy machine the other thread may not have run yet.
            for round in 0.. {
                let is_enough = round >= SWAPS * scale() && inside > 0;
                if is_enough || std::time::Instant::now() >= deadline {
                    break;
                }
                let opened = text(scene.root.file(Path::new("swap/secret")));
                let by_steps = scene
                    .root
                    .folder
                    .below_by_steps(Path::new("swap/secret"), READ);
                for read in [opened, text(by_steps)].into_iter().flatten() {
                    assert_eq!(read, "inside");
                    inside += 1;
                }
            }
            is_over.store(true, Ordering::Relaxed);
        });
        assert!(inside > 0, "the path was never there");
    }

    /// How often a path is opened while it is swapped, at scale 1.
    const SWAPS: usize = 2000;

    /// The size of `just trust`, at which a path is opened at least 10,000 times.
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are no part of the program, and their size is given from outside"
    )]
    fn scale() -> usize {
        std::env::var("AMX_TRUST_SCALE").map_or(1, |text| text.parse().unwrap())
    }
}
