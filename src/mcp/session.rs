//! A conversation with a server: its revision, its list of tools, calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::content::{self, CallResult};
use super::declaration::{LARGEST_LIST, MOST_TOOLS, ToolDeclaration, read_page};
use super::fault::ServerFault;
use super::header_parameters::of_call;
use super::link::Link;
use super::message::{
    AtMost, ERRORS_OF_DISCOVER, Outgoing, RpcError, UNSUPPORTED_REVISION, client_info,
};
use super::revision::{Era, NEWEST, NEWEST_INITIALIZED, Revision};
use crate::telemetry::call::CallSpan;
use crate::telemetry::names;

/// A server that does not answer `server/discover` in this time is older than it.
const DISCOVER_WAIT: Duration = Duration::from_secs(10);

/// Most pages of a list of tools.
const MOST_PAGES: usize = 50;

/// Most revisions that are read of an answer.
const MOST_REVISIONS: usize = 50;

/// The ID of the next request: never one of an earlier conversation over the same connection.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An open conversation.
pub(super) struct Session {
    pub link: Arc<Link>,
    pub revision: Revision,
}

/// The tools of a server, as it listed them last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ToolList {
    pub tools: Vec<ToolDeclaration>,
    /// Tools that cannot be offered, and why.
    pub left_out: Vec<String>,
}

impl ToolList {
    pub(super) fn tool(&self, name: &str) -> Option<&ToolDeclaration> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

#[derive(Deserialize)]
struct Discovered {
    #[serde(default, rename = "supportedVersions")]
    supported: AtMost<String, MOST_REVISIONS>,
}

#[derive(Deserialize)]
struct Initialized {
    #[serde(default, rename = "protocolVersion")]
    revision: String,
}

impl Session {
    /// Opens a conversation: in the revision that the server had before, else in the newest that
    /// both have.
    pub(super) async fn open(link: Arc<Link>, kept: Option<Revision>) -> Result<Self, ServerFault> {
        let mut session = Self {
            link,
            revision: NEWEST,
        };
        match kept {
            Some(kept) if kept.era == Era::Discover => session.revision = kept,
            Some(kept) => session.initialize(kept).await?,
            None => session.discover().await?,
        }
        Ok(session)
    }

    async fn discover(&mut self) -> Result<(), ServerFault> {
        let id = next_id();
        let request = Outgoing::new("server/discover", json!({}));
        let asked = self.link.request(id, &request, NEWEST);
        let Ok(answer) = timeout(DISCOVER_WAIT, asked).await else {
            return self.initialize(NEWEST_INITIALIZED).await;
        };
        let chosen = match answer {
            Ok(Ok(result)) => {
                let read = serde_json::from_str::<Discovered>(result.get());
                let supported = read.map(|read| read.supported.items).unwrap_or_default();
                common_revision(&supported)?
            }
            Ok(Err(error)) => revision_after(&error)?,
            Err(ServerFault::Http { .. } | ServerFault::Protocol(_) | ServerFault::NoAnswer(_)) => {
                NEWEST_INITIALIZED
            }
            Err(ServerFault::Ended(how)) => return Err(ServerFault::EndedAtDiscover(how)),
            Err(fault) => return Err(fault),
        };
        match chosen.era {
            Era::Discover => {
                self.revision = chosen;
                Ok(())
            }
            Era::Initialize => self.initialize(chosen).await,
        }
    }

    async fn initialize(&mut self, offered: Revision) -> Result<(), ServerFault> {
        self.revision = offered;
        let parameters = json!({
            "protocolVersion": offered.name,
            "capabilities": {},
            "clientInfo": client_info(),
        });
        let result = self.ask(&Outgoing::new("initialize", parameters)).await?;
        let answered: Initialized = serde_json::from_str(&result)
            .map_err(|error| ServerFault::Protocol(format!("no answer to initialize: {error}")))?;
        self.revision = match Revision::named(&answered.revision) {
            Some(revision) if revision.era == Era::Initialize => revision,
            _ => {
                return Err(ServerFault::Revision(ServerFault::detail(
                    &answered.revision,
                )));
            }
        };
        let method = "notifications/initialized";
        self.link.notify(method, self.revision).await
    }

    /// The result of a request, as JSON.
    async fn ask(&self, request: &Outgoing<'_>) -> Result<String, ServerFault> {
        let id = next_id();
        let cancels = Cancels { session: self, id };
        let answer = self.link.request(id, request, self.revision).await;
        std::mem::forget(cancels);
        match answer? {
            Ok(result) => Ok(String::from(Box::<str>::from(result))),
            Err(error) => Err(ServerFault::refused(request.method, &error)),
        }
    }

    /// Subscribes to changes of the tools, where the revision needs that.
    pub(super) async fn listen(&self) {
        let parameters = json!({"notifications": {"toolsListChanged": true}});
        let request = Outgoing::new("subscriptions/listen", parameters);
        self.link.listen(next_id(), &request, self.revision).await;
    }

    /// Reads all pages of the list of tools. Two tools of one name are both omitted.
    pub(super) async fn list(&self) -> Result<ToolList, ServerFault> {
        let mut list = ToolList::default();
        let mut cursor: Option<String> = None;
        let mut bytes = 0;
        for page in 0.. {
            let parameters = cursor.map_or(json!({}), |cursor| json!({"cursor": cursor}));
            let result = self.ask(&Outgoing::new("tools/list", parameters)).await?;
            let read = read_page(&result).map_err(ServerFault::Protocol)?;
            bytes += read.bytes;
            list.tools.extend(read.tools);
            list.left_out.extend(read.left_out);
            cursor = read.next_cursor;
            let is_full = list.tools.len() >= MOST_TOOLS || bytes > LARGEST_LIST;
            if read.has_more || (cursor.is_some() && (is_full || page + 1 == MOST_PAGES)) {
                list.tools.truncate(MOST_TOOLS);
                let kept = list.tools.len();
                list.left_out
                    .push(format!("all after the first {kept} tools"));
                break;
            }
            if cursor.is_none() {
                break;
            }
        }
        leave_out_doubles(&mut list);
        Ok(list)
    }

    /// Calls a tool.
    pub(super) async fn call(
        &self,
        tool: &ToolDeclaration,
        arguments: Value,
        span: Option<&CallSpan>,
    ) -> Result<CallResult, ServerFault> {
        if let Some(span) = span {
            span.note(names::MCP_METHOD, CALL);
            span.note(names::MCP_REVISION, self.revision.name);
            span.note(names::TRANSPORT, self.link.transport());
        }
        let headers = of_call(&tool.parameters, &arguments);
        let request = Outgoing {
            name: Some(&tool.name),
            headers,
            traceparent: span.map(CallSpan::traceparent),
            ..Outgoing::new(CALL, json!({"name": tool.name, "arguments": arguments}))
        };
        let result = self.ask(&request).await?;
        content::read(&result).map_err(ServerFault::Protocol)
    }
}

/// The method of a call.
const CALL: &str = "tools/call";

/// Cancels a request that is dropped before its answer.
struct Cancels<'a> {
    session: &'a Session,
    id: u64,
}

impl Drop for Cancels<'_> {
    fn drop(&mut self) {
        self.session.link.cancel(self.id, self.session.revision);
    }
}

/// The revision for a server that supports these. One that lists none is older than
/// `server/discover`.
fn common_revision(supported: &[String]) -> Result<Revision, ServerFault> {
    if supported.is_empty() {
        return Ok(NEWEST_INITIALIZED);
    }
    Revision::newest_of(supported)
        .ok_or_else(|| ServerFault::Revision(ServerFault::detail(&supported.join(", "))))
}

/// What a server that refuses `server/discover` speaks.
fn revision_after(error: &RpcError) -> Result<Revision, ServerFault> {
    if error.code == UNSUPPORTED_REVISION {
        common_revision(&error.supported)
    } else if ERRORS_OF_DISCOVER.contains(&error.code) {
        Ok(NEWEST)
    } else {
        Ok(NEWEST_INITIALIZED)
    }
}

fn leave_out_doubles(list: &mut ToolList) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for tool in &list.tools {
        *count.entry(tool.name.clone()).or_default() += 1;
    }
    list.tools.retain(|tool| count[&tool.name] == 1);
    let doubles = count.into_iter().filter(|(_, times)| *times > 1);
    let words = doubles.map(|(name, times)| format!("'{name}', which is listed {times} times"));
    list.left_out.extend(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i64, supported: &[&str]) -> Result<&'static str, ServerFault> {
        let supported = supported.iter().map(|name| (*name).to_owned()).collect();
        revision_after(&RpcError {
            code,
            message: String::new(),
            supported,
        })
        .map(|revision| revision.name)
    }

    #[test]
    fn a_refused_discover_says_which_revision_the_server_speaks() {
        for code in [-32601, -32602, -32603, 0, -32000] {
            assert_eq!(refused(code, &[]), Ok("2025-11-25"), "{code}");
        }
        assert_eq!(refused(-32020, &[]), Ok("2026-07-28"));
        assert_eq!(refused(-32021, &[]), Ok("2026-07-28"));
        assert_eq!(
            refused(-32022, &["2025-06-18", "2025-03-26"]),
            Ok("2025-06-18")
        );
        assert_eq!(
            refused(-32022, &["2026-07-28", "2027-01-01"]),
            Ok("2026-07-28")
        );
        let unknown = refused(-32022, &["2027-01-01"]).unwrap_err().to_string();
        assert!(unknown.ends_with("(2027-01-01)"), "{unknown}");
    }

    #[test]
    fn two_tools_of_one_name_are_both_left_out() {
        let tool = |name: &str| ToolDeclaration {
            name: name.to_owned(),
            description: None,
            parameters: json!({}),
            annotations: None,
        };
        let mut list = ToolList {
            tools: vec![tool("a"), tool("b"), tool("a")],
            left_out: Vec::new(),
        };
        leave_out_doubles(&mut list);
        assert_eq!(list.tools, [tool("b")]);
        assert_eq!(list.left_out, ["'a', which is listed 2 times"]);
    }
}
