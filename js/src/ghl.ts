import { binding, fetches } from '#binding'

import { callable, isObject, json, parts } from './args.js'
import { batch, type BatchCall, type Outcomes } from './batch.js'
import { HANDLE, type ClientHandle, type DatabaseHandle, type OAuthHandle } from './binding.js'
import { call, type CallOptions } from './call.js'
import { variables, type Env } from './env.js'
import { invalid } from './raise.js'
import type { ClientOps } from './generated/ops.js'
import type { ClientOptions, FreeRequest } from './generated/types.js'
import { off, on, type CallEvents, type CallListener } from './hooks.js'
import { AppointmentNotes, Appointments, Calendars } from './resources/calendars.js'
import { Contacts } from './resources/contacts.js'
import { Conversations, Messages } from './resources/conversations.js'
import { CustomFields, CustomValues, Locations, Pipelines, Tags, Users } from './resources/location.js'
import { ContactNotes, ContactTasks } from './resources/notes.js'
import { Opportunities } from './resources/opportunities.js'
import { PaymentOrders } from './resources/payments.js'
import { thrown } from './settle.js'

/** What is set for a client. */
export interface GhlOptions extends ClientOptions {
  /** What calls go through, in `@ghlkit/wasm` only. Default: the host's `fetch` at the time of the call. */
  fetch?: typeof fetch
  /** The database through which processes share the limits of locations, in `@ghlkit/node` only. */
  database?: Sharing
  /** Permits a token in a browser, where everyone who opens the page can read and use it. Default: refused. */
  dangerouslyAllowBrowser?: boolean
}

/**
 * A client of the GHL API. It paces itself within the location's limits and repeats what failed and may be
 * repeated. It holds nothing open and need not be closed.
 *
 * @example
 * ```ts
 * import { Ghl } from '@ghlkit/node'
 *
 * const ghl = new Ghl({ token: process.env.GOHIGHLEVEL_API_KEY!, locationId: 've9EPM428h8vShlRW1KT' })
 * const { contact } = await ghl.contacts.upsert(
 *   { email: 'aino@example.com', firstName: 'Aino' },
 *   { timeoutMs: 5_000, signal: AbortSignal.timeout(10_000) },
 * )
 * console.log(contact.id)
 * ```
 */
export class Ghl {
  /** The notes of appointments. */
  readonly appointmentNotes: AppointmentNotes
  /** The appointments of a location. */
  readonly appointments: Appointments
  /** The calendars of a location. */
  readonly calendars: Calendars
  /** The notes of contacts. */
  readonly contactNotes: ContactNotes
  /** The contacts of a location. */
  readonly contacts: Contacts
  /** The tasks of contacts. */
  readonly contactTasks: ContactTasks
  /** The conversations of a location. */
  readonly conversations: Conversations
  /** The custom fields of a location. */
  readonly customFields: CustomFields
  /** The custom values of a location. */
  readonly customValues: CustomValues
  /** The location itself. */
  readonly locations: Locations
  /** The messages of a location. */
  readonly messages: Messages
  /** The opportunities of a location. */
  readonly opportunities: Opportunities
  /** The orders of GHL's own payments. */
  readonly paymentOrders: PaymentOrders
  /** The pipelines of a location. */
  readonly pipelines: Pipelines
  /** The tags of a location. */
  readonly tags: Tags
  /** The users of a location. */
  readonly users: Users
  readonly #client: ClientHandle

  /** @throws `ConfigError` or `InvalidArgumentError`, naming the option. */
  constructor(options: GhlOptions & { token: string })
  /** @internal What the options lack comes from the variables, and the tokens from the app, if there is one. */
  constructor(options: GhlOptions, env: Record<string, string>, oauth?: OAuthHandle)
  constructor(options: GhlOptions, env: Record<string, string> = {}, oauth?: OAuthHandle) {
    const { fetch, database, dangerouslyAllowBrowser, ...settings } = parts(options, 'options')
    if (fetch !== undefined) {
      callable(fetch, 'fetch')
      if (!fetches) throw invalid('fetch', 'only `@ghlkit/wasm` takes one; leave it out')
    }
    if (inBrowser() && dangerouslyAllowBrowser !== true) {
      throw invalid(
        'dangerouslyAllowBrowser',
        'a token in a browser can be read by everyone who opens the page; call GHL from your server, or set this to true',
      )
    }
    const written = `{"options":${json(settings, 'options')},"env":${JSON.stringify(env)}}`
    try {
      this.#client = binding.clientNew(written, fetch === undefined ? oauth : { fetch }, sharing(database))
    } catch (error) {
      throw thrown(error, 'options')
    }
    this.appointmentNotes = new AppointmentNotes(this.#client)
    this.appointments = new Appointments(this.#client)
    this.calendars = new Calendars(this.#client)
    this.contactNotes = new ContactNotes(this.#client)
    this.contacts = new Contacts(this.#client)
    this.contactTasks = new ContactTasks(this.#client)
    this.conversations = new Conversations(this.#client)
    this.customValues = new CustomValues(this.#client)
    this.messages = new Messages(this.#client)
    this.paymentOrders = new PaymentOrders(this.#client)
    this.customFields = new CustomFields(this.#client)
    this.locations = new Locations(this.#client)
    this.opportunities = new Opportunities(this.#client)
    this.pipelines = new Pipelines(this.#client)
    this.tags = new Tags(this.#client)
    this.users = new Users(this.#client)
  }

  /**
   * A client from variables: `GOHIGHLEVEL_API_KEY` (required), `GOHIGHLEVEL_LOCATION_ID`, `GHL_BASE_URL`.
   * On edge, hand over the object that holds them; options go before.
   *
   * @throws `ConfigError`, naming the variable and what it is for.
   */
  static fromEnv(env?: Env, options: GhlOptions = {}): Ghl {
    return new Ghl(options, variables(env))
  }

  /**
   * Sends any other request of GHL's API, with the client's token, pacing, retries and errors. A POST is not sent
   * again after a lost reply.
   *
   * @example
   * ```ts
   * import { Ghl } from '@ghlkit/node'
   *
   * const ghl = Ghl.fromEnv()
   * const reply = await ghl.request({ method: 'GET', path: '/workflows/', query: { locationId: 've9EPM428h8vShlRW1KT' } })
   * console.log(reply)
   * ```
   */
  request(request: FreeRequest, options?: CallOptions): Promise<unknown> {
    return this.call('request', request, options)
  }

  /**
   * Makes up to 1,000 calls, 64 at a time, for the price of one promise. Resolves to what became of each, in order; rejects
   * only where the whole is malformed or was cancelled.
   *
   * @example
   * ```ts
   * import { Ghl } from '@ghlkit/node'
   *
   * const ghl = Ghl.fromEnv()
   * const [contact, pipelines] = await ghl.batch([
   *   { op: 'contacts.get', args: { contactId: 'ocQHyuzHvysMo5N5VsXc' } },
   *   { op: 'pipelines.list', args: {}, options: { maxRetries: 0 } },
   * ])
   * if (contact.ok) console.log(contact.value.email)
   * else console.warn(contact.error.code)
   * if (pipelines.ok) console.log(pipelines.value.length)
   * ```
   */
  batch<const Calls extends readonly BatchCall[]>(calls: Calls, options?: CallOptions): Promise<Outcomes<Calls>> {
    return batch(this.#client, calls, options)
  }

  /**
   * Tells what happens to calls while it happens: `request`, `response`, `retry`, `rateLimit`, `error`. An event names the
   * route, and shows no token, no body, no id of a person and no value of a query.
   *
   * @returns What ends it.
   * @example
   * ```ts
   * import { Ghl } from '@ghlkit/node'
   *
   * const ghl = Ghl.fromEnv()
   * const silence = ghl.on('retry', ({ route, attempt, code }) => console.warn(route, 'failed', attempt, 'times:', code))
   * silence()
   * ```
   */
  on<Type extends keyof CallEvents>(type: Type, listener: CallListener<Type>): () => void {
    on(this.#client, type, listener)
    return () => this.off(type, listener)
  }

  /** Ends what `on` has begun. */
  off<Type extends keyof CallEvents>(type: Type, listener: CallListener<Type>): void {
    off(this.#client, type, listener)
  }

  /** Calls an operation by its name, e.g. `contacts.get`. The methods of the resources are these, with their types. */
  call<Op extends keyof ClientOps>(
    op: Op,
    args: ClientOps[Op]['args'],
    options?: CallOptions,
  ): Promise<ClientOps[Op]['reply']> {
    return call(this.#client, op, args, options)
  }
}

/** What `Database` of `@ghlkit/node` is to a client. */
export interface Sharing {
  /** @internal */
  readonly [HANDLE]: unknown
}

function sharing(database: Sharing | undefined): DatabaseHandle | undefined {
  if (database === undefined) return undefined
  const handle = isObject(database) ? database[HANDLE] : undefined
  if (handle !== undefined && !fetches) return handle as DatabaseHandle
  throw invalid('database', 'expected what `Database.open` of `@ghlkit/node` returned')
}

function inBrowser(): boolean {
  return typeof window === 'object' && typeof window.document === 'object'
}
