//! The tools of a question: which are declared, and how the calls of an answer are run.

mod call_log;
mod calls;
mod early_end;
mod guard;
mod servers;
mod session;
mod side_by_side;
mod steps;
mod tape;
mod tool_loop;
mod tool_set;

pub(crate) use servers::{check_server, start_named, start_servers};
pub(crate) use session::ToolSession;
pub(crate) use steps::{LastStep, NoTools, StepEnd, Steps, TimeLimit};
pub(crate) use tool_loop::ToolLoop;
pub(crate) use tool_set::{ToolSet, choose, rules_alone, unused};
