//! Files below a folder: in a fixed order, without hidden and ignored files, and never through a
//! link to one of those, or to the outside.

use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use globset::{GlobBuilder, GlobMatcher};
use ignore::{DirEntry, WalkBuilder};

use super::fault::AttachmentFault;
use super::kinds::{Treatment, kind_of};
use super::limits::{LONGEST_WALK, MOST_ENTRIES, MOST_FILES, MOST_TOGETHER};
use super::text::{may_begin_text, shown_name};
use crate::catalog::nearest::nearest;
use crate::platform::commands::{LIST_FILE, LIST_FOLDER};
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::wire::files::BoundedFile;

/// Bytes of a file that decide whether it is text.
const HEAD: u64 = 8192;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundFile {
    pub path: PathBuf,
    /// Its path, relative to the folder that was searched.
    pub name: String,
    pub bytes: u64,
}

/// The files of a folder or a pattern.
#[derive(Debug, Default)]
pub(super) struct FolderListing {
    pub files: Vec<FoundFile>,
    /// Bytes of these files together.
    pub bytes: u64,
    /// Files that providers do not accept.
    pub not_text: usize,
    pub empty: usize,
    /// Links to a target outside the folder.
    pub outside_links: usize,
    /// Links to a file that is hidden or ignored.
    pub hidden_links: usize,
    /// More was found than may be attached, and the search ended there.
    pub is_cut: bool,
    /// What could not be read.
    pub faults: Vec<AttachmentFault>,
}

/// Which files to collect.
struct FolderSearch<'a> {
    below: &'a Path,
    /// Of the path below the folder; `None` selects every text file.
    pattern: Option<GlobMatcher>,
    depth: Option<usize>,
    includes_hidden: bool,
    respects_ignore: bool,
    /// When the search is given up.
    until: Instant,
}

/// Every text file below a folder.
pub(super) fn folder(below: &Path) -> Result<FolderListing, AttachmentFault> {
    let listing = run(&FolderSearch {
        below,
        pattern: None,
        depth: None,
        includes_hidden: false,
        respects_ignore: true,
        until: Instant::now() + LONGEST_WALK,
    })?;
    if listing.files.is_empty() && listing.faults.is_empty() {
        let shown = below.display().to_string();
        let error = CommandError::new(ErrorKind::Input, format!("{shown} contains no text files"))
            .caused_by_words(listing.skipped().unwrap_or_default());
        // Images and PDF files are sent to a model when they are meant.
        let hint = if listing.not_text > 0 {
            format!(
                "amx chat -f {} …   (attaches images and PDF)",
                quoted(&below.join("*"))
            )
        } else {
            LIST_FOLDER.with([&quoted(below)])
        };
        return Err(AttachmentFault::new(shown, error).hint(hint));
    }
    Ok(listing)
}

/// Every file below a folder whose path matches a pattern, and that providers accept.
pub(super) fn pattern(below: &Path, pattern: &str) -> Result<FolderListing, AttachmentFault> {
    let shown = if below == Path::new(".") {
        pattern.to_owned()
    } else {
        below.join(pattern).display().to_string()
    };
    let search = pattern_search(below, pattern, &shown)?;
    if let Err(error) = below.canonicalize() {
        let near = below.ancestors().skip(1).find(|folder| folder.is_dir());
        let near = near.unwrap_or(Path::new("."));
        let error = CommandError::new(ErrorKind::Input, format!("no file matches {shown}"))
            .caused_by_words(format!("{}: {error}", below.display()));
        return Err(AttachmentFault::new(shown, error).hint(LIST_FOLDER.with([&quoted(near)])));
    }
    let listing = run(&search)?;
    if listing.files.is_empty() && listing.faults.is_empty() {
        Err(no_match(search, pattern, shown, &listing)?)
    } else {
        Ok(listing)
    }
}

fn pattern_search<'a>(
    below: &'a Path,
    pattern: &str,
    shown: &str,
) -> Result<FolderSearch<'a>, AttachmentFault> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(!System::CURRENT.is_windows())
        .build();
    let glob = glob.map_err(|error| {
        let error = CommandError::usage(format!("{shown} is not a valid pattern"))
            .caused_by(error)
            .hint("amx chat -f 'src/**/*.rs' …");
        AttachmentFault::new(shown, error)
    })?;
    Ok(FolderSearch {
        below,
        pattern: Some(glob.compile_matcher()),
        depth: (!pattern.contains("**")).then(|| pattern.split('/').count()),
        includes_hidden: pattern
            .split(['/', '{', ','])
            .any(|part| part.starts_with('.')),
        respects_ignore: true,
        until: Instant::now() + LONGEST_WALK,
    })
}

/// The error for a pattern without a match: with the ignored files that match, else with the
/// nearest names.
fn no_match(
    search: FolderSearch<'_>,
    pattern: &str,
    shown: String,
    listing: &FolderListing,
) -> Result<AttachmentFault, AttachmentFault> {
    let message = format!("no file matches {shown}");
    let error = CommandError::new(ErrorKind::Input, &message)
        .caused_by_words(listing.skipped().unwrap_or_default());
    let with_ignored = FolderSearch {
        respects_ignore: false,
        ..search
    };
    let ignored = run(&with_ignored)?.files;
    if let Some(first) = ignored.first() {
        let ignored = counted(ignored.len(), "file");
        let message = format!("{message}, except {ignored} that .gitignore or .ignore excludes");
        return Ok(
            AttachmentFault::new(shown, CommandError { message, ..error }).hint(format!(
                "amx chat -f {} …   (attaches a file that is named, ignored or not)",
                quoted(&first.path)
            )),
        );
    }
    let everything = FolderSearch {
        pattern: None,
        respects_ignore: true,
        ..with_ignored
    };
    let present = run(&everything)?.files;
    let hint = match nearest_names(pattern, &present).as_slice() {
        [] => LIST_FOLDER.with([&quoted(everything.below)]),
        near => format!("the nearest: {}", near.join(", ")),
    };
    Ok(AttachmentFault::new(shown, error).hint(hint))
}

/// Up to three names similar to the pattern; the first ones when none is.
fn nearest_names<'a>(pattern: &str, present: &'a [FoundFile]) -> Vec<&'a str> {
    let wanted: String = pattern.replace(['*', '?', '[', ']', '{', '}'], "");
    let names = || present.iter().map(|found| found.name.as_str());
    let near = nearest(&wanted, names(), 3);
    if near.is_empty() {
        names().take(3).collect()
    } else {
        near
    }
}

impl FolderListing {
    /// What was skipped, in words.
    pub(super) fn skipped(&self) -> Option<String> {
        let counts = [
            (self.not_text, "not text"),
            (self.empty, "empty"),
            (self.outside_links, "outside the folder"),
            (self.hidden_links, "hidden or ignored behind a link"),
        ];
        let words: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!words.is_empty()).then(|| format!("skipped: {}", words.join(", ")))
    }
}

impl FolderSearch<'_> {
    /// A walk with the rules of this search about hidden and ignored files.
    fn walk(&self, folder: &Path) -> WalkBuilder {
        let respects = self.respects_ignore;
        let mut walk = WalkBuilder::new(folder);
        walk.follow_links(false)
            .require_git(false)
            .hidden(!self.includes_hidden)
            .ignore(respects)
            .git_ignore(respects)
            .git_exclude(respects)
            .git_global(respects)
            .parents(respects);
        walk
    }

    /// Whether a walk comes to the file at its own place: it is neither hidden nor ignored. Both
    /// paths are canonical.
    fn reaches(&self, root: &Path, target: &Path) -> bool {
        let mut walk = self.walk(root);
        let wanted = target.to_owned();
        // Of every folder only the way to the file.
        walk.filter_entry(move |entry| {
            entry.file_name() != ".git" && wanted.starts_with(entry.path())
        });
        walk.build().flatten().any(|entry| entry.path() == target)
    }
}

fn run(search: &FolderSearch<'_>) -> Result<FolderListing, AttachmentFault> {
    let root = search
        .below
        .canonicalize()
        .map_err(|error| AttachmentFault::unreadable(search.below, error))?;
    let mut listing = FolderListing::default();
    let mut walk = search.walk(search.below);
    walk.max_depth(search.depth);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    for (seen, entry) in walk.build().enumerate() {
        check_bounds(search, seen)?;
        match entry {
            Ok(entry) => inspect(&entry, search, &root, &mut listing),
            Err(error) => listing.faults.push(
                AttachmentFault::unreadable(search.below, error)
                    .hint(LIST_FOLDER.with([&quoted(search.below)])),
            ),
        }
        if listing.files.len() > MOST_FILES || listing.bytes > MOST_TOGETHER {
            listing.is_cut = true;
            break;
        }
    }
    listing
        .files
        .sort_by(|left, right| left.name.cmp(&right.name));
    Ok(listing)
}

/// An error when the folder is too large to be searched, or the disk too slow.
fn check_bounds(search: &FolderSearch<'_>, seen: usize) -> Result<(), AttachmentFault> {
    let shown = search.below.display().to_string();
    let message = if seen > MOST_ENTRIES {
        format!("{shown} contains more than {MOST_ENTRIES} files and folders")
    } else if Instant::now() > search.until {
        let seconds = LONGEST_WALK.as_secs();
        format!("{shown} is too large: {seen} files and folders searched in {seconds} s")
    } else {
        return Ok(());
    };
    let error = CommandError::new(ErrorKind::Input, message);
    Err(AttachmentFault::new(shown, error).hint("name a subfolder"))
}

fn inspect(entry: &DirEntry, search: &FolderSearch<'_>, root: &Path, listing: &mut FolderListing) {
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
                listing.outside_links += 1;
                return;
            }
            Ok(target) if target.is_file() => {
                if !search.reaches(root, &target) {
                    listing.hidden_links += 1;
                    return;
                }
            }
            // A folder is walked at its own place; a dangling link has no content.
            _ => return,
        }
    } else if !kind.is_file() {
        return;
    }
    match head_of(path) {
        Ok((0, _)) => listing.empty += 1,
        Ok((bytes, head)) if is_wanted(&head, search.pattern.is_some()) => {
            listing.bytes += bytes;
            listing.files.push(FoundFile {
                path: path.to_owned(),
                name: name_of(search.below, relative),
                bytes,
            });
        }
        Ok(_) => listing.not_text += 1,
        Err(error) => listing
            .faults
            .push(AttachmentFault::unreadable(path, error).hint(LIST_FILE.with([&quoted(path)]))),
    }
}

/// Size and first bytes of a file.
fn head_of(path: &Path) -> std::io::Result<(u64, Vec<u8>)> {
    let file = BoundedFile::open_any_size(path, HEAD)?;
    let bytes = file.length;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok((bytes, head))
}

/// A folder selects text files; a pattern also images and the other accepted kinds.
fn is_wanted(head: &[u8], by_pattern: bool) -> bool {
    match kind_of(head) {
        Some(kind) => by_pattern && !matches!(kind.treatment, Treatment::Refused(_)),
        None => may_begin_text(head),
    }
}

fn name_of(below: &Path, relative: &Path) -> String {
    let base = name_outside(below);
    let relative = paths::pattern(System::CURRENT, &relative.to_string_lossy());
    if base.is_empty() {
        shown_name(&relative)
    } else {
        shown_name(&format!("{base}/{relative}"))
    }
}

/// A path as it is sent to the model: relative, and without the folders above the current one.
pub(super) fn name_outside(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let inside = if path.has_root() {
        path.strip_prefix(&here).ok()
    } else {
        Some(path)
    };
    let leaves = |path: &Path| {
        path.components()
            .any(|part| matches!(part, Component::ParentDir | Component::Prefix(_)))
    };
    match inside.filter(|inside| !leaves(inside)) {
        Some(inside) => {
            let parts = inside
                .components()
                .filter(|part| !matches!(part, Component::CurDir));
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
pub(super) fn counted(count: usize, what: &str) -> String {
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

    fn names(folder: &Path, listing: &FolderListing) -> Vec<String> {
        let base = format!("{}/", folder.file_name().unwrap().to_string_lossy());
        listing
            .files
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
    fn a_folder_selects_text_files_in_order_and_counts_the_skipped_ones() {
        let folder = sample();
        let listing = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(
            names(folder.path(), &listing),
            ["a/deep/y.rs", "a/z.rs", "b.rs"]
        );
        assert_eq!(listing.skipped().unwrap(), "skipped: 3 not text, 1 empty");
        assert!(listing.faults.is_empty());
    }

    #[test]
    fn a_folder_of_images_has_a_pattern_as_hint() {
        let folder = tree_of(&[("a.png", b"\x89PNG\r\n\x1a\n\0")]);
        let fault = crate::attachments::walk::folder(folder.path()).unwrap_err();
        let wanted = format!("amx chat -f {} …", quoted(&folder.path().join("*")));
        assert!(fault.error.hints[0].starts_with(&wanted), "{fault:?}");
    }

    #[test]
    fn a_pattern_in_a_missing_folder_is_named_as_it_was_typed() {
        let folder = sample();
        let below = folder.path().join("no/such");
        let fault = super::pattern(&below, "*.txt").unwrap_err();
        assert_eq!(fault.name, below.join("*.txt").display().to_string());
        assert_eq!(
            fault.error.message,
            format!("no file matches {}", fault.name)
        );
        assert_eq!(
            fault.error.hints,
            [LIST_FOLDER.with([&quoted(folder.path())])]
        );
    }

    #[test]
    fn a_search_ends_with_more_than_may_be_attached_and_with_its_time() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MOST_FILES + 100 {
            std::fs::write(folder.path().join(format!("{number}.txt")), "x").unwrap();
        }
        // Longer than a slow machine takes.
        let search = |pattern| FolderSearch {
            until: Instant::now() + std::time::Duration::from_secs(600),
            ..pattern_search(folder.path(), pattern, pattern).unwrap()
        };
        let listing = run(&FolderSearch {
            pattern: None,
            ..search("*")
        })
        .unwrap();
        assert_eq!(
            (listing.files.len(), listing.is_cut),
            (MOST_FILES + 1, true)
        );
        let late = FolderSearch {
            until: Instant::now(),
            ..pattern_search(folder.path(), "no*", "no*").unwrap()
        };
        assert!(run(&late).is_err());
        assert!(!run(&search("1*.txt")).unwrap().is_cut);
    }

    #[test]
    fn a_pattern_selects_every_accepted_kind_that_matches() {
        let folder = sample();
        let matching = |pattern: &str| {
            crate::attachments::walk::pattern(folder.path(), pattern)
                .map(|listing| names(folder.path(), &listing))
        };
        assert_eq!(
            matching("**/*.rs").unwrap(),
            ["a/deep/y.rs", "a/z.rs", "b.rs"]
        );
        assert_eq!(matching("*.rs").unwrap(), ["b.rs"]);
        assert_eq!(matching("*.{png,heic,rs}").unwrap(), ["b.rs", "pixel.png"]);
        assert_eq!(matching("a/.hidden/*.rs").unwrap(), ["a/.hidden/x.rs"]);
        assert_eq!(matching(".e*").unwrap(), [".env"]);
    }

    #[test]
    fn a_pattern_without_a_match_suggests_similar_names() {
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
    fn a_folder_without_text_files_is_an_error() {
        let folder = tree_of(&[("noise.bin", b"\0\x01"), ("empty", b"")]);
        let error = crate::attachments::walk::folder(folder.path())
            .unwrap_err()
            .error;
        assert_eq!(
            (error.kind, error.cause().as_deref()),
            (ErrorKind::Input, Some("skipped: 1 not text, 1 empty"))
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
        let listing = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(
            names(folder.path(), &listing),
            ["a.txt", "inner/b.txt", "same.txt"]
        );
        assert_eq!(listing.outside_links, 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_to_a_hidden_or_an_ignored_file() {
        use std::os::unix::fs::symlink;
        let folder = sample();
        let link = |target: &str, name: &str| symlink(target, folder.path().join(name)).unwrap();
        link(".env", "settings.txt");
        link("secret.txt", "words.txt");
        link("target/t.rs", "t.rs");
        link("../.hidden/x.rs", "a/deep/x.rs");
        link("a/deep/y.rs", "y.rs");
        let listing = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(
            names(folder.path(), &listing),
            ["a/deep/y.rs", "a/z.rs", "b.rs", "y.rs"]
        );
        assert_eq!(listing.hidden_links, 4);
        assert!(
            listing
                .skipped()
                .unwrap()
                .ends_with("4 hidden or ignored behind a link")
        );
        // Also where a pattern does not reach the folder of the target.
        let listing = crate::attachments::walk::pattern(folder.path(), "*.rs").unwrap();
        assert_eq!(names(folder.path(), &listing), ["b.rs", "y.rs"]);
        let listing = crate::attachments::walk::pattern(folder.path(), "*.txt").unwrap_err();
        assert!(listing.error.message.contains("no file matches"));
    }

    #[cfg(unix)]
    #[test]
    fn a_backslash_is_a_part_of_a_name() {
        let folder = tree_of(&[("a\\b.txt", b"x")]);
        let listing = crate::attachments::walk::folder(folder.path()).unwrap();
        assert_eq!(names(folder.path(), &listing), ["a\\b.txt"]);
    }

    #[test]
    fn names_omit_the_folders_above() {
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
