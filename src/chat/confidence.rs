//! The confidence of an answer: from the log probabilities of its tokens, else as the model
//! declared it.

use std::cmp::Ordering;
use std::collections::VecDeque;

use serde::Serialize;

pub(crate) use super::bucket::Bucket;
use super::declaration::Declared;

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

impl Confidence {
    /// The confidence of an answer: from its log probabilities without those of the declaration,
    /// and only when there are none as declared. No declaration, or another word, is MEDIUM.
    pub fn judge(
        logprobs: &LogprobSum,
        declared: Option<&Declared>,
        thresholds: Thresholds,
    ) -> Self {
        let of_answer = match declared {
            Some(declared) => logprobs.without(&declared.line).confidence(thresholds),
            None => logprobs.confidence(thresholds),
        };
        let bucket = declared
            .and_then(|declared| declared.bucket)
            .unwrap_or(Bucket::Medium);
        of_answer.unwrap_or(Self {
            score: None,
            bucket,
            source: ConfidenceSource::Declared,
        })
    }

    /// The order in which answers are shown: the more confident bucket first, then the higher
    /// score; a score comes before none. Equal ones keep their order.
    pub fn order(&self, other: &Self) -> Ordering {
        let score = |confidence: &Self| confidence.score.unwrap_or(-1.0);
        self.bucket
            .cmp(&other.bucket)
            .then_with(|| score(other).total_cmp(&score(self)))
    }

    /// `HIGH 0.93 (logprobs)`.
    pub fn words(&self) -> String {
        let source = match self.source {
            ConfidenceSource::Logprobs => "logprobs",
            ConfidenceSource::Declared => "declared",
        };
        let score = self
            .score
            .map_or(String::new(), |score| format!(" {score:.2}"));
        format!("{}{score} ({source})", self.bucket.word())
    }
}

/// Lowest scores of the buckets, inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    pub high: f64,
    pub medium: f64,
}

/// Adds up `Σ lp·w` and `Σ w`, where w is the number of visible characters of a token. Tokens of
/// white space and punctuation have no content and are skipped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogprobSum {
    weighted: f64,
    weight: f64,
    /// The newest tokens, not added yet: a declaration among them is no part of the answer.
    recent: VecDeque<(String, f64)>,
    /// Bytes of the newest tokens.
    recent_bytes: usize,
}

/// How many bytes of the newest tokens are kept apart: more than a declaration and the end marks
/// that some servers send as tokens.
const RECENT: usize = 256;

impl LogprobSum {
    pub fn add(&mut self, token: &str, logprob: f64) {
        self.recent.push_back((token.to_owned(), logprob));
        self.recent_bytes += token.len();
        while self.recent_bytes > RECENT
            && let Some((token, logprob)) = self.recent.pop_front()
        {
            self.recent_bytes -= token.len();
            self.weigh(&token, logprob);
        }
    }

    fn weigh(&mut self, token: &str, logprob: f64) {
        if !logprob.is_finite() || !token.chars().any(char::is_alphanumeric) {
            return;
        }
        let visible = token
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .count();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a token has a handful of characters"
        )]
        let weight = visible as f64;
        self.weighted += logprob * weight;
        self.weight += weight;
    }

    /// The sum without the last tokens that together hold a line, such as a declaration.
    #[must_use]
    pub fn without(&self, line: &str) -> Self {
        let mut rest = self.clone();
        let mut tail = String::new();
        while !tail.contains(line)
            && let Some((token, _)) = rest.recent.pop_back()
        {
            tail.insert_str(0, &token);
        }
        // When the tokens differ from the text, all of them count.
        if tail.contains(line) {
            rest
        } else {
            self.clone()
        }
    }

    /// `exp(Σ lp·w / Σ w)` and its bucket; `None` when no token counted.
    pub fn confidence(&self, thresholds: Thresholds) -> Option<Confidence> {
        let mut sum = Self {
            weighted: self.weighted,
            weight: self.weight,
            ..Self::default()
        };
        for (token, logprob) in &self.recent {
            sum.weigh(token, *logprob);
        }
        if sum.weight == 0.0 {
            return None;
        }
        let score = (sum.weighted / sum.weight).exp();
        let bucket = if score >= thresholds.high {
            Bucket::High
        } else if score >= thresholds.medium {
            Bucket::Medium
        } else {
            Bucket::Low
        };
        Some(Confidence {
            score: Some(score),
            bucket,
            source: ConfidenceSource::Logprobs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds {
        high: 0.85,
        medium: 0.50,
    };

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
        let confidence =
            score(&[(" Hello", -0.1), (",", -9.0), (" \n", -9.0), (" it", -0.4)]).unwrap();
        assert!(
            (confidence.score.unwrap() - 0.830_510_3).abs() < 1e-6,
            "{confidence:?}"
        );
        assert_eq!(confidence.bucket, Bucket::Medium);
    }

    #[test]
    fn the_bounds_belong_to_the_higher_bucket() {
        assert_eq!(score(&[("a", 0.85_f64.ln())]).unwrap().bucket, Bucket::High);
        assert_eq!(
            score(&[("a", 0.849_f64.ln())]).unwrap().bucket,
            Bucket::Medium
        );
        assert_eq!(score(&[("a", 0.499_f64.ln())]).unwrap().bucket, Bucket::Low);
        assert_eq!(score(&[("…", -1.0), ("b", f64::NAN)]), None);
    }

    fn sum(tokens: &[(&str, f64)]) -> LogprobSum {
        let mut sum = LogprobSum::default();
        tokens
            .iter()
            .for_each(|(token, logprob)| sum.add(token, *logprob));
        sum
    }

    #[test]
    fn the_tokens_of_a_declaration_do_not_count() {
        let answer = [(" Hello", -0.1), (",", -9.0), (" it", -0.4)];
        let tail = [
            (".\n\nConf", -5.0),
            ("idence", -5.0),
            (": HIGH", -5.0),
            ("<|end|>", -5.0),
        ];
        let whole = sum(&[answer.as_slice(), &tail].concat());
        let declared = Declared {
            bucket: Some(Bucket::Low),
            line: "Confidence: HIGH".to_owned(),
        };
        let judged = Confidence::judge(&whole, Some(&declared), THRESHOLDS);
        assert_eq!(
            judged.score,
            sum(&answer).confidence(THRESHOLDS).unwrap().score
        );
        assert_eq!(judged.source, ConfidenceSource::Logprobs);
        // Tokens that do not hold it are all of the answer.
        assert_eq!(sum(&answer).without("Confidence: HIGH"), sum(&answer));
    }

    #[test]
    fn tokens_count_however_many_there_are() {
        // 300 words of 5 letters at -0.2, and 1 of 10 letters at -3.2: (-0.2·1500 - 3.2·10) / 1510
        // = -0.219867…
        let mut many = vec![(" words", -0.2); 150];
        many.push(("absolutely", -3.2));
        many.extend([(" words", -0.2); 150]);
        let score = sum(&many).confidence(THRESHOLDS).unwrap().score.unwrap();
        assert!((score - 0.802_625_1).abs() < 1e-6, "{score}");
    }

    #[test]
    fn an_unknown_or_missing_declaration_is_medium() {
        let none = LogprobSum::default();
        let declared = |bucket| Declared {
            bucket,
            line: "x".to_owned(),
        };
        let of =
            |declared: Option<&Declared>| Confidence::judge(&none, declared, THRESHOLDS).bucket;
        assert_eq!(
            [
                of(None),
                of(Some(&declared(None))),
                of(Some(&declared(Some(Bucket::High))))
            ],
            [Bucket::Medium, Bucket::Medium, Bucket::High]
        );
        assert_eq!(
            Confidence::judge(&none, None, THRESHOLDS).words(),
            "MEDIUM (declared)"
        );
    }

    #[test]
    fn the_most_confident_comes_first_and_equals_keep_their_order() {
        let confidence = |bucket, score| Confidence {
            bucket,
            score,
            source: ConfidenceSource::Logprobs,
        };
        let mut answers = [
            ('a', confidence(Bucket::Low, Some(0.4))),
            ('b', confidence(Bucket::High, None)),
            ('c', confidence(Bucket::Medium, Some(0.99))),
            ('d', confidence(Bucket::High, Some(0.9))),
            ('e', confidence(Bucket::High, Some(0.95))),
            ('f', confidence(Bucket::High, Some(0.9))),
        ];
        answers.sort_by(|(_, left), (_, right)| left.order(right));
        assert_eq!(
            answers.map(|(name, _)| name),
            ['e', 'd', 'f', 'b', 'c', 'a']
        );
    }
}
