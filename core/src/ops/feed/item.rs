//! What a host takes from a feed, and what it says when it failed, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::{Message, Notice},
};

/// How much of a host's error is kept.
const MAX_MESSAGE_CHARS: usize = 500;

/// What [`Feed::poll`](super::Feed::poll) hands over.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItem<'a> {
    /// Something happened to an order.
    Event {
        /// By what it is answered.
        lease: String,
        /// What happened.
        event: OrderEvent<'a>,
    },
    /// A message to a customer is to be sent.
    Message {
        /// By what it is answered: with what the channel calls it, or null.
        lease: String,
        /// What.
        message: CustomerMessage<'a>,
    },
}

/// A message to a customer.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CustomerMessage<'a> {
    /// The same with every try.
    pub id: i64,
    /// The order's location.
    pub location_id: &'a LocationId,
    /// The order.
    pub order_id: &'a OrderId,
    /// Its number.
    pub order_number: &'a str,
    /// What is told, e.g. `status.shipped`.
    pub name: &'a str,
    /// In which language, e.g. `en`.
    pub locale: &'a str,
    /// The customer's first name; may be empty.
    pub first_name: &'a str,
    /// The customer's last name; may be empty.
    pub last_name: &'a str,
    /// The customer's e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// The customer's phone in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<&'a str>,
    /// The subject of an e-mail, of one line.
    pub subject: &'a str,
    /// An e-mail as plain text.
    pub text: &'a str,
    /// The same as HTML: a whole document.
    pub html: &'a str,
    /// A text message, of one line.
    pub sms: &'a str,
}

/// Something that happened to an order.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OrderEvent<'a> {
    /// The order's location.
    pub location_id: &'a LocationId,
    /// The order.
    pub order_id: &'a OrderId,
    /// Its place in the log of events: rising, unique, the same when it is told again.
    pub position: i64,
    /// What happened, e.g. `status_changed` or `sync_failed`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// More of it; what, depends on the type.
    #[cfg_attr(feature = "ts", ts(type = "{ [key: string]: unknown }"))]
    pub payload: Box<RawValue>,
    /// When, in epoch milliseconds.
    pub at: i64,
}

pub(super) fn event(lease: String, notice: &Notice) -> Result<String> {
    let json = |error| Error::new(Code::Store, "an event of the log is no JSON").with_source(error);
    // A payload that is no JSON is told as text rather than never.
    let payload = RawValue::from_string(notice.payload.clone())
        .or_else(|_| to_raw_value(&notice.payload))
        .map_err(json)?;
    let event = OrderEvent {
        location_id: &notice.location,
        order_id: &notice.order,
        position: notice.position,
        kind: &notice.kind,
        payload,
        at: notice.at_ms,
    };
    serde_json::to_string(&FeedItem::Event { lease, event }).map_err(json)
}

pub(super) fn customer_message(lease: String, message: &Message) -> Result<String> {
    let item = FeedItem::Message {
        lease,
        message: CustomerMessage {
            id: message.id,
            location_id: &message.location,
            order_id: &message.order,
            order_number: &message.order_number,
            name: &message.name,
            locale: &message.locale,
            first_name: &message.first_name,
            last_name: &message.last_name,
            email: message.email.as_deref(),
            phone: message.phone.as_deref(),
            subject: &message.subject,
            text: &message.text,
            html: &message.html,
            sms: &message.sms,
        },
    };
    serde_json::to_string(&item)
        .map_err(|error| Error::new(Code::Store, "a message is no JSON").with_source(error))
}

/// What a host says of its failure.
pub(super) fn hosts_error(json: &str) -> Error {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Said {
        code: Option<String>,
        message: Option<String>,
        retryable: Option<bool>,
    }
    let said: Said = serde_json::from_str(json).unwrap_or_default();
    let code = match (said.code.as_deref().and_then(Code::parse), said.retryable) {
        (Some(code), _) => code,
        (None, Some(true)) => Code::HandlerFailed,
        (None, Some(false)) => Code::Refused,
        (None, None) => Code::Aborted,
    };
    let message: String = said.message.unwrap_or_default().chars().take(MAX_MESSAGE_CHARS).collect();
    Error::new(code, format!("the host failed: {message}"))
}
