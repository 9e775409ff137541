//! Events about what stands beside an order: read when they are asked for in full, and never by the engine.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::event::EventBody;
use crate::ids::{
    CompanyId, ContactId, ConversationId, LocationId, MessageId, NoteId, PaymentOrderId, TaskId, UserId,
};

/// Writes a struct for each kind of event, and what reads it by the event's type. All members may be absent, and one of
/// an unexpected type is.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        $variant:ident [$($type:literal),+] $name:ident {
            $($(#[$of:meta])* $field:ident: $value:ty = $wire:literal,)+
        }
    )+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq, Serialize)]
            #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                $($(#[$of])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$value>,)+
            }
        )+

        /// The body of an event of one of these types.
        pub(super) fn read(event_type: &str, text: &str) -> Option<EventBody> {
            Some(match event_type {
                $($($type)|+ => {
                    let members = Members::read(text);
                    EventBody::$variant($name { $($field: members.get($wire),)+ })
                })+
                _ => return None,
            })
        }

        #[cfg(test)]
        pub(super) const TYPES: &[&str] = &[$($($type,)+)+];
    };
}

records! {
    /// A note of a contact was written, changed or deleted.
    Note ["NoteCreate", "NoteUpdate", "NoteDelete"] NoteEvent {
        /// The note.
        #[serde(rename = "noteId")]
        id: NoteId = "id",
        /// Its contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// Its text.
        body: String = "body",
        /// When it was written.
        date_added: String = "dateAdded",
    }

    /// A task of a contact was made, completed or deleted. Real deliveries lack contact and body.
    Task ["TaskCreate", "TaskComplete", "TaskDelete"] TaskEvent {
        /// The task.
        #[serde(rename = "taskId")]
        id: TaskId = "id",
        /// Its contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// Whose task it is.
        assigned_to: UserId = "assignedTo",
        /// Its title.
        title: String = "title",
        /// Its text.
        body: String = "body",
        /// When it was made.
        date_added: String = "dateAdded",
        /// When it is due.
        due_date: String = "dueDate",
    }

    /// A message came in or went out: SMS, e-mail, call or chat.
    Message ["InboundMessage", "OutboundMessage"] MessageEvent {
        /// The message.
        #[serde(rename = "messageId")]
        id: MessageId = "messageId",
        /// Its conversation.
        #[serde(rename = "conversationId")]
        conversation: ConversationId = "conversationId",
        /// The contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// Who sent it, where a user did.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// `inbound` or `outbound`.
        direction: String = "direction",
        /// `SMS`, `Email`, `CALL`, `GMB`, `FB`, `IG`, `Live Chat` and others.
        message_type: String = "messageType",
        /// `delivered`, `sent`, `failed` and others.
        status: String = "status",
        /// Its text; of an e-mail HTML.
        body: String = "body",
        /// `text/plain` and the like.
        content_type: String = "contentType",
        /// The addresses of attachments.
        attachments: Texts = "attachments",
        /// When it was sent.
        date_added: String = "dateAdded",
        /// Where an outbound message came from: `workflow`, `bulk_actions`, `campaign`, `api`, `app`.
        source: String = "source",
        /// The provider, where it is a custom one.
        conversation_provider_id: String = "conversationProviderId",
        /// An e-mail's own id.
        email_message_id: String = "emailMessageId",
        /// An e-mail's thread.
        thread_id: String = "threadId",
        /// An e-mail's subject.
        subject: String = "subject",
        /// An e-mail's sender.
        from: String = "from",
        /// An e-mail's recipients.
        to: Texts = "to",
        /// Those who have a copy.
        cc: Texts = "cc",
        /// Those who have a copy that others do not see.
        bcc: Texts = "bcc",
        /// How long a call took, in seconds.
        call_duration: f64 = "callDuration",
        /// How a call ended: `completed`, `no-answer`, `voicemail` and others.
        call_status: String = "callStatus",
    }

    /// A message is to be sent by a provider of the app's own. Its `type` is the channel, not a name of the event.
    ProviderMessage ["SMS", "Email"] ProviderMessageEvent {
        /// The message.
        #[serde(rename = "messageId")]
        id: MessageId = "messageId",
        /// The contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// Who sends it.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// Where an SMS goes.
        phone: String = "phone",
        /// The text of an SMS.
        message: String = "message",
        /// The addresses of attachments.
        attachments: Texts = "attachments",
        /// The e-mail's own id.
        email_message_id: String = "emailMessageId",
        /// An e-mail's sender.
        email_from: String = "emailFrom",
        /// An e-mail's recipients.
        email_to: Texts = "emailTo",
        /// An e-mail's subject.
        subject: String = "subject",
        /// The text of an e-mail.
        html: String = "html",
    }

    /// An order of GHL's own payments was made or has another status. It is no order of the shop.
    PaymentOrder ["OrderCreate", "OrderStatusUpdate"] PaymentOrderEvent {
        /// The order.
        #[serde(rename = "paymentOrderId")]
        id: PaymentOrderId = "_id",
        /// Its contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// `pending`, `completed` and others.
        status: String = "status",
        /// `unfulfilled` and others.
        fulfillment_status: String = "fulfillmentStatus",
        /// ISO 4217.
        currency: String = "currency",
        /// The total, in major units.
        amount: f64 = "amount",
        /// Whether it is no test.
        live_mode: bool = "liveMode",
        /// What was ordered, as GHL has it.
        items: Vec<Value> = "items",
        /// Subtotal, discount, tax and shipping.
        amount_summary: Value = "amountSummary",
        /// Where it was ordered.
        source: Value = "source",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }

    /// An invoice was made, sent, changed, paid, voided or deleted.
    Invoice [
        "InvoiceCreate", "InvoiceSent", "InvoiceUpdate", "InvoicePaid", "InvoicePartiallyPaid", "InvoiceVoid",
        "InvoiceDelete"
    ] InvoiceEvent {
        /// The invoice.
        #[serde(rename = "invoiceId")]
        id: String = "_id",
        /// The location, as invoices name it.
        alt_id: String = "altId",
        /// `draft`, `sent`, `paid`, `partially_paid`, `void` and others.
        status: String = "status",
        /// Its number.
        invoice_number: String = "invoiceNumber",
        /// Its name.
        name: String = "name",
        /// Its title.
        title: String = "title",
        /// ISO 4217.
        currency: String = "currency",
        /// The total, in major units.
        total: f64 = "total",
        /// What was paid.
        amount_paid: f64 = "amountPaid",
        /// What is left to pay.
        amount_due: f64 = "amountDue",
        /// When it was issued.
        issue_date: String = "issueDate",
        /// When it is due.
        due_date: String = "dueDate",
        /// Whether it is no test.
        live_mode: bool = "liveMode",
        /// Whom it is for, as GHL has it.
        contact_details: Value = "contactDetails",
        /// What it is for, as GHL has it.
        invoice_items: Vec<Value> = "invoiceItems",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }

    /// A product of GHL's own store was made, changed or deleted.
    Product ["ProductCreate", "ProductUpdate", "ProductDelete"] ProductEvent {
        /// The product.
        #[serde(rename = "productId")]
        id: String = "_id",
        /// Its name.
        name: String = "name",
        /// Its description.
        description: String = "description",
        /// `PHYSICAL`, `DIGITAL` and others.
        product_type: String = "productType",
        /// Whether it is on sale.
        available_in_store: bool = "availableInStore",
        /// The address of its picture.
        image: String = "image",
        /// Who did it.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// When it was made.
        created_at: String = "createdAt",
        /// When it was changed.
        updated_at: String = "updatedAt",
    }

    /// A location was made or changed.
    Location ["LocationCreate", "LocationUpdate"] LocationEvent {
        /// The location; these events name it by `id`.
        id: LocationId = "id",
        /// Its agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// Its name.
        name: String = "name",
        /// Its e-mail.
        email: String = "email",
    }

    /// A user was made, changed or deleted.
    User ["UserCreate", "UserUpdate", "UserDelete"] UserEvent {
        /// The user.
        #[serde(rename = "userId")]
        id: UserId = "id",
        /// The agency, of a user of an agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// The locations, of a user of an agency.
        locations: Texts = "locations",
        /// The first name.
        first_name: String = "firstName",
        /// The last name.
        last_name: String = "lastName",
        /// The e-mail.
        email: String = "email",
        /// The phone.
        phone: String = "phone",
        /// `admin` or `user`.
        role: String = "role",
        /// What the user may do, as GHL has it.
        permissions: Value = "permissions",
    }

    /// A contact's campaign has another status.
    Campaign ["CampaignStatusUpdate"] CampaignEvent {
        /// The campaign.
        #[serde(rename = "campaignId")]
        id: String = "id",
        /// The contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// `active`, `inactive`, `completed` and others.
        status: String = "status",
        /// The template.
        template_id: String = "templateId",
        /// When the contact was added.
        date_added: String = "dateAdded",
    }

    /// A conversation has been read, or has something unread.
    Conversation ["ConversationUnreadUpdate", "ConversationUnreadWebhook"] ConversationEvent {
        /// The conversation.
        #[serde(rename = "conversationId")]
        id: ConversationId = "id",
        /// Its contact.
        #[serde(rename = "contactId")]
        contact: ContactId = "contactId",
        /// How many messages are unread.
        unread_count: f64 = "unreadCount",
        /// Whether it is in the inbox.
        inbox: bool = "inbox",
        /// Whether it is marked.
        starred: bool = "starred",
        /// Whether it was deleted.
        deleted: bool = "deleted",
    }

    /// A kind of relation between objects was made, changed or deleted.
    Association ["AssociationCreate", "AssociationUpdate", "AssociationDelete"] AssociationEvent {
        /// The association.
        #[serde(rename = "associationId")]
        id: String = "id",
        /// Its key.
        key: String = "key",
        /// `USER_DEFINED` or `SYSTEM_DEFINED`.
        association_type: String = "associationType",
        /// What stands on one side.
        first_object_key: String = "firstObjectKey",
        /// How that side is called.
        first_object_label: String = "firstObjectLabel",
        /// What stands on the other side.
        second_object_key: String = "secondObjectKey",
        /// How that side is called.
        second_object_label: String = "secondObjectLabel",
    }

    /// Two records were related, or are no longer.
    Relation ["RelationCreate", "RelationDelete"] RelationEvent {
        /// The relation.
        #[serde(rename = "relationId")]
        id: String = "id",
        /// Which kind of relation it is.
        association_id: String = "associationId",
        /// What the first record is.
        first_object_key: String = "firstObjectKey",
        /// The first record.
        first_record_id: String = "firstRecordId",
        /// What the second record is.
        second_object_key: String = "secondObjectKey",
        /// The second record.
        second_record_id: String = "secondRecordId",
    }

    /// A kind of custom object was made or changed.
    ObjectSchema ["ObjectSchemaCreate", "ObjectSchemaUpdate", "ObjectSchemaDelete"] ObjectSchemaEvent {
        /// The schema.
        #[serde(rename = "schemaId")]
        id: String = "id",
        /// Its key.
        key: String = "key",
        /// Singular and plural of its name.
        labels: Value = "labels",
        /// Its description.
        description: String = "description",
        /// `USER_DEFINED` or `SYSTEM_DEFINED`.
        object_type: String = "objectType",
        /// The property that stands for a record.
        primary_display_property: String = "primaryDisplayProperty",
        /// The properties that are searched.
        searchable_properties: Texts = "searchableProperties",
    }

    /// A record of a custom object was made, changed or deleted.
    Record ["RecordCreate", "RecordUpdate", "RecordDelete"] RecordEvent {
        /// The record.
        #[serde(rename = "recordId")]
        id: String = "id",
        /// What it is a record of.
        object_key: String = "objectKey",
        /// Its properties, as GHL has them.
        properties: Value = "properties",
        /// Who follows it.
        followers: Texts = "followers",
        /// Whom it belongs to.
        owner: Value = "owner",
    }

    /// How an e-mail of LC Email fared.
    EmailStats ["LCEmailStats"] EmailStatsEvent {
        /// The message, as GHL has it.
        webhook_payload: Value = "webhookPayload",
    }

    /// Who has installed the app has changed to another plan.
    PlanChange ["PLAN_CHANGE"] PlanChangeEvent {
        /// The app.
        app_id: String = "appId",
        /// The agency.
        #[serde(rename = "companyId")]
        company: CompanyId = "companyId",
        /// Who did it.
        #[serde(rename = "userId")]
        user: UserId = "userId",
        /// The plan before.
        current_plan_id: String = "currentPlanId",
        /// The plan now.
        new_plan_id: String = "newPlanId",
    }
}

/// Texts, of which there may be one without a list around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Array<string>"))]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            One(String),
            Many(Vec<String>),
        }
        Ok(Self(match Given::deserialize(deserializer)? {
            Given::One(text) => vec![text],
            Given::Many(texts) => texts,
        }))
    }
}

/// The members of a body: its own, and those of an object `data` within.
pub(super) struct Members<'a> {
    own: Object<'a>,
    nested: Object<'a>,
}

type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

impl<'a> Members<'a> {
    /// The text was found to be a JSON object.
    pub(super) fn read(text: &'a str) -> Self {
        let object = |text| serde_json::from_str::<Object<'a>>(text).unwrap_or_default();
        let own = object(text);
        let nested = own.get("data").map(|data| object(data.get())).unwrap_or_default();
        Self { own, nested }
    }

    /// The members of an object within.
    pub(super) fn object(&self, name: &str) -> Members<'a> {
        let inner = self.own.get(name).or_else(|| self.nested.get(name));
        inner.map_or_else(|| Members::read("{}"), |inner| Members::read(inner.get()))
    }

    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let read = |object: &Object<'a>| serde_json::from_str(object.get(name)?.get()).ok();
        read(&self.own).or_else(|| read(&self.nested))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::parse;

    fn read(body: Value) -> EventBody {
        parse(body.to_string().as_bytes()).unwrap().body
    }

    #[test]
    fn a_message_has_one_recipient_or_several() {
        for to in [json!("a@b.fi"), json!(["a@b.fi"])] {
            let body = json!({ "type": "OutboundMessage", "messageId": "m1", "to": to, "cc": 5, "callDuration": "7" });
            let EventBody::Message(message) = read(body) else { panic!() };
            assert_eq!(message.to, Some(Texts(vec!["a@b.fi".to_owned()])));
            assert_eq!((message.cc, message.call_duration), (None, None), "of an unexpected type");
            assert_eq!(message.id, Some(MessageId::new("m1")));
        }
    }

    #[test]
    fn what_is_nested_is_found_but_the_envelope_wins() {
        let body =
            json!({ "type": "NoteCreate", "id": "n1", "data": { "id": "inner", "contactId": "con1" } });
        let EventBody::Note(note) = read(body) else { panic!() };
        assert_eq!((note.id, note.contact), (Some(NoteId::new("n1")), Some(ContactId::new("con1"))));
    }

    #[test]
    fn each_type_has_a_body_of_its_own_even_where_nothing_is_as_expected() {
        for event_type in TYPES {
            for body in
                [json!({ "type": event_type }), json!({ "type": event_type, "id": [], "_id": {}, "data": 5 })]
            {
                let event = parse(body.to_string().as_bytes()).unwrap();
                assert_eq!(event.event_type, *event_type);
                assert!(!matches!(event.body, EventBody::Other | EventBody::Workflow(_)), "{event_type}");
                let written = serde_json::to_value(&event).unwrap();
                assert_eq!(written.as_object().unwrap().len(), 2, "type and kind alone: {written}");
            }
        }
    }

    #[test]
    fn a_workflows_body_may_have_any_other_type() {
        let body = json!({ "type": "OrderShipped", "contactId": "con1", "pipelineStage": "Shipped" });
        assert!(matches!(read(body), EventBody::Workflow(_)));
    }
}
