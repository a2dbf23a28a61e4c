//! Where an option was set, and what is reported about it.

use std::collections::BTreeMap;

use crate::config::layers::ValueSource;

/// How each option was set outside the profile, by its dotted name: `-o`, `--top-k`, `/set`.
pub(crate) type Spellings = BTreeMap<String, String>;

/// A note or warning about the options, shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    Note(String),
    Warning(String),
}

/// Where an option was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the profile, at that path.
    Profile(String),
    /// As a model parameter, or in a template.
    Model(ValueSource),
    /// By a flag or a slash command.
    Chosen(String),
}

impl Origin {
    /// In words, for a profile of that name.
    pub fn words(&self, profile: &str) -> String {
        match self {
            Self::Profile(_) => format!("config.yml, profile '{profile}'"),
            Self::Model(source) => source.to_string(),
            Self::Chosen(how) => how.clone(),
        }
    }
}

/// `flag -o`, and a slash command as it is typed.
pub(super) fn spelled(how: Option<&String>) -> String {
    let how = how.map_or("-o", String::as_str);
    if how.starts_with('-') {
        format!("flag {how}")
    } else {
        how.to_owned()
    }
}
