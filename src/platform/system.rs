//! The operating system that the program runs on, and the shell that people type into there.

/// An operating system. Texts take it as a value, so that tests cover those of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Linux, and every other system with a POSIX shell.
    Linux,
    MacOs,
    /// Windows, with PowerShell.
    Windows,
}

impl System {
    /// The system that the program was built for.
    pub(crate) const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };

    pub(crate) fn is_windows(self) -> bool {
        self == Self::Windows
    }

    /// The editor that every installation has.
    pub(crate) fn default_editor(self) -> &'static str {
        match self {
            Self::Linux | Self::MacOs => "vi",
            Self::Windows => "notepad",
        }
    }

    /// The shell that runs the user's commands, and its flag before one: `SHELL`, where it is set.
    pub(crate) fn shell(self, named: Option<&str>) -> (&str, &'static str) {
        match named.filter(|name| !name.is_empty()) {
            _ if self.is_windows() => ("powershell", "-Command"),
            Some(shell) => (shell, "-c"),
            None => ("/bin/sh", "-c"),
        }
    }

    /// Whether a terminal of this `TERM` supports no escape sequences. Consoles of Windows set no
    /// `TERM`; elsewhere only a terminal without any abilities does not.
    pub(crate) fn is_dumb(self, term: Option<&str>) -> bool {
        term.map_or(!self.is_windows(), |term| term == "dumb")
    }

    /// A text as one word of a command line. A `~` at its start remains the home directory.
    pub(crate) fn quoted(self, text: &str) -> String {
        if self.is_windows() {
            return quoted_for_powershell(text);
        }
        let quote = |text| shlex::try_quote(text).map_or("FILE".into(), |quoted| quoted);
        match text.strip_prefix("~/") {
            Some("") => text.to_owned(),
            Some(rest) => format!("~/{}", quote(rest)),
            None if text == "~" => text.to_owned(),
            None => quote(text).into_owned(),
        }
    }

    /// The words of a command line, such as `EDITOR`; `None` for a quote that is not closed. On
    /// Windows a backslash is part of a path; quotes group on each system.
    pub(crate) fn words(self, line: &str) -> Option<Vec<String>> {
        if self.is_windows() {
            words_with_backslashes(line)
        } else {
            shlex::split(line)
        }
    }
}

/// Single quotes take everything literally; PowerShell passes `$HOME` to programs that do not
/// expand `~` themselves, such as icacls.
fn quoted_for_powershell(text: &str) -> String {
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || "\\/:._-~+=%".contains(c))
    };
    let below_home = text
        .strip_prefix('~')
        .filter(|rest| rest.is_empty() || rest.starts_with(['\\', '/']));
    match below_home {
        Some(rest) if rest.is_empty() || is_plain(rest) => format!("$HOME{rest}"),
        Some(rest) => {
            let rest: String = rest
                .chars()
                .flat_map(|c| "`$\"".contains(c).then_some('`').into_iter().chain([c]))
                .collect();
            format!("\"$HOME{rest}\"")
        }
        None if is_plain(text) => text.to_owned(),
        None => format!("'{}'", text.replace('\'', "''")),
    }
}

fn words_with_backslashes(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut open, mut is_in_word) = (None, false);
    for c in line.chars() {
        let is_quote = matches!(c, '"' | '\'') && open.is_none_or(|open| open == c);
        if !is_quote && open.is_none() && c.is_whitespace() {
            is_in_word = false;
            continue;
        }
        if !is_in_word {
            words.push(String::new());
            is_in_word = true;
        }
        if is_quote {
            open = open.is_none().then_some(c);
        } else if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    open.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: [System; 2] = [System::Linux, System::MacOs];

    #[test]
    fn a_text_is_quoted_for_the_shell() {
        for (text, wanted) in [
            ("src/a.rs", "src/a.rs"),
            ("a b.txt", "'a b.txt'"),
            ("~/.amx", "~/.amx"),
            ("~/a b", "~/'a b'"),
            ("~", "~"),
            ("a\0b", "FILE"),
        ] {
            for system in UNIX {
                assert_eq!(system.quoted(text), wanted);
            }
        }
        for (text, wanted) in [
            (r"C:\src\a.rs", r"C:\src\a.rs"),
            (r"C:\it's a\b.txt", r"'C:\it''s a\b.txt'"),
            ("$x", "'$x'"),
            ("", "''"),
            (r"~\.amx", r"$HOME\.amx"),
            (r"~\a b\$c", r#""$HOME\a b\`$c""#),
            ("~", "$HOME"),
            ("~name", "~name"),
        ] {
            assert_eq!(System::Windows.quoted(text), wanted);
        }
    }

    #[test]
    fn a_command_line_is_split_into_words() {
        let words = |system: System, line| system.words(line).map(|words| words.join("|"));
        for (line, unix, windows) in [
            ("code --wait", Some("code|--wait"), Some("code|--wait")),
            (
                r#""C:\Program Files\x.exe" -w"#,
                Some(r"C:\Program Files\x.exe|-w"),
                Some(r"C:\Program Files\x.exe|-w"),
            ),
            (
                r"C:\bin\vim.exe",
                Some("C:binvim.exe"),
                Some(r"C:\bin\vim.exe"),
            ),
            ("get 'a b'", Some("get|a b"), Some("get|a b")),
            (r#""it's""#, Some("it's"), Some("it's")),
            (r#"a"b c"d "" "#, Some("ab cd|"), Some("ab cd|")),
            ("", Some(""), Some("")),
            ("\"open", None, None),
        ] {
            for system in UNIX {
                assert_eq!(words(system, line).as_deref(), unix);
            }
            assert_eq!(words(System::Windows, line).as_deref(), windows);
        }
    }

    #[test]
    fn a_console_of_windows_needs_no_term() {
        for (term, unix, windows) in [
            (None, true, false),
            (Some("dumb"), true, true),
            (Some("xterm-256color"), false, false),
        ] {
            for system in UNIX {
                assert_eq!(system.is_dumb(term), unix);
            }
            assert_eq!(System::Windows.is_dumb(term), windows);
        }
    }
}
