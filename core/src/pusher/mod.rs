//! Pusher Channels: requests to its HTTP API, signatures of its clients and of its webhooks. No I/O.
//!
//! As documented at <https://pusher.com/docs/channels/library_auth_reference/rest-api/> and the pages beside it; servers that
//! speak the same, such as soketi, are reached by `host`.

mod app;
mod auth;
mod names;
mod trigger;
mod webhook;

pub use app::PusherApp;
pub use auth::{ChannelAuth, Member};
pub use names::{channel_of, check_channel, check_event};
pub(crate) use trigger::Signed;
pub use trigger::{MAX_BATCH, MAX_CHANNELS, MAX_DATA_BYTES, Trigger};
pub use webhook::{PusherEvent, PusherWebhook};
