//! Images, audio and video of an answer, and where they are.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::chat::media::{MediaKind, size};

/// One part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMedia {
    pub kind: MediaKind,
    /// Such as `image/png`, by its bytes.
    pub mime: Option<String>,
    pub bytes: Option<u64>,
    pub place: MediaPlace,
}

/// Where a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaPlace {
    File(PathBuf),
    /// The provider has it.
    Url(String),
    /// It could not be written; the data as a URL.
    Data(String),
}

impl SavedMedia {
    /// `amx-image-1.png (image/png, 1.2 MB)`; `None` when it is nowhere.
    pub(crate) fn words(&self) -> Option<String> {
        let place = match &self.place {
            MediaPlace::File(path) => path.display().to_string(),
            MediaPlace::Url(url) => url.clone(),
            MediaPlace::Data(_) => return None,
        };
        let details: Vec<String> = self
            .mime
            .clone()
            .into_iter()
            .chain(self.bytes.map(size))
            .collect();
        Some(if details.is_empty() {
            place
        } else {
            format!("{place} ({})", details.join(", "))
        })
    }

    /// The object in `--json`.
    pub(crate) fn to_json(&self) -> Value {
        let (name, place) = match &self.place {
            MediaPlace::File(path) => ("path", path.display().to_string()),
            MediaPlace::Url(url) => ("url", url.clone()),
            MediaPlace::Data(url) => ("data_url", url.clone()),
        };
        json!({name: place, "mime": self.mime, "bytes": self.bytes})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_by_its_place() {
        let part = |place| SavedMedia {
            kind: MediaKind::Image,
            mime: Some("image/png".to_owned()),
            bytes: Some(1200),
            place,
        };
        let saved = part(MediaPlace::File("a.png".into()));
        assert_eq!(saved.words().as_deref(), Some("a.png (image/png, 1 kB)"));
        let expected = json!({"path": "a.png", "mime": "image/png", "bytes": 1200});
        assert_eq!(saved.to_json(), expected);
        let unsaved = part(MediaPlace::Data("data:".to_owned()));
        assert_eq!(unsaved.words(), None);
        assert_eq!(unsaved.to_json()["data_url"], "data:");
    }
}
