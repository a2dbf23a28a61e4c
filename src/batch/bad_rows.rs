//! Rows that cannot be asked, and the error that names the first of them.

use super::row::Place;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::thousands;

/// Most rows that the error names.
const NAMED: usize = 5;

/// Rows that cannot be asked.
#[derive(Debug, Default)]
pub(crate) struct BadRows {
    pub count: u64,
    /// The first ones, and why.
    named: Vec<(Place, String)>,
}

impl BadRows {
    pub(crate) fn add(&mut self, place: &Place, why: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((place.clone(), why));
        }
    }

    /// The error for them; `rows` is the number of all rows, `None` for a pipe, of which rows were
    /// sent before.
    pub(crate) fn error(&self, rows: Option<u64>) -> CommandError {
        let Some(((place, why), others)) = self.named.split_first() else {
            return CommandError::new(ErrorKind::Input, "rows cannot be asked");
        };
        let message = match self.count {
            1 => format!("{place}: {why}"),
            count => format!(
                "{} of {} rows cannot be asked: {place}: {why}",
                thousands(count),
                thousands(rows.unwrap_or(count))
            ),
        };
        let is_same = |other: &&(Place, String)| other.1 == *why;
        let same = others.iter().filter(is_same);
        let same: Vec<String> = same.map(|(place, _)| place.to_string()).collect();
        let mut more = Vec::new();
        if !same.is_empty() {
            more.push(format!("the same: {}", same.join(", ")));
        }
        let other = others.iter().filter(|other| !is_same(other));
        more.extend(other.map(|(place, why)| format!("{place}: {why}")));
        CommandError::new(ErrorKind::Input, message)
            .caused_by_words(more.join("; "))
            .hint(format!(
                "correct the input, or omit bad rows with --skip-bad{}",
                rows.map_or("", |_| "; nothing was sent")
            ))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn rows_with_one_fault_name_it_once() {
        let mut bad = BadRows::default();
        let file = Arc::new(PathBuf::from("rows.csv"));
        for (line, why) in [(2, "no text"), (3, "no text"), (4, "no ID"), (5, "no text")] {
            let file = Arc::clone(&file);
            bad.add(&Place { file, line }, why.to_owned());
        }
        let error = bad.error(Some(1000));
        let expected = "4 of 1,000 rows cannot be asked: rows.csv:2: no text";
        assert_eq!(error.message, expected);
        let causes = format!("{error:?}");
        let expected = "the same: rows.csv:3, rows.csv:5; rows.csv:4: no ID";
        assert!(causes.contains(expected), "{causes}");
    }
}
