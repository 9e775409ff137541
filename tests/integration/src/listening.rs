//! A shop that listens to a Socket.IO server.

use std::net::SocketAddr;

use ghlkit::{
    config::{Realtime, TokenPlace},
    secret::Secret,
    sync::Engine,
};
use serde_json::{Value, json};

use crate::{Peer, Shop, Worker, wait_until};

/// What a client must say.
pub const SOCKET_TOKEN: &str = "s0cket-5ecret";

/// Where a server of this machine is listened to.
pub fn realtime(address: SocketAddr) -> Realtime {
    Realtime {
        origin: format!("ws://{address}"),
        path: "/socket.io/".to_owned(),
        namespace: "/socket".to_owned(),
        token: Some(Secret::new(SOCKET_TOKEN)),
        token_in: TokenPlace::Auth,
        events: None,
        reconnect_delay_ms: 40,
        reconnect_delay_max_ms: 200,
    }
}

/// A Socket.IO server that wants that token, with these options beside.
pub async fn gateway(options: Value) -> Peer {
    let mut all = json!({ "namespace": "/socket", "token": SOCKET_TOKEN });
    all.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap_or_default());
    Peer::socket_io(all).await
}

/// A server's address.
pub fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Shop {
    /// A worker that listens.
    pub async fn listen(&self, realtime: Realtime) -> (Engine, Worker) {
        let engine =
            Box::pin(self.another_engine(|config| config.locations[0].realtime = Some(realtime))).await;
        let worker = Worker::start(&engine);
        (engine, worker)
    }

    /// Waits until a reconciliation that began after that has ended; gives when it began.
    pub async fn reconciled(&self, after: i64) -> i64 {
        wait_until("the gap is mended", || async move {
            let states =
                self.db.column("SELECT state FROM ghlkit_states WHERE kind = 'reconcile.repair'").await;
            let state: Value = serde_json::from_str(states.first()?).ok()?;
            let begun = state["begun"].as_i64()?;
            (state["place"].is_null() && begun > after).then_some(begun)
        })
        .await
    }
}
