//! Whether config.yml may be obeyed: whoever can change it decides where text and keys go, and
//! which program a `cmd:` reference runs.

use std::fs::Metadata;
use std::path::Path;

use super::error::ConfigError;
use super::home::Home;
use crate::wire::trust::{Distrust, distrust};

/// Refuses a file, or its folder, that somebody besides this user and root can change.
pub(super) fn check(home: &Home, path: &Path, file: &Metadata) -> Result<(), ConfigError> {
    if home.trusts_all() {
        return Ok(());
    }
    check_one(path, file, false)?;
    check_folder(home)
}

/// Refuses a folder that somebody besides this user and root can change. One that does not exist is
/// created private.
pub(super) fn check_folder(home: &Home) -> Result<(), ConfigError> {
    match std::fs::metadata(home.directory()) {
        Ok(folder) if !home.trusts_all() => check_one(home.directory(), &folder, true),
        _ => Ok(()),
    }
}

fn check_one(path: &Path, metadata: &Metadata, is_folder: bool) -> Result<(), ConfigError> {
    match distrust(path, metadata) {
        None => Ok(()),
        Some(why) => Err(ConfigError::Untrusted {
            path: path.to_owned(),
            why,
            remedy: remedy(path, why, is_folder),
        }),
    }
}

/// The command after which a file or folder is trusted.
fn remedy(path: &Path, why: Distrust, is_folder: bool) -> String {
    let text = path.to_string_lossy();
    let path = shlex::try_quote(&text).unwrap_or("FILE".into());
    match why {
        Distrust::Writable(_) if is_folder => format!("chmod 700 {path}"),
        Distrust::Writable(_) => format!("chmod 600 {path}"),
        Distrust::Owner { user, .. } => format!("sudo chown {user} {path}"),
    }
}
