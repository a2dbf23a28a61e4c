//! One server on the thread of all servers: started when it is needed, once, and again when it has
//! ended.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::content::CallResult;
use super::declaration::ToolDeclaration;
use super::fault::ServerFault;
use super::kept::KeptLists;
use super::link::Link;
use super::message::NO_SUCH_METHOD;
use super::revision::{Era, NEWEST_INITIALIZED, Revision};
use super::session::{Session, ToolList};
use super::state::ServerState;
use super::target::{Context, Identity, connect, identity};
use crate::config::mcp_server::{McpServer, Transport};
use crate::telemetry::call::CallSpan;
use crate::wire::background::unblock;

/// Calls side by side to a server behind a URL. A process gets one after another.
const CALLS_OVER_HTTP: usize = 16;

/// A server, running or not.
pub(super) struct Server {
    pub config: McpServer,
    identity: Identity,
    context: Arc<Context>,
    kept: Arc<KeptLists>,
    running: tokio::sync::Mutex<Option<Arc<Running>>>,
    /// The connection, from its start on.
    link: Mutex<Option<Arc<Link>>>,
    calls: Semaphore,
    state: Mutex<ServerState>,
}

struct Running {
    session: Session,
    list: tokio::sync::Mutex<CurrentList>,
}

struct CurrentList {
    tools: Arc<ToolList>,
    /// The server has said that it changed, and it was not read since.
    is_stale: bool,
}

impl Server {
    pub(super) fn new(config: McpServer, context: Arc<Context>, kept: Arc<KeptLists>) -> Self {
        let calls = match config.transport {
            Transport::Stdio { .. } => 1,
            Transport::Http { .. } => CALLS_OVER_HTTP,
        };
        Self {
            identity: identity(&config),
            config,
            context,
            kept,
            running: tokio::sync::Mutex::default(),
            link: Mutex::default(),
            calls: Semaphore::new(calls),
            state: Mutex::default(),
        }
    }

    pub(super) fn state(&self) -> ServerState {
        lock(&self.state).clone()
    }

    /// The end of what it wrote to stderr since it started last.
    pub(super) fn stderr(&self) -> String {
        let link = lock(&self.link).clone();
        link.map(|link| link.stderr()).unwrap_or_default()
    }

    /// Its tools; starts it if needed. Who stops waiting does not stop the start.
    pub(super) async fn list(self: &Arc<Self>) -> Result<(Revision, Arc<ToolList>), ServerFault> {
        let running = self.ensure_running().await?;
        Ok((running.session.revision, self.current_list(&running).await?))
    }

    /// The declaration of a tool as it is now; starts the server if needed.
    pub(super) async fn declaration(
        self: &Arc<Self>,
        name: &str,
    ) -> Result<ToolDeclaration, ServerFault> {
        let (_, list) = self.list().await?;
        let tool = list.tool(name).cloned();
        tool.ok_or_else(|| ServerFault::NoTool(name.to_owned()))
    }

    /// Calls a tool, if it is still what was approved.
    pub(super) async fn call(
        self: &Arc<Self>,
        approved: &ToolDeclaration,
        arguments: Value,
        span: Option<&CallSpan>,
    ) -> Result<CallResult, ServerFault> {
        let _permit = self.calls.acquire().await;
        match self.call_once(approved, arguments.clone(), span).await {
            // It was not run: a new session is opened.
            Err(ServerFault::SessionExpired) => self.call_once(approved, arguments, span).await,
            called => called,
        }
    }

    async fn call_once(
        self: &Arc<Self>,
        approved: &ToolDeclaration,
        arguments: Value,
        span: Option<&CallSpan>,
    ) -> Result<CallResult, ServerFault> {
        let running = self.ensure_running().await?;
        let list = self.current_list(&running).await?;
        match list.tool(&approved.name) {
            None => return Err(ServerFault::NoTool(approved.name.clone())),
            Some(tool) if tool != approved => return Err(ServerFault::Changed),
            Some(_) => {}
        }
        let most = self.config.timeout;
        let called = timeout(most, running.session.call(approved, arguments, span)).await;
        called.unwrap_or(Err(ServerFault::Silent(most)))
    }

    /// Ends it, with all that it started.
    pub(super) async fn end(&self) {
        let link = lock(&self.link).take();
        if let Some(link) = link {
            link.end().await;
        }
        *lock(&self.state) = ServerState::NotStarted;
    }

    /// The list, read again when the server has said that it changed, or could not say it.
    async fn current_list(&self, running: &Running) -> Result<Arc<ToolList>, ServerFault> {
        let mut list = running.list.lock().await;
        list.is_stale |= running.session.link.take_tools_changed();
        if running.session.link.take_stream_ended() {
            // A proxy closes a stream on which nothing happens. What came after was told to nobody.
            running.session.listen().await;
            list.is_stale = true;
        }
        if list.is_stale {
            let most = self.config.timeout;
            let read = timeout(most, running.session.list()).await;
            list.tools = Arc::new(read.unwrap_or(Err(ServerFault::Silent(most)))?);
            list.is_stale = false;
            self.keep(running.session.revision, &list.tools).await;
        }
        Ok(Arc::clone(&list.tools))
    }

    async fn ensure_running(self: &Arc<Self>) -> Result<Arc<Running>, ServerFault> {
        let server = Arc::clone(self);
        let started = tokio::spawn(async move {
            let mut running = server.running.lock().await;
            if let Some(running) = running.as_ref().filter(|running| running.is_alive()) {
                return Ok(Arc::clone(running));
            }
            if let Some(ended) = running.take() {
                tokio::spawn(async move { ended.session.link.end().await });
            }
            let started = server.start().await;
            *lock(&server.state) = ServerState::after(&started);
            if let Err(fault) = &started {
                server.note_failure(fault).await;
            }
            let started = Arc::new(started?);
            *running = Some(Arc::clone(&started));
            Ok(started)
        });
        started.await.unwrap_or(Err(ServerFault::Stopped))
    }

    async fn start(&self) -> Result<Running, ServerFault> {
        *lock(&self.state) = ServerState::Starting;
        let deadline = Instant::now() + self.config.start_timeout;
        let keys = [self.identity.key.clone()];
        let kept = self.kept.lists(&keys).pop().flatten();
        let revision = kept.map(|kept| kept.revision);
        match self.connect(revision, deadline).await {
            // Many servers of before `server/discover` end at any request but `initialize`. One
            // that amx has ended has no link any more.
            Err(ServerFault::EndedAtDiscover(_)) if lock(&self.link).is_some() => {
                self.connect(Some(NEWEST_INITIALIZED), deadline).await
            }
            connected => connected,
        }
    }

    async fn connect(
        &self,
        revision: Option<Revision>,
        deadline: Instant,
    ) -> Result<Running, ServerFault> {
        let (config, context) = (self.config.clone(), Arc::clone(&self.context));
        // The runtime of this thread, which the pipes belong to.
        let runtime = tokio::runtime::Handle::current();
        let connected = unblock(move || {
            let _entered = runtime.enter();
            connect(&config, &context)
        });
        let link = Arc::new(connected.await.unwrap_or(Err(ServerFault::Stopped))?);
        *lock(&self.link) = Some(Arc::clone(&link));
        let opened = timeout_at(deadline, self.open(Arc::clone(&link), revision)).await;
        let opened = opened.unwrap_or(Err(ServerFault::Silent(self.config.start_timeout)));
        if opened.is_err() {
            tokio::spawn(async move { link.end().await });
        }
        opened
    }

    /// Opens the conversation and reads the list. A revision that the server had before is tried
    /// first, and another one when it is refused.
    async fn open(
        &self,
        link: Arc<Link>,
        revision: Option<Revision>,
    ) -> Result<Running, ServerFault> {
        let mut opened = listed(Arc::clone(&link), revision).await;
        let is_other = matches!(&opened, Err(fault) if fault.is_refusal());
        if is_other && revision.is_some() {
            opened = listed(link, None).await;
        }
        let (session, list) = opened?;
        session.listen().await;
        self.keep(session.revision, &list).await;
        Ok(Running {
            session,
            list: tokio::sync::Mutex::new(CurrentList {
                tools: Arc::new(list),
                is_stale: false,
            }),
        })
    }

    async fn note_failure(&self, fault: &ServerFault) {
        let (kept, key) = (Arc::clone(&self.kept), self.identity.key.clone());
        let why = ServerFault::detail(&fault.to_string());
        let _ = unblock(move || kept.fail(&key, &why)).await;
    }

    async fn keep(&self, revision: Revision, list: &ToolList) {
        let (kept, key, list) = (
            Arc::clone(&self.kept),
            self.identity.key.clone(),
            list.clone(),
        );
        // A list that is not saved is read again by the next process.
        let _ = unblock(move || kept.keep(&key, revision, &list)).await;
    }
}

/// Opens a conversation and reads the list. A server that settled its revision and has no list has
/// no tools.
async fn listed(
    link: Arc<Link>,
    kept: Option<Revision>,
) -> Result<(Session, ToolList), ServerFault> {
    let session = Session::open(link, kept).await?;
    let is_settled = kept.is_none_or(|kept| kept.era == Era::Initialize);
    match session.list().await {
        Err(ServerFault::Refused { code, .. }) if code == NO_SUCH_METHOD && is_settled => {
            Ok((session, ToolList::default()))
        }
        list => list.map(|list| (session, list)),
    }
}

impl Running {
    fn is_alive(&self) -> bool {
        !self.session.link.has_ended()
    }
}

impl ServerState {
    fn after(started: &Result<Running, ServerFault>) -> Self {
        match started {
            Ok(running) => Self::Running {
                revision: running.session.revision.name,
            },
            Err(fault) => Self::Failed(fault.to_string()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
