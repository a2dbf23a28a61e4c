//! The warnings about a configuration, up to as many as a person reads.

use std::path::Path;

/// Most warnings that are shown. Each costs the time to find its place in the file.
const MOST: usize = 20;

/// Warnings, of which those above [`MOST`] are counted.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    texts: Vec<String>,
    omitted: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, text: impl FnOnce() -> String) {
        if self.texts.len() < MOST {
            self.texts.push(text());
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
        let mut warnings = Warnings::default();
        let mut made = 0;
        for number in 0..50 {
            warnings.add(|| {
                made += 1;
                number.to_string()
            });
        }
        let texts = warnings.into_texts(Path::new("config.yml"));
        assert_eq!((made, texts.len()), (MOST, MOST + 1));
        assert_eq!(texts[MOST], "config.yml: and 30 more");
    }
}
