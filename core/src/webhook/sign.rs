//! What a sender of webhooks computes: for tests of a receiver, and for stand-ins of GHL.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use ghlkit_wire::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

#[cfg(feature = "rsa")]
pub use super::rsa::RsaPrivateKey;
#[cfg(feature = "rsa")]
use super::scheme::LEGACY_SIGNATURE_HEADER;
use super::{ed25519::Ed25519Key, scheme::SIGNATURE_HEADER};

/// How to sign a test webhook.
#[derive(Clone, Copy)]
pub enum Signer<'a> {
    /// With a secret, as [`super::Scheme::HmacSha256`] verifies.
    Hmac(&'a str),
    /// With the 32 bytes of an Ed25519 private key, as [`super::Scheme::Ed25519`] verifies.
    Ed25519(&'a [u8; 32]),
    /// With an RSA private key, as [`super::Scheme::Rsa`] verifies.
    #[cfg(feature = "rsa")]
    Rsa(&'a RsaPrivateKey),
    /// With a constant header, as [`super::Scheme::SharedSecret`] verifies.
    SharedSecret {
        /// The header's name.
        header: &'a str,
        /// Its value.
        secret: &'a str,
    },
}

/// The lower-case hex HMAC-SHA256 of a body.
pub fn hmac(secret: &str, raw: &[u8]) -> String {
    // HMAC takes a key of any length, so there is always one.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(&mac.chain_update(raw).finalize().into_bytes()))
        .unwrap_or_default()
}

/// The base64 Ed25519 signature of a body.
pub fn ed25519(private_key: &[u8; 32], raw: &[u8]) -> String {
    STANDARD.encode(SigningKey::from_bytes(private_key).sign(raw).to_bytes())
}

/// The public key that verifies what [`ed25519()`] signs.
pub fn ed25519_public_key(private_key: &[u8; 32]) -> Ed25519Key {
    Ed25519Key::from_verifying_key(SigningKey::from_bytes(private_key).verifying_key())
}

/// The headers of a genuine webhook with this body.
pub fn test_headers(raw: &[u8], signer: Signer<'_>) -> Vec<(String, String)> {
    let (name, value) = match signer {
        Signer::Hmac(secret) => (SIGNATURE_HEADER, hmac(secret, raw)),
        Signer::Ed25519(private_key) => (SIGNATURE_HEADER, ed25519(private_key, raw)),
        #[cfg(feature = "rsa")]
        Signer::Rsa(private_key) => (LEGACY_SIGNATURE_HEADER, private_key.sign(raw)),
        Signer::SharedSecret { header, secret } => (header, secret.to_owned()),
    };
    vec![("content-type".to_owned(), "application/json".to_owned()), (name.to_owned(), value)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_gives_the_published_vector() {
        // RFC 4231, test case 2.
        assert_eq!(
            hmac("Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn ed25519_gives_the_published_vector() {
        // RFC 8032, section 7.1, test 2.
        let key = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let key = hex::decode_32(key.as_bytes()).unwrap();
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(hex::encode(&STANDARD.decode(ed25519(&key, &[0x72])).unwrap()), signature);
    }
}
