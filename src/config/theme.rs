//! The colour theme: its names, as they are written in config.yml and after `/theme`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum ThemeName {
    /// Dark or light, by the background of the terminal.
    #[default]
    Auto,
    Dark,
    Light,
    /// No colours: bold, italic, underlined and dim text only.
    Mono,
}

/// All of them, in the order of the documentation.
pub(crate) const THEME_NAMES: &[&str] = &["auto", "dark", "light", "mono"];

impl fmt::Display for ThemeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        })
    }
}

impl FromStr for ThemeName {
    type Err = String;

    /// The error is `must be …`.
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Auto, Self::Dark, Self::Light, Self::Mono]
            .into_iter()
            .find(|theme| theme.to_string() == text)
            .ok_or_else(|| "must be auto, dark, light or mono".to_owned())
    }
}

impl TryFrom<String> for ThemeName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_it_is_shown() {
        for name in THEME_NAMES {
            assert_eq!(name.parse::<ThemeName>().unwrap().to_string(), *name);
        }
        assert!("Dark".parse::<ThemeName>().is_err());
    }
}
