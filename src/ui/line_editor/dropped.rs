//! A pasted or dropped path: terminals insert the path of a file that is dropped on them.

use url::Url;

use crate::attachments::mention::written;
use crate::config::home::expanded;
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::entered_text::EnteredText;

/// The start of the URL of a file.
const FILE_URL: &str = "file://";

/// Files that are dropped at once.
const MOST: usize = 16;

/// Longest text in bytes that is looked at.
const LONGEST: usize = 8 * 1024;

/// Mentions of the paths in place of a paste that consists of existing paths, after this text.
/// `None` for any other paste, and where a path is an argument of a command.
pub(in crate::ui) fn mention(paste: &str, before: &EnteredText) -> Option<String> {
    let is_of_command = before.text.starts_with(['/', '!']) && before.is_typed(0..1);
    if paste.len() > LONGEST || is_of_command {
        return None;
    }
    let has_sign = before.text.ends_with('@');
    let needs_blank = !before.text.is_empty()
        && !before
            .text
            .ends_with(|c: char| c.is_whitespace() || c == '@');
    let mentions: Option<Vec<String>> = paths_of(paste.trim())?
        .iter()
        .map(|path| written(path))
        .collect();
    let mentions = mentions?.join(" ");
    let mentions = mentions
        .strip_prefix('@')
        .filter(|_| has_sign)
        .unwrap_or(&mentions);
    Some(format!("{}{mentions} ", if needs_blank { " " } else { "" }))
}

/// The paths of a text: as they are, quoted or escaped for a shell, or as URLs of files.
fn paths_of(text: &str) -> Option<Vec<String>> {
    if !text.contains('\n') && is_path(text) {
        return Some(vec![text.to_owned()]);
    }
    // A URL has no blanks, and its quotes are characters.
    let words = if text.starts_with(FILE_URL) {
        text.split_whitespace().map(str::to_owned).collect()
    } else {
        System::CURRENT.words(text)?
    };
    if words.is_empty() || words.len() > MOST {
        return None;
    }
    words.into_iter().map(path_of).collect()
}

fn path_of(word: String) -> Option<String> {
    let path = if word.starts_with(FILE_URL) {
        let path = Url::parse(&word).ok()?.to_file_path().ok()?;
        path.into_os_string().into_string().ok()?
    } else {
        word
    };
    is_path(&path).then_some(path)
}

/// A word without a separator is a path only when it is a file: most words are no folders.
fn is_path(text: &str) -> bool {
    let has_separator = text.contains(paths::separators(System::CURRENT));
    let is_only_dots = text.trim_matches(['.', '/', '\\', '~']).is_empty();
    let path = expanded(text);
    !is_only_dots && (path.is_file() || has_separator && path.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(paste: &str, before: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes.md", "my plan.md", "it's.md"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let at = folder.path().display().to_string();
        let mention = mention(&paste.replace('%', &at), &EnteredText::typed(before));
        mention.map(|mention| mention.replace(&at, "%"))
    }

    #[cfg(unix)]
    #[test]
    fn existing_paths_become_mentions() {
        for (paste, expected) in [
            ("%/notes.md", "@%/notes.md "),
            ("%/notes.md\n", "@%/notes.md "),
            ("%/my plan.md", "@\"%/my plan.md\" "),
            ("%/my\\ plan.md ", "@\"%/my plan.md\" "),
            ("'%/my plan.md' ", "@\"%/my plan.md\" "),
            ("'%/it'\\''s.md'", "@%/it's.md "),
            (
                "%/notes.md '%/my plan.md'",
                "@%/notes.md @\"%/my plan.md\" ",
            ),
            (
                "file://%/notes.md\nfile://%/it's.md",
                "@%/notes.md @%/it's.md ",
            ),
            ("%", "@% "),
        ] {
            assert_eq!(pasted(paste, "").as_deref(), Some(expected), "{paste}");
        }
    }

    #[test]
    fn a_url_of_a_file_is_decoded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my plan.md");
        std::fs::write(&path, "x").unwrap();
        let url = Url::from_file_path(&path).unwrap();
        assert!(url.as_str().contains("%20"));
        let expected = format!("@\"{}\" ", path.display());
        assert_eq!(
            mention(url.as_str(), &EnteredText::default()),
            Some(expected)
        );
    }

    #[test]
    fn the_text_before_it_matters() {
        for (before, expected) in [
            ("see ", Some("@%/notes.md ")),
            ("see", Some(" @%/notes.md ")),
            ("see @", Some("%/notes.md ")),
            ("/file ", None),
            ("!cat ", None),
        ] {
            assert_eq!(
                pasted("%/notes.md", before).as_deref(),
                expected,
                "{before}"
            );
        }
    }

    #[test]
    fn any_other_paste_is_data() {
        for paste in [
            "%/none.md",
            "see %/notes.md",
            "src",
            "",
            "/",
            "..",
            "'open",
            "%/notes.md\n!rm",
            "file://other.example/etc/passwd",
        ] {
            assert_eq!(pasted(paste, ""), None, "{paste}");
        }
    }
}
