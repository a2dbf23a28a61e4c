//! Paths as people write and read them: `~`, separators, no prefix of the system.

use std::path::Path;

use super::system::System;

/// Windows puts it before a path that it has resolved; few programs accept it.
const VERBATIM: &str = r"\\?\";

/// The same before a path of another machine.
const VERBATIM_SHARE: &str = r"\\?\UNC\";

/// A path as it is shown.
pub(crate) fn shown(path: &Path) -> String {
    shown_on(System::CURRENT, &path.display().to_string())
}

/// On Windows without the prefix of a resolved path, and with one kind of separator.
fn shown_on(system: System, path: &str) -> String {
    if !system.is_windows() {
        return path.to_owned();
    }
    let plain = match path.strip_prefix(VERBATIM_SHARE) {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(VERBATIM).unwrap_or(path).to_owned(),
    };
    plain.replace('/', r"\")
}

/// A path as it is shown, with `~` for the home directory, whose name is that of the user.
pub(crate) fn shown_below(home: Option<&Path>, path: &Path) -> String {
    without_home(home, &shown(path))
}

/// A text in which `~` replaces the home directory, where a whole path starts with it. A home
/// directory at the root is kept.
pub(crate) fn without_home(home: Option<&Path>, text: &str) -> String {
    let Some(home) = home.filter(|home| home.components().count() > 1) else {
        return text.to_owned();
    };
    let home = shown(home);
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(home.as_str()) {
        replaced.push_str(before);
        let is_path = !ends_inside_name(&replaced) && !starts_inside_name(after);
        replaced.push_str(if is_path { "~" } else { &home });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

/// Whether a path that follows the text is the rest of a longer path, such as `/mnt`.
fn ends_inside_name(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || "._-~".contains(c))
}

/// Whether a text continues the name before it; a full stop may be the end of a sentence.
fn starts_inside_name(text: &str) -> bool {
    let mut characters = text.chars();
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    match characters.next() {
        Some('.') => characters.next().is_some_and(is_name),
        first => first.is_some_and(is_name),
    }
}

/// The path below the home directory that a text such as `~/notes.md` names; on Windows also
/// `~\notes.md`.
pub(crate) fn below_home(text: &str) -> Option<&str> {
    below_home_on(System::CURRENT, text)
}

fn below_home_on(system: System, text: &str) -> Option<&str> {
    let rest = text.strip_prefix('~')?;
    rest.strip_prefix(separators(system))
}

/// The characters between two names of a path.
pub(crate) fn separators(system: System) -> &'static [char] {
    if system.is_windows() {
        &['/', '\\']
    } else {
        &['/']
    }
}

/// A path or a pattern with `/` between its names. On Windows `\` is a separator and escapes
/// nothing; elsewhere it may be a part of a name.
pub(crate) fn pattern(system: System, text: &str) -> String {
    if system.is_windows() {
        text.replace('\\', "/")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_in_one_style() {
        for (path, windows) in [
            (r"\\?\C:\Users\ada\amx.exe", r"C:\Users\ada\amx.exe"),
            (r"\\?\UNC\server\share\x", r"\\server\share\x"),
            (r"C:/amx\config.yml", r"C:\amx\config.yml"),
            (r"\\server\share\x", r"\\server\share\x"),
        ] {
            assert_eq!(shown_on(System::Windows, path), windows);
            assert_eq!(shown_on(System::Linux, path), path);
        }
    }

    #[test]
    fn the_home_directory_is_a_tilde() {
        let home = Path::new("/home/ada");
        let text = format!("rm {}", shown(&home.join(".amx")));
        let wanted = format!("rm ~{}.amx", std::path::MAIN_SEPARATOR);
        assert_eq!(without_home(Some(home), &text), wanted);
        assert_eq!(without_home(None, "/home/ada"), "/home/ada");
        for (text, wanted) in [
            ("/home/adam/x and /home/ada", "/home/adam/x and ~"),
            ("'/home/ada', /home/ada-2", "'~', /home/ada-2"),
            ("in /home/ada.", "in ~."),
            ("/home/ada.bak/x", "/home/ada.bak/x"),
            ("/mnt/home/ada/x", "/mnt/home/ada/x"),
            ("file:/home/ada/key:3", "file:~/key:3"),
        ] {
            assert_eq!(without_home(Some(home), text), wanted);
        }
        assert_eq!(without_home(Some(Path::new("/")), "/home"), "/home");
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        for (text, unix, windows) in [
            ("~/a", Some("a"), Some("a")),
            (r"~\a", None, Some("a")),
            ("~", None, None),
            ("~a/b", None, None),
            ("a", None, None),
        ] {
            assert_eq!(below_home_on(System::Linux, text), unix, "{text}");
            assert_eq!(below_home_on(System::Windows, text), windows, "{text}");
        }
    }

    #[test]
    fn backslashes_of_a_pattern_separate_on_windows() {
        assert_eq!(pattern(System::Windows, r"src\**\*.rs"), "src/**/*.rs");
        assert_eq!(pattern(System::Linux, r"a\*b"), r"a\*b");
    }
}
