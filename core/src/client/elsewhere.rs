//! Requests to addresses of the shop's own. No token of GHL's goes along, and a redirect is not followed.

use std::{borrow::Cow, time::Duration};

use super::{Client, base_url, direct::exchange};
use crate::{
    error::{Code, Delivery, Error, Result},
    ports::{HttpRequest, Method, TransportErrorKind},
};

/// The largest reply that is read, in bytes.
const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// The answer to a request to elsewhere.
pub(crate) struct Posted {
    pub(crate) status: u16,
    pub(crate) duration_ms: u64,
    pub(crate) body: Vec<u8>,
}

/// Checks the address of a webhook: HTTPS, or HTTP to this machine, without credentials and fragment. It may hold
/// credentials by mistake, so no error shows it.
///
/// # Errors
/// `invalid_argument`, field `url`.
pub(crate) fn checked_url(url: &str) -> Result<()> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '#' || !c.is_ascii();
    if query.contains(bad) || !address.is_ascii() {
        let expected = "expected a URL without fragment and white space, other characters percent-encoded";
        return Err(Error::invalid("url", expected));
    }
    base_url(address).map(drop).map_err(|error| {
        let expected = error.message().strip_prefix("base url: ").unwrap_or(error.message());
        Error::invalid(
            "url",
            expected.replace("services.leadconnectorhq.com", "shop.example/api/webhooks/ghl"),
        )
    })
}

impl Client {
    /// Posts a body to an address that [`checked_url`] takes, once.
    ///
    /// # Errors
    /// `invalid_argument`, field `url`; `network`; `timeout`. None shows the address.
    pub(crate) async fn post_elsewhere(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<Posted> {
        checked_url(url)?;
        let own = [("user-agent".into(), Cow::Owned(self.inner.agent.to_string()))];
        let given = headers.iter().map(|(name, value)| (Cow::Owned(name.clone()), Cow::Owned(value.clone())));
        let request = HttpRequest {
            method: Method::Post,
            url: url.to_owned(),
            headers: own.into_iter().chain(given).collect(),
            body,
            timeout,
            max_reply_bytes: MAX_REPLY_BYTES,
        };
        let clock = self.clock();
        let begun = clock.now_ms();
        let reply = exchange(&*self.inner.transport, clock, request).await.map_err(|failure| {
            let (code, delivery) = match failure.kind {
                TransportErrorKind::Connect => (Code::Network, Delivery::NotSent),
                TransportErrorKind::Timeout => (Code::Timeout, Delivery::Unknown),
                TransportErrorKind::Broken => (Code::Network, Delivery::Unknown),
                TransportErrorKind::ReplyTooLarge => (Code::UnexpectedReply, Delivery::Answered),
            };
            Error::new(code, failure.message).with_delivery(delivery)
        })?;
        let duration_ms = clock.now_ms().saturating_sub(begun).try_into().unwrap_or(0);
        Ok(Posted { status: reply.status, duration_ms, body: reply.body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_goes_over_https_or_stays_on_this_machine() {
        for good in [
            "https://shop.example/api/webhooks/ghl",
            "https://shop.example:8443/api?locationId=loc1&x=%20",
            "http://localhost:3000/api/webhooks/ghl/order-status",
            "http://127.0.0.1:1/",
            "http://[::1]:3000/a",
        ] {
            assert!(checked_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "shop.example",
            "http://shop.example/api",
            "https://user:s3cret@shop.example/",
            "https://shop.example/#s3cret",
            "https://shop.example/?a=s3cret b",
            "https://shop.example/?a=s3cret#x",
            "https://shop.example/ä",
            "file:///etc/passwd",
            "http://169.254.169.254/?x=127.0.0.1",
        ] {
            let error = checked_url(bad).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("url")), "{bad}");
            assert!(!error.message().contains("s3cret"), "{error}");
        }
    }
}
