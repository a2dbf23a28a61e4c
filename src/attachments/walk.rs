//! Files below a folder: in a fixed order, without what is hidden or ignored, and never through a
//! link that leads out.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use ignore::{DirEntry, WalkBuilder};

use super::fault::AttachmentFault;
use super::kinds::{Treatment, kind_of};
use super::limits::MOST_ENTRIES;
use super::text::{may_begin_text, shown_name};
use crate::catalog::nearest::nearest;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// Bytes of a file that tell whether it is text.
const HEAD: u64 = 8192;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    pub path: PathBuf,
    /// How it is called: its path from where one looked.
    pub name: String,
    pub bytes: u64,
}

/// What a folder or a pattern brought.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<FoundFile>,
    /// Files that cannot be sent, or that hold nothing.
    pub not_text: usize,
    pub empty: usize,
    pub links_out: usize,
    /// What could not be read.
    pub faults: Vec<AttachmentFault>,
}

/// Which files are meant.
struct Search<'a> {
    below: &'a Path,
    /// Of the path below the folder; `None` takes every text.
    pattern: Option<GlobMatcher>,
    depth: Option<usize>,
    takes_hidden: bool,
    respects_ignore: bool,
}

/// Every text file below a folder.
pub fn folder(below: &Path) -> Result<Tree, AttachmentFault> {
    let tree = run(&Search {
        below,
        pattern: None,
        depth: None,
        takes_hidden: false,
        respects_ignore: true,
    })?;
    if tree.files.is_empty() && tree.faults.is_empty() {
        let error = CommandError::new(
            ErrorKind::Input,
            format!("{} holds no text that could be attached", below.display()),
        );
        return Err(AttachmentFault::new(
            below.display().to_string(),
            error.caused_by_words(tree.left_out().unwrap_or_default()),
        )
        .hint(format!("ls -lA {}", quoted(below))));
    }
    Ok(tree)
}

/// Every file below a folder whose path fits a pattern, and that providers take.
pub fn pattern(below: &Path, pattern: &str) -> Result<Tree, AttachmentFault> {
    let written = if below == Path::new(".") {
        pattern.to_owned()
    } else {
        below.join(pattern).display().to_string()
    };
    let refused = |error: CommandError| AttachmentFault::new(written.clone(), error);
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build();
    let glob = glob.map_err(|error| {
        refused(
            CommandError::usage(format!("{written} is not a pattern"))
                .caused_by(error)
                .hint("amx chat -f 'src/**/*.rs' …"),
        )
    })?;
    let depth = (!pattern.contains("**")).then(|| pattern.split('/').count());
    let takes_hidden = pattern
        .split(['/', '{', ','])
        .any(|part| part.starts_with('.'));
    let mut search = Search {
        below,
        pattern: Some(glob.compile_matcher()),
        depth,
        takes_hidden,
        respects_ignore: true,
    };
    let tree = run(&search)?;
    if !tree.files.is_empty() || !tree.faults.is_empty() {
        return Ok(tree);
    }
    let error = CommandError::new(ErrorKind::Input, format!("no file fits {written}"))
        .caused_by_words(tree.left_out().unwrap_or_default());
    search.respects_ignore = false;
    let ignored = run(&search)?.files;
    if let Some(first) = ignored.first() {
        let message = format!(
            "no file fits {written}, but for {} that .gitignore or .ignore leaves out",
            counted(ignored.len(), "file")
        );
        return Err(refused(CommandError { message, ..error }).hint(format!(
            "amx chat -f {} …   (a file that is named is taken)",
            quoted(&first.path)
        )));
    }
    search = Search {
        pattern: None,
        respects_ignore: true,
        ..search
    };
    let there = run(&search)?.files;
    let wanted: String = pattern.replace(['*', '?', '[', ']', '{', '}'], "");
    let mut near = nearest(&wanted, there.iter().map(|found| found.name.as_str()), 3);
    if near.is_empty() {
        near = there
            .iter()
            .take(3)
            .map(|found| found.name.as_str())
            .collect();
    }
    let hint = if near.is_empty() {
        format!("ls -lA {}", quoted(below))
    } else {
        format!("the nearest: {}", near.join(", "))
    };
    Err(refused(error).hint(hint))
}

/// The files beside one that is not there that are called nearly so.
pub fn neighbours(missing: &Path) -> Vec<String> {
    let folder = missing
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .take(MOST_ENTRIES);
    // A link to nothing is there, and no help.
    let is_there = |entry: &std::fs::DirEntry| entry.path().exists();
    let names: Vec<String> = entries
        .filter(is_there)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let wanted = missing
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let near = nearest(&wanted, names.iter().map(String::as_str), 3);
    near.into_iter()
        .map(|name| {
            if folder == Path::new(".") {
                name.to_owned()
            } else {
                folder.join(name).display().to_string()
            }
        })
        .collect()
}

impl Tree {
    /// What was left out, in words.
    pub fn left_out(&self) -> Option<String> {
        let counts = [
            (self.not_text, "not text"),
            (self.empty, "empty"),
            (self.links_out, "a link that leads out"),
        ];
        let words: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!words.is_empty()).then(|| format!("left out: {}", words.join(", ")))
    }
}

fn run(search: &Search<'_>) -> Result<Tree, AttachmentFault> {
    let root = search
        .below
        .canonicalize()
        .map_err(|error| AttachmentFault::unreadable(search.below, error))?;
    let mut tree = Tree::default();
    let mut walk = WalkBuilder::new(search.below);
    let respects = search.respects_ignore;
    walk.follow_links(false)
        .require_git(false)
        .hidden(!search.takes_hidden)
        .max_depth(search.depth);
    walk.ignore(respects)
        .git_ignore(respects)
        .git_exclude(respects)
        .git_global(respects)
        .parents(respects);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    for (seen, entry) in walk.build().enumerate() {
        if seen > MOST_ENTRIES {
            let error = CommandError::new(
                ErrorKind::Input,
                format!(
                    "{} holds more than {MOST_ENTRIES} files and folders",
                    search.below.display()
                ),
            );
            return Err(
                AttachmentFault::new(search.below.display().to_string(), error)
                    .hint("name a folder further down"),
            );
        }
        match entry {
            Ok(entry) => look_at(&entry, search, &root, &mut tree),
            Err(error) => tree.faults.push(
                AttachmentFault::unreadable(search.below, error)
                    .hint(format!("ls -lA {}", quoted(search.below))),
            ),
        }
    }
    tree.files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(tree)
}

fn look_at(entry: &DirEntry, search: &Search<'_>, root: &Path, tree: &mut Tree) {
    let path = entry.path();
    let relative = path.strip_prefix(search.below).unwrap_or(path);
    if search
        .pattern
        .as_ref()
        .is_some_and(|pattern| !pattern.is_match(relative))
    {
        return;
    }
    let Some(kind) = entry.file_type() else {
        return;
    };
    if kind.is_symlink() {
        match path.canonicalize() {
            Ok(target) if !target.starts_with(root) => {
                tree.links_out += 1;
                return;
            }
            Ok(target) if target.is_file() => {}
            // A folder is walked where it is, and a link to nothing is nothing.
            _ => return,
        }
    } else if !kind.is_file() {
        return;
    }
    match beginning(path) {
        Ok((0, _)) => tree.empty += 1,
        Ok((bytes, head)) if is_wanted(&head, search.pattern.is_some()) => {
            tree.files.push(FoundFile {
                path: path.to_owned(),
                name: name_of(search.below, relative),
                bytes,
            });
        }
        Ok(_) => tree.not_text += 1,
        Err(error) => tree
            .faults
            .push(AttachmentFault::unreadable(path, error).hint(format!("ls -l {}", quoted(path)))),
    }
}

/// Size and first bytes of a file.
fn beginning(path: &Path) -> std::io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok((bytes, head))
}

/// A folder stands for its texts; a pattern also for pictures and whatever else is taken.
fn is_wanted(head: &[u8], by_pattern: bool) -> bool {
    match kind_of(head) {
        Some(kind) => by_pattern && !matches!(kind.treatment, Treatment::Refused(_)),
        None => may_begin_text(head),
    }
}

fn name_of(below: &Path, relative: &Path) -> String {
    let base = name_outside(below);
    let relative = relative.to_string_lossy().replace('\\', "/");
    if base.is_empty() {
        shown_name(&relative)
    } else {
        shown_name(&format!("{base}/{relative}"))
    }
}

/// A path as it is told to the model: relative, and without folders that are no business of its.
pub fn name_outside(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let inside = if path.is_absolute() {
        path.strip_prefix(&here).ok()
    } else {
        Some(path)
    };
    let leaves = |path: &Path| {
        path.components()
            .any(|part| matches!(part, std::path::Component::ParentDir))
    };
    match inside.filter(|inside| !leaves(inside)) {
        Some(inside) => {
            let parts = inside
                .components()
                .filter(|part| !matches!(part, std::path::Component::CurDir));
            parts
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
                .join("/")
        }
        None => path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    }
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_of(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    fn names(folder: &Path, tree: &Tree) -> Vec<String> {
        let base = format!("{}/", folder.file_name().unwrap().to_string_lossy());
        tree.files
            .iter()
            .map(|found| found.name.strip_prefix(&base).unwrap().to_owned())
            .collect()
    }

    fn sample() -> tempfile::TempDir {
        tree_of(&[
            (".gitignore", b"target/\n*.log\n"),
            (".ignore", b"secret.txt\n"),
            (".env", b"KEY=1"),
            ("b.rs", b"b"),
            ("a/z.rs", b"z"),
            ("a/deep/y.rs", b"y"),
            ("a/.hidden/x.rs", b"x"),
            ("target/t.rs", b"t"),
            ("trace.log", b"l"),
            ("secret.txt", b"s"),
            ("empty.rs", b""),
            ("pixel.png", b"\x89PNG\r\n\x1a\n"),
            ("noise.bin", b"\0\x01\x02"),
            ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ])
    }

    #[test]
    fn a_folder_gives_its_texts_in_order_and_tells_what_it_left_out() {
        let folder = sample();
        let tree = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(
            names(folder.path(), &tree),
            ["a/deep/y.rs", "a/z.rs", "b.rs"]
        );
        assert_eq!(tree.left_out().unwrap(), "left out: 3 not text, 1 empty");
        assert!(tree.faults.is_empty());
    }

    #[test]
    fn a_pattern_gives_what_fits_pictures_too() {
        let folder = sample();
        let fits = |pattern: &str| {
            crate::attachments::walk::pattern(folder.path(), pattern)
                .map(|tree| names(folder.path(), &tree))
        };
        assert_eq!(fits("**/*.rs").unwrap(), ["a/deep/y.rs", "a/z.rs", "b.rs"]);
        assert_eq!(fits("*.rs").unwrap(), ["b.rs"]);
        assert_eq!(fits("*.{png,heic,rs}").unwrap(), ["b.rs", "pixel.png"]);
        assert_eq!(fits("a/.hidden/*.rs").unwrap(), ["a/.hidden/x.rs"]);
        assert_eq!(fits(".e*").unwrap(), [".env"]);
    }

    #[test]
    fn a_pattern_that_nothing_fits_names_what_is_near() {
        let folder = sample();
        let fault = |pattern: &str| {
            crate::attachments::walk::pattern(folder.path(), pattern)
                .unwrap_err()
                .error
        };
        let near = fault("a/*.ry");
        assert_eq!(near.kind, ErrorKind::Input);
        assert!(
            near.message.contains("a/*.ry") && near.hints[0].contains("a/z.rs"),
            "{} {:?}",
            near.message,
            near.hints
        );
        let ignored = fault("*.log");
        assert!(
            ignored.message.contains("1 file that .gitignore")
                && ignored.hints[0].contains("trace.log"),
            "{}",
            ignored.message
        );
        assert_eq!(fault("[").kind, ErrorKind::Usage);
        assert_eq!(
            crate::attachments::walk::pattern(&folder.path().join("none"), "*")
                .unwrap_err()
                .error
                .kind,
            ErrorKind::Input
        );
    }

    #[test]
    fn a_folder_without_texts_says_so() {
        let folder = tree_of(&[("noise.bin", b"\0\x01"), ("empty", b"")]);
        let error = crate::attachments::walk::folder(folder.path())
            .unwrap_err()
            .error;
        assert_eq!(
            (error.kind, error.cause().as_deref()),
            (ErrorKind::Input, Some("left out: 1 not text, 1 empty"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_to_files_of_the_same_folder() {
        use std::os::unix::fs::symlink;
        let outside = tree_of(&[("key.txt", b"key")]);
        let folder = tree_of(&[("a.txt", b"a"), ("inner/b.txt", b"b")]);
        let link = |target: &Path, name: &str| symlink(target, folder.path().join(name)).unwrap();
        link(&outside.path().join("key.txt"), "stolen.txt");
        link(outside.path(), "out");
        link(&folder.path().join("inner"), "again");
        link(folder.path(), "inner/loop");
        link(Path::new("a.txt"), "same.txt");
        link(Path::new("gone"), "dangling");
        let tree = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(
            names(folder.path(), &tree),
            ["a.txt", "inner/b.txt", "same.txt"]
        );
        assert_eq!(tree.links_out, 2);
    }

    #[test]
    fn neighbours_are_called_nearly_so() {
        let folder = tree_of(&[("notes.txt", b"x"), ("other", b"x")]);
        assert_eq!(
            neighbours(&folder.path().join("notse.txt")),
            [folder.path().join("notes.txt").display().to_string()]
        );
        assert!(neighbours(Path::new("/nonexistent/x")).is_empty());
    }

    #[test]
    fn names_tell_no_more_than_is_needed() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(name_outside(&here.join("src/a.rs")), "src/a.rs");
        assert_eq!(name_outside(Path::new("./src/./a.rs")), "src/a.rs");
        assert_eq!(name_outside(Path::new("../other/a.rs")), "a.rs");
        assert_eq!(name_outside(Path::new("/home/somebody/a.rs")), "a.rs");
        assert_eq!(
            [name_outside(Path::new(".")), name_outside(&here)],
            ["", ""]
        );
    }
}
