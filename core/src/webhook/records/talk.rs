//! What is said to contacts, and noted about them.

use serde::Serialize;

use super::records;
use crate::{
    ids::{ContactId, ConversationId, MessageId, NoteId, TaskId, UserId},
    webhook::{Json, Texts},
};

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

    /// How an e-mail of LC Email fared.
    EmailStats ["LCEmailStats"] EmailStatsEvent {
        /// The message, as GHL has it.
        webhook_payload: Json = "webhookPayload",
    }
}
