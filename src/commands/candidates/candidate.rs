//! A candidate, and the word that it completes.

/// A value with its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub value: String,
    pub about: String,
    /// More of the same word follows, such as a value after `KEY=`.
    pub is_open: bool,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, about: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            about: about.into(),
            is_open: false,
        }
    }

    pub(super) fn open(value: impl Into<String>, about: impl Into<String>) -> Self {
        Self {
            is_open: true,
            ..Self::new(value, about)
        }
    }

    /// The same after the text that precedes it in its word.
    pub(super) fn after(mut self, before: &str) -> Self {
        self.value.insert_str(0, before);
        self
    }
}

/// The word to complete, and the words of the line before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedWord<'a> {
    pub text: &'a str,
    pub before: &'a [String],
}

impl TypedWord<'_> {
    /// The value of the last of these flags on the line.
    pub(super) fn flag(&self, names: &[&str]) -> Option<&str> {
        let mut value = None;
        for (index, word) in self.before.iter().enumerate() {
            for name in names {
                if word == name {
                    value = self.before.get(index + 1).map(String::as_str).or(value);
                } else if let Some(joined) = word.strip_prefix(name) {
                    let is_long = name.starts_with("--");
                    match joined.strip_prefix('=') {
                        Some(joined) => value = Some(joined),
                        None if !is_long => value = Some(joined),
                        None => {}
                    }
                }
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_found_in_each_of_its_forms() {
        let last = |words: &[&str]| {
            let before: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let word = TypedWord {
                text: "",
                before: &before,
            };
            word.flag(&["-p", "--profile"]).map(str::to_owned)
        };
        for words in [
            &["chat", "-p", "work"][..],
            &["chat", "-pwork"],
            &["--profile", "work"],
            &["-p", "home", "--profile=work"],
            &["-p=work"],
        ] {
            assert_eq!(last(words).as_deref(), Some("work"), "{words:?}");
        }
        assert_eq!(last(&["--profiles", "work"]), None);
        assert_eq!(last(&["chat", "-p"]), None);
    }
}
