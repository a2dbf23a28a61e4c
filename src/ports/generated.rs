//! What can be printed from the definition of the command line.

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    PowerShell,
    Zsh,
}

/// What can be generated.
#[derive(Debug, Clone, Copy)]
pub enum Generated {
    /// Asks the program at each press of Tab, so that it knows profiles, models and sessions.
    Completions(Shell),
    StaticCompletions(Shell),
    Manual,
}
