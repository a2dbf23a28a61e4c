//! What a request had, as far as the words of a refusal may speak of it.

/// What was sent, as far as a refusal may speak of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentRequest {
    pub model: String,
    /// The names of the fields of the body.
    pub fields: Vec<String>,
}

impl SentRequest {
    /// Whether the body had the field at the start of this path.
    pub fn has(&self, path: &str) -> bool {
        let first = path.split(['.', '[']).next().unwrap_or(path);
        self.fields.iter().any(|field| field == first)
    }
}
