//! Reads everything that is asked to be attached.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::attached::{Attached, add, size};
use super::fault::{self, AttachmentFault};
use super::kinds::{FileKind, Treatment, kind_of, treatment_of};
use super::limits::{self, LARGEST_FILE, MOST_FILES, MOST_TOGETHER, USUAL_BYTES, USUAL_FILES};
use super::text::{self, NotText, shown_name};
use super::walk::{self, FoundFile, Tree, counted};
use super::wanted::Wanted;
use super::{address, stdin};
use crate::chat::message::ContentPart;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// Whether stdin may be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// After so long a silence it is given up.
    May(Duration),
    /// Why not.
    MayNot(&'static str),
}

/// How attachments are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Lets folders and patterns bring more than is usual.
    pub force: bool,
    pub stdin: Stdin,
}

/// What is read last, because it is gone afterwards or takes its time.
enum Later {
    Stdin(String),
    Clipboard,
}

/// What the words turned out to be; numbers are places among them.
struct Sorted {
    groups: Vec<Vec<Attached>>,
    later: Vec<(usize, Later)>,
    trees: Vec<(usize, PathBuf, Tree)>,
    faults: Vec<AttachmentFault>,
}

impl Reading {
    /// In a conversation stdin is the keyboard.
    pub fn at_prompt(force: bool) -> Self {
        Self {
            force,
            stdin: Stdin::MayNot("it is the keyboard of this conversation"),
        }
    }

    /// Reads what the words name, in their order; a file that several of them name is read once.
    ///
    /// # Errors
    /// One for everything that cannot be attached: nothing has been sent or written by then.
    pub fn read(
        &self,
        words: &[PathBuf],
        context: &mut Context<'_>,
    ) -> Result<Vec<Attached>, CommandError> {
        limits::together(&sizes_of(words))?;
        let Sorted {
            mut groups,
            later,
            mut trees,
            mut faults,
        } = self.sort(words);
        if faults.is_empty() {
            for (at, _, tree) in &mut trees {
                read_tree(tree, &mut groups[*at], &mut faults);
            }
        }
        if let Some(error) = fault::together(faults) {
            return Err(error);
        }
        for (at, what) in later {
            groups[at].push(self.read_late(what, context)?);
        }
        let mut attached = Vec::new();
        groups
            .into_iter()
            .for_each(|group| add(&mut attached, group));
        limits::check(&attached)?;
        for (_, path, tree) in &trees {
            if let Some(words) = tree.left_out() {
                context.output.note(&format!("{}: {words}", path.display()));
            }
        }
        Ok(attached)
    }

    /// Reads what is named, finds what is meant by folders and patterns, and puts off the rest.
    fn sort(&self, words: &[PathBuf]) -> Sorted {
        let mut sorted = Sorted {
            groups: vec![Vec::new(); words.len()],
            later: Vec::new(),
            trees: Vec::new(),
            faults: Vec::new(),
        };
        for (at, word) in words.iter().enumerate() {
            let Sorted {
                groups,
                later,
                trees,
                faults,
            } = &mut sorted;
            let read = match Wanted::parse(word) {
                Wanted::Stdin { name } => self
                    .may_take_stdin(later)
                    .map(|()| later.push((at, Later::Stdin(name)))),
                Wanted::Clipboard => {
                    later.push((at, Later::Clipboard));
                    Ok(())
                }
                Wanted::Address(text) => {
                    address::read(&text).map(|attached| groups[at].push(attached))
                }
                Wanted::Path(path) if path.is_dir() => {
                    walk::folder(&path).map(|tree| trees.push((at, path, tree)))
                }
                Wanted::Path(path) => read_named(&path).map(|attached| groups[at].push(attached)),
                Wanted::Pattern { below, pattern } => walk::pattern(&below, &pattern)
                    .map(|tree| trees.push((at, below.join(pattern), tree))),
            };
            faults.extend(read.err());
        }
        for (_, _, tree) in &mut sorted.trees {
            sorted.faults.append(&mut tree.faults);
        }
        self.bound(&sorted.trees, &mut sorted.faults);
        sorted
    }

    fn may_take_stdin(&self, later: &[(usize, Later)]) -> Result<(), AttachmentFault> {
        let refused = |why: &str| {
            Err(AttachmentFault::new(
                "stdin",
                CommandError::usage(format!("stdin cannot be attached: {why}"))
                    .hint("amx chat -f FILE …"),
            ))
        };
        match self.stdin {
            Stdin::MayNot(why) => refused(why),
            Stdin::May(_)
                if later
                    .iter()
                    .any(|(_, what)| matches!(what, Later::Stdin(_))) =>
            {
                refused("it can be read only once")
            }
            Stdin::May(_) => Ok(()),
        }
    }

    /// Holds what folders and patterns bring against what is usual, and against what nothing lifts.
    fn bound(&self, trees: &[(usize, PathBuf, Tree)], faults: &mut Vec<AttachmentFault>) {
        let files: Vec<&FoundFile> = trees.iter().flat_map(|(_, _, tree)| &tree.files).collect();
        let bytes: u64 = files.iter().map(|found| found.bytes).sum();
        let is_too_much = files.len() > MOST_FILES || bytes > MOST_TOGETHER;
        let is_unusual = files.len() > USUAL_FILES || bytes > USUAL_BYTES;
        if !is_too_much && (self.force || !is_unusual) {
            return;
        }
        let (most_files, most_bytes) = if is_too_much {
            (MOST_FILES, MOST_TOGETHER)
        } else {
            (USUAL_FILES, USUAL_BYTES)
        };
        let named: Vec<String> = trees
            .iter()
            .map(|(_, path, _)| path.display().to_string())
            .collect();
        let held = format!("{} of {}", counted(files.len(), "file"), size(bytes));
        let message = format!(
            "{} would attach {held}, more than {most_files} files or {}",
            named.join(", "),
            size(most_bytes)
        );
        let error = CommandError::new(ErrorKind::Input, message).caused_by_words(limits::largest(
            files.iter().map(|found| (found.bytes, found.name.as_str())),
        ));
        let fault = AttachmentFault::new(named.join(", "), error)
            .hint("name less of it: amx chat -f 'src/**/*.rs' …");
        faults.push(if is_too_much {
            fault
        } else {
            fault.hint("--force   (attaches all of it)")
        });
    }

    fn read_late(&self, what: Later, context: &mut Context<'_>) -> Result<Attached, CommandError> {
        let (name, bytes) = match (what, self.stdin) {
            (Later::Stdin(name), Stdin::May(patience)) => {
                (shown_name(&name), stdin::read(patience, context)?)
            }
            (Later::Stdin(name), Stdin::MayNot(why)) => {
                return Err(CommandError::usage(format!("{name}: {why}")));
            }
            (Later::Clipboard, _) => ("clipboard".to_owned(), pasted(context)?),
        };
        check_size(&name, bytes.len() as u64)
            .and_then(|()| attached(Path::new(&name), &name, bytes, None))
            .map_err(|fault| fault.error)
    }
}

/// The files that are named one by one, with their sizes: too much together is not even read.
fn sizes_of(words: &[PathBuf]) -> Vec<(u64, String)> {
    let named = words.iter().filter_map(|word| match Wanted::parse(word) {
        Wanted::Path(path) => Some((
            std::fs::metadata(&path)
                .ok()
                .filter(std::fs::Metadata::is_file)?
                .len(),
            path.display().to_string(),
        )),
        _ => None,
    });
    // What is too large by itself is told of by itself.
    named.filter(|(bytes, _)| *bytes <= LARGEST_FILE).collect()
}

fn pasted(context: &mut Context<'_>) -> Result<Vec<u8>, CommandError> {
    let none = |why: String| {
        let error = CommandError::new(
            ErrorKind::Input,
            "there is no picture to take from the clipboard",
        )
        .caused_by_words(why);
        error.hint("save the picture to a file, and attach that: amx chat -f FILE …")
    };
    let limit = usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX);
    let bytes = context.output.pasted_image(limit).map_err(none)?;
    let is_image =
        kind_of(&bytes).is_some_and(|kind| matches!(kind.treatment, Treatment::Image(_)));
    if is_image {
        Ok(bytes)
    } else {
        Err(none(
            "what came is not a PNG, JPEG, WebP or GIF picture".to_owned(),
        ))
    }
}

/// Of what was found some may turn out not to be text behind its beginning: it is left out as well.
fn read_tree(tree: &mut Tree, to: &mut Vec<Attached>, faults: &mut Vec<AttachmentFault>) {
    for found in &tree.files {
        match read_file(&found.path) {
            Ok(bytes) => match attached(
                &found.path,
                &found.name,
                bytes,
                found.path.canonicalize().ok(),
            ) {
                Ok(attached) => to.push(attached),
                Err(_) => tree.not_text += 1,
            },
            Err(fault) => faults.push(fault),
        }
    }
}

/// A file that the user named.
fn read_named(path: &Path) -> Result<Attached, AttachmentFault> {
    let name = shown_name(&walk::name_outside(path));
    attached(path, &name, read_file(path)?, path.canonicalize().ok())
}

fn read_file(path: &Path) -> Result<Vec<u8>, AttachmentFault> {
    let failed = |source: std::io::Error| {
        let near = if source.kind() == std::io::ErrorKind::NotFound {
            walk::neighbours(path)
        } else {
            Vec::new()
        };
        let fault = AttachmentFault::unreadable(path, source);
        if near.is_empty() {
            fault.hint(format!("ls -l {}", quoted(path)))
        } else {
            fault.hint(format!("did you mean {}?", near.join(", ")))
        }
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    // A pipe may never end, a device may never stop.
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other(
            "it is not a regular file; pipe it to stdin and attach that with -f -",
        )));
    }
    check_size(&path.display().to_string(), metadata.len())?;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    // It may have grown meanwhile.
    check_size(&path.display().to_string(), bytes.len() as u64)?;
    Ok(bytes)
}

fn check_size(name: &str, bytes: u64) -> Result<(), AttachmentFault> {
    if bytes <= LARGEST_FILE {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::Input,
        format!(
            "{name} is {}, and at most {} can be attached",
            size(bytes),
            size(LARGEST_FILE)
        ),
    );
    Err(AttachmentFault::new(name, error)
        .hint("attach a part of it, for example through head -c 1M"))
}

/// Bytes as a part of the question, by what they are.
fn attached(
    path: &Path,
    name: &str,
    bytes: Vec<u8>,
    origin: Option<PathBuf>,
) -> Result<Attached, AttachmentFault> {
    let called = path.display().to_string();
    let size = bytes.len() as u64;
    if bytes.is_empty() {
        let error = CommandError::new(ErrorKind::Input, format!("{called} is empty"));
        return Err(AttachmentFault::new(called, error)
            .hint("attach something with content, or leave it away"));
    }
    let kind = kind_of(&bytes);
    let data_url =
        |media_type: &str| format!("data:{media_type};base64,{}", STANDARD.encode(&bytes));
    let part = match kind.map(|kind| treatment_of(kind, &bytes)) {
        Some(Treatment::Image(media_type)) => ContentPart::Image {
            url: data_url(media_type),
        },
        Some(Treatment::Pdf) => ContentPart::File {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            url: data_url("application/pdf"),
        },
        Some(Treatment::Audio(format)) => ContentPart::Audio {
            base64: STANDARD.encode(&bytes),
            format,
        },
        Some(Treatment::Video(media_type)) => ContentPart::Video {
            url: data_url(media_type),
        },
        Some(Treatment::Refused(ways)) => {
            return Err(refused_kind(
                &called,
                path,
                kind.map_or("a file", |kind: &FileKind| kind.name),
                ways,
            ));
        }
        None => ContentPart::Text(text::fenced(
            name,
            &text::decode(&bytes).map_err(|why| not_text(&called, path, why))?,
        )),
    };
    Ok(Attached {
        name: name.to_owned(),
        part,
        bytes: size,
        origin,
    })
}

fn refused_kind(called: &str, path: &Path, kind: &str, ways: &[&str]) -> AttachmentFault {
    let error = CommandError::new(
        ErrorKind::Input,
        format!("{called} is {kind}, which models do not take"),
    );
    let typed = quoted(path);
    ways.iter()
        .fold(AttachmentFault::new(called, error), |fault, way| {
            fault.hint(way.replace("FILE", &typed))
        })
}

fn not_text(called: &str, path: &Path, why: NotText) -> AttachmentFault {
    let typed = quoted(path);
    let fault = |what: String| {
        AttachmentFault::new(
            called,
            CommandError::new(ErrorKind::Input, format!("{called} {what}")),
        )
    };
    match why {
        NotText::Binary => fault(
            "is neither text nor an image, PDF, sound or film that can be attached".to_owned(),
        )
        .hint(format!("file {typed}")),
        NotText::OtherEncoding { at } => {
            let words = format!(
                "is text, but not in UTF-8 (byte {at}); it looks like Latin-1 or Windows-1252"
            );
            fault(words)
                .hint(format!(
                    "iconv -f WINDOWS-1252 -t UTF-8 {typed} > {typed}.utf8"
                ))
                .hint(format!("amx chat -f {typed}.utf8 …"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<Attached, CommandError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read_named(&path).map_err(|fault| fault.error)
    }

    #[test]
    fn files_are_told_apart_by_content() {
        let part = |name: &str, bytes: &[u8]| read(name, bytes).unwrap().part;
        assert_eq!(
            part("a.txt", b"\x89PNG\r\n"),
            ContentPart::Image {
                url: "data:image/png;base64,iVBORw0K".to_owned()
            }
        );
        assert_eq!(
            part("x", b"%PDF-1"),
            ContentPart::File {
                name: "x".to_owned(),
                url: "data:application/pdf;base64,JVBERi0x".to_owned()
            }
        );
        assert_eq!(
            part("n.md", b"\xff\xfeh\0"),
            ContentPart::Text("n.md:\n```\nh\n```".to_owned())
        );
        assert!(matches!(
            part("s", b"RIFF0000WAVEfmt"),
            ContentPart::Audio { format: "wav", .. }
        ));
        assert_eq!(
            part("v", b"\0\0\0\x14ftypqt  "),
            ContentPart::Video {
                url: "data:video/quicktime;base64,AAAAFGZ0eXBxdCAg".to_owned()
            }
        );
    }

    #[test]
    fn what_cannot_be_sent_says_what_it_is_and_what_to_do() {
        for (name, bytes, what, hint) in [
            ("b", &b"\x7fELF\0\0"[..], "neither text", "file /"),
            (
                "a b.heic",
                b"\0\0\0\x18ftypheic\0\0",
                "a HEIC picture",
                "a b.heic'.png",
            ),
            ("old.txt", b"caf\xe9 ole", "Latin-1", "iconv"),
            ("none.txt", b"", "is empty", "content"),
            (
                "r.docx",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0",
                "an Office document",
                "soffice",
            ),
        ] {
            let error = read(name, bytes).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Input);
            assert!(
                error.message.contains(what) && error.hints[0].contains(hint),
                "{} {:?}",
                error.message,
                error.hints
            );
        }
        assert_eq!(
            read_named(Path::new("/nonexistent/file"))
                .unwrap_err()
                .error
                .kind,
            ErrorKind::Input
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        std::fs::File::create(&path)
            .unwrap()
            .set_len(LARGEST_FILE + 1)
            .unwrap();
        let error = read_named(&path).unwrap_err().error;
        assert!(error.message.contains("20.1 MiB"), "{}", error.message);
    }

    fn tree(sizes: impl IntoIterator<Item = u64>) -> Vec<(usize, PathBuf, Tree)> {
        let found = |(index, bytes)| FoundFile {
            path: PathBuf::new(),
            name: format!("f{index}"),
            bytes,
        };
        vec![(
            0,
            PathBuf::from("src"),
            Tree {
                files: sizes.into_iter().enumerate().map(found).collect(),
                ..Tree::default()
            },
        )]
    }

    fn bound(force: bool, trees: &[(usize, PathBuf, Tree)]) -> Option<CommandError> {
        let mut faults = Vec::new();
        Reading {
            force,
            stdin: Stdin::MayNot(""),
        }
        .bound(trees, &mut faults);
        fault::together(faults)
    }

    #[test]
    fn more_than_is_usual_needs_a_word_and_more_than_is_allowed_gets_none() {
        assert!(bound(false, &tree(vec![1; USUAL_FILES])).is_none());
        assert!(bound(false, &tree([USUAL_BYTES])).is_none());
        for unusual in [tree(vec![1; USUAL_FILES + 1]), tree([USUAL_BYTES, 1])] {
            let error = bound(false, &unusual).unwrap();
            assert!(
                error.hints.iter().any(|hint| hint.starts_with("--force"))
                    && error.cause().unwrap().contains("the largest: f0")
            );
            assert!(bound(true, &unusual).is_none());
        }
        for too_much in [tree(vec![1; MOST_FILES + 1]), tree([MOST_TOGETHER, 1])] {
            let error = bound(true, &too_much).unwrap();
            assert!(
                !error.hints.iter().any(|hint| hint.contains("--force")),
                "{:?}",
                error.hints
            );
        }
    }
}
