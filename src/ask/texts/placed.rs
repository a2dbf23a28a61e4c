//! Puts the vectors of a reply to the texts of its request.

use crate::chat::numbers::Vector;

/// Why a text has no vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VectorFault {
    Missing,
    /// Two vectors that differ.
    Doubled,
    NotFinite,
}

impl VectorFault {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Missing => "no vector in the reply",
            Self::Doubled => "two different vectors in the reply",
            Self::NotFinite => "a vector with a value that is no finite number",
        }
    }
}

/// The vector of each of `count` texts, in their order. The places of a reply without any index
/// are the order of its vectors.
pub(super) fn place(vectors: Vec<Vector>, count: usize) -> Vec<Result<Vec<f32>, VectorFault>> {
    let has_index = vectors.iter().any(|vector| vector.index.is_some());
    let is_in_order = !has_index && vectors.len() == count;
    let mut placed: Vec<_> = (0..count).map(|_| Err(VectorFault::Missing)).collect();
    for (position, vector) in vectors.into_iter().enumerate() {
        let index = vector.index.or(is_in_order.then_some(position));
        let Some(place) = index.and_then(|index| placed.get_mut(index)) else {
            continue;
        };
        let found = vector.values.ok_or(VectorFault::NotFinite);
        let is_new = *place == Err(VectorFault::Missing);
        *place = if is_new || *place == found {
            found
        } else {
            Err(VectorFault::Doubled)
        };
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(index: Option<usize>, values: &[f32]) -> Vector {
        Vector {
            index,
            values: (!values.is_empty()).then(|| values.to_vec()),
        }
    }

    #[test]
    fn vectors_go_to_their_index_in_whatever_order_they_arrive() {
        let reply = vec![vector(Some(1), &[2.0]), vector(Some(0), &[1.0])];
        assert_eq!(place(reply, 2), [Ok(vec![1.0]), Ok(vec![2.0])]);
        let reply = vec![vector(None, &[1.0]), vector(None, &[2.0])];
        assert_eq!(place(reply, 2), [Ok(vec![1.0]), Ok(vec![2.0])]);
    }

    #[test]
    fn a_text_without_exactly_one_usable_vector_has_none() {
        let reply = vec![
            vector(Some(0), &[1.0]),
            vector(Some(0), &[2.0]),
            vector(Some(1), &[]),
            vector(Some(3), &[4.0]),
            vector(Some(3), &[4.0]),
            vector(Some(9), &[9.0]),
        ];
        assert_eq!(
            place(reply, 4),
            [
                Err(VectorFault::Doubled),
                Err(VectorFault::NotFinite),
                Err(VectorFault::Missing),
                Ok(vec![4.0]),
            ]
        );
        // Two vectors for three texts, and no index: whose they are is unknown.
        let reply = vec![vector(None, &[1.0]), vector(None, &[2.0])];
        assert!(place(reply, 3).iter().all(Result::is_err));
    }
}
