use ghlkit::ops::SocketSession;
use wasm_bindgen::prelude::*;

use crate::thrown;

/// A Socket.IO session, whose connections the host makes.
#[wasm_bindgen]
pub struct SocketHandle(SocketSession);

/// A session from the JSON of its options.
///
/// # Errors
/// A settled error as the message.
#[wasm_bindgen(js_name = socketNew)]
pub fn socket_new(options: &str) -> Result<SocketHandle, JsError> {
    SocketSession::new(options).map(SocketHandle).map_err(thrown)
}

/// Tells a session what came; JSON of what to do.
#[wasm_bindgen(js_name = socketTell)]
pub fn socket_tell(socket: &mut SocketHandle, what: &str, text: &str, now_ms: f64, random: f64) -> String {
    // A time beyond what `i64` holds becomes the last it holds.
    socket.0.tell(what, text, now_ms as i64, random)
}
