//! The warning about a store that could not be read and was replaced.

use std::path::Path;

use crate::config::options::Remark;

/// The warning that the store was unreadable, with the path it was moved to.
pub(super) fn damaged_store(moved_to: &Path) -> Remark {
    Remark::Warning(format!(
        "the store of conversations and costs was unreadable; it was moved to {}, and a new one \
        was created",
        moved_to.display()
    ))
}
