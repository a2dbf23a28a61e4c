//! The status line below an answer: model, tokens, cost, time, and totals of the conversation.

use crate::chat::turn::TurnState;
use crate::ports::answer_report::{AnswerReport, SessionReport, count_words, failover_words};
use crate::present::count::thousands;
use crate::present::money::{cost_words, spent_words};

/// The line, most important parts first; a narrow terminal breaks it between two of them.
pub(super) fn line(report: &AnswerReport<'_>, width: usize) -> String {
    wrapped(&parts(report), width)
}

fn parts(report: &AnswerReport<'_>) -> Vec<String> {
    let answer = &report.answer;
    let mut parts = Vec::new();
    match report.state {
        TurnState::Complete => {}
        TurnState::Stopped => parts.push("stopped".to_owned()),
        TurnState::Failed | TurnState::Pending => parts.push("incomplete".to_owned()),
    }
    let asked = &answer.requested_model;
    parts.push(match answer.model.as_deref() {
        Some(model) if model != asked => format!("{model} (asked for {asked})"),
        _ => asked.clone(),
    });
    parts.extend(failover_words(answer));
    if let Some(usage) = answer.usage {
        let detail = |tokens: Option<u64>, what: &str| match tokens {
            None | Some(0) => String::new(),
            Some(tokens) => format!(" ({} {what})", thousands(tokens)),
        };
        let count = |tokens: Option<u64>, what| count_words(tokens.map(thousands), what);
        let cached = detail(usage.cached_tokens, "cached");
        parts.push(format!("{}{cached}", count(usage.prompt_tokens, "in")));
        let reasoning = detail(usage.reasoning_tokens, "reasoning");
        parts.push(format!(
            "{}{reasoning}",
            count(usage.completion_tokens, "out")
        ));
    }
    parts.push(cost_words(answer.cost));
    parts.extend(answer.is_cached.then(|| "from the cache".to_owned()));
    let total = answer.total.as_secs_f64();
    parts.push(match answer.first_token {
        Some(first) => format!(
            "{:.1} s to the first token, {total:.1} s",
            first.as_secs_f64()
        ),
        None => format!("{total:.1} s"),
    });
    if let Some(session) = &report.session {
        add_session(&mut parts, session, answer.cost.usd.is_some());
    }
    parts
}

/// Adds what concerns the conversation of the answer, whose cost may be unknown.
fn add_session(parts: &mut Vec<String>, session: &SessionReport, is_cost_known: bool) {
    parts.extend(
        session
            .branch
            .as_ref()
            .map(|branch| format!("branch '{branch}'")),
    );
    // Two unknown costs are one.
    let spent = session
        .spent
        .filter(|spent| spent.usd.is_some() || is_cost_known);
    parts.extend(spent.map(|spent| format!("session {}", spent_words(spent))));
    parts.extend(session.today.iter().map(|today| format!("today {today}")));
    parts.extend(session.context.map(|context| {
        format!(
            "context {} % of {}",
            context.percent(),
            thousands(context.window)
        )
    }));
}

/// Parts on one line as far as they fit.
fn wrapped(parts: &[String], width: usize) -> String {
    const BETWEEN: &str = " · ";
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let part_width = console::measure_text_width(part);
        match lines.last_mut() {
            Some(line)
                if console::measure_text_width(line) + BETWEEN.chars().count() + part_width
                    <= width =>
            {
                line.push_str(BETWEEN);
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::chat::answer::Answer;
    use crate::chat::confidence::Thresholds;
    use crate::chat::cost::{Cost, CostSource, Spent};
    use crate::chat::usage::Usage;
    use crate::ports::answer_report::ContextUse;
    use crate::ports::answer_report::SessionReport;

    fn answer() -> Answer {
        Answer {
            requested_model: "openrouter/auto".to_owned(),
            model: Some("openai/gpt-5-mini".to_owned()),
            usage: Some(Usage {
                prompt_tokens: Some(1204),
                completion_tokens: Some(356),
                reasoning_tokens: Some(128),
                cached_tokens: Some(1024),
                total_tokens: Some(1560),
            }),
            cost: Cost {
                usd: Some(0.00123),
                source: CostSource::Provider,
            },
            first_token: Some(Duration::from_millis(840)),
            total: Duration::from_millis(4230),
            ..Answer::default()
        }
    }

    fn report(answer: &Answer) -> AnswerReport<'_> {
        let session = SessionReport {
            label: "7".to_owned(),
            branch: None,
            spent: Some(Spent {
                usd: Some(0.0123),
                has_estimates: true,
                has_unknown: false,
            }),
            today: Some("$0.20 of $0.25".to_owned()),
            context: Some(ContextUse {
                used: 1560,
                window: 128_000,
            }),
        };
        AnswerReport::new(
            answer,
            Thresholds {
                high: 0.85,
                medium: 0.5,
            },
            TurnState::Complete,
            Some(session),
        )
    }

    #[test]
    fn a_complete_report_has_every_part() {
        let words = "openai/gpt-5-mini (asked for openrouter/auto) · 1,204 in (1,024 cached) · 356 \
            out (128 reasoning) · $0.0012 · \
                     0.8 s to the first token, 4.2 s · session ~$0.01 · today $0.20 of $0.25 · \
                    context 2 % of 128,000";
        assert_eq!(line(&report(&answer()), 300), words);
    }

    #[test]
    fn a_narrow_line_breaks_between_parts() {
        let shown = line(&report(&answer()), 40);
        assert!(
            shown
                .lines()
                .skip(1)
                .all(|line| console::measure_text_width(line) <= 40),
            "{shown}"
        );
        assert_eq!(shown.lines().nth(1), Some("1,204 in (1,024 cached)"));
    }

    #[test]
    fn unknown_values_are_omitted() {
        let answer = Answer {
            requested_model: "a/b".to_owned(),
            total: Duration::from_secs(1),
            ..Answer::default()
        };
        let failed = |session: Option<SessionReport>| AnswerReport {
            state: TurnState::Failed,
            session,
            ..report(&answer)
        };
        let words = "incomplete · a/b · cost unknown · 1.0 s";
        assert_eq!(line(&failed(None), 80), words);
        let session = SessionReport {
            label: "7".to_owned(),
            branch: None,
            spent: Some(Spent::default()),
            today: None,
            context: None,
        };
        assert_eq!(line(&failed(Some(session)), 80), words);
    }
}
