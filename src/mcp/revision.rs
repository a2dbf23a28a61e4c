//! Revisions of the protocol, and the two ways in which they start a connection.

/// How a connection starts, and what a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// The connection is opened with `initialize`, which settles the revision.
    Initialize,
    /// Every request names its revision; `server/discover` lists those of the server.
    Discover,
}

/// A revision that amx speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revision {
    /// Such as `2025-11-25`.
    pub name: &'static str,
    pub era: Era,
}

/// The newest first.
const REVISIONS: &[Revision] = &[
    revision("2026-07-28", Era::Discover),
    revision("2025-11-25", Era::Initialize),
    revision("2025-06-18", Era::Initialize),
    revision("2025-03-26", Era::Initialize),
    revision("2024-11-05", Era::Initialize),
];

/// The one that `server/discover` is sent in.
pub(crate) const NEWEST: Revision = REVISIONS[0];

/// The one that `initialize` offers.
pub(crate) const NEWEST_INITIALIZED: Revision = REVISIONS[1];

const fn revision(name: &'static str, era: Era) -> Revision {
    Revision { name, era }
}

impl Revision {
    /// `None` for a revision that amx does not speak.
    pub(crate) fn named(name: &str) -> Option<Self> {
        REVISIONS.iter().find(|known| known.name == name).copied()
    }

    /// The newest of those that a server lists.
    pub(crate) fn newest_of(names: &[String]) -> Option<Self> {
        let is_listed = |known: &&Revision| names.iter().any(|name| name == known.name);
        REVISIONS.iter().find(is_listed).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_common_revision_is_chosen() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Revision::newest_of(&names).map(|revision| revision.name)
        };
        assert_eq!(of(&["2024-11-05", "2026-07-28"]), Some("2026-07-28"));
        assert_eq!(
            of(&["2030-01-01", "2025-03-26", "2024-11-05"]),
            Some("2025-03-26")
        );
        assert_eq!(of(&["2030-01-01"]), None);
        assert_eq!(
            Revision::named("2025-06-18").map(|r| r.era),
            Some(Era::Initialize)
        );
        assert_eq!(
            (NEWEST.era, NEWEST_INITIALIZED.era),
            (Era::Discover, Era::Initialize)
        );
    }
}
