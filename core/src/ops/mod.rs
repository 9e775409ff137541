//! What the bindings can call, by name and JSON text: they convert and decide nothing.
//!
//! Five tables, each from a name and JSON arguments to a settled text, `{"ok": …}` or `{"error": …}`:
//! [`evaluate`] (functions without I/O), [`call`] (operations of GHL's API), [`engine_call`] (the sync
//! engine), [`oauth_call`] (an app's installations) and [`database_call`] (what is shared through a database). Beside
//! them stand the hot path of webhooks, [`Opener`], the [`Feed`] of events, the streams of [`watch()`], and the [`Hooks`] of calls.

mod args;
mod cancel;
mod client;
mod database;
mod engine;
mod feed;
mod hooks;
mod oauth;
mod pure;
mod settle;
#[cfg(feature = "realtime")]
mod socket;
mod table;
#[cfg(feature = "ts")]
pub mod typescript;
mod watch;
mod webhook;

pub use cancel::Cancel;
#[cfg(feature = "testing")]
pub use client::{SampleRequest, sample_requests};
pub use client::{call, names as client_ops};
pub use database::database_call;
pub use engine::{engine_call, names as engine_ops, receive_webhook};
pub use feed::{Bell, CustomerMessage, Feed, FeedItem, OrderEvent};
pub use hooks::{Hooks, Listener};
pub use oauth::{authorize_url, names as oauth_ops, oauth_call};
pub use pure::{evaluate, evaluate_mapping, names as pure_ops};
pub use settle::{error_text, settle, settle_value};
#[cfg(feature = "realtime")]
pub use socket::SocketSession;
pub use watch::{Watching, watch};
pub use webhook::{Opener, open_webhook, parse_webhook, verifier};
