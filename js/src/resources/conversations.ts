import type { CallOptions } from '../call.js'
import type {
  Conversation,
  ConversationQuery,
  DeliveryStatus,
  EmailMessage,
  Message,
  MessageQuery,
  NewMessage,
  SentMessage,
} from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** The conversations of a location. */
export class Conversations extends Resource {
  /** Begins a conversation with a contact. */
  create(contactId: string, options?: CallOptions): Promise<Conversation> {
    return this.call('conversations.create', { contactId }, options)
  }

  /** Reads a conversation. */
  get(conversationId: string, options?: CallOptions): Promise<Conversation> {
    return this.call('conversations.get', { conversationId }, options)
  }

  /** The conversations that are found. */
  search(query: ConversationQuery = {}, options?: CallOptions): Promise<Conversation[]> {
    return this.call('conversations.search', query, options)
  }

  /** The messages of a conversation, the newest first. */
  messages(query: MessageQuery, options?: CallOptions): Pages<Message, MessageQuery> {
    return this.pages('conversations.messages', query, options)
  }
}

/** The messages of a location. */
export class Messages extends Resource {
  /** Sends a message to a contact. A lost reply is not followed by a retry. */
  send(message: NewMessage, options?: CallOptions): Promise<SentMessage> {
    return this.call('messages.send', message, options)
  }

  /** Reads a message. */
  get(messageId: string, options?: CallOptions): Promise<Message> {
    return this.call('messages.get', { messageId }, options)
  }

  /** Reads an e-mail: a message of kind `TYPE_EMAIL` names those of its thread. */
  getEmail(emailMessageId: string, options?: CallOptions): Promise<EmailMessage> {
    return this.call('messages.getEmail', { emailMessageId }, options)
  }

  /** Says how far a message of the app's own provider came. */
  updateStatus(messageId: string, status: DeliveryStatus, options?: CallOptions): Promise<SentMessage> {
    return this.call('messages.updateStatus', { messageId, status }, options)
  }
}
