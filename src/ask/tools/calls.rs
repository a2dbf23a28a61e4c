//! The calls of one answer, from what the model sent to their results.

use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use super::guard::{Admission, CallKey, MOST_OF_ANSWER};
use super::tool_set::ToolSet;
use crate::ask::answer_trace::RanCall;
use crate::chat::tool::{DecidedBy, EndedCall, ToolCall, ToolResult};
use crate::store::LoggedCallId;
use crate::telemetry::call::CallSpan;
use crate::tools::arguments;
use crate::tools::tool::{Call, Tool, ToolOutput};
use crate::wire::canonical;

/// A call of an answer.
pub(super) struct CallState {
    pub call: ToolCall,
    pub key: CallKey,
    /// Its arguments match the schema of its tool.
    pub is_valid: bool,
    /// Null when they are not valid.
    pub arguments: Value,
    /// The guard admitted it, and compares its result with those of the same call.
    pub is_admitted: bool,
    pub stage: Stage,
    /// Its span, where telemetry is on.
    pub span: Option<Arc<CallSpan>>,
    /// The same once it ran.
    pub ran: Option<RanCall>,
}

/// What allowed a call, and its row in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permit {
    pub by: DecidedBy,
    pub row: LoggedCallId,
}

/// How far a call has come.
pub(super) enum Stage {
    /// It has a tool, and valid arguments.
    Valid(Rc<Tool>),
    /// It is ready to be executed.
    Ready(Box<dyn Call>),
    /// It was allowed, and is in the log.
    Allowed(Box<dyn Call>, Permit),
    /// It was allowed, and waits for others to end.
    Waiting(Permit),
    Running(Permit),
    Ended(ToolResult),
}

/// The calls as the guard compares them, each with whether it may repeat.
pub(super) fn keys(calls: &[ToolCall], tools: &ToolSet) -> Vec<(CallKey, bool)> {
    let key = |call: &ToolCall| {
        let read = serde_json::from_str(&call.arguments).ok();
        let arguments = read
            .as_ref()
            .map_or(call.arguments.clone(), canonical::json);
        let name = call.name.clone();
        let tool = tools.tool(&name);
        let may_repeat = tool.is_some_and(|tool| tool.may_repeat);
        (CallKey { name, arguments }, may_repeat)
    };
    calls.iter().map(key).collect()
}

impl CallState {
    /// A call before it is decided about: valid, or with a result that says what is wrong.
    pub(super) fn new(call: ToolCall, key: CallKey, admission: Admission, tools: &ToolSet) -> Self {
        let valid = match (admission, tools.tool(&call.name)) {
            (Admission::TooMany, _) => Err(too_many()),
            (Admission::Repeated | Admission::Loops, _) => Err(REPEATED.to_owned()),
            (Admission::Admitted, None) => Err(unknown(&call.name, tools)),
            (Admission::Admitted, Some(tool)) => {
                let read = arguments::read(&call.arguments, &tool.parameters);
                read.map(|arguments| (Rc::clone(tool), arguments))
            }
        };
        let (stage, arguments) = match valid {
            Ok((tool, arguments)) => (Stage::Valid(tool), arguments),
            Err(why) => (
                Stage::Ended(not_run(call.id.clone(), why, None)),
                Value::Null,
            ),
        };
        Self {
            call,
            key,
            is_valid: matches!(stage, Stage::Valid(_)),
            arguments,
            is_admitted: admission == Admission::Admitted,
            stage,
            span: None,
            ran: None,
        }
    }

    /// Whether it has no result yet.
    pub(super) fn is_open(&self) -> bool {
        self.result().is_none()
    }

    /// Ends it with this result.
    pub(super) fn end_as(&mut self, result: ToolResult) {
        self.stage = Stage::Ended(result);
    }

    /// Ends it without a run.
    pub(super) fn refuse(&mut self, why: String, decision: Option<DecidedBy>) {
        self.stage = Stage::Ended(not_run(self.call.id.clone(), why, decision));
    }

    /// Allows it, when it is ready.
    pub(super) fn allow(&mut self, permit: Permit) {
        let stage = std::mem::replace(&mut self.stage, Stage::Waiting(permit));
        self.stage = match stage {
            Stage::Ready(call) => Stage::Allowed(call, permit),
            other => other,
        };
    }

    /// What is to be executed of a call that was allowed.
    pub(super) fn start(&mut self) -> Option<(Box<dyn Call>, Permit)> {
        let Stage::Allowed(_, permit) = self.stage else {
            return None;
        };
        match std::mem::replace(&mut self.stage, Stage::Waiting(permit)) {
            Stage::Allowed(call, permit) => Some((call, permit)),
            _ => None,
        }
    }

    /// The call with its result, if it has ended.
    pub(super) fn ended(&self) -> Option<Box<EndedCall>> {
        let result = self.result()?.clone();
        let call = self.call.clone();
        Some(Box::new(EndedCall { call, result }))
    }

    /// Ends it with what it brought after so many milliseconds.
    pub(super) fn end(&mut self, output: ToolOutput, ms: u64, decision: DecidedBy) {
        self.stage = Stage::Ended(ToolResult {
            id: self.call.id.clone(),
            content: output.content,
            is_error: output.is_error,
            has_run: true,
            decision: Some(decision),
            bytes: output.bytes,
            ms,
        });
    }

    /// It ran from this time on.
    pub(super) fn ran(&mut self, start: SystemTime) {
        self.ran = self.span.take().map(|span| RanCall { span, start });
    }

    /// Ends it before its result is there.
    pub(super) fn stop(&mut self, why: &str) {
        let (content, decision) = match &self.stage {
            Stage::Ended(_) => return,
            Stage::Running(permit) => (format!("{why}; it may have run in part"), Some(permit.by)),
            Stage::Waiting(permit) | Stage::Allowed(_, permit) => {
                (format!("{why} before it ran"), Some(permit.by))
            }

            Stage::Valid(_) | Stage::Ready(_) => (format!("{why} before it ran"), None),
        };
        let has_run = matches!(self.stage, Stage::Running(_));
        self.stage = Stage::Ended(ToolResult {
            has_run,
            ..not_run(self.call.id.clone(), content, decision)
        });
    }

    /// Its result, if it has ended.
    pub(super) fn result(&self) -> Option<&ToolResult> {
        match &self.stage {
            Stage::Ended(result) => Some(result),
            _ => None,
        }
    }
}

/// The tools of the calls that have no result, each once.
pub(super) fn open_tools(states: &[CallState]) -> Vec<String> {
    let mut names = Vec::new();
    for state in states.iter().filter(|state| state.is_open()) {
        if !names.contains(&state.call.name) {
            names.push(state.call.name.clone());
        }
    }
    names
}

fn not_run(id: String, why: String, decision: Option<DecidedBy>) -> ToolResult {
    ToolResult {
        id,
        content: why,
        is_error: true,
        decision,
        ..ToolResult::default()
    }
}

/// The result of a call that repeats itself.
const REPEATED: &str = "not run: the same call returned the same result twice; use that result, \
    or make another call";

fn too_many() -> String {
    format!("not run: at most {MOST_OF_ANSWER} calls of one answer run")
}

fn unknown(name: &str, tools: &ToolSet) -> String {
    let names: Vec<&str> = tools.names().collect();
    format!(
        "not run: there is no tool '{name}'; the tools are: {}",
        names.join(", ")
    )
}
