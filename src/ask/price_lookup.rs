//! Whether the catalogue that a price comes from is recent.

/// What came of the look-up of a price.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum PriceLookup {
    #[default]
    NotTried,
    Recent,
    /// Why it could not be fetched.
    Failed(String),
}
