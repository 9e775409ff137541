use std::fmt;

use super::{
    event::Event,
    parse::parse,
    scheme::{Check, Scheme, VerifiedBy},
    summary::Summary,
    tolerance::Tolerance,
};
use crate::error::{Code, Error, Result};

/// The largest body that is looked at by default, in bytes.
pub const DEFAULT_MAX_BYTES: usize = 1024 * 1024;

/// Verifies webhooks by the configured schemes, and by no other. Without any it refuses every webhook.
#[derive(Clone)]
pub struct Verifier {
    checks: Vec<Check>,
    tolerance: Tolerance,
    max_bytes: usize,
}

impl Verifier {
    /// A verifier; with several schemes, any one that verifies accepts.
    ///
    /// # Errors
    /// `config`, with the scheme as field (`hmac`, `ed25519`, `rsa`, `shared-secret`): it has no secret or key, an
    /// empty secret, or a header name that is malformed or taken.
    pub fn new(schemes: Vec<Scheme>, tolerance: Tolerance) -> Result<Self> {
        let checks = schemes.into_iter().map(Check::new).collect::<Result<_>>()?;
        Ok(Self { checks, tolerance, max_bytes: DEFAULT_MAX_BYTES })
    }

    /// The same verifier with another limit on the body, in bytes.
    pub fn with_max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// The same verifier with another tolerance.
    pub fn with_tolerance(self, tolerance: Tolerance) -> Self {
        Self { tolerance, ..self }
    }

    /// The largest body that is looked at, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// The tolerance on a webhook's timestamp.
    pub fn tolerance(&self) -> Tolerance {
        self.tolerance
    }

    /// The configured schemes.
    pub fn schemes(&self) -> impl Iterator<Item = VerifiedBy> {
        self.checks.iter().map(Check::kind)
    }

    /// The headers of a test webhook with this body, as a sender would send them who shares a secret: by the first
    /// scheme of `hmac` and `shared-secret` that is configured, with its first secret that is still accepted.
    ///
    /// # Errors
    /// `config`, field `webhooks`: there is no such secret. HighLevel's own signatures can be made by HighLevel alone.
    pub fn sign_test(&self, raw: &[u8], now_ms: i64) -> Result<Vec<(String, String)>> {
        let signed = self.checks.iter().find_map(|check| Some((check, check.test_signature(raw, now_ms)?)));
        let Some((check, signature)) = signed else {
            let unsigned = "expected a secret of scheme `hmac` or `shared-secret` to sign a test with; the signatures \
                            of `ed25519` and `rsa` can be made by HighLevel alone";
            return Err(Error::config("webhooks", unsigned));
        };
        Ok(vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (check.header().to_ascii_lowercase(), signature),
        ])
    }

    /// Verifies the signature over the exact raw body. `headers` are all of the request's, in any order,
    /// names in any case, repeated ones repeated; a `&HeaderMap` serves as it is. `now_ms` is the time in epoch
    /// milliseconds, after which a secret or key may be accepted no more.
    ///
    /// # Errors
    /// `too_large`, before anything is computed; `signature`: no header of a configured scheme, one sent
    /// twice, malformed or wrong, or no scheme configured.
    pub fn verify<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
        now_ms: i64,
    ) -> Result<VerifiedBy> {
        if raw.len() > self.max_bytes {
            let message = format!("body: expected at most {} bytes, got {}", self.max_bytes, raw.len());
            return Err(Error::new(Code::TooLarge, message).with_field("body"));
        }
        let mut named =
            headers.into_iter().filter(|(name, _)| self.checks.iter().any(|check| is(check, name)));
        // There is one, nearly always, and it then needs no list.
        let first = named.next();
        let others: Vec<(N, V)> = named.collect();
        for check in &self.checks {
            let mut values =
                first.iter().chain(&others).filter(|(name, _)| is(check, name)).map(|(_, value)| value);
            let value = values.next();
            if values.next().is_some() {
                return Err(signature(check.header(), "expected once, got several times"));
            }
            if value.is_some_and(|value| check.verifies(raw, value.as_ref(), now_ms)) {
                return Ok(check.kind());
            }
        }
        Err(self.refusal(first.is_none()))
    }

    /// Verifies, parses, and checks the age of a webhook: everything that needs no memory.
    ///
    /// # Errors
    /// As [`Verifier::verify`], then as [`parse`], then `stale` as [`Tolerance::check`].
    pub fn construct_event<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
        now_ms: i64,
    ) -> Result<Event> {
        self.verify(raw, headers, now_ms)?;
        let event = parse(raw)?;
        self.tolerance.check(event.timestamp_ms, now_ms)?;
        Ok(event)
    }

    /// As [`Verifier::construct_event`], but reads only what decides where the webhook goes.
    ///
    /// # Errors
    /// As [`Verifier::construct_event`].
    pub fn summarize<'a, N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        raw: &'a [u8],
        headers: impl IntoIterator<Item = (N, V)>,
        now_ms: i64,
    ) -> Result<(VerifiedBy, Summary<'a>)> {
        let verified_by = self.verify(raw, headers, now_ms)?;
        let summary = Summary::read(raw)?;
        self.tolerance.check(summary.timestamp_ms, now_ms)?;
        Ok((verified_by, summary))
    }

    fn refusal(&self, missing: bool) -> Error {
        let Some(check) = self.checks.first() else {
            return signature("webhook schemes", "none is configured, so every webhook is refused");
        };
        if missing {
            let headers: Vec<&str> = self.checks.iter().map(Check::header).collect();
            return signature(
                check.header(),
                &format!("expected a header {}, got none", headers.join(" or ")),
            );
        }
        let schemes: Vec<&str> = self.schemes().map(VerifiedBy::as_str).collect();
        let why = format!(
            "malformed or wrong by every configured scheme ({}); verify the exact bytes that were received",
            schemes.join(", ")
        );
        signature(check.header(), &why)
    }
}

fn is(check: &Check, name: &impl AsRef<str>) -> bool {
    let (header, name) = (check.header(), name.as_ref());
    header == name || header.eq_ignore_ascii_case(name)
}

fn signature(field: &str, why: &str) -> Error {
    Error::new(Code::Signature, format!("{field}: {why}")).with_field(field)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("schemes", &self.schemes().map(VerifiedBy::as_str).collect::<Vec<_>>())
            .field("tolerance", &self.tolerance)
            .field("max_bytes", &self.max_bytes)
            .finish()
    }
}

#[cfg(test)]
mod tests;
