//! Who may call what.

use std::env;

use axum::http::{HeaderMap, header};
use ghlkit::{Code, Error, Result, secret::Secret};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What callers send as `Authorization: Bearer …`. One that is not set lets nobody in.
#[derive(Clone)]
pub(crate) struct Secrets {
    shop: Option<Secret>,
    cron: Option<Secret>,
    /// For the metrics; one that is not set lets everyone in.
    pub(crate) metrics: Option<Secret>,
    /// Where webhooks reach this service.
    pub(crate) webhook_url: Option<String>,
}

impl Secrets {
    pub(crate) fn from_env() -> Self {
        let text = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
        let secret = |name: &str| text(name).map(Secret::new);
        Self {
            shop: secret("SHOP_TOKEN"),
            cron: secret("CRON_SECRET"),
            metrics: secret("GHLKIT_METRICS_TOKEN"),
            webhook_url: text("GHLKIT_WEBHOOK_URL"),
        }
    }

    /// Lets the shop's own programs in.
    pub(crate) fn must_be_shop(&self, headers: &HeaderMap) -> Result<()> {
        must_be(self.shop.as_ref(), headers, "SHOP_TOKEN")
    }

    /// Lets the platform's cron in.
    pub(crate) fn must_be_cron(&self, headers: &HeaderMap) -> Result<()> {
        must_be(self.cron.as_ref(), headers, "CRON_SECRET")
    }
}

/// The token of the header, if there is one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// How long this takes tells nothing of the secret.
fn must_be(secret: Option<&Secret>, headers: &HeaderMap, name: &str) -> Result<()> {
    let Some(secret) = secret else {
        return Err(Error::config(name, format_args!("is not set; it is what callers of this route send")));
    };
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let given = bearer(headers).unwrap_or_default();
    if bool::from(digest(given).ct_eq(&digest(secret.expose()))) {
        return Ok(());
    }
    let expected = format!("authorization: expected `Bearer` and {name}");
    Err(Error::new(Code::Unauthorized, expected).with_field("authorization"))
}
