//! Errors of the configuration as those of a command: kind, words and the next command.

use super::error::{CommandError, ErrorKind};
use crate::config::{ConfigError, env};
use crate::platform::commands::{DEFAULT_FOLDER, HOME_VARIABLE, SET_VARIABLE, UNSET_VARIABLE};

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        match error {
            ConfigError::Invalid { hint, .. } => Self::new(ErrorKind::Config, message)
                .hint(hint.unwrap_or_else(|| "amx config edit".to_owned())),
            ConfigError::Variable { variable, .. } => {
                Self::new(ErrorKind::Config, message).hint(correction_of(&variable))
            }
            ConfigError::Option { .. } => Self::new(ErrorKind::Usage, message)
                .hint("amx config explain model -m MODEL   (shows how a model is parsed)"),
            ConfigError::NoProfile {
                name,
                from,
                nearest,
                known,
            } => no_profile(&name, &from, nearest, !known.is_empty()),
            ConfigError::Read { source, .. } => {
                let kind = if source.kind() == std::io::ErrorKind::PermissionDenied {
                    ErrorKind::LocalIo
                } else {
                    ErrorKind::Config
                };
                Self::new(kind, message)
                    .caused_by(source)
                    .hint("amx config path")
            }
            ConfigError::Write { source, .. } => Self::new(ErrorKind::LocalIo, message)
                .caused_by(source)
                .hint("check space and permissions, then run the command again"),
            ConfigError::Locked { .. } => Self::new(ErrorKind::LocalIo, message)
                .hint("wait for the other amx process, or stop it, and run the command again"),
            ConfigError::Symlink { path } => Self::new(ErrorKind::LocalIo, message).hint(format!(
                "edit the file that {} points to, or replace the link with a file",
                path.display()
            )),
            ConfigError::DanglingLink { path, .. } => {
                let hint = format!("create its target, or remove {}", path.display());
                Self::new(ErrorKind::Config, message).hint(hint)
            }
            ConfigError::NotRegular { path } => {
                let hint = format!("move {} away, then run the command again", path.display());
                Self::new(ErrorKind::LocalIo, message).hint(hint)
            }
            ConfigError::NewerSchema { .. } => {
                Self::new(ErrorKind::Config, message).hint("install a newer amx")
            }
            ConfigError::EditUnsafe { .. } => {
                Self::new(ErrorKind::Config, message).hint("amx config edit")
            }
            ConfigError::Untrusted { remedy, .. } => Self::new(ErrorKind::Config, message)
                .hint(remedy)
                .hint(format!(
                    "{}=1 amx …   (uses it as it is, for file systems without permissions)",
                    env::AMX_TRUST_CONFIG.name
                )),
            ConfigError::NoHome => {
                Self::new(ErrorKind::Config, message).hint(HOME_VARIABLE.with([]))
            }
        }
    }
}

/// The command that corrects a variable.
fn correction_of(variable: &str) -> String {
    if variable == env::AMX_CONFIG_DIR.name {
        return SET_VARIABLE.with([variable, &DEFAULT_FOLDER.with([])]);
    }
    let unset = UNSET_VARIABLE.with([variable]);
    if variable == env::AMX_REASONING_EFFORT.name {
        return format!("{unset}   (or set none, minimal, low, medium, high, xhigh or max)");
    }
    unset
}

/// The error for a profile that does not exist; `from` is where its name was set.
fn no_profile(name: &str, from: &str, nearest: Option<String>, has_profiles: bool) -> CommandError {
    let chosen = if from.starts_with("default") {
        String::new()
    } else {
        format!(" (chosen by {from})")
    };
    let message = format!("there is no profile '{}'{chosen}", name.escape_debug());
    let error = CommandError::new(ErrorKind::Config, message);
    match nearest {
        Some(nearest) => error
            .hint(format!("did you mean '{nearest}'?"))
            .hint("amx profiles list"),
        None if has_profiles => error.hint("amx profiles list"),
        None => error.hint("amx add-llm-profile"),
    }
}
