//! Events posted to a URL of the shop's.

use std::{borrow::Cow, time::Duration};

use futures::future::{Either, select};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    client::AGENT,
    config::WebhookOptions,
    error::{Code, Delivery, Error, Result},
    ids::{LocationId, OrderId},
    ports::{
        HttpRequest, HttpResponse, Method, TransportErrorKind, iso,
        store::{DeliveryOutcome, DeliveryRow},
    },
    sync::core::Core,
    webhook::sign,
};

/// How long the shop's server may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What it answers is not read; this much may come at most.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// The body of a posted event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    /// The same with every try.
    id: i64,
    #[serde(rename = "type")]
    kind: &'a str,
    order_id: &'a OrderId,
    location_id: &'a LocationId,
    at: String,
    sent_at: String,
    payload: &'a RawValue,
}

impl Core {
    pub(super) async fn post(&self, row: &DeliveryRow) -> Result<DeliveryOutcome> {
        let Some(target) = &self.config.notifications.webhook else {
            return Ok(DeliveryOutcome::Skipped("off".to_owned()));
        };
        let request = request(target, row, self.clock.now_ms())?;
        let sent = select(self.client.transport().send(request), self.clock.sleep(TIMEOUT));
        let reply = match sent.await {
            Either::Left((Ok(reply), _)) => reply,
            Either::Left((Err(error), _)) => {
                let delivery = match error.kind {
                    TransportErrorKind::Connect => Delivery::NotSent,
                    // Of whatever status: it may be an error's page.
                    TransportErrorKind::ReplyTooLarge
                    | TransportErrorKind::Timeout
                    | TransportErrorKind::Broken => Delivery::Unknown,
                };
                return Err(Error::new(Code::Network, error.message).with_delivery(delivery));
            }
            Either::Right(_) => {
                let message =
                    format!("the webhook's server did not answer within {} ms", TIMEOUT.as_millis());
                return Err(Error::new(Code::Timeout, message).with_delivery(Delivery::Unknown));
            }
        };
        verdict(&reply)
    }
}

fn request(target: &WebhookOptions, row: &DeliveryRow, now: i64) -> Result<HttpRequest> {
    let unreadable = |error| Error::new(Code::Store, "an event of the log is no JSON").with_source(error);
    let posted = Posted {
        id: row.id,
        kind: &row.message,
        order_id: &row.order,
        location_id: &row.location,
        at: iso(row.at),
        sent_at: iso(now),
        payload: serde_json::from_str(&row.payload).map_err(unreadable)?,
    };
    let body = serde_json::to_vec(&posted).map_err(unreadable)?;
    let signature = sign::hmac(target.secret.expose(), &body);
    Ok(HttpRequest {
        method: Method::Post,
        url: target.url.clone(),
        headers: vec![
            (Cow::Borrowed("content-type"), Cow::Borrowed("application/json")),
            (Cow::Borrowed("user-agent"), Cow::Borrowed(AGENT)),
            (Cow::Borrowed("x-ghlkit-signature"), Cow::Owned(signature)),
        ],
        body,
        timeout: TIMEOUT,
        max_reply_bytes: MAX_REPLY_BYTES,
    })
}

fn verdict(reply: &HttpResponse) -> Result<DeliveryOutcome> {
    let status = reply.status;
    match complaint(status) {
        None => Ok(DeliveryOutcome::Done(None)),
        Some(code) => {
            Err(Error::new(code, format!("the webhook's server answered {status}")).with_status(status))
        }
    }
}

/// Taken by any 2xx; worth another try where the server is busy or fails.
pub(super) fn complaint(status: u16) -> Option<Code> {
    match status {
        200..300 => None,
        408 | 425 | 429 | 500.. => Some(Code::Server),
        _ => Some(Code::Refused),
    }
}
