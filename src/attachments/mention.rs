//! Mentions in a question: `@path`, `@"path with blanks"`, `@https://…`, `@clipboard`.
//!
//! A mention starts a word. It attaches what `-f` attaches, and stays in the text. What names
//! nothing, such as `@decorator` or an e-mail address, is text.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::source::AttachmentSource;
use super::{file, walk};
use crate::ports::entered_text::EnteredText;

/// Characters after which a mention may start, besides white space.
const OPENING: [char; 4] = ['(', '[', '{', '<'];

/// Characters that end a sentence or close a bracket, rather than a path.
const CLOSING: [char; 12] = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\''];

/// The schemes of a mentioned URL.
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// A mention that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Its bytes, the `@` and quotes included.
    pub range: Range<usize>,
    /// What it names, as a word of `-f`.
    pub word: PathBuf,
}

/// A word of `/file`, or a mention without its `@`. `clipboard` means the clipboard, unless there
/// is a file of that name.
pub(crate) fn word_of(text: &str) -> PathBuf {
    let is_clipboard = text == "clipboard" && !Path::new(text).exists();
    PathBuf::from(if is_clipboard { "clipboard:" } else { text })
}

/// The mentions of a text, except those that were pasted.
pub(crate) fn mentions(text: &EnteredText) -> Vec<Mention> {
    mentions_of(text, &names_something)
}

fn mentions_of(text: &EnteredText, names: &dyn Fn(&str) -> bool) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for (at, _) in text.text.match_indices('@') {
        let is_inside = found.last().is_some_and(|last| at < last.range.end);
        if !is_inside && text.is_typed(at..at + 1) && may_start(&text.text[..at]) {
            found.extend(mention_at(&text.text, at, names));
        }
    }
    found
}

/// The files and URLs that a text mentions, each with its size. For every key: no folder is
/// searched, and no file read but for its start.
pub(crate) fn mentioned(text: &EnteredText) -> Vec<String> {
    let is_simple = |word: &str| !word.contains(['*', '?', '[', '{']);
    mentions_of(text, &|word| is_simple(word) && names_something(word))
        .iter()
        .filter_map(|mention| file::in_short(&mention.word))
        .collect()
}

/// Where the mention starts that the cursor, at the end of this text, is in. Also one that names
/// nothing yet.
pub(crate) fn open_mention(before: &EnteredText) -> Option<usize> {
    let text = before.text.as_str();
    let starts = |at: &usize| before.is_typed(*at..at + 1) && may_start(&text[..*at]);
    let at = text.rmatch_indices('@').map(|(at, _)| at).find(starts)?;
    let word = &text[at + 1..];
    let is_open = match quote_of(word) {
        Some(quote) => !word[1..].contains([quote, '\n']),
        None => !word.contains(char::is_whitespace),
    };
    is_open.then_some(at)
}

/// How a path is mentioned; `None` for one that no quotes can hold.
pub(crate) fn written(path: &str) -> Option<String> {
    let is_plain = !path.contains(char::is_whitespace)
        && !path.starts_with(['"', '\''])
        && !path.ends_with(CLOSING);
    if path.contains(char::is_control) {
        None
    } else if is_plain {
        Some(format!("@{path}"))
    } else if !path.contains('"') {
        Some(format!("@\"{path}\""))
    } else {
        (!path.contains('\'')).then(|| format!("@'{path}'"))
    }
}

fn may_start(before: &str) -> bool {
    let last = before.chars().next_back();
    last.is_none_or(|last| last.is_whitespace() || OPENING.contains(&last))
}

/// The quote that a word starts with.
pub(crate) fn quote_of(word: &str) -> Option<char> {
    word.chars().next().filter(|c| matches!(c, '"' | '\''))
}

fn mention_at(text: &str, at: usize, names: &dyn Fn(&str) -> bool) -> Option<Mention> {
    let rest = &text[at + 1..];
    if let Some(quote) = quote_of(rest) {
        let (word, _) = rest[1..].split_once(quote)?;
        let range = at..at + word.len() + 3;
        return names(word).then(|| Mention {
            range,
            word: word_of(word),
        });
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let mut word = &rest[..end];
    if SCHEMES.iter().any(|scheme| word.starts_with(scheme)) {
        word = word.trim_end_matches(CLOSING);
    }
    // A file may be called `a.` or `(b)`: the longest word that names something counts.
    while !word.is_empty() {
        if names(word) {
            return Some(Mention {
                range: at..at + 1 + word.len(),
                word: word_of(word),
            });
        }
        word = word.strip_suffix(CLOSING)?;
    }
    None
}

fn names_something(word: &str) -> bool {
    // The root, the folder above: more likely something else.
    if word.trim_matches(['.', '/', '\\', '~']).is_empty() {
        return false;
    }
    match AttachmentSource::parse(&word_of(word)) {
        AttachmentSource::Stdin { .. } => false,
        AttachmentSource::Clipboard => true,
        AttachmentSource::Url(url) => SCHEMES.iter().any(|scheme| url.starts_with(scheme)),
        AttachmentSource::Path(path) => path.symlink_metadata().is_ok(),
        AttachmentSource::Pattern { below, pattern } => walk::pattern(&below, &pattern).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes.md", "my plan.md", "it's.md", "dot.", "clip"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        folder
    }

    /// The mentions of a text, in which `%` is the folder.
    fn found(text: &str) -> Vec<String> {
        let folder = folder();
        let at = folder.path().display().to_string();
        let text = EnteredText::typed(text.replace('%', &at));
        mentions(&text)
            .into_iter()
            .map(|mention| {
                let shown = &text.text[mention.range];
                assert!(shown.starts_with('@'));
                mention.word.display().to_string().replace(&at, "%")
            })
            .collect()
    }

    #[test]
    fn what_exists_is_mentioned() {
        for (text, words) in [
            ("@%/notes.md", &["%/notes.md"][..]),
            ("see @%/notes.md, and (@%/clip).", &["%/notes.md", "%/clip"]),
            (
                "@\"%/my plan.md\" and @'%/notes.md'?",
                &["%/my plan.md", "%/notes.md"],
            ),
            ("@%/dot.", &["%/dot."]),
            ("@%/notes.md...", &["%/notes.md"]),
            ("@%/*.md", &["%/*.md"]),
            ("@https://x.example/a.png, ok", &["https://x.example/a.png"]),
            ("what is on @clipboard?", &["clipboard:"]),
            ("@% is a folder", &["%"]),
        ] {
            assert_eq!(found(text), words, "{text}");
        }
    }

    #[test]
    fn anything_else_is_text() {
        for text in [
            "mail a@b.example",
            "@decorator",
            "a@%/notes.md",
            "@",
            "@ %/notes.md",
            "@\"%/notes.md",
            "@%/none.md",
            "@%/*.none",
            "@/ and @.. and @~ and @./",
            "@-",
            "x=@%/notes.md",
            "@ftp://x.example/a.png",
            "@\"\"",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_pasted_mention_is_text() {
        let folder = folder();
        let path = folder.path().join("notes.md").display().to_string();
        let mut text = EnteredText::data(format!("@{path} "));
        assert!(mentions(&text).is_empty());
        text.push(&EnteredText::typed("@"));
        text.push(&EnteredText::data(&path));
        assert_eq!(mentions(&text).len(), 1);
    }

    #[test]
    fn what_is_mentioned_is_described_in_short() {
        let folder = folder();
        std::fs::write(folder.path().join("pixel.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let at = folder.path().display();
        let text = EnteredText::typed(format!(
            "@{at}/notes.md @{at}/pixel.png @{at} @{at}/*.md @https://x.example/a.png @nobody"
        ));
        let name = folder.path().file_name().unwrap().to_string_lossy();
        assert_eq!(
            mentioned(&text),
            [
                "notes.md · 1 B · about 5 tokens".to_owned(),
                "pixel.png · 8 B".to_owned(),
                format!("{name} · folder"),
                "a.png".to_owned(),
            ]
        );
    }

    #[test]
    fn the_mention_at_the_cursor_may_be_unfinished() {
        let open = |text| open_mention(&EnteredText::typed(text));
        assert_eq!(open("@"), Some(0));
        assert_eq!(open("see @src/ma"), Some(4));
        assert_eq!(open("see @\"my pl"), Some(4));
        assert_eq!(open("(@a"), Some(1));
        for text in ["a@b", "@a b", "@\"a b\" ", "@\"a\nb", "none", ""] {
            assert_eq!(open(text), None, "{text:?}");
        }
        assert_eq!(open_mention(&EnteredText::data("@a")), None);
    }

    #[test]
    fn a_path_is_quoted_where_it_has_to_be() {
        for (path, expected) in [
            ("src/main.rs", Some("@src/main.rs")),
            ("my plan.md", Some("@\"my plan.md\"")),
            ("a \"b\".md", Some("@'a \"b\".md'")),
            ("\"b", Some("@'\"b'")),
            ("dot.", Some("@\"dot.\"")),
            ("it's a \"b\"", None),
            ("a\nb", None),
        ] {
            assert_eq!(written(path).as_deref(), expected, "{path}");
        }
    }
}
