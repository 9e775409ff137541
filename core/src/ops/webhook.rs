use ghlkit_wire::joined;

use super::{
    args::{Arguments, write},
    settle::{error_text, settle},
};
use crate::{
    error::Result,
    webhook::{SIGNATURE_HEADER, Summary, Tolerance, VerifiedBy, Verifier, VerifierSpec, parse},
};

/// A verifier from the JSON of its [`VerifierSpec`], for webhooks of which nothing is remembered.
///
/// # Errors
/// `invalid_argument` or `config`, naming the part.
pub fn verifier(spec: &str) -> Result<Verifier> {
    VerifierSpec::read(spec)?.build(Tolerance::default())
}

/// Verifies and reads a webhook: the hot path. `headers` are lines of `name:value`, as many as were received,
/// or without any colon the value of the one [`SIGNATURE_HEADER`].
///
/// The text is `+` and eleven fields with U+0000 between them, empty where there is nothing: contact, stage,
/// type, order status, status, location, opportunity, pipeline, webhook id, timestamp in epoch milliseconds,
/// scheme that verified. One that is refused gives `{"error":{…}}`.
pub fn open_webhook(verifier: &Verifier, raw: &[u8], headers: &str, now_ms: i64) -> String {
    let opened = if headers.as_bytes().contains(&b':') {
        let lines = headers.split('\n').filter_map(|line| line.split_once(':'));
        verifier.summarize(raw, lines, now_ms)
    } else {
        let value = Some(headers).filter(|value| !value.is_empty());
        verifier.summarize(raw, value.map(|value| (SIGNATURE_HEADER, value)), now_ms)
    };
    match opened {
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
    // Most events are asked for the first two or three. None holds U+0000: a body's texts that do are not read.
    let fields = [
        summary.contact.as_deref(),
        summary.stage.as_deref(),
        Some(summary.event_type.as_ref()),
        summary.order_status.as_deref(),
        summary.status.as_deref(),
        summary.location.as_deref(),
        summary.opportunity.as_deref(),
        summary.pipeline.as_deref(),
        summary.webhook_id.as_deref(),
        timestamp.as_deref(),
        Some(verified_by.as_str()),
    ];
    joined('+', fields.map(Option::unwrap_or_default))
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
        let expected = "+con1|In: production|workflow|manufacturing||||||1769860800000|hmac";
        assert_eq!(open(body), expected.replace('|', "\0"));
        let body = r#"{"type":"OpportunityUpdate","webhookId":"wh-1","locationId":"loc1","id":"opp1",
            "contactId":"con1","pipelineId":"pip1","pipelineStageId":"s1","status":"open"}"#;
        let expected = "+con1|s1|OpportunityUpdate||open|loc1|opp1|pip1|wh-1||hmac";
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
    fn the_value_alone_stands_for_the_signatures_header() {
        let verifier =
            verifier(r#"{"hmac":"s3cret","sharedSecret":{"header":"x-shop-key","secret":"k3y"}}"#).unwrap();
        let signature = sign::hmac("s3cret", b"{}");
        assert!(open_webhook(&verifier, b"{}", &signature, NOW).ends_with("hmac"));
        for value in ["", "k3y", "\n", &format!("{signature}\n"), &signature.to_uppercase()] {
            let text = open_webhook(&verifier, b"{}", value, NOW);
            assert!(text.starts_with(r#"{"error":{"code":"signature","#), "{value}: {text}");
        }
    }

    #[test]
    fn a_text_cannot_pass_for_two_fields() {
        let body = r#"{"type":"a\u0000b","contactId":"c\u0000d","pipelineStage":"x\u0000y","status":"1\n2"}"#;
        assert_eq!(open(body), "+||unknown||1\n2||||||hmac".replace('|', "\0"));
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
