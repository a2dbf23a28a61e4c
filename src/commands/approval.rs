//! Asks a person whether calls of tools may run: shows them, and one key decides.

use crate::ports::approval::{Approver, CallToApprove, CallsPart, Decision};
use crate::ports::error::CommandError;
use crate::ports::input::{Input, KeyChoice};
use crate::ports::output::Output;

/// A key, what it says, and what that means.
struct Answer {
    choice: KeyChoice,
    /// For the explanation.
    meaning: &'static str,
    offered: Offered,
}

/// Where an answer is offered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offered {
    Always,
    /// All calls are of tools of one server.
    ForServer,
    ForSeveral,
}

const fn answer(key: char, word: &'static str, meaning: &'static str, offered: Offered) -> Answer {
    Answer {
        choice: KeyChoice { key, word },
        meaning,
        offered,
    }
}

const ANSWERS: &[Answer] = &[
    answer('y', "yes", "run it this time", Offered::Always),
    answer(
        'n',
        "no",
        "do not run it; a reason for the model may follow",
        Offered::Always,
    ),
    answer(
        'c',
        "conversation",
        "run this tool without asking until the conversation ends",
        Offered::Always,
    ),
    answer(
        'a',
        "always",
        "run this tool without asking from now on, until it changes; amx tools forget NAME asks \
        again",
        Offered::Always,
    ),
    answer(
        's',
        "server",
        "run all tools of this server without asking until the conversation ends",
        Offered::ForServer,
    ),
    answer(
        'e',
        "each",
        "decide about one call after the other",
        Offered::ForSeveral,
    ),
    answer('?', "", "explain the keys", Offered::Always),
];

/// Below the explanation.
const OTHER_KEYS: &str = "Enter and Esc are no; Ctrl-C stops the answer";

/// Who is at the terminal.
pub(crate) struct Asking<'a> {
    pub output: &'a mut dyn Output,
    pub input: &'a mut dyn Input,
}

impl Approver for Asking<'_> {
    fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError> {
        ask(calls, self.output, self.input)
    }
}

/// Asks about all calls of one answer: one decision each, in order.
///
/// # Errors
/// Ctrl-C, a signal, and a terminal that cannot be read.
pub(crate) fn ask(
    calls: &[CallToApprove],
    output: &mut dyn Output,
    input: &mut dyn Input,
) -> Result<Vec<Decision>, CommandError> {
    output.calls(calls, CallsPart::All);
    if let Some(decision) = decide(calls, output, input)? {
        return Ok(vec![decision; calls.len()]);
    }
    let mut decisions: Vec<Decision> = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        let before = calls.iter().zip(&decisions);
        let decided = before
            .filter(|(earlier, decision)| covers(decision, earlier, call))
            .map(|(_, decision)| decision.clone())
            .next_back();
        let decision = match decided {
            Some(decision) => decision,
            None => one(call, (index + 1, calls.len()), output, input)?,
        };
        decisions.push(decision);
    }
    Ok(decisions)
}

/// Whether a decision about one call is one about another.
fn covers(decision: &Decision, earlier: &CallToApprove, call: &CallToApprove) -> bool {
    match decision {
        Decision::Conversation | Decision::Always => {
            earlier.tool == call.tool && earlier.definition == call.definition
        }
        Decision::Server => earlier.server == call.server && call.change.is_none(),
        Decision::Once | Decision::Denied(_) => false,
    }
}

fn one(
    call: &CallToApprove,
    (number, of): (usize, usize),
    output: &mut dyn Output,
    input: &mut dyn Input,
) -> Result<Decision, CommandError> {
    let calls = std::slice::from_ref(call);
    output.calls(calls, CallsPart::One { number, of });
    // `each` is not offered for one call.
    Ok(decide(calls, output, input)?.unwrap_or(Decision::Denied(None)))
}

/// One question about all of the calls; `None` when each is to be asked about.
fn decide(
    calls: &[CallToApprove],
    output: &mut dyn Output,
    input: &mut dyn Input,
) -> Result<Option<Decision>, CommandError> {
    let question = match calls.len() {
        1 => "run it?".to_owned(),
        2 => "run both?".to_owned(),
        several => format!("run all {several}?"),
    };
    let answers: Vec<&Answer> = ANSWERS
        .iter()
        .filter(|answer| is_offered(answer.offered, calls))
        .collect();
    let choices: Vec<KeyChoice> = answers.iter().map(|answer| answer.choice).collect();
    loop {
        return Ok(match input.key(&question, &choices)? {
            Some('y') => Some(Decision::Once),
            Some('n') => {
                let reason = input.remark("reason, if any")?;
                Some(Decision::Denied(
                    Some(reason).filter(|reason| !reason.is_empty()),
                ))
            }
            Some('c') => Some(Decision::Conversation),
            Some('a') => Some(Decision::Always),
            Some('s') => Some(Decision::Server),
            Some('e') => None,
            Some('?') => {
                explain(&answers, output);
                continue;
            }
            _ => Some(Decision::Denied(None)),
        });
    }
}

fn is_offered(offered: Offered, calls: &[CallToApprove]) -> bool {
    match offered {
        Offered::Always => true,
        Offered::ForSeveral => calls.len() > 1,
        Offered::ForServer => {
            let first = calls.first().and_then(|call| call.server.as_ref());
            first.is_some() && calls.iter().all(|call| call.server.as_ref() == first)
        }
    }
}

fn explain(answers: &[&Answer], output: &mut dyn Output) {
    let rows: Vec<(String, &str)> = answers
        .iter()
        .map(|answer| (answer.choice.key.to_string(), answer.meaning))
        .collect();
    output.definitions(&rows);
    output.aside(OTHER_KEYS);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(tool: &str, server: Option<&str>) -> CallToApprove {
        CallToApprove {
            tool: tool.to_owned(),
            server: server.map(str::to_owned),
            ..CallToApprove::default()
        }
    }

    fn keys(calls: &[CallToApprove]) -> String {
        let offered = ANSWERS
            .iter()
            .filter(|answer| is_offered(answer.offered, calls));
        offered.map(|answer| answer.choice.key).collect()
    }

    #[test]
    fn a_server_is_offered_where_all_calls_are_of_one() {
        let (files, web) = (call("a", Some("files")), call("b", Some("web")));
        let command = call("c", None);
        assert_eq!(keys(std::slice::from_ref(&command)), "ynca?");
        assert_eq!(keys(std::slice::from_ref(&files)), "yncas?");
        assert_eq!(keys(&[files.clone(), files.clone()]), "yncase?");
        assert_eq!(keys(&[files.clone(), web]), "yncae?");
        assert_eq!(keys(&[command, files]), "yncae?");
    }

    #[test]
    fn a_decision_about_a_tool_is_one_about_its_next_call() {
        let (first, other) = (call("a", Some("files")), call("b", Some("files")));
        assert!(covers(&Decision::Always, &first, &first));
        assert!(!covers(&Decision::Always, &first, &other));
        assert!(covers(&Decision::Server, &first, &other));
        assert!(!covers(&Decision::Once, &first, &first));
        let changed = CallToApprove {
            definition: "{}".to_owned(),
            change: Some("+ x".to_owned()),
            ..first.clone()
        };
        assert!(!covers(&Decision::Conversation, &first, &changed));
        assert!(!covers(&Decision::Server, &first, &changed));
    }
}
