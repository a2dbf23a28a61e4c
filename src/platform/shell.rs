//! The shell that a command is written for, and how it is run; the system's name and version.

use std::io::Read;
use std::path::Path;

use super::system::System;

/// A shell: its name, and its program with the flags before a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandShell {
    pub name: String,
    pub program: String,
    pub flags: &'static [&'static str],
}

/// What a row of [`SHELLS`] has: a name, its flags, and whether programs of POSIX are its commands.
type ShellRow = (&'static str, &'static [&'static str]);

const POSIX_FLAGS: &[&str] = &["-c"];

/// Shells whose flags differ from `-c`, and those that are no shell to run a command in.
const SHELLS: &[ShellRow] = &[
    ("pwsh", &["-NoProfile", "-Command"]),
    ("powershell", &["-NoProfile", "-Command"]),
    ("cmd", &["/D", "/S", "/C"]),
];

/// Login shells that run nothing.
const NO_SHELLS: &[&str] = &["nologin", "false", "true", "sync", ""];

/// Most of a file with the name of the system, in bytes.
const LONGEST_RELEASE: u64 = 64 * 1024;

impl CommandShell {
    /// The shell of the user: `SHELL`, on Windows PowerShell where it runs this program
    /// (`PSModulePath`), else `COMSPEC`.
    pub(crate) fn of_user(system: System, variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(shell) = variable("SHELL").filter(|shell| !shell.trim().is_empty()) {
            let found = Self::at(&shell);
            if !NO_SHELLS.contains(&found.name.as_str()) {
                return found;
            }
        }
        if !system.is_windows() {
            return Self::at("/bin/sh");
        }
        match variable("COMSPEC") {
            _ if variable("PSModulePath").is_some() => Self::at("powershell.exe"),
            Some(comspec) => Self::at(&comspec),
            None => Self::at("cmd.exe"),
        }
    }

    /// The shell of a name or path. The user's own one is used where it has that name.
    pub(crate) fn named(self, name: &str) -> Self {
        let wanted = Self::at(name);
        if self.name == wanted.name && wanted.program == name && !name.contains(['/', '\\']) {
            return self;
        }
        wanted
    }

    fn at(program: &str) -> Self {
        let file = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = file.strip_suffix(".exe").unwrap_or(file);
        // A login shell's name starts with a hyphen.
        let name = name.trim_start_matches('-').to_ascii_lowercase();
        let row = SHELLS.iter().find(|(known, _)| *known == name);
        Self {
            flags: row.map_or(POSIX_FLAGS, |(_, flags)| flags),
            program: program.to_owned(),
            name,
        }
    }

    /// The language of its commands in a fenced code block.
    pub(crate) fn language(&self) -> &str {
        match self.name.as_str() {
            "pwsh" => "powershell",
            "cmd" => "bat",
            name => name,
        }
    }
}

/// Name and version of this system, such as `Debian GNU/Linux 13 (trixie), x86_64`.
pub(crate) fn system_words() -> String {
    let named = match System::CURRENT {
        System::Linux => text_of("/etc/os-release").and_then(|text| pretty_name(&text)),
        System::MacOs => text_of("/System/Library/CoreServices/SystemVersion.plist")
            .and_then(|text| product_version(&text))
            .map(|version| format!("macOS {version}")),
        System::Windows => None,
    };
    let name = named.unwrap_or_else(|| std::env::consts::OS.to_owned());
    format!("{name}, {}", std::env::consts::ARCH)
}

fn text_of(path: &str) -> Option<String> {
    let file = std::fs::File::open(Path::new(path)).ok()?;
    let mut text = String::new();
    file.take(LONGEST_RELEASE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The value of `PRETTY_NAME` in os-release.
fn pretty_name(text: &str) -> Option<String> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?
        .trim()
        .trim_matches(['"', '\'']);
    let name: String = value.chars().filter(|c| !c.is_control()).take(80).collect();
    (!name.is_empty()).then_some(name)
}

/// The text after `ProductVersion` in the property list of macOS.
fn product_version(text: &str) -> Option<String> {
    let (_, after) = text.split_once("<key>ProductVersion</key>")?;
    let (_, value) = after.split_once("<string>")?;
    let (version, _) = value.split_once("</string>")?;
    let is_version = |c: char| c.is_ascii_digit() || c == '.';
    (!version.is_empty() && version.chars().all(is_version)).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(system: System, variables: &[(&str, &str)]) -> (String, String) {
        let found = CommandShell::of_user(system, |name| {
            let pair = variables.iter().find(|(variable, _)| *variable == name);
            pair.map(|(_, value)| (*value).to_owned())
        });
        (found.name, found.program)
    }

    #[test]
    fn the_shell_is_that_of_the_user() {
        for (system, variables, name, program) in [
            (
                System::Linux,
                vec![("SHELL", "/usr/bin/fish")],
                "fish",
                "/usr/bin/fish",
            ),
            (
                System::MacOs,
                vec![("SHELL", "/bin/zsh")],
                "zsh",
                "/bin/zsh",
            ),
            (System::Linux, vec![], "sh", "/bin/sh"),
            (
                System::Linux,
                vec![("SHELL", "/usr/sbin/nologin")],
                "sh",
                "/bin/sh",
            ),
            (
                System::Windows,
                vec![
                    ("PSModulePath", "x"),
                    ("COMSPEC", r"C:\Windows\system32\cmd.exe"),
                ],
                "powershell",
                "powershell.exe",
            ),
            (
                System::Windows,
                vec![("COMSPEC", r"C:\Windows\system32\cmd.exe")],
                "cmd",
                r"C:\Windows\system32\cmd.exe",
            ),
        ] {
            assert_eq!(
                shell(system, &variables),
                (name.to_owned(), program.to_owned())
            );
        }
    }

    #[test]
    fn a_named_shell_has_its_own_flags() {
        let bash = CommandShell::at("/opt/bin/bash");
        assert_eq!(bash.clone().named("bash").program, "/opt/bin/bash");
        assert_eq!(bash.clone().named("/bin/bash").program, "/bin/bash");
        assert_eq!(bash.clone().named("zsh").program, "zsh");
        assert_eq!(bash.named("pwsh").flags, ["-NoProfile", "-Command"]);
        assert_eq!(CommandShell::at("pwsh").language(), "powershell");
    }

    #[test]
    fn the_system_is_named_with_its_version() {
        let release = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n";
        assert_eq!(
            pretty_name(release).unwrap(),
            "Debian GNU/Linux 13 (trixie)"
        );
        assert_eq!(pretty_name("PRETTY_NAME=\n"), None);
        let list = "<key>ProductVersion</key>\n<string>15.1</string>";
        assert_eq!(product_version(list).unwrap(), "15.1");
        assert!(system_words().ends_with(std::env::consts::ARCH));
    }
}
