//! The providers, as one thread of the server reaches them: each has HTTP clients of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem::Finder;
use tokio::sync::OnceCell;

use super::front::Front;
use super::route::RouteTarget;
use super::state::Gateway;
use crate::chat::attempts::endpoint_url;
use crate::chat::error::ChatError;
use crate::wire::client::{Client, Url, is_loopback};
use crate::wire::error::WireError;
use crate::wire::server::ListenAddress;

/// Most keys of providers whose finders are kept. A key may be a new one each hour.
const MOST_FINDERS: usize = 64;

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
    /// For the keys of the providers.
    finders: Mutex<Vec<Arc<Finder<'static>>>>,
    /// The base URL of the demo provider, once it runs.
    demo: OnceCell<Url>,
}

impl Upstream {
    pub(crate) fn new(gateway: Arc<Gateway>, listen: ListenAddress) -> Self {
        Self {
            gateway,
            listen,
            clients: Mutex::default(),
            finders: Mutex::default(),
            demo: OnceCell::new(),
        }
    }

    /// The client for a target. Its connections belong to this thread.
    pub(super) fn client(&self, url: &Url, target: &RouteTarget) -> Result<Arc<Client>, ChatError> {
        let kind = ClientKind {
            is_https: url.scheme() == "https",
            is_loopback: is_loopback(url),
            is_direct: target.client.direct,
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(Client::new(url, &target.client)?);
        clients.insert(kind, Arc::clone(&client));
        Ok(client)
    }

    /// The URL of an API of a target. The demo provider starts when it is first needed.
    pub(super) async fn url(&self, target: &RouteTarget, front: Front) -> Result<Url, ChatError> {
        if !target.entry.is_demo() {
            return Ok(target.url(front).clone());
        }
        let started = self.demo.get_or_try_init(crate::demo::start).await;
        let base = started.map_err(|error| {
            ChatError::Wire(WireError::Connect {
                endpoint: "the demo provider".to_owned(),
                source: anyhow::Error::new(error),
            })
        })?;
        Ok(endpoint_url(base, front.row().path))
    }

    /// What finds a key in answers.
    pub(super) fn finder(&self, key: &str) -> Arc<Finder<'static>> {
        let mut finders = self.finders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = finders.iter();
        if let Some(known) = known.find(|known| known.needle() == key.as_bytes()) {
            return Arc::clone(known);
        }
        if finders.len() >= MOST_FINDERS {
            finders.clear();
        }
        let finder = Arc::new(Finder::new(key).into_owned());
        finders.push(Arc::clone(&finder));
        finder
    }
}
