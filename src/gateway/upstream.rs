//! The providers, as one thread of the server reaches them: each has HTTP clients of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::route::RouteTarget;
use super::state::Gateway;
use crate::chat::error::ChatError;
use crate::wire::client::{Client, Url, is_loopback};
use crate::wire::error::WireError;
use crate::wire::server::ListenAddress;

/// What distinguishes HTTP clients: reading certificates takes time, so `https` has one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ClientKind {
    is_https: bool,
    is_loopback: bool,
    is_direct: bool,
}

/// The providers, as one thread of the server reaches them.
pub(crate) struct Upstream {
    pub(super) gateway: Arc<Gateway>,
    /// Where the server listens.
    pub(super) listen: ListenAddress,
    clients: Mutex<HashMap<ClientKind, Arc<Client>>>,
    /// The base URL of the demo provider, once it runs.
    demo: OnceCell<Url>,
}

impl Upstream {
    pub(crate) fn new(gateway: Arc<Gateway>, listen: ListenAddress) -> Self {
        Self {
            gateway,
            listen,
            clients: Mutex::default(),
            demo: OnceCell::new(),
        }
    }

    /// The client for a target. Its connections belong to this thread.
    pub(super) fn client(
        &self,
        base_url: &Url,
        target: &RouteTarget,
    ) -> Result<Arc<Client>, ChatError> {
        let kind = ClientKind {
            is_https: base_url.scheme() == "https",
            is_loopback: is_loopback(base_url),
            is_direct: target.client.direct,
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(Client::new(base_url, &target.client)?);
        clients.insert(kind, Arc::clone(&client));
        Ok(client)
    }

    /// The server of a target. The demo provider starts when it is first needed.
    pub(super) async fn base_url(&self, target: &RouteTarget) -> Result<Url, ChatError> {
        if !target.entry.is_demo() {
            return Ok(target.base_url.clone());
        }
        let started = self.demo.get_or_try_init(crate::demo::start).await;
        started.cloned().map_err(|error| {
            ChatError::Wire(WireError::Connect {
                endpoint: "the demo provider".to_owned(),
                source: anyhow::Error::new(error),
            })
        })
    }
}
