use std::{borrow::Cow, sync::Arc, time::Duration};

use form_urlencoded::byte_serialize;
use futures::future::{Either, select};
use serde::de::DeserializeOwned;

use super::{
    ApiRequest,
    agent::AGENT,
    decode::{self, Outcome, Refusal},
    request::Sending,
};
use crate::{
    error::Error,
    policy::retry::{Class, classify, retry_after_ms},
    ports::{Clock, HttpRequest, HttpTransport, TransportError, TransportErrorKind},
    secret::Secret,
};

/// The OAuth routes answer with tokens and lists of a hundred.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// One exchange within the request's timeout. The transport has the timeout too; this one holds for every
/// transport alike.
pub(super) async fn exchange(
    transport: &dyn HttpTransport,
    clock: &dyn Clock,
    request: HttpRequest,
) -> Outcome {
    let timeout = request.timeout;
    match select(transport.send(request), clock.sleep(timeout)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(TransportError {
            kind: TransportErrorKind::Timeout,
            message: format!("no reply within {} ms", timeout.as_millis()),
        }),
    }
}

/// Sends a request once, past token source, pacing and retries: what obtains tokens has its own rules.
pub(crate) struct Direct {
    pub(crate) transport: Arc<dyn HttpTransport>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Without a `/` at the end.
    pub(crate) base_url: String,
    /// Of one exchange, connecting included.
    pub(crate) timeout: Duration,
}

/// Why a request failed, and what may be done about it.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) class: Class,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let class = Class::Final(error.code());
        Self { error, class }
    }
}

impl Direct {
    /// One try. `secrets` are texts in the body that no error may repeat, even where the server does.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        request: &ApiRequest<T>,
        bearer: Option<&Secret>,
        secrets: &[&str],
    ) -> Result<T, Failed> {
        let parts = &request.parts;
        let sending = Sending {
            base: &self.base_url,
            agent: &Cow::Borrowed(AGENT),
            headers: None,
            timeout: self.timeout,
            max_reply_bytes: MAX_REPLY_BYTES,
        };
        let http = parts.http(sending, bearer)?;
        let outcome = exchange(&*self.transport, &*self.clock, http).await;
        let refusal = Refusal::of(&outcome);
        let class = classify(parts.method, parts.safe_to_repeat, refusal.failure(&outcome));
        if let Ok(reply) = &outcome
            && class == Class::Success
        {
            return Ok(decode::reply(reply, parts.envelope, |json| serde_json::from_str(json))?);
        }
        let body = String::from_utf8_lossy(parts.body.as_deref().unwrap_or_default());
        let bearer = bearer.map_or("", Secret::expose);
        // As they are, and as they stand in a form.
        let encoded: Vec<String> =
            secrets.iter().map(|text| byte_serialize(text.as_bytes()).collect()).collect();
        let encoded = encoded.iter().map(String::as_str);
        let secrets: Vec<&str> =
            [&*body, bearer].into_iter().chain(secrets.iter().copied()).chain(encoded).collect();
        let mut error = decode::error(&outcome, refusal, class, &secrets);
        if let Some(ms) = outcome.ok().and_then(|reply| retry_after_ms(&reply, self.clock.now_ms())) {
            error = error.with_retry_after_ms(ms);
        }
        Err(Failed { error, class })
    }
}
