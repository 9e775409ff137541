//! Webhooks as values: the app's events with an Ed25519 signature, the users' workflow body with an HMAC.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::assumptions::WebhookRetry;
use crate::time::iso;

/// Who sends a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookKind {
    /// The marketplace app: Ed25519 in `X-GHL-Signature`, repeated on failure.
    App,
    /// A workflow the users built: hex HMAC-SHA256 in `x-ghl-signature`, never repeated.
    Workflow,
}

/// One webhook, ready to be posted. Signing costs microseconds, so headers are made when asked for.
#[derive(Clone)]
pub struct Webhook {
    /// Who sends it.
    pub kind: WebhookKind,
    /// The `type` of an app event, `workflow` otherwise.
    pub event: String,
    /// The `webhookId` of an app event; empty for a workflow, whose body carries none.
    pub id: String,
    /// When the state changed, epoch milliseconds.
    pub at: i64,
    /// Where it changed.
    pub location_id: String,
    /// The exact bytes to send.
    pub body: Vec<u8>,
    pub(crate) keys: Arc<Keys>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("kind", &self.kind)
            .field("at", &self.at)
            .field("body", &String::from_utf8_lossy(&self.body))
            .finish_non_exhaustive()
    }
}

impl Webhook {
    /// The headers to send, signature included.
    pub fn headers(&self) -> Vec<(String, String)> {
        let own = |name: &str, value: String| (name.to_owned(), value);
        let content_type = own("Content-Type", "application/json".to_owned());
        match self.kind {
            WebhookKind::App => {
                vec![content_type, own("X-GHL-Signature", self.keys.ed25519(&self.body))]
            }
            WebhookKind::Workflow => vec![
                content_type,
                own("User-Agent", "axios/0.21.4".to_owned()),
                own("x-ghl-signature", self.keys.hmac(&self.body)),
            ],
        }
    }

    /// The same event with a `timestamp` of `now`, for a repetition that refreshes it.
    #[must_use]
    pub fn refreshed(&self, now: i64) -> Self {
        let mut fields: Map<String, Value> = serde_json::from_slice(&self.body).unwrap_or_default();
        fields.insert("timestamp".to_owned(), iso(now).into());
        Self { body: Value::Object(fields).to_string().into_bytes(), ..self.clone() }
    }
}

/// The stand-in's own signing keys.
pub(crate) struct Keys {
    signing: SigningKey,
    workflow_secret: String,
}

impl Keys {
    pub(crate) fn new(seed: u64, workflow_secret: &str) -> Self {
        let digest = Sha256::new().chain_update(b"mock-ghl webhook key").chain_update(seed.to_be_bytes());
        Self {
            signing: SigningKey::from_bytes(&digest.finalize().into()),
            workflow_secret: workflow_secret.to_owned(),
        }
    }

    fn ed25519(&self, body: &[u8]) -> String {
        BASE64.encode(self.signing.sign(body).to_bytes())
    }

    fn hmac(&self, body: &[u8]) -> String {
        match Hmac::<Sha256>::new_from_slice(self.workflow_secret.as_bytes()) {
            Ok(mac) => {
                let code = mac.chain_update(body).finalize().into_bytes();
                code.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            // HMAC takes keys of any length.
            Err(_) => String::new(),
        }
    }

    /// The raw 32 bytes of the public key in base64.
    pub(crate) fn public_key(&self) -> String {
        BASE64.encode(self.signing.verifying_key().as_bytes())
    }

    /// The public key as HighLevel publishes its own: SubjectPublicKeyInfo in PEM.
    pub(crate) fn public_key_pem(&self) -> String {
        const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
        let der = [&ED25519_SPKI[..], self.signing.verifying_key().as_bytes()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(der))
    }
}

/// Longest pause between two deliveries.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// How long to wait before repeating a webhook, or `None` to give up.
/// `attempt` counts the deliveries made so far, `status` is the last answer (`None`: no answer),
/// `jitter` is a number from 0 to 1 that stretches the pause by up to a quarter.
pub fn retry_pause_ms(
    kind: WebhookKind,
    policy: WebhookRetry,
    base_ms: i64,
    attempt: u32,
    status: Option<u16>,
    jitter: f64,
) -> Option<i64> {
    if kind == WebhookKind::Workflow || status.is_some_and(|status| (200..300).contains(&status)) {
        return None;
    }
    let pause = match policy {
        WebhookRetry::AnyFailure if attempt <= 12 => {
            base_ms.saturating_mul(1 << attempt.saturating_sub(1)).min(LONGEST_PAUSE_MS)
        }
        WebhookRetry::OnlyTooManyRequests if attempt <= 6 && status == Some(429) => {
            base_ms.saturating_mul(10)
        }
        _ => return None,
    };
    Some(pause + (pause as f64 / 4.0 * jitter.clamp(0.0, 1.0)) as i64)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, VerifyingKey};

    use super::*;

    fn webhook(kind: WebhookKind, body: &str) -> Webhook {
        Webhook {
            kind,
            event: "ContactUpdate".to_owned(),
            id: "w".to_owned(),
            at: 0,
            location_id: "l".to_owned(),
            body: body.as_bytes().to_vec(),
            keys: Arc::new(Keys::new(1, "secret")),
        }
    }

    fn signature(webhook: &Webhook) -> String {
        let headers = webhook.headers();
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-ghl-signature")).unwrap().1.clone()
    }

    #[test]
    fn an_app_event_verifies_with_the_published_key() {
        let webhook = webhook(WebhookKind::App, r#"{"type":"ContactUpdate"}"#);
        let raw = BASE64.decode(webhook.keys.public_key()).unwrap();
        let key = VerifyingKey::from_bytes(&raw.clone().try_into().unwrap()).unwrap();
        let bytes = BASE64.decode(signature(&webhook)).unwrap();
        let signature = Signature::from_slice(&bytes).unwrap();
        assert!(key.verify_strict(&webhook.body, &signature).is_ok());
        assert!(key.verify_strict(b"{}", &signature).is_err());
        let pem = webhook.keys.public_key_pem();
        let der = BASE64.decode(pem.lines().nth(1).unwrap()).unwrap();
        assert_eq!(der[12..], raw);
        // The first bytes of HighLevel's own key in the same form.
        assert!(pem.contains("\nMCowBQYDK2VwAyEA"));
    }

    #[test]
    fn a_workflow_body_carries_the_hex_hmac_of_its_bytes() {
        let webhook = webhook(WebhookKind::Workflow, "what do ya want for nothing?");
        let keys = Arc::new(Keys::new(1, "Jefe"));
        // RFC 4231, test case 2.
        assert_eq!(
            signature(&Webhook { keys, ..webhook }),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_refreshed_event_keeps_its_id_and_changes_its_time() {
        let webhook =
            webhook(WebhookKind::App, r#"{"webhookId":"w","timestamp":"2020-01-01T00:00:00.000Z"}"#);
        let body: Value = serde_json::from_slice(&webhook.refreshed(1_000).body).unwrap();
        assert_eq!(body, serde_json::json!({ "webhookId": "w", "timestamp": "1970-01-01T00:00:01.000Z" }));
    }

    #[test]
    fn repetition_follows_the_policy() {
        let any = |attempt, status| {
            retry_pause_ms(WebhookKind::App, WebhookRetry::AnyFailure, 1_000, attempt, status, 0.0)
        };
        assert_eq!(any(1, Some(500)), Some(1_000));
        assert_eq!(any(4, None), Some(8_000));
        assert_eq!(any(12, Some(404)), Some(2_048_000));
        assert_eq!(any(13, Some(404)), None);
        assert_eq!(any(1, Some(204)), None);
        let legacy = |attempt, status| {
            retry_pause_ms(WebhookKind::App, WebhookRetry::OnlyTooManyRequests, 60_000, attempt, status, 0.5)
        };
        assert_eq!(legacy(1, Some(429)), Some(675_000));
        assert_eq!(legacy(7, Some(429)), None);
        assert_eq!(legacy(1, Some(500)), None);
        let workflow =
            retry_pause_ms(WebhookKind::Workflow, WebhookRetry::AnyFailure, 1_000, 1, Some(500), 0.0);
        assert_eq!(workflow, None);
    }
}
