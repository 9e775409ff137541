// Generated from the Rust types by `cargo xtask types`: do not edit.

/** Where an order goes. */
export type Address = {
  /** Street and number. */
  line1: string
  /** Floor, company, care of. */
  line2?: string
  /** Town. */
  city: string
  /** State, province or county. */
  region?: string
  /** Postal code; empty where a country has none. */
  postalCode: string
  /** Two-letter country code of ISO 3166. */
  country: string
}

/** What is answered to whoever sent a webhook. */
export type Answer = {
  /** The HTTP status. */
  status: number
  /** `Retry-After`, in seconds. */
  retryAfter?: number
  /** JSON. */
  body: string
}

/** The versions of GHL's API. */
export type ApiVersion = '2021-07-28' | '2021-04-15' | '2023-02-21' | 'v3'

/** What an event changed; nothing, where it is of another app or kind, known already, or late. */
export type AppChanged = {
  /** The location that is known now. */
  installed?: LocationId
  /** Whose tokens were deleted. */
  removed: Array<TokenSubject>
}

/** An app was installed or uninstalled; the location, if it was one, is the event's. */
export type AppEvent = {
  /** The app. */
  appId?: string
  /** The agency. */
  companyId?: CompanyId
  /** Who did it. */
  userId?: UserId
  /** The plan. */
  planId?: string
  /** `Company` or `Location`. */
  installType?: string
  /** The name of the agency or location. */
  companyName?: string
  /** The trial, as GHL has it. */
  trial?: unknown
  /** Whether the agency has a brand of its own. */
  isWhitelabelCompany?: boolean
  /** That brand, as GHL has it. */
  whitelabelDetails?: unknown
  /** The version of the app. */
  versionId?: string
}

/** The application that calls, as GHL is to know it: it goes into `User-Agent`. */
export type AppInfo = {
  /** Its name, without blanks, e.g. `sauna-shop`. */
  name: string
  /** Its version, e.g. `1.4.2`. */
  version?: string
  /** Where more of it can be read. */
  url?: string
}

/** An appointment was created, changed or deleted. */
export type AppointmentEvent = {
  /** The appointment. */
  appointmentId: string
  /** Its calendar. */
  calendarId?: CalendarId
  /** Its contact. */
  contactId?: ContactId
  /** Its title. */
  title?: string
  /** `confirmed`, `cancelled`, … */
  status?: string
  /** Its start, ISO 8601 with an offset. */
  startTime?: string
  /** Its end, ISO 8601 with an offset. */
  endTime?: string
  /** Who goes there. */
  assignedUserId?: UserId
  /** Where it is. */
  address?: string
  /** What was noted. */
  notes?: string
  /** Where it was booked. */
  source?: string
  /** The group of its calendar. */
  groupId?: string
  /** When it was made. */
  dateAdded?: string
  /** When it was changed. */
  dateUpdated?: string
}

/** What changes of an appointment; what is absent stays as it is. */
export type AppointmentInput = {
  /** The calendar. */
  calendarId?: CalendarId
  /** When it begins. */
  startTime?: string
  /** When it ends. */
  endTime?: string
  /** Its title. */
  title?: string
  /** Its status. */
  appointmentStatus?: AppointmentStatus
  /** The employee in charge. */
  assignedUserId?: UserId
  /** Where it takes place. */
  address?: string
  /** What it is about. */
  description?: string
  /** Whether it may lie outside of what the calendar offers. */
  ignoreDateRange?: boolean
  /** Whether the slot may be taken. */
  ignoreFreeSlotValidation?: boolean
  /** Whether GHL's automations run. */
  toNotify?: boolean
}

/** The status of an appointment. */
export type AppointmentStatus =
  | 'new'
  | 'confirmed'
  | 'cancelled'
  | 'showed'
  | 'noshow'
  | 'invalid'
  | 'completed'
  | 'active'

/** A kind of relation between objects was made, changed or deleted. */
export type AssociationEvent = {
  /** The association. */
  associationId?: string
  /** Its key. */
  key?: string
  /** `USER_DEFINED` or `SYSTEM_DEFINED`. */
  associationType?: string
  /** What stands on one side. */
  firstObjectKey?: string
  /** How that side is called. */
  firstObjectLabel?: string
  /** What stands on the other side. */
  secondObjectKey?: string
  /** How that side is called. */
  secondObjectLabel?: string
}

/** A slot to be blocked. Times are in ISO 8601 with an offset. */
export type BlockedSlot = {
  /** The calendar. */
  calendarId: CalendarId
  /** When it begins. */
  startTime?: string
  /** When it ends. */
  endTime?: string
  /** Its title. */
  title?: string
  /** Whose time it is. */
  assignedUserId?: UserId
}

/** One thing that has happened. */
export type Breadcrumb = {
  /** When, in epoch milliseconds and parts of one. */
  atMs: number
  /** How bad it is. */
  level: ObservationLevel
  /** What it is: always the same words for the same thing. */
  message: string
  /** What is said of it. */
  fields: Record<string, string | number | boolean>
}

/** The reply of changing the tags of several contacts. */
export type BulkTags = {
  /** Whether GHL says that it did. */
  succeeded: boolean
  /** How many contacts were left as they are. */
  errorCount?: number
} & { [key: string]: unknown }

/** A calendar. */
export type Calendar = {
  /** Its id. */
  id: CalendarId
  /** The location it belongs to. */
  locationId?: LocationId
  /** Its name. */
  name?: string
} & { [key: string]: unknown }

/** An event of a calendar: an appointment or a blocked slot. Times are as GHL writes them. */
export type CalendarEvent = {
  /** Its id. */
  id: EventId
  /** The calendar. */
  calendarId?: CalendarId
  /** The location. */
  locationId?: LocationId
  /** The contact. */
  contactId?: ContactId
  /** Its title. */
  title?: string
  /** The status of an appointment, e.g. `confirmed`. */
  appointmentStatus?: string
  /** The employee in charge. */
  assignedUserId?: UserId
  /** When it begins. */
  startTime?: string
  /** When it ends. */
  endTime?: string
} & { [key: string]: unknown }

/** A calendar. */
export type CalendarId = string

/** What happens to a call. It shows no token, no header, no body, no value of a query and no id in a path. */
export type CallEvent = {
  /** The number of the call: that of a client's others is another. */
  call: number
  /** The method. */
  method: Method
  /**
   * The route, e.g. `/contacts/{contactId}`; of a request that is none of the known ones, the beginning of
   * its path.
   */
  route: string
  /** The location that the call is about. */
  locationId: LocationId
  /** Which try it is about, from 1. */
  attempt: number
} & ({ type: 'request' } | {
  type: 'response'
  /** Its status. */
  status: number
  /** How long after the request, in milliseconds. */
  durationMs: number
} | {
  type: 'retry'
  /** Why it failed. */
  code: ErrorCode
  /** How long the call pauses before, in milliseconds. */
  delayMs: number
} | {
  type: 'rateLimit'
  /** How long at least, in milliseconds. */
  waitMs: number
  /** Whether GHL has refused a try with 429. Otherwise the client waits so that it need not. */
  refused: boolean
} | {
  type: 'error'
  /** Why. */
  code: ErrorCode
  /** The status of GHL's reply. */
  status?: number
  /** GHL's trace id. */
  traceId?: string
  /** How far the request got. */
  delivery: Delivery
})

/** What one call does differently from the client's settings. */
export type CallOptions = {
  /** The location the call is about. Default: the client's. */
  locationId?: LocationId
  /** The limit of one try in milliseconds, connecting included, 1 to 600,000. Default: the client's. */
  timeoutMs?: number
  /** How often it is tried again after its first try, 0 to 9. Default: the client's. */
  maxRetries?: number
  /**
   * The longest the call may wait in all, in milliseconds, 0 to 3,600,000: for a slot within the location's
   * limit and between tries; time on the wire does not count. Default: as long as it takes, but never for
   * the daily limit.
   */
  maxWaitMs?: number
  /**
   * The longest the call may take in all, in milliseconds, 1 to 3,600,000: waiting, tries and replies.
   * Default:
   * 30,000, or `timeoutMs` where that is longer; none where the priority is `bulk`.
   */
  deadlineMs?: number
  /**
   * `interactive`, the default, goes before `bulk` where calls wait for a slot within the location's limit.
   */
  priority?: Priority
  /** Headers that go along, by name. Those that the client sets itself are refused. */
  headers?: { [key in string]: string }
}

/** A contact's campaign has another status. */
export type CampaignEvent = {
  /** The campaign. */
  campaignId?: string
  /** The contact. */
  contactId?: ContactId
  /** `active`, `inactive`, `completed` and others. */
  status?: string
  /** The template. */
  templateId?: string
  /** When the contact was added. */
  dateAdded?: string
}

/** Whether a webhook is to be handled. */
export type Claim = 'new' | 'busy' | 'seen'

/** What is set for a client alone, in JSON; what is left out comes from the environment or is the default. */
export type ClientOptions = {
  /** The token calls are authorized with. Default: `GOHIGHLEVEL_API_KEY`. */
  token?: Secret
  /** The location of calls that name none. Default: `GOHIGHLEVEL_LOCATION_ID`, else none. */
  locationId?: string
  /** The API's host. Default: `GHL_BASE_URL`, else HighLevel's. */
  baseUrl?: string
  /**
   * `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by
   * date.
   */
  apiVersion?: 'v3'
  /** How long one try of a call may take, in milliseconds; 1 to 600,000. Default: 10,000. */
  timeoutMs?: number
  /** How often a call is tried again after its first try; 0 to 9. Default: 2. */
  maxRetries?: number
  /**
   * How far GHL's searches lag behind at most, in milliseconds; 0 to 600,000. So long a create whose reply
   * was lost is
   * looked for before it is sent again. Default: 10,000.
   */
  searchLagMs?: number
  /** The largest reply that is read, in bytes; 1 to 67,108,864. Default: 16,777,216. */
  maxReplyBytes?: number
  /** The application, as it is named in `User-Agent` behind this package. Default: not named. */
  appInfo?: AppInfo
}

/** An agency account of GHL. */
export type CompanyId = string

/**
 * The whole configuration in JSON; what is left out comes from the environment or is the default. One
 * location is set beside the rest, several in `locations`.
 */
export type ConfigOptions = {
  /**
   * The database, as `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`. Default: `DATABASE_URL`, else
   * `sqlite:ghlkit.db`.
   */
  databaseUrl?: Secret
  /** The API's host. Default: `GHL_BASE_URL`, else HighLevel's. */
  baseUrl?: string
  /**
   * `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by
   * date.
   */
  apiVersion?: 'v3'
  /** The ISO 4217 code of totals that are bare numbers. Default: `GHLKIT_CURRENCY`, else they are refused. */
  currency?: string
  /** The shop's own statuses. Default: the path from `order_placed` to `completed`. */
  model?: ModelSpec
  /** How the engine works. */
  sync?: SyncOptions
  /** How installations are booked. */
  installation?: InstallationOptions
  /** Who is told what happens to orders: e-mails, text messages, a webhook. Default: nobody. */
  notifications?: NotificationOptions
  /** How what happens to orders is streamed to browsers. */
  events?: EventOptions
  /**
   * Installs a trigger on the shop's orders as the engine is opened, which makes every change of a status an
   * intent,
   * whoever makes it. Default: false, which leaves one that is there.
   */
  statusTrigger?: boolean
  /** The locations, where there are several; the options below, and their variables, are then not read. */
  locations?: Array<LocationOptions>
  /** The location's Private Integration token. Default: `GOHIGHLEVEL_API_KEY`. */
  token?: Secret
  /** The location. Default: `GOHIGHLEVEL_LOCATION_ID`. */
  locationId?: string
  /** The pipeline of orders. Default: `GHL_ORDERS_PIPELINE_ID`. */
  pipelineId?: string
  /**
   * Status to stage, by the stage's id, name or key. Default for each: `GHL_STAGE_<STATUS>`, else the
   * stage is found by name.
   */
  stages?: { [key in string]: string }
  /** The calendar of installations. Default: `GHL_INSTALLATION_CALENDAR_ID`, else none. */
  calendarId?: string
  /**
   * How webhooks are verified. Default: by `GHL_WEBHOOK_SCHEMES` and its kin; without those all are
   * refused.
   */
  webhooks?: VerifierSpec
  /** A Socket.IO server to listen to beside webhooks. Default: that of `GHLKIT_REALTIME_URL`, else none. */
  realtime?: RealtimeOptions
}

/**
 * A contact as GHL returns it. Texts are absent where GHL has none; times are epoch milliseconds in GHL's
 * clock.
 */
export type Contact = {
  /** Its id. */
  id: ContactId
  /** The location it belongs to. */
  locationId?: LocationId
  /** Given name. */
  firstName?: string
  /** Family name. */
  lastName?: string
  /** Full name. */
  name?: string
  /** E-mail address, which GHL puts in lower case. */
  email?: string
  /** Phone number in E.164. */
  phone?: string
  /** Street and number. */
  address1?: string
  /** City. */
  city?: string
  /** State or region. */
  state?: string
  /** Postal code. */
  postalCode?: string
  /** Country, ISO 3166 alpha-2. */
  country?: string
  /** Which channels must not be used. */
  dndSettings?: DndSettings
  /** Tags, which GHL puts in lower case. */
  tags: Array<string>
  /** Custom fields that have a value. */
  customFields: Array<CustomField>
  /** When it was created. */
  dateAddedMs?: number
  /** When it was last changed. */
  dateUpdatedMs?: number
} & { [key: string]: unknown }

/** A contact was created, changed or deleted. */
export type ContactEvent = {
  /** The contact. */
  contactId: ContactId
  /** Its e-mail. */
  email?: string
  /** Its phone. */
  phone?: string
  /** Its full name. */
  name?: string
  /** Its first name. */
  firstName?: string
  /** Its last name. */
  lastName?: string
  /** All of its tags, where the event carries them. */
  tags?: Array<string>
  /** Its custom fields, by id. */
  customFields: Array<WebhookField>
  /** Its company. */
  companyName?: string
  /** Street and number. */
  address1?: string
  /** Its city. */
  city?: string
  /** Its state or region. */
  state?: string
  /** Its postal code. */
  postalCode?: string
  /** Its country, ISO 3166-1 alpha-2. */
  country?: string
  /** Its website. */
  website?: string
  /** Its date of birth. */
  dateOfBirth?: string
  /** Where it came from. */
  source?: string
  /** Whose contact it is. */
  assignedTo?: UserId
  /** Whether it is to be left alone on every channel. */
  dnd?: boolean
  /** Whether it is to be left alone, channel by channel, as GHL has it; in `ContactDndUpdate`. */
  dndSettings?: unknown
  /** When it was made. */
  dateAdded?: string
}

/** A contact. */
export type ContactId = string

/**
 * What can be written of a contact; what is absent stays as it is. Tags are missing on purpose: an update
 * would replace all of them, so they have requests of their own.
 */
export type ContactInput = {
  /** Given name. */
  firstName?: string
  /** Family name. */
  lastName?: string
  /** Full name, where it is not known in parts. */
  name?: string
  /** E-mail address. */
  email?: string
  /** Phone number in E.164. */
  phone?: string
  /** Street and number. */
  address1?: string
  /** City. */
  city?: string
  /** State or region. */
  state?: string
  /** Postal code. */
  postalCode?: string
  /** Country, ISO 3166 alpha-2. */
  country?: string
  /** Web page. */
  website?: string
  /** Time zone, e.g. `Europe/Helsinki`. */
  timezone?: string
  /** Date of birth, e.g. `1990-09-25`. */
  dateOfBirth?: string
  /** Whether no channel may be used at all. */
  dnd?: boolean
  /** Which channels must not be used. */
  dndSettings?: DndSettingsInput
  /** Whether the contact's own messages are refused. */
  inboundDndSettings?: InboundDndSettings
  /** Where the contact came from. */
  source?: string
  /** The employee in charge. */
  assignedTo?: UserId
  /** Custom fields; those not named stay as they are. */
  customFields?: Array<CustomFieldInput>
}

/** Which contacts to list. The default lists all, 100 a page. */
export type ContactList = {
  /** Words to look for. */
  query?: string
  /** Contacts a page, at most 100. */
  limit?: number
  /** Where to go on. */
  after?: SearchCursor
}

/** Which contacts to find, in which order. The default finds all, 100 a page. */
export type ContactSearch = {
  /** Words to look for, up to 75 characters. */
  query?: string
  /** Conditions; all must hold. */
  filters?: Array<SearchFilter>
  /** The order. */
  sort?: Array<SearchSort>
  /** Contacts a page, at most 500. */
  pageLimit?: number
  /** The page, from 1; absent means the first. */
  page?: number
  /** Instead of a page: the `searchAfter` of the last result. */
  searchAfter?: Array<unknown>
}

/** The reply of adding or removing tags. */
export type ContactTags = {
  /** The tags as GHL returns them: those of the contact, or those of the request. */
  tags: Array<string>
}

/** A conversation with a contact. */
export type Conversation = {
  /** Its id. */
  id: ConversationId
  /** The contact. */
  contactId?: ContactId
  /** The location. */
  locationId?: LocationId
  /** The employee in charge. */
  assignedTo?: UserId
} & { [key: string]: unknown }

/** A conversation has been read, or has something unread. */
export type ConversationEvent = {
  /** The conversation. */
  conversationId?: ConversationId
  /** Its contact. */
  contactId?: ContactId
  /** How many messages are unread. */
  unreadCount?: number
  /** Whether it is in the inbox. */
  inbox?: boolean
  /** Whether it is marked. */
  starred?: boolean
  /** Whether it was deleted. */
  deleted?: boolean
}

/** A conversation. */
export type ConversationId = string

/** Which conversations to find. */
export type ConversationQuery = {
  /** With this contact. */
  contactId?: ContactId
  /** Of this employee. */
  assignedTo?: string
  /** Words to look for. */
  query?: string
  /** At most so many. */
  limit?: number
  /** Those whose last message is from after then, in epoch milliseconds. */
  startAfterDate?: number
}

/** A currency of ISO 4217. */
export type Currency = string

/** A custom field of a contact or an opportunity as GHL returns it: by id, without key or name. */
export type CustomField = {
  /** The field. */
  id: CustomFieldId
  /**
   * Its value; `null` where GHL sent none. Under which name GHL returns it depends on object, route and
   * `Version`.
   */
  value: FieldValue
}

/** The definition of a custom field. */
export type CustomFieldDefinition = {
  /** Its id, under which values are read and written. */
  id: CustomFieldId
  /** Its name, as people see and change it. */
  name?: string
  /** Its key with the object's prefix, e.g. `contact.order_status`. */
  fieldKey?: string
  /** Its type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling). */
  dataType?: string
  /** What it belongs to. */
  model?: CustomFieldModel
} & { [key: string]: unknown }

/** A custom field. */
export type CustomFieldId = string

/**
 * A custom field to be written. GHL goes by its id; one that is named by its key or by its name gets it
 * before it is
 * sent, from the location's custom fields as they were read at most ten minutes ago.
 */
export type CustomFieldInput = {
  /** Its id. */
  id?: CustomFieldId
  /** Its key, with or without the object's prefix, e.g. `order_status`. */
  key?: string
  /** Its name, as people see it. */
  name?: string
  /**
   * The value. GHL silently drops one under this name (HighLevel docs: Update Contact), so it is sent under
   * another.
   */
  value: FieldValue
}

/** What a custom field belongs to. */
export type CustomFieldModel = 'contact' | 'opportunity'

/** A custom value, which templates refer to by its key. */
export type CustomValue = {
  /** Its id. */
  id: CustomValueId
  /** Its name. */
  name?: string
  /** Its key, e.g. `{{ custom_values.opening_hours }}`. */
  fieldKey?: string
  /** Its text. */
  value?: string
} & { [key: string]: unknown }

/** A custom value of a location. */
export type CustomValueId = string

/**
 * The customer of an order: an e-mail or a phone number or both, and a name, which may be empty as guests
 * do not always give one.
 */
export type Customer = {
  /** Up to 255 characters. */
  firstName?: string
  /** Up to 255 characters. */
  lastName?: string
  /** In a checked order: an address in lower case. */
  email?: string
  /** In a checked order: E.164, e.g. `+358401234567`. */
  phone?: string
  /** The language that messages are written to them in, e.g. `en` or `de-AT`; default the shop's. */
  locale?: string
}

/** A message to a customer. */
export type CustomerMessage = {
  /** The same with every try. */
  id: number
  /** The order's location. */
  locationId: LocationId
  /** The order. */
  orderId: OrderId
  /** Its number. */
  orderNumber: string
  /** What is told, e.g. `status.shipped`. */
  name: string
  /** In which language, e.g. `en`. */
  locale: string
  /** The customer's first name; may be empty. */
  firstName: string
  /** The customer's last name; may be empty. */
  lastName: string
  /** The customer's e-mail. */
  email?: string
  /** The customer's phone in E.164. */
  phone?: string
  /** The subject of an e-mail, of one line. */
  subject: string
  /** An e-mail as plain text. */
  text: string
  /** The same as HTML: a whole document. */
  html: string
  /** A text message, of one line. */
  sms: string
}

/** Which database to open, in JSON. */
export type DatabaseSettings = {
  /** The database: `sqlite:FILE` or `postgres://…`. Default: `DATABASE_URL`, else the file `ghlkit.db`. */
  databaseUrl?: Secret
}

/** How far a request got before its error. */
export type Delivery = 'not_sent' | 'unknown' | 'answered'

/** Where a message stands on its channel. */
export type DeliveryState = 'waiting' | 'leased' | 'done' | 'skipped' | 'dead'

/** How far a message came. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'read'

/** An order whose object in GHL is not what it is known to be. */
export type Difference = {
  /** The order. */
  orderId: OrderId
  /** What differs: of its opportunity the first three, of its contact the others. */
  differs: Array<DifferingPart>
}

/** What differs. */
export type DifferingPart = 'stage' | 'status' | 'contact' | 'tags' | 'fields'

/** Whether one channel must not be used. */
export type DndSetting = {
  /** `active`, `inactive` or `permanent`. */
  status?: string
  /** Why. */
  message?: string
  /** Why, as a code. */
  code?: string
} & { [key: string]: unknown }

/** Whether one channel must not be used. */
export type DndSettingInput = {
  /** Whether it must not. */
  status: DndStatus
  /** Why. */
  message?: string
  /** Why, as a code. */
  code?: string
}

/** Which channels must not be used. */
export type DndSettings = {
  /** Calls. */
  Call?: DndSetting
  /** E-mails. */
  Email?: DndSetting
  /** Text messages. */
  SMS?: DndSetting
  /** WhatsApp. */
  WhatsApp?: DndSetting
  /** Google's business messages. */
  GMB?: DndSetting
  /** Facebook. */
  FB?: DndSetting
} & { [key: string]: unknown }

/** Which channels must not be used; those that are absent stay as they are. */
export type DndSettingsInput = {
  /** Calls. */
  Call?: DndSettingInput
  /** E-mails. */
  Email?: DndSettingInput
  /** Text messages. */
  SMS?: DndSettingInput
  /** WhatsApp. */
  WhatsApp?: DndSettingInput
  /** Google's business messages. */
  GMB?: DndSettingInput
  /** Facebook. */
  FB?: DndSettingInput
}

/** Whether a contact wants to be left alone. */
export type DndStatus = 'active' | 'inactive' | 'permanent'

/** One line of a `DoctorReport`. It shows no secret. */
export type DoctorCheck = {
  /**
   * What was looked at: `environment`, `database`, `migrations`, `database_rights`, `clock`; for each
   * location `token`,
   * `scopes`, `pipeline`, `stages`, `custom_fields`, `calendar`, `duplicate_opportunity`, `webhook_secret`
   * and `webhook`.
   */
  name: string
  /** At which location. */
  locationId?: LocationId
  /** How it is. */
  verdict: DoctorVerdict
  /** What is so, in words. */
  detail: string
  /** How to mend it, where something is wrong. */
  fix?: string
}

/** What `doctor` looks at beside what is configured. */
export type DoctorOptions = {
  /**
   * Where GHL's webhooks reach the shop: a signed one is sent there, once for each location, which is then
   * named in the
   * query as `locationId` where there are several. It changes no order. Default: none is sent.
   */
  webhookUrl?: string
}

/** What `doctor` found. */
export type DoctorReport = {
  /** Whether nothing has failed. There may be warnings. */
  ok: boolean
  /** Line by line. */
  checks: Array<DoctorCheck>
}

/** How a part of the set-up is. */
export type DoctorVerdict = 'ok' | 'warning' | 'failed' | 'skipped'

/** What a `drain` did. */
export type Drained = {
  /** Passes over orders. */
  passes: number
  /** Whether something that is due is left. */
  more: boolean
}

/** The reply of a look for a duplicate. */
export type DuplicateLookup = {
  /** The contact with this e-mail or phone, if there is one. */
  contact?: Contact
}

/** The contact behind a `duplicate`. */
export type DuplicateOf = {
  /** The existing contact. */
  contactId: string
  /** `email` or `phone`, where GHL said which. */
  matchingField?: string
}

/**
 * `true` for the key HighLevel publishes, or a public key, or several for rotation; each a text, or with the
 * last moment
 * at which it is accepted.
 */
export type Ed25519Keys =
  | true
  | string
  | { key: string; notAfter?: string }
  | Array<string
  | { key: string; notAfter?: string }>

/** E-mails through GHL's conversations. */
export type EmailChannelOptions = {
  /** The address they come from. Default: the location's own. */
  from?: string
}

/** An e-mail of a conversation. */
export type EmailMessage = {
  /** Its id. */
  id: MessageId
  /** The conversation. */
  conversationId?: ConversationId
  /** The contact. */
  contactId?: ContactId
  /** Its subject. */
  subject?: string
  /** Its text. */
  body?: string
  /** `inbound` or `outbound`. */
  direction?: string
  /** How far it came, e.g. `delivered`. */
  status?: string
  /** When it was sent. */
  dateAddedMs?: number
} & { [key: string]: unknown }

/** How an e-mail of LC Email fared. */
export type EmailStatsEvent = {
  /** The message, as GHL has it. */
  webhookPayload?: unknown
}

/** What went wrong, as a stable word that programs may match on. */
export type ErrorCode =
  | 'invalid_argument'
  | 'config'
  | 'order_not_found'
  | 'order_exists'
  | 'transition_refused'
  | 'signature'
  | 'stale'
  | 'payload'
  | 'too_large'
  | 'wrong_location'
  | 'rate_limited'
  | 'daily_limit'
  | 'retry_budget'
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'server'
  | 'outcome_unknown'
  | 'duplicate'
  | 'duplicate_opportunity'
  | 'not_found'
  | 'validation'
  | 'unauthorized'
  | 'reauthorize'
  | 'wrong_token_class'
  | 'version_header'
  | 'scope_missing'
  | 'refused'
  | 'unexpected_reply'
  | 'handler_failed'
  | 'lease_lost'
  | 'conflict'
  | 'slot_taken'
  | 'busy'
  | 'store'

/** The code of an error, as the documentation has it. */
export type ErrorCodeInfo = {
  /** The stable spelling. */
  code: ErrorCode
  /** Whether the same call may succeed later without a change of its input. */
  retryable: boolean
  /** When it occurs and what to do. */
  meaning: string
}

/** An error as the bindings hand it over. */
export type ErrorJson = {
  /** The stable code. */
  code: ErrorCode
  /** What happened and what to do. */
  message: string
  /** The field, argument or setting at fault. */
  field?: string
  /** The HTTP status of GHL's reply. */
  status?: number
  /** GHL's trace id. */
  traceId?: string
  /** Whether the same call may succeed later. */
  retryable: boolean
  /** How long to wait before, in milliseconds. */
  retryAfterMs?: number
  /** How far the request got: `not_sent`, `answered`, or `unknown`: it may have arrived and been acted on. */
  delivery: Delivery
  /** The contact that stands in the way of a `duplicate`. */
  duplicateOf?: DuplicateOf
  /** The times that are free in place of that of a `slot_taken`, the nearest first. */
  alternatives?: Array<InstallationSlot>
}

/** An event of a calendar: an appointment or a blocked slot. */
export type EventId = string

/** How what happens to orders is streamed to browsers, as server-sent events. */
export type EventOptions = {
  /**
   * What customers' tokens are signed with, of 32 bytes or more each: the first signs, all are accepted.
   * Default:
   * `GHLKIT_EVENTS_SECRETS`, a comma list; without any, no token is issued or accepted.
   */
  secrets?: Array<Secret>
  /**
   * The origins, e.g. `https://shop.example`, whose pages may read the streams; `*` for all. Default: the
   * page's own alone.
   */
  corsOrigins?: Array<string>
  /** How often an idle stream says that it lives, in milliseconds; 1,000 to 60,000, default 15,000. */
  pingMs?: number
  /**
   * A stream ends after this many milliseconds at the latest, before the platform cuts it; the browser goes
   * on with another.
   * 1,000 to 86,400,000, default none.
   */
  maxMs?: number
  /**
   * After how many milliseconds a browser comes back at the earliest; each is told a time of its own, up to
   * 10 s later, so that
   * not all come at once. 0 to 60,000, default 1,000.
   */
  retryMs?: number
  /**
   * How many streams a process has open at once at most; further browsers are told to come back later. 1 to
   * 1,000,000, default
   * 10,000.
   */
  maxStreams?: number
}

/** Which events to list: those of a calendar, an employee or a group. */
export type EventQuery = {
  /** From when, in epoch milliseconds. */
  startTime: number
  /** Until when, in epoch milliseconds. */
  endTime: number
  /** Of this calendar. */
  calendarId?: CalendarId
  /** Of this employee. */
  userId?: UserId
  /** Of this group of calendars. */
  groupId?: string
}

/**
 * A number by its decimal text, which is sent and kept digit for digit: `4999.00` stays `4999.00`, and no
 * binary fraction ever stands for an amount of money. Equality is that of the text.
 */
export type ExactNumber = number

/** What happens to the name, e-mail, phone and address of a contact that is in GHL already. */
export type ExistingContact = 'fill_blanks' | 'overwrite'

/** What `poll` hands over. */
export type FeedItem = {
  kind: 'event'
  /** By what it is answered. */
  lease: string
  /** What happened. */
  event: OrderEvent
} | {
  kind: 'message'
  /** By what it is answered: with what the channel calls it, or null. */
  lease: string
  /** What. */
  message: CustomerMessage
}

/** The value of a custom field. */
export type FieldValue =
  | string
  | ExactNumber
  | Array<string>
  | boolean
  | null
  | unknown[]
  | { [key: string]: unknown }

/** How conditions are joined. */
export type FilterGroup = 'AND' | 'OR'

/** How a field is compared. */
export type FilterOperator = 'eq' | 'not_eq' | 'contains' | 'not_contains' | 'exists' | 'not_exists' | 'range'

/** Which opportunities to find by conditions of any kind. The default finds all, 100 a page. */
export type FilteredSearch = {
  /** Words to look for, up to 75 characters. */
  query?: string
  /** Conditions; all must hold. */
  filters?: Array<SearchFilter>
  /** The order. */
  sort?: Array<SearchSort>
  /** Opportunities a page, at most 500. */
  limit?: number
  /** The page, from 1; absent means the first. */
  page?: number
  /** Instead of a page: the `searchAfter` of the last result. */
  searchAfter?: Array<unknown>
}

/** The employees who follow an opportunity. */
export type Followers = {
  /** As GHL returns them. */
  followers: Array<string>
} & { [key: string]: unknown }

/** What becomes of followers that are named. */
export type FollowersAction = 'add' | 'remove'

/** A request of GHL's API. */
export type FreeRequest = {
  /** How it is sent. */
  method: Method
  /** The path from its first `/`, not encoded, without a query, e.g. `/workflows/`. */
  path: string
  /** The parameters of the query: texts, numbers, truth values or lists of them. */
  query?: { [name: string]: unknown }
  /** The body. */
  body?: unknown
  /** The version. Where it is not given, `v3` if the client speaks that, else `2021-07-28`. */
  version?: ApiVersion
}

/**
 * The free slots of a calendar: under each date, e.g. `2026-10-25`, an object whose `slots` are times in ISO
 * 8601.
 */
export type FreeSlots = {
  [key in string]: number | string | boolean | Array<unknown> | { [key in string]: unknown } | null
}

/** How much of an order is in a parcel. */
export type FulfilledItem = {
  /** The price of the product. */
  priceId: string
  /** How many. */
  qty: number
}

/** What was sent of an order. */
export type Fulfillment = {
  [key in string]: number | string | boolean | Array<unknown> | { [key in string]: unknown } | null
}

/** Whether orders and GHL are kept in step. */
export type Health = {
  /** In one word. */
  status: HealthStatus
  /** Part by part. */
  checks: HealthChecks
  /** When this was so: ISO 8601. */
  timestamp: string
}

/** How a part is. */
export type HealthCheck = {
  /** Whether it works. */
  status: HealthCheckStatus
  /** What is so, in words; nothing of a customer. */
  detail: string
  /** Since when it has been like this, where that is known: ISO 8601. */
  since?: string
}

/** Whether a part works. */
export type HealthCheckStatus = 'ok' | 'failing'

/** How the parts are. */
export type HealthChecks = {
  /** GHL answers and knows the token. */
  ghl_api: HealthCheck
  /** Webhooks can be verified, and those that came were applied. */
  webhook_listener: HealthCheck
  /** What is due is being done. */
  sync_queue: HealthCheck
  /** Orders do arrive in GHL. */
  last_sync: HealthCheck
  /** Where this process listens to Socket.IO: it does. */
  realtime?: HealthCheck
}

/** Whether all is well. */
export type HealthStatus = 'healthy' | 'degraded'

/** An order that was not imported. */
export type ImportFailure = {
  /** Its place among those that were given, from 0. */
  index: number
  /** Why: its field is the order's. */
  error: ErrorJson
}

/** What became of a chunk of orders. */
export type ImportedChunk = {
  /** Orders that were written down. */
  imported: number
  /** Orders that were there already. */
  skipped: number
  /** Orders that were refused. */
  failed: Array<ImportFailure>
}

/** Whether messages of the contact's are refused. */
export type InboundDndSetting = {
  /** Whether they are. */
  status: InboundDndStatus
  /** Why. */
  message?: string
}

/** Which messages of the contact's are refused. */
export type InboundDndSettings = {
  /** All. */
  all?: InboundDndSetting
}

/** Whether a contact's own messages are refused. */
export type InboundDndStatus = 'active' | 'inactive'

/** An app was installed by a consent. */
export type Installation = {
  /** Where: a location, or an agency, whose token gives out those of its locations. */
  subject: TokenSubject
  /** The agency. */
  companyId?: CompanyId
  /** What was granted. */
  scopes: Array<string>
  /** Who did it. */
  userId?: UserId
  /**
   * The locations that an agency approved, now known as installed. May be empty although there are some,
   * which the agency's list of installed locations then tells.
   */
  approvedLocations: Array<LocationId>
}

/** How installations are booked. */
export type InstallationOptions = {
  /** How long an installation takes, in minutes; 1 to 1,440, default 360. */
  durationMinutes?: number
  /**
   * How long an installer's way from one installation to the next takes at least, in minutes; 0 to 1,440,
   * default 0.
   */
  bufferMinutes?: number
  /** When installers work. Default: as the calendar in GHL has it. */
  businessHours?: Array<OpenHours>
  /**
   * The shop's zone, by the IANA database: that of the hours, and of times without a zone. Default: the
   * location's in GHL.
   */
  timeZone?: string
  /**
   * What an appointment is called; `{orderNumber}`, `{orderId}`, `{product}` and `{customer}` stand for the
   * order's. Default
   * `Sauna Installation - Order #{orderNumber}`.
   */
  title?: string
}

/**
 * A time at which an installation can take place. Times are ISO 8601 with the offset of the zone that was
 * asked for.
 */
export type InstallationSlot = {
  /** When it begins. */
  startsAt: string
  /** When it ends. */
  endsAt: string
  /** Who is free then, the least busy of that day first. */
  installerIds: Array<UserId>
}

/** How far an installation is. */
export type InstallationState = 'booking' | 'scheduled' | 'moving' | 'cancelling' | 'cancelled'

/** A location where the app is installed. */
export type InstalledLocation = {
  /** The location. */
  id: LocationId
  /** Its name. */
  name?: string
  /** Its address. */
  address?: string
  /** Whether the app is installed there; GHL lists others too. */
  isInstalled: boolean
  /** The version that is installed. */
  versionId?: string
}

/** An invoice was made, sent, changed, paid, voided or deleted. */
export type InvoiceEvent = {
  /** The invoice. */
  invoiceId?: string
  /** The location, as invoices name it. */
  altId?: string
  /** `draft`, `sent`, `paid`, `partially_paid`, `void` and others. */
  status?: string
  /** Its number. */
  invoiceNumber?: string
  /** Its name. */
  name?: string
  /** Its title. */
  title?: string
  /** ISO 4217. */
  currency?: string
  /** The total, in major units. */
  total?: number
  /** What was paid. */
  amountPaid?: number
  /** What is left to pay. */
  amountDue?: number
  /** When it was issued. */
  issueDate?: string
  /** When it is due. */
  dueDate?: string
  /** Whether it is no test. */
  liveMode?: boolean
  /** Whom it is for, as GHL has it. */
  contactDetails?: unknown
  /** What it is for, as GHL has it. */
  invoiceItems?: Array<unknown>
  /** When it was made. */
  createdAt?: string
  /** When it was changed. */
  updatedAt?: string
}

/** The sync job of an order. Times are epoch milliseconds. */
export type Job = {
  /** Its id. */
  id: JobId
  /** The order's location. */
  locationId: LocationId
  /** The order. */
  orderId: OrderId
  /** Where it stands. */
  state: JobState
  /** When it is due, if it waits; while it is leased, when another worker may take it. */
  dueAt: number
  /** Failures since the last success or change. */
  failures: number
  /** When the first of them happened. */
  firstFailedAt?: number
  /** The last failure. */
  error?: ErrorJson
}

/** A row of the job queue. */
export type JobId = string

/** Where a job stands. */
export type JobState = 'waiting' | 'leased' | 'done' | 'dead' | 'skipped'

/** A location. */
export type Location = {
  /** Its id. */
  id: LocationId
  /** The agency it belongs to. */
  companyId?: CompanyId
  /** Its name. */
  name?: string
  /** Its time zone, e.g. `America/Denver`. */
  timezone?: string
  /** The settings that matter to orders; whatever else GHL says of them is kept too. */
  settings?: LocationSettings
} & { [key: string]: unknown }

/** A location was made or changed. */
export type LocationEvent = {
  /** The location; these events name it by `id`. */
  id?: LocationId
  /** Its agency. */
  companyId?: CompanyId
  /** Its name. */
  name?: string
  /** Its e-mail. */
  email?: string
}

/** A sub-account of GHL. */
export type LocationId = string

/** One of several locations. */
export type LocationOptions = {
  /** The location; required. */
  id: string
  /** Its Private Integration token; required. */
  token: Secret
  /** Its pipeline of orders; required. */
  pipelineId: string
  /** Status to stage, by the stage's id, name or key. Default for each: the stage is found by name. */
  stages?: { [key in string]: string }
  /** Its calendar of installations. Default: none. */
  calendarId?: string
  /** How its webhooks are verified. Default: all are refused. */
  webhooks?: VerifierSpec
  /** A Socket.IO server to listen to for it beside webhooks. Default: none. */
  realtime?: RealtimeOptions
}

/** Which locations of an agency to find. */
export type LocationSearch = {
  /** The agency. */
  companyId?: CompanyId
  /** With this e-mail address. */
  email?: string
  /** How many to pass over; 0 where it is not given. */
  skip?: number
  /** Locations a page; as many as GHL's default where it is not given. */
  limit?: number
}

/** Settings of a location; absent where GHL does not say. */
export type LocationSettings = {
  /** Whether two contacts may have the same e-mail or phone. */
  allowDuplicateContact?: boolean
  /** Whether a contact may have two opportunities. */
  allowDuplicateOpportunity?: boolean
}

/** Why opportunities are lost. */
export type LostReason = {
  /** Its id. */
  id: string
  /** Its name. */
  name?: string
} & { [key: string]: unknown }

/** Which reasons to list. */
export type LostReasonQuery = {
  /** Words to look for. */
  query?: string
  /** How many to pass over; 0 where it is not given. */
  skip?: number
  /** Reasons a page; 100 where it is not given. */
  limit?: number
}

/** A message of a conversation. */
export type Message = {
  /** Its id. */
  id: MessageId
  /** The conversation. */
  conversationId?: ConversationId
  /** The contact. */
  contactId?: ContactId
  /** Its text. */
  body?: string
  /** `inbound` or `outbound`. */
  direction?: string
  /** Its kind, e.g. `TYPE_SMS` or `TYPE_EMAIL`. */
  messageType?: string
  /** How far it came, e.g. `delivered`. */
  status?: string
  /** When it was sent. */
  dateAddedMs?: number
} & { [key: string]: unknown }

/** A message on its channel. Times are epoch milliseconds. */
export type MessageDelivery = {
  /** Its id, which is also that of what is sent. */
  id: number
  /** The order's location. */
  locationId: LocationId
  /** The order. */
  orderId: OrderId
  /** `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`. */
  channel: string
  /** What is told, e.g. `status.shipped`; on the channel `webhook` the type of event. */
  message: string
  /** Where it stands. */
  state: DeliveryState
  /**
   * When it is due, if it waits; while it is leased, when another worker may take it; afterwards, when it
   * ended.
   */
  dueAt: number
  /** Failures since it was made or replayed. */
  failures: number
  /** What the channel calls it. */
  reference?: string
  /**
   * Why it was skipped: `do_not_disturb`, `no_address`, `no_contact`, `contact_gone`, `order_gone` or `off`.
   */
  reason?: string
  /** The last failure. */
  error?: ErrorJson
}

/** A message came in or went out: SMS, e-mail, call or chat. */
export type MessageEvent = {
  /** The message. */
  messageId?: MessageId
  /** Its conversation. */
  conversationId?: ConversationId
  /** The contact. */
  contactId?: ContactId
  /** Who sent it, where a user did. */
  userId?: UserId
  /** `inbound` or `outbound`. */
  direction?: string
  /** `SMS`, `Email`, `CALL`, `GMB`, `FB`, `IG`, `Live Chat` and others. */
  messageType?: string
  /** `delivered`, `sent`, `failed` and others. */
  status?: string
  /** Its text; of an e-mail HTML. */
  body?: string
  /** `text/plain` and the like. */
  contentType?: string
  /** The addresses of attachments. */
  attachments?: Texts
  /** When it was sent. */
  dateAdded?: string
  /** Where an outbound message came from: `workflow`, `bulk_actions`, `campaign`, `api`, `app`. */
  source?: string
  /** The provider, where it is a custom one. */
  conversationProviderId?: string
  /** An e-mail's own id. */
  emailMessageId?: string
  /** An e-mail's thread. */
  threadId?: string
  /** An e-mail's subject. */
  subject?: string
  /** An e-mail's sender. */
  from?: string
  /** An e-mail's recipients. */
  to?: Texts
  /** Those who have a copy. */
  cc?: Texts
  /** Those who have a copy that others do not see. */
  bcc?: Texts
  /** How long a call took, in seconds. */
  callDuration?: number
  /** How a call ended: `completed`, `no-answer`, `voicemail` and others. */
  callStatus?: string
}

/** A message of a conversation. */
export type MessageId = string

/** A message in words, for channels of every kind. */
export type MessageInWords = {
  /** The subject of an e-mail, of one line. */
  subject: string
  /** An e-mail as plain text. */
  text: string
  /** The same as HTML: a whole document. */
  html: string
  /** A text message, of one line. */
  sms: string
}

/** Which messages of a conversation to read, the newest first. */
export type MessageQuery = {
  /** The conversation. */
  conversationId: ConversationId
  /** Messages before this one. */
  lastMessageId?: MessageId
  /** Messages a page. */
  limit?: number
}

/** How a message travels. */
export type MessageType =
  | 'SMS'
  | 'RCS'
  | 'Email'
  | 'WhatsApp'
  | 'IG'
  | 'FB'
  | 'Custom'
  | 'Live_Chat'
  | 'TIKTOK'

/** The HTTP methods GHL uses. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A status model as data: the shape of its JSON. */
export type ModelSpec = {
  /** The statuses in order, at least one. */
  path: Array<PathStatus>
  /** The statuses beside the path. */
  offPath?: Array<OffPathStatus>
  /**
   * The path status during which the shop reports manufacturing progress; the overall progress then
   * moves from this status's towards the next one's.
   */
  manufacturing?: Status
}

/** An exact amount of money: whole minor units (cents) of a currency, never negative. */
export type Money = {
  /** The amount in minor units, e.g. cents. */
  minor: number
  /** Its currency. */
  currency: Currency
}

/** An appointment to be made. Times are in ISO 8601 with an offset, e.g. `2026-10-25T11:00:00+03:00`. */
export type NewAppointment = {
  /** The calendar. */
  calendarId: CalendarId
  /** The contact. */
  contactId: ContactId
  /** When it begins. */
  startTime: string
  /** When it ends; absent means as long as the calendar's slots. */
  endTime?: string
  /** Its title. */
  title?: string
  /** Its status. */
  appointmentStatus?: AppointmentStatus
  /** The employee in charge. */
  assignedUserId?: UserId
  /** Where it takes place. */
  address?: string
  /** What it is about. */
  description?: string
  /** Whether it may lie outside of what the calendar offers. */
  ignoreDateRange?: boolean
  /** Whether the slot may be taken. */
  ignoreFreeSlotValidation?: boolean
  /** Whether GHL's automations run. */
  toNotify?: boolean
}

/** A custom field to be created. GHL makes the key from the name. */
export type NewCustomField = {
  /** The name. */
  name: string
  /** The type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling). */
  dataType: string
  /** What it belongs to. */
  model: CustomFieldModel
  /** What an empty field shows. */
  placeholder?: string
}

/**
 * A message to be sent. It has no key by which GHL would recognise it, so a lost reply is not followed by a
 * retry.
 */
export type NewMessage = {
  /** How it travels. */
  type: MessageType
  /** To whom. */
  contactId: ContactId
  /** The text. */
  message?: string
  /** The text of an e-mail. */
  html?: string
  /** The subject of an e-mail. */
  subject?: string
  /** The number it comes from. */
  fromNumber?: string
  /** The number it goes to; absent means the contact's. */
  toNumber?: string
  /** The address an e-mail comes from. */
  emailFrom?: string
  /** The address an e-mail goes to; absent means the contact's. */
  emailTo?: string
  /** Further addresses. */
  emailCc?: Array<string>
  /** Further addresses that nobody sees. */
  emailBcc?: Array<string>
  /** The URLs of what is attached. */
  attachments?: Array<string>
  /** The message it replies to. */
  replyMessageId?: MessageId
  /** The thread of e-mails. */
  threadId?: string
  /** A template. */
  templateId?: string
  /** An appointment it is about. */
  appointmentId?: EventId
  /** When it is to be sent, in epoch seconds. */
  scheduledTimestamp?: number
  /** The provider of a `Custom` message. */
  conversationProviderId?: string
}

/** A note to be written. */
export type NewNote = {
  /** Its text. */
  body: string
  /** Who writes it. */
  userId?: UserId
  /** Its title. */
  title?: string
  /** Its colour, e.g. `#FFAA00`. */
  color?: string
  /** Whether it stays on top. */
  pinned?: boolean
}

/** An opportunity to be created. */
export type NewOpportunity = {
  /** The pipeline. */
  pipelineId: PipelineId
  /** The stage; absent means the pipeline's first. */
  pipelineStageId?: StageId
  /** The name. */
  name: string
  /** The status; read as `open` where it is not given. */
  status?: OpportunityStatus
  /** The contact. */
  contactId: ContactId
  /** The value in major units, sent digit for digit. */
  monetaryValue?: ExactNumber
  /** The employee in charge. */
  assignedTo?: UserId
  /** Custom fields. */
  customFields?: Array<CustomFieldInput>
}

/** A task to be created. */
export type NewTask = {
  /** What is to be done. */
  title: string
  /** More of that. */
  body?: string
  /** By when, in ISO 8601, e.g. `2026-10-25T11:00:00Z`. */
  dueDate: string
  /** Whether it is done; not where it is not given. */
  completed?: boolean
  /** The employee in charge. */
  assignedTo?: UserId
}

/** A note of a contact or of an appointment. */
export type Note = {
  /** Its id. */
  id: NoteId
  /** Its text. */
  body?: string
  /** Who wrote it. */
  userId?: UserId
  /** When it was written. */
  dateAddedMs?: number
} & { [key: string]: unknown }

/** A note of a contact was written, changed or deleted. */
export type NoteEvent = {
  /** The note. */
  noteId?: NoteId
  /** Its contact. */
  contactId?: ContactId
  /** Its text. */
  body?: string
  /** When it was written. */
  dateAdded?: string
}

/** A note of a contact or of an appointment. */
export type NoteId = string

/** What changes of a note; what is absent stays as it is. */
export type NoteInput = {
  /** Its text. */
  body?: string
  /** Who writes it. */
  userId?: UserId
  /** Its title. */
  title?: string
  /** Its colour, e.g. `#FFAA00`. */
  color?: string
  /** Whether it stays on top. */
  pinned?: boolean
}

/** Which notes of an appointment to list. */
export type NoteQuery = {
  /** The appointment. */
  eventId: EventId
  /** How many to pass over; 0 where it is not given. */
  offset?: number
  /** Notes a page; 20 where it is not given. */
  limit?: number
}

/** Who is told what happens to orders, and how. Each channel that is given is on. */
export type NotificationOptions = {
  /** E-mails to customers through GHL's conversations. */
  email?: EmailChannelOptions
  /** Text messages to customers through GHL's conversations. */
  sms?: SmsChannelOptions
  /** E-mails to customers through a mail server. */
  smtp?: SmtpChannelOptions
  /** Every event, posted to a URL. */
  webhook?: WebhookChannelOptions
  /** What customers may see, told to their pages by Pusher Channels. */
  pusher?: PusherChannelOptions
  /** The shop's name, which messages end with; up to 100 characters. */
  shopName?: string
  /** The page of an order, e.g. `https://shop.example/orders/{{orderId}}`; also with `{{orderNumber}}`. */
  orderUrl?: string
  /** The language of customers whose order names none, e.g. `en` or `de-AT`; default `en`. */
  locale?: string
  /** The time zone of installations whose appointment names none; default `UTC`. */
  timeZone?: string
  /** The shop's own words: by language, then by message, e.g. `de` and `status.shipped`. */
  templates?: { [key in string]: { [key in string]: WordingSpec } }
}

/** What is set for an app, in JSON; what is left out comes from the environment or is the default. */
export type OAuthSettings = {
  /** The client id of the marketplace app. Default: `GHL_CLIENT_ID`. */
  clientId?: string
  /** Its client secret. Default: `GHL_CLIENT_SECRET`. */
  clientSecret?: Secret
  /** Where the consent page sends people back to, exactly as in the portal. Default: `GHL_REDIRECT_URI`. */
  redirectUri?: string
  /** The scopes to ask for. Default: `GHL_SCOPES`. */
  scopes?: Array<string>
  /** The version that a private or draft app must name. Default: `GHL_APP_VERSION_ID`, else none. */
  versionId?: string
  /** The agency to ask for the tokens of locations nobody announced. Default: `GHL_COMPANY_ID`, else none. */
  companyId?: string
  /** The host of the consent page. Default: `GHL_CONSENT_URL`, else `https://marketplace.gohighlevel.com`. */
  consentUrl?: string
  /** The API's host. Default: `GHL_BASE_URL`, else HighLevel's. */
  baseUrl?: string
  /**
   * `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by
   * date.
   */
  apiVersion?: 'v3'
  /**
   * The keys that encrypt tokens in the database: `id:base64` of 32 random bytes, separated by commas. The
   * first encrypts, all decrypt. Default: `GHLKIT_TOKEN_KEYS`.
   */
  tokenKeys?: Secret
  /** The database. Default: `DATABASE_URL`, else the file `ghlkit.db`. */
  databaseUrl?: Secret
}

/** A kind of custom object was made or changed. */
export type ObjectSchemaEvent = {
  /** The schema. */
  schemaId?: string
  /** Its key. */
  key?: string
  /** Singular and plural of its name. */
  labels?: unknown
  /** Its description. */
  description?: string
  /** `USER_DEFINED` or `SYSTEM_DEFINED`. */
  objectType?: string
  /** The property that stands for a record. */
  primaryDisplayProperty?: string
  /** The properties that are searched. */
  searchableProperties?: Texts
}

/**
 * What happens in a process. It shows codes, ids of orders and locations, routes and numbers; never a token,
 * a body, the message
 * of an error, which may quote GHL, or what is known of a customer.
 */
export type Observation = {
  type: 'start'
  /** Its number: that of anything else in the process is another. */
  span: number
  /** The number of what it is a part of. */
  parent?: number
  /** What it is, e.g. `sync_order` or `GET /contacts/{contactId}`. */
  name: string
  /** When, in epoch milliseconds and parts of one. */
  atMs: number
  /** What is known of it by now. */
  fields: Record<string, string | number | boolean>
} | {
  type: 'end'
  /** Its number. */
  span: number
  /** What it is. */
  name: string
  /** When, in epoch milliseconds and parts of one. */
  atMs: number
  /** All that is known of it. */
  fields: Record<string, string | number | boolean>
} | {
  type: 'event'
  /** The number of what it happened in. */
  span?: number
  /**
   * What happened before in the same piece of work, such as the sync of one order: the last 30, oldest first.
   * Only of a
   * `warn` or an `error`.
   */
  breadcrumbs: Array<Breadcrumb>
  /** When, in epoch milliseconds and parts of one. */
  atMs: number
  /** How bad it is. */
  level: ObservationLevel
  /** What it is: always the same words for the same thing. */
  message: string
  /** What is said of it. */
  fields: Record<string, string | number | boolean>
}

/** How bad something is. */
export type ObservationLevel = 'debug' | 'info' | 'warn' | 'error'

/** A status off the path, such as `cancelled`: no stage, progress frozen. */
export type OffPathStatus = {
  /** The status. */
  status: Status
  /** What people read. */
  label: string
  /** The opportunity's status; default `untouched`. */
  outcome?: StatusOutcome
}

/** Hours of some days of the week. */
export type OpenHours = {
  /** The days, each one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`. */
  days: Array<string>
  /** When work begins, e.g. `08:00`. */
  from: string
  /** When it ends, e.g. `18:00`; `24:00` for the end of the day. */
  to: string
}

/** An opportunity as GHL returns it. Times are epoch milliseconds in GHL's clock. */
export type Opportunity = {
  /** Its id. */
  id: OpportunityId
  /** The location it belongs to. */
  locationId?: LocationId
  /** Its name. */
  name?: string
  /** Its contact. */
  contactId?: ContactId
  /** Its pipeline. */
  pipelineId?: PipelineId
  /** Its stage. */
  pipelineStageId?: StageId
  /** Its status; one that is not known is kept with everything else. */
  status?: OpportunityStatus
  /** Its value in major units, digit for digit. */
  monetaryValue?: ExactNumber
  /** The employee in charge. */
  assignedTo?: UserId
  /** Custom fields that have a value. */
  customFields: Array<CustomField>
  /** When it was created. */
  createdAtMs?: number
  /** When anything of it was last changed. */
  updatedAtMs?: number
  /** When its stage was last changed. */
  lastStageChangeAtMs?: number
  /** When its status was last changed. */
  lastStatusChangeAtMs?: number
} & { [key: string]: unknown }

/**
 * An opportunity was created, changed or deleted. GHL's event carries neither custom fields nor what was
 * before.
 */
export type OpportunityEvent = {
  /** The opportunity. */
  opportunityId: OpportunityId
  /** Its contact. */
  contactId?: ContactId
  /** Its pipeline. */
  pipelineId?: PipelineId
  /** Its stage: `pipelineStageId`, or `newStageId` of a relay's. */
  pipelineStageId?: StageId
  /** The stage before, where a relay says so. */
  previousStageId?: StageId
  /** Its name. */
  name?: string
  /** `open`, `won`, `lost` or `abandoned`. */
  status?: string
  /** Its value in major units of the location's currency. */
  monetaryValue?: number
  /** Whose opportunity it is. */
  assignedTo?: UserId
  /** Where it came from. */
  source?: string
  /** When it was made. */
  dateAdded?: string
}

/** An opportunity. */
export type OpportunityId = string

/** What can be changed of an opportunity; what is absent stays as it is. */
export type OpportunityInput = {
  /** The pipeline. */
  pipelineId?: PipelineId
  /** The stage. */
  pipelineStageId?: StageId
  /** The name. */
  name?: string
  /** The status. */
  status?: OpportunityStatus
  /** The value in major units, sent digit for digit. */
  monetaryValue?: ExactNumber
  /** The employee in charge. */
  assignedTo?: UserId
  /** Custom fields; those not named stay as they are. */
  customFields?: Array<CustomFieldInput>
}

/** Which opportunities to find. The default finds all, 100 a page. */
export type OpportunitySearch = {
  /** Only of this pipeline. */
  pipelineId?: PipelineId
  /** Only in this stage. */
  pipelineStageId?: StageId
  /** Only of this contact. */
  contactId?: ContactId
  /** Only of this employee. */
  assignedTo?: UserId
  /** Only with this status. */
  status?: OpportunityStatus
  /** Words to look for. */
  query?: string
  /** The order, e.g. `added_asc`. */
  order?: string
  /** Opportunities a page, at most 100. */
  limit?: number
  /** Where to go on. */
  after?: SearchCursor
}

/** Whether an opportunity is still open; its stage is another matter. */
export type OpportunityStatus = 'open' | 'won' | 'lost' | 'abandoned'

/** An opportunity to be created, or changed where the contact or the id has one. */
export type OpportunityUpsert = {
  /** The opportunity, where it is known. */
  id?: OpportunityId
  /** The pipeline. */
  pipelineId: PipelineId
  /** The contact. */
  contactId?: ContactId
  /** The stage. */
  pipelineStageId?: StageId
  /** The name. */
  name?: string
  /** The status. */
  status?: OpportunityStatus
  /** The value in major units, sent digit for digit. */
  monetaryValue?: ExactNumber
  /** The employee in charge. */
  assignedTo?: UserId
  /** Why it is lost. */
  lostReasonId?: string
  /** Employees who follow it. */
  followers?: Array<UserId>
  /** What becomes of these. */
  followersActionType?: FollowersAction
  /** Whether all who follow it are removed. */
  isRemoveAllFollowers?: boolean
}

/** A checked order: trimmed, within its limits, with a normalised identity and an exact total. */
export type Order = {
  /** The id of the shop's `orders` row. */
  id: OrderId
  /** The number customers know. */
  orderNumber: string
  /** The first status, if one was given; its form is checked, not whether the model knows it. */
  status?: Status
  /** Who ordered. */
  customer: Customer
  /** What was ordered. */
  product: Product
  /** What it costs. */
  total: Money
  /** Stripe's id of the payment. */
  stripePaymentId?: string
  /** Where it goes. */
  shippingAddress: Address
  /** For the installers. */
  installationNotes?: string
  /** The GHL location, if one was given. */
  locationId?: LocationId
}

/**
 * An order as the shop gives it, before it is checked. Unknown fields are ignored, so a shop may hand
 * over more than is read.
 */
export type OrderData = {
  /** The id of the shop's `orders` row, as text. */
  id: string
  /** The number customers know, 1 to 100 characters, unique per location. */
  orderNumber: string
  /** The first status; default the first of the status model. */
  status?: string
  /** Who ordered. */
  customer: Customer
  /** What was ordered. */
  product: Product
  /** What it costs; also read as `totalAmount`. */
  total: Total
  /** Stripe's id of the payment, up to 255 characters. */
  stripePaymentId?: string
  /** Where it goes. */
  shippingAddress: Address
  /** Up to 5,000 characters, of several lines. */
  installationNotes?: string
  /** The GHL location, where there are several. */
  locationId?: string
}

/** Something that happened to an order. */
export type OrderEvent = {
  /** The order's location. */
  locationId: LocationId
  /** The order. */
  orderId: OrderId
  /** Its place in the log of events: rising, unique, the same when it is told again. */
  position: number
  /** What happened, e.g. `status_changed` or `sync_failed`. */
  type: string
  /** More of it; what, depends on the type. */
  payload: { [key: string]: unknown }
  /** When, in epoch milliseconds. */
  at: number
}

/** An order of the shop: the text of `orders.id`, whatever its SQL type. */
export type OrderId = string

/** The installation of an order. Times are ISO 8601 with the offset of its zone. */
export type OrderInstallation = {
  /** The order. */
  orderId: OrderId
  /** How far it is. */
  state: InstallationState
  /** The appointment in GHL, once it is known. */
  appointmentId?: EventId
  /** Its calendar. */
  calendarId: CalendarId
  /** Who comes. */
  installerId: UserId
  /** When it begins. */
  startsAt: string
  /** When it ends. */
  endsAt: string
  /** The zone in which the customer is told of it. */
  timeZone: string
  /** What the appointment is called. */
  title: string
  /** What is installed. */
  product: string
  /** For the installer. */
  instructions?: string
}

/** A page of a search. */
export type Page<T, N> = {
  /** What was found. */
  items: Array<T>
  /** The arguments that fetch the page after this one; absent on the last. */
  next?: N
  /** How many there are on all pages, where GHL says. */
  total?: number
}

/** A status on the way from placed to completed. */
export type PathStatus = {
  /** The status. */
  status: Status
  /** The key of its stage, e.g. `stage_in_production`; without one the opportunity stays where it is. */
  stage?: string
  /** Whether a pipeline may lack that stage; then the opportunity stays where it is. */
  stageOptional?: boolean
  /** Overall progress in percent, 0 to 100, never less than that of the status before. */
  progress: number
  /** What people read. */
  label: string
  /** The opportunity's status; default `open`. */
  outcome?: StatusOutcome
}

/** An order of GHL's payments. */
export type PaymentOrder = {
  /** Its id. */
  id: PaymentOrderId
  /** The contact. */
  contactId?: ContactId
  /** Its status. */
  status?: string
} & { [key: string]: unknown }

/** An order of GHL's own payments was made or has another status. It is no order of the shop. */
export type PaymentOrderEvent = {
  /** The order. */
  paymentOrderId?: PaymentOrderId
  /** Its contact. */
  contactId?: ContactId
  /** `pending`, `completed` and others. */
  status?: string
  /** `unfulfilled` and others. */
  fulfillmentStatus?: string
  /** ISO 4217. */
  currency?: string
  /** The total, in major units. */
  amount?: number
  /** Whether it is no test. */
  liveMode?: boolean
  /** What was ordered, as GHL has it. */
  items?: Array<unknown>
  /** Subtotal, discount, tax and shipping. */
  amountSummary?: unknown
  /** Where it was ordered. */
  source?: unknown
  /** When it was made. */
  createdAt?: string
  /** When it was changed. */
  updatedAt?: string
}

/** An order of GHL's payments, which is not one of the shop. */
export type PaymentOrderId = string

/** Which orders to list. */
export type PaymentOrderQuery = {
  /** How many to pass over; 0 where it is not given. */
  offset?: number
  /** Orders a page; 100 where it is not given. */
  limit?: number
}

/** A percentage: a whole number from 0 to 100. */
export type Percent = number

/** A pipeline. */
export type Pipeline = {
  /** Its id. */
  id: PipelineId
  /** Its name. */
  name?: string
  /** Its stages, in their order. */
  stages: Array<Stage>
} & { [key: string]: unknown }

/** A pipeline. */
export type PipelineId = string

/** A stage of a pipeline, as GHL lists it; what else GHL says of it is ignored. */
export type PipelineStage = {
  /** Its opaque id. */
  id: StageId
  /** Its name, as people chose it. */
  name?: string
}

/** Who has installed the app has changed to another plan. */
export type PlanChangeEvent = {
  /** The app. */
  appId?: string
  /** The agency. */
  companyId?: CompanyId
  /** Who did it. */
  userId?: UserId
  /** The plan before. */
  currentPlanId?: string
  /** The plan now. */
  newPlanId?: string
}

/** Who goes first where calls wait for a slot within the location's limit. */
export type Priority = 'interactive' | 'bulk'

/** The product of an order. */
export type Product = {
  /** 1 to 255 characters. */
  name: string
}

/** A product of GHL's own store was made, changed or deleted. */
export type ProductEvent = {
  /** The product. */
  productId?: string
  /** Its name. */
  name?: string
  /** Its description. */
  description?: string
  /** `PHYSICAL`, `DIGITAL` and others. */
  productType?: string
  /** Whether it is on sale. */
  availableInStore?: boolean
  /** The address of its picture. */
  image?: string
  /** Who did it. */
  userId?: UserId
  /** When it was made. */
  createdAt?: string
  /** When it was changed. */
  updatedAt?: string
}

/** A status and its stage, as found or as proposed. */
export type ProposedStage = {
  /** The status. */
  status: Status
  /** The stage; none where no name resembles the status. */
  stage?: PipelineStage
  /** Whether the engine uses it already. Otherwise it is a proposal by the likeness of the names. */
  mapped: boolean
}

/**
 * A message is to be sent by a provider of the app's own. Its `type` is the channel, not a name of the event.
 */
export type ProviderMessageEvent = {
  /** The message. */
  messageId?: MessageId
  /** The contact. */
  contactId?: ContactId
  /** Who sends it. */
  userId?: UserId
  /** Where an SMS goes. */
  phone?: string
  /** The text of an SMS. */
  message?: string
  /** The addresses of attachments. */
  attachments?: Texts
  /** The e-mail's own id. */
  emailMessageId?: string
  /** An e-mail's sender. */
  emailFrom?: string
  /** An e-mail's recipients. */
  emailTo?: Texts
  /** An e-mail's subject. */
  subject?: string
  /** The text of an e-mail. */
  html?: string
}

/** What `provision` found and did. */
export type Provisioned = {
  /** Keys of the custom fields it created, e.g. `contact.order_status`. */
  createdFields: Array<string>
  /** In a dry run: keys of the custom fields it would create. */
  missingFields: Array<string>
  /** Statuses without a stage in the pipeline: their changes do not move the opportunity. */
  unmappedStatuses: Array<Status>
  /** Stages that stand for no status: a move to one of them changes no order. */
  unmappedStages: Array<PipelineStage>
  /** The stage of each status that has one or should. */
  stages: Array<ProposedStage>
  /**
   * The same as lines to paste: `GHL_STAGE_SHIPPED=…` for the environment, or where several locations are
   * configured, members of the location's `stages`. Where no stage is likely the line is a comment that lists
   * the
   * pipeline's stages with their ids.
   */
  lines: Array<string>
}

/** What happened to it. */
export type PushChange = {
  /** The status now. */
  status: string
  /** Manufacturing progress in percent, 0 to 100. */
  manufacturing?: number
  /** When, in epoch milliseconds. */
  at: number
}

/** One write to GHL. */
export type PushCommand = {
  type: 'updateOpportunity'
  /** The opportunity. */
  opportunityId: OpportunityId
  /** The stage: its key in a plan, its id in what was pushed; absent where it stays where it is. */
  stage?: string
  /** `open`, `won`, `lost` or `abandoned`; absent where it stays what it is. */
  status?: string
} | {
  type: 'updateContact'
  /** The contact. */
  contactId: ContactId
  /** Values by the field's key, e.g. `order_status`. */
  customFields: { [key in string]: string }
} | {
  type: 'addTags'
  /** The contact. */
  contactId: ContactId
  /** The tags. */
  tags: Array<string>
} | {
  type: 'removeTags'
  /** The contact. */
  contactId: ContactId
  /** The tags. */
  tags: Array<string>
}

/** An order as far as a push without memory needs it: what the shop knows of it. */
export type PushOrder = {
  /** The customer's contact. */
  contactId: ContactId
  /** The order's opportunity; without one only the contact is written. */
  opportunityId?: OpportunityId
  /**
   * The status that was pushed before; without it no tag is removed and a closed opportunity stays closed.
   */
  previousStatus?: string
  /** The number customers know, up to 100 characters; without it the contact keeps the one it has. */
  orderNumber?: string
}

/** What GHL has to be told. */
export type PushPlan = {
  /** The writes, in order; none where nothing changed. */
  commands: Array<PushCommand>
}

/** What a push came to. */
export type Pushed = {
  /** What GHL was told, in this order. */
  commands: Array<PushCommand>
  /**
   * What the location lacks, so that it was left out: keys of custom fields, e.g.
   * `contact.progress_percentage`, and of stages, e.g. `stage_shipped`.
   */
  missing: Array<string>
}

/** What a client of Pusher's is answered that asks to join a channel. */
export type PusherAuth = {
  /** The app's key and a signature. */
  auth: string
  /** Who joins, on a presence channel. */
  channel_data?: string
}

/**
 * The app of Pusher Channels, or of a server that speaks the same, by which pages are told what happens to
 * their orders.
 */
export type PusherChannelOptions = {
  /** The app's id. Default: `PUSHER_APP_ID`. */
  appId?: string
  /** Its key, which pages know too. Default: `PUSHER_KEY`. */
  key?: string
  /** Its secret. Default: `PUSHER_SECRET`. */
  secret?: Secret
  /** Its cluster, e.g. `eu`. Default: `PUSHER_CLUSTER`, else `mt1`. */
  cluster?: string
  /** A server of one's own, e.g. `soketi.example`, in place of the cluster. Default: `PUSHER_HOST`. */
  host?: string
  /**
   * Whether an order's channel is `private-order-<id>`, which only those may join whom `handlers.pusherAuth`
   * lets in. Default:
   * `GHLKIT_PUSHER_PRIVATE`, else false: `order-<id>`, open to whoever knows the id.
   */
  private?: boolean
}

/** What happened on a channel. */
export type PusherEvent = {
  /** E.g. `channel_occupied`, `channel_vacated`, `member_added`, `client_event`. */
  name: string
  /** The channel. */
  channel?: string
  /** Who joined, left or sent it. */
  userId?: string
  /** What a client sent is called. */
  event?: string
  /** Its data. */
  data?: string
  /** The connection that sent it. */
  socketId?: string
}

/** Who joins a presence channel, as its other members see it. */
export type PusherMember = {
  /** Who it is: of one person's connections it is the same. */
  userId: string
  /** What the others are told. */
  userInfo: unknown
}

/** A genuine webhook of Pusher's. */
export type PusherWebhook = {
  /** When it was made, in epoch milliseconds. */
  timeMs: number
  /** What happened. */
  events: Array<PusherEvent>
}

/**
 * Where events are listened to over Socket.IO: a relay or gateway of your own, as GHL publishes none.
 * Webhooks and
 * `reconcile` are the supported way in; this is one beside them.
 */
export type RealtimeOptions = {
  /**
   * The server, and behind it the namespace, as Socket.IO's own client takes it:
   * `wss://relay.example.com/socket`; `ws://`
   * for this machine only. Default: `GHLKIT_REALTIME_URL`.
   */
  url?: string
  /** Says who listens. Default: `GHLKIT_REALTIME_TOKEN`, else nothing is sent. */
  token?: Secret
  /** Where the token is sent. Default: `auth`. */
  tokenIn?: RealtimeTokenPlace
  /** The path of the server's Engine.IO. Default: `/socket.io/`. */
  path?: string
  /**
   * The events that are taken, e.g. `contact.updated`. Default: all that are about a contact, an opportunity
   * or an
   * appointment.
   */
  events?: Array<string>
  /**
   * How long the first wait for another connection is at most, in milliseconds; 10 to 3,600,000. Default:
   * 10,000.
   */
  reconnectDelayMs?: number
  /**
   * How long any wait for another connection is at most, in milliseconds; up to 3,600,000. Default: 60,000.
   */
  reconnectDelayMaxMs?: number
}

/** Where a token is sent. */
export type RealtimeTokenPlace = 'auth' | 'header' | 'both'

/** What became of a received webhook. */
export type Receipt = {
  /** Its type, e.g. `OpportunityStageUpdate`. */
  type: string
} & ({ received: 'new'; id: number } | { received: 'seen' })

/** What `reconcile` found on its way. */
export type Reconciled = {
  /** Opportunities of the pipeline that were listed. */
  opportunities: number
  /** Contacts that were listed. */
  contacts: number
  /** Orders that differ and will be looked at by `run` or `drain`. */
  marked: number
  /** Whether there is more of this walk: the next call goes on with it. */
  more: boolean
  /** In a dry run: what differs. */
  differences: Array<Difference>
}

/** A record of a custom object was made, changed or deleted. */
export type RecordEvent = {
  /** The record. */
  recordId?: string
  /** What it is a record of. */
  objectKey?: string
  /** Its properties, as GHL has them. */
  properties?: unknown
  /** Who follows it. */
  followers?: Texts
  /** Whom it belongs to. */
  owner?: unknown
}

/** What encrypting anew came to. */
export type Rekeyed = {
  /** Rows that are under the current key now and were not before. */
  changed: number
  /** Rows that were already, or have no tokens. */
  current: number
  /** Rows that could not be decrypted: their key is not in the ring, or not the one they say. */
  failed: number
}

/** Two records were related, or are no longer. */
export type RelationEvent = {
  /** The relation. */
  relationId?: string
  /** Which kind of relation it is. */
  associationId?: string
  /** What the first record is. */
  firstObjectKey?: string
  /** The first record. */
  firstRecordId?: string
  /** What the second record is. */
  secondObjectKey?: string
  /** The second record. */
  secondRecordId?: string
}

/** What a reply's body or headers say beyond its status. */
export type ReplyDetail = 'none' | 'token_invalid' | 'daily_limit'

/** Which stage stands for which status, and what has no partner. */
export type ResolvedStages = {
  /** The statuses that have a stage, in the order of the path. */
  links: Array<StageLink>
  /** The statuses that should have a stage and found none. */
  unmappedStatuses: Array<Status>
  /** The stages that stand for no status. */
  unmappedStages: Array<PipelineStage>
}

/** What to do after a try. */
export type RetryClass =
  | { class: 'success' }
  | { class: 'retry'; code: ErrorCode }
  | { class: 'throttled' }
  | { class: 'renew_token' }
  | { class: 'final'; code: ErrorCode }

/** One time that a schedule came due. */
export type ScheduleFiring = {
  /** The schedule. */
  name: string
  /** When it was due, in epoch milliseconds: long ago where nothing ran meanwhile. */
  dueAt: number
  /** Tells this firing's holder from others. */
  token: string
}

/** What a schedule has to do now. */
export type ScheduleTurn = {
  /** The firing, where it is this process's turn. */
  firing?: ScheduleFiring
  /** When to ask again, in epoch milliseconds. */
  nextAt: number
}

/** Where the next page begins. */
export type SearchCursor = {
  /** `startAfter`: a time in epoch milliseconds. */
  startAfter: string
  /** `startAfterId`: the last opportunity of the page. */
  startAfterId: string
}

/** A condition of a search (HighLevel docs: Search Contacts, Search Opportunity). */
export type SearchFilter = {
  /** The field, e.g. `email`, or `customFields.<id>`. */
  field: string
  /** How it is compared. */
  operator: FilterOperator
  /**
   * With what: a text, a number, a list of alternatives, or a range `{"gte": …, "lte": …}`. Null where
   * it is asked whether there is a value, and then not sent.
   */
  value?: unknown
} | {
  /** Whether all or any must hold. */
  group: FilterGroup
  /** The conditions. */
  filters: Array<SearchFilter>
}

/** The order of a search's results. */
export type SearchSort = {
  /** The field, e.g. `dateUpdated`. */
  field: string
  /** The direction. */
  direction: SortDirection
}

/** A token, key or password. `Debug` shows no part of it, there is no `Display`, and no `Serialize`. */
export type Secret = string

/** A constant header that shows who sent a webhook. */
export type SecretHeader = {
  /** Its name. */
  header: string
  /** Its value. */
  secret: Secret
}

/** One secret, or several for rotation; each a text, or with the last moment at which it is accepted. */
export type Secrets =
  | string
  | { secret: string; notAfter?: string }
  | Array<string
  | { secret: string; notAfter?: string }>

/** A message that GHL took. */
export type SentMessage = {
  /** The message; absent where GHL names several. */
  messageId?: MessageId
  /** The conversation. */
  conversationId?: ConversationId
} & { [key: string]: unknown }

/** The `shared-secret` scheme. */
export type SharedSecretSpec = {
  /** The name of the header. */
  header: string
  /** What it must hold, or several while one replaces another. */
  secret: Secrets
}

/** Who made a change. */
export type Side = 'ghl' | 'shop'

/** Text messages through GHL's conversations. */
export type SmsChannelOptions = {
  /** The number they come from. Default: the location's own. */
  from?: string
}

/** A mail server. */
export type SmtpChannelOptions = {
  /**
   * `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://…?tls=required` for STARTTLS; without TLS on this machine
   * only.
   */
  url: Secret
  /** The address they come from, e.g. `Ilio Sauna <shop@example.com>`. */
  from: string
}

/** A direction of sorting. */
export type SortDirection = 'asc' | 'desc'

/** A stage of a pipeline. */
export type Stage = {
  /** Its id: opaque, as a rule a uuid. */
  id: StageId
  /** Its name, as the shop's people see and change it. */
  name?: string
  /** Its place in the pipeline. */
  position?: number
} & { [key: string]: unknown }

/** A stage of a pipeline. */
export type StageId = string

/** A status and its stage. */
export type StageLink = {
  /** The status. */
  status: Status
  /** The stage's id. */
  stageId: StageId
  /** The stage's name. */
  stageName: string
}

/**
 * The status of an order, e.g. `manufacturing`: a lower-case letter, then up to 49 lower-case letters,
 * digits or underscores. Whether it is one of a shop's statuses says the shop's status model.
 */
export type Status = string

/** A status and what it stands for. */
export type StatusInfo = {
  /** The status. */
  status: Status
  /** What people read. */
  label: string
  /** Overall progress in percent; absent beside the path, where it is frozen. */
  progress?: number
  /** The key of its stage; absent where the opportunity stays where it is. */
  stageKey?: string
  /** Whether a pipeline must have that stage. */
  needsStage: boolean
  /** The opportunity's status. */
  outcome: StatusOutcome
  /** The tag a contact carries while its order has this status. */
  tag: string
  /** Whether it is on the way from placed to completed. */
  onPath: boolean
  /** Its place on the path, from 0; absent beside it. */
  place?: number
}

/** How a change of status moves an order. */
export type StatusMove = 'none' | 'forward' | 'backward' | 'off_path' | 'back_on_path'

/** What a status means for the opportunity's own status in GHL. */
export type StatusOutcome = 'open' | 'won' | 'lost' | 'abandoned' | 'untouched'

/** A status model with all that a table of statuses needs. */
export type StatusTable = {
  /** Every status: the path in order, then those beside it. */
  statuses: Array<StatusInfo>
  /** The status of each stage key. */
  stages: { [key in string]: Status }
  /** The status of a new order. */
  first: Status
  /** The status during which manufacturing progress counts, if there is one. */
  manufacturing?: Status
  /** The percentages of manufacturing progress that customers are told about. */
  milestones: [number, number, number, number]
}

/**
 * The reply of a route that returns no object. GHL spells it `succeded`, `succeeded` or `success`, and
 * some routes leave it out.
 */
export type Succeeded = {
  /** Whether GHL says that it did; a 2xx that says nothing counts as yes. */
  succeeded: boolean
}

/** How the engine works. Times are in milliseconds. */
export type SyncOptions = {
  /**
   * How long a call such as `create_order` waits for GHL before it resolves as queued; 0 to 10 minutes,
   * default 10,000.
   */
  waitMs?: number
  /** How long one try of a call to GHL may take; 1 to 2 minutes, default 10,000. */
  callTimeoutMs?: number
  /**
   * How long GHL's search may lag behind its writes; 0 to 1 hour, default 30,000. A create whose outcome
   * is unknown is searched for only after it.
   */
  searchLagMs?: number
  /**
   * How long a worker has a job to itself; at least a quarter more than the call timeout, at most 1 hour,
   * default 120,000.
   */
  leaseMs?: number
  /** How many orders are worked on at a time; 1 to 1,000, default 8. */
  concurrency?: number
  /**
   * How often a worker compares all that GHL lists with what is known, once for all processes: 0, the
   * default, not at
   * all; at most 31 days.
   */
  reconcileEveryMs?: number
  /** What happens to a contact that is in GHL already; default `fill_blanks`. */
  existingContact?: ExistingContact
}

/** What came of a call that changed an order. */
export type SyncOutcome = {
  /** Where its sync stands. */
  state: SyncState
  /** The order's job. */
  jobId: JobId
  /** The contact, once known. */
  contactId?: ContactId
  /** The opportunity, once known. */
  opportunityId?: OpportunityId
  /** Why it is not synced, where something failed. */
  error?: ErrorJson
}

/** Where an order's sync stands. */
export type SyncState = 'synced' | 'queued' | 'dead' | 'skipped'

/** A tag. */
export type Tag = {
  /** Its id. */
  id: string
  /** Its name, which contacts carry. */
  name?: string
} & { [key: string]: unknown }

/** A tag of a location. */
export type TagId = string

/** A task of a contact. */
export type Task = {
  /** Its id. */
  id: TaskId
  /** The contact. */
  contactId?: ContactId
  /** What is to be done. */
  title?: string
  /** More of that. */
  body?: string
  /** By when. */
  dueAtMs?: number
  /** Whether it is done. */
  completed?: boolean
  /** The employee in charge. */
  assignedTo?: UserId
} & { [key: string]: unknown }

/** A task of a contact was made, completed or deleted. Real deliveries lack contact and body. */
export type TaskEvent = {
  /** The task. */
  taskId?: TaskId
  /** Its contact. */
  contactId?: ContactId
  /** Whose task it is. */
  assignedTo?: UserId
  /** Its title. */
  title?: string
  /** Its text. */
  body?: string
  /** When it was made. */
  dateAdded?: string
  /** When it is due. */
  dueDate?: string
}

/** A task of a contact. */
export type TaskId = string

/** What changes of a task; what is absent stays as it is. */
export type TaskInput = {
  /** What is to be done. */
  title?: string
  /** More of that. */
  body?: string
  /** By when, in ISO 8601, e.g. `2026-10-25T11:00:00Z`. */
  dueDate?: string
  /** Whether it is done. */
  completed?: boolean
  /** The employee in charge. */
  assignedTo?: UserId
}

/** Which of a location's tasks to find. The default finds all, 100 a page. */
export type TaskSearch = {
  /** Of these contacts. */
  contacts?: Array<ContactId>
  /** Those that are done, or those that are not. */
  completed?: boolean
  /** Of these employees. */
  assignedTo?: Array<UserId>
  /** Words to look for. */
  query?: string
  /** How many to pass over. */
  skip?: number
  /** Tasks a page. */
  limit?: number
}

/** What the route answered. */
export type TestWebhook = {
  /** Its status. */
  status: number
  /** Whether that is a success. A redirect is none, as GHL follows none. */
  ok: boolean
  /** How long it took, in milliseconds. */
  durationMs: number
  /** The first 1,024 bytes of its body, without the secret or signature that was sent. */
  body: string
}

/** Texts, of which there may be one without a list around it. */
export type Texts = Array<string>

/** Whom a token speaks for. */
export type TokenSubject = { kind: 'company'; id: CompanyId } | { kind: 'location'; id: LocationId }

/**
 * An order's total as it is given: `{ "amount": "4999.00", "currency": "EUR" }`,
 * `{ "minor": 499900, "currency": "EUR" }`, or a bare number in major units of the configured currency.
 */
export type Total = {
  /** E.g. `4999.00`. */
  amount: string
  /** ISO 4217. */
  currency: string
} | {
  /** E.g. cents. */
  minor: number
  /** ISO 4217. */
  currency: string
} | number

/** An order, and how far GHL has it. Times are epoch milliseconds. */
export type TrackedOrder = {
  /** The id of the shop's `orders` row. */
  id: OrderId
  /** Its location. */
  locationId: LocationId
  /** The number customers know. */
  orderNumber: string
  /** Its status. */
  status: string
  /** Overall progress in percent; absent beside the path, where it is frozen. */
  progress?: number
  /** Manufacturing progress in percent, where the shop told one. */
  manufacturingProgress?: number
  /** The contact, once known. */
  contactId?: ContactId
  /** The opportunity, once known. */
  opportunityId?: OpportunityId
  /** Rises with every change of status from either side. */
  version: number
  /** The version that GHL has acknowledged; less than `version` while a change is under way. */
  syncedVersion: number
  /** When the status last changed: by the shop's clock if `shop` changed it, by GHL's if `ghl` did. */
  updatedAt: number
  /** Who changed it. */
  updatedBy: Side
  /** The opportunity was deleted in GHL: nothing is pushed any more. */
  detached: boolean
}

/** How a parcel can be followed. */
export type Tracking = {
  /** The number of the parcel. */
  trackingNumber?: string
  /** Who carries it. */
  shippingCarrier?: string
  /** Where it can be followed. */
  trackingUrl?: string
}

/** Why there is no reply. */
export type TransportErrorKind = 'connect' | 'timeout' | 'broken' | 'reply_too_large'

/** A received event that belongs to no known order. */
export type UnresolvedEvent = {
  /** Its id. */
  id: number
  /** The location it was received for. */
  locationId: LocationId
  /** Its type, e.g. `OpportunityStageUpdate`. */
  type: string
  /** The contact it names. */
  contactId?: ContactId
  /** The opportunity it names. */
  opportunityId?: OpportunityId
  /** When it was received, in epoch milliseconds. */
  receivedAt: number
  /** Why it belongs to no order. */
  reason?: string
}

/** The reply of an upsert. */
export type Upserted = {
  /** Whether the contact is new; absent where GHL does not say. */
  new?: boolean
  /** The contact. */
  contact: Contact
}

/** The reply of an upsert. */
export type UpsertedOpportunity = {
  /** Whether the opportunity is new; absent where GHL does not say. */
  new?: boolean
  /** The opportunity. */
  opportunity: Opportunity
}

/** A user. */
export type User = {
  /** Their id. */
  id: UserId
  /** Their full name. */
  name?: string
  /** Their e-mail address. */
  email?: string
} & { [key: string]: unknown }

/** A user was made, changed or deleted. */
export type UserEvent = {
  /** The user. */
  userId?: UserId
  /** The agency, of a user of an agency. */
  companyId?: CompanyId
  /** The locations, of a user of an agency. */
  locations?: Texts
  /** The first name. */
  firstName?: string
  /** The last name. */
  lastName?: string
  /** The e-mail. */
  email?: string
  /** The phone. */
  phone?: string
  /** `admin` or `user`. */
  role?: string
  /** What the user may do, as GHL has it. */
  permissions?: unknown
}

/** A user (an employee of the shop, in GHL's terms). */
export type UserId = string

/** Which users of a location to find. */
export type UserSearch = {
  /** The agency, which GHL wants to be told; the location knows it. */
  companyId: CompanyId
  /** How many to pass over; 0 where it is not given. */
  skip?: number
}

/**
 * How webhooks are verified, as it is given in JSON: at least one scheme; with several, any one that
 * verifies accepts.
 */
export type VerifierSpec = {
  /** The secret of the `hmac` scheme, or several while one replaces another. */
  hmac?: Secrets
  /** `true` for HighLevel's published key, or a public key (PEM, or base64 of it), or several. */
  ed25519?: Ed25519Keys
  /** The header of the `shared-secret` scheme and what it must hold. */
  sharedSecret?: SharedSecretSpec
  /**
   * How far a webhook's `timestamp` may be from now, in milliseconds; 0 to 259,200,000 (72 hours).
   * Default: 300,000 where nothing is remembered, 259,200,000 in the engine, which remembers.
   */
  toleranceMs?: number
  /** Refuses a webhook without a `timestamp`. Default: it is accepted, as most of HighLevel's have none. */
  requireTimestamp?: boolean
  /** The largest body, in bytes; 1 to 67,108,864. Default: 1,048,576. */
  maxBytes?: number
}

/** Where every event is posted to. */
export type WebhookChannelOptions = {
  /** An https URL. */
  url: string
  /** Signs the body: `x-ghlkit-signature` is its HMAC-SHA256 in lower-case hex. */
  secret: Secret
}

/**
 * A webhook that was read. Its payload is a hint that something changed, not the truth of what is.
 *
 * In JSON the fields of its body stand beside its own, and `kind` says which body it is.
 */
export type WebhookEvent = {
  /**
   * `type`, e.g. `OpportunityStageUpdate`; `workflow` for a workflow's body without one, and `unknown`
   * for any other body without one.
   */
  type: string
  /** GHL's id of the event, the same when it is repeated. */
  webhookId?: string
  /** When it was sent, in epoch milliseconds of GHL's clock. */
  timestampMs?: number
  /** The location it is about. */
  locationId?: LocationId
} & (
  | { kind: 'contact' } & ContactEvent
  | { kind: 'opportunity' } & OpportunityEvent
  | { kind: 'appointment' } & AppointmentEvent
  | { kind: 'workflow' } & WorkflowEvent
  | { kind: 'install' } & AppEvent
  | { kind: 'uninstall' } & AppEvent
  | { kind: 'note' } & NoteEvent
  | { kind: 'task' } & TaskEvent
  | { kind: 'message' } & MessageEvent
  | { kind: 'providerMessage' } & ProviderMessageEvent
  | { kind: 'paymentOrder' } & PaymentOrderEvent
  | { kind: 'invoice' } & InvoiceEvent
  | { kind: 'product' } & ProductEvent
  | { kind: 'location' } & LocationEvent
  | { kind: 'user' } & UserEvent
  | { kind: 'campaign' } & CampaignEvent
  | { kind: 'conversation' } & ConversationEvent
  | { kind: 'association' } & AssociationEvent
  | { kind: 'relation' } & RelationEvent
  | { kind: 'objectSchema' } & ObjectSchemaEvent
  | { kind: 'record' } & RecordEvent
  | { kind: 'emailStats' } & EmailStatsEvent
  | { kind: 'planChange' } & PlanChangeEvent
  | { kind: 'other' }
)

/** A custom field and its value. */
export type WebhookField = {
  /** The field's id, or in a workflow's body perhaps its key. */
  id: string
  /** Text, a number, a list or an object, by the field's type. */
  value: unknown
}

/**
 * The shop's own words of one message in one language; what is left out is as it would be without them. All
 * may hold
 * placeholders such as `{{orderNumber}}`.
 */
export type WordingSpec = {
  /** Whether the message is not sent at all; default false. */
  off?: boolean
  /** The subject of an e-mail. */
  subject?: string
  /**
   * The paragraphs of an e-mail, blank lines between them; greeting, link and the shop's name are put around
   * them.
   */
  body?: string
  /** The whole e-mail as plain text, in place of what is made of `body`. */
  text?: string
  /** The whole e-mail as HTML, in place of what is made of `body`. Values are escaped. */
  html?: string
  /** The whole text message. */
  sms?: string
}

/** A body that the author of a workflow composed. */
export type WorkflowEvent = {
  /** `contactId`. */
  contactId?: ContactId
  /** `opportunityId`. */
  opportunityId?: OpportunityId
  /** `pipelineStage`: a stage's key, id or name. */
  pipelineStage?: string
  /** `customFields`, by id or key. */
  customFields: Array<WebhookField>
}

/** A workflow. */
export type WorkflowId = string
