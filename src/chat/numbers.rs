//! What a model returns in place of text: vectors of texts, or scores of documents.

use serde_json::{Value, json};

/// The content of a reply that has no text.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    Vectors(Vec<Vector>),
    Scores(Vec<Score>),
}

impl Numbers {
    /// As JSON: the vector of a single text, else a list in the order of the reply.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Vectors(vectors) => match vectors.as_slice() {
                [vector] => vector.to_json(),
                vectors => vectors.iter().map(Vector::to_json).collect(),
            },
            Self::Scores(scores) => scores
                .iter()
                .map(|score| json!({"index": score.index, "score": score.score}))
                .collect(),
        }
    }
}

/// The vector of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// The position of the text in the request, from 0; `None` when the reply does not say.
    pub index: Option<usize>,
    /// `None` when the reply has no vector, or a value in it that is no finite number.
    pub values: Option<Vec<f32>>,
}

impl Vector {
    fn to_json(&self) -> Value {
        // The shortest number that is the same in 32 bits.
        let number = |value: &f32| {
            value
                .to_string()
                .parse::<f64>()
                .map_or(Value::Null, Value::from)
        };
        self.values
            .as_ref()
            .map_or(Value::Null, |values| values.iter().map(number).collect())
    }
}

/// The relevance of one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The position of the document in the request, from 0; `None` when the reply does not say.
    pub index: Option<usize>,
    /// `None` when the reply has none that is a finite number.
    pub score: Option<f64>,
}
