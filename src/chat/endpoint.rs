//! The endpoints that take texts and return numbers.

/// The operations of telemetry.
pub(crate) const EMBEDDINGS: &str = "embeddings";
pub(crate) const RERANK: &str = "rerank";

/// What a model makes of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A vector of each text.
    Embeddings,
    /// The relevance of each document to a query. The query is the first text of the request.
    Rerank,
}

impl Endpoint {
    /// What a request asks for, in the words of telemetry: the conventions have none for scores.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Embeddings => EMBEDDINGS,
            Self::Rerank => RERANK,
        }
    }

    /// Its path below a base URL.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Embeddings => "embeddings",
            Self::Rerank => "rerank",
        }
    }
}
