//! The clipboard: through a program of the desktop, else through the terminal itself.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::clipboard_image::ImageSources;
use super::terminal::Stream;
use crate::config::{Environment, env};
use crate::platform::system::System;

/// Longest text that terminals accept in one sequence, in bytes.
const MOST_FOR_TERMINAL: usize = 74_994;

/// A program that reads the text from stdin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Program {
    command: &'static [&'static str],
    /// The variable that its desktop sets; `None` on systems with only one desktop.
    needs: Option<&'static str>,
    encoding: Encoding,
}

/// How a program reads text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// With a byte order mark, without which clip.exe reads the code page of the console.
    Utf16,
}

impl Encoding {
    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16 => std::iter::once(0xfeff)
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
        }
    }
}

const MACOS: &[Program] = &[Program {
    command: &["pbcopy"],
    needs: None,
    encoding: Encoding::Utf8,
}];

const WINDOWS: &[Program] = &[Program {
    command: &["clip.exe"],
    needs: None,
    encoding: Encoding::Utf16,
}];

const LINUX: &[Program] = &[
    Program {
        command: &["wl-copy"],
        needs: Some("WAYLAND_DISPLAY"),
        encoding: Encoding::Utf8,
    },
    Program {
        command: &["xclip", "-selection", "clipboard"],
        needs: Some("DISPLAY"),
        encoding: Encoding::Utf8,
    },
    Program {
        command: &["xsel", "--clipboard", "--input"],
        needs: Some("DISPLAY"),
        encoding: Encoding::Utf8,
    },
];

/// Inside tmux the sequence of a program is dropped by default, but not that of tmux.
const TMUX: Program = Program {
    command: &["tmux", "load-buffer", "-w", "-"],
    needs: Some("TMUX"),
    encoding: Encoding::Utf8,
};

/// The programs of a system, preferred first.
fn programs(system: System) -> &'static [Program] {
    match system {
        System::Linux => LINUX,
        System::MacOs => MACOS,
        System::Windows => WINDOWS,
    }
}

/// The ways to reach a clipboard here.
#[derive(Debug, Clone)]
pub(super) struct Clipboard {
    programs: Vec<Program>,
    /// Variables with keys, which no other program may read.
    withheld: Vec<&'static str>,
    has_terminal: bool,
    is_in_tmux: bool,
    images: ImageSources,
}

impl Clipboard {
    pub(super) fn find(environment: &Environment) -> Self {
        let is_there = |variable: &str| environment.named(variable).ok().flatten().is_some();
        // Over ssh the desktop is elsewhere, and only the terminal reaches it.
        let is_remote = is_there("SSH_TTY") || is_there("SSH_CONNECTION");
        let programs = programs(System::CURRENT)
            .iter()
            .filter(|program| program.needs.is_none_or(is_there) && !is_remote);
        let images = ImageSources::find(environment, is_remote);
        let is_dumb = System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten());
        Self {
            programs: programs.copied().collect(),
            withheld: crate::ask::connection::key_variables(),
            has_terminal: !is_dumb,
            is_in_tmux: TMUX.needs.is_some_and(is_there),
            images,
        }
    }

    /// Copies the text; returns how. The error says why it failed.
    pub(super) fn copy(&self, text: &str, terminal: &mut Stream) -> Result<&'static str, String> {
        if self
            .programs
            .iter()
            .any(|program| self.pipe(text, program).is_ok())
        {
            return Ok("to the clipboard");
        }
        if self.is_in_tmux && self.pipe(text, &TMUX).is_ok() {
            return Ok("to tmux, and to the clipboard where the terminal allows it");
        }
        if !self.has_terminal || !terminal.is_terminal {
            return Err(
                "no clipboard program was found, and this terminal has no clipboard".to_owned(),
            );
        }
        if text.len() > MOST_FOR_TERMINAL {
            return Err(format!(
                "{} bytes exceed the limit of the terminal; /save writes them to a file",
                text.len()
            ));
        }
        terminal.sequence(&format!("\x1b]52;c;{}\x07", STANDARD.encode(text)));
        terminal.flush().map_err(|error| error.to_string())?;
        Ok("through the terminal (OSC 52), where it allows that")
    }

    /// An image from it, as the bytes of a file. The error says why there is none.
    pub(super) fn image(&self, most: usize) -> Result<Vec<u8>, String> {
        self.images.take(most, &self.withheld)
    }

    fn pipe(&self, text: &str, program: &Program) -> std::io::Result<()> {
        let [name, arguments @ ..] = program.command else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        let mut command = Command::new(name);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for variable in &self.withheld {
            command.env_remove(variable);
        }
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&program.encoding.bytes(text))?;
        }
        // The program itself ends; a child of it keeps serving the clipboard.
        if child.wait()?.success() {
            Ok(())
        } else {
            Err(std::io::ErrorKind::Other.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_exe_reads_utf_16_with_a_mark() {
        let encoding = |system| programs(system)[0].encoding;
        assert_eq!(encoding(System::MacOs).bytes("é"), "é".as_bytes());
        assert_eq!(
            encoding(System::Windows).bytes("é🦀"),
            [0xff, 0xfe, 0xe9, 0, 0x3e, 0xd8, 0x80, 0xdd]
        );
    }
}
