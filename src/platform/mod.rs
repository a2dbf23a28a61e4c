//! What differs between operating systems in texts: commands, words of a command line, paths.

pub(crate) mod commands;
pub(crate) mod paths;
pub(crate) mod shell;
pub(crate) mod system;
