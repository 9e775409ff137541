//! The ports as an operating system has them.
// The files of `sql` are compiled for each database.
#![allow(clippy::duplicate_mod)]

#[cfg(feature = "axum")]
pub mod axum;
mod clock;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod database;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod doctor;
mod entropy;
mod http;
#[cfg(feature = "monitor")]
pub mod monitor;
mod oauth;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(feature = "websocket")]
mod socket;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use clock::SystemClock;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use database::{Database, DatabaseOptions};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use doctor::{doctor, env_settings, unopened};
pub use entropy::OsEntropy;
pub use http::HyperTransport;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use oauth::open_oauth;
pub use oauth::{BackgroundTokens, oauth_tokens};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use open::{OpenOptions, client, open, open_with_store, shares};
#[cfg(feature = "smtp")]
pub use smtp::SmtpSender;
#[cfg(feature = "websocket")]
pub use socket::TungsteniteConnector;
