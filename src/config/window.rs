//! Settings for what surrounds a conversation: the title of its session, and the window.

use serde::Deserialize;

/// Where the title of a session comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Titles {
    /// The first line of the first question. Nothing is sent for it.
    #[default]
    FirstLine,
    /// The model, once after the first answer.
    Model,
}

/// How the end of a long answer is reported while the window has no focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Notification {
    /// On the desktop where the terminal is known to do that, else by its bell.
    #[default]
    Auto,
    Bell,
    /// On the desktop, by OSC 9.
    Desktop,
    Off,
}

impl TryFrom<String> for Titles {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "first-line" => Ok(Self::FirstLine),
            "model" => Ok(Self::Model),
            _ => Err("must be first-line or model".to_owned()),
        }
    }
}

impl TryFrom<String> for Notification {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "bell" => Ok(Self::Bell),
            "desktop" => Ok(Self::Desktop),
            // What YAML 1.1 writes for `off` is a text here.
            "off" => Ok(Self::Off),
            _ => Err("must be auto, bell, desktop or off".to_owned()),
        }
    }
}

/// What the window of a conversation shows apart from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSettings {
    /// The window has the title of the session.
    pub has_title: bool,
    /// Questions and answers are marked for the terminal (OSC 133).
    pub has_marks: bool,
    pub notification: Notification,
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self {
            has_title: true,
            has_marks: true,
            notification: Notification::Auto,
        }
    }
}
