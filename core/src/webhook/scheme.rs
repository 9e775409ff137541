use ghlkit_wire::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Accepted, ed25519::Ed25519Key};
use crate::{
    error::{Error, Result},
    secret::Secret,
};

/// The header of both signature schemes. GHL's apps and the shops' own HMAC use the same name.
pub const SIGNATURE_HEADER: &str = "x-ghl-signature";

/// A way to tell that a webhook is genuine. Several secrets or keys serve rotation: any one may match.
#[derive(Debug, Clone)]
pub enum Scheme {
    /// Lower-case hex HMAC-SHA256 of the raw body in [`SIGNATURE_HEADER`], for senders that share a secret.
    HmacSha256 {
        /// The secrets, none empty.
        secrets: Vec<Accepted<Secret>>,
    },
    /// Base64 Ed25519 signature of the raw body in [`SIGNATURE_HEADER`]: what GHL's app webhooks carry.
    Ed25519 {
        /// The keys; [`Ed25519Key::highlevel`] for GHL itself.
        keys: Vec<Accepted<Ed25519Key>>,
    },
    /// A constant header, for the webhooks of GHL's workflows, which GHL does not sign. It does not
    /// protect the body: use it over HTTPS only.
    SharedSecret {
        /// The header's name.
        header: String,
        /// The secrets, none empty.
        secrets: Vec<Accepted<Secret>>,
    },
}

/// The scheme that verified a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifiedBy {
    /// [`Scheme::HmacSha256`].
    HmacSha256,
    /// [`Scheme::Ed25519`].
    Ed25519,
    /// [`Scheme::SharedSecret`]: the sender is known, the body is not protected.
    SharedSecret,
}

impl VerifiedBy {
    /// The scheme's name in the configuration: `hmac`, `ed25519` or `shared-secret`.
    pub fn as_str(self) -> &'static str {
        match self {
            VerifiedBy::HmacSha256 => "hmac",
            VerifiedBy::Ed25519 => "ed25519",
            VerifiedBy::SharedSecret => "shared-secret",
        }
    }
}

/// A scheme made ready: keys are set up once, not for every webhook.
#[derive(Clone)]
pub(super) enum Check {
    Hmac(Vec<Accepted<Hmac<Sha256>>>),
    Ed25519(Vec<Accepted<Ed25519Key>>),
    Shared { header: String, digests: Vec<Accepted<[u8; 32]>> },
}

impl Check {
    pub(super) fn new(scheme: Scheme) -> Result<Self> {
        match scheme {
            Scheme::HmacSha256 { secrets } => Ok(Check::Hmac(prepared("hmac", secrets, |secret| {
                Hmac::new_from_slice(secret).map_err(|_| Error::config("hmac", "expected a usable secret"))
            })?)),
            Scheme::Ed25519 { keys } if keys.is_empty() => {
                Err(Error::config("ed25519", "expected at least one public key"))
            }
            Scheme::Ed25519 { keys } => Ok(Check::Ed25519(keys)),
            Scheme::SharedSecret { header, secrets } => {
                let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
                if header.is_empty() || !header.bytes().all(token) {
                    return Err(Error::config("shared-secret", "expected the name of an HTTP header"));
                }
                if header.eq_ignore_ascii_case(SIGNATURE_HEADER) {
                    let taken = format_args!("{SIGNATURE_HEADER} carries signatures; choose another header");
                    return Err(Error::config("shared-secret", taken));
                }
                let digests = prepared("shared-secret", secrets, |secret| Ok(Sha256::digest(secret).into()))?;
                Ok(Check::Shared { header, digests })
            }
        }
    }

    pub(super) fn header(&self) -> &str {
        match self {
            Check::Hmac(_) | Check::Ed25519(_) => SIGNATURE_HEADER,
            Check::Shared { header, .. } => header,
        }
    }

    pub(super) fn kind(&self) -> VerifiedBy {
        match self {
            Check::Hmac(_) => VerifiedBy::HmacSha256,
            Check::Ed25519(_) => VerifiedBy::Ed25519,
            Check::Shared { .. } => VerifiedBy::SharedSecret,
        }
    }

    /// Whether the header's value proves the body genuine. Comparisons with secrets take the same time
    /// however much of the value is right.
    pub(super) fn verifies(&self, raw: &[u8], value: &[u8], now_ms: i64) -> bool {
        match self {
            Check::Hmac(keyed) => hex::decode_32(value).is_some_and(|signature| {
                let mut keyed = keyed.iter().filter_map(|mac| mac.at(now_ms));
                keyed.any(|mac| mac.clone().chain_update(raw).verify_slice(&signature).is_ok())
            }),
            Check::Ed25519(keys) => {
                keys.iter().filter_map(|key| key.at(now_ms)).any(|key| key.verifies(raw, value))
            }
            Check::Shared { digests, .. } => {
                // Digests have one length, so the time does not tell the secret's.
                let given: [u8; 32] = Sha256::digest(value).into();
                digests
                    .iter()
                    .filter_map(|digest| digest.at(now_ms))
                    .any(|digest| bool::from(digest.ct_eq(&given)))
            }
        }
    }
}

fn prepared<T>(
    name: &str,
    secrets: Vec<Accepted<Secret>>,
    prepare: impl Fn(&[u8]) -> Result<T>,
) -> Result<Vec<Accepted<T>>> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.value.expose().is_empty()) {
        return Err(Error::config(
            name,
            "expected at least one secret, and none empty: anyone knows the empty one",
        ));
    }
    secrets.into_iter().map(|secret| secret.try_map(|secret| prepare(secret.expose().as_bytes()))).collect()
}
