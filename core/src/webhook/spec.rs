use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor},
};

#[cfg(feature = "rsa")]
use super::RsaKey;
use super::{Accepted, DEFAULT_MAX_BYTES, Ed25519Key, Scheme, Tolerance, Verifier};
use crate::{
    error::{Error, Result},
    json::at,
    secret::Secret,
};

/// The largest limit on a body that can be set, in bytes: 64 MiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How webhooks are verified, as it is given in JSON: at least one scheme; with several, any one that
/// verifies accepts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VerifierSpec {
    /// The secret of the `hmac` scheme, or several while one replaces another.
    pub hmac: Option<Secrets>,
    /// `true` for HighLevel's published key, or a public key (PEM, or base64 of it), or several.
    pub ed25519: Option<PublicKeys>,
    /// `true` for the RSA key HighLevel published before, or a public key (PEM, or base64 of it), or several.
    #[cfg(feature = "rsa")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub rsa: Option<PublicKeys>,
    /// The header of the `shared-secret` scheme and what it must hold.
    pub shared_secret: Option<SharedSecretSpec>,
    /// How far a webhook's `timestamp` may be from now, in milliseconds; 0 to 259,200,000 (72 hours).
    /// Default: 300,000 where nothing is remembered, 259,200,000 in the engine, which remembers.
    pub tolerance_ms: Option<i64>,
    /// Refuses a webhook without a `timestamp`. Default: it is accepted, as most of HighLevel's have none.
    pub require_timestamp: Option<bool>,
    /// The largest body, in bytes; 1 to 67,108,864. Default: 1,048,576.
    pub max_bytes: Option<u64>,
}

/// The `shared-secret` scheme.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SharedSecretSpec {
    /// The name of the header.
    pub header: String,
    /// What it must hold, or several while one replaces another.
    pub secret: Secrets,
}

/// One secret, or several for rotation; each a text, or with the last moment at which it is accepted.
#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(
        type = "string | { secret: string, notAfter?: string } | Array<string | { secret: string, notAfter?: string }>"
    )
)]
pub struct Secrets(pub Vec<Accepted<Secret>>);

/// `true` for the key HighLevel publishes, or a public key, or several for rotation; each a text, or with the last moment
/// at which it is accepted.
#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(
        rename = "Ed25519Keys",
        type = "true | string | { key: string, notAfter?: string } | Array<string | { key: string, notAfter?: string }>"
    )
)]
pub enum PublicKeys {
    /// The key HighLevel publishes.
    HighLevel,
    /// One key, or several for rotation.
    Given(Vec<Accepted<String>>),
}

impl VerifierSpec {
    /// The verifier; `tolerance` holds where none is given.
    ///
    /// # Errors
    /// `config`, whose field is the part, e.g. `sharedSecret.header` or `toleranceMs`, or `hmac` where no
    /// scheme is given at all.
    pub fn build(&self, tolerance: Tolerance) -> Result<Verifier> {
        let mut schemes = Vec::new();
        if let Some(Secrets(secrets)) = &self.hmac {
            filled("hmac", secrets)?;
            schemes.push(Scheme::HmacSha256 { secrets: secrets.clone() });
        }
        if let Some(keys) = &self.ed25519 {
            schemes.push(Scheme::Ed25519 {
                keys: keys.read("ed25519", Ed25519Key::highlevel, Ed25519Key::parse)?,
            });
        }
        #[cfg(feature = "rsa")]
        if let Some(keys) = &self.rsa {
            schemes.push(Scheme::Rsa { keys: keys.read("rsa", RsaKey::highlevel, RsaKey::parse)? });
        }
        if let Some(SharedSecretSpec { header, secret: Secrets(secrets) }) = &self.shared_secret {
            filled("sharedSecret.secret", secrets)?;
            schemes.push(Scheme::SharedSecret { header: header.clone(), secrets: secrets.clone() });
        }
        if schemes.is_empty() {
            let none = "expected a secret here, or `ed25519` or `sharedSecret`: without a scheme every webhook \
                        would be refused";
            return Err(Error::config("hmac", none));
        }
        let max_bytes = self.max_bytes.map_or(Ok(DEFAULT_MAX_BYTES), |given| {
            let fits = usize::try_from(given).ok().filter(|bytes| (1..=MAX_BODY_BYTES).contains(bytes));
            let expected = format_args!("expected 1 to {MAX_BODY_BYTES} bytes, got {given}");
            fits.ok_or_else(|| Error::config("maxBytes", expected))
        })?;
        // Secrets and keys are checked, so all that can be wrong with a scheme is the header's name.
        let verifier = at("sharedSecret.header", Verifier::new(schemes, self.tolerance(tolerance)?))?;
        Ok(verifier.with_max_bytes(max_bytes))
    }

    fn tolerance(&self, default: Tolerance) -> Result<Tolerance> {
        let given = self.tolerance_ms.map(Tolerance::from_ms).transpose();
        let tolerance = at("toleranceMs", given)?.unwrap_or(default);
        Ok(if self.require_timestamp == Some(true) { tolerance.requiring_timestamp() } else { tolerance })
    }
}

impl PublicKeys {
    fn read<K>(
        &self,
        field: &str,
        highlevel: fn() -> Result<K>,
        parse: fn(&str) -> Result<K>,
    ) -> Result<Vec<Accepted<K>>> {
        match self {
            PublicKeys::HighLevel => Ok(vec![highlevel()?.into()]),
            PublicKeys::Given(keys) if keys.is_empty() => {
                Err(Error::config(field, "expected true, a public key, or a list of at least one"))
            }
            PublicKeys::Given(keys) => {
                let parsed = |key: &Accepted<String>| key.clone().try_map(|key| at(field, parse(&key)));
                keys.iter().map(parsed).collect()
            }
        }
    }
}

/// Anyone knows the empty secret.
fn filled(field: &str, secrets: &[Accepted<Secret>]) -> Result<()> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.value.expose().is_empty()) {
        return Err(Error::config(field, "expected a secret, or a list of at least one, and none empty"));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secrets =
            OneOrMany { expected: "a secret or a list of secrets", name: "secret", yes: None::<Self> };
        Ok(match deserializer.deserialize_any(secrets)? {
            Given::Some(given) => Self(
                given
                    .into_iter()
                    .map(|Accepted { value, not_after }| Accepted { value: Secret::new(value), not_after })
                    .collect(),
            ),
            Given::Yes(secrets) => secrets,
        })
    }
}

impl<'de> Deserialize<'de> for PublicKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "true for HighLevel's key, a public key or a list of public keys";
        let keys = OneOrMany { expected, name: "key", yes: Some(Self::HighLevel) };
        Ok(match deserializer.deserialize_any(keys)? {
            Given::Some(given) => Self::Given(given),
            Given::Yes(highlevel) => highlevel,
        })
    }
}

/// Reads a text, an object that holds it under a name, or a list of such; also `true`, where that means something.
#[derive(Clone, Copy)]
struct OneOrMany<T> {
    expected: &'static str,
    name: &'static str,
    yes: Option<T>,
}

enum Given<T> {
    Yes(T),
    Some(Vec<Accepted<String>>),
}

impl<'de, T> Visitor<'de> for OneOrMany<T> {
    type Value = Given<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        One(self.name).visit_str(text).map(|one| Given::Some(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        One(self.name).visit_map(members).map(|one| Given::Some(vec![one]))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        let wrong = E::invalid_type(Unexpected::Bool(value), &self);
        self.yes.filter(|_| value).map(Given::Yes).ok_or(wrong)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut given = Vec::new();
        while let Some(one) = list.next_element_seed(One(self.name))? {
            given.push(one);
        }
        Ok(Given::Some(given))
    }
}

/// Reads a text, or an object that holds it under this name, and the last moment at which it is accepted.
#[derive(Clone, Copy)]
struct One(&'static str);

impl<'de> DeserializeSeed<'de> for One {
    type Value = Accepted<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for One {
    type Value = Accepted<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {0}, or an object of `{0}` and `notAfter`", self.0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_owned().into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut value, mut not_after) = (None, None);
        while let Some(member) = members.next_key::<String>()? {
            match member.as_str() {
                name if name == self.0 => value = Some(members.next_value()?),
                "notAfter" => not_after = Some(members.next_value::<Moment>()?.0),
                // Its name may be a secret that was put in the wrong place.
                _ => {
                    return Err(A::Error::custom(format_args!("expected `{}` and `notAfter` alone", self.0)));
                }
            }
        }
        let value = value.ok_or_else(|| A::Error::custom(format_args!("expected `{}`", self.0)))?;
        Ok(Accepted { value, not_after })
    }
}

/// RFC 3339, in epoch milliseconds.
struct Moment(i64);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "expected a time in RFC 3339, e.g. 2026-12-31T23:59:59Z";
        ghlkit_wire::rfc3339_ms(&text).map(Self).ok_or_else(|| D::Error::custom(expected))
    }
}

#[cfg(test)]
mod tests;
