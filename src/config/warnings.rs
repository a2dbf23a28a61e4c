//! The warnings about a configuration, up to as many as a person reads.

use std::path::Path;

use super::locate::LocatedText;

/// Most warnings that are shown. Each costs the time to find its place in the file.
const MOST: usize = 20;

/// Warnings about a file, of which those above [`MOST`] are counted.
pub(super) struct Warnings<'a> {
    file: LocatedText<'a>,
    texts: Vec<String>,
    omitted: usize,
}

impl<'a> Warnings<'a> {
    /// None yet about a file with this text.
    pub(super) fn about(text: &'a str) -> Self {
        Self {
            file: LocatedText::new(text),
            texts: Vec::new(),
            omitted: 0,
        }
    }

    /// Adds a warning, which is made of the file if it is shown.
    pub(super) fn add(&mut self, text: impl FnOnce(&LocatedText<'_>) -> String) {
        if self.texts.len() < MOST {
            self.texts.push(text(&self.file));
        } else {
            self.omitted += 1;
        }
    }

    /// The texts, and how many more there are in the file at `path`.
    pub(super) fn into_texts(mut self, path: &Path) -> Vec<String> {
        if self.omitted > 0 {
            let more = self.omitted;
            self.texts
                .push(format!("{}: and {more} more", path.display()));
        }
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_counted_and_not_made() {
        let mut warnings = Warnings::about("");
        let mut made = 0;
        for number in 0..50 {
            warnings.add(|_| {
                made += 1;
                number.to_string()
            });
        }
        let texts = warnings.into_texts(Path::new("config.yml"));
        assert_eq!((made, texts.len()), (MOST, MOST + 1));
        assert_eq!(texts[MOST], "config.yml: and 30 more");
    }
}
