use super::{page::Page, table::requests};
use crate::{
    api::conversations::{
        CREATE, Conversation, ConversationQuery, DeliveryStatus, EmailMessage, GET, GET_EMAIL, GET_MESSAGE,
        MESSAGES, MESSAGES_PAGING, Message, MessageQuery, NewMessage, SEARCH, SEND, SentMessage,
        UPDATE_STATUS,
    },
    ids::{ContactId, ConversationId, MessageId},
};

requests! {
    /// Begins a conversation with a contact.
    "conversations.create" CREATE, {
        /// The contact.
        contact_id: ContactId,
    } -> Conversation;

    /// Reads a conversation.
    "conversations.get" GET, {
        /// The conversation.
        conversation_id: ConversationId,
    } -> Conversation;

    /// The conversations that are found.
    "conversations.search" SEARCH, (ConversationQuery) -> Vec<Conversation>;

    /// A page of the messages of a conversation, the newest first.
    "conversations.messages" MESSAGES, (MessageQuery) -> Page<Message, MessageQuery> = MESSAGES_PAGING;

    /// Sends a message to a contact. A lost reply is not followed by a retry.
    "messages.send" SEND, (NewMessage) -> SentMessage;

    /// Reads a message.
    "messages.get" GET_MESSAGE, {
        /// The message.
        message_id: MessageId,
    } -> Message;

    /// Reads an e-mail.
    "messages.getEmail" GET_EMAIL, {
        /// The e-mail.
        email_message_id: MessageId,
    } -> EmailMessage;

    /// Says how far a message of the app's own provider came.
    "messages.updateStatus" UPDATE_STATUS, {
        /// The message.
        message_id: MessageId,
        /// How far it came.
        status: DeliveryStatus,
    } -> SentMessage;
}
