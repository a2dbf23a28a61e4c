//! The operating system: child processes, and what differs in texts: commands, words of a command
//! line, paths.

pub(crate) mod access;
pub(crate) mod beneath;
pub(crate) mod children;
pub(crate) mod commands;
pub(crate) mod open_files;
pub(crate) mod paths;
pub(crate) mod processes;
pub(crate) mod programs;
pub(crate) mod shell;
pub(crate) mod system;
