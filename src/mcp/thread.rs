//! The one thread of all servers: its own event queue, which outlives each question.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::fault::ServerFault;
use super::kept::KeptLists;
use super::server::Server;
use super::target::Context;
use crate::config::mcp_server::McpServer;
use crate::wire::background;

/// Time for all servers together to end.
const END_WAIT: Duration = Duration::from_millis(2300);

/// Time for the thread to end: more only where the machine is too busy to end in [`END_WAIT`].
const THREAD_WAIT: Duration = Duration::from_millis(2500);

pub(super) type Job = Box<dyn FnOnce(&mut Pool) + Send>;

/// The servers of the thread, by name.
pub(super) struct Pool {
    context: Arc<Context>,
    kept: Arc<KeptLists>,
    servers: HashMap<String, Arc<Server>>,
}

impl Pool {
    /// The server of these settings. One of other settings and the same name is ended.
    pub(super) fn server(&mut self, config: &McpServer) -> Arc<Server> {
        if let Some(server) = self.servers.get(&config.name) {
            if server.config == *config {
                return Arc::clone(server);
            }
            let replaced = Arc::clone(server);
            tokio::spawn(async move { replaced.end().await });
        }
        let (context, kept) = (Arc::clone(&self.context), Arc::clone(&self.kept));
        let server = Arc::new(Server::new(config.clone(), context, kept));
        self.servers
            .insert(config.name.clone(), Arc::clone(&server));
        server
    }

    pub(super) fn known(&self, name: &str) -> Option<Arc<Server>> {
        self.servers.get(name).map(Arc::clone)
    }

    async fn end(&mut self) {
        let mut ending = JoinSet::new();
        for (_, server) in self.servers.drain() {
            ending.spawn(async move { server.end().await });
        }
        let all = async { while ending.join_next().await.is_some() {} };
        // What is left is killed when its process is dropped.
        let _ = timeout(END_WAIT, all).await;
    }
}

/// The running thread. Dropping it ends the servers and waits for that.
pub(super) struct ServerThread {
    jobs: Option<mpsc::UnboundedSender<Job>>,
    ended: blocking::Receiver<()>,
}

impl ServerThread {
    pub(super) fn start(context: Arc<Context>, kept: Arc<KeptLists>) -> Result<Self, ServerFault> {
        let refused = |what: &str| ServerFault::NotStarted(format!("the system refuses {what}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| refused("an event queue"))?;
        let (jobs, mut queue) = mpsc::unbounded_channel::<Job>();
        let (ends, ended) = blocking::channel();
        let started = background::spawn(move || {
            let mut pool = Pool {
                context,
                kept,
                servers: HashMap::new(),
            };
            runtime.block_on(async {
                while let Some(job) = queue.recv().await {
                    job(&mut pool);
                }
                pool.end().await;
            });
            runtime.shutdown_timeout(Duration::ZERO);
            // Nobody waits when the program is ending.
            let _ = ends.send(());
        });
        started.map_err(|_| refused("a thread"))?;
        Ok(Self {
            jobs: Some(jobs),
            ended,
        })
    }

    /// Does a job on the thread.
    pub(super) fn run(&self, job: Job) -> Result<(), ServerFault> {
        let jobs = self.jobs.as_ref().ok_or(ServerFault::Stopped)?;
        jobs.send(job).map_err(|_| ServerFault::Stopped)
    }
}

impl Drop for ServerThread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let _ = self.ended.recv_timeout(THREAD_WAIT);
    }
}
