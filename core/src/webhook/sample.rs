//! Events as GHL would send them, for tests of a receiver.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The types of each kind of event, and what its bodies hold beside `type`, `locationId`, `webhookId` and `timestamp`.
/// Appointments have it in an object of their own.
const SAMPLES: &[(&[&str], &str)] = &[
    (
        &["ContactCreate", "ContactUpdate", "ContactDelete", "ContactTagUpdate", "ContactDndUpdate"],
        r#"{"id":"nmFmQEsNgz6AVpgLVUJ0","firstName":"Aino","lastName":"Virtanen","name":"Aino Virtanen",
            "email":"aino@example.com","phone":"+358401234567","address1":"Mannerheimintie 1","city":"Helsinki",
            "postalCode":"00100","country":"FI","source":"api","dnd":false,"tags":["status_shipped"],"attachments":[],
            "assignedTo":"bNl8QNGXhIQJLv8eeASQ","customFields":[],"dateAdded":"2026-01-31T12:00:00.000Z"}"#,
    ),
    (
        &[
            "OpportunityCreate",
            "OpportunityUpdate",
            "OpportunityStageUpdate",
            "OpportunityStatusUpdate",
            "OpportunityDelete",
            "OpportunityMonetaryValueUpdate",
            "OpportunityAssignedToUpdate",
        ],
        r#"{"id":"wWhVuzqpRuOA1ZVWi4FC","contactId":"nmFmQEsNgz6AVpgLVUJ0","name":"Order #1042","monetaryValue":4999,
            "pipelineId":"VDm7RPYC2GLUvdpKmBfC","pipelineStageId":"e93ba61a-53b3-45e7-985a-c7732dbcdb69","status":"open",
            "source":"api","assignedTo":"bNl8QNGXhIQJLv8eeASQ","dateAdded":"2026-01-31T12:00:00.000Z"}"#,
    ),
    (
        &["AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"],
        r#"{"appointment":{"id":"0TkCdp9PfvLeWKYRRvIz","calendarId":"BqTwX8QFwXzpegMve9EQ","contactId":"nmFmQEsNgz6AVpgLVUJ0",
            "title":"Sauna Installation - Order #1042","address":"Mannerheimintie 1, Helsinki","appointmentStatus":"confirmed",
            "assignedUserId":"bNl8QNGXhIQJLv8eeASQ","users":[],"notes":"","source":"api","startTime":"2026-02-02T09:00:00+02:00",
            "endTime":"2026-02-02T15:00:00+02:00","dateAdded":"2026-01-31T12:00:00.000Z",
            "dateUpdated":"2026-01-31T12:00:00.000Z"}}"#,
    ),
    (
        &["NoteCreate", "NoteUpdate", "NoteDelete"],
        r#"{"id":"otg8dTQqGLh3Q6iQI55w","contactId":"nmFmQEsNgz6AVpgLVUJ0","body":"Call before delivery.",
            "dateAdded":"2026-01-31T12:00:00.000Z"}"#,
    ),
    (
        &["TaskCreate", "TaskComplete", "TaskDelete"],
        r#"{"id":"UFkE3fyBnbiPsqXaDNnE","contactId":"nmFmQEsNgz6AVpgLVUJ0","assignedTo":"bNl8QNGXhIQJLv8eeASQ",
            "title":"Call the customer","body":"About the delivery.","dateAdded":"2026-01-31T12:00:00.000Z",
            "dueDate":"2026-02-02T12:00:00.000Z"}"#,
    ),
    (
        &["InboundMessage", "OutboundMessage"],
        r#"{"messageId":"rTkCdp9PfvLeWKYRRvIz","conversationId":"fcanlLgpbQgQhderivVs","contactId":"nmFmQEsNgz6AVpgLVUJ0",
            "direction":"inbound","messageType":"SMS","contentType":"text/plain","status":"delivered",
            "body":"When does my sauna arrive?","attachments":[],"dateAdded":"2026-01-31T12:00:00.000Z"}"#,
    ),
    (
        &["OrderCreate", "OrderStatusUpdate"],
        r#"{"_id":"6578278e879ad2646715ba9c","altType":"location","contactId":"nmFmQEsNgz6AVpgLVUJ0","status":"completed",
            "fulfillmentStatus":"unfulfilled","currency":"EUR","amount":4999,"liveMode":false,
            "items":[{"name":"Barrel sauna","qty":1}],"amountSummary":{"subtotal":4999,"discount":0,"tax":0,"shipping":0},
            "createdAt":"2026-01-31T12:00:00.000Z","updatedAt":"2026-01-31T12:00:00.000Z"}"#,
    ),
    (
        &["INSTALL"],
        r#"{"appId":"65f0c0ffee0000000000abcd","companyId":"GNb7aIv4rQFVb9iwNl5K","userId":"bNl8QNGXhIQJLv8eeASQ",
            "planId":"66a0419a0dffa47fb5f8b22f","isWhitelabelCompany":false,"companyName":"Ilio Sauna"}"#,
    ),
    (&["UNINSTALL"], r#"{"appId":"65f0c0ffee0000000000abcd","companyId":"GNb7aIv4rQFVb9iwNl5K"}"#),
];

/// What a workflow of GHL sends where it is set up as the guide says: it has no type, id or location.
const WORKFLOW: &str = r#"{"contactId":"nmFmQEsNgz6AVpgLVUJ0","pipelineStage":"stage_shipped",
    "customFields":[{"id":"order_status","value":"shipped"}]}"#;

/// The body of an event of a type, or of `workflow`, with these members in place of its own.
///
/// # Errors
/// `invalid_argument`, field `type`: there is no sample of it; the error lists those there are.
pub fn test_event(event_type: &str, members: Map<String, Value>) -> Result<String> {
    let (head, sample) = if event_type == "workflow" {
        (Map::new(), WORKFLOW)
    } else {
        let found = SAMPLES.iter().find(|(types, _)| types.contains(&event_type));
        let (_, sample) = found.ok_or_else(|| {
            let known: Vec<&str> = SAMPLES.iter().flat_map(|(types, _)| *types).copied().collect();
            Error::invalid("type", format_args!("expected workflow, {}", known.join(", ")))
        })?;
        let head = [("type", event_type), ("locationId", "ve9EPM428h8vShlRW1KT")];
        (head.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(), *sample)
    };
    // Ours are read by the tests.
    let sample: Map<String, Value> = serde_json::from_str(sample).unwrap_or_default();
    let mut body = Map::new();
    body.extend(head.into_iter().chain(sample).chain(members));
    Ok(Value::Object(body).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::{EventBody, parse};

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn each_is_an_event_of_its_type_and_kind() {
        for event_type in SAMPLES.iter().flat_map(|(types, _)| *types) {
            let body = test_event(event_type, members(json!({ "webhookId": "wh-1" }))).unwrap();
            let event = parse(body.as_bytes()).unwrap();
            assert_eq!((event.event_type.as_str(), event.webhook_id.as_deref()), (*event_type, Some("wh-1")));
            assert!(!matches!(event.body, EventBody::Other | EventBody::Workflow(_)), "{body}");
            assert!(body.len() > 140, "its members were read: {body}");
        }
        let EventBody::Workflow(workflow) =
            parse(test_event("workflow", Map::new()).unwrap().as_bytes()).unwrap().body
        else {
            panic!()
        };
        assert_eq!(workflow.stage.as_deref(), Some("stage_shipped"));
    }

    #[test]
    fn what_is_given_goes_before_the_sample() {
        let body =
            test_event("ContactUpdate", members(json!({ "id": "con1", "locationId": "loc1", "more": 1 })))
                .unwrap();
        let event = parse(body.as_bytes()).unwrap();
        assert_eq!(event.location.unwrap().as_str(), "loc1");
        assert!(body.contains(r#""id":"con1""#) && body.contains(r#""more":1"#));
    }

    #[test]
    fn of_an_unknown_type_there_is_none() {
        let error = test_event("ContactTeleported", Map::new()).unwrap_err();
        assert_eq!(error.field(), Some("type"));
        assert!(error.message().contains("UNINSTALL"), "{error}");
    }
}
