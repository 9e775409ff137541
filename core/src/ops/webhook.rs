use super::{
    args::{Arguments, write},
    settle::{error_text, settle},
};
use crate::{
    error::Result,
    webhook::{Summary, Tolerance, VerifiedBy, Verifier, VerifierSpec, parse},
};

/// A verifier from the JSON of its [`VerifierSpec`], for webhooks of which nothing is remembered.
///
/// # Errors
/// `invalid_argument` or `config`, naming the part.
pub fn verifier(spec: &str) -> Result<Verifier> {
    VerifierSpec::read(spec)?.build(Tolerance::default())
}

/// Verifies and reads a webhook: the hot path. `headers` are lines of `name:value`, as many as were received.
///
/// The text is `+` and eleven fields with U+0000 between them, empty where there is nothing: scheme that
/// verified, type, webhook id, timestamp in epoch milliseconds, location, contact, opportunity, pipeline,
/// stage, order status, status. One that is refused gives `{"error":{…}}`.
pub fn open_webhook(verifier: &Verifier, raw: &[u8], headers: &str, now_ms: i64) -> String {
    let lines = headers.split('\n').filter_map(|line| line.split_once(':'));
    match verifier.summarize(raw, lines, now_ms) {
        Ok((verified_by, summary)) => flat(verified_by, &summary),
        Err(error) => error_text(&error),
    }
}

/// Reads a webhook's body in full, verifying nothing. The text is that of [`settle`](super::settle), around
/// the JSON of its [`Event`](crate::webhook::Event).
pub fn parse_webhook(raw: &[u8]) -> String {
    settle(parse(raw).and_then(|event| write(&event)))
}

fn flat(verified_by: VerifiedBy, summary: &Summary<'_>) -> String {
    let timestamp = summary.timestamp_ms.map(|ms| ms.to_string());
    let fields = [
        Some(summary.event_type.as_ref()),
        summary.webhook_id.as_deref(),
        timestamp.as_deref(),
        summary.location.as_deref(),
        summary.contact.as_deref(),
        summary.opportunity.as_deref(),
        summary.pipeline.as_deref(),
        summary.stage.as_deref(),
        summary.order_status.as_deref(),
        summary.status.as_deref(),
    ];
    // No field holds U+0000: the body's texts that do are not read.
    let mut text = String::with_capacity(256);
    text.push('+');
    text.push_str(verified_by.as_str());
    for field in fields {
        text.push('\0');
        text.push_str(field.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::sign;

    const NOW: i64 = 1_769_860_800_000;

    fn open(body: &str) -> String {
        let verifier = verifier(r#"{"hmac":"s3cret"}"#).unwrap();
        let header = format!("X-GHL-Signature:{}", sign::hmac("s3cret", body.as_bytes()));
        open_webhook(&verifier, body.as_bytes(), &header, NOW)
    }

    #[test]
    fn a_genuine_webhook_gives_its_fields() {
        let body = r#"{"contactId":"con1","pipelineStage":"In: production","customFields":[{"id":"order_status",
            "value":"manufacturing"}],"timestamp":"2026-01-31T12:00:00.000Z"}"#;
        let expected = "+hmac|workflow||1769860800000||con1|||In: production|manufacturing|";
        assert_eq!(open(body), expected.replace('|', "\0"));
        let body = r#"{"type":"OpportunityUpdate","webhookId":"wh-1","locationId":"loc1","id":"opp1",
            "contactId":"con1","pipelineId":"pip1","pipelineStageId":"s1","status":"open"}"#;
        let expected = "+hmac|OpportunityUpdate|wh-1||loc1|con1|opp1|pip1|s1||open";
        assert_eq!(open(body), expected.replace('|', "\0"));
    }

    #[test]
    fn a_body_is_read_in_full() {
        assert_eq!(
            parse_webhook(br#"{"contactId":"con1","pipelineStage":"stage_shipped"}"#),
            concat!(
                r#"{"ok":{"type":"workflow","kind":"workflow","contactId":"con1","pipelineStage":"stage_shipped","#,
                r#""customFields":[]}}"#
            )
        );
        assert!(parse_webhook(b"\xff").starts_with(r#"{"error":{"code":"payload","#));
    }

    #[test]
    fn a_text_cannot_pass_for_two_fields() {
        let body = r#"{"type":"a\u0000b","contactId":"c\u0000d","pipelineStage":"x\u0000y","status":"1\n2"}"#;
        assert_eq!(open(body), "+hmac|unknown|||||||||1\n2".replace('|', "\0"));
    }

    #[test]
    fn a_forged_one_gives_the_error() {
        let verifier = verifier(r#"{"hmac":["old","new"]}"#).unwrap();
        for headers in ["", "x-ghl-signature", "x-ghl-signature:0", "x-ghl-signature:0\nx-ghl-signature:0"] {
            let text = open_webhook(&verifier, b"{}", headers, NOW);
            assert!(text.starts_with(r#"{"error":{"code":"signature","#), "{text}");
        }
        assert!(open(r#"{"timestamp":"2026-01-30T12:00:00.000Z"}"#).contains(r#""code":"stale""#));
        assert!(open("[]").contains(r#""code":"payload""#));
    }
}
