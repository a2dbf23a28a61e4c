//! What is generated from the definition of the command line.

/// The shells with completion scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    PowerShell,
    Zsh,
}

/// A generated file.
#[derive(Debug, Clone, Copy)]
pub enum Generated {
    /// Runs the program at each press of Tab, to complete profiles, models and sessions.
    Completions(Shell),
    StaticCompletions(Shell),
    Manual,
}
