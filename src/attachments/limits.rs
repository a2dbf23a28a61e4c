//! How much may be attached: fixed limits, and the amount that needs `--force`.

use std::time::Duration;

use super::attached::{Attachment, MIB, size};
use crate::chat::message::ContentPart;
use crate::ports::error::{CommandError, ErrorKind};

/// Largest file, in bytes.
pub(super) const LARGEST_FILE: u64 = 20 * MIB;

/// Most bytes of all files of one question together.
pub(super) const MOST_TOGETHER: u64 = 50 * MIB;

/// Most images of one question.
pub(super) const MOST_IMAGES: usize = 100;

/// Files that folders and patterns may attach before `--force` is needed.
pub(super) const USUAL_FILES: usize = 200;

/// Bytes that folders and patterns may attach before `--force` is needed.
pub(super) const USUAL_BYTES: u64 = 2 * MIB;

/// Most files that folders and patterns may attach.
pub(super) const MOST_FILES: usize = 2000;

/// Most entries read below one folder.
pub(super) const MOST_ENTRIES: usize = 100_000;

/// Longest search below one folder.
pub(super) const LONGEST_WALK: Duration = Duration::from_secs(5);

/// Checks the attachments of one question against the fixed limits.
pub(crate) fn check(attached: &[Attachment]) -> Result<(), CommandError> {
    together(
        &attached
            .iter()
            .map(|attached| (attached.bytes, attached.name.clone()))
            .collect::<Vec<_>>(),
    )?;
    let images = attached
        .iter()
        .filter(|attached| matches!(attached.part, ContentPart::Image { .. }))
        .count();
    if images > MOST_IMAGES {
        let error = CommandError::new(
            ErrorKind::Input,
            format!("{images} images are attached, more than {MOST_IMAGES}"),
        );
        return Err(error.hint("attach fewer of them, or put several into one PDF"));
    }
    Ok(())
}

/// Checks the sizes of files against the limit of one question.
pub(super) fn together(sizes: &[(u64, String)]) -> Result<(), CommandError> {
    let bytes: u64 = sizes.iter().map(|(bytes, _)| bytes).sum();
    if bytes <= MOST_TOGETHER {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::Input,
        format!(
            "the attachments are {} together, more than {}",
            size(bytes),
            size(MOST_TOGETHER)
        ),
    );
    Err(error
        .caused_by_words(largest(
            sizes.iter().map(|(bytes, name)| (*bytes, name.as_str())),
        ))
        .hint("attach fewer of them"))
}

/// The largest files, as candidates to omit.
pub(super) fn largest<'a>(sizes: impl Iterator<Item = (u64, &'a str)>) -> String {
    let mut sizes: Vec<(u64, &str)> = sizes.collect();
    sizes.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    let named: Vec<String> = sizes
        .into_iter()
        .take(3)
        .map(|(bytes, name)| format!("{name} ({})", size(bytes)))
        .collect();
    format!("the largest: {}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(bytes: u64, part: ContentPart) -> Attachment {
        Attachment {
            name: format!("f{bytes}"),
            part,
            bytes,
            origin: None,
        }
    }

    #[test]
    fn sizes_are_short_and_never_too_small() {
        assert_eq!(
            [0, 1023, 1024, 1025, 1536, MIB, 2_621_440, LARGEST_FILE + 1].map(size),
            [
                "0 B", "1023 B", "1 KiB", "1.1 KiB", "1.5 KiB", "1 MiB", "2.5 MiB", "20.1 MiB"
            ]
        );
    }

    #[test]
    fn too_much_together_is_refused_with_the_largest() {
        let text = |bytes| attached(bytes, ContentPart::Text("".into()));
        assert!(check(&[text(LARGEST_FILE), text(LARGEST_FILE), text(10 * MIB)]).is_ok());
        let error =
            check(&[text(LARGEST_FILE), text(LARGEST_FILE), text(10 * MIB + 1)]).unwrap_err();
        assert_eq!(
            (
                error.kind,
                error.cause().unwrap().contains("f20971520 (20 MiB)")
            ),
            (ErrorKind::Input, true)
        );
    }

    #[test]
    fn images_are_counted() {
        let images = |count: usize| {
            vec![
                attached(
                    1,
                    ContentPart::Image {
                        url: "data:".into()
                    }
                );
                count
            ]
        };
        assert!(check(&images(MOST_IMAGES)).is_ok());
        assert_eq!(
            check(&images(MOST_IMAGES + 1)).unwrap_err().kind,
            ErrorKind::Input
        );
    }
}
