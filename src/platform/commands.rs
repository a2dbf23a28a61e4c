//! The commands of the system that hints suggest, with the same purpose on each.

use super::system::System;

/// A command line with `{0}`, `{1}` for its arguments, which the caller quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemCommand {
    linux: &'static str,
    macos: &'static str,
    /// For PowerShell. Programs that it has an alias for have their extension: `curl.exe`.
    windows: &'static str,
}

impl SystemCommand {
    const fn each(linux: &'static str, macos: &'static str, windows: &'static str) -> Self {
        Self {
            linux,
            macos,
            windows,
        }
    }

    const fn new(unix: &'static str, windows: &'static str) -> Self {
        Self::each(unix, unix, windows)
    }

    /// The command on this system.
    pub(crate) fn with<const N: usize>(self, arguments: [&str; N]) -> String {
        self.on(System::CURRENT, arguments)
    }

    /// The command on a system.
    pub(crate) fn on<const N: usize>(self, system: System, arguments: [&str; N]) -> String {
        let template = match system {
            System::Linux => self.linux,
            System::MacOs => self.macos,
            System::Windows => self.windows,
        };
        let mut pieces = template.split('{');
        let mut line = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let place = piece.split_once('}').and_then(|(number, rest)| {
                Some((arguments.get(number.parse::<usize>().ok()?)?, rest))
            });
            match place {
                Some((argument, rest)) => line.extend([*argument, rest]),
                None => line.extend(["{", piece]),
            }
        }
        line
    }
}

/// The variable and its value.
pub(crate) const SET_VARIABLE: SystemCommand =
    SystemCommand::new("export {0}={1}", "$env:{0} = \"{1}\"");

/// The variable, its value and the command.
pub(crate) const RUN_WITH_VARIABLE: SystemCommand =
    SystemCommand::new("{0}={1} {2}", "$env:{0} = \"{1}\"; {2}");

pub(crate) const UNSET_VARIABLE: SystemCommand =
    SystemCommand::new("unset {0}", "Remove-Item Env:{0}");

pub(crate) const UNSET_VARIABLES: SystemCommand =
    SystemCommand::new("unset {0} {1}", "Remove-Item Env:{0}, Env:{1}");

/// A reference to a key in a file, and what the file needs.
pub(crate) const KEY_FILE: SystemCommand = SystemCommand::new(
    "file:/PATH   (a file with mode 0600)",
    "file:C:\\PATH   (a file that only you can read)",
);

/// Variables that lead to a folder for the files of amx.
pub(crate) const HOME_VARIABLE: SystemCommand =
    SystemCommand::new("set HOME or AMX_CONFIG_DIR", "set AMX_CONFIG_DIR");

/// The folder of amx's files, as a value of a variable.
pub(crate) const DEFAULT_FOLDER: SystemCommand =
    SystemCommand::new("\"$HOME/.amx\"", "$HOME\\.amx");

pub(crate) const SET_EDITOR: SystemCommand =
    SystemCommand::new("export EDITOR=nano", "$env:EDITOR = \"notepad\"");

pub(crate) const SET_TERM: SystemCommand =
    SystemCommand::new("export TERM=xterm-256color", "Remove-Item Env:TERM");

pub(crate) const SET_LOCALE: SystemCommand = SystemCommand::each(
    "export LC_ALL=C.UTF-8",
    "export LC_ALL=en_US.UTF-8",
    "chcp 65001",
);

pub(crate) const LIST_FILE: SystemCommand = SystemCommand::new("ls -l {0}", "Get-Item -Force {0}");

pub(crate) const LIST_FOLDER: SystemCommand =
    SystemCommand::new("ls -lA {0}", "Get-ChildItem -Force {0}");

pub(crate) const MAKE_FOLDER: SystemCommand =
    SystemCommand::new("mkdir -p {0}", "New-Item -ItemType Directory -Force {0}");

pub(crate) const LIST_NAMES: SystemCommand = SystemCommand::new("ls {0}", "Get-ChildItem {0}");

pub(crate) const SHOW_ACCESS: SystemCommand = SystemCommand::new("ls -ld {0}", "icacls {0}");

pub(crate) const MAKE_FOLDER_PRIVATE: SystemCommand = SystemCommand::new(
    "chmod 700 {0}",
    "icacls {0} /inheritance:r /grant:r \"${env:USERNAME}:(OI)(CI)F\"",
);

pub(crate) const MAKE_FILE_PRIVATE: SystemCommand = SystemCommand::new(
    "chmod 600 {0}",
    "icacls {0} /inheritance:r /grant:r \"${env:USERNAME}:F\"",
);

pub(crate) const TAKE_OWNERSHIP: SystemCommand =
    SystemCommand::new("sudo chown -R \"$USER\" {0}", "takeown /R /F {0}");

pub(crate) const DELETE: SystemCommand = SystemCommand::new("rm {0}", "Remove-Item {0}");

/// The old path and the new one.
pub(crate) const MOVE: SystemCommand = SystemCommand::new("mv {0} {1}", "Move-Item {0} {1}");

/// The link and a path for the copy of its target.
pub(crate) const REPLACE_LINK: SystemCommand = SystemCommand::new(
    "cp -L {0} {1} && mv {1} {0}",
    "Copy-Item {0} {1}; Move-Item -Force {1} {0}",
);

/// A line and the file it is added to.
pub(crate) const APPEND_LINE: SystemCommand =
    SystemCommand::new("echo '{0}' >> {1}", "Add-Content -Value '{0}' -Path {1}");

/// Prints what kind of file it is, or the bytes from which to see that.
pub(crate) const FILE_KIND: SystemCommand =
    SystemCommand::new("file {0}", "Format-Hex {0} | Select-Object -First 4");

/// The start of a pipeline that prints a file.
pub(crate) const PIPE_FILE: SystemCommand =
    SystemCommand::new("cat FILE | ", "Get-Content -Raw FILE | ");

/// Prints the first part of a file.
pub(crate) const FIRST_PART: SystemCommand =
    SystemCommand::new("head -c 1M", "Get-Content -TotalCount 5000");

/// The file and the new file.
pub(crate) const TO_UTF8: SystemCommand = SystemCommand::new(
    "iconv -f WINDOWS-1252 -t UTF-8 {0} > {1}",
    "[IO.File]::ReadAllText((Resolve-Path -LiteralPath {0}), [Text.Encoding]::GetEncoding(1252)) | \
    Set-Content -Encoding utf8 {1}",
);

/// Pipes a key; the arguments of the command follow.
pub(crate) const PIPE_KEY: SystemCommand =
    SystemCommand::new("printf %s \"$KEY\" | {0}", "$KEY | {0}");

/// Reads stdin from a file: the command and the file.
pub(crate) const FROM_FILE: SystemCommand =
    SystemCommand::new("{0} < {1}", "Get-Content -Raw {1} | {0}");

/// The program that a shell runs under this name.
pub(crate) const FIND_PROGRAM: SystemCommand =
    SystemCommand::new("command -v {0}", "Get-Command -All {0}");

pub(crate) const RESOLVE_NAME: SystemCommand =
    SystemCommand::each("getent hosts {0}", "nslookup {0}", "nslookup {0}");

pub(crate) const CONNECT: SystemCommand =
    SystemCommand::new("curl -sS -o /dev/null {0}", "curl.exe -sS -o NUL {0}");

pub(crate) const SHOW_HEADERS: SystemCommand = SystemCommand::new("curl -I {0}", "curl.exe -I {0}");

/// The new file and the URL.
pub(crate) const DOWNLOAD: SystemCommand =
    SystemCommand::new("curl -L -o {0} {1}", "curl.exe -L -o {0} {1}");

pub(crate) const SET_CLOCK: SystemCommand = SystemCommand::each(
    "sudo timedatectl set-ntp true",
    "sudo sntp -sS time.apple.com",
    "w32tm /resync",
);

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: [SystemCommand; 8] = [
        SET_VARIABLE,
        UNSET_VARIABLES,
        MOVE,
        REPLACE_LINK,
        APPEND_LINE,
        TO_UTF8,
        FROM_FILE,
        DOWNLOAD,
    ];

    const ONE: [SystemCommand; 16] = [
        UNSET_VARIABLE,
        LIST_FILE,
        LIST_FOLDER,
        MAKE_FOLDER,
        LIST_NAMES,
        SHOW_ACCESS,
        MAKE_FOLDER_PRIVATE,
        MAKE_FILE_PRIVATE,
        TAKE_OWNERSHIP,
        DELETE,
        FILE_KIND,
        PIPE_KEY,
        FIND_PROGRAM,
        RESOLVE_NAME,
        CONNECT,
        SHOW_HEADERS,
    ];

    #[test]
    fn a_command_has_all_its_arguments_on_each_system() {
        for system in [System::Linux, System::MacOs, System::Windows] {
            for command in TWO {
                let line = command.on(system, ["FIRST", "SECOND"]);
                assert!(line.contains("FIRST") && line.contains("SECOND"), "{line}");
            }
            for command in ONE {
                let line = command.on(system, ["FIRST"]);
                assert!(line.contains("FIRST") && !line.contains("{0}"), "{line}");
            }
        }
    }

    #[test]
    fn commands_of_windows_are_for_powershell() {
        let windows = System::Windows;
        for (line, wanted) in [
            (
                SET_VARIABLE.on(windows, ["AMX_X", "1"]),
                "$env:AMX_X = \"1\"",
            ),
            (
                RUN_WITH_VARIABLE.on(windows, ["AMX_X", "1", "amx chat"]),
                "$env:AMX_X = \"1\"; amx chat",
            ),
            (
                MAKE_FILE_PRIVATE.on(windows, [r"$HOME\.amx\config.yml"]),
                "icacls $HOME\\.amx\\config.yml /inheritance:r /grant:r \"${env:USERNAME}:F\"",
            ),
            (
                RESOLVE_NAME.on(windows, ["openrouter.ai"]),
                "nslookup openrouter.ai",
            ),
            (
                SHOW_HEADERS.on(windows, ["https://openrouter.ai"]),
                "curl.exe -I https://openrouter.ai",
            ),
            (
                FROM_FILE.on(windows, ["amx chat", "key.txt"]),
                "Get-Content -Raw key.txt | amx chat",
            ),
        ] {
            assert_eq!(line, wanted);
        }
    }

    #[test]
    fn braces_that_are_no_place_remain() {
        let command = SystemCommand::new("echo {x} {1} {0", "");
        assert_eq!(command.on(System::Linux, ["a"]), "echo {x} {1} {0");
    }
}
