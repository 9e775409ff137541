//! Sending messages, recorded and never delivered, and the conversations that they make.

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

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        pattern: "/conversations/messages",
        access: Access::Location,
        scope: "conversations/message.write",
        handler: send,
    },
    read("/conversations/search", "conversations.readonly", search),
    read("/conversations/{conversationId}/messages", "conversations/message.readonly", list),
    read("/conversations/messages/email/{emailMessageId}", "conversations/message.readonly", email),
];

const fn read(
    pattern: &'static str,
    scope: &'static str,
    handler: fn(&mut Ghl, &Call<'_>) -> Handled,
) -> Route {
    Route { method: "GET", pattern, access: Access::Location, scope, handler }
}

/// Conversations, each of one contact.
fn search(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.required_query("locationId")?;
    call.require_location(location_id)?;
    let asked = call.query("contactId");
    let mut found: Vec<Value> = Vec::new();
    for message in ghl.messages.iter().rev() {
        let here = ghl.contacts.get(&message.contact_id).is_some_and(|one| one.location_id == location_id);
        let known = found.iter().any(|one| one["id"] == message.conversation_id.as_str());
        if here && !known && asked.is_none_or(|contact_id| contact_id == message.contact_id) {
            found.push(json!({
                "id": message.conversation_id,
                "contactId": message.contact_id,
                "locationId": location_id,
                "lastMessageType": message.type_name(),
                "lastMessageDate": message.at,
                "deleted": false,
            }));
        }
    }
    Ok(Answer::ok(json!({ "total": found.len(), "conversations": found })))
}

/// Messages, the newest first. All e-mails of a conversation are one thread, and one message.
fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let id = call.path(0);
    let limit = call.number("limit", 20, 100)?;
    let of: Vec<&Message> = ghl.messages.iter().filter(|message| message.conversation_id == id).collect();
    let Some(first) = of.first() else { return Err(ghl.missing("Conversation", id)) };
    let location_id = ghl.contacts.get(&first.contact_id).map(|contact| contact.location_id.clone());
    call.require_location(location_id.as_deref().unwrap_or_default())?;
    let emails: Vec<&str> = of.iter().filter(|one| one.kind == "Email").map(|one| one.id.as_str()).collect();
    let mut thread_shown = false;
    let mut listed = Vec::new();
    for message in of.iter().rev() {
        let is_email = message.kind == "Email";
        if !(is_email && thread_shown) {
            listed.push(message.to_json(is_email.then_some(&emails)));
        }
        thread_shown |= is_email;
    }
    listed.truncate(limit);
    let last = listed.last().map(|message| message["id"].clone());
    let page = json!({ "lastMessageId": last, "nextPage": false, "messages": listed });
    let nested = ghl.settings.assumptions.messages_nested;
    Ok(Answer::ok(if nested { json!({ "messages": page }) } else { page }))
}

fn email(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let id = call.path(0);
    let found = ghl.messages.iter().find(|message| message.id == id && message.kind == "Email");
    let Some(message) = found else { return Err(ghl.missing("Email", id)) };
    let location_id = ghl.contacts.get(&message.contact_id).map(|contact| contact.location_id.clone());
    call.require_location(location_id.as_deref().unwrap_or_default())?;
    let mut shown = message.to_json(None);
    if let Some(object) = shown.as_object_mut() {
        object.insert("subject".to_owned(), message.body.get("subject").cloned().unwrap_or_default());
    }
    Ok(Answer::ok(shown))
}

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
    fn type_name(&self) -> String {
        format!("TYPE_{}", self.kind.to_uppercase())
    }

    /// As lists show it; an e-mail names those of its thread.
    fn to_json(&self, thread: Option<&Vec<&str>>) -> Value {
        json!({
            "id": self.id,
            "type": if self.kind == "Email" { 3 } else { 2 },
            "messageType": self.type_name(),
            "contactId": self.contact_id,
            "conversationId": self.conversation_id,
            "dateAdded": iso(self.at),
            "body": self.body.get("html").or(self.body.get("message")),
            "direction": "outbound",
            "status": "delivered",
            "contentType": "text/plain",
            "meta": thread.map(|ids| json!({ "email": { "messageIds": ids } })),
        })
    }

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
