//! What cannot be attached. All faults are reported in one error, so that they can be fixed in one
//! go.

use std::path::Path;

use crate::ports::error::{CommandError, ErrorKind};

/// Something that cannot be attached, under the name that the user typed.
#[derive(Debug)]
pub(super) struct AttachmentFault {
    pub name: String,
    pub error: CommandError,
}

impl AttachmentFault {
    pub(super) fn new(name: impl Into<String>, error: CommandError) -> Self {
        Self {
            name: name.into(),
            error,
        }
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(path: &Path, source: impl Into<anyhow::Error>) -> Self {
        let error = CommandError::new(
            ErrorKind::Input,
            format!("{} cannot be attached", path.display()),
        )
        .caused_by(source);
        Self::new(path.display().to_string(), error)
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error = self.error.hint(hint);
        self
    }
}

/// One error for all faults; `None` without any.
pub(super) fn merged(mut faults: Vec<AttachmentFault>) -> Option<CommandError> {
    if faults.len() < 2 {
        return faults.pop().map(|fault| fault.error);
    }
    let kind = faults[0].error.kind;
    let kind = if faults.iter().all(|fault| fault.error.kind == kind) {
        kind
    } else {
        ErrorKind::Input
    };
    let names: Vec<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
    let mut error = CommandError::new(
        kind,
        format!(
            "{} of the attachments cannot be sent: {}",
            faults.len(),
            names.join(", ")
        ),
    );
    let reason = |fault: &AttachmentFault| {
        fault.error.cause().map_or_else(
            || fault.error.message.clone(),
            |cause| format!("{}: {cause}", fault.name),
        )
    };
    error = error.caused_by_words(faults.iter().map(reason).collect::<Vec<_>>().join("; "));
    for hint in faults
        .into_iter()
        .flat_map(|fault| fault.error.hints.into_iter().take(1))
    {
        if !error.hints.contains(&hint) {
            error.hints.push(hint);
        }
    }
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_lists_all_faults_with_their_reasons() {
        assert!(merged(Vec::new()).is_none());
        let missing = || {
            AttachmentFault::unreadable(
                Path::new("a b.txt"),
                std::io::Error::from(std::io::ErrorKind::NotFound),
            )
            .hint("ls")
        };
        let odd = AttachmentFault::new(
            "x.bin",
            CommandError::new(ErrorKind::Input, "x.bin is neither text nor an image")
                .hint("file x.bin"),
        );
        assert_eq!(
            merged(vec![missing()]).unwrap().message,
            "a b.txt cannot be attached"
        );
        let both = merged(vec![missing(), odd]).unwrap();
        assert_eq!(
            (both.message.as_str(), both.kind),
            (
                "2 of the attachments cannot be sent: a b.txt, x.bin",
                ErrorKind::Input
            )
        );
        assert!(
            both.cause()
                .unwrap()
                .contains("x.bin is neither text nor an image"),
            "{:?}",
            both.cause()
        );
        assert_eq!(both.hints, ["ls", "file x.bin"]);
    }
}
