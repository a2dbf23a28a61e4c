//! The progress of a job, in one line.

use std::time::Duration;

use crate::present::count::{plural, thousands};
use crate::present::money::usd;

/// Discounted batches that are not fetched yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BatchProgress {
    pub running: u64,
    /// Their rows.
    pub rows: u64,
    /// The time until the next look; `None` while something is sent.
    pub next_look: Option<Duration>,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Progress {
    /// Rows with a line, and all rows where their number is known.
    pub ended: u64,
    pub rows: Option<u64>,
    pub at_once: usize,
    /// Rows that ended in a second, lately.
    pub rate: f64,
    /// USD of all runs.
    pub usd: f64,
    pub failed: u64,
    /// A server asks to wait so long.
    pub held: Option<Duration>,
    /// `None` for rows that are asked one by one.
    pub batches: Option<BatchProgress>,
}

impl Progress {
    /// `412/2,000  31 at once  18.2/s  $0.61  2 failed  ~1 min left`.
    pub(crate) fn line(&self) -> String {
        let ended = thousands(self.ended);
        let mut parts = vec![match self.rows {
            Some(rows) => format!("{ended}/{}", thousands(rows)),
            None => format!("{ended} rows"),
        }];
        match &self.batches {
            None => parts.push(format!("{} at once", self.at_once)),
            Some(batches) => parts.push(format!(
                "{} with {}",
                plural(batches.running, "batch"),
                plural(batches.rows, "row")
            )),
        }
        if self.rate > 0.0 {
            parts.push(format!("{:.1}/s", self.rate));
        }
        if self.usd > 0.0 {
            parts.push(usd(self.usd));
        }
        if self.failed > 0 {
            parts.push(format!("{} failed", thousands(self.failed)));
        }
        if let Some(next) = self.batches.and_then(|batches| batches.next_look) {
            parts.push(format!("next look in {} s", next.as_secs() + 1));
        } else if let Some(held) = self.held {
            parts.push(format!("waiting {} s for the provider", held.as_secs() + 1));
        } else {
            parts.extend(self.left());
        }
        parts.join("  ")
    }

    /// The time that is left, in words.
    fn left(&self) -> Option<String> {
        let rows = self.rows?.saturating_sub(self.ended);
        if self.rate <= 0.0 || rows == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
        let seconds = rows as f64 / self.rate;
        Some(match seconds {
            ..90.0 => format!("~{:.0} s left", seconds.max(1.0)),
            ..5400.0 => format!("~{:.0} min left", seconds / 60.0),
            _ => format!("~{:.1} h left", seconds / 3600.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_where_the_job_is() {
        let progress = Progress {
            ended: 412,
            rows: Some(2000),
            at_once: 31,
            rate: 18.2,
            usd: 0.61,
            failed: 2,
            held: None,
            batches: None,
        };
        let line = "412/2,000  31 at once  18.2/s  $0.61  2 failed  ~87 s left";
        assert_eq!(progress.line(), line);
        let unknown = Progress {
            rows: None,
            held: Some(Duration::from_millis(2500)),
            ..progress
        };
        let line = "412 rows  31 at once  18.2/s  $0.61  2 failed  waiting 3 s for the provider";
        assert_eq!(unknown.line(), line);
        let batches = Progress {
            ended: 1000,
            rows: Some(3000),
            usd: 0.25,
            batches: Some(BatchProgress {
                running: 2,
                rows: 2000,
                next_look: Some(Duration::from_millis(44_500)),
            }),
            ..Progress::default()
        };
        let line = "1,000/3,000  2 batches with 2,000 rows  $0.25  next look in 45 s";
        assert_eq!(batches.line(), line);
    }
}
