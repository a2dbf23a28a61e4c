//! How sure the model was of its words, from the log probabilities of its tokens.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Bucket {
    High,
    Medium,
    Low,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfidenceSource {
    Logprobs,
    Declared,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confidence {
    /// Between 0 and 1.
    pub score: Option<f64>,
    pub bucket: Bucket,
    pub source: ConfidenceSource,
}

/// Least scores of the buckets, inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    pub high: f64,
    pub medium: f64,
}

/// Adds up `Σ lp·w` and `Σ w`, where w is the number of visible characters of a token. Tokens of
/// blanks and punctuation say nothing about the content and are passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LogprobSum {
    weighted: f64,
    weight: f64,
}

impl LogprobSum {
    pub fn add(&mut self, token: &str, logprob: f64) {
        if !logprob.is_finite() || !token.chars().any(char::is_alphanumeric) {
            return;
        }
        let visible = token.chars().filter(|c| !c.is_whitespace() && !c.is_control()).count();
        #[expect(clippy::cast_precision_loss, reason = "a token has a handful of characters")]
        let weight = visible as f64;
        self.weighted += logprob * weight;
        self.weight += weight;
    }

    /// `exp(Σ lp·w / Σ w)` and its bucket; `None` when no token counted.
    pub fn confidence(&self, thresholds: Thresholds) -> Option<Confidence> {
        if self.weight == 0.0 {
            return None;
        }
        let score = (self.weighted / self.weight).exp();
        let bucket = if score >= thresholds.high {
            Bucket::High
        } else if score >= thresholds.medium {
            Bucket::Medium
        } else {
            Bucket::Low
        };
        Some(Confidence { score: Some(score), bucket, source: ConfidenceSource::Logprobs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds { high: 0.85, medium: 0.50 };

    fn score(tokens: &[(&str, f64)]) -> Option<Confidence> {
        let mut sum = LogprobSum::default();
        for (token, logprob) in tokens {
            sum.add(token, *logprob);
        }
        sum.confidence(THRESHOLDS)
    }

    #[test]
    fn longer_tokens_weigh_more_and_punctuation_nothing() {
        // (-0.1·5 + -0.4·2) / 7 = -0.185714…; exp = 0.830510…
        let confidence = score(&[(" Hello", -0.1), (",", -9.0), (" \n", -9.0), (" it", -0.4)]).unwrap();
        assert!((confidence.score.unwrap() - 0.830_510_3).abs() < 1e-6, "{confidence:?}");
        assert_eq!(confidence.bucket, Bucket::Medium);
    }

    #[test]
    fn the_bounds_belong_to_the_higher_bucket() {
        assert_eq!(score(&[("a", 0.85_f64.ln())]).unwrap().bucket, Bucket::High);
        assert_eq!(score(&[("a", 0.849_f64.ln())]).unwrap().bucket, Bucket::Medium);
        assert_eq!(score(&[("a", 0.499_f64.ln())]).unwrap().bucket, Bucket::Low);
        assert_eq!(score(&[("…", -1.0), ("b", f64::NAN)]), None);
    }
}
