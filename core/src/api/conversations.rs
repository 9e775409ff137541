//! Conversations and their messages (HighLevel docs: Conversations API, `Version: 2021-04-15`).

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::value::RawValue;

use super::shape::{self, Paging, input, reply, words};
use crate::{
    client::{ApiRequest, Endpoint, Look},
    ids::{ContactId, ConversationId, EventId, LocationId, MessageId, UserId},
};

reply! {
    /// A conversation with a contact.
    pub struct Conversation {
        /// Its id.
        pub id: ConversationId = need,
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// The location.
        pub location_id: Option<LocationId> = text,
        /// The employee in charge.
        pub assigned_to: Option<UserId> = text,
        ..extra
    }
}

reply! {
    /// A message of a conversation.
    pub struct Message {
        /// Its id.
        pub id: MessageId = need,
        /// The conversation.
        pub conversation_id: Option<ConversationId> = text,
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// Its text.
        pub body: Option<String> = text,
        /// `inbound` or `outbound`.
        pub direction: Option<String> = text,
        /// Its kind, e.g. `TYPE_SMS` or `TYPE_EMAIL`.
        pub message_type: Option<String> = text,
        /// How far it came, e.g. `delivered`.
        pub status: Option<String> = text,
        /// When it was sent.
        pub date_added_ms: Option<i64> = time("dateAdded"),
        ..extra
    }
}

reply! {
    /// An e-mail of a conversation.
    pub struct EmailMessage {
        /// Its id.
        pub id: MessageId = need,
        /// The conversation.
        pub conversation_id: Option<ConversationId> = text,
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// Its subject.
        pub subject: Option<String> = text,
        /// Its text.
        pub body: Option<String> = text,
        /// `inbound` or `outbound`.
        pub direction: Option<String> = text,
        /// How far it came, e.g. `delivered`.
        pub status: Option<String> = text,
        /// When it was sent.
        pub date_added_ms: Option<i64> = time("dateAdded"),
        ..extra
    }
}

reply! {
    /// A message that GHL took.
    pub struct SentMessage {
        /// The message; absent where GHL names several.
        pub message_id: Option<MessageId> = text,
        /// The conversation.
        pub conversation_id: Option<ConversationId> = text,
        ..extra
    }
}

words! {
    /// How a message travels.
    pub enum MessageType {
        /// A text message.
        Sms = "SMS",
        /// A rich text message.
        Rcs = "RCS",
        /// An e-mail.
        Email = "Email",
        /// WhatsApp.
        WhatsApp = "WhatsApp",
        /// Instagram.
        Instagram = "IG",
        /// Facebook.
        Facebook = "FB",
        /// A provider of the app's own.
        Custom = "Custom",
        /// The chat of a web page.
        LiveChat = "Live_Chat",
        /// TikTok.
        TikTok = "TIKTOK",
    }
}

input! {
    /// A message to be sent. It has no key by which GHL would recognise it, so a lost reply is not followed by a
    /// retry.
    pub struct NewMessage {
        /// How it travels.
        pub kind as "type": MessageType,
        /// To whom.
        pub contact_id: ContactId,
        /// The text.
        pub message: Option<String>,
        /// The text of an e-mail.
        pub html: Option<String>,
        /// The subject of an e-mail.
        pub subject: Option<String>,
        /// The number it comes from.
        pub from_number: Option<String>,
        /// The number it goes to; absent means the contact's.
        pub to_number: Option<String>,
        /// The address an e-mail comes from.
        pub email_from: Option<String>,
        /// The address an e-mail goes to; absent means the contact's.
        pub email_to: Option<String>,
        /// Further addresses.
        pub email_cc: Vec<String> = [],
        /// Further addresses that nobody sees.
        pub email_bcc: Vec<String> = [],
        /// The URLs of what is attached.
        pub attachments: Vec<String> = [],
        /// The message it replies to.
        pub reply_message_id: Option<MessageId>,
        /// The thread of e-mails.
        pub thread_id: Option<String>,
        /// A template.
        pub template_id: Option<String>,
        /// An appointment it is about.
        pub appointment_id: Option<EventId>,
        /// When it is to be sent, in epoch seconds.
        pub scheduled_timestamp: Option<i64>,
        /// The provider of a `Custom` message.
        pub conversation_provider_id: Option<String>,
    }
}

words! {
    /// How far a message came.
    pub enum DeliveryStatus {
        /// It is on its way.
        Pending = "pending",
        /// It arrived.
        Delivered = "delivered",
        /// It did not arrive.
        Failed = "failed",
        /// It was read.
        Read = "read",
    }
}

input! {
    /// Which conversations to find.
    #[derive(Default)]
    pub struct ConversationQuery {
        /// With this contact.
        pub contact_id: Option<ContactId>,
        /// Of this employee.
        pub assigned_to: Option<String>,
        /// Words to look for.
        pub query: Option<String>,
        /// At most so many.
        pub limit: Option<u32>,
        /// Those whose last message is from after then, in epoch milliseconds.
        pub start_after_date: Option<i64>,
    }
}

input! {
    /// Which messages of a conversation to read, the newest first.
    pub struct MessageQuery {
        /// The conversation.
        pub conversation_id: ConversationId,
        /// Messages before this one.
        pub last_message_id: Option<MessageId>,
        /// Messages a page.
        pub limit: Option<u32>,
    }
}

pub(crate) const MESSAGES_PAGING: Paging = Paging::LastMessage;

pub(crate) const CREATE: Endpoint =
    Endpoint::post("/conversations/").of_2021_04_15().location_in_body().inside("conversation").found_by(
        &Look {
            route: Some(SEARCH),
            by: &[&[("contactId", "contactId")]],
            found: "conversations",
            same: &["contactId"],
            made: &[],
        },
    );
pub(crate) const SEARCH: Endpoint = Endpoint::get("/conversations/search")
    .of_2021_04_15()
    .location_in_query("locationId")
    .inside("conversations");
pub(crate) const GET: Endpoint = Endpoint::get("/conversations/{conversationId}").of_2021_04_15();
pub(crate) const MESSAGES: Endpoint =
    Endpoint::get("/conversations/{conversationId}/messages").of_2021_04_15();
pub(crate) const SEND: Endpoint = Endpoint::post("/conversations/messages").of_2021_04_15();
pub(crate) const GET_MESSAGE: Endpoint = Endpoint::get("/conversations/messages/{messageId}").of_2021_04_15();
pub(crate) const GET_EMAIL: Endpoint =
    Endpoint::get("/conversations/messages/email/{emailMessageId}").of_2021_04_15();
pub(crate) const UPDATE_STATUS: Endpoint =
    Endpoint::put("/conversations/messages/{messageId}/status").of_2021_04_15();

/// The conversations that are found: `GET /conversations/search`.
pub fn search(location: &LocationId, query: &ConversationQuery) -> ApiRequest<Vec<Conversation>> {
    shape::searched(&SEARCH, location, query)
}

/// The messages of a conversation, the newest first: `GET /conversations/{conversationId}/messages`.
pub fn messages(conversation: &ConversationId, limit: u32) -> ApiRequest<MessageList> {
    MESSAGES.at(&[conversation.as_str()]).with_query("limit", limit.to_string())
}

/// Begins a conversation with a contact: `POST /conversations/`. After a lost reply it is looked for by the contact.
pub fn create(location: &LocationId, contact: &ContactId) -> ApiRequest<Conversation> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        contact_id: &'a ContactId,
    }
    CREATE.of(location, &[]).with_json(&Body { contact_id: contact })
}

/// Reads a conversation: `GET /conversations/{conversationId}`.
pub fn get(id: &ConversationId) -> ApiRequest<Conversation> {
    GET.at(&[id.as_str()])
}

/// Reads a message: `GET /conversations/messages/{messageId}`.
pub fn message(id: &MessageId) -> ApiRequest<Message> {
    GET_MESSAGE.at(&[id.as_str()])
}

/// Says how far a message of the app's own provider came: `PUT /conversations/messages/{messageId}/status`.
pub fn update_status(id: &MessageId, status: DeliveryStatus) -> ApiRequest<SentMessage> {
    #[derive(Serialize)]
    struct Body {
        status: DeliveryStatus,
    }
    UPDATE_STATUS.at(&[id.as_str()]).with_json(&Body { status })
}

/// Reads an e-mail: `GET /conversations/messages/email/{emailMessageId}`.
pub fn email(id: &MessageId) -> ApiRequest<EmailMessage> {
    GET_EMAIL.at(&[id.as_str()])
}

/// Sends a message to a contact: `POST /conversations/messages`.
pub fn send(message: &NewMessage) -> ApiRequest<SentMessage> {
    SEND.at(&[]).with_json(message)
}

/// Messages, in either of the envelopes that GHL puts around them.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageList(Vec<Message>);

impl<'de> Deserialize<'de> for MessageList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Envelope {
            messages: Box<RawValue>,
        }
        #[derive(Deserialize)]
        struct Page {
            messages: Vec<Message>,
        }
        let Envelope { messages } = Envelope::deserialize(deserializer)?;
        let listed = match serde_json::from_str::<Page>(messages.get()) {
            Ok(page) => Ok(page.messages),
            Err(_) => serde_json::from_str(messages.get()),
        };
        listed.map(Self).map_err(D::Error::custom)
    }
}

impl MessageList {
    /// The messages, the newest first.
    pub fn into_messages(self) -> Vec<Message> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::{line, read};

    #[test]
    fn the_requests() {
        let search = search(
            &LocationId::new("loc1"),
            &ConversationQuery { contact_id: Some(ContactId::new("con1")), ..ConversationQuery::default() },
        );
        let query = "locationId=loc1&contactId=con1";
        assert_eq!(line(&search), format!("GET /conversations/search {query} 2021-04-15 repeatable -"));
        let listed = messages(&ConversationId::new("cnv1"), 20);
        assert_eq!(line(&listed), "GET /conversations/cnv1/messages limit=20 2021-04-15 repeatable -");
        let read = email(&MessageId::new("m1"));
        assert_eq!(line(&read), "GET /conversations/messages/email/m1 - 2021-04-15 repeatable -");
    }

    #[test]
    fn messages_are_read_in_either_envelope() {
        let one = r#"{"id":"m1","messageType":"TYPE_EMAIL","meta":{"email":{"messageIds":["e1","e2"]}}}"#;
        for json in [
            format!(r#"{{"messages":[{one}]}}"#),
            format!(r#"{{"messages":{{"lastMessageId":"m1","nextPage":false,"messages":[{one}]}}}}"#),
        ] {
            let list: MessageList = read(&json);
            let [message] = &list.into_messages()[..] else { panic!("{json}") };
            assert_eq!((message.id.as_str(), message.message_type.as_deref()), ("m1", Some("TYPE_EMAIL")));
            assert_eq!(message.extra["meta"]["email"]["messageIds"][1], "e2");
        }
    }
}
