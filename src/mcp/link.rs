//! The way to a server: the pipes of a process, or HTTP.

use super::fault::ServerFault;
use super::http::HttpLink;
use super::message::{Outgoing, cancellation, notification};
use super::revision::{Era, Revision};
use super::stdio::{Outcome, StdioLink};

pub(super) enum Link {
    Stdio(StdioLink),
    Http(HttpLink),
}

impl Link {
    /// The name of the transport on spans.
    pub(super) fn transport(&self) -> &'static str {
        match self {
            Self::Stdio(_) => "pipe",
            Self::Http(_) => "tcp",
        }
    }

    /// Sends a request and waits for its answer. A caller that stops waiting should
    /// [`cancel`](Self::cancel) it.
    pub(super) async fn request(
        &self,
        id: u64,
        request: &Outgoing<'_>,
        revision: Revision,
    ) -> Result<Outcome, ServerFault> {
        let body = request.to_json(id, revision);
        match self {
            Self::Stdio(link) => link.request(id, body).await,
            Self::Http(link) => link.request(id, request, body, revision).await,
        }
    }

    /// Subscribes to notifications; the answer says nothing more.
    pub(super) async fn listen(&self, id: u64, request: &Outgoing<'_>, revision: Revision) {
        match self {
            Self::Stdio(link) if revision.era == Era::Discover => {
                link.send(request.to_json(id, revision)).await;
            }
            Self::Stdio(_) => {}
            Self::Http(link) => link.listen(id, request, revision),
        }
    }

    pub(super) async fn notify(
        &self,
        method: &'static str,
        revision: Revision,
    ) -> Result<(), ServerFault> {
        let message = notification(method, None, revision);
        match self {
            Self::Stdio(link) => {
                link.send(message).await;
                Ok(())
            }
            Self::Http(link) => link.notify(method, message, revision).await,
        }
    }

    /// Says that a request is no longer waited for. Over HTTP the newer revisions close the
    /// connection instead.
    pub(super) fn cancel(&self, id: u64, revision: Revision) {
        match self {
            Self::Stdio(link) => link.send_now(cancellation(id, revision)),
            Self::Http(link) if revision.era == Era::Initialize => {
                link.cancel(cancellation(id, revision), revision);
            }
            Self::Http(_) => {}
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        match self {
            Self::Stdio(link) => link.has_ended(),
            Self::Http(link) => link.has_ended(),
        }
    }

    pub(super) fn take_tools_changed(&self) -> bool {
        match self {
            Self::Stdio(link) => link.take_tools_changed(),
            Self::Http(link) => link.take_tools_changed(),
        }
    }

    /// Whether a stream that only brought notifications ended since the last call of this.
    pub(super) fn take_stream_ended(&self) -> bool {
        match self {
            Self::Stdio(_) => false,
            Self::Http(link) => link.take_stream_ended(),
        }
    }

    pub(super) fn stderr(&self) -> String {
        match self {
            Self::Stdio(link) => link.stderr(),
            Self::Http(_) => String::new(),
        }
    }

    pub(super) async fn end(&self) {
        match self {
            Self::Stdio(link) => link.end().await,
            Self::Http(link) => link.end().await,
        }
    }
}
