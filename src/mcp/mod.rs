//! Servers of the Model Context Protocol, whose tools a model may call.
//!
//! # Files
//!
//! - `servers` is the handle that a question or a conversation holds; `offer` and `tool` make tools
//!   of it, `choice` says which servers a question needs.
//! - `thread` is the one thread of all servers, `server` one of them on it: started when it is
//!   needed, asked again when its list changed, ended within a bound.
//! - `session` speaks the protocol: which `revision`, lists, calls. `message`, `declaration`,
//!   `content` and `header_parameters` read and write its JSON, without input and output.
//! - `link` is the way to a server: `stdio` (`process`, `lines`) or `http`; `target` makes it of
//!   the settings.
//! - `kept` keeps the lists of servers, so that a question starts none of them.
//!
//! # Life of a server
//!
//! 1. A question takes the tools of its servers from the kept lists. A server without one is
//!    started, and its list is stored.
//! 2. The model calls a tool: the server is started, and its list is read. A tool that is no longer
//!    what it was when it last ran is shown with the difference before it runs.
//! 3. It runs until the last handle is dropped: stdin is closed, its group is terminated, killed.

pub(crate) mod choice;
mod content;
mod declaration;
pub(crate) mod fault;
mod header_parameters;
mod http;
pub(crate) mod kept;
mod lines;
mod link;
mod message;
pub(crate) mod offer;
mod process;
mod recorded_lists;
mod revision;
mod server;
pub(crate) mod servers;
mod session;
pub(crate) mod state;
mod stdio;
#[cfg(test)]
pub(crate) mod stub_server;
mod target;
mod thread;
mod token_source;
mod tool;
