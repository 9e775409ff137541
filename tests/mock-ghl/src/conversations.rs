//! Sending messages: recorded, never delivered.

use serde_json::{Map, Value, json};

use crate::auth::Access;
use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::http::{Answer, Handled, object};
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::time::iso;

/// One message that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Opaque id.
    pub id: String,
    /// The contact's conversation.
    pub conversation_id: String,
    /// Who it went to.
    pub contact_id: String,
    /// `SMS`, `Email`, …
    pub kind: String,
    /// The request's body as it came.
    pub body: Map<String, Value>,
    /// When, epoch milliseconds.
    pub at: i64,
}

/// Messages remembered; the oldest are forgotten.
const KEPT: usize = 10_000;

const KINDS: &[&str] = &["SMS", "RCS", "Email", "WhatsApp", "IG", "FB", "Custom", "Live_Chat", "TIKTOK"];

/// The published specification also requires `subType` and `status`, which callers do not send.
const SEND: &[Property] = &[
    required("type", Kind::OneOf(KINDS)),
    required("contactId", Kind::Text),
    optional("subType", Kind::Any),
    optional("status", Kind::OneOf(&["delivered", "failed", "pending", "read"])),
    optional("appointmentId", Kind::Text),
    optional("attachments", Kind::Texts),
    optional("emailFrom", Kind::Text),
    optional("emailTo", Kind::Text),
    optional("emailCc", Kind::Texts),
    optional("emailBcc", Kind::Texts),
    optional("emailReplyMode", Kind::OneOf(&["reply", "reply_all"])),
    optional("html", Kind::Text),
    optional("message", Kind::Text),
    optional("subject", Kind::Text),
    optional("replyMessageId", Kind::Text),
    optional("templateId", Kind::Text),
    optional("threadId", Kind::Text),
    optional("scheduledTimestamp", Kind::Number),
    optional("conversationProviderId", Kind::Text),
    optional("customSubtypeId", Kind::Text),
    optional("fromNumber", Kind::Text),
    optional("toNumber", Kind::Text),
    optional("forward", Kind::Object),
    optional("usesNativeSchedulingAi", Kind::Flag),
    optional("optimizationPeriod", Kind::OneOf(&["24h", "48h", "72h"])),
];

pub(crate) const ROUTES: &[Route] = &[Route {
    method: "POST",
    pattern: "/conversations/messages",
    access: Access::Location,
    scope: "conversations/message.write",
    handler: send,
}];

fn send(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[SEND], Unknown::Refuse)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, contact_id) = (text("type"), text("contactId"));
    let Some(contact) = ghl.contacts.get(&contact_id).cloned() else {
        return Err(Answer::bad_request("Contact not found"));
    };
    call.require_location(&contact.location_id)?;
    let address = if kind == "Email" { "email" } else { "phone" };
    if contact.text(address).is_none() {
        return Err(Answer::bad_request(&format!("Contact has no {address} to send the message to")));
    }
    if ["message", "html", "templateId", "attachments"].iter().all(|name| !body.contains_key(*name)) {
        return Err(Answer::unprocessable_one("There is no message or attachments for this message."));
    }
    let earlier = ghl.messages.iter().find(|message| message.contact_id == contact_id);
    let conversation_id = match earlier.map(|message| message.conversation_id.clone()) {
        Some(id) => id,
        None => ghl.rng.opaque(),
    };
    let message = Message { id: ghl.rng.opaque(), conversation_id, contact_id, kind, body, at: call.now };
    let mut answer = object(json!({
        "conversationId": message.conversation_id,
        "messageId": message.id,
        "status": "pending",
    }));
    if message.kind == "Email" {
        answer.insert("emailMessageId".to_owned(), json!(message.id));
    } else {
        answer.insert("msg".to_owned(), json!("Message queued successfully."));
    }
    ghl.emit_app(call.now, "OutboundMessage", &contact.location_id, message.event_fields());
    if ghl.messages.len() == KEPT {
        ghl.messages.remove(0);
    }
    ghl.messages.push(message);
    Ok(Answer::new(ghl.settings.assumptions.message_status, Value::Object(answer)))
}

impl Message {
    pub(crate) fn event_fields(&self) -> Map<String, Value> {
        object(json!({
            "attachments": self.body.get("attachments").cloned().unwrap_or(json!([])),
            "body": self.body.get("message").or(self.body.get("html")),
            "contactId": self.contact_id,
            "contentType": "text/plain",
            "conversationId": self.conversation_id,
            "dateAdded": iso(self.at),
            "direction": "outbound",
            "messageType": self.kind,
            "messageId": self.id,
            "source": "app",
            "status": "pending",
        }))
    }
}
