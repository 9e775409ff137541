//! A signed webhook to the shop's own route, for seeing that it is there and knows the secret.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::engine::Engine;
use crate::{
    client::Posted,
    error::{Error, Result},
    ids::LocationId,
    ports::iso,
    webhook::test_event,
};

/// How much of the answer is kept, in bytes.
const SHOWN_BYTES: usize = 1024;
/// The longest that the route may be given to answer.
const MAX_TIMEOUT: Duration = Duration::from_secs(120);

/// What [`Engine::send_test_webhook`] sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestWebhookOptions {
    /// The type of the event, e.g. `OpportunityStageUpdate`, or `workflow` for the body that a workflow sends. Default:
    /// `workflow`, of a contact `test_contact_123`.
    pub event: String,
    /// How long the route may take to answer; 1 ms to 120 s, default 10 s.
    pub timeout: Duration,
    /// By whose secret it is signed, where several locations are configured.
    pub location: Option<LocationId>,
}

impl Default for TestWebhookOptions {
    fn default() -> Self {
        Self { event: "workflow".to_owned(), timeout: Duration::from_secs(10), location: None }
    }
}

/// What the route answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "TestWebhook"))]
#[serde(rename_all = "camelCase")]
pub struct TestWebhook {
    /// Its status.
    pub status: u16,
    /// Whether that is a success. A redirect is none, as GHL follows none.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The first 1,024 bytes of its body, without the secret or signature that was sent.
    pub body: String,
}

impl Engine {
    /// Sends a sample of a webhook to an address, HTTPS or on this machine, signed as the location's webhooks are: by the
    /// first of `hmac` and `shared-secret` that is configured. No redirect is followed.
    ///
    /// # Errors
    /// `invalid_argument`, field `url`, `event`, `timeoutMs` or `locationId`; `config`, field `webhooks`, without a secret
    /// to sign with; `network` and `timeout`, where nobody answers.
    pub async fn send_test_webhook(&self, url: &str, options: &TestWebhookOptions) -> Result<TestWebhook> {
        let core = &self.core;
        let location = core.config.location(options.location.as_ref())?;
        if options.timeout.is_zero() || options.timeout > MAX_TIMEOUT {
            let given = options.timeout.as_millis();
            let most = MAX_TIMEOUT.as_millis();
            return Err(Error::invalid("timeoutMs", format_args!("expected 1 to {most}, got {given}")));
        }
        let now = core.clock.now_ms();
        let members = members(&options.event, &location.id, &core.entropy.hex_id(), now);
        let body = test_event(&options.event, members).map_err(|error| {
            let expected = error.message().strip_prefix("type: ").unwrap_or(error.message()).to_owned();
            Error::invalid("event", expected)
        })?;
        let headers = location.verifier.sign_test(body.as_bytes(), now)?;
        let posted = core.client.post_elsewhere(url, &headers, body.into_bytes(), options.timeout).await?;
        let mut shown = String::from_utf8_lossy(&posted.body).into_owned();
        for (_, value) in headers.iter().filter(|(name, _)| name != "content-type") {
            // As it is, and as it stands in JSON.
            let quoted = serde_json::to_string(value).unwrap_or_default();
            shown = shown.replace(quoted.trim_matches('"'), "[redacted]").replace(value, "[redacted]");
        }
        shown.truncate(shown.floor_char_boundary(SHOWN_BYTES));
        let Posted { status, duration_ms, .. } = posted;
        Ok(TestWebhook { status, ok: (200..300).contains(&status), duration_ms, body: shown })
    }
}

/// What makes a sample one of now and of this location.
fn members(event: &str, location: &LocationId, id: &str, now: i64) -> Map<String, Value> {
    let members = if event == "workflow" {
        json!({
            "contactId": "test_contact_123",
            "pipelineStage": "stage_in_production",
            "customFields": [
                { "id": "order_status", "value": "manufacturing" },
                { "id": "progress_percentage", "value": 50 },
            ],
            "timestamp": iso(now),
        })
    } else {
        json!({ "locationId": location, "webhookId": format!("ghlkit-test-{id}"), "timestamp": iso(now) })
    };
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
