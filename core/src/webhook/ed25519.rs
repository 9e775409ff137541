use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};

use super::spki;
use crate::error::{Error, Result};

/// The public key HighLevel signs the webhooks of apps with, as published in HighLevel's Webhook
/// Integration Guide.
pub const HIGHLEVEL_ED25519_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=
-----END PUBLIC KEY-----";

/// What precedes the 32 bytes of the key in its DER form (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// The length of a signature in canonical, padded base64.
const SIGNATURE_CHARS: usize = 88;

/// A public key that webhooks are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct Ed25519Key(VerifyingKey);

impl Ed25519Key {
    /// Reads a key: PEM (`-----BEGIN PUBLIC KEY-----`), or the base64 of its DER form or of its 32 bytes.
    ///
    /// # Errors
    /// `config`, field `ed25519 key`: not of that form, not a point of the curve, or a weak key under
    /// which anyone can make valid signatures.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = || {
            Error::config(
                "ed25519 key",
                "expected a PEM public key or base64 of it, as HighLevel publishes it",
            )
        };
        let der = spki::decode(text).ok_or_else(malformed)?;
        let key = der.strip_prefix(SPKI_PREFIX.as_slice()).unwrap_or(&der);
        let key = <&[u8; 32]>::try_from(key).map_err(|_| malformed())?;
        Self::from_bytes(key)
    }

    /// A key of 32 bytes.
    ///
    /// # Errors
    /// As [`Ed25519Key::parse`].
    pub fn from_bytes(key: &[u8; 32]) -> Result<Self> {
        VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak()).map(Self).ok_or_else(|| {
            Error::config("ed25519 key", "expected the 32 bytes of a strong Ed25519 public key")
        })
    }

    /// The key HighLevel publishes.
    ///
    /// # Errors
    /// None in practice: the tests read the built-in key.
    pub fn highlevel() -> Result<Self> {
        Self::parse(HIGHLEVEL_ED25519_KEY)
    }

    /// Whether `signature`, in its one accepted spelling of canonical padded base64, is this key's over
    /// the bytes. The strict check refuses signatures that could be altered and stay valid.
    pub(super) fn verifies(&self, raw: &[u8], signature: &[u8]) -> bool {
        if signature.len() != SIGNATURE_CHARS {
            return false;
        }
        let decoded = STANDARD.decode(signature).ok();
        let signature = decoded.and_then(|bytes| Signature::from_slice(&bytes).ok());
        signature.is_some_and(|signature| self.0.verify_strict(raw, &signature).is_ok())
    }

    pub(super) fn from_verifying_key(key: VerifyingKey) -> Self {
        Self(key)
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Key({})", STANDARD.encode(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW_HEX: &str = "8b61d1d6cacbe28d7c3bc0516bb815258ec6edbba96cddc7f40c09ac708388e8";

    #[test]
    fn the_published_key_is_read_in_every_form() {
        let raw = ghlkit_wire::hex::decode_32(RAW_HEX.as_bytes()).unwrap();
        let key = Ed25519Key::from_bytes(&raw).unwrap();
        let one_line = HIGHLEVEL_ED25519_KEY.replace('\n', "");
        for text in [
            HIGHLEVEL_ED25519_KEY,
            &HIGHLEVEL_ED25519_KEY.replace('\n', "\r\n"),
            &one_line,
            "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=",
            &STANDARD.encode(raw),
            &format!("  {} \n", STANDARD.encode(raw)),
        ] {
            assert_eq!(Ed25519Key::parse(text).unwrap(), key, "{text}");
        }
        assert_eq!(Ed25519Key::highlevel().unwrap(), key);
    }

    #[test]
    fn what_is_no_strong_key_is_refused() {
        let rsa =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode([7; 294]));
        let weak = STANDARD.encode([0; 32]);
        let identity: [u8; 32] = std::array::from_fn(|i| u8::from(i == 0));
        for text in ["", "key", "AAAA", &rsa, &weak, &STANDARD.encode(identity), &STANDARD.encode([2; 32])] {
            let error = Ed25519Key::parse(text).unwrap_err();
            assert_eq!(error.code(), crate::Code::Config, "{text}");
        }
    }
}
