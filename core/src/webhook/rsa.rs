use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, PublicEncryptingKey},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ghlkit_wire::hex;
use sha2::{Digest, Sha256};

use super::spki;
use crate::error::{Error, Result};

/// The public key HighLevel signed the webhooks of apps with before it had [`super::HIGHLEVEL_ED25519_KEY`], as
/// published in HighLevel's Webhook Authentication Guide.
pub const HIGHLEVEL_RSA_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSC
Frm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCpVpt4XHIcBOK4u3cLSqJGOLaPuXw6
dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfB
csedpinheNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpv
uxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3OdeCVx5klVXXZQGNHOs8gF
3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKU
J062fRtN+rLYZUV+BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXp
IocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVNA5rw576PwTzN
h/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhC
HULgCsnuDJHcrGNd5/Ddm5hxGQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJ
PQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IGKAyk
T1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ==
-----END PUBLIC KEY-----";

/// An RSA public key of 2048 to 8192 bits that webhooks are verified with.
#[derive(Clone)]
pub struct RsaKey {
    key: ParsedPublicKey,
    /// The length of a signature.
    bytes: usize,
}

impl RsaKey {
    /// Reads a key: PEM (`-----BEGIN PUBLIC KEY-----`), or the base64 of its DER form.
    ///
    /// # Errors
    /// `config`, field `rsa key`: not of that form, or not an RSA key of 2048 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self> {
        let expected =
            "expected a PEM public key of 2048 to 8192 bits, or base64 of it, as HighLevel publishes it";
        spki::decode(text)
            .as_deref()
            .and_then(Self::from_der)
            .ok_or_else(|| Error::config("rsa key", expected))
    }

    /// The key HighLevel publishes.
    ///
    /// # Errors
    /// None in practice: the tests read the built-in key.
    pub fn highlevel() -> Result<Self> {
        Self::parse(HIGHLEVEL_RSA_KEY)
    }

    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let key = PublicEncryptingKey::from_der(der).ok()?;
        // Other forms are read too, and what follows the key is not looked at.
        let canonical = AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok()?;
        if canonical.as_ref() != der {
            return None;
        }
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok()?;
        Some(Self { key: parsed, bytes: key.key_size_bytes() })
    }

    /// Whether `signature`, in its one accepted spelling of canonical padded base64, is this key's over
    /// the bytes.
    pub(super) fn verifies(&self, raw: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.bytes.div_ceil(3) * 4 {
            return false;
        }
        let decoded = STANDARD.decode(signature).ok().filter(|decoded| decoded.len() == self.bytes);
        decoded.is_some_and(|signature| self.key.verify_sig(raw, &signature).is_ok())
    }
}

impl PartialEq for RsaKey {
    fn eq(&self, other: &Self) -> bool {
        self.key.as_ref() == other.key.as_ref()
    }
}

impl Eq for RsaKey {}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = hex::encode(&Sha256::digest(self.key.as_ref()));
        write!(f, "RsaKey({} bits, sha256 {fingerprint})", self.bytes * 8)
    }
}

/// An RSA private key that test webhooks are signed with.
pub struct RsaPrivateKey {
    pair: KeyPair,
    public: RsaKey,
}

impl RsaPrivateKey {
    /// A new key of 2048 bits.
    ///
    /// # Errors
    /// `config`, field `rsa key`: the system gives no randomness.
    pub fn generate() -> Result<Self> {
        let made = || {
            let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
            let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?;
            let public = RsaKey::from_der(der.as_ref())?;
            Some(Self { pair, public })
        };
        made().ok_or_else(|| Error::config("rsa key", "expected randomness of the system to make one"))
    }

    /// The key that verifies what this one signs.
    pub fn public_key(&self) -> RsaKey {
        self.public.clone()
    }

    /// The base64 RSA-SHA256 signature (PKCS #1 v1.5) of a body.
    pub fn sign(&self, raw: &[u8]) -> String {
        let mut signature = vec![0; self.public.bytes];
        // It fails for a buffer of another length only.
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), raw, &mut signature);
        signed.map(|()| STANDARD.encode(&signature)).unwrap_or_default()
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey of {:?}", self.public)
    }
}

#[cfg(test)]
mod tests;
