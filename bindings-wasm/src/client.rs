use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use ghlkit::{
    Error,
    client::Client,
    config::ClientSettings,
    ids::LocationId,
    ops::{self, Cancel, Hooks},
};
use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::{
    host::{FetchTransport, HostClock, HostEntropy},
    thrown,
};

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    fn wake(call: u32);

    /// Calls a listener, but not before this call of the module has returned.
    fn tell(listener: &Function, event: &str);
}

/// A client of GHL.
#[wasm_bindgen]
pub struct ClientHandle {
    client: Client,
    location: Option<LocationId>,
    hooks: Hooks,
}

/// A client from the JSON of its settings, over `fetch`; `undefined`: over what `globalThis.fetch` is at
/// each call.
///
/// # Errors
/// A settled error as the message.
#[wasm_bindgen(js_name = clientNew)]
pub fn client_new(settings: &str, fetch: JsValue) -> Result<ClientHandle, JsError> {
    opened(settings, fetch).map_err(thrown)
}

fn opened(settings: &str, fetch: JsValue) -> Result<ClientHandle, Error> {
    let settings = ClientSettings::from_json(settings)?;
    let transport = Arc::new(FetchTransport::new(fetch));
    let (client, location) =
        settings.build(None, transport, Arc::new(HostClock), Arc::new(HostEntropy::new()?))?;
    let hooks = Hooks::new();
    Ok(ClientHandle { client: hooks.observing(&client), location, hooks })
}

/// Tells this listener what happens to calls, of these kinds.
///
/// # Errors
/// A settled error as the message.
#[wasm_bindgen(js_name = clientListen)]
pub fn client_listen(client: &ClientHandle, kinds: &str, listener: Function) -> Result<(), JsError> {
    client.hooks.listen(kinds, move |event: String| tell(&listener, &event)).map_err(thrown)
}

/// A call under way. It moves only when polled: each call is driven by a promise of its own, so that a
/// host which ties I/O to the request it serves sees it where it belongs.
#[wasm_bindgen]
pub struct CallHandle {
    call: Pin<Box<dyn Future<Output = String>>>,
    cancel: Cancel,
    waker: Waker,
}

#[wasm_bindgen]
impl CallHandle {
    /// Goes on with the call: the settled text once there is one, else nothing before it is woken.
    pub fn poll(&mut self) -> Option<String> {
        match self.call.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(settled) => Some(settled),
            Poll::Pending => None,
        }
    }

    /// Ends the call: it is woken, and settles as `aborted`.
    pub fn cancel(&self) {
        self.cancel.fire();
    }
}

/// Begins a call of an operation of GHL's API. `id` is what `host.mjs` wakes it by.
#[wasm_bindgen(js_name = clientCall)]
pub fn client_call(client: &ClientHandle, op: String, args: String, options: String, id: u32) -> CallHandle {
    let ClientHandle { client, location, .. } = client;
    let (client, location, cancel) = (client.clone(), location.clone(), Cancel::new());
    let guard = cancel.clone();
    let call = async move { guard.guard(ops::call(&client, location.as_ref(), &op, &args, &options)).await };
    CallHandle { call: Box::pin(call), cancel, waker: Arc::new(Call(id)).into() }
}

struct Call(u32);

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        wake(self.0);
    }
}
