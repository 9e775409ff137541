//! Server-sent events of orders: from where a browser reads on, and whether it may. No I/O.
//!
//! The log is one, and many read it at once: [`Tail`] follows it to its end without missing what is committed late, and a
//! [`Cursor`] is how far one reader has come, as it travels in `id:` and `Last-Event-ID`.

mod cursor;
mod frame;
mod tail;
mod token;

pub use cursor::Cursor;
pub use frame::{PING, frame, greeting};
pub use tail::Tail;
pub use token::{MAX_TOKEN_MS, MIN_SECRET_BYTES, OrderTokens};
