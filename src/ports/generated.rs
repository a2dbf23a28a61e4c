//! What is generated from the definition of the command line.

use std::path::PathBuf;

/// The shells with completion scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "PowerShell is a name")]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    PowerShell,
    Zsh,
}

/// The shells with a key binding for suggested commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingShell {
    Bash,
    Fish,
    Zsh,
}

/// A generated text, or files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generated {
    /// A script that runs the program at each press of Tab, to complete profiles, models and
    /// sessions.
    Completions(Shell),
    /// A script with commands, options and the values that never change.
    StaticCompletions(Shell),
    /// A script that binds Alt-E to the suggestion of a command.
    KeyBinding(BindingShell),
    /// The manual page of the program, or of a command.
    Manual(Option<String>),
    /// Files with every manual page, in this folder.
    Manuals(PathBuf),
}
