//! Sends what earlier runs left in the file.
//!
//! A span has an ID by which a collector recognises it, so a line of spans stays in the file until
//! a collector has taken it, and may arrive twice. A measurement has none: sent twice, it counts
//! twice. So a line of measurements leaves the file before it is sent, after the spans showed that
//! a collector answers, and returns only where it was certainly not taken.
//!
//! A line is sent only to the destination that it was written for, and without texts where those
//! may not be sent any more.
//!
//! What a collector refuses for good is dropped: the protocol forbids to send it again. Where a
//! part may be the reason, the rest is sent without it.

use url::Url;

use super::encoder::Signal;
use super::later::LaterFile;
use super::post::{Collector, Failure, Fate, Limit};

/// Refusals of which one line of many may be the reason: malformed, and too large.
const OF_A_PART: &[u16] = &[400, 413];

/// Where lines of each signal are sent; `None` where the destination does not take it.
pub(super) type Urls<'a> = [(Signal, Option<&'a Url>); 2];

/// Sends the lines of both signals, spans first.
///
/// # Errors
/// Why some of them were not taken.
pub(super) async fn resend(
    file: &LaterFile,
    collector: &Collector,
    urls: Urls<'_>,
    limit: &impl Limit,
) -> Result<(), Failure> {
    let mut refused = Ok(());
    if let Err(error) = file.drop_texts() {
        tracing::debug!(%error, "the texts of waiting telemetry could not be removed");
        return Ok(());
    }
    for (signal, url) in urls {
        let Some(url) = url else { continue };
        let lines = match signal {
            Signal::Traces => file.parts(signal),
            Signal::Metrics => file.take(signal),
        };
        match send_lines(file, collector, signal, url, lines, limit).await {
            Err(failure) if matches!(failure.fate, Fate::Refused(_)) => {
                refused = refused.and(Err(Failure {
                    words: format!("{}; it is not sent again", failure.words),
                    ..failure
                }));
            }
            sent => sent?,
        }
    }
    refused
}

async fn send_lines(
    file: &LaterFile,
    collector: &Collector,
    signal: Signal,
    url: &Url,
    lines: Vec<String>,
    limit: &impl Limit,
) -> Result<(), Failure> {
    let mut refused = Ok(());
    let mut parts = vec![lines];
    while let Some(mut lines) = parts.pop() {
        if lines.is_empty() {
            continue;
        }
        let body = signal.body(lines.iter().map(String::as_str));
        let posted = collector.post(url, body, limit).await;
        if let Err(failure) = posted {
            match failure.fate {
                Fate::Refused(status) if OF_A_PART.contains(&status) && lines.len() > 1 => {
                    parts.push(lines.split_off(lines.len() / 2));
                    parts.push(lines);
                    continue;
                }
                Fate::Refused(_) => {
                    file.drop_parts(signal, &lines);
                    refused = refused.and(Err(failure));
                }
                Fate::NotTaken | Fate::Unknown => {
                    if failure.fate == Fate::NotTaken {
                        parts.push(lines);
                    }
                    put_back(file, signal, parts);
                    return Err(failure);
                }
            }
        }
        if signal == Signal::Traces {
            file.remove(signal, &lines);
        }
    }
    refused
}

/// Returns lines to the file that were taken out of it.
fn put_back(file: &LaterFile, signal: Signal, parts: Vec<Vec<String>>) {
    if signal == Signal::Metrics {
        let lines = parts.into_iter().rev().flatten();
        let lines: Vec<_> = lines.map(|line| (signal, line)).collect();
        file.append(&lines);
    }
}
