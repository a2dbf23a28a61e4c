//! An image from the clipboard, through the first program of the desktop that returns one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::helper::{self, HelperError};
use crate::config::Environment;
use crate::platform::system::System;
use crate::wire::redact::cut;

/// Types that models accept, preferred first.
const TYPES: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/gif"];

/// How a program prints an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    /// `«data PNGf89504E47…»`, as AppleScript writes data.
    AppleScript,
    Base64,
}

/// A program that prints the clipboard.
#[derive(Debug, Clone, Copy)]
struct ClipboardSource {
    /// The variable that its desktop sets; `None` on systems with only one desktop.
    needs: Option<&'static str>,
    /// Lists the available types; empty where it prints PNG or nothing.
    list: &'static [&'static str],
    /// Prints the image; `TYPE` is replaced by one of the types.
    print: &'static [&'static str],
    form: Form,
}

/// The message where there is no image.
const NO_IMAGE: &str = "the clipboard holds no image";

const POWERSHELL: &str = "Add-Type -AssemblyName System.Windows.Forms,System.Drawing; \
    $i=[Windows.Forms.Clipboard]::GetImage(); if($i){$s=New-Object \
IO.MemoryStream; $i.Save($s,[Drawing.Imaging.ImageFormat]::Png); \
[Convert]::ToBase64String($s.ToArray())}else{exit 1}";

const MACOS: &[ClipboardSource] = &[
    ClipboardSource {
        needs: None,
        list: &[],
        print: &["pngpaste", "-"],
        form: Form::Bytes,
    },
    ClipboardSource {
        needs: None,
        list: &[],
        print: &["osascript", "-e", "the clipboard as «class PNGf»"],
        form: Form::AppleScript,
    },
];

/// Of Windows, and of Linux below it.
const PRINT_ON_WINDOWS: &[&str] = &[
    "powershell.exe",
    "-NoProfile",
    "-NonInteractive",
    "-STA",
    "-Command",
    POWERSHELL,
];

const WINDOWS: &[ClipboardSource] = &[ClipboardSource {
    needs: None,
    list: &[],
    print: PRINT_ON_WINDOWS,
    form: Form::Base64,
}];

const LINUX: &[ClipboardSource] = &[
    ClipboardSource {
        needs: Some("WAYLAND_DISPLAY"),
        list: &["wl-paste", "--list-types"],
        print: &["wl-paste", "--no-newline", "--type", "TYPE"],
        form: Form::Bytes,
    },
    ClipboardSource {
        needs: Some("DISPLAY"),
        list: &["xclip", "-selection", "clipboard", "-t", "TARGETS", "-o"],
        print: &["xclip", "-selection", "clipboard", "-t", "TYPE", "-o"],
        form: Form::Bytes,
    },
    ClipboardSource {
        needs: Some("WSL_DISTRO_NAME"),
        list: &[],
        print: PRINT_ON_WINDOWS,
        form: Form::Base64,
    },
];

/// The programs of a system, preferred first.
fn sources(system: System) -> &'static [ClipboardSource] {
    match system {
        System::Linux => LINUX,
        System::MacOs => MACOS,
        System::Windows => WINDOWS,
    }
}

/// The programs that can print an image from the clipboard here.
#[derive(Debug, Clone)]
pub(super) struct ImageSources {
    sources: Vec<ClipboardSource>,
    is_remote: bool,
}

impl ImageSources {
    pub(super) fn find(environment: &Environment, is_remote: bool) -> Self {
        let is_there = |variable: &str| environment.named(variable).ok().flatten().is_some();
        let sources = sources(System::CURRENT)
            .iter()
            .filter(|source| source.needs.is_none_or(is_there) && !is_remote);
        Self {
            sources: sources.copied().collect(),
            is_remote,
        }
    }

    /// The image as the bytes of a file, at most `most`. The error says why there is none.
    pub(super) fn take(&self, most: usize, withheld: &[&'static str]) -> Result<Vec<u8>, String> {
        if self.is_remote {
            return Err("over SSH the clipboard is on the other machine".to_owned());
        }
        let mut why = "no supported desktop was found".to_owned();
        for source in &self.sources {
            match source.image(most, withheld) {
                Ok(bytes) => return Ok(bytes),
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }
}

impl ClipboardSource {
    fn image(&self, most: usize, withheld: &[&'static str]) -> Result<Vec<u8>, String> {
        let program = self.print.first().copied().unwrap_or_default();
        let explain = |error: HelperError| match error {
            HelperError::NotInstalled => format!("{program} is not installed"),
            HelperError::Failed => NO_IMAGE.to_owned(),
            HelperError::TimedOut => format!("{program} timed out"),
            HelperError::TooLarge => format!("the image is larger than {} MiB", most / 1024 / 1024),
        };
        let kind = if self.list.is_empty() {
            TYPES[0]
        } else {
            chosen(&helper::output(self.list, withheld, 64 * 1024).map_err(explain)?)?
        };
        let command: Vec<&str> = self
            .print
            .iter()
            .map(|word| if *word == "TYPE" { kind } else { word })
            .collect();
        // Encoded, a byte takes up to two characters.
        let most_printed = if self.form == Form::Bytes {
            most
        } else {
            most * 2 + 64
        };
        let printed = helper::output(&command, withheld, most_printed).map_err(explain)?;
        let bytes = read(self.form, printed).ok_or("the program returned no image")?;
        if bytes.is_empty() {
            Err(NO_IMAGE.to_owned())
        } else {
            Ok(bytes)
        }
    }
}

/// The preferred type among the available ones; the error names another one.
fn chosen(listed: &[u8]) -> Result<&'static str, String> {
    let listed = String::from_utf8_lossy(listed);
    let there: Vec<&str> = listed
        .lines()
        .map(str::trim)
        .filter(|kind| kind.contains('/'))
        .collect();
    let best = TYPES.iter().find(|kind| there.contains(kind)).copied();
    best.ok_or_else(|| match there.first() {
        Some(other) => format!("the clipboard holds {}, not an image", cut(other, 60)),
        None => NO_IMAGE.to_owned(),
    })
}

fn read(form: Form, printed: Vec<u8>) -> Option<Vec<u8>> {
    match form {
        Form::Bytes => Some(printed),
        Form::Base64 => STANDARD.decode(printed.trim_ascii()).ok(),
        Form::AppleScript => {
            let text = std::str::from_utf8(&printed).ok()?.trim();
            let digits = text.strip_prefix("«data PNGf")?.strip_suffix('»')?;
            let pairs = digits
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            pairs.collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_type_is_chosen() {
        assert_eq!(
            chosen(b"TARGETS\ntext/html\nimage/jpeg\nimage/png\n"),
            Ok("image/png")
        );
        assert_eq!(chosen(b"image/bmp\nimage/webp\n"), Ok("image/webp"));
        assert!(
            chosen(b"text/plain\nUTF8_STRING\n")
                .unwrap_err()
                .contains("text/plain")
        );
        assert_eq!(chosen(b""), Err(NO_IMAGE.to_owned()));
    }

    #[test]
    fn images_are_decoded_from_every_form() {
        let png = b"\x89PNG".to_vec();
        assert_eq!(
            read(Form::AppleScript, "«data PNGf89504E47»\n".into()),
            Some(png.clone())
        );
        assert_eq!(
            read(Form::Base64, b"iVBORw==\r\n".to_vec()),
            Some(png.clone())
        );
        assert_eq!(read(Form::Bytes, png.clone()), Some(png));
        for (form, bad) in [
            (Form::AppleScript, "«data PNGf8»x"),
            (Form::AppleScript, "«data PNGfZZ»"),
            (Form::AppleScript, "text"),
            (Form::Base64, "?"),
        ] {
            assert_eq!(read(form, bad.into()), None, "{bad}");
        }
    }

    #[test]
    fn over_ssh_no_program_runs() {
        let environment = Environment::from_pairs([("WAYLAND_DISPLAY", "wayland-0")]);
        assert!(
            ImageSources::find(&environment, true)
                .take(10, &[])
                .unwrap_err()
                .contains("SSH")
        );
        assert!(
            ImageSources::find(&Environment::default(), false)
                .take(10, &[])
                .is_err()
        );
    }
}
