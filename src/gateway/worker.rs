//! A thread of the server: it answers requests.

use std::sync::Arc;

use super::answer::{Failure, Opened};
use super::exchange::Exchange;
use super::front::Front;
use super::record::Record;
use super::request::{self, Prepared};
use super::state::Gateway;
use super::upstream::Upstream;
use super::{reply, stream, transport};
use crate::wire::server::{Handler, IncomingRequest, ListenAddress, ServerReply};

/// One thread of the server.
pub(crate) struct Worker(Arc<Upstream>);

impl Worker {
    pub(crate) fn new(gateway: Arc<Gateway>, listen: ListenAddress) -> Self {
        Self(Arc::new(Upstream::new(gateway, listen)))
    }

    /// Asks the providers, and answers with what comes of it.
    async fn ask(self: Arc<Self>, exchange: Exchange) -> ServerReply {
        let front = exchange.front;
        let is_stream = exchange.body.is_stream() && front != Front::Embeddings;
        let id = exchange.record.id.clone();
        let mut opening: stream::Opening = Box::pin(async move {
            let mut exchange = exchange;
            let opened = exchange.open().await;
            (exchange, opened)
        });
        let (mut exchange, opened) = if is_stream {
            tokio::select! {
                biased;
                opened = &mut opening => opened,
                () = tokio::time::sleep(self.0.gateway.options.keep_alive) => {
                    return reply::waiting(opening, &id, front, &self.0.gateway);
                }
            }
        } else {
            opening.await
        };
        exchange.record.first_byte();
        match opened {
            Ok(Opened::Stream(stream)) => reply::stream(exchange, *stream),
            Ok(Opened::Whole(whole)) => reply::whole(whole, exchange),
            Err(Failure::Refused(refusal)) => reply::whole(*refusal, exchange),
            Err(Failure::Own(problem)) => reply::problem(&problem, front, &mut exchange.record),
        }
    }
}

impl Handler for Worker {
    async fn handle(self: Arc<Self>, mut request: IncomingRequest) -> ServerReply {
        let mut record = Record::new(Arc::clone(&self.0.gateway));
        let form = Front::form_of(&request.head.path);
        let origin = transport::allowed_origin(&request.head.headers, &self.0.gateway.options);
        let origin = origin.map(str::to_owned);
        let mut reply = match request::prepare(&self.0, &mut request, &mut record).await {
            Ok(Prepared::Reply(reply)) => {
                record.status = Some(reply.status);
                reply
            }
            Ok(Prepared::Ask(prepared)) => {
                let exchange = prepared.into_exchange(Arc::clone(&self.0), record);
                self.ask(exchange).await
            }
            Err(problem) => reply::problem(&problem, form, &mut record),
        };
        if let Some(origin) = origin {
            reply.set("access-control-allow-origin", &origin);
            reply.set("vary", "origin");
        }
        reply
    }
}
