use ghlkit_wire::hex;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::PusherApp;
use crate::{
    error::{Code, Error, Result},
    json,
};

/// The largest body of a webhook, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// A genuine webhook of Pusher's.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PusherWebhook {
    /// When it was made, in epoch milliseconds.
    #[serde(rename(deserialize = "time_ms", serialize = "timeMs"))]
    #[cfg_attr(feature = "ts", ts(rename = "timeMs"))]
    pub time_ms: i64,
    /// What happened.
    pub events: Vec<PusherEvent>,
}

/// What happened on a channel.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct PusherEvent {
    /// E.g. `channel_occupied`, `channel_vacated`, `member_added`, `client_event`.
    pub name: String,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who joined, left or sent it.
    #[serde(rename(deserialize = "user_id", serialize = "userId"), skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(rename = "userId"))]
    pub user_id: Option<String>,
    /// What a client sent is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Its data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The connection that sent it.
    #[serde(
        rename(deserialize = "socket_id", serialize = "socketId"),
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "ts", ts(rename = "socketId"))]
    pub socket_id: Option<String>,
}

impl PusherApp {
    /// Verifies and reads a webhook: the raw body, and the headers `X-Pusher-Key` and `X-Pusher-Signature`.
    ///
    /// # Errors
    /// `signature`; `payload`; `too_large`.
    pub fn webhook(&self, body: &[u8], key: Option<&str>, signature: Option<&str>) -> Result<PusherWebhook> {
        let refused = || {
            let expected = "x-pusher-signature: expected the signature of this body under the app's secret";
            Error::new(Code::Signature, expected).with_field("x-pusher-signature")
        };
        if body.len() > MAX_BYTES {
            let message = format!("body: expected at most {MAX_BYTES} bytes");
            return Err(Error::new(Code::TooLarge, message).with_field("body"));
        }
        let ours = key.is_some_and(|key| bool::from(key.as_bytes().ct_eq(self.key().as_bytes())));
        let given = signature.and_then(|signature| hex::decode_32(signature.as_bytes()));
        let wanted = hex::decode_32(self.sign(body).as_bytes());
        if !ours || !given.zip(wanted).is_some_and(|(given, wanted)| bool::from(given.ct_eq(&wanted))) {
            return Err(refused());
        }
        json::read(body, "body", MAX_BYTES)
            .map_err(|error| Error::new(Code::Payload, error.message()).with_field("body"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::app::tests::documented, *};

    const BODY: &str =
        r#"{"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"order-1"}]}"#;

    #[test]
    fn a_genuine_webhook_is_read() {
        let app = documented();
        let signature = app.sign(BODY.as_bytes());
        let webhook = app.webhook(BODY.as_bytes(), Some(app.key()), Some(&signature)).unwrap();
        assert_eq!(
            (webhook.time_ms, webhook.events[0].name.as_str()),
            (1_327_078_148_132, "channel_occupied")
        );
        assert_eq!(webhook.events[0].channel.as_deref(), Some("order-1"));
    }

    #[test]
    fn anything_else_is_refused() {
        let app = documented();
        let signature = app.sign(BODY.as_bytes());
        let code = |body: &str, key: Option<&str>, signature: Option<&str>| {
            app.webhook(body.as_bytes(), key, signature).unwrap_err().code()
        };
        let (key, upper) = (Some(app.key()), signature.to_uppercase());
        assert_eq!(code(BODY, None, Some(&signature)), Code::Signature);
        assert_eq!(code(BODY, Some("other"), Some(&signature)), Code::Signature);
        for other in [None, Some(""), Some("00"), Some(upper.as_str()), Some(&signature[1..])] {
            assert_eq!(code(BODY, key, other), Code::Signature);
        }
        assert_eq!(code(&format!("{BODY} "), key, Some(&signature)), Code::Signature);
        for odd in ["[]", "{}", "x", r#"{"time_ms":1,"events":[{}]}"#] {
            assert_eq!(code(odd, key, Some(&app.sign(odd.as_bytes()))), Code::Payload, "{odd}");
        }
    }
}
