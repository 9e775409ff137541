//! What the outside supplies: HTTP, WebSockets, time, randomness, tokens and a store.
//!
//! Each is a trait used as `Arc<dyn …>`; [`bounds`] is the only file that knows the target.

mod bell;
pub mod bounds;
mod clock;
mod entropy;
mod http;
mod manufacturing;
mod message;
mod notifier;
mod socket;
pub mod store;
mod token;

pub use bell::Bell;
pub use bounds::{BoxFuture, Shared};
pub use clock::Clock;
pub(crate) use clock::iso;
pub use entropy::Entropy;
pub use http::{HttpRequest, HttpResponse, HttpTransport, Method, TransportError, TransportErrorKind};
pub use manufacturing::ManufacturingSource;
pub use message::{Message, MessageSender};
pub use notifier::{Notice, Notifier};
pub use socket::{Frame, Socket, SocketConnector, SocketRequest};
pub use token::TokenSource;
