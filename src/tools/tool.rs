//! A tool that may be called, and what a call of it brought.

use std::pin::Pin;
use std::rc::Rc;

use serde_json::Value;

use crate::ports::approval::CallToApprove;

/// A tool of a question.
pub(crate) struct Tool {
    /// The name that is sent: at most 64 of `[A-Za-z0-9_-]`, unique in the question.
    pub name: String,
    pub description: Option<String>,
    /// The JSON Schema of its author, by which arguments are checked; what is sent may be simpler.
    pub parameters: Value,
    /// Where it is from, as lists show it: `command`, `built-in`, or `server NAME`.
    pub source: String,
    /// The same call may be made again and again, as for polling.
    pub may_repeat: bool,
    pub runner: Rc<dyn Runner>,
}

impl Tool {
    /// Its name where it comes from.
    pub(crate) fn own_name(&self) -> &str {
        self.runner.own_name().unwrap_or(&self.name)
    }
}

/// Runs the calls of one tool. All futures run on one thread.
pub(crate) trait Runner {
    /// Makes ready what would be executed for these arguments, which match the schema: fills the
    /// arguments of a command, starts a server. The error is the result for the model.
    fn prepare<'a>(&'a self, arguments: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>>;

    /// Its name where it comes from, such as a server; `None` where that is the one that is sent.
    fn own_name(&self) -> Option<&str> {
        None
    }

    /// Why it cannot be called on this machine, as a program that is not installed.
    fn missing(&self) -> Option<String> {
        None
    }
}

/// A call that is ready to be executed: what it shows for approval is what it executes.
pub(crate) trait Call {
    /// What a person is shown.
    fn shown(&self) -> CallToApprove;

    /// Executes it, with every limit. Dropping the future ends what was started.
    fn run(self: Box<Self>) -> Pending<'static, ToolOutput>;
}

pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The result of a call without output: some providers refuse an empty one.
pub(crate) const NO_OUTPUT: &str = "[no output]";

/// What an executed call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolOutput {
    /// For the model, within the limits of the tool.
    pub content: String,
    pub is_error: bool,
    /// Bytes that the tool wrote, before anything was omitted.
    pub bytes: u64,
}
