//! Opens the store of conversations, finds a session in it, and turns its errors into messages.

use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::store::{SessionSummary, Store, StoreError};

/// The store if it exists. Warns when a damaged one was moved aside.
pub(crate) fn opened(context: &mut Context<'_>) -> Result<Option<Store>, CommandError> {
    // Without a home nothing was saved.
    let Ok(home) = context.home() else {
        return Ok(None);
    };
    let store = Store::open_existing(&home)?;
    if let Some(path) = store.as_ref().and_then(Store::moved_aside) {
        context.output.warning(&format!(
            "the conversation store was damaged and moved to {}; a new one was created",
            path.display()
        ));
    }
    Ok(store)
}

/// The session of that name or number; the hint of an error has similar names.
pub(crate) fn find(wanted: &str, store: &Store) -> Result<SessionSummary, CommandError> {
    if let Some(session) = store.find(wanted)? {
        return Ok(session);
    }
    let near = store.nearest_names(wanted)?;
    let error = unknown(wanted);
    let error = if near.is_empty() {
        error
    } else {
        error.hint(format!(
            "did you mean {}?",
            near.iter()
                .map(|name| format!("'{name}'"))
                .collect::<Vec<_>>()
                .join(" or ")
        ))
    };
    Err(error.hint("amx sessions list"))
}

/// The error for a name or number that no session has.
pub(super) fn unknown(wanted: &str) -> CommandError {
    CommandError::usage(format!("unknown session '{}'", wanted.escape_debug()))
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let local = Self::new(ErrorKind::LocalIo, message.clone());
        match error {
            StoreError::Symlink { path } => {
                local.hint(format!("replace the link {} with a file", path.display()))
            }
            StoreError::NotRegular { path } | StoreError::Foreign { path } => {
                let path = quoted(&path);
                local.hint(format!(
                    "mv {path} {path}.other   (amx then creates a new file)"
                ))
            }
            StoreError::Newer { .. } => local.hint("install the newer amx"),
            StoreError::Busy { .. } => {
                local.hint("wait for the other amx or stop it, then run the command again")
            }
            StoreError::Full { path, .. } => local.hint(format!(
                "free disk space for {}, then run the command again",
                path.display()
            )),
            StoreError::Unwritable { source, .. } => local
                .caused_by(anyhow::Error::from_boxed(source))
                .hint("check disk space, quota and permissions, then run the command again"),
            StoreError::Replaced { .. } => local.hint("run the command again"),
            StoreError::Corrupt { .. } => {
                local.hint("run the command again: it repairs the damaged file, or moves it aside")
            }
            StoreError::Unreadable { source, .. } | StoreError::Database { source, .. } => local
                .caused_by(source)
                .hint("install the latest amx, then run the command again"),
            StoreError::NoSession(_) | StoreError::NoTurn(_) => {
                Self::usage(message).hint("amx sessions list")
            }
            StoreError::BadName { .. } => {
                Self::usage(message).hint("amx sessions rename SESSION \"another name\"")
            }
            StoreError::NameTaken { .. } => Self::usage(message).hint("amx sessions list"),
        }
    }
}
