//! Lets calls pass or not: by the rules, else by asking a person. What is decided is stored and
//! logged first; a call whose row cannot be written does not run.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::permissions::{DecidedBy, Permissions, Ruling, StoredRule};
use crate::config::{Environment, Home};
use crate::ports::approval::{Approver, CallToApprove, Decision};
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::{CallEnd, LoggedCall, LoggedCallId, Store, StoredApproval};
use crate::wire::canonical;
use crate::wire::redact::cut;

/// Longest error in the log, in characters.
const LONGEST_ERROR: usize = 200;

/// What was decided about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub by: DecidedBy,
    /// Why a person said no, for the model.
    pub reason: Option<String>,
}

impl Verdict {
    /// Nobody allowed it.
    pub(crate) const DENIED: Self = Self {
        by: DecidedBy::Denied,
        reason: None,
    };

    fn by(by: DecidedBy) -> Self {
        Self { by, reason: None }
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.by != DecidedBy::Denied
    }
}

/// What was decided about the calls of one answer.
#[derive(Debug)]
pub(crate) struct Decided {
    /// One for each call, in order.
    pub verdicts: Vec<Verdict>,
    /// Nobody could be asked about some of them: none of them runs, and this ends the answer.
    pub refusal: Option<CommandError>,
}

/// The rules, the approvals and the log of one run.
pub(crate) struct Gate {
    pub permissions: Permissions,
    environment: Environment,
    store: Option<Store>,
}

impl Gate {
    /// Opens nothing: the store is in the home of this environment.
    pub(crate) fn new(environment: Environment, permissions: Permissions) -> Self {
        Self {
            permissions,
            environment,
            store: None,
        }
    }

    /// Decides about all calls of one answer before the first of them runs. `approver` is who can
    /// be asked.
    ///
    /// # Errors
    /// When the approvals cannot be read or written, and the interrupt of who was asked. No call
    /// may run then.
    pub(crate) fn decide(
        &mut self,
        mut calls: Vec<CallToApprove>,
        approver: Option<&mut dyn Approver>,
    ) -> Result<Decided, CommandError> {
        let mut verdicts = Vec::with_capacity(calls.len());
        let mut open = Vec::new();
        for (index, call) in calls.iter_mut().enumerate() {
            let verdict = self.by_rules(call)?;
            if verdict.is_none() {
                open.push(index);
            }
            verdicts.push(verdict.unwrap_or(Verdict::DENIED));
        }
        let asked: Vec<CallToApprove> = open.iter().map(|index| calls[*index].clone()).collect();
        match approver {
            _ if asked.is_empty() => {}
            None => {
                verdicts.fill(Verdict::DENIED);
                return Ok(Decided {
                    verdicts,
                    refusal: Some(nobody_to_ask(&asked)),
                });
            }
            Some(approver) => {
                let decisions = approver.approve(&asked)?;
                for ((index, call), decision) in open.into_iter().zip(&asked).zip(decisions) {
                    verdicts[index] = self.decided(call, decision)?;
                }
            }
        }
        Ok(Decided {
            verdicts,
            refusal: None,
        })
    }

    /// Logs a call before it runs, or that it does not.
    ///
    /// # Errors
    /// When the log cannot be written: the call must not run.
    pub(crate) fn log(
        &mut self,
        tool: &str,
        server: Option<&str>,
        arguments: &Value,
        verdict: &Verdict,
    ) -> Result<LoggedCallId, CommandError> {
        let call = LoggedCall {
            at: SystemTime::now(),
            server: server.map(str::to_owned),
            tool: tool.to_owned(),
            arguments_sha256: canonical::sha256(&canonical::json(arguments)),
            is_allowed: verdict.is_allowed(),
            by: verdict.by.word().to_owned(),
            end: None,
        };
        let logged = self.store()?.log_call(&call);
        logged.map_err(|error| unwritable(error.into(), tool))
    }

    /// Completes the row of a call that has run.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub(crate) fn log_end(
        &mut self,
        id: LoggedCallId,
        took: Duration,
        bytes: u64,
        error: Option<&str>,
    ) -> Result<(), CommandError> {
        let end = CallEnd {
            took,
            bytes,
            error: error.map(|error| cut(error.trim(), LONGEST_ERROR)),
        };
        Ok(self.store()?.log_end(id, &end)?)
    }

    /// What the rules decide; `None` when someone must be asked.
    fn by_rules(&mut self, call: &mut CallToApprove) -> Result<Option<Verdict>, CommandError> {
        let stored = self.store()?.approval(&call.tool)?;
        let rule = stored.map(|approval| StoredRule {
            definition: approval.definition,
            is_always: approval.is_always,
        });
        let by = match self.permissions.rule(call, rule.as_ref()) {
            Ruling::Allowed(by) => by,
            Ruling::AllowedAsSeen => {
                self.approve(call, false)?;
                DecidedBy::Config
            }
            Ruling::Ask { change } => {
                call.change = change;
                return Ok(None);
            }
        };
        self.permissions.allowed_call(call);
        Ok(Some(Verdict::by(by)))
    }

    fn decided(
        &mut self,
        call: &CallToApprove,
        decision: Decision,
    ) -> Result<Verdict, CommandError> {
        if decision == Decision::Always {
            self.approve(call, true)?;
        }
        let by = self.permissions.decided(call, &decision);
        let reason = match decision {
            Decision::Denied(reason) => reason,
            _ => None,
        };
        Ok(Verdict { by, reason })
    }

    fn approve(&mut self, call: &CallToApprove, is_always: bool) -> Result<(), CommandError> {
        let approval = StoredApproval {
            tool: call.tool.clone(),
            server: call.server.clone(),
            sha256: call.hash(),
            definition: call.definition.clone(),
            is_always,
            since: SystemTime::now(),
        };
        let saved = self.store()?.approve(&approval);
        saved.map_err(|error| unwritable(error.into(), &call.tool))
    }

    fn store(&mut self) -> Result<&mut Store, CommandError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&Home::find(&self.environment)?)?,
        };
        Ok(self.store.insert(store))
    }
}

fn unwritable(error: CommandError, tool: &str) -> CommandError {
    CommandError {
        message: format!("{tool} was not run: {}", error.message),
        ..error
    }
}

fn nobody_to_ask(calls: &[CallToApprove]) -> CommandError {
    let mut names: Vec<&str> = Vec::new();
    for call in calls {
        if !names.contains(&call.tool.as_str()) {
            names.push(&call.tool);
        }
    }
    let were = if names.len() == 1 { "was" } else { "were" };
    let changed = calls.iter().any(|call| call.change.is_some());
    let why = if changed {
        "changed since it was allowed, and nobody can be asked: stdin is not a terminal, or \
            --jsonl is set"
    } else {
        "nobody can be asked: stdin is not a terminal, or --jsonl is set"
    };
    CommandError::new(
        ErrorKind::Tool,
        format!("{} {were} not run: {why}", names.join(", ")),
    )
    .hint(format!(
        "--allow {}   (runs without asking, this time only)",
        names.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::approval::Standing;
    use serde_json::json;
    use tempfile::TempDir;

    /// Gives these decisions, and keeps what it was shown.
    struct Scripted {
        decisions: Vec<Decision>,
        shown: Vec<CallToApprove>,
    }

    impl Scripted {
        fn new(decisions: impl IntoIterator<Item = Decision>) -> Self {
            Self {
                decisions: decisions.into_iter().collect(),
                shown: Vec::new(),
            }
        }
    }

    impl Approver for Scripted {
        fn approve(&mut self, calls: &[CallToApprove]) -> Result<Vec<Decision>, CommandError> {
            self.shown.extend_from_slice(calls);
            Ok(self.decisions.drain(..calls.len()).collect())
        }
    }

    fn gate(directory: &TempDir) -> Gate {
        let home = directory.path().join("amx");
        let environment = Environment::from_pairs([("AMX_CONFIG_DIR", home.to_str().unwrap())]);
        Gate::new(environment, Permissions::default())
    }

    fn call(tool: &str, description: &str, standing: Standing) -> CallToApprove {
        CallToApprove {
            tool: tool.to_owned(),
            text: "{}".to_owned(),
            definition: json!({"description": description}).to_string(),
            standing,
            ..CallToApprove::default()
        }
    }

    fn by(decided: &Decided) -> Vec<&'static str> {
        decided
            .verdicts
            .iter()
            .map(|verdict| verdict.by.word())
            .collect()
    }

    #[test]
    fn only_what_no_rule_allows_is_asked_about() {
        let directory = TempDir::new().unwrap();
        let mut gate = gate(&directory);
        let mut person = Scripted::new([Decision::Denied(Some("no".to_owned())), Decision::Once]);
        let calls = vec![
            call("a", "A", Standing::Ask),
            call("b", "B", Standing::Allowed),
            call("c", "C", Standing::Ask),
        ];
        let decided = gate.decide(calls, Some(&mut person)).unwrap();
        assert_eq!(by(&decided), ["denied", "config", "once"]);
        assert_eq!(decided.verdicts[0].reason.as_deref(), Some("no"));
        let shown: Vec<_> = person.shown.iter().map(|call| call.tool.as_str()).collect();
        assert_eq!(shown, ["a", "c"]);
    }

    #[test]
    fn without_a_person_one_denied_call_stops_all() {
        let directory = TempDir::new().unwrap();
        let mut gate = gate(&directory);
        let calls = vec![
            call("a", "A", Standing::Allowed),
            call("b", "B", Standing::Ask),
        ];
        let decided = gate.decide(calls, None).unwrap();
        assert_eq!(by(&decided), ["denied", "denied"]);
        let refusal = decided.refusal.unwrap();
        assert_eq!(refusal.exit_code(), 11);
        assert!(refusal.message.starts_with("b was not run"), "{refusal:?}");
        assert!(refusal.hints[0].starts_with("--allow b "), "{refusal:?}");
    }

    #[test]
    fn always_outlives_the_run_and_a_change_is_shown() {
        let directory = TempDir::new().unwrap();
        let mut person = Scripted::new([Decision::Always]);
        let calls = || vec![call("a", "A", Standing::Ask)];
        gate(&directory).decide(calls(), Some(&mut person)).unwrap();
        let mut gate = gate(&directory);
        let decided = gate.decide(calls(), None).unwrap();
        assert_eq!(by(&decided), ["always"]);
        let changed = vec![call("a", "Sends ~/.ssh", Standing::Ask)];
        let mut person = Scripted::new([Decision::Denied(None)]);
        let decided = gate.decide(changed.clone(), Some(&mut person)).unwrap();
        assert_eq!(by(&decided), ["denied"]);
        let change = person.shown[0].change.as_deref().unwrap();
        assert!(change.contains("- description: \"A\""), "{change}");
        let refusal = gate.decide(changed, None).unwrap().refusal.unwrap();
        assert!(refusal.message.contains("changed since"), "{refusal:?}");
    }

    #[test]
    fn what_the_configuration_allows_of_a_server_is_stored_as_first_seen() {
        let directory = TempDir::new().unwrap();
        let mut gate = gate(&directory);
        let as_seen = |text| vec![call("a", text, Standing::AllowedAsSeen)];
        assert_eq!(by(&gate.decide(as_seen("A"), None).unwrap()), ["config"]);
        assert_eq!(by(&gate.decide(as_seen("A"), None).unwrap()), ["config"]);
        let changed = gate.decide(as_seen("B"), None).unwrap();
        assert_eq!(by(&changed), ["denied"]);
        let stored = gate.store().unwrap().approvals().unwrap();
        assert!(!stored[0].is_always, "{stored:?}");
    }

    #[test]
    fn the_log_has_a_row_before_the_call_runs() {
        let directory = TempDir::new().unwrap();
        let mut gate = gate(&directory);
        let arguments = json!({"b": 1, "a": "é"});
        let verdict = Verdict::by(DecidedBy::Flag);
        let id = gate.log("a", Some("files"), &arguments, &verdict).unwrap();
        let rows = |gate: &mut Gate| gate.store().unwrap().logged_calls(None).unwrap();
        let row = &rows(&mut gate)[0];
        assert_eq!((row.by.as_str(), row.decision()), ("flag", "allowed"));
        assert_eq!(
            row.arguments_sha256,
            canonical::sha256("{\"a\":\"é\",\"b\":1}")
        );
        assert_eq!(row.end, None);
        let took = Duration::from_millis(4);
        gate.log_end(id, took, 11, Some("exit code 1\n")).unwrap();
        let end = rows(&mut gate)[0].end.clone().unwrap();
        assert_eq!(end.error.as_deref(), Some("exit code 1"));
        assert_eq!((end.took, end.bytes), (took, 11));
    }

    #[cfg(unix)]
    #[test]
    fn without_its_log_nothing_may_run() {
        let directory = TempDir::new().unwrap();
        // A folder in the place of the database.
        std::fs::create_dir_all(directory.path().join("amx/amx.db")).unwrap();
        let mut gate = gate(&directory);
        let verdict = Verdict::by(DecidedBy::Flag);
        let error = gate.log("a", None, &json!({}), &verdict).unwrap_err();
        assert_eq!(error.exit_code(), 12);
        let calls = vec![call("a", "A", Standing::Ask)];
        let mut person = Scripted::new([Decision::Once]);
        let error = gate.decide(calls, Some(&mut person)).unwrap_err();
        assert_eq!(error.exit_code(), 12);
        assert!(person.shown.is_empty());
    }
}
