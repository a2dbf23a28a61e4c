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
    /// The wait for a server, and whether it cannot be reached.
    pub held: Option<(Duration, bool)>,
    /// After a signal: the rows in flight have so long to end.
    pub stopping: Option<Duration>,
    /// `None` for rows that are asked one by one.
    pub batches: Option<BatchProgress>,
}

/// A part of the line, and its rank: those of a high rank are omitted first.
type Part = (u8, String);

/// What is between two parts.
const GAP: &str = "  ";

impl Progress {
    /// `412/2,000  31 at once  18.2/s  $0.61  2 failed  ~1 min left`, in at most so many columns of
    /// a terminal. A log has no width, and no keys.
    pub(crate) fn line(&self, width: Option<usize>) -> String {
        let mut parts = self.parts(width.is_some());
        let columns = |parts: &[Part]| {
            let texts: usize = parts.iter().map(|(_, text)| text.len() + GAP.len()).sum();
            texts.saturating_sub(GAP.len())
        };
        while width.is_some_and(|width| columns(&parts) > width) && parts.len() > 1 {
            let highest = parts.iter().map(|(rank, _)| *rank).max();
            parts.retain(|(rank, _)| Some(*rank) != highest);
        }
        let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
        texts.join(GAP)
    }

    fn parts(&self, has_keys: bool) -> Vec<Part> {
        let ended = thousands(self.ended);
        let count = match self.rows {
            Some(rows) => format!("{ended}/{}", thousands(rows)),
            None => format!("{ended} rows"),
        };
        let mut parts = vec![(1, count)];
        match (&self.batches, self.stopping) {
            (Some(batches), _) => parts.push((
                3,
                format!(
                    "{} with {}",
                    plural(batches.running, "batch"),
                    plural(batches.rows, "row")
                ),
            )),
            (None, None) => parts.push((6, format!("{} at once", self.at_once))),
            // They end at once.
            (None, Some(_)) if self.at_once == 0 => parts.push((0, "stopping".to_owned())),
            (None, Some(grace)) => {
                let seconds = grace.as_secs() + 1;
                let text = format!("stopping: {} in flight, {seconds} s", self.at_once);
                parts.push((0, text));
                parts.extend(has_keys.then(|| (2, "Ctrl-C ends them now".to_owned())));
            }
        }
        if self.rate > 0.0 && self.stopping.is_none() {
            parts.push((5, format!("{:.1}/s", self.rate)));
        }
        if self.usd > 0.0 {
            parts.push((3, usd(self.usd)));
        }
        if self.failed > 0 {
            parts.push((3, format!("{} failed", thousands(self.failed))));
        }
        if let Some(next) = self.batches.and_then(|batches| batches.next_look) {
            parts.push((4, format!("next look in {} s", next.as_secs() + 1)));
        } else if let Some((held, is_away)) = self.held {
            let seconds = held.as_secs() + 1;
            parts.push((
                4,
                if is_away {
                    format!("no connection, again in {seconds} s")
                } else {
                    format!("waiting {seconds} s for the provider")
                },
            ));
        } else if self.stopping.is_none() {
            parts.extend(self.left().map(|left| (4, left)));
        }
        parts
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

    fn line(progress: &Progress) -> String {
        progress.line(None)
    }

    #[test]
    fn one_line_says_where_the_job_is() {
        let progress = Progress {
            ended: 412,
            rows: Some(2000),
            at_once: 31,
            rate: 18.2,
            usd: 0.61,
            failed: 2,
            ..Progress::default()
        };
        let all = "412/2,000  31 at once  18.2/s  $0.61  2 failed  ~87 s left";
        assert_eq!(line(&progress), all);
        let unknown = Progress {
            rows: None,
            held: Some((Duration::from_millis(2500), false)),
            ..progress
        };
        let all = "412 rows  31 at once  18.2/s  $0.61  2 failed  waiting 3 s for the provider";
        assert_eq!(line(&unknown), all);
        let away = Progress {
            held: Some((Duration::from_millis(7100), true)),
            ..progress
        };
        let all = "412/2,000  31 at once  18.2/s  $0.61  2 failed  no connection, again in 8 s";
        assert_eq!(line(&away), all);
        let stopping = Progress {
            stopping: Some(Duration::from_millis(29_900)),
            ..progress
        };
        let all = "412/2,000  stopping: 31 in flight, 30 s  $0.61  2 failed";
        assert_eq!(line(&stopping), all);
        let all = "412/2,000  stopping: 31 in flight, 30 s  Ctrl-C ends them now  $0.61  2 failed";
        assert_eq!(stopping.line(Some(80)), all);
        assert_eq!(stopping.line(Some(36)), "stopping: 31 in flight, 30 s");
        let waiting = Progress {
            at_once: 0,
            ..stopping
        };
        assert_eq!(line(&waiting), "412/2,000  stopping  $0.61  2 failed");
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
        let all = "1,000/3,000  2 batches with 2,000 rows  $0.25  next look in 45 s";
        assert_eq!(line(&batches), all);
    }

    #[test]
    fn a_narrow_terminal_has_what_matters_most() {
        let progress = Progress {
            ended: 7042,
            rows: Some(10_000),
            at_once: 38,
            rate: 199.2,
            usd: 0.52,
            failed: 24,
            ..Progress::default()
        };
        for (width, expected) in [
            (
                70,
                "7,042/10,000  38 at once  199.2/s  $0.52  24 failed  ~15 s left",
            ),
            (60, "7,042/10,000  199.2/s  $0.52  24 failed  ~15 s left"),
            (45, "7,042/10,000  $0.52  24 failed  ~15 s left"),
            (36, "7,042/10,000  $0.52  24 failed"),
            (20, "7,042/10,000"),
            (1, "7,042/10,000"),
        ] {
            assert_eq!(progress.line(Some(width)), expected, "{width} columns");
        }
    }
}
