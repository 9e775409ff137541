//! Secrets that print as `[redacted]` and are wiped when dropped.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use sha2::Sha256;

use crate::error::{Error, Result};

/// A token, key or password. `Debug` shows no part of it, there is no `Display`, and no `Serialize`.
#[derive(Clone)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The beginning of an HMAC-SHA256 under it, over these texts: each with its length, so that no two lists of them are the same
    /// bytes. The first is to say what it is for.
    ///
    /// # Errors
    /// `config`, where it cannot be a key; HMAC takes any.
    pub(crate) fn mac_of(&self, parts: &[&str]) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.expose().as_bytes())
            .map_err(|_| Error::config("secret", "cannot be used as a key"))?;
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(mac)
    }

    /// The text itself: only for the place that sends or computes with it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Some(Secret::new("pit-1234"))), "Some([redacted])");
    }
}
