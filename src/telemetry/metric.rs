//! The two histograms: the duration of requests, and their tokens.

use std::time::SystemTime;

use super::names::{DURATION, TOKENS};
use super::span::Attributes;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    /// In seconds.
    Duration,
    Tokens,
}

impl Metric {
    pub(crate) const ALL: [Self; 2] = [Self::Duration, Self::Tokens];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Duration => DURATION,
            Self::Tokens => TOKENS,
        }
    }

    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Duration => "s",
            Self::Tokens => "{token}",
        }
    }

    /// The upper bounds of its buckets, 14 of each; one more bucket is above the last.
    pub(super) fn bounds(self) -> impl Iterator<Item = f64> {
        let (first, factor) = match self {
            Self::Duration => (0.01, 2.0),
            Self::Tokens => (1.0, 4.0),
        };
        std::iter::successors(Some(first), move |bound| Some(bound * factor)).take(14)
    }
}

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observation {
    pub metric: Metric,
    pub value: f64,
    pub start: SystemTime,
    pub attributes: Attributes,
}

/// The measurements with the same attributes, since the last time they were sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histogram {
    pub metric: Metric,
    pub attributes: Attributes,
    pub start: SystemTime,
    pub count: u64,
    pub sum: f64,
    pub buckets: Vec<u64>,
}

/// Sorts measurements into histograms.
pub(super) fn histograms(observations: &[Observation]) -> Vec<Histogram> {
    let mut histograms: Vec<Histogram> = Vec::new();
    for one in observations {
        let known = histograms
            .iter()
            .position(|known| known.metric == one.metric && known.attributes == one.attributes);
        let index = known.unwrap_or_else(|| {
            histograms.push(Histogram {
                metric: one.metric,
                attributes: one.attributes.clone(),
                start: one.start,
                count: 0,
                sum: 0.0,
                buckets: vec![0; one.metric.bounds().count() + 1],
            });
            histograms.len() - 1
        });
        let histogram = &mut histograms[index];
        histogram.start = histogram.start.min(one.start);
        histogram.count += 1;
        histogram.sum += one.value;
        // A bound belongs to the bucket below it.
        let bucket = one.metric.bounds().take_while(|bound| *bound < one.value);
        histogram.buckets[bucket.count()] += 1;
    }
    histograms
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn observed(metric: Metric, value: f64, provider: &str) -> Observation {
        let mut attributes = Attributes::default();
        attributes.add("provider", provider);
        Observation {
            metric,
            value,
            start: UNIX_EPOCH,
            attributes,
        }
    }

    #[test]
    fn the_bounds_are_those_of_the_conventions() {
        let bounds: Vec<f64> = Metric::Duration.bounds().collect();
        assert_eq!((bounds[0], bounds[13]), (0.01, 81.92));
        let bounds: Vec<f64> = Metric::Tokens.bounds().collect();
        assert_eq!((bounds[1], bounds[13]), (4.0, 67_108_864.0));
    }

    #[test]
    fn measurements_with_the_same_attributes_are_one_histogram() {
        let mut early = observed(Metric::Tokens, 4.0, "a");
        early.start = UNIX_EPOCH - Duration::from_secs(1);
        let all = [
            observed(Metric::Tokens, 5.0, "a"),
            early.clone(),
            observed(Metric::Tokens, 1e9, "a"),
            observed(Metric::Tokens, 1.0, "b"),
            observed(Metric::Duration, 1.0, "a"),
        ];
        let histograms = histograms(&all);
        assert_eq!(histograms.len(), 3);
        let first = &histograms[0];
        assert_eq!((first.count, first.sum), (3, 1_000_000_009.0));
        assert_eq!(first.start, early.start);
        assert_eq!(first.buckets.len(), 15);
        assert_eq!(
            (first.buckets[1], first.buckets[2], first.buckets[14]),
            (1, 1, 1)
        );
        assert_eq!(histograms[1].buckets[0], 1);
    }
}
