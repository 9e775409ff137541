use std::borrow::Cow;

use ghlkit_wire::{Depth, Key, Timestamp, Wire};

use super::{
    body,
    event::{Event, EventBody},
    records,
};
use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, MAX_ID_LEN},
};

/// Reads the body of a webhook, without verifying anything. Unknown types and fields are tolerated.
///
/// # Errors
/// `payload`: not UTF-8, not JSON, not an object, a field given twice; or, with that field, a `timestamp`
/// that is not RFC 3339 or a `type` of more than 100 bytes.
pub fn parse(raw: &[u8]) -> Result<Event> {
    let mut wire = Wire::default();
    let text = text(raw)?;
    let Envelope { named_type, webhook_id, timestamp_ms } = Envelope::read(text, Depth::Full, &mut wire)?;
    let location = wire.text(Key::LocationId).and_then(|text| LocationId::parse(&text).ok());
    let body =
        records::read(&named_type, &wire, text).unwrap_or_else(|| body::read(&named_type, &wire, text));
    let event_type = event_type(named_type, matches!(body, EventBody::Workflow(_))).into_owned();
    Ok(Event { event_type, webhook_id: webhook_id.map(Cow::into_owned), timestamp_ms, location, body })
}

/// What tells one event from another.
pub(super) struct Envelope<'a> {
    /// `type`, empty where there is none.
    pub(super) named_type: Cow<'a, str>,
    pub(super) webhook_id: Option<Cow<'a, str>>,
    pub(super) timestamp_ms: Option<i64>,
}

impl<'a> Envelope<'a> {
    /// Reads a body into the empty `wire`.
    pub(super) fn read(text: &'a str, depth: Depth, wire: &mut Wire<'a>) -> Result<Self> {
        let is_object = wire
            .fill(text, depth)
            .map_err(|fault| payload("body", format_args!("expected a JSON object: {fault}")))?;
        if !is_object {
            return Err(payload("body", "expected a JSON object"));
        }
        let timestamp_ms = match wire.timestamp {
            None => None,
            Some(Timestamp::At(ms)) => Some(ms),
            Some(Timestamp::Malformed) => {
                return Err(payload("timestamp", "expected RFC 3339, e.g. 2026-01-31T12:00:00.000Z"));
            }
        };
        let named_type = wire.text(Key::Type).unwrap_or_default();
        if named_type.len() > MAX_ID_LEN {
            let got = named_type.len();
            return Err(payload("type", format_args!("expected at most {MAX_ID_LEN} bytes, got {got}")));
        }
        // A longer one is no id of GHL's: the event then counts as one without an id.
        let webhook_id = wire.text(Key::WebhookId).filter(|id| (1..=MAX_ID_LEN).contains(&id.len()));
        Ok(Self { named_type, webhook_id, timestamp_ms })
    }
}

/// The type an event is known by: its own, or one of ours for a body without.
pub(super) fn event_type(named: Cow<'_, str>, workflow: bool) -> Cow<'_, str> {
    match (named.is_empty(), workflow) {
        (false, _) => named,
        (true, true) => Cow::Borrowed("workflow"),
        (true, false) => Cow::Borrowed("unknown"),
    }
}

/// A body's text.
pub(super) fn text(raw: &[u8]) -> Result<&str> {
    simdutf8::basic::from_utf8(raw).map_err(|_| {
        let valid = std::str::from_utf8(raw).err().map_or(raw.len(), |error| error.valid_up_to());
        payload("body", format_args!("expected UTF-8, got another byte at {valid}"))
    })
}

fn payload(field: &str, message: impl std::fmt::Display) -> Error {
    Error::new(Code::Payload, format!("{field}: {message}")).with_field(field)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        ids::{CompanyId, ContactId, OpportunityId, StageId},
        webhook::{AppEvent, Json, OpportunityEvent, WorkflowEvent},
    };

    fn read(body: &str) -> Event {
        parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_contact_event() {
        let event = read(
            r#"{
                "type": "ContactUpdate", "locationId": "loc1", "id": "con1", "webhookId": "wh-1", "appId": "app1",
                "timestamp": "2026-01-31T12:00:00.250Z", "email": "Aino@Example.com", "phone": "+358401234567",
                "name": "Aino Virtanen", "firstName": "Aino", "lastName": "Virtanen", "dnd": true,
                "tags": ["vip", "status_shipped"], "attachments": [],
                "customFields": [
                    { "id": "f1", "value": "shipped" }, { "id": "f2", "value": 75 }, { "id": "f3", "value": ["a"] },
                    { "id": "f4" }, { "value": "nameless" }, "no field", ["f5", "x"]
                ]
            }"#,
        );
        assert_eq!((event.event_type.as_str(), event.webhook_id.as_deref()), ("ContactUpdate", Some("wh-1")));
        assert_eq!(event.timestamp_ms, Some(1_769_860_800_250));
        assert_eq!(event.location, Some(LocationId::new("loc1")));
        let EventBody::Contact(contact) = event.body else { panic!("{event:?}") };
        assert_eq!(contact.id, ContactId::new("con1"));
        assert_eq!(contact.email.as_deref(), Some("Aino@Example.com"));
        assert_eq!(contact.tags, Some(["vip", "status_shipped"].into_iter().collect()));
        let fields: Vec<_> =
            contact.custom_fields.into_iter().map(|field| (field.id, field.value.value())).collect();
        let expected =
            [("f1", json!("shipped")), ("f2", json!(75)), ("f3", json!(["a"])), ("f4", json!(null))];
        assert_eq!(fields, expected.map(|(id, value)| (id.to_owned(), value)));
    }

    #[test]
    fn an_opportunity_event() {
        let event = read(
            r#"{"type":"OpportunityStageUpdate","locationId":"loc1","id":"opp1","contactId":"con1","monetaryValue":40.5,
                "name":"Order #7","pipelineId":"pip1","pipelineStageId":"e93ba61a-53b3-45e7-985a-c7732dbcdb69",
                "status":"open","dateAdded":"2026-01-31T12:00:00.000Z"}"#,
        );
        assert_eq!((event.webhook_id, event.timestamp_ms), (None, None));
        let expected = OpportunityEvent {
            id: OpportunityId::new("opp1"),
            contact: Some(ContactId::new("con1")),
            pipeline: Some(crate::ids::PipelineId::new("pip1")),
            stage: Some(StageId::new("e93ba61a-53b3-45e7-985a-c7732dbcdb69")),
            previous_stage: None,
            name: Some("Order #7".to_owned()),
            status: Some("open".to_owned()),
            monetary_value: Some(40.5),
            assigned_to: None,
            source: None,
            date_added: Some("2026-01-31T12:00:00.000Z".to_owned()),
        };
        assert_eq!(event.body, EventBody::Opportunity(expected));
    }

    #[test]
    fn an_appointment_event() {
        let event = read(
            r#"{"type":"AppointmentUpdate","locationId":"loc1","appointment":{"id":"app1","calendarId":"cal1",
                "contactId":"con1","title":"Installation","appointmentStatus":"cancelled","users":["u1"],
                "startTime":"2026-02-01T09:00:00+02:00","endTime":"2026-02-01T15:00:00+02:00"}}"#,
        );
        let EventBody::Appointment(appointment) = event.body else { panic!("{event:?}") };
        assert_eq!((appointment.id.as_str(), appointment.status.as_deref()), ("app1", Some("cancelled")));
        assert_eq!(appointment.start_time.as_deref(), Some("2026-02-01T09:00:00+02:00"));
        assert_eq!(appointment.contact, Some(ContactId::new("con1")));
    }

    #[test]
    fn apps_come_and_go() {
        let install =
            read(r#"{"type":"INSTALL","appId":"app1","companyId":"com1","locationId":"loc1","planId":"p1"}"#);
        let app = AppEvent {
            app_id: Some("app1".to_owned()),
            company: Some(CompanyId::new("com1")),
            user: None,
            plan_id: Some("p1".to_owned()),
            ..AppEvent::default()
        };
        assert_eq!(
            (install.location, install.body),
            (Some(LocationId::new("loc1")), EventBody::Install(app))
        );
        let uninstall = read(r#"{"type":"UNINSTALL","appId":"app1","companyId":"com1"}"#);
        assert!(matches!(uninstall, Event { location: None, body: EventBody::Uninstall(_), .. }));
    }

    #[test]
    fn an_opportunity_event_that_says_what_was_before() {
        let event = read(
            r#"{"type":"OpportunityStageUpdate","opportunityId":"opp1","newStageId":"s2","previousStageId":"s1"}"#,
        );
        let EventBody::Opportunity(opportunity) = event.body else { panic!("{event:?}") };
        assert_eq!(opportunity.id, OpportunityId::new("opp1"));
        assert_eq!(opportunity.stage, Some(StageId::new("s2")));
        assert_eq!(opportunity.previous_stage, Some(StageId::new("s1")));
        let odd = r#"{"type":"OpportunityUpdate","id":"opp1","pipelineStageId":"s3","newStageId":"s2","previousStageId":7}"#;
        let EventBody::Opportunity(opportunity) = read(odd).body else { panic!("{odd}") };
        assert_eq!((opportunity.stage, opportunity.previous_stage), (Some(StageId::new("s3")), None));
    }

    #[test]
    fn the_users_workflow_body() {
        let event = read(
            r#"{"contactId":"test_contact_123","pipelineStage":"stage_in_production","customFields":
                [{"id":"order_status","value":"manufacturing"},{"key":"progress_percentage","value":50}],
                "timestamp":"2026-01-31T14:00:00+02:00"}"#,
        );
        assert_eq!((event.event_type.as_str(), event.timestamp_ms), ("workflow", Some(1_769_860_800_000)));
        let EventBody::Workflow(workflow) = event.body else { panic!("{event:?}") };
        assert_eq!(workflow.contact, Some(ContactId::new("test_contact_123")));
        assert_eq!(workflow.stage.as_deref(), Some("stage_in_production"));
        assert_eq!(workflow.field("order_status"), Some(&Json::from(&json!("manufacturing"))));
        assert_eq!(workflow.field("progress_percentage"), Some(&Json::from(&json!(50))));
        assert_eq!(workflow.field("order_number"), None);
    }

    #[test]
    fn other_workflow_bodies() {
        let workflow = |body: &str| match read(body).body {
            EventBody::Workflow(workflow) => workflow,
            other => panic!("{body}: {other:?}"),
        };
        let expected = WorkflowEvent {
            contact: Some(ContactId::new("con1")),
            opportunity: Some(OpportunityId::new("opp1")),
            stage: Some("Shipped".to_owned()),
            custom_fields: Vec::new(),
        };
        for body in [
            r#"{"contactId":"con1","opportunityId":"opp1","pipelineStage":"Shipped"}"#,
            r#"{"type":"our_own","contactId":"con1","opportunityId":"opp1","pipelineStage":"Shipped"}"#,
            r#"{"full_name":"Aino","tags":"a,b","customData":{"contactId":"con1","opportunityId":"opp1","pipelineStage":"Shipped"}}"#,
        ] {
            assert_eq!(workflow(body), expected, "{body}");
        }
        assert_eq!(workflow(r#"{"contactId":"con1"}"#).contact, expected.contact);
        assert!(matches!(
            read(r#"{"type":"InboundMessage","contactId":"con1"}"#).body,
            EventBody::Message(_)
        ));
    }

    #[test]
    fn an_object_nested_under_data_is_found_but_the_envelope_wins() {
        let event = read(
            r#"{"type":"ContactCreate","webhookId":"wh-1","timestamp":"2026-01-31T12:00:00Z","locationId":"outer",
                "data":{"type":"Inner","webhookId":"inner","timestamp":"never","locationId":"inner","contactId":"con1",
                        "email":"a@b.fi","data":{"phone":"+1"}}}"#,
        );
        assert_eq!((event.event_type.as_str(), event.webhook_id.as_deref()), ("ContactCreate", Some("wh-1")));
        assert_eq!(event.location, Some(LocationId::new("outer")));
        let EventBody::Contact(contact) = event.body else { panic!("{event:?}") };
        assert_eq!((contact.id, contact.email.as_deref()), (ContactId::new("con1"), Some("a@b.fi")));
    }

    #[test]
    fn unknown_types_are_kept() {
        for (body, event_type) in [
            (r#"{"type":"InvoiceTorn","locationId":"loc1","total":5}"#, "InvoiceTorn"),
            (r#"{"type":"ContactTeleported","locationId":"loc1"}"#, "ContactTeleported"),
            (r#"{"locationId":"loc1","id":"x"}"#, "unknown"),
            (r#"{"type":5,"locationId":"loc1"}"#, "unknown"),
        ] {
            let event = read(body);
            assert_eq!((event.event_type.as_str(), &event.body), (event_type, &EventBody::Other), "{body}");
            assert_eq!(event.location, Some(LocationId::new("loc1")));
        }
    }

    #[test]
    fn optional_fields_of_a_wrong_type_are_absent() {
        let event = read(
            r#"{"type":"OpportunityUpdate","id":"opp1","locationId":7,"webhookId":{"a":[1]},"timestamp":null,
                "contactId":["c"],"pipelineId":"a/b","pipelineStageId":true,"monetaryValue":"40","name":null,
                "status":{"s":1},"data":"text","customData":[1],"customFields":{"a":1},"tags":"vip"}"#,
        );
        assert!(
            matches!(&event, Event { location: None, webhook_id: None, timestamp_ms: None, .. }),
            "{event:?}"
        );
        let EventBody::Opportunity(opportunity) = event.body else { panic!("{event:?}") };
        let expected = OpportunityEvent {
            id: OpportunityId::new("opp1"),
            contact: None,
            pipeline: None,
            stage: None,
            previous_stage: None,
            name: None,
            status: None,
            monetary_value: None,
            assigned_to: None,
            source: None,
            date_added: None,
        };
        assert_eq!(opportunity, expected);
        let long_id = format!(r#"{{"type":"x","webhookId":"{}"}}"#, "w".repeat(101));
        assert_eq!(read(&long_id).webhook_id, None);
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        let deep = format!("{{\"customFields\":[{{\"id\":\"f1\",\"value\":{deep}}}]}}");
        let bodies: [&[u8]; 20] = [
            b"",
            b" ",
            b"null",
            b"7",
            b"\"text\"",
            b"[]",
            b"[{\"type\":\"INSTALL\"}]",
            b"{",
            b"{}x",
            b"{}{}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"{\"a\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"id\":\"a\",\"id\":\"b\"}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"data\":{\"a\":\"\\udc00\"}}",
            b"{\"a\":1e999}",
            b"{\"a\":\"\x01\"}",
            deep.as_bytes(),
        ];
        for body in bodies {
            let error = parse(body).unwrap_err();
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!((error.code(), error.field()), (Code::Payload, Some("body")), "{shown}");
        }
        assert_eq!(parse(b"{}").unwrap().event_type, "unknown");
    }

    #[test]
    fn a_malformed_timestamp_is_not_taken_for_an_absent_one() {
        for timestamp in [
            "\"\"",
            "\"now\"",
            "\"2026-01-31\"",
            "\"2026-01-31T12:00:00\"",
            "\"2026-02-30T12:00:00Z\"",
            "1769860800000",
            "true",
            "[]",
            "{}",
        ] {
            let error = parse(format!(r#"{{"type":"ContactUpdate","timestamp":{timestamp}}}"#).as_bytes())
                .unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Payload, Some("timestamp")), "{timestamp}");
        }
    }

    #[test]
    fn an_overlong_type_is_refused() {
        let of = |n: usize| parse(format!(r#"{{"type":"{}"}}"#, "x".repeat(n)).as_bytes());
        assert!(of(100).is_ok());
        assert_eq!(of(101).unwrap_err().field(), Some("type"));
    }

    #[test]
    fn deep_nesting_is_no_danger_on_a_small_stack() {
        let nested = |depth: usize| {
            let body = format!("{}{}", "{\"data\":".repeat(depth) + "{}", "}".repeat(depth));
            let small = std::thread::Builder::new().stack_size(512 * 1024);
            small.spawn(move || parse(body.as_bytes()).is_ok()).unwrap().join().unwrap()
        };
        assert!(nested(1) && nested(100));
        assert!(!nested(1_000) && !nested(100_000), "no reader of JSON goes that deep");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_object_makes_it_panic(body in "\\{(\"(type|id|data|timestamp|tags|customFields|appointment)\":(\\{|\\[|\\]|\\}|\"x\"|null|1|,){0,4},?){0,5}\\}") {
            let _ = parse(body.as_bytes());
        }
    }
}
