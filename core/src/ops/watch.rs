//! Streams of what happens to orders, for a host that takes them piece by piece.

use std::sync::Arc;

use futures::lock::Mutex;
use serde::Deserialize;

use super::{Cancel, args::write, settle::settle};
use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    json,
    sync::{Engine, Watch, WatchOptions},
};

/// Largest JSON of what is asked for, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// What a host asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    order_id: Option<OrderId>,
    #[serde(default)]
    location_id: Option<LocationId>,
    #[serde(default)]
    last_event_id: Option<String>,
    /// What the customer shows.
    #[serde(default)]
    token: Option<String>,
    /// Whether the host itself has let the caller in: then no token is needed.
    #[serde(default)]
    allowed: bool,
}

/// A stream that is open until it ends, or [`Watching::end`] is called. A clone is the same stream.
#[derive(Clone)]
pub struct Watching(Arc<Inner>);

struct Inner {
    watch: Mutex<Option<Watch>>,
    cancel: Cancel,
}

/// Begins a stream, given JSON of `{ orderId?, locationId?, lastEventId?, token?, allowed? }`: of an order for whoever has a
/// token for it, of anything for whom the host has let in.
///
/// # Errors
/// `unauthorized`; as [`Engine::watch`] and [`Engine::check_order_token`].
pub async fn watch(engine: &Engine, args: &str) -> Result<Watching> {
    let asked: Asked = json::read(args.as_bytes(), "options", MAX_BYTES)?;
    if !asked.allowed {
        let nobody =
            || Error::new(Code::Unauthorized, "token: expected one for this order").with_field("token");
        let (order, token) = asked.order_id.as_ref().zip(asked.token.as_ref()).ok_or_else(nobody)?;
        engine.check_order_token(asked.location_id.as_ref(), order, token)?;
    }
    let options = WatchOptions {
        order: asked.order_id,
        location: asked.location_id,
        last_event_id: asked.last_event_id,
    };
    let watch = Mutex::new(Some(engine.watch(options).await?));
    Ok(Watching(Arc::new(Inner { watch, cancel: Cancel::new() })))
}

impl Watching {
    /// The settled text of what comes next: frames, or null once the stream has ended.
    pub async fn next(&self) -> String {
        let mut held = self.0.watch.lock().await;
        let Some(mut watch) = held.take() else { return settle(write(&None::<String>)) };
        let mut goes_on = false;
        let text = self.0.cancel.guard(async {
            let next = watch.next().await;
            goes_on = next.is_some();
            settle(write(&next))
        });
        let text = text.await;
        *held = goes_on.then_some(watch);
        drop(held);
        if self.0.cancel.is_fired() {
            // Whoever fired it may have come while the stream was held here.
            *self.0.watch.lock().await = None;
        }
        text
    }

    /// Ends it; what waits for more is aborted.
    pub fn end(&self) {
        self.0.cancel.fire();
        if let Some(mut held) = self.0.watch.try_lock() {
            *held = None;
        }
    }
}
