use ghlkit_wire::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

#[cfg(feature = "rsa")]
use super::rsa::RsaKey;
use super::{Accepted, ed25519::Ed25519Key};
use crate::{
    error::{Error, Result},
    secret::Secret,
};

/// The header of both signature schemes. GHL's apps and the shops' own HMAC use the same name.
pub const SIGNATURE_HEADER: &str = "x-ghl-signature";
/// The header of the RSA signatures that GHL's apps sent before.
pub const LEGACY_SIGNATURE_HEADER: &str = "x-wh-signature";

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
    /// Base64 RSA-SHA256 signature (PKCS #1 v1.5) of the raw body in [`LEGACY_SIGNATURE_HEADER`]: what GHL's app
    /// webhooks carried before Ed25519.
    #[cfg(feature = "rsa")]
    Rsa {
        /// The keys; [`RsaKey::highlevel`] for GHL itself.
        keys: Vec<Accepted<RsaKey>>,
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
    /// [`Scheme::Rsa`].
    #[cfg(feature = "rsa")]
    Rsa,
    /// [`Scheme::SharedSecret`]: the sender is known, the body is not protected.
    SharedSecret,
}

impl VerifiedBy {
    /// The scheme's name in the configuration: `hmac`, `ed25519`, `rsa` or `shared-secret`.
    pub fn as_str(self) -> &'static str {
        match self {
            VerifiedBy::HmacSha256 => "hmac",
            VerifiedBy::Ed25519 => "ed25519",
            #[cfg(feature = "rsa")]
            VerifiedBy::Rsa => "rsa",
            VerifiedBy::SharedSecret => "shared-secret",
        }
    }
}

/// A scheme made ready: keys are set up once, not for every webhook.
#[derive(Clone)]
pub(super) enum Check {
    Hmac(Vec<Accepted<Hmac<Sha256>>>),
    Ed25519(Vec<Accepted<Ed25519Key>>),
    #[cfg(feature = "rsa")]
    Rsa(Vec<Accepted<RsaKey>>),
    Shared {
        header: String,
        digests: Vec<Accepted<[u8; 32]>>,
        /// For signing a test.
        secrets: Vec<Accepted<Secret>>,
    },
}

impl Check {
    pub(super) fn new(scheme: Scheme) -> Result<Self> {
        match scheme {
            Scheme::HmacSha256 { secrets } => Ok(Check::Hmac(prepared("hmac", secrets, |secret| {
                Hmac::new_from_slice(secret).map_err(|_| Error::config("hmac", "expected a usable secret"))
            })?)),
            Scheme::Ed25519 { keys } => Ok(Check::Ed25519(some("ed25519", keys)?)),
            #[cfg(feature = "rsa")]
            Scheme::Rsa { keys } => Ok(Check::Rsa(some("rsa", keys)?)),
            Scheme::SharedSecret { header, secrets } => {
                let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
                if header.is_empty() || !header.bytes().all(token) {
                    return Err(Error::config("shared-secret", "expected the name of an HTTP header"));
                }
                let signatures = [SIGNATURE_HEADER, LEGACY_SIGNATURE_HEADER];
                if let Some(name) = signatures.into_iter().find(|name| header.eq_ignore_ascii_case(name)) {
                    let taken = format_args!("{name} carries signatures; choose another header");
                    return Err(Error::config("shared-secret", taken));
                }
                let digest = |secret: &[u8]| Ok(Sha256::digest(secret).into());
                let digests = prepared("shared-secret", secrets.clone(), digest)?;
                Ok(Check::Shared { header, digests, secrets })
            }
        }
    }

    pub(super) fn header(&self) -> &str {
        match self {
            Check::Hmac(_) | Check::Ed25519(_) => SIGNATURE_HEADER,
            #[cfg(feature = "rsa")]
            Check::Rsa(_) => LEGACY_SIGNATURE_HEADER,
            Check::Shared { header, .. } => header,
        }
    }

    pub(super) fn kind(&self) -> VerifiedBy {
        match self {
            Check::Hmac(_) => VerifiedBy::HmacSha256,
            Check::Ed25519(_) => VerifiedBy::Ed25519,
            #[cfg(feature = "rsa")]
            Check::Rsa(_) => VerifiedBy::Rsa,
            Check::Shared { .. } => VerifiedBy::SharedSecret,
        }
    }

    /// What a sender who has the secret would put into the header; `None` where only HighLevel can sign, or no secret is
    /// accepted any more.
    pub(super) fn test_signature(&self, raw: &[u8], now_ms: i64) -> Option<String> {
        match self {
            Check::Hmac(keyed) => {
                let mac = keyed.iter().find_map(|mac| mac.at(now_ms))?;
                Some(hex::encode(&mac.clone().chain_update(raw).finalize().into_bytes()))
            }
            Check::Shared { secrets, .. } => {
                secrets.iter().find_map(|secret| secret.at(now_ms)).map(|secret| secret.expose().to_owned())
            }
            _ => None,
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
            #[cfg(feature = "rsa")]
            Check::Rsa(keys) => {
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

fn some<T>(name: &str, keys: Vec<Accepted<T>>) -> Result<Vec<Accepted<T>>> {
    let none = || Error::config(name, "expected at least one public key");
    (!keys.is_empty()).then_some(keys).ok_or_else(none)
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
