//! The ports as an operating system has them.

mod clock;
mod entropy;
mod http;
#[cfg(feature = "sqlite")]
mod open;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use clock::SystemClock;
pub use entropy::OsEntropy;
pub use http::ReqwestTransport;
#[cfg(feature = "sqlite")]
pub use open::{OpenOptions, client, open, open_with_store};
