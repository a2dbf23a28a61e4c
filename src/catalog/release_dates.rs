//! The dates of models that a server of the user's own lists: those of a release, or invented.

use std::time::{SystemTime, UNIX_EPOCH};

use super::model::Model;

/// Seconds around the request in which no model is released.
const AROUND: u64 = 60;

/// Removes dates that are not those of a release: vLLM and llama.cpp write the time of the request,
/// LiteLLM one date for all models.
pub(crate) fn remove_invented_dates(models: &mut [Model], now: SystemTime) {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let first = models.first().and_then(|model| model.created);
    let is_shared = models.iter().all(|model| model.created == first);
    for model in models {
        model.created = model.created.filter(|created| {
            let apart = created.unsigned_abs().abs_diff(now);
            !is_shared && apart > AROUND
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_of_the_request_and_one_for_all_are_invented() {
        for (dates, expected) in [
            (
                &[Some(1_000), Some(2_000)][..],
                &[Some(1_000), Some(2_000)][..],
            ),
            (&[Some(1_000), None], &[Some(1_000), None]),
            (&[Some(1_000), Some(9_990)], &[Some(1_000), None]),
            (&[Some(9_999), Some(10_000), Some(10_060)], &[None; 3]),
            (&[Some(1_000), Some(1_000)], &[None, None]),
            (&[Some(1_000)], &[None]),
            (&[], &[]),
        ] {
            let model = |created: &Option<i64>| Model {
                created: *created,
                ..Model::default()
            };
            let mut models: Vec<Model> = dates.iter().map(model).collect();
            remove_invented_dates(&mut models, UNIX_EPOCH + Duration::from_secs(10_000));
            let left: Vec<Option<i64>> = models.iter().map(|model| model.created).collect();
            assert_eq!(left, expected, "{dates:?}");
        }
    }
}
