//! The ports as an operating system has them.

mod clock;
mod entropy;
mod http;
mod oauth;
#[cfg(feature = "sqlite")]
mod open;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use clock::SystemClock;
pub use entropy::OsEntropy;
pub use http::ReqwestTransport;
#[cfg(feature = "sqlite")]
pub use oauth::open_oauth;
pub use oauth::{BackgroundTokens, oauth_tokens};
#[cfg(feature = "sqlite")]
pub use open::{OpenOptions, client, open, open_with_store};
