use std::{cell::RefCell, fmt};

use ghlkit_wire::joined;

use super::{
    args::{Arguments, write_to},
    settle::error_text,
};
use crate::{
    error::{Code, Error, Result},
    webhook::{Event, SIGNATURE_HEADER, Summary, Tolerance, VerifiedBy, Verifier, VerifierSpec, parse},
};

/// A verifier from the JSON of its [`VerifierSpec`], for webhooks of which nothing is remembered.
///
/// # Errors
/// `invalid_argument` or `config`, naming the part.
pub fn verifier(spec: &str) -> Result<Verifier> {
    VerifierSpec::read(spec)?.build(Tolerance::default())
}

/// What opens webhooks for a host. It remembers the last one that was genuine: the same bytes under the same headers at the
/// same time are genuine again, so that what is read of an event later need not be verified anew.
#[derive(Debug)]
pub struct Opener {
    verifier: Verifier,
    last: RefCell<Last>,
}

/// The webhook that was genuine, if there is one.
#[derive(Default)]
struct Last {
    known: bool,
    raw: Vec<u8>,
    headers: String,
    now_ms: i64,
}

/// A longer body, or longer headers, are not remembered.
const REMEMBERED_BYTES: usize = 16 * 1024;

impl Opener {
    /// One that has opened nothing yet.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, last: RefCell::default() }
    }

    /// As [`open_webhook`].
    pub fn open(&self, raw: &[u8], headers: &str, now_ms: i64) -> String {
        let text = open_webhook(&self.verifier, raw, headers, now_ms);
        if text.starts_with('+') {
            self.last.borrow_mut().remember(raw, headers, now_ms);
        }
        text
    }

    /// Verifies a webhook as [`open_webhook`] does and reads it in full, as [`parse_webhook`] does.
    pub fn read(&self, raw: &[u8], headers: &str, now_ms: i64) -> String {
        if self.last.borrow().is(raw, headers, now_ms) {
            return parse_webhook(raw);
        }
        settle_event(self.verifier.construct_event(raw, named(headers), now_ms), raw)
    }
}

impl Last {
    fn remember(&mut self, raw: &[u8], headers: &str, now_ms: i64) {
        self.known = raw.len() <= REMEMBERED_BYTES && headers.len() <= REMEMBERED_BYTES;
        if self.known {
            self.raw.clear();
            self.raw.extend_from_slice(raw);
            self.headers.clear();
            self.headers.push_str(headers);
            self.now_ms = now_ms;
        }
    }

    fn is(&self, raw: &[u8], headers: &str, now_ms: i64) -> bool {
        self.known && self.now_ms == now_ms && self.headers == headers && self.raw == raw
    }
}

/// What customers and senders say is shown to nobody.
impl fmt::Debug for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Last").field("known", &self.known).finish_non_exhaustive()
    }
}

/// Verifies and reads a webhook: the hot path. `headers` are lines of `name:value`, as many as were received,
/// or without any colon the value of the one [`SIGNATURE_HEADER`].
///
/// The text is `+` and eleven fields with U+0000 between them, empty where there is nothing: contact, stage,
/// type, order status, status, location, opportunity, pipeline, webhook id, timestamp in epoch milliseconds,
/// scheme that verified. One that is refused gives `{"error":{…}}`.
pub fn open_webhook(verifier: &Verifier, raw: &[u8], headers: &str, now_ms: i64) -> String {
    match verifier.summarize(raw, named(headers), now_ms) {
        Ok((verified_by, summary)) => flat(verified_by, &summary),
        Err(error) => error_text(&error),
    }
}

/// Reads a webhook's body in full, verifying nothing. The text is that of [`settle`](super::settle), around
/// the JSON of its [`Event`](crate::webhook::Event).
pub fn parse_webhook(raw: &[u8]) -> String {
    settle_event(parse(raw), raw)
}

/// As [`settle_value`](super::settle_value), but written at once into a text that rarely has to grow.
fn settle_event(event: Result<Event>, raw: &[u8]) -> String {
    let written = event.and_then(|event| {
        let mut text = Vec::with_capacity(raw.len().min(512) + OK.len() + 1);
        text.extend_from_slice(OK.as_bytes());
        write_to(&mut text, &event)?;
        text.push(b'}');
        String::from_utf8(text)
            .map_err(|_| Error::new(Code::UnexpectedReply, "an event was not written as UTF-8"))
    });
    written.unwrap_or_else(|error| error_text(&error))
}

const OK: &str = "{\"ok\":";

/// The headers of those lines, or the one whose value stands alone.
fn named(headers: &str) -> impl Iterator<Item = (&str, &str)> {
    let (alone, lines) = if headers.as_bytes().contains(&b':') { ("", headers) } else { (headers, "") };
    let alone = (!alone.is_empty()).then_some((SIGNATURE_HEADER, alone));
    alone.into_iter().chain(lines.split('\n').filter_map(|line| line.split_once(':')))
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
    fn what_is_read_in_full_is_verified_first() {
        let read = |body: &str, signature: &str| {
            let opener = Opener::new(verifier(r#"{"hmac":"s3cret"}"#).unwrap());
            let alone = opener.read(body.as_bytes(), signature, NOW);
            if !signature.is_empty() {
                let line = format!("x-ghl-signature:{signature}");
                assert_eq!(opener.read(body.as_bytes(), &line, NOW), alone);
            }
            alone
        };
        let body = r#"{"contactId":"con1","pipelineStage":"stage_shipped"}"#;
        let signature = sign::hmac("s3cret", body.as_bytes());
        assert_eq!(read(body, &signature), parse_webhook(body.as_bytes()));
        assert!(read(&body.replace("con1", "con2"), &signature).contains(r#""code":"signature""#));
        assert!(read(body, "").contains(r#""code":"signature""#));
        let stale = r#"{"timestamp":"2026-01-30T12:00:00.000Z"}"#;
        assert!(read(stale, &sign::hmac("s3cret", stale.as_bytes())).contains(r#""code":"stale""#));
        assert!(read("[]", &sign::hmac("s3cret", b"[]")).contains(r#""code":"payload""#));
    }

    #[test]
    fn only_what_was_genuine_a_moment_ago_is_not_verified_anew() {
        let opener = Opener::new(verifier(r#"{"hmac":"s3cret"}"#).unwrap());
        let body =
            |contact: &str| format!(r#"{{"contactId":"{contact}","timestamp":"2026-01-31T12:00:00.000Z"}}"#);
        let (first, second) = (body("con1"), body("con2"));
        let signature = |body: &str| sign::hmac("s3cret", body.as_bytes());
        let opened =
            |body: &str, signature: &str| opener.open(body.as_bytes(), signature, NOW).starts_with('+');
        let read = |body: &str, signature: &str, now| opener.read(body.as_bytes(), signature, now);
        let refused = |text: String| text.starts_with(r#"{"error":{"code":"s"#);
        assert!(refused(opener.read(b"", "", 0)), "nothing was opened");
        assert!(opened(&first, &signature(&first)));
        assert_eq!(read(&first, &signature(&first), NOW), parse_webhook(first.as_bytes()));
        // The same body, but nothing that proves it.
        assert!(refused(read(&first, "", NOW)) && refused(read(&first, &signature(&second), NOW)));
        assert!(refused(read(&first, &signature(&first), NOW + 86_400_000)), "it is stale by then");
        assert!(refused(read(&second, &signature(&first), NOW)));
        // What is refused takes no place, and what is accepted the one there is.
        assert!(!opened(&second, &signature(&first)));
        assert_eq!(read(&first, &signature(&first), NOW), parse_webhook(first.as_bytes()));
        assert!(opened(&second, &signature(&second)));
        assert!(refused(read(&first, &signature(&second), NOW)));
        for body in [first, second, format!("{{\"a\":\"{}\"}}", "x".repeat(REMEMBERED_BYTES))] {
            assert!(opened(&body, &signature(&body)));
            assert_eq!(read(&body, &signature(&body), NOW), parse_webhook(body.as_bytes()));
            assert!(refused(read(&body, &signature("{}"), NOW)));
        }
        assert!(!format!("{opener:?}").contains("con"), "{opener:?}");
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
