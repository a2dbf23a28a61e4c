//! The endpoints that take texts and return numbers.

/// What a model makes of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A vector of each text.
    Embeddings,
    /// The relevance of each document to a query. The query is the first text of the request.
    Rerank,
}

impl Endpoint {
    /// Its path below a base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Embeddings => "embeddings",
            Self::Rerank => "rerank",
        }
    }
}
