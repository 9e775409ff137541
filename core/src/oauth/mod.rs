//! OAuth 2.0: an app of GHL's marketplace installs itself, and its tokens renew themselves.
//!
//! [`OAuthTokens`] is all of it: it sends a person to the consent page and takes the answer, keeps the tokens
//! encrypted in a [`TokenStore`](crate::ports::store::TokenStore), and is the
//! [`TokenSource`](crate::ports::TokenSource) of a client. A refresh token can be used once, so whoever uses it
//! holds the row's lease, and whoever saves what it gave has read the row: however many tasks and processes
//! share a store, a token is refreshed once.

mod app;
mod authorize;
mod grant;
mod install;
mod installed;
mod keyring;
mod mint;
mod rekey;
mod renewal;
mod save;
mod slot;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod tokens;
mod vault;

pub use app::{DEFAULT_CONSENT_URL, OAuthApp};
pub use install::{AppChange, Installation};
pub use installed::InstalledLocation;
pub use keyring::Keyring;
pub use rekey::Rekeyed;
pub use source::Cached;
pub use tokens::{OAuthPorts, OAuthTokens};
