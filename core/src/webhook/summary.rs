use std::borrow::Cow;

use ghlkit_wire::{Depth, Key, Text, Wire};

use super::{
    body::{Kind, is_workflow},
    parse::{Envelope, event_type, text},
};
use crate::{error::Result, ids::is_id};

/// What decides where a webhook goes, borrowed from its body: the quick way to read one. [`super::parse`]
/// reads the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary<'a> {
    /// As [`super::Event::event_type`].
    pub event_type: Cow<'a, str>,
    /// As [`super::Event::webhook_id`].
    pub webhook_id: Option<Cow<'a, str>>,
    /// As [`super::Event::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
    /// As [`super::Event::location`].
    pub location: Option<Cow<'a, str>>,
    /// The contact it names.
    pub contact: Option<Cow<'a, str>>,
    /// The opportunity it names.
    pub opportunity: Option<Cow<'a, str>>,
    /// The pipeline it names.
    pub pipeline: Option<Cow<'a, str>>,
    /// A workflow's `pipelineStage` (key, id or name), else `pipelineStageId`.
    pub stage: Option<Cow<'a, str>>,
    /// The text of a workflow's custom field `order_status`.
    pub order_status: Option<Cow<'a, str>>,
    /// `status`: of an opportunity, or of whatever the event is about.
    pub status: Option<Cow<'a, str>>,
}

impl<'a> Summary<'a> {
    /// Reads a body, without verifying anything.
    ///
    /// # Errors
    /// As [`super::parse`].
    pub fn read(raw: &'a [u8]) -> Result<Self> {
        let mut wire = Wire::default();
        let Envelope { named_type, webhook_id, timestamp_ms } =
            Envelope::read(text(raw)?, Depth::Summary, &mut wire)?;
        let id = |key| wire.text(key).filter(|text| is_id(text));
        let kind = Kind::of(&named_type);
        let workflow = kind == Kind::Workflow && is_workflow(&named_type, &wire);
        let (mut contact, mut opportunity) = (id(Key::ContactId), id(Key::OpportunityId));
        match kind {
            Kind::Contact => contact = id(Key::Id).or(contact),
            Kind::Opportunity => opportunity = id(Key::Id).or(opportunity),
            Kind::Appointment => {
                let inner = wire.appointment.and_then(|appointment| appointment.contact_id);
                contact = inner.and_then(Text::decode_storable).filter(|text| is_id(text)).or(contact);
            }
            Kind::Install | Kind::Uninstall | Kind::Workflow => {}
        }
        Ok(Self {
            event_type: event_type(named_type, workflow),
            webhook_id,
            timestamp_ms,
            location: id(Key::LocationId),
            contact,
            opportunity,
            pipeline: id(Key::PipelineId),
            stage: wire.text(Key::PipelineStage).or_else(|| id(Key::PipelineStageId)),
            order_status: wire.order_status.and_then(|list| list.order_status?.decode_storable()),
            status: wire.text(Key::Status),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::{EventBody, parse};

    #[test]
    fn the_users_body() {
        let body = r#"{"contactId":"con1","pipelineStage":"stage_in_production","customFields":
            [{"id":"order_status","value":"manufacturing"},{"key":"progress_percentage","value":50}],
            "timestamp":"2026-01-31T12:00:00.000Z"}"#;
        let summary = Summary::read(body.as_bytes()).unwrap();
        let expected = Summary {
            event_type: "workflow".into(),
            webhook_id: None,
            timestamp_ms: Some(1_769_860_800_000),
            location: None,
            contact: Some("con1".into()),
            opportunity: None,
            pipeline: None,
            stage: Some("stage_in_production".into()),
            order_status: Some("manufacturing".into()),
            status: None,
        };
        assert_eq!(summary, expected);
        let borrowed = |text: &Option<Cow<'_, str>>| matches!(text, Some(Cow::Borrowed(_)));
        assert!(borrowed(&summary.contact) && borrowed(&summary.stage) && borrowed(&summary.order_status));
    }

    #[test]
    fn it_agrees_with_the_whole_event() {
        let bodies = [
            r#"{"type":"ContactUpdate","id":"con1","locationId":"loc1","webhookId":"wh-1","contactId":"other"}"#,
            r#"{"type":"OpportunityStageUpdate","id":"opp1","contactId":"con1","pipelineId":"pip1","pipelineStageId":"s1","status":"open"}"#,
            r#"{"type":"AppointmentUpdate","locationId":"loc1","appointment":{"id":"app1","contactId":"con1"}}"#,
            r#"{"type":"ContactCreate","data":{"contactId":"con1","locationId":"a/b"}}"#,
            r#"{"customData":{"contactId":"con1","opportunityId":"opp1","pipelineStage":"Shipped"}}"#,
            r#"{"type":"our_own","customFields":[{"id":"order_status","value":5}]}"#,
            r#"{"type":"our_own","customFields":[{"value":"shipped"}]}"#,
            r#"{"type":"INSTALL","companyId":"com1"}"#,
            r#"{"type":"InvoicePaid","contactId":"con1"}"#,
            r#"{"contactId":"con1"}"#,
            "{}",
        ];
        for body in bodies {
            let (summary, event) = (Summary::read(body.as_bytes()).unwrap(), parse(body.as_bytes()).unwrap());
            assert_eq!(summary.event_type, event.event_type, "{body}");
            assert_eq!(summary.webhook_id.as_deref(), event.webhook_id.as_deref(), "{body}");
            assert_eq!(summary.location.as_deref(), event.location.as_ref().map(|id| id.as_str()), "{body}");
            let (contact, opportunity) = match event.body {
                EventBody::Contact(event) => (Some(event.id.to_string()), None),
                EventBody::Opportunity(event) => {
                    (event.contact.map(String::from), Some(event.id.to_string()))
                }
                EventBody::Appointment(event) => (event.contact.map(String::from), None),
                EventBody::Workflow(event) => {
                    (event.contact.map(String::from), event.opportunity.map(String::from))
                }
                _ => continue,
            };
            assert_eq!(
                (summary.contact.as_deref(), summary.opportunity.as_deref()),
                (contact.as_deref(), opportunity.as_deref()),
                "{body}"
            );
        }
    }
}
