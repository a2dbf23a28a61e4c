//! Saves the images, audio and video of an answer as files. They have been paid for, and neither
//! terminals nor saved conversations keep them.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Result as IoResult, Write};
use std::path::{Path, PathBuf};

use super::outcome::Outcome;
use crate::chat::media::MediaPart;
use crate::chat::media_form::{self, MediaForm};
use crate::config::options::Remark;
use crate::ports::saved_media::{MediaPlace, SavedMedia};

/// Most numbers that are tried for a free name.
const MOST_NUMBERED: usize = 100_000;

/// Writes the first part where the user chose, and returns the name of that file.
pub(crate) type FirstFile<'a> = &'a mut dyn FnMut(&[u8]) -> IoResult<PathBuf>;

/// Saves the parts of an answer, complete or not, in the working directory as `amx-image-1.png`
/// and so on. The outcome then lists them, with a warning for each that could not be saved.
pub(crate) fn save(outcome: &mut Outcome, first: Option<FirstFile<'_>>) {
    save_in(Path::new(""), outcome, first);
}

/// The same beside a file that the first part goes to: `cat-2.png` and so on for `cat.png`.
pub(crate) fn save_beside(file: &Path, outcome: &mut Outcome, first: FirstFile<'_>) {
    let folder = file.parent().unwrap_or(Path::new(""));
    let names = Names {
        folder,
        stem: file.file_stem().and_then(OsStr::to_str),
    };
    save_named(names, outcome, Some(first));
}

fn save_in(folder: &Path, outcome: &mut Outcome, first: Option<FirstFile<'_>>) {
    save_named(Names { folder, stem: None }, outcome, first);
}

/// The names of new files.
#[derive(Debug, Clone, Copy)]
struct Names<'a> {
    folder: &'a Path,
    /// What numbered names start with; `None` for `amx-image` and the like, from 1.
    stem: Option<&'a str>,
}

fn save_named(names: Names<'_>, outcome: &mut Outcome, mut first: Option<FirstFile<'_>>) {
    for part in std::mem::take(&mut outcome.answer.media) {
        if !part.kind.is_saved() {
            continue;
        }
        let noun = part.kind.noun().to_owned();
        match saved(names, part, &mut first) {
            Ok((saved, note)) => {
                outcome.saved.push(saved);
                outcome.remarks.extend(note.map(Remark::Warning));
            }
            Err((unsaved, why)) => {
                let words = format!("the {noun} in the answer is not saved: {why}");
                outcome.remarks.push(Remark::Warning(words));
                outcome.saved.extend(unsaved);
            }
        }
    }
}

/// Saves one part: in the temporary folder where its own cannot be written, with a warning. The
/// error is why it is not saved, with the part where a program can have it.
fn saved(
    names: Names<'_>,
    part: MediaPart,
    first: &mut Option<FirstFile<'_>>,
) -> Result<(SavedMedia, Option<String>), (Option<SavedMedia>, String)> {
    let of = |mime: Option<&str>, bytes, place| SavedMedia {
        kind: part.kind.clone(),
        mime: mime.or(part.mime.as_deref()).map(str::to_owned),
        bytes,
        place,
    };
    if let Some(url) = &part.url {
        return Ok((of(None, part.bytes, MediaPlace::Url(url.clone())), None));
    }
    if part.data.is_none() {
        return Err((None, "it is too large".to_owned()));
    }
    let Some(bytes) = part.decoded() else {
        return Err((None, "its data is not base64".to_owned()));
    };
    let length = Some(bytes.len() as u64);
    let data_url = |mime: &str| {
        let data = part.data.as_deref().unwrap_or_default();
        MediaPlace::Data(format!("data:{mime};base64,{data}"))
    };
    let Some(form) = media_form::of(&part.kind, &bytes) else {
        let mime = part.mime.as_deref().unwrap_or("application/octet-stream");
        let why = format!("its data is no {} ({mime})", part.kind.noun());
        return Err((Some(of(None, length, data_url(mime))), why));
    };
    let written = match first.take() {
        Some(write) => write(&bytes),
        None => create(names, form, &bytes),
    };
    let (path, note) = match written {
        Ok(path) => (path, None),
        Err(error) => {
            let elsewhere = std::env::temp_dir();
            let names = Names {
                folder: &elsewhere,
                stem: None,
            };
            let path = create(names, form, &bytes).map_err(|_| {
                let kept = of(Some(form.mime), length, data_url(form.mime));
                (Some(kept), format!("no file can be written here ({error})"))
            })?;
            let noun = form.kind.noun();
            let why = format!("the {noun} is in {}: {error} here", path.display());
            (path, Some(why))
        }
    };
    Ok((of(Some(form.mime), length, MediaPlace::File(path)), note))
}

/// Writes the bytes to a new file with the first free number: another answer may have taken the
/// ones before.
fn create(names: Names<'_>, form: &MediaForm, bytes: &[u8]) -> IoResult<PathBuf> {
    let (start, from) = match names.stem {
        Some(stem) => (stem.to_owned(), 2),
        None => (format!("amx-{}", form.kind.noun()), 1),
    };
    for number in from..=MOST_NUMBERED {
        let name = format!("{start}-{number}.{}", form.extension);
        let path = names.folder.join(name);
        let opened = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = match opened {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        // A part of an image is of no use to anyone.
        return match file.write_all(bytes) {
            Ok(()) => Ok(path),
            Err(error) => {
                let _ = std::fs::remove_file(&path);
                Err(error)
            }
        };
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::Answer;
    use crate::chat::media::MediaKind;
    use crate::chat::turn::TurnState;

    const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

    fn outcome(parts: Vec<MediaPart>) -> Outcome {
        let answer = Answer {
            media: parts,
            ..Answer::default()
        };
        Outcome::new(answer, TurnState::Complete, None)
    }

    fn image(url: &str) -> MediaPart {
        MediaPart::at(MediaKind::Image, url)
    }

    #[test]
    fn parts_get_free_names_with_the_extension_of_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("amx-image-1.png"), "mine").unwrap();
        let wav = MediaPart::holding(MediaKind::Audio, "UklGRgAAAABXQVZF", None);
        let mut outcome = outcome(vec![
            image(PNG),
            image(PNG),
            wav,
            image("https://x.example/a"),
        ]);
        save_in(folder.path(), &mut outcome, None);
        let places: Vec<String> = outcome
            .saved
            .iter()
            .map(|saved| match &saved.place {
                MediaPlace::File(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
                MediaPlace::Url(url) | MediaPlace::Data(url) => url.clone(),
            })
            .collect();
        assert_eq!(
            places,
            [
                "amx-image-2.png",
                "amx-image-3.png",
                "amx-audio-1.wav",
                "https://x.example/a"
            ]
        );
        let mine = std::fs::read_to_string(folder.path().join("amx-image-1.png"));
        assert_eq!(mine.unwrap(), "mine");
        assert!(outcome.remarks.is_empty() && outcome.answer.media.is_empty());
    }

    #[test]
    fn what_is_no_image_is_not_saved_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let html = image("data:image/png;base64,PGh0bWw+");
        let broken = image("data:image/png;base64,<>");
        let mut outcome = outcome(vec![html, broken]);
        save_in(folder.path(), &mut outcome, None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(outcome.remarks.len(), 2);
        let place = &outcome.saved[0].place;
        assert_eq!(
            place,
            &MediaPlace::Data("data:image/png;base64,PGh0bWw+".to_owned())
        );
    }

    #[test]
    fn the_first_part_goes_where_the_user_chose() {
        let folder = tempfile::tempdir().unwrap();
        let mut outcome = outcome(vec![image(PNG), image(PNG)]);
        let mut chosen = Vec::new();
        let mut write = |bytes: &[u8]| {
            chosen = bytes.to_vec();
            Ok(PathBuf::from("cat.png"))
        };
        save_in(folder.path(), &mut outcome, Some(&mut write));
        assert_eq!(chosen.len(), 16);
        assert_eq!(outcome.saved[0].place, MediaPlace::File("cat.png".into()));
        assert!(folder.path().join("amx-image-1.png").exists());
    }
}
