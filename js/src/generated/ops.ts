// Generated from the Rust types by `cargo xtask types`: do not edit.

import type {
  Answer,
  AppChanged,
  AppointmentInput,
  BlockedSlot,
  BulkTags,
  Calendar,
  CalendarEvent,
  CalendarId,
  Claim,
  CompanyId,
  Contact,
  ContactId,
  ContactInput,
  ContactList,
  ContactSearch,
  ContactTags,
  Conversation,
  ConversationId,
  ConversationQuery,
  CustomFieldDefinition,
  CustomFieldId,
  CustomFieldModel,
  CustomValue,
  CustomValueId,
  DeliveryState,
  DeliveryStatus,
  DoctorOptions,
  DoctorReport,
  Drained,
  DuplicateLookup,
  EmailMessage,
  ErrorCode,
  ErrorCodeInfo,
  EventId,
  EventQuery,
  FilteredSearch,
  Followers,
  FreeRequest,
  FreeSlots,
  FulfilledItem,
  Fulfillment,
  Health,
  ImportedChunk,
  Installation,
  InstallationSlot,
  InstalledLocation,
  Job,
  JobId,
  JobState,
  Location,
  LocationId,
  LocationSearch,
  LostReason,
  LostReasonQuery,
  Message,
  MessageDelivery,
  MessageId,
  MessageInWords,
  MessageQuery,
  Method,
  ModelSpec,
  NewAppointment,
  NewCustomField,
  NewMessage,
  NewNote,
  NewOpportunity,
  NewTask,
  Note,
  NoteId,
  NoteInput,
  NoteQuery,
  Opportunity,
  OpportunityId,
  OpportunityInput,
  OpportunitySearch,
  OpportunityStatus,
  OpportunityUpsert,
  Order,
  OrderData,
  OrderId,
  OrderInstallation,
  Page,
  PaymentOrder,
  PaymentOrderId,
  PaymentOrderQuery,
  Percent,
  Pipeline,
  PipelineId,
  PipelineStage,
  Provisioned,
  PushChange,
  PushOrder,
  PushPlan,
  Pushed,
  PusherAuth,
  PusherMember,
  PusherWebhook,
  Reconciled,
  Rekeyed,
  ReplyDetail,
  ResolvedStages,
  RetryClass,
  ScheduleTurn,
  Secret,
  SecretHeader,
  SentMessage,
  Side,
  Status,
  StatusMove,
  StatusTable,
  Succeeded,
  SyncOutcome,
  Tag,
  TagId,
  Task,
  TaskId,
  TaskInput,
  TaskSearch,
  TestWebhook,
  TrackedOrder,
  Tracking,
  TransportErrorKind,
  UnresolvedEvent,
  Upserted,
  UpsertedOpportunity,
  User,
  UserId,
  UserSearch,
  VerifierSpec,
  WebhookEvent,
  WorkflowId,
} from './types.js'

/** Operations of GHL's API, by name. */
export interface ClientOps {
  /**
   * Creates a contact. Where the location forbids duplicates and one has the e-mail or phone: `duplicate`.
   * `POST /contacts/`
   */
  'contacts.create': {
    args: {
      /** What is known of it. */
      contact: ContactInput
      /** Its tags. */
      tags?: Array<string>
      /** Its gender, which cannot be changed. */
      gender?: string
      /** Its company, which cannot be changed. */
      companyName?: string
    }
    reply: Contact
  }
  /**
   * Reads a contact.
   * `GET /contacts/{contactId}`
   */
  'contacts.get': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Contact
  }
  /**
   * Changes a contact; what is not given stays as it is.
   * `PUT /contacts/{contactId}`
   */
  'contacts.update': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** What changes. */
      contact: ContactInput
    }
    reply: Contact
  }
  /**
   * Updates the contact with this e-mail or phone, or creates one.
   * `POST /contacts/upsert`
   */
  'contacts.upsert': {
    args: {
      /** What is known of it. */
      contact: ContactInput
      /**
       * Creates another even so, where the location allows duplicates. A lost reply is then not followed by a
       * retry.
       */
      createNewIfDuplicateAllowed?: boolean
      /** Its tags, in place of those it has. */
      tags?: Array<string>
      /** Its gender. */
      gender?: string
      /** Its company. */
      companyName?: string
    }
    reply: Upserted
  }
  /**
   * Deletes a contact.
   * `DELETE /contacts/{contactId}`
   */
  'contacts.delete': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Succeeded
  }
  /**
   * Looks for the contact with this e-mail or phone.
   * `GET /contacts/search/duplicate`
   */
  'contacts.findDuplicate': {
    args: {
      /** The e-mail address. */
      email?: string
      /** The phone number in E.164. With an e-mail too, GHL looks by the one its settings prefer. */
      phone?: string
    }
    reply: DuplicateLookup
  }
  /**
   * A page of contacts. The index lags a few seconds behind.
   * `POST /contacts/search`
   */
  'contacts.search': {
    args: ContactSearch
    reply: Page<Contact, ContactSearch>
  }
  /**
   * A page of contacts. GHL lists them only under its versions by date, and means to end that: use
   * `contacts.search`.
   * `GET /contacts/`
   */
  'contacts.list': { args: ContactList; reply: Page<Contact, ContactList> }
  /**
   * Adds tags and leaves the others.
   * `POST /contacts/{contactId}/tags`
   */
  'contacts.addTags': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The tags. */
      tags: Array<string>
    }
    reply: ContactTags
  }
  /**
   * Removes tags and leaves the others.
   * `DELETE /contacts/{contactId}/tags`
   */
  'contacts.removeTags': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The tags. */
      tags: Array<string>
    }
    reply: ContactTags
  }
  /**
   * Adds tags to several contacts and leaves the others.
   * `POST /contacts/bulk/tags/update/add`
   */
  'contacts.addTagsToAll': {
    args: {
      /** The contacts. */
      contacts: Array<ContactId>
      /** The tags. */
      tags: Array<string>
    }
    reply: BulkTags
  }
  /**
   * Removes tags of several contacts and leaves the others.
   * `POST /contacts/bulk/tags/update/remove`
   */
  'contacts.removeTagsOfAll': {
    args: {
      /** The contacts. */
      contacts: Array<ContactId>
      /** The tags. */
      tags: Array<string>
      /** Whether all their tags go, whatever the list says. */
      removeAllTags?: boolean
    }
    reply: BulkTags
  }
  /**
   * The appointments of a contact.
   * `GET /contacts/{contactId}/appointments`
   */
  'contacts.appointments': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Array<CalendarEvent>
  }
  /**
   * Adds a contact to a workflow.
   * `POST /contacts/{contactId}/workflow/{workflowId}`
   */
  'contacts.addToWorkflow': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The workflow. */
      workflowId: WorkflowId
      /** When the event takes place that the workflow is about, in ISO 8601 with an offset. */
      eventStartTime?: string
    }
    reply: Succeeded
  }
  /**
   * Removes a contact from a workflow.
   * `DELETE /contacts/{contactId}/workflow/{workflowId}`
   */
  'contacts.removeFromWorkflow': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The workflow. */
      workflowId: WorkflowId
      /** When the event takes place that the workflow is about, in ISO 8601 with an offset. */
      eventStartTime?: string
    }
    reply: Succeeded
  }
  /**
   * The notes of a contact.
   * `GET /contacts/{contactId}/notes`
   */
  'contactNotes.list': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Array<Note>
  }
  /**
   * Writes a note.
   * `POST /contacts/{contactId}/notes`
   */
  'contactNotes.create': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The note. */
      note: NewNote
    }
    reply: Note
  }
  /**
   * Reads a note.
   * `GET /contacts/{contactId}/notes/{noteId}`
   */
  'contactNotes.get': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The note. */
      noteId: NoteId
    }
    reply: Note
  }
  /**
   * Changes a note; what is not given stays as it is.
   * `PUT /contacts/{contactId}/notes/{noteId}`
   */
  'contactNotes.update': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The note. */
      noteId: NoteId
      /** What changes. */
      note: NoteInput
    }
    reply: Note
  }
  /**
   * Deletes a note.
   * `DELETE /contacts/{contactId}/notes/{noteId}`
   */
  'contactNotes.delete': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The note. */
      noteId: NoteId
    }
    reply: Succeeded
  }
  /**
   * The tasks of a contact.
   * `GET /contacts/{contactId}/tasks`
   */
  'contactTasks.list': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Array<Task>
  }
  /**
   * A page of the tasks of all contacts of the location.
   * `POST /locations/{locationId}/tasks/search`
   */
  'contactTasks.search': { args: TaskSearch; reply: Page<Task, TaskSearch> }
  /**
   * Creates a task.
   * `POST /contacts/{contactId}/tasks`
   */
  'contactTasks.create': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The task. */
      task: NewTask
    }
    reply: Task
  }
  /**
   * Reads a task.
   * `GET /contacts/{contactId}/tasks/{taskId}`
   */
  'contactTasks.get': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The task. */
      taskId: TaskId
    }
    reply: Task
  }
  /**
   * Changes a task; what is not given stays as it is.
   * `PUT /contacts/{contactId}/tasks/{taskId}`
   */
  'contactTasks.update': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The task. */
      taskId: TaskId
      /** What changes. */
      task: TaskInput
    }
    reply: Task
  }
  /**
   * Says whether a task is done.
   * `PUT /contacts/{contactId}/tasks/{taskId}/completed`
   */
  'contactTasks.complete': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The task. */
      taskId: TaskId
      /** Whether it is done. */
      completed: boolean
    }
    reply: Task
  }
  /**
   * Deletes a task.
   * `DELETE /contacts/{contactId}/tasks/{taskId}`
   */
  'contactTasks.delete': {
    args: {
      /** The contact. */
      contactId: ContactId
      /** The task. */
      taskId: TaskId
    }
    reply: Succeeded
  }
  /**
   * Creates an opportunity. A location may forbid a second one for a contact: `duplicate_opportunity`.
   * `POST /opportunities/`
   */
  'opportunities.create': {
    args: {
      /** What it is. */
      opportunity: NewOpportunity
    }
    reply: Opportunity
  }
  /**
   * Reads an opportunity.
   * `GET /opportunities/{opportunityId}`
   */
  'opportunities.get': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
    }
    reply: Opportunity
  }
  /**
   * Changes an opportunity; what is not given stays as it is.
   * `PUT /opportunities/{opportunityId}`
   */
  'opportunities.update': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
      /** What changes. */
      opportunity: OpportunityInput
    }
    reply: Opportunity
  }
  /**
   * Sets whether an opportunity is open, won, lost or abandoned.
   * `PUT /opportunities/{opportunityId}/status`
   */
  'opportunities.updateStatus': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
      /** Its status from now on. */
      status: OpportunityStatus
      /** Why it is lost. */
      lostReasonId?: string
    }
    reply: Succeeded
  }
  /**
   * Deletes an opportunity.
   * `DELETE /opportunities/{opportunityId}`
   */
  'opportunities.delete': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
    }
    reply: Succeeded
  }
  /**
   * A page of opportunities. The index lags a few seconds behind.
   * `GET /opportunities/search`
   */
  'opportunities.search': {
    args: OpportunitySearch
    reply: Page<Opportunity, OpportunitySearch>
  }
  /**
   * A page of opportunities by conditions of any kind. The index lags a few seconds behind.
   * `POST /opportunities/search`
   */
  'opportunities.searchFiltered': {
    args: FilteredSearch
    reply: Page<Opportunity, FilteredSearch>
  }
  /**
   * Changes the opportunity of this id or contact, or creates one. A lost reply is not followed by a retry.
   * `POST /opportunities/upsert`
   */
  'opportunities.upsert': {
    args: {
      /** What it is. */
      opportunity: OpportunityUpsert
    }
    reply: UpsertedOpportunity
  }
  /**
   * Adds employees who follow an opportunity.
   * `POST /opportunities/{opportunityId}/followers`
   */
  'opportunities.addFollowers': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
      /** The employees. */
      followers: Array<UserId>
    }
    reply: Followers
  }
  /**
   * Removes employees who follow an opportunity.
   * `DELETE /opportunities/{opportunityId}/followers`
   */
  'opportunities.removeFollowers': {
    args: {
      /** The opportunity. */
      opportunityId: OpportunityId
      /** The employees. */
      followers: Array<UserId>
    }
    reply: Followers
  }
  /**
   * A page of the reasons why opportunities are lost.
   * `GET /opportunities/lost-reason`
   */
  'opportunities.lostReasons': {
    args: LostReasonQuery
    reply: Page<LostReason, LostReasonQuery>
  }
  /**
   * The pipelines of the location, each with its stages in their order.
   * `GET /opportunities/pipelines`
   */
  'pipelines.list': { args: Record<string, never>; reply: Array<Pipeline> }
  /**
   * The calendars of the location.
   * `GET /calendars/`
   */
  'calendars.list': {
    args: {
      /** Only of this group. */
      groupId?: string
      /** Whether drafts are listed too; GHL takes it for so where it is not given. */
      showDrafted?: boolean
    }
    reply: Array<Calendar>
  }
  /**
   * Reads a calendar.
   * `GET /calendars/{calendarId}`
   */
  'calendars.get': {
    args: {
      /** The calendar. */
      calendarId: CalendarId
    }
    reply: Calendar
  }
  /**
   * The free slots of a calendar within at most 31 days, by date.
   * `GET /calendars/{calendarId}/free-slots`
   */
  'calendars.freeSlots': {
    args: {
      /** The calendar. */
      calendarId: CalendarId
      /** From when, in epoch milliseconds. */
      startDate: number
      /** Until when, in epoch milliseconds. */
      endDate: number
      /** In which time zone the slots are told, e.g. `Europe/Helsinki`. */
      timezone?: string
      /** Only of this employee. */
      userId?: UserId
    }
    reply: FreeSlots
  }
  /**
   * The events of a calendar, an employee or a group.
   * `GET /calendars/events`
   */
  'calendars.events': { args: EventQuery; reply: Array<CalendarEvent> }
  /**
   * The blocked slots of a calendar, an employee or a group.
   * `GET /calendars/blocked-slots`
   */
  'calendars.blockedSlots': { args: EventQuery; reply: Array<CalendarEvent> }
  /**
   * Blocks a slot.
   * `POST /calendars/events/block-slots`
   */
  'calendars.blockSlot': {
    args: {
      /** The slot. */
      slot: BlockedSlot
    }
    reply: CalendarEvent
  }
  /**
   * Changes a blocked slot.
   * `PUT /calendars/events/block-slots/{eventId}`
   */
  'calendars.updateBlockedSlot': {
    args: {
      /** The blocked slot. */
      eventId: EventId
      /** What it is from now on. */
      slot: BlockedSlot
    }
    reply: CalendarEvent
  }
  /**
   * Deletes an appointment or a blocked slot.
   * `DELETE /calendars/events/{eventId}`
   */
  'calendars.deleteEvent': {
    args: {
      /** The event. */
      eventId: EventId
    }
    reply: Succeeded
  }
  /**
   * Makes an appointment. After a lost reply it is looked for among those of the contact.
   * `POST /calendars/events/appointments`
   */
  'appointments.create': {
    args: {
      /** What it is. */
      appointment: NewAppointment
    }
    reply: CalendarEvent
  }
  /**
   * Reads an appointment.
   * `GET /calendars/events/appointments/{eventId}`
   */
  'appointments.get': {
    args: {
      /** The appointment. */
      eventId: EventId
    }
    reply: CalendarEvent
  }
  /**
   * Changes an appointment; what is not given stays as it is.
   * `PUT /calendars/events/appointments/{eventId}`
   */
  'appointments.update': {
    args: {
      /** The appointment. */
      eventId: EventId
      /** What changes. */
      appointment: AppointmentInput
    }
    reply: CalendarEvent
  }
  /**
   * Deletes an appointment.
   * `DELETE /calendars/events/{eventId}`
   */
  'appointments.delete': {
    args: {
      /** The appointment. */
      eventId: EventId
    }
    reply: Succeeded
  }
  /**
   * The notes of an appointment.
   * `GET /calendars/appointments/{eventId}/notes`
   */
  'appointmentNotes.list': { args: NoteQuery; reply: Page<Note, NoteQuery> }
  /**
   * Writes a note.
   * `POST /calendars/appointments/{eventId}/notes`
   */
  'appointmentNotes.create': {
    args: {
      /** The appointment. */
      eventId: EventId
      /** Its text. */
      body: string
      /** Who writes it. */
      userId?: UserId
    }
    reply: Note
  }
  /**
   * Changes a note.
   * `PUT /calendars/appointments/{eventId}/notes/{noteId}`
   */
  'appointmentNotes.update': {
    args: {
      /** The appointment. */
      eventId: EventId
      /** The note. */
      noteId: NoteId
      /** Its text. */
      body: string
      /** Who writes it. */
      userId?: UserId
    }
    reply: Note
  }
  /**
   * Deletes a note.
   * `DELETE /calendars/appointments/{eventId}/notes/{noteId}`
   */
  'appointmentNotes.delete': {
    args: {
      /** The appointment. */
      eventId: EventId
      /** The note. */
      noteId: NoteId
    }
    reply: Succeeded
  }
  /**
   * The custom fields of contacts or of opportunities.
   * `GET /locations/{locationId}/customFields`
   */
  'customFields.list': {
    args: {
      /** Which of the two. */
      model: CustomFieldModel
    }
    reply: Array<CustomFieldDefinition>
  }
  /**
   * Creates a custom field. GHL makes its key from the name.
   * `POST /locations/{locationId}/customFields`
   */
  'customFields.create': {
    args: {
      /** What it is. */
      customField: NewCustomField
    }
    reply: CustomFieldDefinition
  }
  /**
   * Reads a custom field by its id or its key.
   * `GET /locations/{locationId}/customFields/{customFieldId}`
   */
  'customFields.get': {
    args: {
      /** The custom field. */
      customFieldId: CustomFieldId
    }
    reply: CustomFieldDefinition
  }
  /**
   * Changes the name of a custom field; its key stays.
   * `PUT /locations/{locationId}/customFields/{customFieldId}`
   */
  'customFields.update': {
    args: {
      /** The custom field. */
      customFieldId: CustomFieldId
      /** Its name. */
      name: string
      /** What an empty field shows. */
      placeholder?: string
    }
    reply: CustomFieldDefinition
  }
  /**
   * Deletes a custom field and all of its values.
   * `DELETE /locations/{locationId}/customFields/{customFieldId}`
   */
  'customFields.delete': {
    args: {
      /** The custom field. */
      customFieldId: CustomFieldId
    }
    reply: Succeeded
  }
  /**
   * The custom values of the location.
   * `GET /locations/{locationId}/customValues`
   */
  'customValues.list': {
    args: Record<string, never>
    reply: Array<CustomValue>
  }
  /**
   * Creates a custom value.
   * `POST /locations/{locationId}/customValues`
   */
  'customValues.create': {
    args: {
      /** Its name. */
      name: string
      /** Its text. */
      value: string
    }
    reply: CustomValue
  }
  /**
   * Reads a custom value.
   * `GET /locations/{locationId}/customValues/{customValueId}`
   */
  'customValues.get': {
    args: {
      /** The custom value. */
      customValueId: CustomValueId
    }
    reply: CustomValue
  }
  /**
   * Changes a custom value.
   * `PUT /locations/{locationId}/customValues/{customValueId}`
   */
  'customValues.update': {
    args: {
      /** The custom value. */
      customValueId: CustomValueId
      /** Its name. */
      name: string
      /** Its text. */
      value: string
    }
    reply: CustomValue
  }
  /**
   * Deletes a custom value.
   * `DELETE /locations/{locationId}/customValues/{customValueId}`
   */
  'customValues.delete': {
    args: {
      /** The custom value. */
      customValueId: CustomValueId
    }
    reply: Succeeded
  }
  /**
   * The tags that the location knows.
   * `GET /locations/{locationId}/tags`
   */
  'tags.list': { args: Record<string, never>; reply: Array<Tag> }
  /**
   * Creates a tag.
   * `POST /locations/{locationId}/tags`
   */
  'tags.create': {
    args: {
      /** Its name. */
      name: string
    }
    reply: Tag
  }
  /**
   * Reads a tag.
   * `GET /locations/{locationId}/tags/{tagId}`
   */
  'tags.get': {
    args: {
      /** The tag. */
      tagId: TagId
    }
    reply: Tag
  }
  /**
   * Changes the name of a tag.
   * `PUT /locations/{locationId}/tags/{tagId}`
   */
  'tags.update': {
    args: {
      /** The tag. */
      tagId: TagId
      /** Its name. */
      name: string
    }
    reply: Tag
  }
  /**
   * Deletes a tag.
   * `DELETE /locations/{locationId}/tags/{tagId}`
   */
  'tags.delete': {
    args: {
      /** The tag. */
      tagId: TagId
    }
    reply: Succeeded
  }
  /**
   * Reads a user.
   * `GET /users/{userId}`
   */
  'users.get': {
    args: {
      /** The user. */
      userId: UserId
    }
    reply: User
  }
  /**
   * A page of the location's users, its employees.
   * `GET /users/search`
   */
  'users.search': { args: UserSearch; reply: Page<User, UserSearch> }
  /**
   * Reads the location.
   * `GET /locations/{locationId}`
   */
  'locations.get': { args: Record<string, never>; reply: Location }
  /**
   * A page of an agency's locations, or of those that the token knows.
   * `GET /locations/search`
   */
  'locations.search': {
    args: LocationSearch
    reply: Page<Location, LocationSearch>
  }
  /**
   * Begins a conversation with a contact.
   * `POST /conversations/`
   */
  'conversations.create': {
    args: {
      /** The contact. */
      contactId: ContactId
    }
    reply: Conversation
  }
  /**
   * Reads a conversation.
   * `GET /conversations/{conversationId}`
   */
  'conversations.get': {
    args: {
      /** The conversation. */
      conversationId: ConversationId
    }
    reply: Conversation
  }
  /**
   * The conversations that are found.
   * `GET /conversations/search`
   */
  'conversations.search': { args: ConversationQuery; reply: Array<Conversation> }
  /**
   * A page of the messages of a conversation, the newest first.
   * `GET /conversations/{conversationId}/messages`
   */
  'conversations.messages': {
    args: MessageQuery
    reply: Page<Message, MessageQuery>
  }
  /**
   * Sends a message to a contact. A lost reply is not followed by a retry.
   * `POST /conversations/messages`
   */
  'messages.send': { args: NewMessage; reply: SentMessage }
  /**
   * Reads a message.
   * `GET /conversations/messages/{messageId}`
   */
  'messages.get': {
    args: {
      /** The message. */
      messageId: MessageId
    }
    reply: Message
  }
  /**
   * Reads an e-mail.
   * `GET /conversations/messages/email/{emailMessageId}`
   */
  'messages.getEmail': {
    args: {
      /** The e-mail. */
      emailMessageId: MessageId
    }
    reply: EmailMessage
  }
  /**
   * Says how far a message of the app's own provider came.
   * `PUT /conversations/messages/{messageId}/status`
   */
  'messages.updateStatus': {
    args: {
      /** The message. */
      messageId: MessageId
      /** How far it came. */
      status: DeliveryStatus
    }
    reply: SentMessage
  }
  /**
   * A page of the orders of GHL's payments.
   * `GET /payments/orders`
   */
  'paymentOrders.list': {
    args: PaymentOrderQuery
    reply: Page<PaymentOrder, PaymentOrderQuery>
  }
  /**
   * Reads an order of GHL's payments.
   * `GET /payments/orders/{paymentOrderId}`
   */
  'paymentOrders.get': {
    args: {
      /** The order. */
      paymentOrderId: PaymentOrderId
    }
    reply: PaymentOrder
  }
  /**
   * What was sent of an order.
   * `GET /payments/orders/{paymentOrderId}/fulfillments`
   */
  'paymentOrders.fulfillments': {
    args: {
      /** The order. */
      paymentOrderId: PaymentOrderId
    }
    reply: Array<Fulfillment>
  }
  /**
   * Tells what was sent of an order. A lost reply is not followed by a retry.
   * `POST /payments/orders/{paymentOrderId}/fulfillments`
   */
  'paymentOrders.fulfil': {
    args: {
      /** The order. */
      paymentOrderId: PaymentOrderId
      /** How the parcels can be followed. */
      trackings: Array<Tracking>
      /** What is in them. */
      items: Array<FulfilledItem>
      /** Whether GHL writes to the customer. */
      notifyCustomer: boolean
    }
    reply: Fulfillment
  }
  /**
   * Tells GHL of a change of an order, from what the shop knows of it: opportunity, custom fields, tags. It
   * can be repeated.
   */
  'orders.push': {
    args: {
      /** What the shop knows of the order. */
      order: PushOrder
      /** What happened to it. */
      change: PushChange
      /** The pipeline of orders; default the only one. */
      pipelineId?: PipelineId
      /** The stages of single statuses: id, name or key. The others are found by name. */
      stages?: { [key in string]: string }
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: Pushed
  }
  /** Sends any other request of GHL's API. A POST is not sent again after a lost reply. */
  request: { args: FreeRequest; reply: unknown }
}

/** Functions without I/O, by name. */
export interface PureOps {
  /** Verifies and reads a webhook, and checks its age. */
  'webhook.construct': {
    args: {
      /** How webhooks are verified. */
      webhooks: VerifierSpec
      /** The exact body; this or `bodyBase64`. */
      body?: string
      /** The exact body in base64; this or `body`. */
      bodyBase64?: string
      /** The names and values of all headers, repeated ones repeated. */
      headers: Array<[string, string]>
      /** The time, in epoch milliseconds. */
      nowMs: number
    }
    reply: WebhookEvent
  }
  /** Verifies a webhook's signature: the scheme that accepted it, `hmac`, `ed25519` or `shared-secret`. */
  'webhook.verify': {
    args: {
      /** How webhooks are verified. */
      webhooks: VerifierSpec
      /** The exact body; this or `bodyBase64`. */
      body?: string
      /** The exact body in base64; this or `body`. */
      bodyBase64?: string
      /** The names and values of all headers, repeated ones repeated. */
      headers: Array<[string, string]>
      /** The time, in epoch milliseconds. */
      nowMs: number
    }
    reply: string
  }
  /** Reads the body of a webhook, without verifying anything. */
  'webhook.parse': {
    args: {
      /** The body; this or `bodyBase64`. */
      body?: string
      /** The body in base64; this or `body`. */
      bodyBase64?: string
    }
    reply: WebhookEvent
  }
  /**
   * What identifies a webhook without an id of its own: the hash of its bytes where it has a `timestamp`,
   * else nothing.
   */
  'webhook.identity': {
    args: {
      /** The body; this or `bodyBase64`. */
      body?: string
      /** The body in base64; this or `body`. */
      bodyBase64?: string
    }
    reply: string | null
  }
  /** The answer to a webhook that is refused, or cannot be taken care of now. */
  'webhook.answer': {
    args: {
      /** The error's code. */
      code: string
      /** The error's message. */
      message: string
      /** How long to wait, in milliseconds. */
      retryAfterMs?: number
    }
    reply: Answer
  }
  /** The answer to a customer who may not see an order, or not now. */
  'customer.answer': {
    args: {
      /** The error's code. */
      code: string
      /** The error's message. */
      message: string
      /** The field that the error names. */
      field?: string
    }
    reply: Answer
  }
  /** The body of an event as GHL would send it: for tests of a receiver. */
  'webhook.sample': {
    args: {
      /** Its type, or `workflow`. */
      eventType: string
      /** Members in place of its own. */
      members: { [name: string]: unknown }
    }
    reply: string
  }
  /** The headers of a genuine webhook, by name: for tests of a receiver. */
  'webhook.sign': {
    args: {
      /** The body; this or `bodyBase64`. */
      body?: string
      /** The body in base64; this or `body`. */
      bodyBase64?: string
      /** The secret of the HMAC; this, `ed25519` or `sharedSecret`. */
      hmac?: Secret
      /** An Ed25519 private key: PEM of PKCS #8, or the base64 of its DER form or of its 32 bytes. */
      ed25519?: Secret
      /** A constant header. */
      sharedSecret?: SecretHeader
    }
    reply: { [key in string]: string }
  }
  /** A status model with all that a table of statuses needs. */
  'model.describe': {
    args: {
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: StatusTable
  }
  /** The status of a stage, or null. */
  'status.forStage': {
    args: {
      /** The stage's id, key or name. */
      stage: string
      /** The stages of the pipeline, as GHL lists them. Without them the text alone decides. */
      pipeline?: Array<PipelineStage>
      /** The stages of single statuses: id, name or key. */
      stages?: { [key in string]: string }
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: Status | null
  }
  /**
   * The stage of a status: its id in the pipeline; without one what `stages` says, else its key. Null where
   * the opportunity stays where it is.
   */
  'stage.forStatus': {
    args: {
      /** The status. */
      status: string
      /** The stages of the pipeline, as GHL lists them. */
      pipeline?: Array<PipelineStage>
      /** The stages of single statuses: id, name or key. */
      stages?: { [key in string]: string }
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: string | null
  }
  /** Which stage of a pipeline stands for which status, and what has no partner. */
  'stageMap.resolve': {
    args: {
      /** The stages of the pipeline, as GHL lists them. */
      pipeline: Array<PipelineStage>
      /** The stages of single statuses: id, name or key. */
      stages?: { [key in string]: string }
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: ResolvedStages
  }
  /** The overall progress of an order, in percent. */
  'progress.overall': {
    args: {
      /** The status. */
      status: string
      /** Manufacturing progress in percent. */
      manufacturing?: Percent
      /** The overall progress before, in percent: it stays at that beside the path. */
      previous?: Percent
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: number
  }
  /** The milestones of manufacturing progress that were passed, in order. */
  'milestones.crossed': {
    args: {
      /** The last that was told, in percent. */
      last: Percent
      /** The progress now, in percent. */
      now: Percent
    }
    reply: Array<number>
  }
  /** How a change of status moves an order, if it may. */
  transition: {
    args: {
      /** The status before; one that the model does not know counts as beside the path. */
      from: string
      /** The status after. */
      to: string
      /** Who makes the change; default `shop`. */
      side?: Side
      /** Whether the shop means to go backward; default false. */
      allowBackward?: boolean
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: StatusMove
  }
  /** Every error code, in the order of the documentation. */
  'errors.codes': {
    args: Record<string, never>
    reply: Array<ErrorCodeInfo>
  }
  /** The order as the engine would take it: trimmed, with a normalised identity and an exact total. */
  'order.check': {
    args: {
      /** The order. What is wrong in it is named by its path, e.g. `customer.email`. */
      order: OrderData
      /** The currency of a total that is a bare number, ISO 4217; without one such a total is refused. */
      currency?: string
    }
    reply: Order
  }
  /** What GHL has to be told of a change of an order, in order: what `orders.push` would do. */
  'orders.plan': {
    args: {
      /** What the shop knows of the order. */
      order: PushOrder
      /** What happened to it. */
      change: PushChange
      /** The shop's own model; default the built-in one. */
      model?: ModelSpec
    }
    reply: PushPlan
  }
  /** What to do after a try of a call to GHL. */
  'retry.classify': {
    args: {
      /** The HTTP method. */
      method: Method
      /** Whether it may be repeated though it is a POST; default false. */
      safe?: boolean
      /** How it ended without a reply; this or `status`. */
      transport?: TransportErrorKind
      /** The HTTP status of the reply; this or `transport`. */
      status?: number
      /** What the reply says beyond its status. */
      detail?: ReplyDetail
    }
    reply: RetryClass
  }
  /** The delay after a try, in milliseconds. */
  'retry.delay': {
    args: {
      /** Which try it was, from 1. */
      attempt: number
      /** What GHL asked for, in milliseconds. */
      askedMs?: number
      /** 0 to 1: how much of the jitter is added. Default 0, the shortest delay. */
      random?: number
      /** The delay after the first try, in milliseconds. Default 1000. */
      baseMs?: number
      /** What each further delay is multiplied by. Default 2. */
      factor?: number
    }
    reply: number
  }
}

/** Operations of the sync engine, by name. */
export interface EngineOps {
  /** Takes an order in, durably, then waits for GHL; it rejects only when nothing was written. */
  createOrder: {
    args: {
      /** The order. What is wrong in it is named by its path, e.g. `customer.email`. */
      order: OrderData
      /** How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured. */
      waitMs?: number
    }
    reply: SyncOutcome
  }
  /** Changes an order's status, durably, then waits for GHL; it rejects only when nothing was written. */
  updateStatus: {
    args: {
      /** The order. */
      orderId: OrderId
      /** The new status. */
      status: string
      /** The order's location, where several are configured. */
      locationId?: LocationId
      /** Lets the status go backward on the path; default false. */
      allowBackward?: boolean
      /** How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured. */
      waitMs?: number
    }
    reply: SyncOutcome
  }
  /** Takes an order's status, which the shop has written by itself, for its change, then waits for GHL. */
  statusChanged: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Its location, where several are configured. */
      locationId?: LocationId
      /** How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured. */
      waitMs?: number
    }
    reply: SyncOutcome
  }
  /**
   * Makes every change of a known order's status an intent, whoever makes it, by a trigger on the shop's
   * orders.
   */
  installStatusTrigger: { args: Record<string, never>; reply: null }
  /** Removes the trigger on the shop's orders. */
  removeStatusTrigger: { args: Record<string, never>; reply: null }
  /**
   * Sets how far an order in manufacturing is, tells the milestones it passes, and pushes it; at 100 the
   * order goes on.
   */
  setManufacturingProgress: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Whole percent, 0 to 100. */
      percent: number
      /** Its location, where several are configured. */
      locationId?: LocationId
      /** Lets the progress fall; default false. */
      force?: boolean
      /** How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured. */
      waitMs?: number
    }
    reply: SyncOutcome
  }
  /** Orders by id: for example those in a status. */
  orders: {
    args: {
      /** Only those in this status. */
      status?: string
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Only those after this one, to read on. */
      after?: OrderId
      /** At most this many; 1 to 1,000, default 100. */
      limit?: number
    }
    reply: Array<TrackedOrder>
  }
  /**
   * Takes what a source says of an order in manufacturing; what is not more than before changes nothing.
   * Whether it rose.
   */
  takeManufacturingProgress: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Whole percent, 0 to 100. */
      percent: number
      /** Its location, where several are configured. */
      locationId?: LocationId
    }
    reply: boolean
  }
  /** Orders in manufacturing, by id. */
  ordersInManufacturing: {
    args: {
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Only those after this one, to read on. */
      after?: OrderId
      /** At most this many; 1 to 1,000, default 100. */
      limit?: number
    }
    reply: Array<TrackedOrder>
  }
  /** When a schedule would be due next, in epoch milliseconds: for seeing that its pattern is right. */
  nextFiring: {
    args: {
      /** Its name, 1 to 100 characters. */
      name: string
      /** A cron pattern, e.g. `0 3 * * *` for every day at three. */
      cron: string
      /** A time zone of the IANA database; default `UTC`. */
      timeZone?: string
    }
    reply: number
  }
  /** Takes a firing of a schedule, if one is due and nobody has it, for a minute. */
  beginFiring: {
    args: {
      /** Its name, 1 to 100 characters. */
      name: string
      /** A cron pattern, e.g. `0 3 * * *` for every day at three. */
      cron: string
      /** A time zone of the IANA database; default `UTC`. */
      timeZone?: string
    }
    reply: ScheduleTurn
  }
  /** Keeps a firing for another minute. */
  keepFiring: {
    args: {
      /** The schedule. */
      name: string
      /** The firing's. */
      token: string
    }
    reply: null
  }
  /** Ends a firing, well or with why it failed. */
  endFiring: {
    args: {
      /** The schedule. */
      name: string
      /** The firing's. */
      token: string
      /** Why it failed, if it did. */
      error?: string
    }
    reply: null
  }
  /** What is known of an order. */
  order: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Its location, where several are configured. */
      locationId?: LocationId
    }
    reply: TrackedOrder
  }
  /** Sync jobs by id, one an order: for example those that were given up. */
  jobs: {
    args: {
      /** Only in this state. */
      state?: JobState
      /** Only of this location. */
      locationId?: LocationId
      /** Only of this order. */
      orderId?: OrderId
      /** Only those that failed last with this code. */
      errorCode?: ErrorCode
      /** Only those after this one, to read on. */
      after?: JobId
      /** At most this many; 1 to 1,000, default 100. */
      limit?: number
    }
    reply: Array<Job>
  }
  /** Makes a job that was given up due now; false if it was not given up. */
  replay: {
    args: {
      /** The job. */
      jobId: JobId
    }
    reply: boolean
  }
  /**
   * Makes all jobs that were given up due now, or those of a location, an order, a kind of error. How many
   * there were.
   */
  replayAll: {
    args: {
      /** Only of this location. */
      locationId?: LocationId
      /** Only of this order. */
      orderId?: OrderId
      /** Only those that failed last with this code. */
      errorCode?: ErrorCode
    }
    reply: number
  }
  /** Does what is due now and then ends: for a cron route where no worker runs. */
  drain: {
    args: {
      /** At most this many orders are worked on; 1 to 100,000, default 1,000. */
      max?: number
      /** Nothing is begun after this many milliseconds; 0 to 3,600,000, default 25,000. */
      deadlineMs?: number
    }
    reply: Drained
  }
  /**
   * Compares what GHL lists with what is known, and marks the orders that differ for a look. Goes on where
   * the last one was ended by its deadline or a crash.
   */
  reconcile: {
    args: {
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Lists what differs and marks nothing; default false. */
      dryRun?: boolean
      /**
       * Ends with the first page after this many milliseconds, with `more`; 0 to 3,600,000, default to the
       * end.
       */
      deadlineMs?: number
    }
    reply: Reconciled
  }
  /**
   * Takes existing orders in: writes each down with its job, skips those that are there, and tells which were
   * refused.
   */
  import: {
    args: {
      /** The orders, each with its `status`; at most 1,000. Oldest first. */
      orders: Array<OrderData>
      /** Their jobs are due this far apart, in milliseconds; 0 to 60,000, default 500. */
      everyMs?: number
    }
    reply: ImportedChunk
  }
  /** Received events that belong to no known order, by id. */
  unresolved: {
    args: {
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Only those after this one, to read on. */
      after?: number
      /** At most this many; 1 to 1,000, default 100. */
      limit?: number
    }
    reply: Array<UnresolvedEvent>
  }
  /**
   * Whether orders and GHL are kept in step; GHL is asked only where no call has shown for 30 s how it is.
   */
  health: {
    args: {
      /**
       * How long a job may be due before anyone takes it, in milliseconds; 0 to 86,400,000, default 300,000.
       */
      queueMs?: number
      /**
       * How long a received webhook may wait to be applied, in milliseconds; 0 to 86,400,000, default
       * 300,000.
       */
      inboxMs?: number
      /**
       * How long orders may fail without one succeeding, in milliseconds; 0 to 86,400,000, default 900,000.
       */
      failingMs?: number
      /** How many jobs may have been given up; default any number. */
      dead?: number
    }
    reply: Health
  }
  /** What happens in this process and waits in its database, as the text that Prometheus reads. */
  metrics: {
    args: {
      /**
       * Tells what is left of the limits for each location, rather than for the one with the least; default
       * false.
       */
      locations?: boolean
    }
    reply: string
  }
  /** What is right and wrong with the set-up, line by line, and how to mend it. */
  doctor: { args: DoctorOptions; reply: DoctorReport }
  /** Sends a signed sample of a webhook to an address of the shop's own. */
  sendTestWebhook: {
    args: {
      /** The address: HTTPS, or this machine. */
      url: string
      /** The type of the event, e.g. `OpportunityStageUpdate`; default `workflow`. */
      event?: string
      /** How long the route may take to answer, in milliseconds; 1 to 120,000, default 10,000. */
      timeoutMs?: number
      /** By whose secret it is signed, where several locations are configured. */
      locationId?: LocationId
    }
    reply: TestWebhook
  }
  /**
   * Reads a location's pipeline and custom fields, creates the fields that are missing, and tells what has no
   * partner.
   */
  provision: {
    args: {
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Tells what would be made, and makes nothing; default false. */
      dryRun?: boolean
    }
    reply: Provisioned
  }
  /**
   * Books the installation of an order: claims a free slot for an installer, makes the appointment, and
   * writes both down.
   */
  scheduleInstallation: {
    args: {
      /** The order. */
      orderId: OrderId
      /**
       * A local time of the zone (`2026-10-25T09:00`), an instant (with an offset or `Z`), or a day
       * (`2026-10-25`) whose first free
       * slot is meant.
       */
      at: string
      /** Its location, where several are configured. */
      locationId?: LocationId
      /** Only by this installer; default the least busy of the calendar's team that day. */
      installerId?: UserId
      /** How long it takes, in minutes; 1 to 1,440, default as configured. */
      durationMinutes?: number
      /**
       * How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as
       * configured.
       */
      bufferMinutes?: number
      /** The customer's zone, by the IANA database; default the shop's. */
      timeZone?: string
      /** For the installer; default the order's installation notes. */
      instructions?: string
    }
    reply: OrderInstallation
  }
  /** The times within a span, of at most 31 days, at which an installation can begin. */
  availableInstallations: {
    args: {
      /** From when: a local time of the zone, an instant, or a day from its beginning. */
      from: string
      /** Until when: the same, a day to its end. */
      to: string
      /** The location, where several are configured. */
      locationId?: LocationId
      /** Only by this installer. */
      installerId?: UserId
      /** How long it takes, in minutes; 1 to 1,440, default as configured. */
      durationMinutes?: number
      /**
       * How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as
       * configured.
       */
      bufferMinutes?: number
      /** The zone in which they are told, by the IANA database; default the shop's. */
      timeZone?: string
    }
    reply: Array<InstallationSlot>
  }
  /** Moves the installation of an order to another time, or to another installer. */
  rescheduleInstallation: {
    args: {
      /** The order. */
      orderId: OrderId
      /** As for `scheduleInstallation`. */
      at: string
      /** Its location, where several are configured. */
      locationId?: LocationId
      /** Only by this installer; default its own, or else the least busy of that day. */
      installerId?: UserId
      /** How long it takes, in minutes; 1 to 1,440, default as it is. */
      durationMinutes?: number
      /**
       * How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as
       * configured.
       */
      bufferMinutes?: number
      /** The customer's zone, by the IANA database; default as it is. */
      timeZone?: string
    }
    reply: OrderInstallation
  }
  /** Cancels the installation of an order, in GHL too. */
  cancelInstallation: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Its location, where several are configured. */
      locationId?: LocationId
    }
    reply: OrderInstallation
  }
  /** The installation of an order, as it is known here. */
  installation: {
    args: {
      /** The order. */
      orderId: OrderId
      /** Its location, where several are configured. */
      locationId?: LocationId
    }
    reply: OrderInstallation
  }
  /** Messages on their channels, by id: for example those that were given up. */
  deliveries: {
    args: {
      /** Only those in this state. */
      state?: DeliveryState
      /** Only those on this channel: `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`. */
      channel?: string
      /** Only of this location. */
      locationId?: LocationId
      /** Only of this order. */
      orderId?: OrderId
      /** Only those after this one, to read on. */
      after?: number
      /** At most this many; 1 to 1,000, default 100. */
      limit?: number
    }
    reply: Array<MessageDelivery>
  }
  /** Makes a message that was given up or skipped due now; false if it is neither. */
  replayDelivery: {
    args: {
      /** The delivery. */
      deliveryId: number
    }
    reply: boolean
  }
  /** Tells a customer something by hand, also again, on one channel. */
  notify: {
    args: {
      /** The order. */
      orderId: OrderId
      /** What is told, e.g. `status.shipped`. */
      message: string
      /** How: `email`, `sms`, `smtp` or `hook`. */
      channel: string
      /** The order's location, where several are configured. */
      locationId?: LocationId
    }
    reply: null
  }
  /** A token with which a customer may watch an order, in `handlers.events`. */
  orderToken: {
    args: {
      /** The order. */
      orderId: OrderId
      /** How long it is good for, in milliseconds; at most 400 days, default 30 days. */
      expiresInMs?: number
      /** The order's location, where several are configured. */
      locationId?: LocationId
    }
    reply: string
  }
  /** Refuses a token that does not let its bearer watch an order: for what a shop shows beside the stream. */
  checkOrderToken: {
    args: {
      /** The order. */
      orderId: OrderId
      /** What the caller has. */
      token: Secret
      /** The order's location, where several are configured. */
      locationId?: LocationId
    }
    reply: null
  }
  /** A message in words, as it would be sent: about an order, or else about a made-up one. */
  previewMessage: {
    args: {
      /** What is told, e.g. `status.shipped`. */
      message: string
      /** The order. */
      orderId?: OrderId
      /** The language; default the customer's, or the shop's. */
      locale?: string
      /** The order's location, where several are configured. */
      locationId?: LocationId
    }
    reply: MessageInWords
  }
  /** Sends an event of the shop's own to channels, once and at once. */
  pusherTrigger: {
    args: {
      /** What it is called. */
      event: string
      /** Where it is sent: 1 to 100 channels. */
      channels: Array<string>
      /** Its data: JSON of up to 10 kB. */
      data: unknown
      /** The connection that does not get it, as it has caused it. */
      except?: string
    }
    reply: null
  }
  /** Sends up to ten events in one request. */
  pusherTriggerBatch: {
    args: {
      /** The events: each `{ event, channel, data }`. */
      batch: Array<{ event: string; channel: string; data: unknown }>
    }
    reply: null
  }
  /** Lets a connection join a private or presence channel. */
  pusherAuthorize: {
    args: {
      /** What the client sends as `socket_id`. */
      socketId: string
      /** What the client sends as `channel_name`. */
      channel: string
      /** Who joins, on a presence channel. */
      member?: PusherMember
      /** The customer's token for the order whose channel it is. */
      token?: string
      /** Whether the caller was let in: then no token is needed. */
      allowed?: boolean
      /** The order's location, where several are configured. */
      locationId?: LocationId
    }
    reply: PusherAuth
  }
  /** Verifies and reads a webhook of Pusher's own. */
  pusherWebhook: {
    args: {
      /** The body as it was received. */
      body: string
      /** Lines of `name:value`: `X-Pusher-Key` and `X-Pusher-Signature`. */
      headers: string
    }
    reply: PusherWebhook
  }
}

/** Operations of an app's installations, by name. */
export interface OAuthOps {
  /** Takes the consent page's answer: checks that it belongs to the session, and keeps the tokens. */
  callback: {
    args: {
      /** The query of the request to the redirect URI. */
      query: string
      /** The session, as it was given to `authorizeUrl`. */
      session: string
    }
    reply: Installation
  }
  /** Exchanges the code of an installation that was begun in the marketplace, which has no session. */
  exchangeCode: {
    args: {
      /** The code. */
      code: string
    }
    reply: Installation
  }
  /** Applies an `INSTALL` or `UNINSTALL` event, which must be verified. */
  applyEvent: {
    args: {
      /** The body of the event. */
      event: unknown
    }
    reply: AppChanged
  }
  /** The locations of an agency where the app is installed, by the agency's token. */
  installedLocations: {
    args: {
      /** The agency. */
      companyId: CompanyId
    }
    reply: Array<InstalledLocation>
  }
  /** Makes the locations of an agency known where the app is installed; those that were not. */
  adoptInstalled: {
    args: {
      /** The agency. */
      companyId: CompanyId
    }
    reply: Array<LocationId>
  }
  /** Encrypts all tokens of the app with the current key, while everything goes on. */
  rekey: { args: Record<string, never>; reply: Rekeyed }
}

/** Operations of a database by itself, by name. */
export interface DatabaseOps {
  /** Claims a webhook, unless it is claimed or remembered. */
  'seen.claim': {
    args: {
      /** Whose memory it is. */
      receiver: string
      /** What identifies the webhook. */
      event: string
      /** The time, in epoch milliseconds. */
      nowMs: number
      /** The end of the claim. */
      untilMs: number
    }
    reply: Claim
  }
  /** Remembers a webhook that was handled. */
  'seen.remember': {
    args: {
      /** Whose memory it is. */
      receiver: string
      /** What identifies the webhook. */
      event: string
      /** The time, in epoch milliseconds. */
      nowMs: number
      /** Until when. */
      keepUntilMs: number
    }
    reply: null
  }
  /** Gives up a claim. */
  'seen.release': {
    args: {
      /** Whose memory it is. */
      receiver: string
      /** What identifies the webhook. */
      event: string
      /** The end of the claim. */
      untilMs: number
    }
    reply: null
  }
}
