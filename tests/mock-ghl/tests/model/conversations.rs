use serde_json::{Value, json};

use crate::support::{Api, text};

const SEND: &str = "/conversations/messages";

#[test]
fn messages_are_recorded_in_the_contacts_conversation() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com", "phone": "+358401234567" }));
    api.events();
    let (status, sms) = api.post(SEND, json!({ "type": "SMS", "contactId": contact, "message": "50 %" }));
    assert_eq!((status, &sms["status"]), (200, &json!("pending")));
    assert_eq!(sms.get("emailMessageId"), None);
    let mail = json!({ "type": "Email", "contactId": contact, "subject": "Order", "html": "<p>50 %</p>" });
    let (_, mail) = api.post(SEND, mail);
    assert_eq!(mail["emailMessageId"], mail["messageId"]);
    assert_eq!(mail["conversationId"], sms["conversationId"]);
    let kept = api.ghl.messages();
    assert_eq!((kept[0].kind.as_str(), kept[1].kind.as_str()), ("SMS", "Email"));
    assert_eq!(kept[1].body["html"], "<p>50 %</p>");
    assert_eq!(kept[0].id, text(&sms["messageId"]));
    assert_eq!(api.events(), ["OutboundMessage", "OutboundMessage"]);
    // There is no idempotency key: the same request sends twice.
    api.post(SEND, json!({ "type": "SMS", "contactId": contact, "message": "50 %" }));
    assert_eq!(api.ghl.messages().len(), 3);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let mut status = |body: Value| api.post(SEND, body).0;
    assert_eq!(status(json!({ "type": "Fax", "contactId": contact, "message": "x" })), 422);
    assert_eq!(status(json!({ "type": "Email", "contactId": contact, "text": "x" })), 422);
    assert_eq!(status(json!({ "type": "Email", "contactId": contact })), 422);
    assert_eq!(status(json!({ "type": "SMS", "contactId": contact, "message": "x" })), 400, "no phone");
    assert_eq!(status(json!({ "type": "Email", "contactId": "nobody", "html": "x" })), 400);
    assert!(api.ghl.messages().is_empty());
}
