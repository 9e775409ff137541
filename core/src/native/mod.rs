//! The ports as an operating system has them.

mod clock;
mod entropy;
mod http;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use clock::SystemClock;
pub use entropy::OsEntropy;
pub use http::ReqwestTransport;
