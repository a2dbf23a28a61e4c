//! An address without a listener, reserved so that no other process can listen there.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// Refuses every connection until it is dropped. A port that was only free a moment ago may be
/// given to the next server that asks for any.
pub struct Nowhere(TcpSocket);

impl Nowhere {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address())
    }
}
